//! One sentence: what it asks for, and what it says in order.

use super::{
    super::{
        language::Language,
        lexicon::{self, Asked, Meaning},
        number,
    },
    Item, Manner, Term, mark,
    order::{Said, conditions_last, in_order, meaning_of},
    words::{self, Word},
};

/// What a sentence says.
pub(super) fn read(items: &[Item<'_>], manner: Manner) -> Vec<Term> {
    let items = conditions_last(meaning_of(items));
    let mut reader = Reader { items: &items, manner, asked: None, is_past: false, has_begun: false, said: Vec::new() };
    let mut at = 0;
    while at < items.len() {
        at += reader.item(at).max(1);
    }
    let asked = reader.asked.unwrap_or(Asked::What);
    let head = (asked != Asked::What || reader.is_past).then_some(Term::Asked(asked, reader.is_past));
    head.into_iter().chain(in_order(reader.said)).collect()
}

struct Reader<'a, 'i> {
    items: &'a [Item<'i>],
    manner: Manner,
    asked: Option<Asked>,
    is_past: bool,
    /// Something was said that counts.
    has_begun: bool,
    said: Vec<Said>,
}

impl<'a, 'i> Reader<'a, 'i> {
    /// Reads what is at this place, and tells how many items it was.
    fn item(&mut self, at: usize) -> usize {
        match self.items.get(at) {
            Some(Item::Word(word)) => return self.word(at, word),
            Some(Item::Number { spelled, is_glued }) => {
                let is_suffix = |word: &Word<'_>| matches!(word.folded.as_str(), "st" | "nd" | "rd" | "th");
                let ordinal = spelled.parse().ok().filter(|_| *is_glued && self.peek(at + 1).is_some_and(is_suffix));
                if let Some(ordinal) = ordinal {
                    self.say(Term::Ordinal(ordinal));
                    return 2;
                }
                self.say(Term::Number(number::canonical(spelled, mark(self.manner.language))));
                return 1 + self.unit(at + 1, *is_glued);
            }
            Some(Item::Symbol(symbol)) => {
                // "$5" and "5 $".
                if let (true, Some(Item::Number { spelled, is_glued: false })) =
                    (is_currency(*symbol), self.items.get(at + 1))
                {
                    self.say(Term::Number(number::canonical(spelled, mark(self.manner.language))));
                    self.say(Term::Unit(symbol.to_string()));
                    return 2;
                }
                self.say(Term::Symbol(*symbol));
            }
            Some(Item::Verbatim(text)) => self.say(Term::Verbatim((*text).to_owned())),
            Some(Item::Pause) | None => self.said.push(Said::Gap),
        }
        1
    }

    fn say(&mut self, term: Term) {
        self.has_begun = true;
        self.said.push(Said::Term(term));
    }

    fn peek(&self, at: usize) -> Option<&'a Word<'i>> {
        if let Some(Item::Word(word)) = self.items.get(at) { Some(word) } else { None }
    }

    /// The unit behind a number, if there is one. Its capitals count: Mb is not MB.
    fn unit(&mut self, at: usize, is_glued: bool) -> usize {
        let unit = match self.items.get(at) {
            Some(Item::Symbol(symbol)) if *symbol == '%' || is_currency(*symbol) => symbol.to_string(),
            Some(Item::Word(word)) => {
                let own = || is_glued || word.written.len() < 4 && word.written.contains(char::is_uppercase);
                match lexicon::unit(word.written) {
                    Some(unit) => unit.to_owned(),
                    None if own() => word.written.to_owned(),
                    None => return 0,
                }
            }
            _ => return 0,
        };
        self.say(Term::Unit(unit));
        // A glued word may have been taken apart: all of it is the unit.
        let Some(Item::Word(first)) = self.items.get(at) else { return 1 };
        let parts = self.items.iter().skip(at);
        parts.take_while(|item| matches!(item, Item::Word(word) if std::ptr::eq(word.written, first.written))).count()
    }

