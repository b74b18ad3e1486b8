use std::{error::Error, fmt};

use llm_layers_core::Deployment;

use super::Route;
use crate::Constraint;

/// No deployment of an alias, or of those that there are, may answer a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NothingLeft {
    alias: Option<Box<str>>,
    removed: Vec<(Deployment, Constraint)>,
}

impl NothingLeft {
    /// Members by their places in the route; one that is in several lists is there once.
    pub(super) fn new(route: &Route, removed: Vec<(usize, Constraint)>) -> Self {
        let mut is_told = vec![false; route.members.len()];
        let told = removed.into_iter().filter_map(|(place, constraint)| {
            let (member, is_told) = (route.members.get(place)?, is_told.get_mut(place)?);
            (!std::mem::replace(is_told, true)).then(|| (member.entry.deployment.clone(), constraint))
        });
        Self { alias: Some((*route.name).into()), removed: told.collect() }
    }

    pub(super) fn of_one(deployment: &Deployment, constraint: Constraint) -> Self {
        Self { alias: Some(deployment.name().into()), removed: vec![(deployment.clone(), constraint)] }
    }

    pub(crate) const fn of_these(removed: Vec<(Deployment, Constraint)>) -> Self {
        Self { alias: None, removed }
    }

    /// Each deployment, and what has removed it.
    pub fn removed(&self) -> impl Iterator<Item = (&Deployment, &Constraint)> {
        self.removed.iter().map(|(deployment, constraint)| (deployment, constraint))
    }

    /// Whether the request is at fault (400): it would fare no better in a while. Otherwise circumstances are (503).
    #[must_use]
    pub fn is_the_requests(&self) -> bool {
        !self.removed.iter().any(|(_, constraint)| constraint.is_passing())
    }
}

impl fmt::Display for NothingLeft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// A message is for people to read.
        const SHOWN: usize = 20;
        match &self.alias {
            Some(alias) => write!(f, "No deployment of `{alias}` may answer this request")?,
            None => f.write_str("No provider may answer this request")?,
        }
        for (place, (deployment, constraint)) in self.removed.iter().take(SHOWN).enumerate() {
            write!(f, "{} `{}`: {constraint}", if place == 0 { ":" } else { ";" }, deployment.name())?;
        }
        match self.removed.len().saturating_sub(SHOWN) {
            0 => f.write_str("."),
            more => write!(f, "; and {more} more."),
        }
    }
}

impl Error for NothingLeft {}
