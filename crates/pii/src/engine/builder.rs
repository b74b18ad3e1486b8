use std::{collections::HashSet, fmt, sync::Arc};

use super::{Detectors, allow::Allowed, custom, set};
use crate::{Detector, Entity, detectors};

/// Chooses detectors, and adds to them.
#[derive(Clone, Default)]
pub struct Builder {
    only: Option<HashSet<Entity>>,
    also: HashSet<Entity>,
    without: HashSet<Entity>,
    thresholds: Vec<(Entity, f32)>,
    detectors: Vec<Detector>,
    patterns: Vec<(Entity, String)>,
    words: Vec<(Entity, Vec<String>)>,
    allowed: Vec<String>,
}

/// A pattern or a list of words that cannot be compiled.
#[derive(Debug)]
#[non_exhaustive]
pub struct BuildError {
    /// The entity that it was for.
    pub entity: Entity,
    /// What is wrong with it.
    pub message: String,
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.entity, self.message)
    }
}

impl std::error::Error for BuildError {}

impl BuildError {
    pub(super) fn new(entity: &Entity, error: impl fmt::Display) -> Self {
        Self { entity: entity.clone(), message: error.to_string() }
    }
}

impl Builder {
    /// Looks for these entities and no others, those that are off by default among them. What the user adds is looked for
    /// in any case.
    #[must_use]
    pub fn only(mut self, entities: impl IntoIterator<Item = Entity>) -> Self {
        self.only = Some(entities.into_iter().collect());
        self
    }

    /// Looks for these entities too, which are off by default.
    #[must_use]
    pub fn also(mut self, entities: impl IntoIterator<Item = Entity>) -> Self {
        self.also.extend(entities);
        self
    }

    /// Does not look for these entities.
    #[must_use]
    pub fn without(mut self, entities: impl IntoIterator<Item = Entity>) -> Self {
        self.without.extend(entities);
        self
    }

    /// From which score on an entity counts, in place of [`Detector::THRESHOLD`]. Scores are from 0 to 1.
    #[must_use]
    pub fn threshold(mut self, entity: impl Into<Entity>, score: f32) -> Self {
        self.thresholds.push((entity.into(), score));
        self
    }

    /// Adds detectors of one's own.
    #[must_use]
    pub fn detectors(mut self, detectors: impl IntoIterator<Item = Detector>) -> Self {
        self.detectors.extend(detectors);
        self
    }

    /// Adds a regular expression, in the syntax of the crate `regex`. It matches anywhere in a text, words or not, and
    /// no more than 1,024 bytes at a time.
    #[must_use]
    pub fn pattern(mut self, entity: impl Into<Entity>, pattern: impl Into<String>) -> Self {
        self.patterns.push((entity.into(), pattern.into()));
        self
    }

    /// Adds a list of words, or phrases: each matches as a whole word, in lower or upper case.
    #[must_use]
    pub fn words(mut self, entity: impl Into<Entity>, words: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.words.push((entity.into(), words.into_iter().map(Into::into).collect()));
        self
    }

    /// Values that are never found, whatever their case; one that begins with `*` stands for whatever ends so
    /// (`*@example.com`).
    #[must_use]
    pub fn allow(mut self, values: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.allowed.extend(values.into_iter().map(Into::into));
        self
    }

    /// Compiles the set.
    ///
    /// # Errors
    /// A pattern is wrong.
    pub fn build(self) -> Result<Detectors, BuildError> {
        let rows: Vec<Detector> =
            detectors::all().filter(|row| self.has(row)).cloned().chain(self.detectors.clone()).collect();
        let mut set = set::Set::new(&rows, &self.thresholds)?;
        for (entity, pattern) in &self.patterns {
            let kind = set.kind(entity, &self.thresholds);
            set.patterns.push(custom::Pattern::new(entity, pattern, kind)?);
        }
        for (entity, words) in &self.words {
            let kind = set.kind(entity, &self.thresholds);
            set.words.push(custom::Words::new(entity, words, kind)?);
        }
        set.allowed = Allowed::new(&self.allowed);
        Ok(Detectors { set: Arc::new(set) })
    }

    fn has(&self, row: &Detector) -> bool {
        let entity = &row.entity;
        let is_chosen = self.only.as_ref().map_or(row.is_on, |only| only.contains(entity));
        (is_chosen || self.also.contains(entity)) && !self.without.contains(entity)
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Words and allowed values are often people's names and addresses.
        f.debug_struct("Builder")
            .field("only", &self.only)
            .field("also", &self.also)
            .field("without", &self.without)
            .field("thresholds", &self.thresholds)
            .finish_non_exhaustive()
    }
}