    fn word(&mut self, at: usize, word: &'a Word<'i>) -> usize {
        let Some((meaning, length)) = self.meaning(at, word) else {
            let is_exact = self.manner.is_literal || self.manner.language != Some(Language::English);
            self.say(match word.is_name {
                true => Term::Name(word.as_name()),
                false if is_exact || lexicon::is_common_name(&word.folded) => Term::Word(word.folded.clone()),
                false => Term::Word(words::singular(&word.folded)),
            });
            return 1;
        };
        match meaning {
            Meaning::Nothing | Meaning::Article | Meaning::Dummy | Meaning::Opening | Meaning::Asker => {
                self.said.push(Said::Gap)
            }
            Meaning::Asks(asked) => self.asked = Some(asked),
            Meaning::Helps(asked, is_past) => {
                self.is_past |= is_past;
                match asked {
                    _ if self.asked.is_none() && !self.has_begun => self.asked = Some(asked),
                    Asked::IsIt if !self.is_passive(at) => self.said.push(Said::Gap),
                    // "What is she like" is not "what does she like".
                    _ => self.say(Term::Helper(asked)),
                }
            }
            Meaning::Not => self.say(Term::Not),
            Meaning::Number(first) => {
                let (number, length) = self.number(at, first);
                self.say(Term::Number(number.to_string()));
                return length + self.unit(at + length, false);
            }
            Meaning::Ordinal(number) => self.say(Term::Ordinal(number)),
            Meaning::Is(word) => self.say(Term::Word(word.to_owned())),
            Meaning::Name(name) => self.say(Term::Name(name.to_owned())),
            Meaning::MeasureOf(measure) => {
                self.asked = Some(Asked::What);
                self.say(Term::Word(measure.to_owned()));
                self.said.push(Said::Of);
            }
            Meaning::Of => {
                self.has_begun = true;
                self.said.push(Said::Of);
            }
        }
        length
    }

    /// "Who is invited" is not "who invited".
    fn is_passive(&self, at: usize) -> bool {
        if matches!(self.asked, Some(Asked::When | Asked::Where | Asked::Why)) {
            // "When Python was created": the verb could not stand there alone.
            return false;
        }
        let Some(next) = self.peek(at + 1).filter(|next| !next.is_name) else { return false };
        let meaning = self.manner.lexicon.and_then(|lexicon| lexicon.meaning(&next.folded));
        let is_participle = next.folded.ends_with("ed") || next.folded.ends_with("en");
        is_participle || meaning.is_none() && self.asked == Some(Asked::Who) && !self.has_begun
    }

    /// Whether a form of "to be" is beside this place.
    fn is_beside_to_be(&self, at: usize) -> bool {
        let is_form = |at: usize| {
            let meaning =
                self.peek(at).zip(self.manner.lexicon).and_then(|(word, lexicon)| lexicon.meaning(&word.folded));
            matches!(meaning, Some(Meaning::Helps(Asked::IsIt, _)))
        };
        is_form(at + 1) || at.checked_sub(1).is_some_and(is_form)
    }

    /// What the word or phrase at this place means here. `None`: it counts as it is.
    fn meaning(&self, at: usize, word: &'a Word<'i>) -> Option<(Meaning, usize)> {
        let lexicon = self.manner.lexicon?;
        let has_begun = self.has_begun;
        if self.manner.is_literal && has_begun {
            let is_article =
                lexicon.meaning(&word.folded) == Some(Meaning::Article) && !word.is_name && self.is_no_letter(at);
            return (is_article && self.is_before_matter(at)).then_some((Meaning::Article, 1));
        }
        let will_do = |meaning, length| {
            let names = (at..at + length).any(|at| self.peek(at).is_some_and(|word| word.is_name));
            let fits = match meaning {
                Meaning::Opening => !has_begun && (length > 1 || self.asked.is_none()),
                Meaning::Asks(_) | Meaning::MeasureOf(_) => !has_begun && self.asked.is_none(),
                Meaning::Helps(..) => length == 1 && !self.is_after_article(at) || !has_begun && self.asked.is_none(),
                // "Type i" is no matter of who asks.
                Meaning::Asker if word.folded == "i" && !self.is_after_function(at) => false,
                Meaning::Asker => matches!(
                    self.asked,
                    Some(Asked::How | Asked::Where | Asked::When | Asked::CanIt | Asked::ShouldIt | Asked::MustIt)
                ),
                Meaning::Article => self.is_no_letter(at),
                Meaning::Dummy => self.is_beside_to_be(at),
                Meaning::Is(_) => !self.manner.is_literal,
                _ => true,
            };
            let is_of_names = matches!(meaning, Meaning::Name(_)) || matches!(meaning, Meaning::Opening) && length > 1;
            fits && (!names || is_of_names && !(length == 1 && word.written.len() < 2))
        };
        lexicon.phrase(&word.folded, |n| self.peek(at + n).map(|word| word.folded.as_str()), will_do).or_else(|| {
            let whole = lexicon.meaning(&word.folded);
            let singular =
                || lexicon.meaning(&words::singular(&word.folded)).filter(|one| matches!(one, Meaning::Is(_)));
            whole.or_else(singular).map(|meaning| (meaning, 1)).filter(|(meaning, length)| will_do(*meaning, *length))
        })
    }

