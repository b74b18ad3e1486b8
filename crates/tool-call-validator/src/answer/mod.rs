//! Answers, whole and in streams.

pub(crate) mod end;
pub(crate) mod nested;
pub(crate) mod stream;
pub(crate) mod whole;
