use std::time::SystemTime;

use llm_layers_core::Deployment;

use super::{Engine, NothingLeft, Route, Target};
use crate::{Class, Constraint, Constraints, constraints::Fixed};

impl Engine {
    /// Whom a name leads to, for a call of which no more is known than who asks: an image, a transcription, a file.
    ///
    /// Nothing is counted or compared. What holds for as long as the settings do holds here, too: regions, providers,
    /// tiers, what becomes of prompts; and so do hours, classes and the day on which a model is gone. Of those that are
    /// left it is the first in the order of the settings that `serves` such calls and is available, or else that serves
    /// them, or else the first.
    ///
    /// `None` where the name is neither an alias nor a deployment.
    ///
    /// # Errors
    /// Nobody is left: each is listed with the constraint that removed it.
    #[must_use]
    pub fn first_allowed(
        &self,
        name: &str,
        class: Option<Class>,
        own: Option<&Constraints>,
        now: SystemTime,
        serves: impl Fn(&Deployment) -> bool,
    ) -> Option<Result<Deployment, NothingLeft>> {
        Some(match self.resolve(name)? {
            Target::Alias(route) => self.first_of(&route, class, own, now, serves),
            Target::Deployment(direct) => match direct.refused_by(class, own, || now) {
                None => Ok(direct.deployment().clone()),
                Some(constraint) => Err(NothingLeft::of_one(direct.deployment(), constraint)),
            },
        })
    }

    fn first_of(
        &self,
        route: &Route,
        class: Option<Class>,
        own: Option<&Constraints>,
        now: SystemTime,
        serves: impl Fn(&Deployment) -> bool,
    ) -> Result<Deployment, NothingLeft> {
        let class = class.unwrap_or(route.class);
        let mut rules = std::iter::once(&route.constraints).chain(own);
        let is_closed = rules.any(|rules| rules.hours.as_ref().is_some_and(|hours| !hours.contain(now)));
        let (mut left, mut removed) = (Vec::new(), Vec::new());
        for (place, member) in route.members.iter().take(route.own).enumerate() {
            let entry = &*member.entry;
            let refused = member.refused.clone().or_else(|| Fixed(own?).refuses(entry));
            let refused = refused.or_else(|| entry.is_gone(now).then_some(Constraint::Deprecated));
            let refused = refused.or_else(|| entry.closed_for(class, || now));
            match refused.or(is_closed.then_some(Constraint::Hours)) {
                Some(constraint) => removed.push((place, constraint)),
                None => left.push(&entry.deployment),
            }
        }
        // Of those that are alike it is the first.
        let first = left.into_iter().min_by_key(|deployment| (!serves(deployment), !self.is_available(deployment)));
        first.cloned().ok_or_else(|| NothingLeft::new(route, removed))
    }
}