    /// Whether "a" is an article here, and no letter: "vitamin a", "plan a", "a, b", "a minor".
    fn is_no_letter(&self, at: usize) -> bool {
        let (Some(word), Some(lexicon)) = (self.peek(at), self.manner.lexicon) else { return false };
        if word.folded == "the" {
            return true;
        }
        let Some(next) = self.peek(at + 1).filter(|next| next.folded.chars().nth(1).is_some()) else { return false };
        // A list, a show: what only opens a sentence is a thing behind an article.
        let is_function = |word: &Word<'_>| {
            let meaning = lexicon.meaning(&word.folded);
            meaning.is_some_and(|m| is_of_grammar(m) && !matches!(m, Meaning::Opening | Meaning::Asks(Asked::List)))
        };
        let is_compared = self.peek(at + 2).is_some_and(|word| word.folded == "than");
        if is_compared || is_function(next) || lexicon::is_after_letter(&next.folded) {
            return false;
        }
        // Behind a verb: one that is no noun, or what somebody does.
        let verb = at.checked_sub(1).and_then(|at| self.peek(at));
        let is_verb = |word: &Word<'_>| lexicon::is_verb(&word.folded);
        word.folded == "an" || self.is_after_function(at) || verb.is_some_and(is_verb) || self.is_done(at)
    }

    /// "How do I … a", "how to … a": what is before this place is a verb.
    fn is_done(&self, at: usize) -> bool {
        let before = |n: usize| at.checked_sub(n).and_then(|at| self.peek(at)).map(|word| word.folded.as_str());
        match before(2) {
            Some("i" | "we" | "you") => true,
            Some("to") => matches!(before(3), Some("how" | "way" | "ways" | "steps" | "want" | "need" | "like")),
            _ => false,
        }
    }

    /// Whether this begins a sentence, or is behind a word of the grammar.
    fn is_after_function(&self, at: usize) -> bool {
        let Some(before) = at.checked_sub(1) else { return true };
        let (Some(word), Some(lexicon)) = (self.peek(before), self.manner.lexicon) else {
            return matches!(self.items.get(before), Some(Item::Pause))
                && self.said.iter().all(|s| matches!(s, Said::Gap));
        };
        lexicon::is_preposition(&word.folded) || lexicon.meaning(&word.folded).is_some_and(is_of_grammar)
    }

    /// "A can", "the will": nouns.
    fn is_after_article(&self, at: usize) -> bool {
        let before = at.checked_sub(1).and_then(|at| self.peek(at));
        let meaning = before.zip(self.manner.lexicon).and_then(|(word, lexicon)| lexicon.meaning(&word.folded));
        meaning == Some(Meaning::Article)
    }

    /// Whether what follows is no mere article or the like, of which this one may be spoken.
    fn is_before_matter(&self, at: usize) -> bool {
        match self.items.get(at + 1) {
            Some(Item::Word(next)) => {
                let meaning = self.manner.lexicon.and_then(|lexicon| lexicon.meaning(&next.folded));
                next.is_name
                    || matches!(
                        meaning,
                        None | Some(Meaning::Is(_) | Meaning::Name(_) | Meaning::Opening | Meaning::Asks(Asked::List))
                    )
            }
            Some(Item::Number { .. } | Item::Verbatim(_)) => true,
            _ => false,
        }
    }

    /// A number in words: "twenty one", "treinta y dos", "quatre-vingt-dix".
    fn number(&self, at: usize, first: u8) -> (u16, usize) {
        let number = |at: usize| match self.peek(at).map(|word| self.manner.lexicon?.meaning(&word.folded)) {
            Some(Some(Meaning::Number(number))) => Some(u16::from(number)),
            _ => None,
        };
        let first = u16::from(first);
        let is_french = self.manner.language == Some(Language::French);
        if first < 20 || first % 10 != 0 || first > 90 {
            return (first, 1);
        }
        let is_link = |word: &Word<'_>| matches!(word.folded.as_str(), "y" | "e" | "et");
        let link = usize::from(self.peek(at + 1).is_some_and(is_link));
        let most = if is_french && matches!(first, 60 | 80) { 19 } else { 9 };
        match number(at + 1 + link) {
            Some(unit) if (1..=most).contains(&unit) => (first + unit, 2 + link),
            _ => (first, 1),
        }
    }
}

/// Whether it is no word for a thing.
const fn is_of_grammar(meaning: Meaning) -> bool {
    !matches!(meaning, Meaning::Is(_) | Meaning::Name(_) | Meaning::Number(_) | Meaning::Ordinal(_))
}

const fn is_currency(symbol: char) -> bool {
    matches!(symbol, '$' | '€' | '£' | '¥' | '₹' | '₽' | '₩' | '₿')
}
