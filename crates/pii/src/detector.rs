use std::ops::Range;

use crate::Entity;

/// What a checksum, or whatever else a scheme prescribes, says of a candidate: its text, with separators.
pub type Check = fn(&str) -> bool;

/// A detector: one row of a table.
///
/// A candidate has the score of its pattern, or of its [`check`](Self::check) where there is one; a word of its
/// [`context`](Self::context) nearby adds 0.4, one that speaks [`against`](Self::against) it takes 0.4 away. What
/// reaches [`Self::THRESHOLD`] is found.
#[derive(Clone, Debug)]
pub struct Detector {
    pub(crate) entity: Entity,
    pub(crate) form: Form,
    pub(crate) score: f32,
    pub(crate) check: Option<Check>,
    pub(crate) context: &'static [&'static str],
    pub(crate) against: &'static [&'static str],
    pub(crate) is_on: bool,
    pub(crate) source: &'static str,
}

/// How candidates are found.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Form {
    /// A regular expression, matched from where a word begins to where one ends: no ASCII letter or digit stands right
    /// before or after it. A pattern that begins or ends with a digit matches no part of a longer number either: what
    /// stands before may not be a digit and `.` or `-`, nor after it `.` or `-` and a digit.
    ///
    /// It matches bytes and ASCII only, and no more than 128 bytes. It begins at a word (of ASCII letters and digits) of a
    /// token (what stands between white space) that holds a digit or an `@`, is 16 bytes long or more, or has six capital
    /// letters in a row; at a word of up to three bytes at most three bytes before such a token; or at a `+` or `(` right
    /// before such a word. Of several lengths the longest counts that passes
    /// the check and has the score.
    Pattern(&'static str),
    /// A function that looks around where something was seen that may belong to a candidate, and says where the candidate
    /// stands. It looks no farther than some 200 bytes around, so that all of the text is gone through in linear time.
    Around(Trigger, fn(&str, usize) -> Option<Range<usize>>),
    /// Like [`Self::Around`], and the function says how sure a candidate is as well, in place of the row's score.
    #[allow(clippy::type_complexity, reason = "a name for it would say less")]
    Rated(Trigger, fn(&str, usize) -> Option<(Range<usize>, f32)>),
    /// A function that is given the whole text of a JSON member of one of these names, which are in lower case and without
    /// `_`, `-` or blanks: `firstname` stands for `first_name` and `firstName` too. Texts of more than 200 bytes are none.
    Member(&'static [&'static str], fn(&str) -> Option<Range<usize>>),
}

/// What a [`Form::Around`] is called at.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Trigger {
    /// The first of some ASCII digits.
    Digits,
    /// An `@`.
    At,
    /// `://`.
    Scheme,
    /// One of these words, in lower case, whatever its case in the text, within a longer word too.
    ///
    /// As long as no word of a set has less than four bytes, vector instructions look for all of them; with a shorter one,
    /// which is found just as well, it is an automaton that goes through every byte.
    Words(&'static [&'static str]),
}

impl Detector {
    /// The score from which a candidate counts.
    pub const THRESHOLD: f32 = 0.5;

    /// A detector by a [`Form::Pattern`], which is sure of what it matches.
    #[must_use]
    pub const fn pattern(entity: Entity, pattern: &'static str) -> Self {
        Self::new(entity, Form::Pattern(pattern))
    }

    /// A detector of this form, which is sure of what it finds.
    #[must_use]
    pub const fn new(entity: Entity, form: Form) -> Self {
        Self { entity, form, score: 1.0, check: None, context: &[], against: &[], is_on: true, source: "" }
    }

    /// How sure a candidate is, from 0 to 1: one that has passed the check, where there is one.
    #[must_use]
    pub const fn score(mut self, score: f32) -> Self {
        self.score = score;
        self
    }

    /// What a candidate must pass.
    #[must_use]
    pub const fn check(mut self, check: Check) -> Self {
        self.check = Some(check);
        self
    }

    /// Words that make a candidate likelier, in lower case, when one stands up to 60 bytes before it or 30 bytes after, or
    /// in the name of the JSON member.
    ///
    /// One of four bytes or more may go on (`account` in `accounts`); the space in a phrase stands for `_`, `-` and nothing
    /// too, so that `card number` is found in `card_number` and `cardNumber`.
    #[must_use]
    pub const fn context(mut self, words: &'static [&'static str]) -> Self {
        self.context = words;
        self
    }

    /// Words that make it less likely, in lower case.
    #[must_use]
    pub const fn against(mut self, words: &'static [&'static str]) -> Self {
        self.against = words;
        self
    }

    /// Leaves it out unless its entity is asked for.
    #[must_use]
    pub const fn off(mut self) -> Self {
        self.is_on = false;
        self
    }

    /// Where the scheme is laid down, and when that was looked up.
    #[must_use]
    pub const fn source(mut self, source: &'static str) -> Self {
        self.source = source;
        self
    }

    /// What it finds.
    #[must_use]
    pub const fn entity(&self) -> &Entity {
        &self.entity
    }

    /// Whether it is looked for where nobody has chosen among the entities.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.is_on
    }

    /// Whether a candidate counts only where a word of the context stands nearby; none where its function decides.
    #[must_use]
    pub const fn needs_context(&self) -> Option<bool> {
        match self.form {
            Form::Rated(..) if !self.context.is_empty() => None,
            Form::Rated(..) => Some(false),
            _ => Some(self.score < Self::THRESHOLD),
        }
    }

    /// What [`Self::source`] says.
    #[must_use]
    pub const fn reference(&self) -> &'static str {
        self.source
    }
}
