//! Words taken apart (don't, France's, l'eau, twenty-one), in small letters, and which of them are names.

use super::{
    super::{
        language::Language,
        lexicon::{self, Lexicon},
        token::Token,
    },
    Item,
};

/// A word in small letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word<'a> {
    pub(super) folded: String,
    /// As it is written.
    pub(super) written: &'a str,
    /// It has capitals that the beginning of a sentence does not explain.
    pub(super) is_name: bool,
}

impl Word<'_> {
    /// Capitals inside of a name count: Co is not CO.
    pub(super) fn as_name(&self) -> String {
        let own = self.written.split(['\'', '’']).next().unwrap_or_default();
        let has_inner = own.chars().skip(1).any(char::is_uppercase) && !self.folded.contains('\'');
        if has_inner { own.to_owned() } else { self.folded.clone() }
    }
}

/// In small letters, as far as letters have such.
fn fold(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    for c in word.chars().flat_map(char::to_lowercase) {
        match c {
            'ß' => folded.push_str("ss"),
            'ς' => folded.push('σ'),
            '’' => folded.push('\''),
            '\u{ad}' => {}
            _ => folded.push(c),
        }
    }
    folded
}

/// The words of a text as the lists of languages know them.
pub(super) fn all(tokens: &[Token<'_>]) -> Vec<String> {
    let words = tokens.iter().filter_map(|token| if let Token::Word(word) = token { Some(fold(word)) } else { None });
    words.flat_map(|word| word.split_inclusive('\'').map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// The pieces of a sentence.
pub(super) fn items<'a>(sentence: &[Token<'a>], language: Option<Language>) -> Vec<Item<'a>> {
    let is_title = is_title(sentence);
    let mut items = Vec::with_capacity(sentence.len());
    let mut is_first = true;
    for (at, token) in sentence.iter().enumerate() {
        match token {
            Token::Word(written) => {
                let is_name = has_name_s_capitals(written, is_first || is_title, language);
                is_first = false;
                let folded = fold(written);
                // "Saint John's" owns nothing: it is a name of its own.
                let is_whole = folded.ends_with("'s") && !matches!(sentence.get(at + 1), Some(Token::Word(_)));
                let parts = match parts(&folded, language, is_name) {
                    parts if is_whole && parts.len() == 1 => vec![folded],
                    parts => parts,
                };
                items.extend(parts.into_iter().enumerate().map(|(n, folded)| {
                    Item::Word(Word {
                        is_name: is_name && n == 0 && !lexicon::is_common_name(&folded),
                        folded,
                        written,
                    })
                }));
            }
            Token::Number(spelled, is_glued) => {
                is_first = false;
                items.push(Item::Number { spelled: spelled.clone(), is_glued: *is_glued });
            }
            Token::Verbatim(text) => items.push(Item::Verbatim(text)),
            Token::Symbol(symbol) => items.push(Item::Symbol(*symbol)),
            Token::Pause | Token::Stop => items.push(Item::Pause),
        }
    }
    items
}

