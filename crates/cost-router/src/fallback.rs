//! Who is asked next, and which answer is the answer.

mod best;
mod order;
mod verdict;

pub(crate) use self::{best::Best, order::Order, verdict::Verdict};
