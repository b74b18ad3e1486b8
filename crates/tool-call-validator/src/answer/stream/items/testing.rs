//! Streams through the checking of a shape.

use std::sync::Arc;

use bytes::Bytes;
use llm_layers_core::Operation;
use llm_layers_testkit::split::{Splits, assert_same, for_every_split};
use llm_layers_wire::{
    json::Object,
    sse::{Decoder, Event},
};
use serde_json::Value;

use super::super::{Again, Flow, Outcome, Shape, shape};
use crate::{
    OnInvalid, Policy, Schemas,
    contract::{Contract, Reader},
    layer::Settings,
};

/// A request, and the settings that its answer is checked with.
#[derive(Clone)]
pub(crate) struct Case {
    contract: Arc<Contract>,
    pub(crate) settings: Arc<Settings>,
    reasks: u32,
    spent: Option<Bytes>,
}

/// What has become of a stream.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    /// What the client reads.
    pub(crate) text: String,
    pub(crate) asks: Option<Box<Again>>,
    /// The code of the error that ended it.
    pub(crate) error: Option<String>,
    pub(crate) outcome: Outcome,
}

impl Case {
    pub(crate) fn new(operation: Operation, request: &Value) -> Self {
        let object = Object::parse(request.to_string()).expect("an object");
        let reader = Reader { schemas: &Schemas::default(), strict: true };
        let contract = Contract::read(operation, &object, &reader).expect("a valid request").expect("one to check");
        Self { contract: Arc::new(contract), settings: Arc::default(), reasks: 0, spent: None }
    }

    pub(crate) fn policy(&self, policy: Policy) -> Self {
        self.set(|settings| settings.default_policy = policy)
    }

    pub(crate) fn set(&self, set: impl FnOnce(&mut Settings)) -> Self {
        let mut case = self.clone();
        set(Arc::make_mut(&mut case.settings));
        case
    }

    /// After so many answers that were not good enough, which have used so much.
    pub(crate) fn after(&self, reasks: u32, spent: &str) -> Self {
        Self { reasks, spent: Some(Bytes::copy_from_slice(spent.as_bytes())), ..self.clone() }
    }

    pub(crate) fn shape(&self) -> Box<dyn Shape> {
        shape(&self.contract, &self.settings, self.reasks, self.spent.clone()).expect("a shape")
    }

    /// A whole stream, cut in some places.
    pub(crate) fn check(&self, stream: &str) -> Checked {
        let splits = Splits::of(Bytes::copy_from_slice(stream.as_bytes())).work(32 << 10).random(8);
        assert_same(&splits, |pieces| self.run(pieces).text);
        self.once(stream)
    }

    /// A whole stream, cut everywhere.
    pub(crate) fn check_all(&self, stream: &str) -> Checked {
        for_every_split(Bytes::copy_from_slice(stream.as_bytes()), |pieces| self.run(pieces).text);
        self.once(stream)
    }

    /// A whole stream in one piece.
    pub(crate) fn once(&self, stream: &str) -> Checked {
        self.run(&[Bytes::copy_from_slice(stream.as_bytes())])
    }

    fn run(&self, pieces: &[Bytes]) -> Checked {
        let (mut decoder, mut shape) = (Decoder::default(), self.shape());
        let (mut checked, mut out) = (Checked::default(), Vec::new());
        for piece in pieces {
            decoder.push(piece.clone());
            while let Some(event) = decoder.next().expect("an event stream") {
                let flow = shape.event(event, &mut out);
                checked.take(&self.contract, &*shape, flow, &mut out);
                if checked.is_over() {
                    checked.outcome = shape.outcome();
                    return checked;
                }
            }
        }
        let flow = shape.finish(&mut out);
        checked.take(&self.contract, &*shape, flow, &mut out);
        checked.outcome = shape.outcome();
        checked
    }

    /// A stream that breaks off.
    pub(crate) fn broken(&self, stream: &str) -> Checked {
        let (mut shape, mut out, mut checked) = (self.shape(), Vec::new(), Checked::default());
        for event in events(stream) {
            let flow = shape.event(event, &mut out);
            checked.take(&self.contract, &*shape, flow, &mut out);
        }
        shape.broken(&mut out);
        checked.take(&self.contract, &*shape, Flow::On, &mut out);
        checked.outcome = shape.outcome();
        checked
    }

    /// A stream after which nobody could be asked.
    pub(crate) fn otherwise(&self, stream: &str) -> Checked {
        let (mut shape, mut out, mut checked) = (self.shape(), Vec::new(), Checked::default());
        for event in events(stream) {
            let flow = shape.event(event, &mut out);
            checked.take(&self.contract, &*shape, flow, &mut out);
        }
        assert!(checked.asks.is_some(), "nobody is asked");
        let flow = shape.otherwise(&mut out);
        checked.take(&self.contract, &*shape, flow, &mut out);
        checked.outcome = shape.outcome();
        checked
    }

    /// What has gone on after each event, as the number of events.
    pub(crate) fn steps(&self, stream: &str) -> Vec<usize> {
        let (mut shape, mut out) = (self.shape(), Vec::new());
        let step = |event| {
            assert!(matches!(shape.event(event, &mut out), Flow::On));
            out.len()
        };
        events(stream).into_iter().map(step).collect()
    }

    /// A stream that goes through byte for byte, whatever the policy.
    pub(crate) fn assert_same(&self, stream: &str) {
        assert_eq!(self.check(stream).text, stream);
        for policy in
            [Policy::new(), Policy::new().max_reasks(1), Policy::new().repair(false).on_invalid(OnInvalid::Report)]
        {
            for hold_text in [false, true] {
                let case = self.policy(policy.clone()).set(|settings| settings.hold_text = hold_text);
                let checked = case.once(stream);
                assert_eq!((&*checked.text, &checked.outcome.faults), (stream, &vec![]), "{policy:?}");
                assert_eq!((checked.error, checked.outcome.invalid), (None, 0));
            }
        }
    }
}

impl Checked {
    fn take(&mut self, contract: &Contract, shape: &dyn Shape, flow: Flow, out: &mut Vec<Event>) {
        let text: Vec<_> = out.drain(..).map(|event| event.to_bytes()).collect();
        self.text.push_str(std::str::from_utf8(&text.concat()).expect("text"));
        match flow {
            Flow::On => {}
            Flow::Ask(again) => self.asks = Some(again),
            Flow::Stop(failure) => {
                let event = failure.to_event_after(contract.operation, shape.next_number());
                self.text.push_str(std::str::from_utf8(&event.to_bytes()).expect("text"));
                self.error = Some(failure.error().code.clone().unwrap_or_default());
            }
        }
    }

    fn is_over(&self) -> bool {
        self.asks.is_some() || self.error.is_some()
    }

    /// The data of what has gone out.
    pub(crate) fn data(&self) -> Vec<Value> {
        let data = self.text.lines().filter_map(|line| line.strip_prefix("data: "));
        data.map(|data| serde_json::from_str(data).expect("JSON")).collect()
    }
}

pub(crate) fn events(stream: &str) -> Vec<Event> {
    let mut decoder = Decoder::default();
    decoder.push(Bytes::copy_from_slice(stream.as_bytes()));
    std::iter::from_fn(|| decoder.next().expect("an event stream")).collect()
}

/// Events as they stand on the wire, named by their types.
pub(crate) fn stream(events: &[Value]) -> String {
    let event = |event: &Value| format!("event: {}\ndata: {event}\n\n", event["type"].as_str().expect("a type"));
    events.iter().map(event).collect()
}
