use std::{error::Error, fmt};

/// Why routes cannot be built.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RoutesError {
    /// An alias names a deployment that there is none of.
    UnknownDeployment {
        /// The alias.
        alias: Box<str>,
        /// The name.
        deployment: Box<str>,
    },
    /// A complexity rule names a deployment that is none of its alias's.
    NotAMember {
        /// The alias.
        alias: Box<str>,
        /// The name.
        deployment: Box<str>,
    },
    /// An alias leads nowhere.
    Empty {
        /// The alias.
        alias: Box<str>,
    },
    /// Two deployments, or two aliases, have one name.
    Twice {
        /// The name.
        name: Box<str>,
    },
    /// An alias has more members than a plan can have ranks.
    TooMany {
        /// The alias.
        alias: Box<str>,
    },
}

impl fmt::Display for RoutesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownDeployment { alias, deployment } => {
                write!(f, "alias `{alias}` names the deployment `{deployment}`, and there is none")
            }
            Self::NotAMember { alias, deployment } => {
                write!(f, "a complexity rule of alias `{alias}` names `{deployment}`, which is none of its deployments")
            }
            Self::Empty { alias } => write!(f, "alias `{alias}` has no deployments"),
            Self::Twice { name } => write!(f, "`{name}` is there twice"),
            Self::TooMany { alias } => write!(f, "alias `{alias}` has more than 65,534 deployments"),
        }
    }
}

impl Error for RoutesError {}
