//! The chunks of a chat completion.

mod absorb;
mod calls;
mod choice;
mod delta;
mod edit;
mod end;
mod error;
mod flow;
mod queue;
mod search;
#[cfg(test)]
mod tests;
mod verdict;
mod whole;

use std::sync::Arc;

use bytes::Bytes;
use llm_layers_wire::sse::Event;

use self::{
    choice::Choice,
    error::is_error,
    queue::{Entry, Queue},
};
use super::{
    Flow, Outcome, Shape,
    held::{Room, holds_calls, holds_text, is_structured, may_ask},
    incremental::Incremental,
};
use crate::{
    Fault, OnInvalid, Policy,
    answer::nested::Unreadable,
    contract::{Contract, Text, ToolChoice},
    errors,
    judge::End,
    layer::Settings,
    reask,
};

/// The checking of one stream.
struct Checking {
    contract: Arc<Contract>,
    settings: Arc<Settings>,
    reasks: u32,
    /// What earlier answers have used.
    spent: Option<Bytes>,
    holds_calls: bool,
    text: TextMode,
    /// Whether calls are looked for in the text.
    searches: bool,
    /// Whether the model may be asked again, as long as nothing has been said.
    may_ask: bool,
    /// Whether the client has seen anything of the answer.
    is_said: bool,
    choices: Vec<Choice>,
    queue: Queue,
    room: Room,
    usage: Option<Bytes>,
    stage: Stage,
    /// There was no room to check it.
    too_long: Option<Fault>,
    /// Whether nothing is checked any more, for want of room.
    is_blind: bool,
}

/// What is done with the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TextMode {
    /// Nobody looks at it.
    Free,
    /// It flows, and is judged at its end.
    Judged,
    /// It waits for its verdict.
    Held,
    /// It flows as far as no call can be written in it.
    Searched,
}

#[derive(Debug)]
enum Stage {
    On,
    /// The rest of an answer that is to be asked for again is read.
    Asking(Asking),
    Over,
}

#[derive(Debug)]
struct Asking {
    choice: usize,
    otherwise: OnInvalid,
    /// The event that ends the stream.
    done: Option<Event>,
}

/// What ends the checking of an event early.
enum Stop {
    Unreadable,
    Flow(Flow),
}

impl From<Unreadable> for Stop {
    fn from(Unreadable: Unreadable) -> Self {
        Self::Unreadable
    }
}

pub(super) fn shape(
    contract: &Arc<Contract>,
    settings: &Arc<Settings>,
    reasks: u32,
    spent: Option<Bytes>,
) -> Box<dyn Shape> {
    let mut settings = Arc::clone(settings);
    let searches = settings.written_calls && !contract.tools.is_empty() && contract.choice != ToolChoice::None;
    let text = match (is_structured(contract), holds_text(contract, &settings)) {
        (true, true) => TextMode::Held,
        (true, false) => TextMode::Judged,
        (false, _) if searches => TextMode::Searched,
        (false, _) => TextMode::Free,
    };
    if text == TextMode::Judged && settings.policy(None).repair {
        // What has gone out cannot be mended.
        let policy = Policy::clone(settings.policy(None)).repair(false);
        Arc::make_mut(&mut settings).text_policy = Some(policy);
    }
    Box::new(Checking {
        holds_calls: holds_calls(&settings),
        text,
        may_ask: may_ask(contract, &settings, reasks),
        is_said: false,
        choices: Vec::new(),
        queue: Queue::default(),
        room: Room::new(settings.max_held),
        usage: None,
        stage: Stage::On,
        too_long: None,
        is_blind: false,
        searches,
        contract: Arc::clone(contract),
        settings,
        reasks,
        spent,
    })
}

impl Shape for Checking {
    fn event(&mut self, mut event: Event, out: &mut Vec<Event>) -> Flow {
        if event.data().is_none() {
            // A comment, or a setting.
            out.push(event);
            return Flow::On;
        }
        if matches!(self.stage, Stage::Over) {
            return Flow::On;
        }
        if event.is_done() {
            return self.close(Some(event), out);
        }
        let Some(chunk) = event.chunk() else { return self.no_chunk(event, out) };
        if is_error(&event, chunk) {
            let event = self.only_error(event);
            self.broken(out);
            out.push(event);
            return Flow::On;
        }
        self.note_usage(&mut event);
        if matches!(self.stage, Stage::Asking(_)) {
            return self.swallow(event);
        }
        match self.chunk(event, out) {
            Ok(()) => Flow::On,
            Err(stop) => self.stop(stop),
        }
    }

