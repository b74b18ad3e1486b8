use std::ops::Range;

use super::{Error, ErrorKind, Limits, edit::Span, object::unescape, scan::Scanner};

/// Where the value of one member of an object stands, if it is there.
///
/// The text is read up to the end of that value and no further, so what comes early is found for next to nothing
/// however long the text is. What follows is not looked at: it may be broken, and of two members of one name the first
/// is found. Nor is it checked that the text is UTF-8. [`Object`](super::Object) looks at all of it.
///
/// ```
/// use llm_layers_wire::json::{self, Limits};
///
/// let text = br#"{"id": "c", "model": "gpt-5-mini", "choices": ["#;
/// let found = json::find(text, "model", &Limits::LENIENT)?;
/// assert_eq!(found.and_then(|place| text.get(place)), Some(&br#""gpt-5-mini""#[..]));
/// # Ok::<(), json::Error>(())
/// ```
///
/// # Errors
/// What was read is not the beginning of a JSON object, or goes beyond a limit. The length is that of the whole text;
/// what is to become of a repeated member is not asked.
pub fn find(text: &[u8], name: &str, limits: &Limits) -> Result<Option<Range<usize>>, Error> {
    let mut scanner = Scanner::new(text, limits)?;
    scanner.skip_white_space();
    scanner.enter(b'{', "a JSON object")?;
    if scanner.leaves_empty(b'}') {
        return Ok(None);
    }
    for _ in 0..limits.max_members {
        let start = scanner.at();
        let is_escaped = scanner.key()?;
        let is_it = is_name(text, Span::new(start, scanner.at()), is_escaped, name)?;
        scanner.colon()?;
        let start = scanner.at();
        scanner.value()?;
        if is_it {
            return Ok(Some(start..scanner.at()));
        }
        if !scanner.goes_on(b'}', "`,` or `}` after a member")? {
            return Ok(None);
        }
    }
    Err(Error::new(ErrorKind::TooMany { limit: limits.max_members }, scanner.at()))
}

/// Whether what stands between these quotes, with them, is the name.
fn is_name(text: &[u8], quoted: Span, is_escaped: bool, name: &str) -> Result<bool, Error> {
    if is_escaped {
        return Ok(*unescape(text, quoted)? == *name);
    }
    let inner = quoted.of(text).strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
    Ok(inner == Some(name.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found<'a>(text: &'a str, name: &str) -> Result<Option<&'a str>, ErrorKind> {
        let place = find(text.as_bytes(), name, &Limits::DEFAULT).map_err(|error| error.kind().clone())?;
        Ok(place.map(|place| &text[place]))
    }

    #[test]
    fn a_member_is_found_wherever_it_stands() {
        for (text, expected) in [
            (r#"{"model":"a","n":1}"#, Some(r#""a""#)),
            ("\n{ \"n\" : [1, {\"model\":2}] ,\t\"model\" : { \"a\" : [ ] } , \"z\":0}", Some(r#"{ "a" : [ ] }"#)),
            (r#"{"n":"\"model\":1","model":"\u0061\"b"}"#, Some(r#""\u0061\"b""#)),
            (r#"{"mod\u0065l":null}"#, Some("null")),
            (r#"{"mod\u0066l":1,"\u006dodel":-2.5e3}"#, Some("-2.5e3")),
            (r#"{"models":1,"mode":2,"Model":3,"":4,"\"model\"":5}"#, None),
            (r#"{"a":{"model":1}}"#, None),
            (" {\n} ", None),
        ] {
            assert_eq!(found(text, "model"), Ok(expected), "{text}");
        }
        assert_eq!(found(r#"{"a\"é":1,"b":2}"#, "a\"é"), Ok(Some("1")));
        assert_eq!(found(r#"{"":1}"#, ""), Ok(Some("1")));
    }

    #[test]
    fn what_follows_is_not_looked_at() {
        assert_eq!(found(r#"{"model":1,"model":2}"#, "model"), Ok(Some("1")));
        assert_eq!(found(r#"{"model":1 oh"#, "model"), Ok(Some("1")));
        assert_eq!(found(r#"{"model":true"#, "model"), Ok(Some("true")));
        assert_eq!(found(r#"{"a":1} oh"#, "model"), Ok(None));
    }

    #[test]
    fn what_comes_before_must_be_json() {
        let unexpected = |expected| Err(ErrorKind::Unexpected { expected });
        assert_eq!(found("", "model"), Err(ErrorKind::UnexpectedEnd));
        assert_eq!(found("[\"model\"]", "model"), unexpected("a JSON object"));
        assert_eq!(found(r#"{"a":01,"model":1}"#, "model"), Err(ErrorKind::InvalidNumber));
        assert_eq!(found(r#"{"a":"\q","model":1}"#, "model"), Err(ErrorKind::InvalidEscape));
        assert_eq!(found(r#"{"a":1 "model":1}"#, "model"), unexpected("`,` or `}` after a member"));
        assert_eq!(found(r#"{"\ud800":1,"model":1}"#, "model"), unexpected("a member's name in valid Unicode"));
        assert_eq!(found(r#"{"model":"a"#, "model"), Err(ErrorKind::UnexpectedEnd));
    }

    #[test]
    fn limits_hold() {
        let kind = |text: &str, limits| find(text.as_bytes(), "z", &limits).map_err(|error| error.kind().clone());
        let limits = Limits::DEFAULT;
        assert_eq!(kind(r#"{"z":1,"a":2}"#, limits.with_max_bytes(12)), Err(ErrorKind::TooLong { limit: 12 }));
        assert_eq!(kind(r#"{"z":1,"a":2}"#, limits.with_max_bytes(13)), Ok(Some(5..6)));
        assert_eq!(kind(r#"{"a":[[1]],"z":1}"#, limits.with_max_depth(2)), Err(ErrorKind::TooDeep { limit: 2 }));
        assert_eq!(kind(r#"{"a":[[1]],"z":1}"#, limits.with_max_depth(3)), Ok(Some(15..16)));
        assert_eq!(kind("{}", limits.with_max_depth(0)), Err(ErrorKind::TooDeep { limit: 0 }));
        assert_eq!(kind(r#"{"a":1,"z":2}"#, limits.with_max_members(1)), Err(ErrorKind::TooMany { limit: 1 }));
        assert_eq!(kind(r#"{"a":1,"z":2}"#, limits.with_max_members(2)), Ok(Some(11..12)));
        assert_eq!(kind(r#"{"a":1}"#, limits.with_max_members(1)), Ok(None));
    }
}
