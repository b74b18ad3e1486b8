//! Names of machines: off by default, since most text is full of them.

mod lists;

use std::ops::Range;

use self::lists::{AMBIGUOUS, HOSTS, OBJECTS, PACKAGES, SECOND};
pub(super) use self::lists::{CONTEXT, ENDS};
use super::{
    super::scan::{after, before, run_back, run_on},
    tld,
};

/// How sure a name is that nothing else has.
const SURE: f32 = 0.8;
/// How sure one is that a file or a member of an object may have.
const WEAK: f32 = 0.3;

/// The name that ends here, or has more labels than this, and how sure it is.
pub(super) fn domain(text: &str, at: usize) -> Option<(Range<usize>, f32)> {
    // The last label's dot is enough.
    let label = run_on(text, at + 1, 64, |byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte >= 0x80);
    if after(text, label) == Some(b'.') && after(text, label + 1).is_some_and(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let belongs = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.') || byte >= 0x80;
    let start = run_back(text, at, 253, belongs);
    let end = run_on(text, at, 253, belongs);
    let shown = text.get(start..end)?;
    let name = shown.trim_end_matches(['.', '-']);
    let name = name.trim_start_matches(['.', '-']);
    let start = start + shown.find(name)?;
    let (host, label) = name.rsplit_once('.')?;
    let end = start + name.len();
    // What stands behind an `@` is an email's, and a path's or a call's name is none.
    let has_scheme = text.get(..start)?.ends_with("//");
    let is_part = matches!(before(text, start), Some(b'@' | b'_' | b'/' | b'\\' | b'$')) && !has_scheme
        || matches!(after(text, end), Some(b'(' | b'_' | b'@'));
    let labels = name
        .split('.')
        .all(|label| !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-'));
    if !labels || is_part || !tld::is_known(label) || name.len() > 253 {
        return None;
    }
    let score = if has_scheme { SURE } else { score(host, label, text.get(end..)?)? };
    Some((start..end, score))
}

/// How sure a name is without a scheme before it.
fn score(host: &str, label: &str, rest: &str) -> Option<f32> {
    let is = |names: &[&str], label: &str| names.iter().any(|name| name.eq_ignore_ascii_case(label));
    let first = host.split('.').next().unwrap_or_default();
    // `done.Then`: a sentence ends and another begins. `parseInt.name`: camel case.
    let is_title =
        label.starts_with(|c: char| c.is_ascii_uppercase()) && label.contains(|c: char| c.is_ascii_lowercase());
    let has_hump = host
        .as_bytes()
        .windows(2)
        .any(|pair| matches!(pair, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase()));
    let is_ambiguous = is(AMBIGUOUS, label);
    // `org.apache.commons.io`: a package is named the other way round.
    let is_package = host.contains('.') && is(PACKAGES, first);
    if is_title || is_package || (is_ambiguous || host.contains('.')) && is(OBJECTS, first) {
        return None;
    }
    if first.eq_ignore_ascii_case("www") {
        return Some(SURE);
    }
    if !is_ambiguous {
        return Some(SURE);
    }
    // A file, or a member that something is done with.
    let rest = rest.trim_start_matches([' ', ')', ']']);
    let is_code = has_hump
        || rest.starts_with(['=', '[', '{', '+', '*', '&'])
        || ["->", "!=", "<=", ">="].iter().any(|sign| rest.starts_with(sign));
    let is_host = host.contains('.') && (is(HOSTS, first) || is(SECOND, host.rsplit('.').next().unwrap_or_default()));
    if is_host && !is_code {
        return Some(SURE);
    }
    let is_file =
        host.starts_with(|c: char| c.is_ascii_uppercase()) && !label.starts_with(|c: char| c.is_ascii_uppercase());
    (!is_code && !is_file).then_some(WEAK)
}

#[cfg(test)]
mod tests {
    use super::{ENDS, SURE, WEAK, domain};

    fn found(text: &str) -> Option<(&str, f32)> {
        ENDS.iter().filter_map(|end| domain(text, text.find(end)?)).map(|(range, score)| (&text[range], score)).next()
    }

    #[test]
    fn names() {
        for (text, name) in [
            ("example.com", "example.com"),
            ("See www.example.co.uk.", "www.example.co.uk"),
            ("https://shop.example.de:8080/x", "shop.example.de"),
            ("(x-y.museum)", "x-y.museum"),
            ("bücher.de", "bücher.de"),
            ("xn--bcher-kva.com,", "xn--bcher-kva.com"),
            ("status.acme.io", "status.acme.io"),
            ("www.acme.id", "www.acme.id"),
            ("http://crates.rs/x", "crates.rs"),
            ("mail.acme.pl", "mail.acme.pl"),
            ("acme.co.in", "acme.co.in"),
        ] {
            assert_eq!(found(text), Some((name, SURE)), "{text}");
        }
    }

    #[test]
    fn names_of_files_and_members_need_more() {
        for text in ["main.rs", "setup.py", "acme.id", "notes.md, please", "done.so"] {
            assert_eq!(found(text), Some((text.split(',').next().unwrap(), WEAK)), "{text}");
        }
    }

    #[test]
    fn look_alikes() {
        for text in [
            "anna@example.com",
            "main.rs(",
            "a/b.com",
            "self.is_it(",
            "x..com",
            "-.com",
            "foo.compute",
            ".com",
            "1.com.2",
            "other.value.id",
            "self.value.name = 1",
            "README.md",
            "fooBar.id",
            "item.name = 1;",
            "com.acme.app",
            "a.id = b",
            "Done.In the",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
