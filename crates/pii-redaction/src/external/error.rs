use std::{fmt, time::Duration};

use llm_layers_core::BoxError;

/// An external detector that has not done its work. What it prints holds no text that was searched.
#[derive(Debug)]
#[non_exhaustive]
pub enum ExternalError {
    /// It has not answered in time.
    TimedOut {
        /// So long was waited.
        after: Duration,
    },
    /// It says so itself. The source's own words are the detector's.
    Failed(BoxError),
    /// What it has answered makes no sense.
    Nonsense(&'static str),
}

impl fmt::Display for ExternalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut { after } => write!(f, "the detector has not answered within {after:?}"),
            Self::Failed(_) => f.write_str("the detector has failed"),
            Self::Nonsense(what) => write!(f, "the detector's answer makes no sense: {what}"),
        }
    }
}

impl std::error::Error for ExternalError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Failed(error) => Some(&**error),
            Self::TimedOut { .. } | Self::Nonsense(_) => None,
        }
    }
}
