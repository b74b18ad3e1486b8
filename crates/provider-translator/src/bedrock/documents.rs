//! Documents: their formats, and their names. Bedrock takes letters, digits, single spaces and `-()[]`, and each name
//! once.

use std::collections::HashMap;

const MOST: usize = 200;

/// The names that a conversation has used.
#[derive(Debug, Default)]
pub(super) struct Documents {
    /// By name, the number that the next one of it gets.
    used: HashMap<String, u32>,
}

impl Documents {
    /// A name that may be sent, out of a file's. The same conversation gives the same names, so that a cached prompt fits.
    pub(super) fn name(&mut self, file: Option<&str>) -> String {
        let name = legal(file.unwrap_or_default());
        let mut unique = name.clone();
        while self.used.contains_key(&unique) {
            let number = self.used.entry(name.clone()).or_insert(1);
            *number += 1;
            let suffix = format!(" ({number})");
            unique = format!("{}{suffix}", cut(&name, MOST - suffix.len()));
        }
        self.used.insert(unique.clone(), 1);
        unique
    }
}

/// What of `txt`, `md`, `csv` and `html` a text is, by its file's name.
pub(super) fn format(name: &str) -> &'static str {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let known = ["md", "csv", "html"].into_iter().find(|known| ending.eq_ignore_ascii_case(known));
    known.unwrap_or("txt")
}

/// Without the ending, and with spaces in place of what is illegal.
fn legal(file: &str) -> String {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let legal = |letter: char| letter.is_ascii_alphanumeric() || "-()[]".contains(letter);
    let words = stem.split(|letter| !legal(letter)).filter(|word| !word.is_empty());
    let name = words.collect::<Vec<_>>().join(" ");
    let name = cut(&name, MOST);
    if name.is_empty() { "document".into() } else { name.into() }
}

/// All of it is ASCII.
fn cut(name: &str, most: usize) -> &str {
    name.get(..most).unwrap_or(name).trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_legal_and_each_is_used_once() {
        let mut documents = Documents::default();
        let long = "x".repeat(300);
        for (file, name) in [
            (Some("report.pdf"), "report"),
            (Some("report.txt"), "report (2)"),
            (Some("report (2).md"), "report (2) (2)"),
            (Some("a_b\u{a0}\t  c.d.pdf"), "a b c d"),
            (Some("[x]-(y)"), "[x]-(y)"),
            (Some("über.pdf"), "ber"),
            (None, "document"),
            (Some(".pdf"), "document (2)"),
            (Some("ä"), "document (3)"),
            (Some(long.as_str()), &long[..200]),
            (Some(long.as_str()), &format!("{} (2)", &long[..196])),
        ] {
            assert_eq!(documents.name(file), name, "{file:?}");
        }
    }
}
