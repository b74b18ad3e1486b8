//! A text read into what it says, in one form.

mod order;
mod sentence;
mod words;

use super::{
    language::{self, Language},
    lexicon::{self, Asked, Lexicon},
    number::Mark,
    token::{self, Token},
};

/// One thing that is said. Each kind has its own tag, so that a name is never taken for a word.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Term {
    Word(String),
    Name(String),
    Verbatim(String),
    Number(String),
    Ordinal(u8),
    Unit(String),
    Symbol(char),
    Not,
    /// The end of one sentence before another: a negation belongs to its own.
    Border,
    /// A verb that helps another, where it does not ask.
    Helper(Asked),
    /// What a sentence asks for, and whether of the past.
    Asked(Asked, bool),
}

/// A piece of a sentence, its words taken apart and in small letters.
#[derive(Clone, Debug)]
enum Item<'a> {
    Word(words::Word<'a>),
    Verbatim(&'a str),
    Number { spelled: String, is_glued: bool },
    Symbol(char),
    Pause,
}

impl Item<'_> {
    /// A word in small letters.
    fn folded(&self) -> Option<&str> {
        if let Self::Word(word) = self { Some(&word.folded) } else { None }
    }
}

/// How a text is to be read.
#[derive(Clone, Copy, Debug)]
struct Manner {
    lexicon: Option<&'static Lexicon>,
    language: Option<Language>,
    /// Words themselves are spoken of, so that each of them counts as it is.
    is_literal: bool,
}

/// What a text says, as bytes.
pub(super) fn read(text: &str) -> Vec<u8> {
    let tokens: Vec<Token<'_>> = token::tokens(text).collect();
    let plain = words::all(&tokens);
    // Who shouts hides which words are names: nothing is dropped then.
    let is_shouted = plain.len() > 1 && !text.contains(char::is_lowercase) && text.contains(char::is_uppercase);
    let scripts = language::scripts(text);
    // Two or three words of no list are rather English than not, and are none that are dropped.
    let other = || (scripts == 1 && text.is_ascii()).then_some(Language::English);
    let language = Language::of(plain.iter().map(String::as_str)).or_else(other).filter(|_| !is_shouted);
    let is_literal = plain.iter().any(|word| lexicon::speaks_of_words(word));
    let mut manner = Manner { lexicon: language.map(Lexicon::of), language, is_literal };
    let mut terms = read_as(&tokens, manner);
    if terms.iter().all(|term| matches!(term, Term::Asked(..) | Term::Border)) {
        // "Who am I": it is all in the words that mostly say nothing.
        manner = Manner { lexicon: None, ..manner };
        terms = read_as(&tokens, manner);
    }
    encode(language, scripts, &terms)
}

fn read_as(tokens: &[Token<'_>], manner: Manner) -> Vec<Term> {
    let mut terms = Vec::new();
    for sentence in tokens.split(|token| *token == Token::Stop) {
        let said = sentence::read(&words::items(sentence, manner.language), manner);
        if !terms.is_empty() && !said.is_empty() {
            terms.push(Term::Border);
        }
        terms.extend(said);
    }
    terms
}

fn mark(language: Option<Language>) -> Mark {
    language.map_or(Mark::Either, Language::mark)
}

/// Tags and lengths keep other facts from having the same bytes.
fn encode(language: Option<Language>, scripts: u32, terms: &[Term]) -> Vec<u8> {
    let mut bytes = vec![language.map_or(0, |language| language as u8 + 1)];
    bytes.extend(scripts.to_le_bytes());
    for term in terms {
        let mut letter = [0; 4];
        let pair;
        let (tag, content): (u8, &[u8]) = match term {
            Term::Word(word) => (1, word.as_bytes()),
            Term::Name(name) => (2, name.as_bytes()),
            Term::Verbatim(text) => (3, text.as_bytes()),
            Term::Number(number) => (4, number.as_bytes()),
            Term::Ordinal(number) => (5, std::slice::from_ref(number)),
            Term::Unit(unit) => (6, unit.as_bytes()),
            Term::Symbol(symbol) => (7, symbol.encode_utf8(&mut letter).as_bytes()),
            Term::Not => (8, &[]),
            Term::Border => (11, &[]),
            Term::Asked(asked, is_past) => {
                pair = [*asked as u8, u8::from(*is_past)];
                (9, &pair)
            }
            Term::Helper(asked) => {
                pair = [*asked as u8, 0];
                (10, &pair)
            }
        };
        bytes.push(tag);
        bytes.extend((content.len() as u64).to_le_bytes());
        bytes.extend(content);
    }
    bytes
}
