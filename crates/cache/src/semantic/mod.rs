//! Answers to questions that mean the same.

mod embed;
mod guard;
mod index;
mod meaning;

pub(crate) use embed::{Embedded, embed};
pub(crate) use guard::Facts;
#[cfg(feature = "redis")]
pub(crate) use index::RedisIndex;
pub(crate) use index::{Index, MemoryIndex, Near};
pub use meaning::Semantic;
pub(crate) use meaning::{Found, Meaning};
