//! A chat answer, on its way to becoming a response.

use std::fmt;

use bytes::Bytes;
use llm_layers_core::{BoxError, Clock, Failure};
use llm_layers_wire::{
    json::Object,
    openai::{Chunk, Completion, Usage},
    sse::Event as SseEvent,
};
use serde_json::value::RawValue;

use super::{
    echo::Echo,
    events::Event,
    items::Status,
    output::{Output, TooLong},
    response::{Error, IncompleteDetails, Response, ResponseUsage, service_tier},
};
use crate::{
    inbound::{Options, errors},
    translate::{Flow, Translate},
};

/// Translates one answer.
pub(super) struct Answer {
    id: String,
    echo: Echo,
    /// What was asked for, until the answer tells.
    model: String,
    model_told: bool,
    created: Option<u64>,
    service_tier: Option<&'static str>,
    usage: Option<Usage>,
    finish: Option<Finish>,
    begun: bool,
    output: Output,
    clock: Clock,
}

/// Why the answer has ended.
#[derive(Clone, Copy)]
enum Finish {
    Natural,
    CutOff(&'static str),
}

/// What a response is at the moment.
enum State<'a> {
    InProgress,
    Completed,
    Incomplete(&'static str),
    Failed(&'a Failure),
}

impl Answer {
    pub(super) fn new(echo: Echo, model: &str, options: &Options<'_>) -> Self {
        let chance = || format!("{:016x}{:016x}", options.rng.next_u64(), options.rng.next_u64());
        let seed = chance();
        Self {
            id: format!("resp_{seed}"),
            echo,
            model: model.to_owned(),
            model_told: false,
            created: None,
            service_tier: None,
            usage: None,
            finish: None,
            begun: false,
            output: Output::new(seed),
            clock: options.clock,
        }
    }

    /// What stands beside the choices, of a completion or of any chunk.
    fn head(&mut self, object: &Object) {
        if let Some(model) = object.text("model").filter(|model| !self.model_told && !model.is_empty()) {
            self.model = model.into_owned();
            self.model_told = true;
        }
        let created = || object.read("created").ok().flatten().filter(|created| *created > 0);
        self.created = self.created.or_else(created);
        if let Some(tier) = object.text("service_tier") {
            self.service_tier = service_tier(&tier);
        }
        if let Ok(Some(usage)) = object.read("usage") {
            self.usage = Some(usage);
        }
    }

    fn choice(&mut self, choice: &Object, says: &Object, finish: Option<&str>) -> Result<(), TooLong> {
        let logprobs: Option<&RawValue> = choice.read("logprobs").ok().flatten();
        self.output.say(says, logprobs)?;
        self.finish = match finish {
            None => self.finish,
            Some("length") => Some(Finish::CutOff("max_output_tokens")),
            Some("content_filter") => Some(Finish::CutOff("content_filter")),
            Some(_) => Some(Finish::Natural),
        };
        Ok(())
    }

    /// Ends all items, and says what has become of the response.
    fn finish(&mut self) -> State<'static> {
        match self.finish {
            Some(Finish::CutOff(reason)) => {
                self.output.finish(Status::Incomplete);
                State::Incomplete(reason)
            }
            Some(Finish::Natural) | None => {
                self.output.finish(Status::Completed);
                State::Completed
            }
        }
    }

    fn response<'a>(&'a self, state: &State<'a>) -> Response<'a> {
        let (status, completed_at, incomplete_details, error) = match state {
            State::InProgress => ("in_progress", None, None, None),
            State::Completed => ("completed", Some(self.clock.unix_seconds()), None, None),
            State::Incomplete(reason) => ("incomplete", None, Some(IncompleteDetails { reason }), None),
            State::Failed(failure) => ("failed", None, None, Some(Error::new(failure.error()))),
        };
        Response {
            id: &self.id,
            object: "response",
            created_at: self.created.unwrap_or_default(),
            status,
            completed_at,
            error,
            incomplete_details,
            model: &self.model,
            output: &self.output.items,
            service_tier: self.service_tier,
            usage: self.usage.as_ref().map(ResponseUsage::new),
            echo: &self.echo,
        }
    }

    /// An event that tells the whole response.
    fn tell(&mut self, kind: &'static str, state: &State<'_>) {
        // Taken out while what is around it is read.
        let mut events = std::mem::take(&mut self.output.events);
        let response = self.response(state);
        events.send(kind, &Event { response: Some(&response), ..Event::default() });
        self.output.events = events;
    }

    fn begin(&mut self) {
        if !std::mem::replace(&mut self.begun, true) {
            self.created.get_or_insert_with(|| self.clock.unix_seconds());
            self.output.events.wanted = true;
            self.tell("response.created", &State::InProgress);
            self.tell("response.in_progress", &State::InProgress);
        }
    }

    fn complete(&mut self) -> Flow {
        self.begin();
        let state = self.finish();
        let kind = match state {
            State::Incomplete(_) => "response.incomplete",
            _ => "response.completed",
        };
        self.tell(kind, &state);
        Flow::Over
    }

    /// Tells the failure in the shape of this API; there is no other event after it.
    fn fail(&mut self, failure: &Failure) -> Flow {
        self.begin();
        self.output.abandon();
        self.tell("response.failed", &State::Failed(failure));
        Flow::Over
    }

    fn chunk(&mut self, chunk: &Chunk) -> Result<(), TooLong> {
        self.head(chunk.object());
        self.begin();
        // There is no more than one answer here, whatever the provider sends.
        let choice = chunk.choices().iter().find(|choice| choice.index().unwrap_or_default() == 0);
        match choice {
            Some(choice) => self.choice(choice.object(), choice.delta(), choice.finish_reason().as_deref()),
            None => Ok(()),
        }
    }
}

impl Translate for Answer {
    fn whole(mut self: Box<Self>, body: Bytes) -> Result<Bytes, Failure> {
        let completion = Completion::parse(body).map_err(|_| errors::not_an_answer("no chat completion"))?;
        let choice = completion.choices().iter().find(|choice| choice.index().unwrap_or_default() == 0);
        let choice = choice.ok_or_else(|| errors::not_an_answer("a chat completion without a choice"))?;
        self.head(completion.object());
        self.created.get_or_insert_with(|| self.clock.unix_seconds());
        let says = self.choice(choice.object(), choice.message(), choice.finish_reason().as_deref());
        says.map_err(|TooLong| too_long())?;
        let state = self.finish();
        // Strings, numbers and JSON that has been read: writing them cannot fail.
        Ok(Bytes::from(serde_json::to_vec(&self.response(&state)).unwrap_or_default()))
    }

