//! Texts that are themselves the source of JSON.

use std::fmt::Write;

use zeroize::Zeroizing;

/// Writes a text as it stands within a JSON string (RFC 8259, section 7). What ends a line in JavaScript is escaped, too.
pub(crate) fn write_escaped(text: &str, out: &mut String) {
    let must = |char: char| matches!(char, '"' | '\\' | '\u{2028}' | '\u{2029}') || char < ' ';
    let mut rest = text;
    while let Some((at, char)) = rest.char_indices().find(|(_, char)| must(*char)) {
        out.push_str(rest.get(..at).unwrap_or_default());
        // Writing to a string does not fail.
        let _ = match char {
            '"' | '\\' => write!(out, "\\{char}"),
            '\n' => out.write_str("\\n"),
            '\r' => out.write_str("\\r"),
            '\t' => out.write_str("\\t"),
            _ => write!(out, "\\u{:04x}", u32::from(char)),
        };
        rest = rest.get(at + char.len_utf8()..).unwrap_or_default();
    }
    out.push_str(rest);
}

/// Writes a text that is the same with and without escapes: what would need one becomes what looks like it.
pub(crate) fn write_plain(text: &str, out: &mut String) {
    out.extend(text.chars().map(|char| match char {
        '"' => '\'',
        '\\' => '/',
        _ if char.is_control() => ' ',
        _ => char,
    }));
}

/// What a part of a JSON string's source means; `None` where it means itself, or that cannot be told.
pub(crate) fn meant(source: &str) -> Option<Zeroizing<String>> {
    if !source.contains('\\') {
        return None;
    }
    let quoted = Zeroizing::new(["\"", source, "\""].concat());
    serde_json::from_str(&quoted).ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_escaped_means_the_same() {
        let all: String = (0..=0x2fff).filter_map(char::from_u32).chain(['😀']).collect();
        for text in ["", "plain", "\"", "a\\b\"c\n\r\t\u{0}\u{1f}\u{7f}\u{2028}ä😀", &all] {
            let mut escaped = String::new();
            write_escaped(text, &mut escaped);
            assert_eq!(meant(&escaped).as_ref().map_or(&*escaped, |meant| meant.as_str()), text);
            assert_eq!(serde_json::from_str::<String>(&format!("\"{escaped}\"")).unwrap(), text);
            let mut plain = String::new();
            write_plain(text, &mut plain);
            assert_eq!(serde_json::from_str::<String>(&format!("\"{plain}\"")).unwrap(), plain);
        }
        assert_eq!(meant(r"broken \"), None);
    }
}
