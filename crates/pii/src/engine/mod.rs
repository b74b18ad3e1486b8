//! From a text to what is in it.

mod allow;
mod answer;
mod boundary;
mod builder;
mod classes;
mod context;
mod custom;
mod overlap;
mod program;
#[cfg(test)]
mod reference;
mod runs;
mod search;
mod set;
mod starts;
#[cfg(test)]
mod tests;
mod tokens;
mod view;
mod words;

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

pub use builder::{BuildError, Builder};

use crate::{Detect, Entity, Finding, Text};

/// A compiled set of detectors. Cloning it shares it.
#[derive(Clone)]
pub struct Detectors {
    set: Arc<set::Set>,
}

impl Detectors {
    /// Begins a set of one's own.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// What there is in a text, in its order, without overlaps.
    #[must_use]
    pub fn find<'a>(&self, text: impl Into<Text<'a>>) -> Vec<Finding> {
        let mut found = Vec::new();
        self.detect(&text.into(), &mut found);
        found
    }

    /// The most bytes that the user's own patterns and words match; 0 without any. Whoever searches a text that is still
    /// being written keeps so much of its end.
    #[must_use]
    pub fn reach(&self) -> usize {
        let patterns = self.set.patterns.iter().map(|pattern| pattern.reach);
        patterns.chain(self.set.words.iter().map(custom::Words::reach)).max().unwrap_or_default()
    }

    /// What it looks for, without repetition.
    pub fn entities(&self) -> impl Iterator<Item = &Entity> {
        self.set.kinds.iter().map(|kind| &kind.entity)
    }
}

impl Default for Detectors {
    #[allow(clippy::expect_used, reason = "the tables are tested")]
    fn default() -> Self {
        static DEFAULT: OnceLock<Detectors> = OnceLock::new();
        DEFAULT.get_or_init(|| Self::builder().build().expect("the tables compile")).clone()
    }
}

impl Detect for Detectors {
    fn detect(&self, text: &Text<'_>, found: &mut Vec<Finding>) {
        let mut scratch = self.set.scratch.get();
        self.set.search(text, &mut scratch);
        overlap::resolve(&mut scratch.candidates);
        for candidate in scratch.candidates.drain(..).filter(|candidate| !candidate.is_allowed) {
            if let Some(kind) = self.set.kinds.get(usize::from(candidate.kind)) {
                let score = f32::from(candidate.score) / 100.0;
                found.push(Finding { entity: kind.entity.clone(), range: candidate.range, score });
            }
        }
    }
}

impl fmt::Debug for Detectors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Detectors").field("rows", &self.set.rows.len()).finish_non_exhaustive()
    }
}
