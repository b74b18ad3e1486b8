//! Addresses that a provider fetches.

use std::fmt::Write;

/// Has the parts of an address replaced that may hold somebody's data: who logs in, and what is asked for. The path is
/// left, for it is full of numbers that are nobody's, and without it there is nothing to fetch.
pub(super) fn replace(url: &str, mut replaced: impl FnMut(&str) -> Option<String>) -> Option<String> {
    let Some(authority) = url.find("//").map(|slashes| slashes + 2) else { return replaced(url) };
    let end = |from: usize, stops: &[char]| {
        let rest = url.get(from..).unwrap_or_default();
        rest.find(stops).map_or(url.len(), |at| from + at)
    };
    let host_end = end(authority, &['/', '?', '#']);
    let path_end = end(host_end, &['?', '#']);
    let has_user = url.get(authority..host_end)?.contains('@');
    let head = if has_user { replaced(url.get(..host_end)?) } else { None };
    let query = url.get(path_end + 1..).filter(|query| !query.is_empty()).and_then(&mut replaced);
    if head.is_none() && query.is_none() {
        return None;
    }
    let mut out = head.map_or_else(|| url.get(..host_end).unwrap_or_default().to_owned(), |head| encoded(&head));
    out.push_str(url.get(host_end..path_end)?);
    match query {
        Some(query) => {
            out.push_str(url.get(path_end..=path_end)?);
            out.push_str(&encoded(&query));
        }
        None => out.push_str(url.get(path_end..)?),
    }
    Some(out)
}

/// What was put there may not stand in an address as it is.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for byte in text.bytes() {
        match byte {
            0..=b' ' | b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | 0x7f.. => {
                // Writing to a string cannot fail.
                let _ = write!(out, "%{byte:02X}");
            }
            _ => out.push(char::from(byte)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_and_what_for_is_looked_at() {
        let see = |url: &str| {
            let mut seen = Vec::new();
            let replaced = replace(url, |part| {
                seen.push(part.to_owned());
                Some(part.replace("anna", "<é>"))
            });
            (seen.join(" "), replaced)
        };
        for (url, seen, becomes) in [
            ("https://a.example/anna/1.png", "", None),
            ("https://a.example?", "", None),
            ("https://a.example/x?q=anna#y", "q=anna#y", Some("https://a.example/x?q=%3C%C3%A9%3E#y")),
            ("https://a.example#anna", "anna", Some("https://a.example#%3C%C3%A9%3E")),
            ("https://anna@a.example/anna", "https://anna@a.example", Some("https://%3C%C3%A9%3E@a.example/anna")),
            ("anna", "anna", Some("<é>")),
        ] {
            assert_eq!(see(url), (seen.to_owned(), becomes.map(str::to_owned)), "{url}");
        }
    }
}
