use std::sync::Arc;

use bytes::Bytes;
use llm_layers_wire::sse::Event;

use super::{Flow, Outcome, Shape};
use crate::{contract::Contract, layer::Settings};

struct Checking {}

pub(super) fn shape(
    _contract: &Arc<Contract>,
    _settings: &Arc<Settings>,
    _reasks: u32,
    _spent: Option<Bytes>,
) -> Box<dyn Shape> {
    Box::new(Checking {})
}

impl Shape for Checking {
    fn event(&mut self, event: Event, out: &mut Vec<Event>) -> Flow {
        out.push(event);
        Flow::On
    }

    fn finish(&mut self, _out: &mut Vec<Event>) -> Flow {
        Flow::On
    }

    fn outcome(&mut self) -> Outcome {
        Outcome::default()
    }
}
