//! What is known of words: those that change nothing, that ask, that deny, that count, and those that mean the same.

mod english;
mod nouns;
mod others;

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use super::language::Language;

/// What a sentence asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Asked {
    /// A thing: what, which, "tell me".
    What,
    Who,
    When,
    Where,
    Why,
    How,
    HowMany,
    /// Their names only.
    List,
    /// Yes or no: is it so, does or has it something, may it be, should it be, will it be.
    IsIt,
    DoesIt,
    HasIt,
    CanIt,
    ShouldIt,
    MustIt,
    WillIt,
}

/// What a word or phrase is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// It changes nothing.
    Nothing,
    Article,
    /// It changes nothing beside a form of "to be": "is it", "there are".
    Dummy,
    /// It changes nothing at the beginning of a sentence.
    Opening,
    /// It changes nothing where the sentence asks how, where or when: it matters little who asks that.
    Asker,
    Asks(Asked),
    /// A verb that makes a question where it comes first, and is in the past.
    Helps(Asked, bool),
    Not,
    Number(u8),
    Ordinal(u8),
    Is(&'static str),
    /// The same of names, with or without capitals.
    Name(&'static str),
    /// A measure of what follows: "how tall is" is "height of".
    MeasureOf(&'static str),
    Of,
}

/// The lists of a language. Words and phrases are separated by commas.
#[derive(Debug)]
struct Lists {
    nothing: &'static str,
    dummies: &'static str,
    articles: &'static str,
    openings: &'static str,
    askers: &'static str,
    asks: &'static [(Asked, &'static str)],
    helpers: &'static [(Asked, bool, &'static str)],
    not: &'static str,
    of: &'static str,
    /// Zero to twenty, then the tens to a hundred.
    numbers: &'static str,
    /// First to tenth, each with its forms divided by `/`.
    ordinals: &'static str,
    /// Each line means its first word.
    same: &'static [&'static str],
    names: &'static [&'static str],
    measures: &'static [(&'static str, &'static str)],
}

/// What is known of one language's words.
#[derive(Debug, Default)]
pub(super) struct Lexicon {
    words: HashMap<String, Meaning>,
    /// By the first word: the rest, longest first.
    phrases: HashMap<&'static str, Vec<(Vec<&'static str>, Meaning)>>,
    vocabulary: HashSet<String>,
}

static LEXICONS: LazyLock<[Lexicon; 7]> = LazyLock::new(|| Language::ALL.map(build));

/// Proper names that are often written small: their capitals say nothing.
static NAMES: LazyLock<HashSet<&str>> = LazyLock::new(|| english::NAMES.split_whitespace().collect());

/// Units behind a number, by their spelling.
static UNITS: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    let lines = english::UNITS.iter().map(|line| line.split_whitespace());
    lines
        .filter_map(|line| Some((line.clone().next()?, line)))
        .flat_map(|(unit, line)| line.map(move |word| (word, unit)))
        .collect()
});

/// Whether it is the name of something that is as often written without a capital.
pub(super) fn is_common_name(folded: &str) -> bool {
    NAMES.contains(folded)
}

fn set(list: &'static str) -> HashSet<&'static str> {
    list.split_whitespace().collect()
}

/// Whether it is a noun whose plural means the same.
pub(super) fn is_noun(folded: &str) -> bool {
    static NOUNS: LazyLock<HashSet<&str>> = LazyLock::new(|| set(nouns::NOUNS));
    NOUNS.contains(folded)
}

/// Whether it is a verb that is no noun, so that an "a" behind it is an article.
pub(super) fn is_verb(folded: &str) -> bool {
    static VERBS: LazyLock<HashSet<&str>> = LazyLock::new(|| set(nouns::VERBS));
    VERBS.contains(folded)
}

pub(super) fn is_preposition(folded: &str) -> bool {
    static PREPOSITIONS: LazyLock<HashSet<&str>> = LazyLock::new(|| set(nouns::PREPOSITIONS));
    PREPOSITIONS.contains(folded)
}

/// Whether an "a" before this may be a letter: "a minor", "a positive", "from a to b".
pub(super) fn is_after_letter(folded: &str) -> bool {
    static WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| set(nouns::AFTER_LETTERS));
    WORDS.contains(folded) || is_preposition(folded)
}

