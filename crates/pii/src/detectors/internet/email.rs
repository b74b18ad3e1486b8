//! Email addresses as people write them: without quoted local parts, comments and address literals.

use std::ops::Range;

use super::tld;

/// Words that tell an address at a domain that nobody has registered from what else holds an `@`.
pub(super) const CONTEXT: &[&str] = &["mail", "contact", "write to", "sender", "recipient", "reply", "inbox", "mailto"];

/// The longest local part and the longest domain (RFC 5321, section 4.5.3.1).
const MOST_LOCAL: usize = 64;
const MOST_DOMAIN: usize = 253;

/// File names and units of systemd end like domains: `logo@2x.png`, `getty@tty1.service`.
const SUFFIXES: &[&str] = &[
    "avif", "bmp", "bz2", "cjs", "class", "conf", "cpp", "css", "csv", "deb", "dll", "dmg", "dylib", "exe", "gif",
    "git", "gz", "heic", "htm", "html", "ico", "iso", "jar", "java", "jpeg", "jpg", "js", "json", "jsx", "lock", "log",
    "mjs", "mount", "mp3", "mp4", "npm", "path", "pdf", "pkg", "png", "proto", "rpm", "scss", "service", "slice",
    "socket", "sql", "svg", "tar", "target", "tgz", "tif", "tiff", "timer", "toml", "ts", "tsx", "txt", "vue", "war",
    "webp", "whl", "xml", "yaml", "yml",
];

/// Names that code has left of an `@`, none of a person.
const NOT_LOCAL: &[&str] = &["git", "this", "super", "self", "return"];

/// The address around this `@`: sure where its domain can be registered.
pub(super) fn email(text: &str, at: usize) -> Option<(Range<usize>, f32)> {
    let start = local(text, at)?;
    let (end, score) = domain(text, at + 1)?;
    let name = text.get(start..at)?;
    // Algorithms of SSH have names of this form (RFC 4251, section 6).
    if ["openssh.com", "libssh.org"].contains(&text.get(at + 1..end)?) {
        return None;
    }
    // `git@host:path` is where a repository is; user names of URLs belong to these.
    if NOT_LOCAL.contains(&name) || text.get(..start)?.ends_with("://") || follows_user(text, start) {
        return None;
    }
    Some((start..end, score))
}

/// `user:` of `scheme://user:password@host`.
fn follows_user(text: &str, start: usize) -> bool {
    let bytes = text.as_bytes().get(start.saturating_sub(100)..start).unwrap_or_default();
    let user =
        bytes.iter().rev().take_while(|byte| !byte.is_ascii_whitespace() && **byte != b'/' && **byte != b'"').count();
    bytes.last() == Some(&b':') && bytes.get(..bytes.len() - user).is_some_and(|head| head.ends_with(b"://"))
}

/// Scripts that put no space between words, or add endings to foreign ones: an ASCII address ends where they begin.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}')
}

/// Whether two characters that stand beside each other may belong to one name.
fn join(one: char, other: char) -> bool {
    !(one.is_ascii_alphanumeric() && is_unspaced(other) || is_unspaced(one) && other.is_ascii_alphanumeric())
}

fn local(text: &str, at: usize) -> Option<usize> {
    let mut start = at;
    let mut next = None;
    for (index, c) in text.get(..at)?.char_indices().rev() {
        let belongs = match c {
            '.' => next.is_some_and(|next| next != '.'),
            '_' | '%' | '+' | '-' | '\'' => true,
            c => c.is_alphanumeric(),
        };
        if !belongs || next.is_some_and(|next| !join(c, next)) {
            break;
        }
        if at - index > MOST_LOCAL {
            return None;
        }
        (start, next) = (index, Some(c));
    }
    // It begins with a letter, a digit or `_`; quotes, and what a format string or a list has before it, stay outside.
    let name = text.get(start..at)?;
    let trimmed = name.trim_start_matches(['.', '-', '\'', '+']);
    let start = at - trimmed.len();
    (!trimmed.is_empty() && !trimmed.starts_with('%') && trimmed.chars().any(char::is_alphanumeric)).then_some(start)
}

