use std::{error::Error, fmt};

use llm_layers_core::Deployment;

use crate::Constraint;

/// No deployment of an alias may answer a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NothingLeft {
    pub(super) alias: Box<str>,
    pub(super) removed: Vec<(Deployment, Constraint)>,
}

impl NothingLeft {
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
        write!(f, "No deployment of `{}` may answer this request", self.alias)?;
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
