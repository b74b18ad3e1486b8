//! Words of any script, and how they are written.

/// The longest word, in characters.
const LONGEST: usize = 40;

/// The word that begins here: letters, with apostrophes and hyphens between them. Empty where none does.
pub(super) fn after(text: &str, at: usize) -> &str {
    let rest = text.get(at..).unwrap_or_default();
    let mut end = 0;
    for (index, letter) in rest.char_indices().take(LONGEST) {
        if letter.is_alphabetic() {
            end = index + letter.len_utf8();
        } else if !is_joint(letter) || end != index || end == 0 {
            break;
        }
    }
    rest.get(..end).unwrap_or_default()
}

/// The word that ends here.
pub(super) fn before(text: &str, at: usize) -> &str {
    let rest = text.get(..at).unwrap_or_default();
    let mut start = at;
    for (index, letter) in rest.char_indices().rev().take(LONGEST) {
        if letter.is_alphabetic() {
            start = index;
        } else if !is_joint(letter) || start != index + letter.len_utf8() || start == at {
            break;
        }
    }
    rest.get(start..).unwrap_or_default()
}

fn is_joint(letter: char) -> bool {
    matches!(letter, '\'' | '’' | '-')
}

/// `Anna`, `O'Neil`, `Müller-Lüdenscheidt`, `A`: it begins with a capital letter.
pub(super) fn is_capitalised(word: &str) -> bool {
    word.chars().next().is_some_and(char::is_uppercase)
}

/// `USA`, `OK`: more than one letter, and all are capital.
pub(super) fn is_all_capitals(word: &str) -> bool {
    word.chars().nth(1).is_some() && !word.chars().any(char::is_lowercase)
}

/// Whether it is one of these, which are in lower case, whatever its case.
pub(super) fn is_any(word: &str, of: &[&str]) -> bool {
    if word.is_ascii() {
        return !word.is_empty() && of.iter().any(|other| other.eq_ignore_ascii_case(word));
    }
    let letters = || word.chars().flat_map(char::to_lowercase);
    of.iter().any(|other| letters().eq(other.chars()))
}

/// Whether it ends with one of these, which are in lower case, whatever its case, and has more letters before.
pub(super) fn ends_with_any(word: &str, endings: &[&str]) -> bool {
    if word.is_ascii() {
        let tail = |ending: &str| word.as_bytes().get(word.len().checked_sub(ending.len()).filter(|at| *at > 1)?..);
        let is_end = |ending: &&str| tail(ending).is_some_and(|tail| tail.eq_ignore_ascii_case(ending.as_bytes()));
        return endings.iter().any(is_end);
    }
    let letters = || word.chars().rev().flat_map(char::to_lowercase);
    endings.iter().any(|ending| {
        let mut rest = letters();
        ending.chars().rev().all(|letter| rest.next() == Some(letter)) && rest.nth(1).is_some()
    })
}

/// Skips what separates words of one name or address: one blank, or a dot and a blank.
pub(super) fn next(text: &str, at: usize) -> Option<usize> {
    let rest = text.as_bytes().get(at..)?;
    match rest {
        [b'.', b' ', ..] => Some(at + 2),
        [b' ', ..] => Some(at + 1),
        _ => None,
    }
}

/// The same before a word.
pub(super) fn previous(text: &str, at: usize) -> Option<usize> {
    match text.as_bytes().get(..at)? {
        [.., b'.', b' '] => Some(at - 2),
        [.., b' '] => Some(at - 1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_end_where_letters_do() {
        for (text, word) in [
            ("Anna Maria", "Anna"),
            ("O'Neil,", "O'Neil"),
            ("Müller-Lüdenscheidt.", "Müller-Lüdenscheidt"),
            ("rock-", "rock"),
            ("a--b", "a"),
            ("-a", ""),
            ("Ю5", "Ю"),
            ("5", ""),
            ("", ""),
        ] {
            assert_eq!(after(text, 0), word, "{text:?}");
        }
        assert_eq!(before("in der Königstraße", 20), "Königstraße");
        assert_eq!(before("Rue de l'Église", 16), "l'Église");
        assert_eq!(before("5 -", 3), "");
        assert_eq!(after(&"a".repeat(100), 0).len(), LONGEST);
    }

    #[test]
    fn endings_are_no_words() {
        assert!(ends_with_any("Königstraße", &["straße"]));
        assert!(ends_with_any("HAUPTSTRASSE", &["strasse"]));
        assert!(!ends_with_any("Straße", &["straße"]));
        assert!(ends_with_any("Ostring", &["damm", "ring"]) && !ends_with_any("String", &["tring"]));
        assert!(!ends_with_any("ring", &["string"]) && !ends_with_any("", &["weg"]));
    }
}
