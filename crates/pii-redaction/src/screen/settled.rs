//! How far a text that is still being written can be searched for good.

/// The most that is held back of one word, in which nothing is found.
pub(super) const MOST: usize = 4 << 10;

/// What is found by patterns is no longer than this, white space in it included.
const REACH: usize = 128;

/// Words before the last that may be part of what is being written: `Baker Street 221` is found when its number comes.
const WORDS: usize = 3;

/// The length of the text that nothing still to come makes part of something to be found.
///
/// Held back are the last words; and from the first of the words with a digit or an `@` that stand within the last
/// [`REACH`] bytes on, everything.
///
/// What users look for may be `reach` bytes long, of any words.
pub(super) fn settled(text: &str, reach: usize) -> usize {
    let mut words = words_from_the_end(text);
    let mut from = text.len();
    for (start, _) in words.by_ref().take(WORDS) {
        from = start;
    }
    let window = text.len().saturating_sub(REACH);
    for (start, word) in words_from_the_end(text) {
        // A word that begins before the window and reaches into it belongs to it.
        if start + word.len() < window {
            break;
        }
        if word.bytes().any(|byte| byte.is_ascii_digit() || byte == b'@' || byte >= 0x80 && is_digit_like(word)) {
            // A prefix of letters may belong to it: `AB 12 34 56 C`, `Baker Street 221`.
            let before = words_from_the_end(text.get(..start).unwrap_or_default()).take(WORDS).last();
            from = from.min(before.map_or(start, |(start, _)| start));
        }
    }
    let from = from.min(text.len().saturating_sub(reach));
    floor(text, from.max(text.len().saturating_sub(MOST)))
}

/// The words of a text with their offsets, the last one first. What is white space is not ASCII's alone.
fn words_from_the_end(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_end();
        let before = rest.char_indices().rev().find(|(_, char)| char.is_whitespace());
        let start = before.map_or(0, |(at, char)| at + char.len_utf8());
        let word = rest.get(start..).filter(|word| !word.is_empty())?;
        rest = rest.get(..start).unwrap_or_default();
        Some((start, word))
    })
}

/// Whether a word holds digits that are not ASCII's.
fn is_digit_like(word: &str) -> bool {
    word.chars().any(|char| !char.is_ascii() && char.is_numeric())
}

/// The last character boundary up to here.
fn floor(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(text: &str) -> &str {
        &text[settled(text, 0)..]
    }

    #[test]
    fn plain_words_are_held_by_threes() {
        assert_eq!(held("the quick brown fox jumps"), "brown fox jumps");
        assert_eq!(held("the quick brown fox jumps "), "brown fox jumps ");
        assert_eq!(held("one"), "one");
        assert_eq!(held(""), "");
    }

    #[test]
    fn what_may_be_part_of_a_number_is_held_with_the_words_before_it() {
        assert_eq!(held("so please call us at 030 123 45"), "call us at 030 123 45");
        let done = format!("call 030 123 45{}", " and then some more words".repeat(10));
        assert_eq!(held(&done), "some more words");
    }

    #[test]
    fn what_users_look_for_is_held_as_far_as_it_reaches() {
        let text = "we met in the Project Blue Bird of";
        assert_eq!(&text[settled(text, 24)..], "the Project Blue Bird of");
        assert_eq!(settled(text, 999), 0);
    }

    #[test]
    fn a_long_word_is_held_up_to_a_bound() {
        let long = "a".repeat(3 * MOST);
        assert_eq!(held(&long).len(), MOST);
        let umlauts = "ä".repeat(3 * MOST);
        assert!(held(&umlauts).len() <= MOST + 1);
    }
}
