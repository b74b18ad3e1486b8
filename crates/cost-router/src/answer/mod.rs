//! Answers on their way to the client: whose model they name, whether they are refusals, what they have used.

mod begun;
mod form;
mod name;
mod plain;
mod refusal;
mod watch;

pub(crate) use self::{
    begun::{Begun, Wanted},
    form::Form,
    name::Name,
    plain::read_plain,
    watch::{Seen, watch},
};