    fn finish(&mut self, out: &mut Vec<Event>) -> Flow {
        if matches!(self.stage, Stage::Over) { Flow::On } else { self.close(None, out) }
    }

    fn broken(&mut self, out: &mut Vec<Event>) {
        let goes_on = |entry: &Entry| !entry.has_calls() && (self.text == TextMode::Searched || entry.text.is_none());
        let entries = if matches!(self.stage, Stage::On) { self.queue.take(goes_on) } else { Vec::new() };
        out.extend(entries.into_iter().map(|entry| entry.event));
        self.end();
    }

    fn otherwise(&mut self, out: &mut Vec<Event>) -> Flow {
        let Stage::Asking(asking) = std::mem::replace(&mut self.stage, Stage::On) else { return Flow::On };
        self.may_ask = false;
        if asking.otherwise == OnInvalid::Reject {
            let judgement = self.choices.get(asking.choice).and_then(|choice| choice.judgement.as_ref());
            let faults: Vec<_> = judgement.into_iter().flat_map(|judgement| judgement.all_faults().cloned()).collect();
            return self.reject(&faults);
        }
        self.release(asking.choice, out);
        self.close(asking.done, out)
    }

    fn outcome(&mut self) -> Outcome {
        let mut outcome = Outcome::default();
        for choice in &self.choices {
            if let Some(judgement) = &choice.judgement {
                outcome.add(&choice.turn(choice.end.unwrap_or(End::CutOff), self.is_structured()), judgement);
            }
        }
        if let Some(fault) = &self.too_long {
            outcome.calls += 1;
            outcome.invalid += 1;
            outcome.faults.push(fault.clone());
        }
        outcome
    }
}

impl Checking {
    fn is_structured(&self) -> bool {
        is_structured(&self.contract)
    }

    /// What reads a choice's text as it flows, if nothing but JSON may stand there, and the first fault is the end of it.
    fn reader(&self) -> Option<Incremental> {
        let Contract { tools, is_open, choice, text, .. } = &*self.contract;
        let may_call = (!tools.is_empty() || *is_open) && *choice != ToolChoice::None;
        let rejects = self.settings.policy(None).on_invalid == OnInvalid::Reject;
        if self.text != TextMode::Judged || may_call || !rejects {
            return None;
        }
        match text {
            Text::Any => None,
            Text::JsonObject => Some(Incremental::new(None)),
            Text::Json(schema) => Some(Incremental::new(Some(Arc::clone(schema)))),
        }
    }

    fn no_chunk(&mut self, event: Event, out: &mut Vec<Event>) -> Flow {
        let is_json = |data: &[u8]| {
            let data = data.trim_ascii_start();
            data.strip_prefix(b"[").unwrap_or(data).trim_ascii_start().starts_with(b"{")
        };
        if !event.data().is_some_and(is_json) {
            // A word of the server's own.
            out.push(event);
            Flow::On
        } else if event.is_terminated() {
            self.stop(Stop::Unreadable)
        } else {
            // The stream broke off here. Nobody can read it.
            Flow::On
        }
    }

    fn stop(&mut self, stop: Stop) -> Flow {
        match stop {
            Stop::Flow(flow) => flow,
            Stop::Unreadable => {
                self.end();
                Flow::Stop(Box::new(errors::unreadable_answer()))
            }
        }
    }

    fn reject(&mut self, faults: &[Fault]) -> Flow {
        self.end();
        Flow::Stop(Box::new(errors::invalid(faults)))
    }

    fn end(&mut self) {
        self.stage = Stage::Over;
        self.queue = Queue::default();
    }

    /// Adds what earlier answers have used to what this one tells.
    fn note_usage(&mut self, event: &mut Event) {
        let usage = event.chunk().and_then(|chunk| chunk.object().get("usage"));
        let Some(usage) = usage.filter(|usage| usage.starts_with(b"{")).map(Bytes::copy_from_slice) else { return };
        if let Some(spent) = &self.spent {
            let sum = reask::sum(&usage, spent);
            event.edit_chunk(|chunk| _ = chunk.object_mut().set_raw("usage", sum));
        }
        self.usage = Some(usage);
    }
}
