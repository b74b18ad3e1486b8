//! Remembers what an answer's calls came with.

use std::collections::BTreeMap;

use bytes::Bytes;
use llm_layers_core::{BoxError, Failure};
use llm_layers_wire::{
    json::{Array, Object},
    sse::Event,
};
use memchr::memmem;

use super::{Kept, Memory, Owner};
use crate::translate::{Flow, Translate};

/// A translation whose answers are looked at when they are done.
pub(crate) struct Remember {
    inner: Box<dyn Translate>,
    memory: Memory,
    owner: Owner,
    choices: BTreeMap<u64, Choice>,
    bytes: usize,
}

/// What a choice of a stream has said so far.
#[derive(Default)]
struct Choice {
    details: Vec<Bytes>,
    calls: BTreeMap<u64, Call>,
}

#[derive(Default)]
struct Call {
    id: Option<String>,
    extra: Option<Bytes>,
}

/// More than this is not kept of one answer: it would not fit into the memory anyway.
const MOST_BYTES: usize = 4 << 20;

impl Remember {
    /// A translation that remembers; the same as before where nothing is to be.
    pub(crate) fn wrap(inner: Box<dyn Translate>, memory: &Memory, owner: &Owner) -> Box<dyn Translate> {
        if memory.is_off() {
            return inner;
        }
        let (memory, owner) = (memory.clone(), owner.clone());
        Box::new(Self { inner, memory, owner, choices: BTreeMap::new(), bytes: 0 })
    }

    fn look(&mut self, event: &Event) {
        let Some(data) = event.data() else { return };
        // Most chunks hold text, and need no second look.
        let has = |name: &str| memmem::find(data, name.as_bytes()).is_some();
        let opens = has("\"tool_calls\"") && (has("\"name\"") || has("\"extra_content\""));
        if !opens && !has("\"reasoning_details\"") {
            return;
        }
        self.bytes += data.len();
        if self.bytes > MOST_BYTES {
            return;
        }
        let Some(chunk) = event.chunk() else { return };
        for choice in chunk.choices() {
            let state = self.choices.entry(choice.index().unwrap_or_default()).or_default();
            state.read(choice.delta());
        }
    }

    /// The answer is whole.
    fn keep(&mut self) {
        for choice in std::mem::take(&mut self.choices).into_values() {
            choice.keep(&self.memory, &self.owner);
        }
    }
}

impl Choice {
    /// A message, or a piece of one.
    fn read(&mut self, message: &Object) {
        let list = |object: &Object, name: &str| Array::parse(object.get_bytes(name)?).ok();
        self.details.extend(list(message, "reasoning_details").iter().flat_map(Array::iter));
        for (position, raw) in list(message, "tool_calls").iter().flat_map(Array::iter).enumerate() {
            let Ok(call) = Object::parse(raw) else { continue };
            let index = call.read("index").ok().flatten().unwrap_or(position as u64);
            let state = self.calls.entry(index).or_default();
            state.id = state.id.take().or_else(|| call.text("id").map(Into::into));
            state.extra = call.get_bytes("extra_content").or(state.extra.take());
        }
    }

    fn keep(self, memory: &Memory, owner: &Owner) {
        let details = (!self.details.is_empty())
            .then(|| Bytes::from([b"[".as_slice(), &self.details.join(&b','), b"]"].concat()));
        for call in self.calls.into_values() {
            // A copy: a slice would hold on to the whole answer that it is of.
            let extra = call.extra.map(|extra| Bytes::copy_from_slice(&extra));
            let kept = Kept { details: details.clone(), extra };
            if let (Some(id), true) = (call.id, kept != Kept::default()) {
                memory.put(owner, &id, kept);
            }
        }
    }
}

impl Translate for Remember {
    fn whole(self: Box<Self>, body: Bytes) -> Result<Bytes, Failure> {
        let Self { inner, memory, owner, .. } = *self;
        let answer = inner.whole(body)?;
        let is_worth_it = |name: &str| memmem::find(&answer, name.as_bytes()).is_some();
        if is_worth_it("\"tool_calls\"")
            && let Ok(completion) = Object::parse(answer.clone())
            && let Some(Ok(choices)) = completion.get_bytes("choices").map(Array::parse)
        {
            let message = |raw| Object::parse(Object::parse(raw).ok()?.get_bytes("message")?).ok();
            for message in choices.iter().filter_map(message) {
                let mut choice = Choice::default();
                choice.read(&message);
                choice.keep(&memory, &owner);
            }
        }
        Ok(answer)
    }

    fn event(&mut self, event: Event, out: &mut Vec<Event>) -> Flow {
        let before = out.len();
        let flow = self.inner.event(event, out);
        for event in out.get(before..).unwrap_or_default() {
            self.look(event);
        }
        if matches!(flow, Flow::Over) {
            self.keep();
        }
        flow
    }

    fn end(&mut self, error: Option<BoxError>, out: &mut Vec<Event>) -> Flow {
        let before = out.len();
        let flow = self.inner.end(error, out);
        for event in out.get(before..).unwrap_or_default() {
            self.look(event);
        }
        if matches!(flow, Flow::Over) {
            self.keep();
        }
        flow
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Says what it gets.
    struct Echo;

    impl Translate for Echo {
        fn whole(self: Box<Self>, body: Bytes) -> Result<Bytes, Failure> {
            Ok(body)
        }

        fn event(&mut self, event: Event, out: &mut Vec<Event>) -> Flow {
            let flow = if event.is_done() { Flow::Over } else { Flow::Going };
            out.push(event);
            flow
        }

        fn end(&mut self, _: Option<BoxError>, _: &mut Vec<Event>) -> Flow {
            Flow::Over
        }
    }

    fn chunk(delta: &str) -> Event {
        Event::new(format!(r#"{{"id":"c","choices":[{{"index":0,"delta":{delta},"finish_reason":null}}]}}"#))
    }

    #[test]
    fn a_stream_and_a_whole_answer_leave_the_same_behind() {
        let owner = Owner::new("p", Some("team"));
        let (streamed, whole) = (Memory::new(1 << 20), Memory::new(1 << 20));
        let mut out = Vec::new();
        let mut stream = Remember::wrap(Box::new(Echo), &streamed, &owner);
        for delta in [
            r#"{"role":"assistant","content":null}"#,
            r#"{"reasoning_details":[{"type":"reasoning.text","signature":"s"}]}"#,
            r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":""}}]}"#,
            r#"{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}"#,
            r#"{"tool_calls":[{"index":1,"id":"b","function":{"name":"f","arguments":"{}"},"extra_content":{"g":1}}]}"#,
        ] {
            stream.event(chunk(delta), &mut out);
        }
        assert!(streamed.get(&owner, "a").is_none(), "the answer may still fail");
        stream.event(Event::done(), &mut out);
        assert_eq!(out.len(), 6);

        let message = r#"{"reasoning_details":[{"type":"reasoning.text","signature":"s"}],"tool_calls":[{"id":"a"},{"id":"b","extra_content":{"g":1}}]}"#;
        let body = format!(r#"{{"choices":[{{"index":0,"message":{message}}}]}}"#);
        Remember::wrap(Box::new(Echo), &whole, &owner).whole(Bytes::from(body)).expect("an answer");
        for id in ["a", "b"] {
            let kept = whole.get(&owner, id).expect("it is remembered");
            assert_eq!(streamed.get(&owner, id), Some(kept), "{id}");
        }
        assert_eq!(whole.get(&owner, "b").and_then(|kept| kept.extra), Some(Bytes::from_static(b"{\"g\":1}")));
    }
}