/// Whether every longer word begins with a capital, as in headings.
fn is_title(sentence: &[Token<'_>]) -> bool {
    let words = sentence.iter().filter_map(|token| if let Token::Word(word) = token { Some(*word) } else { None });
    let mut capitals = 0;
    for word in words {
        if word.starts_with(char::is_uppercase) {
            capitals += usize::from(word != "I");
        } else if word.chars().count() > 3 {
            return false;
        }
    }
    capitals > 3
}

fn has_name_s_capitals(written: &str, is_capital_explained: bool, language: Option<Language>) -> bool {
    let own = written.split(['\'', '’']).next().unwrap_or_default();
    let is_one = own.chars().nth(1).is_none();
    let has_inner = own.chars().skip(1).any(char::is_uppercase);
    let is_pronoun = is_one && own == "I" && language == Some(Language::English);
    has_inner || own.starts_with(char::is_uppercase) && !is_capital_explained && !is_pronoun
}

/// A word's parts: those of a contraction, of elided articles, and of small words with hyphens that no list has.
fn parts(folded: &str, language: Option<Language>, is_name: bool) -> Vec<String> {
    let knows = |word: &str| language.is_some_and(|language| Lexicon::of(language).knows(word));
    match language {
        Some(Language::English) => {
            if let Some(parts) = contraction(folded) {
                return parts;
            }
        }
        Some(_) if folded.contains('\'') => {
            let parts = folded.split_inclusive('\'');
            return parts.flat_map(|part| parts_by_hyphens(part, is_name || knows(part))).collect();
        }
        _ => {}
    }
    parts_by_hyphens(folded, is_name || knows(folded))
}

fn parts_by_hyphens(word: &str, is_whole: bool) -> Vec<String> {
    let is_plain = || word.chars().all(|c| c == '-' || c.is_alphabetic());
    if is_whole || !word.contains('-') || !is_plain() {
        return vec![word.to_owned()];
    }
    word.split('-').map(str::to_owned).collect()
}

/// English contractions, with or without their apostrophe.
fn contraction(word: &str) -> Option<Vec<String>> {
    const BARE: [&str; 15] = [
        "dont", "doesnt", "didnt", "isnt", "arent", "wasnt", "werent", "cant", "couldnt", "shouldnt", "wouldnt",
        "hasnt", "havent", "hadnt", "wont",
    ];
    let two = |first: &str, second: &str| Some(vec![first.to_owned(), second.to_owned()]);
    let not = |base: &str| match base {
        "ca" => two("can", "not"),
        "wo" => two("will", "not"),
        "sha" => two("shall", "not"),
        "ai" => two("is", "not"),
        _ => two(base, "not"),
    };
    if word == "cannot" {
        return two("can", "not");
    }
    if BARE.contains(&word) {
        return word.strip_suffix("nt").and_then(not);
    }
    if let Some(base) = word.strip_suffix("n't") {
        return not(base);
    }
    let (base, ending) = word.rsplit_once('\'')?;
    match ending {
        "s" if matches!(base, "what" | "who" | "where" | "when" | "why" | "how" | "it" | "that" | "there" | "here") => {
            two(base, "is")
        }
        // Whose something is: the order of the words tells.
        "s" => Some(vec![base.to_owned()]),
        "re" => two(base, "are"),
        "m" => two(base, "am"),
        "ve" => two(base, "have"),
        "ll" => two(base, "will"),
        "d" => two(base, "would"),
        _ => None,
    }
}

/// An English word without the ending of its plural, if it is known that the plural is no other thing: securities are
/// not security, and Mr. Adams is not Adam.
pub(super) fn singular(word: &str) -> String {
    let ies = word.strip_suffix("ies").map(|base| format!("{base}y"));
    let es = word.strip_suffix("es").map(str::to_owned);
    let s = word.strip_suffix('s').map(str::to_owned);
    [ies, es, s].into_iter().flatten().find(|base| lexicon::is_noun(base)).unwrap_or_else(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_taken_apart() {
        let table = [
            ("don't", Language::English, "do not"),
            ("can't", Language::English, "can not"),
            ("cannot", Language::English, "can not"),
            ("what's", Language::English, "what is"),
            ("france's", Language::English, "france"),
            ("i'd", Language::English, "i would"),
            ("twenty-one", Language::English, "twenty one"),
            ("gpt-4", Language::English, "gpt-4"),
            ("l'eau", Language::French, "l' eau"),
            ("qu'est-ce", Language::French, "qu' est-ce"),
        ];
        for (word, language, expected) in table {
            assert_eq!(parts(word, Some(language), false).join(" "), expected, "{word}");
        }
    }

    #[test]
    fn plurals_lose_their_ending() {
        let table = [
            ("dogs", "dog"),
            ("countries", "country"),
            ("boxes", "box"),
            ("churches", "church"),
            ("houses", "house"),
            ("adams", "adams"),
            ("futures", "futures"),
            ("dishes", "dish"),
            ("glass", "glass"),
            ("news", "news"),
            ("virus", "virus"),
            ("physics", "physics"),
            ("gas", "gas"),
        ];
        for (word, expected) in table {
            assert_eq!(singular(word), expected, "{word}");
        }
    }
}
