//! The choice itself: a call's facts go in, deployments come out in the order in which they are to be asked. No
//! network, no waiting; time and chance are given.

mod builder;
mod call;
mod choice;
mod compiled;
mod cursor;
mod direct;
mod entry;
mod expected;
mod first_allowed;
mod judge;
mod marks;
mod nothing_left;
mod plan;
mod planning;
mod read;
mod route;
mod stored;
#[cfg(test)]
mod tests;
mod traits;

pub use builder::EngineBuilder;
pub use call::Call;
pub use choice::Choice;
pub use compiled::{Engine, Target};
pub use direct::Direct;
pub(crate) use entry::Entry;
pub use nothing_left::NothingLeft;
pub use plan::{Plan, Step, Why};
pub use route::Route;
pub(crate) use stored::{ids, is_stored};
