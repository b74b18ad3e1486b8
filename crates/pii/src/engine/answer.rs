//! Texts that are nothing but a value, such as the answer to a question for it.

use std::ops::Range;

use super::search::MEMBER;

/// Members that hold what somebody wrote, whatever it is.
const NAMES: &[&str] = &["content", "text", "input", "prompt", "value"];

/// Where a text begins and ends without blanks, quotes and brackets around it and signs that end a sentence, if its member
/// says no more of it than that somebody wrote it. What is nothing but a number that passes a check answers the question for
/// it; a word does not.
pub(super) fn whole(text: &str, member: &str) -> Option<Range<usize>> {
    let is_answer = member.is_empty() || NAMES.contains(&member);
    if text.len() > MEMBER || !is_answer || !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let is_around = |sign: char| sign.is_whitespace() || matches!(sign, '"' | '\'' | '(' | ')' | '[' | ']');
    let start = text.len() - text.trim_start_matches(is_around).len();
    Some(start..text.trim_end_matches(|sign| is_around(sign) || matches!(sign, '.' | ',' | '!' | '?')).len())
}