/// The unit that a word behind a number is.
pub(super) fn unit(word: &str) -> Option<&'static str> {
    UNITS.get(word).copied()
}

/// Whether words themselves are spoken of, so that none of them can be dropped.
pub(super) fn speaks_of_words(folded: &str) -> bool {
    static WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| english::OF_WORDS.split_whitespace().collect());
    WORDS.contains(folded)
}

impl Lexicon {
    pub(super) fn of(language: Language) -> &'static Self {
        let [english, german, french, spanish, portuguese, italian, dutch] = &*LEXICONS;
        match language {
            Language::English => english,
            Language::German => german,
            Language::French => french,
            Language::Spanish => spanish,
            Language::Portuguese => portuguese,
            Language::Italian => italian,
            Language::Dutch => dutch,
        }
    }

    /// Whether it is a word of this language, as far as the lists go.
    pub(super) fn knows(&self, folded: &str) -> bool {
        self.vocabulary.contains(folded)
    }

    pub(super) fn meaning(&self, folded: &str) -> Option<Meaning> {
        self.words.get(folded).copied()
    }

    /// The longest phrase that begins here and will do, and how many words it has. `word` gives the words that follow.
    pub(super) fn phrase<'a>(
        &self,
        first: &str,
        word: impl Fn(usize) -> Option<&'a str>,
        will_do: impl Fn(Meaning, usize) -> bool,
    ) -> Option<(Meaning, usize)> {
        let fits = |rest: &[&str]| rest.iter().enumerate().all(|(n, expected)| word(n + 1) == Some(expected));
        let phrases = self.phrases.get(first)?.iter().filter(|(rest, _)| fits(rest));
        phrases.map(|(rest, meaning)| (*meaning, rest.len() + 1)).find(|(meaning, length)| will_do(*meaning, *length))
    }

    fn add(&mut self, list: &'static str, meaning: Meaning) {
        for entry in list.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            // As words are taken apart when they are read: l'eau is l' and eau.
            let mut words = entry.split_inclusive([' ', '\'']).map(str::trim);
            self.vocabulary.extend(words.clone().map(str::to_owned));
            match (words.next(), words.collect::<Vec<_>>()) {
                (Some(first), rest) if !rest.is_empty() => {
                    let phrases = self.phrases.entry(first).or_default();
                    phrases.push((rest, meaning));
                    phrases.sort_by_key(|(rest, _)| std::cmp::Reverse(rest.len()));
                }
                // The first list that has a word is right.
                _ => _ = self.words.entry(entry.to_owned()).or_insert(meaning),
            }
        }
    }

    /// Numbers that are written as one word: einundzwanzig, eenentwintig, ventuno.
    fn add_joined(&mut self, language: Language, numbers: &[(u8, &'static str)]) {
        let tens = numbers.iter().filter(|(n, _)| (20..100).contains(n) && n % 10 == 0);
        for (ten, tens) in tens {
            for (unit, units) in numbers.iter().filter(|(n, _)| (1..10).contains(n)) {
                let joined = match language {
                    Language::German => format!("{}und{tens}", if *unit == 1 { "ein" } else { units }),
                    Language::Dutch => format!("{units}{}{tens}", if units.ends_with('e') { "ën" } else { "en" }),
                    Language::Italian if matches!(unit, 1 | 8) => {
                        format!("{}{units}", tens.get(..tens.len() - 1).unwrap_or_default())
                    }
                    Language::Italian => format!("{tens}{units}"),
                    _ => continue,
                };
                self.words.insert(joined, Meaning::Number(ten + unit));
            }
        }
    }
}

fn build(language: Language) -> Lexicon {
    let lists = match language {
        Language::English => &english::ENGLISH,
        Language::German => &others::GERMAN,
        Language::French => &others::FRENCH,
        Language::Spanish => &others::SPANISH,
        Language::Portuguese => &others::PORTUGUESE,
        Language::Italian => &others::ITALIAN,
        Language::Dutch => &others::DUTCH,
    };
    let mut lexicon = Lexicon::default();
    lexicon.add(lists.not, Meaning::Not);
    lexicon.add(lists.of, Meaning::Of);
    for (asked, is_past, words) in lists.helpers {
        lexicon.add(words, Meaning::Helps(*asked, *is_past));
    }
    for (asked, words) in lists.asks {
        lexicon.add(words, Meaning::Asks(*asked));
    }
    lexicon.add(lists.dummies, Meaning::Dummy);
    if language == Language::English {
        lexicon.add(lists.articles, Meaning::Article);
    } else {
        // Where nouns have a gender it may tell two of them apart: le tour, la tour.
        lexicon.vocabulary.extend(lists.articles.split(',').map(|article| article.trim().to_owned()));
    }
    lexicon.add(lists.askers, Meaning::Asker);
    lexicon.add(lists.nothing, Meaning::Nothing);
    lexicon.add(lists.openings, Meaning::Opening);
    for (words, measure) in lists.measures {
        lexicon.add(words, Meaning::MeasureOf(measure));
    }
    for line in lists.same {
        if let Some(first) = line.split(',').next() {
            lexicon.add(line, Meaning::Is(first));
        }
    }
    for line in lists.names {
        if let Some(first) = line.split(',').next() {
            lexicon.add(line, Meaning::Name(first));
        }
    }
    let values = (0..=20).chain((30..=100).step_by(10));
    let mut numbers = Vec::new();
    for (value, forms) in values.zip(lists.numbers.split(',')) {
        for form in forms.trim().split('/') {
            lexicon.add(form, Meaning::Number(value));
            numbers.push((value, form));
        }
    }
    lexicon.add_joined(language, &numbers);
    for (value, forms) in (1..).zip(lists.ordinals.split(',')) {
        for form in forms.trim().split('/') {
            lexicon.add(form, Meaning::Ordinal(value));
        }
    }
    lexicon
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_known_up_to_a_hundred() {
        let table = [
            (Language::English, "ninety", 90),
            (Language::English, "hundred", 100),
            (Language::German, "einundzwanzig", 21),
            (Language::German, "siebenundsiebzig", 77),
            (Language::Dutch, "tweeëntwintig", 22),
            (Language::Dutch, "achtenveertig", 48),
            (Language::Italian, "ventuno", 21),
            (Language::Italian, "trentotto", 38),
            (Language::Italian, "quarantadue", 42),
            (Language::Spanish, "dieciséis", 16),
            (Language::French, "seize", 16),
            (Language::Portuguese, "cem", 100),
        ];
        for (language, word, number) in table {
            assert_eq!(Lexicon::of(language).meaning(word), Some(Meaning::Number(number)), "{word}");
        }
        for language in Language::ALL {
            let numbers = Lexicon::of(language).words.values();
            let numbers: HashSet<_> =
                numbers.filter_map(|m| if let Meaning::Number(n) = m { Some(n) } else { None }).collect();
            let ordinals =
                (1..=10).filter(|n| Lexicon::of(language).words.values().any(|m| *m == Meaning::Ordinal(*n)));
            let mut all = (0..=20).chain((30..=100).step_by(10));
            assert!(all.all(|n| numbers.contains(&n)), "{language:?} {numbers:?}");
            assert_eq!(ordinals.count(), 10, "{language:?}");
        }
    }

    #[test]
    fn the_longest_phrase_counts() {
        let words = ["can", "you", "tell", "me", "why"];
        let found = Lexicon::of(Language::English).phrase("can", |n| words.get(n).copied(), |_, _| true);
        assert_eq!(found, Some((Meaning::Opening, 4)));
    }
}
