//! JSON as OpenAI's models spell a call's arguments.

/// JSON without the white space between its tokens. Nothing is read, so that no number is rounded.
pub(crate) fn compact(json: &str) -> String {
    let mut compact = String::with_capacity(json.len());
    let (mut in_string, mut escaped) = (false, false);
    for character in json.chars() {
        if in_string {
            in_string = escaped || character != '"';
            escaped = !escaped && character == '\\';
        } else if character.is_ascii_whitespace() {
            continue;
        } else {
            in_string = character == '"';
        }
        compact.push(character);
    }
    compact
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_and_digits_stay() {
        let json = "{ \"a \\\" b\" : [ 1.50 , 12345678901234567890 ],\n \"c\\\\\" :\t\" x \" }";
        assert_eq!(compact(json), r#"{"a \" b":[1.50,12345678901234567890],"c\\":" x "}"#);
    }
}
