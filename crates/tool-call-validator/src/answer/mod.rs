//! Answers, whole and in streams.

pub(crate) mod stream;
pub(crate) mod whole;
