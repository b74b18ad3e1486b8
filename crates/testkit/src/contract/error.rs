use std::{error::Error, fmt};

/// What a [`Probe`](super::Probe) fails with.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProbeError {
    /// `poll_ready` was told to fail.
    Readiness,
    /// The call was told to fail.
    Call,
    /// The request's body failed while the probe read it.
    RequestBody(String),
}

impl fmt::Display for ProbeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Readiness => f.write_str("the probe was told to fail its readiness"),
            Self::Call => f.write_str("the probe was told to fail its call"),
            Self::RequestBody(error) => write!(f, "the request's body failed: {error}"),
        }
    }
}

impl Error for ProbeError {}
