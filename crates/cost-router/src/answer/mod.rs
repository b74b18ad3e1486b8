//! Answers on their way to the client: whose model they name, whether they are refusals, what they have used.

mod begun;
mod name;
mod refusal;
mod watch;

pub(crate) use self::{
    begun::{Begun, Wanted, read_plain},
    name::Name,
    watch::{Seen, watch},
};
