use std::{fmt, time::Duration};

use llm_layers_core::BoxError;

/// An external detector that has not done its work. What it prints holds no text that was searched.
#[non_exhaustive]
pub enum ExternalError {
    /// It has not answered in time.
    TimedOut {
        /// So long was waited.
        after: Duration,
    },
    /// It says so itself. Its words may quote the text: [`Self::detector_error`] has them, and nothing prints them.
    Failed(BoxError),
    /// The texts of a call are longer than what it is [asked at most](crate::External::max_bytes).
    TooLong {
        /// So many bytes are asked.
        limit: usize,
    },
    /// What it has answered makes no sense.
    Nonsense(&'static str),
}

impl ExternalError {
    /// What the detector itself says, where it has failed. It may quote the text: it belongs into no log.
    #[must_use]
    pub fn detector_error(&self) -> Option<&(dyn std::error::Error + Send + Sync + 'static)> {
        match self {
            Self::Failed(error) => Some(&**error),
            Self::TimedOut { .. } | Self::TooLong { .. } | Self::Nonsense(_) => None,
        }
    }
}

impl fmt::Debug for ExternalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut { after } => f.debug_struct("TimedOut").field("after", after).finish(),
            Self::Failed(_) => f.debug_tuple("Failed").finish_non_exhaustive(),
            Self::TooLong { limit } => f.debug_struct("TooLong").field("limit", limit).finish(),
            Self::Nonsense(what) => f.debug_tuple("Nonsense").field(what).finish(),
        }
    }
}

impl fmt::Display for ExternalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut { after } => write!(f, "the detector has not answered within {after:?}"),
            Self::Failed(_) => f.write_str("the detector has failed"),
            Self::TooLong { limit } => {
                write!(f, "the texts are longer than the {limit} bytes that the detector is asked")
            }
            Self::Nonsense(what) => write!(f, "the detector's answer makes no sense: {what}"),
        }
    }
}

impl std::error::Error for ExternalError {}
