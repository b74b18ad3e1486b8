//! What layers tell each other by the extensions of a request or response. Nobody else invents any.

mod alias;
mod approval;
mod caller;
mod deadline;
mod deployment;
mod outcome;

pub use alias::Alias;
pub use approval::Approval;
pub use caller::Caller;
pub use deadline::Deadline;
pub use deployment::Deployment;
pub use outcome::{Attempts, Cost, Unanswered};