/// Where the domain ends that begins here, and how sure this is.
fn domain(text: &str, from: usize) -> Option<(usize, f32)> {
    let rest = text.get(from..)?;
    let mut length = 0;
    let mut last = None;
    for (index, c) in rest.char_indices() {
        let belongs = match c {
            '.' | '-' => true,
            c => c.is_alphanumeric(),
        };
        if !belongs || last.is_some_and(|last| !join(last, c)) {
            break;
        }
        if index > MOST_DOMAIN {
            return None;
        }
        (length, last) = (index + c.len_utf8(), Some(c));
    }
    let mut name = rest.get(..length)?.trim_end_matches(['.', '-']);
    // The last dot may end a sentence, with the next one right behind it: what is left of it may be an address too.
    let mut unknown = None;
    while let Some((_, label)) = name.rsplit_once('.') {
        if is_host(name) && !SUFFIXES.iter().any(|suffix| suffix.eq_ignore_ascii_case(label)) {
            if tld::is_used(label) && !begins_sentence(name, label) {
                return Some((from + name.len(), 1.0));
            }
            if unknown.is_none() && label.len() > 1 && label.bytes().all(|byte| byte.is_ascii_alphabetic()) {
                unknown = Some((from + name.len(), 0.3));
            }
        } else if is_host(name) {
            return None;
        }
        name = name.rsplit_once('.')?.0;
    }
    unknown
}

/// A capital after a dot, where all before is small.
fn begins_sentence(name: &str, label: &str) -> bool {
    let head = name.get(..name.len() - label.len()).unwrap_or_default();
    head.matches('.').count() > 1
        && label.starts_with(|c: char| c.is_ascii_uppercase())
        && label.contains(|c: char| c.is_ascii_lowercase())
        && !head.contains(|c: char| c.is_ascii_uppercase())
}

fn is_host(name: &str) -> bool {
    name.contains('.')
        && name
            .split('.')
            .all(|label| !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-'))
}

#[cfg(test)]
mod tests {
    use super::email;

    fn found(text: &str) -> Option<(&str, f32)> {
        let (range, score) = email(text, text.find('@').unwrap())?;
        Some((&text[range], score))
    }

    #[test]
    fn addresses_are_found_whole() {
        for (text, address) in [
            ("anna@posteo.de", "anna@posteo.de"),
            ("Mail <anna.b+tag@mail.posteo.co.uk>.", "anna.b+tag@mail.posteo.co.uk"),
            ("write to o'brien@example.com.", "o'brien@example.com"),
            ("'anna@posteo.de'", "anna@posteo.de"),
            ("mailto:anna_b@x-y.museum?subject=hi", "anna_b@x-y.museum"),
            ("ANNA@POSTEO.DE,", "ANNA@POSTEO.DE"),
            ("x=anna@1und1.de;", "anna@1und1.de"),
            ("jörg.müller@bücher.de", "jörg.müller@bücher.de"),
            ("почта@пример.рф", "почта@пример.рф"),
            ("用户@例子.香港", "用户@例子.香港"),
            ("邮箱是anna@example.com谢谢", "anna@example.com"),
            ("anna@xn--bcher-kva.xn--p1ai", "anna@xn--bcher-kva.xn--p1ai"),
            ("anna@corp.local", "anna@corp.local"),
            ("see anna@example.com.Next one", "anna@example.com"),
            ("anna@example.com-", "anna@example.com"),
            ("{\"email\":\"a@b.io\"}", "a@b.io"),
            ("--anna@example.com", "anna@example.com"),
            ("anna@example.com:8080", "anna@example.com"),
            ("_anna@example.com", "_anna@example.com"),
        ] {
            assert_eq!(found(text), Some((address, 1.0)), "{text}");
        }
    }

    #[test]
    fn unknown_domains_need_context() {
        assert_eq!(found("anna@host.weight"), Some(("anna@host.weight", 0.3)));
    }

    #[test]
    fn look_alikes_are_not() {
        for text in [
            "@scope/pkg",
            "npm i @babel/core.js",
            "foo@1.2.3",
            "lodash@4.17.21",
            "logo@2x.png",
            "getty@tty1.service",
            "git@github.com:org/repo.git",
            "user@localhost",
            "https://user:pass@example.com/",
            "ssh://anna@example.com/",
            "x@app.T",
            "%s@example.com",
            "${user}@example.com",
            "info@presidio.",
            "a..@example.com",
            "memcpy@GLIBC_2.14",
            "checkout@v4.1.1",
            "this@Main.app",
            "chacha20-poly1305@openssh.com",
            "@",
            "a@",
            "a@.com",
            "a@-x.com",
            "a@x-.com",
            "a@x..com",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
        let long = format!("{}@example.com", "a".repeat(65));
        assert_eq!(found(&long), None);
        let long = format!("a@{}.com", "a".repeat(300));
        assert_eq!(found(&long), None);
    }
}
