//! Everything compiled.

use std::collections::HashMap;

use regex_automata::util::pool::Pool;

use super::{
    BuildError,
    allow::Allowed,
    context::{Bits, Lexicon},
    custom,
    program::Program,
    search::Scratch,
    words::Words,
};
use crate::{Check, Detector, Entity, Form, Trigger};

/// All detectors of a set.
pub(super) struct Set {
    pub(super) rows: Vec<Row>,
    pub(super) kinds: Vec<Kind>,
    pub(super) lexicon: Lexicon,
    /// The rows of which a text that is nothing else is an answer.
    pub(super) answers: Bits,
    pub(super) program: Program,
    /// Which rows are called at what, by their numbers.
    pub(super) digits: Vec<u16>,
    pub(super) ats: Vec<u16>,
    pub(super) schemes: Vec<u16>,
    pub(super) triggers: Option<Words>,
    pub(super) members: HashMap<&'static str, Vec<u16>>,
    /// What users add.
    pub(super) patterns: Vec<custom::Pattern>,
    pub(super) words: Vec<custom::Words>,
    pub(super) allowed: Allowed,
    /// What searches need, one for each thread that does one.
    pub(super) scratch: Pool<Scratch, fn() -> Scratch>,
}

/// An entity, and the score from which it counts, in hundredths.
pub(super) struct Kind {
    pub(super) entity: Entity,
    pub(super) threshold: i16,
}

/// A detector.
pub(super) struct Row {
    pub(super) kind: u16,
    pub(super) form: Form,
    pub(super) score: i16,
    pub(super) check: Option<Check>,
    pub(super) context: Bits,
    pub(super) against: Bits,
    /// Whether its score takes a word of its context to count.
    pub(super) is_weak: bool,
}

impl Row {
    pub(super) const fn is_pattern(&self) -> bool {
        matches!(self.form, Form::Pattern(_))
    }

    /// Whether its function need not be called without context.
    pub(super) const fn takes_context(&self) -> bool {
        self.is_weak && matches!(self.form, Form::Around(..))
    }

    /// Whether a text that is nothing else counts as context: where a check says something of it, and the form is not that of
    /// most numbers.
    pub(super) fn may_answer(&self) -> bool {
        self.check.is_some() && !self.context.is_empty() && self.score >= Self::ANSWER
    }

    /// The least score, in hundredths, of what may be an answer.
    const ANSWER: i16 = 25;
}

/// Scores are added up in whole numbers.
#[allow(clippy::cast_possible_truncation, reason = "a score is between 0 and 1")]
pub(super) fn hundredths(score: f32) -> i16 {
    (score * 100.0).round() as i16
}

impl Set {
    pub(super) fn new(detectors: &[Detector], thresholds: &[(Entity, f32)]) -> Result<Self, BuildError> {
        let mut set = Self {
            rows: Vec::with_capacity(detectors.len()),
            kinds: Vec::new(),
            lexicon: Lexicon::default(),
            answers: Bits::default(),
            program: Program::new(detectors)?,
            digits: Vec::new(),
            ats: Vec::new(),
            schemes: Vec::new(),
            triggers: None,
            members: HashMap::new(),
            patterns: Vec::new(),
            words: Vec::new(),
            allowed: Allowed::default(),
            scratch: Pool::new(Scratch::default),
        };
        let mut words = Vec::new();
        for (index, detector) in (0_u16..).zip(detectors) {
            match detector.form {
                Form::Pattern(_) => {}
                Form::Around(trigger, _) | Form::Rated(trigger, _) => match trigger {
                    Trigger::Digits => set.digits.push(index),
                    Trigger::At => set.ats.push(index),
                    Trigger::Scheme => set.schemes.push(index),
                    Trigger::Words(of_row) => words.push((index, of_row)),
                },
                Form::Member(names, _) => {
                    for &name in names {
                        set.members.entry(name).or_default().push(index);
                    }
                }
            }
            set.add(index, detector, thresholds);
        }
        set.triggers = Words::new(&words)?;
        Ok(set)
    }

    fn add(&mut self, index: u16, detector: &Detector, thresholds: &[(Entity, f32)]) {
        let kind = self.kind(&detector.entity, thresholds);
        let threshold = self.kinds.get(usize::from(kind)).map_or(0, |kind| kind.threshold);
        let score = hundredths(detector.score);
        let row = Row {
            kind,
            form: detector.form,
            score,
            check: detector.check,
            context: self.lexicon.context(detector.context, index),
            against: self.lexicon.bits(detector.against),
            is_weak: score < threshold,
        };
        if row.may_answer() {
            self.answers.insert(index);
        }
        self.rows.push(row);
    }

    /// The number of an entity.
    pub(super) fn kind(&mut self, entity: &Entity, thresholds: &[(Entity, f32)]) -> u16 {
        let index = self.kinds.iter().position(|kind| kind.entity == *entity).unwrap_or_else(|| {
            let score = thresholds.iter().rev().find(|(of, _)| of == entity).map(|(_, score)| *score);
            let threshold = hundredths(score.unwrap_or(Detector::THRESHOLD));
            self.kinds.push(Kind { entity: entity.clone(), threshold });
            self.kinds.len() - 1
        });
        u16::try_from(index).unwrap_or(u16::MAX)
    }

    pub(super) fn row(&self, index: u16) -> Option<&Row> {
        self.rows.get(usize::from(index))
    }
}
