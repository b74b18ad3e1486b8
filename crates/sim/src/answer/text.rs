//! Words, tokens and pieces of text.
//!
//! A token is a word: a run of anything but white space. Arguments of tool calls, which have no words, count one
//! token for every four bytes begun.

/// How many tokens a text has.
pub(crate) fn tokens(text: &str) -> u64 {
    text.split_whitespace().count() as u64
}

/// How many tokens arguments have.
pub(crate) fn byte_tokens(text: &str) -> u64 {
    text.len().div_ceil(4) as u64
}

/// Where the text must end to have no more than `max` tokens; `None` where it has no more.
pub(crate) fn token_end(text: &str, max: u64) -> Option<usize> {
    let mut seen = 0;
    let mut in_word = false;
    let mut end = 0;
    for (at, c) in text.char_indices() {
        if c.is_whitespace() {
            in_word = false;
            continue;
        }
        if !in_word {
            if seen == max {
                return Some(end);
            }
            seen += 1;
            in_word = true;
        }
        end = at + c.len_utf8();
    }
    None
}

/// Splits before every `words`th word; white space stays with the word that it precedes.
pub(crate) fn chunks(text: &str, words: usize) -> Vec<&str> {
    let mut out = Vec::new();
    let (mut start, mut seen, mut in_word) = (0, 0, false);
    for (at, c) in text.char_indices() {
        // The chunk is full at the end of its last word.
        if c.is_whitespace() && in_word {
            seen += 1;
            if seen == words.max(1) {
                out.extend(text.get(start..at));
                (start, seen) = (at, 0);
            }
        }
        in_word = !c.is_whitespace();
    }
    out.extend(text.get(start..).filter(|rest| !rest.is_empty()));
    out
}

/// Splits into fragments of about `size` bytes, as arguments are streamed: never inside a character, often
/// inside a word or an escape.
pub(crate) fn fragments(text: &str, size: usize) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let mut at = size.clamp(1, rest.len());
        while !rest.is_char_boundary(at) {
            at += 1;
        }
        let (piece, next) = rest.split_at(at);
        out.push(piece);
        rest = next;
    }
    out
}

/// The largest index not above `at` that is no inside of a character.
pub(crate) fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// The first `max` characters.
pub(crate) fn head(text: &str, max: usize) -> String {
    text.chars().take(max).collect()
}

/// So many words; the list is turned by `offset`, so that choices differ.
pub(crate) fn words(count: usize, offset: u64) -> String {
    const WORDS: [&str; 13] =
        ["the", "quick", "brown", "fox", "jumps", "over", "a", "lazy", "dog", "while", "seven", "cranes", "sleep"];
    let skip = usize::try_from(offset % 13).unwrap_or(0);
    let mut out = String::with_capacity(count * 6);
    for word in WORDS.iter().cycle().skip(skip).take(count) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn chunks_hold_so_many_words() {
        assert_eq!(chunks("one two three", 2), ["one two", " three"]);
        assert_eq!(chunks(" a  b ", 1), [" a", "  b", " "]);
        assert!(chunks("", 3).is_empty());
        assert_eq!(words(3, 1), "quick brown fox");
    }

    proptest! {
        #[test]
        fn pieces_add_up(text in ".{0,80}", words in 0_usize..4, size in 0_usize..9) {
            prop_assert_eq!(chunks(&text, words).concat(), text.clone());
            prop_assert_eq!(fragments(&text, size).concat(), text);
        }

        #[test]
        fn a_cut_text_has_the_tokens_allowed(text in "[a-c \n]{0,30}", max in 0_u64..8) {
            match token_end(&text, max) {
                Some(end) => prop_assert_eq!(tokens(&text[..end]), max),
                None => prop_assert!(tokens(&text) <= max),
            }
        }
    }
}
