//! What stands around the value: a fence, words, comments. Never a part of the value.

use super::{Repair, note as add};

const FENCE: &str = "```";

/// Words that announce a value, where another word before a colon would be the name of a member.
const ANNOUNCING: [&str; 18] = [
    "answer",
    "args",
    "arguments",
    "call",
    "certainly",
    "done",
    "input",
    "json",
    "note",
    "ok",
    "okay",
    "output",
    "parameters",
    "params",
    "response",
    "result",
    "sure",
    "yes",
];

/// Where the value begins.
pub(super) struct Place<'a> {
    pub(super) start: usize,
    pub(super) is_fenced: bool,
    /// What stands before it, without the fence.
    before: &'a str,
}

impl<'a> Place<'a> {
    /// Behind the first fence, or at the first bracket.
    pub(super) fn find(text: &'a str) -> Option<Self> {
        let bracket = text.find(['{', '[']);
        let fence = text.find(FENCE).filter(|fence| bracket.is_none_or(|bracket| fence < &bracket));
        let Some(fence) = fence else {
            let start = bracket?;
            return Some(Self { start, is_fenced: false, before: text.get(..start)? });
        };
        let body = text.get(fence + FENCE.len()..)?;
        let body = body.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '-' | '.'));
        let start = text.len() - body.trim_start_matches(super::is_space).len();
        Some(Self { start, is_fenced: true, before: text.get(..fence)? })
    }
}

/// Notes what is taken away from around the value. `None` if it may belong to the value.
pub(super) fn note(place: &Place<'_>, after: &str, repairs: &mut Vec<Repair>) -> Option<()> {
    let (inside, behind) = after.split_once(FENCE).map_or((after, None), |(inside, behind)| (inside, Some(behind)));
    let parts = [place.before, inside, behind.unwrap_or_default()];
    let quotes = parts.iter().flat_map(|part| part.bytes()).filter(|byte| *byte == b'"').count();
    let is_cut = place.before.trim_end().ends_with([',', '+', '|', '&'])
        || after.trim_start().starts_with([',', ':', '+', '|', '&', '%', '"', '\'']);
    if quotes % 2 == 1 || is_cut || parts.iter().any(|part| is_data(part)) || is_commented_out(place.before) {
        return None;
    }
    if place.is_fenced || behind.is_some() {
        add(repairs, Repair::Fence);
    }
    for part in parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()) {
        let is_comment = ["//", "/*", "#"].iter().any(|mark| part.starts_with(mark));
        add(repairs, if is_comment { Repair::Comment } else { Repair::Prose });
    }
    Some(())
}

/// Whether the line on which the value begins is a comment.
fn is_commented_out(before: &str) -> bool {
    let line = before.rsplit('\n').next().unwrap_or_default().trim_start();
    ["//", "/*", "#"].iter().any(|mark| line.starts_with(mark)) && !line.trim_end().ends_with("*/")
}

/// Whether words have brackets in them, or what looks like a member of an object: `"city": …`, `city = …` at the beginning
/// of a line or an argument.
fn is_data(words: &str) -> bool {
    // `<city>Paris</city>`
    let in_tags =
        || words.split('>').skip(1).any(|part| part.split_once('<').is_some_and(|(text, _)| !text.trim().is_empty()));
    words.contains(['{', '}', '[', ']', '\0'])
        || in_tags()
        || words.match_indices([':', '=']).any(|(at, _)| {
            let head = words.get(..at).unwrap_or_default().trim_end_matches([' ', '\t']);
            if head.ends_with(['"', '\'']) {
                return true;
            }
            let lead = head.trim_end_matches(|c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '-'));
            let word = head.get(lead.len()..).unwrap_or_default();
            let lead = lead.trim_end_matches([' ', '\t']);
            let begins = lead.is_empty() || lead.ends_with(['\n', '\r', ',', ';', '(']);
            begins && !word.is_empty() && !ANNOUNCING.iter().any(|known| known.eq_ignore_ascii_case(word))
        })
}
