//! Answers in streams: text flows, calls are held until they are known to be right.

mod body;
mod chat;
mod held;
mod incremental;
mod items;
mod joined;
mod messages;
mod responses;
mod rest;

use std::sync::Arc;

use llm_layers_core::{Failure, Operation};
use llm_layers_wire::sse::Event;

use crate::{contract::Contract, judge::Turn, layer::Settings};

pub(crate) use crate::report::Outcome;
pub(crate) use body::Checked;

/// The checking of one stream in one wire shape: events in, events out, no IO.
pub(crate) trait Shape: Send {
    /// Takes an event; what may go on is put into `out`, in order. Also what was held before.
    fn event(&mut self, event: Event, out: &mut Vec<Event>) -> Flow;

    /// The stream has come to its end. Not called after anything but [`Flow::On`].
    fn finish(&mut self, out: &mut Vec<Event>) -> Flow;

    /// The stream has broken off with an error, which is passed on behind what is put into `out`: text that was held may
    /// go on, and no call. Not called after anything but [`Flow::On`].
    fn broken(&mut self, _out: &mut Vec<Event>) {}

    /// Called after [`Flow::Ask`], if the model could not be asked, or has not answered: what the policies say otherwise is
    /// done about what is held. All of it goes on, marked, or the stream ends in an error; never [`Flow::Ask`].
    fn otherwise(&mut self, _out: &mut Vec<Event>) -> Flow {
        Flow::On
    }

    /// The number of the next event, where a shape numbers them (responses).
    fn next_number(&self) -> u64 {
        0
    }

    /// What the stream has been like, once it is over.
    fn outcome(&mut self) -> Outcome;
}

/// What a stream comes to.
#[derive(Debug)]
pub(crate) enum Flow {
    On,
    /// Nothing of the answer has been let go, its end has been read, and the model is to be asked again. What is held is
    /// kept for [`Shape::otherwise`].
    Ask(Box<Again>),
    /// It ends with this error.
    Stop(Box<Failure>),
}

/// What is needed to ask again.
#[derive(Debug)]
pub(crate) struct Again {
    /// What the model has said.
    pub(crate) turn: Turn<'static>,
    pub(crate) judgement: crate::judge::Judgement,
    /// The `usage` that this stream alone has told, as JSON: without what was spent before.
    pub(crate) usage: Option<bytes::Bytes>,
}

/// The checking of a stream of this shape. `reasks` is how often the model has been asked again by now, and `spent` what
/// those answers have used, to be added to the usage that this one tells.
pub(crate) fn shape(
    contract: &Arc<Contract>,
    settings: &Arc<Settings>,
    reasks: u32,
    spent: Option<bytes::Bytes>,
) -> Option<Box<dyn Shape>> {
    match contract.operation {
        Operation::ChatCompletion => Some(chat::shape(contract, settings, reasks, spent)),
        Operation::Message => Some(messages::shape(contract, settings, reasks, spent)),
        Operation::Response => Some(responses::shape(contract, settings, reasks, spent)),
        _ => None,
    }
}
