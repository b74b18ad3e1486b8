use std::{sync::Arc, time::SystemTime};

use jiff::tz::TimeZone;
use llm_layers_catalogue::{Meter, Model, Price};
use llm_layers_core::Deployment;
use llm_layers_tokens::Tokenizer;

use crate::{Candidate, Class, Constraint, Hours, Stats, answer::Name, policy};

/// A deployment with all that a choice looks at, worked out once.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) deployment: Deployment,
    pub(crate) name: Arc<str>,
    pub(crate) name_hash: u64,
    pub(crate) name_in_answers: Name,
    pub(crate) model: Option<Arc<Model>>,
    pub(crate) regions: Vec<Box<str>>,
    pub(crate) class: Option<Class>,
    pub(crate) hours: Option<Hours>,
    pub(crate) gone_from: Option<SystemTime>,
    pub(crate) tokenizer: Tokenizer,
    /// Whether input, and output, are billed by characters and not by tokens.
    pub(crate) by_characters: (bool, bool),
    /// Whether a prompt that is cached has a price of its own there.
    pub(crate) caches: bool,
    /// Whether thoughts cost something else than the rest of an answer.
    pub(crate) bills_thoughts: bool,
    pub(crate) stats: Arc<Stats>,
}

impl Entry {
    pub(crate) fn new(candidate: &Candidate, model: Option<Arc<Model>>, stats: Option<Arc<Stats>>) -> Self {
        let Candidate { deployment, region, class, hours, .. } = candidate;
        let price = model.as_ref().and_then(|model| model.price.as_ref());
        let usual = |meter| price.and_then(|price| price.usual(meter));
        let by = |tokens, characters| usual(tokens).is_none() && usual(characters).is_some();
        let by_characters = (by(Meter::Input, Meter::InputCharacter), by(Meter::Output, Meter::OutputCharacter));
        let bills_thoughts = usual(Meter::Reasoning).is_some_and(|rate| usual(Meter::Output) != Some(rate));
        Self {
            name: deployment.name().into(),
            name_hash: policy::stable_hash(deployment.name().as_bytes()),
            name_in_answers: Name::new(deployment.name()),
            regions: match region {
                Some(region) => vec![region.clone()],
                None => model.as_ref().map(|model| model.regions.clone()).unwrap_or_default(),
            },
            class: *class,
            hours: hours.clone(),
            gone_from: model.as_ref().and_then(|model| model.deprecated).and_then(|day| {
                // Providers do not say in which time zone; the day is over everywhere when it is over here.
                let midnight = day.to_zoned(TimeZone::UTC).ok()?;
                Some(SystemTime::from(midnight.timestamp()))
            }),
            tokenizer: Tokenizer::of(deployment.provider(), deployment.model()),
            by_characters,
            caches: usual(Meter::CachedInput).is_some(),
            bills_thoughts,
            deployment: deployment.clone(),
            model,
            stats: stats.unwrap_or_default(),
        }
    }

    /// Whether its provider serves it no longer.
    pub(crate) fn is_gone(&self, now: SystemTime) -> bool {
        self.gone_from.is_some_and(|day| now >= day)
    }

    /// Why calls of a class must not go there at this time, whoever asks.
    pub(crate) fn closed_for(&self, class: Class, now: impl FnOnce() -> SystemTime) -> Option<Constraint> {
        if self.class.is_some_and(|only| only != class) {
            return Some(Constraint::Class { class });
        }
        let is_closed = self.hours.as_ref().is_some_and(|hours| !hours.contain(now()));
        is_closed.then_some(Constraint::Hours)
    }

    pub(crate) fn price(&self) -> Option<&Price> {
        self.model.as_ref()?.price.as_ref()
    }
}