    fn event(&mut self, event: SseEvent, out: &mut Vec<SseEvent>) -> Flow {
        let flow = match event.data() {
            // A sign of life.
            None if event.is_terminated() => {
                out.push(event);
                Flow::Going
            }
            None | Some(b"") => Flow::Going,
            Some(_) if event.is_done() && self.begun => self.complete(),
            Some(_) if event.is_done() => self.fail(&errors::incomplete()),
            Some(data) => match event.chunk() {
                Some(chunk) if chunk.is_error() => self.fail(&errors::in_stream(data)),
                Some(chunk) => match self.chunk(chunk) {
                    Ok(()) => Flow::Going,
                    Err(TooLong) => self.fail(&too_long()),
                },
                // The end of the stream has cut it off, and will be told next.
                None if !event.is_terminated() => Flow::Going,
                None => self.fail(&errors::not_an_answer("no stream of chat completion chunks")),
            },
        };
        self.output.events.take(out);
        flow
    }

    fn end(&mut self, error: Option<BoxError>, out: &mut Vec<SseEvent>) -> Flow {
        let flow = match (self.finish, error) {
            // Only the farewell is missing.
            (Some(_), None) => self.complete(),
            _ => self.fail(&errors::incomplete()),
        };
        self.output.events.take(out);
        flow
    }
}

fn too_long() -> Failure {
    errors::not_an_answer("longer than any model's")
}

/// Shows nothing of what was asked or answered.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").field("id", &self.id).field("items", &self.output.items.len()).finish_non_exhaustive()
    }
}
