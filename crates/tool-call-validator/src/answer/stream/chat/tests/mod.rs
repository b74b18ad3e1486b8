mod asking;
mod calls;
mod hostile;
mod property;
mod texts;

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use llm_layers_core::Operation;
use llm_layers_testkit::split::{Splits, assert_same};
use llm_layers_wire::{
    json::Object,
    sse::{Decoder, Event},
};
use serde_json::{Value, json};

use super::*;
use crate::{Reason, Repair, contract::Reader};

/// A chat with two functions and a custom tool.
const TOOLS: &str = r#""tools":[
    {"type":"function","function":{"name":"get_weather","parameters":{"type":"object","properties":
        {"city":{"type":"string"},"days":{"type":"integer"}},"required":["city"],"additionalProperties":false}}},
    {"type":"function","function":{"name":"send_mail","parameters":{"type":"object","properties":
        {"to":{"type":"string"}},"required":["to"]}}},
    {"type":"custom","custom":{"name":"run"}}]"#;

/// Text that must be an object with a number.
const FORMAT: &str = r#""response_format":{"type":"json_schema","json_schema":{"name":"n","schema":
    {"type":"object","properties":{"n":{"type":"integer"}},"required":["n"],"additionalProperties":false}}}"#;

/// How a stream is checked.
#[derive(Clone)]
struct Case {
    contract: Arc<Contract>,
    settings: Arc<Settings>,
    reasks: u32,
    spent: Option<Bytes>,
}

/// What became of a stream.
#[derive(Debug, PartialEq)]
struct Became {
    text: String,
    end: Ended,
}

#[derive(Debug, PartialEq)]
enum Ended {
    Well,
    /// With an error of this code.
    Stopped(String),
    /// The model is asked again: the calls and texts that it made, and what was used.
    Asked(Vec<String>, Option<String>),
}

impl Case {
    /// A chat that asks for this.
    fn of(members: &str) -> Self {
        let settings = Settings::default();
        let object = Object::parse(format!("{{\"stream\":true,{members}}}")).unwrap();
        let reader = Reader { schemas: &settings.schemas, strict: true };
        let contract = Contract::read(Operation::ChatCompletion, &object, &reader).unwrap().unwrap();
        Self { contract: Arc::new(contract), settings: Arc::new(settings), reasks: 0, spent: None }
    }

    fn tools() -> Self {
        Self::of(TOOLS)
    }

    fn set(mut self, set: impl FnOnce(&mut Settings)) -> Self {
        set(Arc::make_mut(&mut self.settings));
        self
    }

    fn policy(self, policy: Policy) -> Self {
        self.set(|settings| settings.default_policy = policy)
    }

    fn shape(&self) -> Box<dyn Shape> {
        shape(&self.contract, &self.settings, self.reasks, self.spent.clone())
    }

    /// What becomes of a stream, however it is cut.
    #[track_caller]
    fn run(&self, stream: &str) -> (Became, Outcome) {
        let mut outcome = Outcome::default();
        let became = assert_same(&Splits::of(stream.to_owned()).work(60_000), |pieces| {
            let (became, of_it) = self.run_pieces(pieces);
            outcome = of_it;
            became
        });
        (became, outcome)
    }

    fn run_pieces(&self, pieces: &[Bytes]) -> (Became, Outcome) {
        let (mut shape, mut out) = (self.shape(), Vec::new());
        let mut flow = Flow::On;
        for event in events(pieces) {
            flow = shape.event(event, &mut out);
            if !matches!(flow, Flow::On) {
                break;
            }
        }
        if matches!(flow, Flow::On) {
            flow = shape.finish(&mut out);
        }
        let became = became(&out, flow);
        (became, shape.outcome())
    }

    /// A valid stream that goes on byte for byte.
    #[track_caller]
    fn passes(&self, stream: &str) -> Outcome {
        let (became, outcome) = self.run(stream);
        assert_eq!(became.text, stream);
        assert_eq!(became.end, Ended::Well);
        assert_eq!((outcome.invalid, outcome.faults.len(), outcome.repaired.len()), (0, 0, 0));
        outcome
    }

    /// A stream that ends in an error with these reasons; what has gone out before.
    #[track_caller]
    fn stops(&self, stream: &str, reasons: &[Reason]) -> Client {
        let (became, outcome) = self.run(stream);
        let found: Vec<_> = outcome.faults.iter().map(|fault| fault.reason).collect();
        assert_eq!(found, reasons, "{became:?}");
        assert_eq!(became.end, Ended::Stopped("invalid_tool_call".into()), "{became:?}");
        Client::of(&became.text)
    }

    /// A stream that is mended like this; what the client makes of it.
    #[track_caller]
    fn mends(&self, stream: &str, repairs: &[Repair]) -> Client {
        let (became, outcome) = self.run(stream);
        assert_eq!((&became.end, &outcome.faults[..]), (&Ended::Well, &[][..]), "{became:?}");
        let found: Vec<_> = outcome.repaired.iter().flat_map(|repaired| repaired.repairs.iter().copied()).collect();
        assert_eq!(found, repairs);
        Client::of(&became.text)
    }
}

fn events(pieces: &[Bytes]) -> Vec<Event> {
    let (mut decoder, mut events) = (Decoder::default(), Vec::new());
    for piece in pieces {
        decoder.push(piece.clone());
        events.extend(std::iter::from_fn(|| decoder.next().unwrap()));
    }
    events.extend(decoder.finish().unwrap());
    events
}

fn became(out: &[Event], flow: Flow) -> Became {
    let text: String = out.iter().map(|event| String::from_utf8(event.to_bytes().to_vec()).unwrap()).collect();
    let text = same_ids(&text);
    let end = match flow {
        Flow::On => Ended::Well,
        Flow::Stop(failure) => Ended::Stopped(failure.error().code.clone().unwrap()),
        Flow::Ask(again) => {
            let calls = again.turn.calls.iter().map(|call| format!("{}({})", call.name, call.arguments));
            let said = calls.chain(again.turn.text.map(Into::into)).collect();
            Ended::Asked(said, again.usage.map(|usage| String::from_utf8(usage.to_vec()).unwrap()))
        }
    };
    Became { text, end }
}

/// The text with one id in place of those made up: they differ each time.
fn same_ids(text: &str) -> String {
    let mut parts = text.split("\"call_");
    let mut same = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find('"').unwrap_or_default();
        let id = if end == 24 { "new" } else { &part[..end] };
        same.push_str(&format!("\"call_{id}{}", &part[end..]));
    }
    same
}

/// What a client like OpenAI's makes of a stream.
#[derive(Debug, Default, PartialEq)]
struct Client {
    /// Of each choice, by the names of members.
    texts: BTreeMap<String, String>,
    /// `choice.index id name(arguments)`.
    calls: Vec<String>,
    finish: BTreeMap<u64, String>,
    usage: Option<Value>,
    comments: Vec<String>,
    is_done: bool,
}

impl Client {
    #[track_caller]
    fn of(stream: &str) -> Self {
        Self::joined(stream, true)
    }

    /// From a stream whose calls are numbered one by one, or at least have an index each.
    #[track_caller]
    fn joined(stream: &str, is_dense: bool) -> Self {
        let mut client = Self::default();
        let mut calls = BTreeMap::<(u64, u64), [String; 3]>::new();
        for event in events(&[Bytes::copy_from_slice(stream.as_bytes())]) {
            let Some(data) = event.data() else {
                client.comments.push(String::from_utf8(event.to_bytes().to_vec()).unwrap().trim().to_owned());
                continue;
            };
            if event.is_done() {
                client.is_done = true;
                continue;
            }
            let chunk: Value = serde_json::from_slice(data).unwrap();
            if chunk["usage"].is_object() {
                assert_eq!(client.usage.replace(chunk["usage"].clone()), None, "used twice: {stream}");
            }
            for choice in chunk["choices"].as_array().into_iter().flatten() {
                let of = choice["index"].as_u64().unwrap();
                assert!(!client.finish.contains_key(&of), "goes on behind its end: {stream}");
                for (name, value) in choice["delta"].as_object().into_iter().flatten() {
                    if let Some(text) = value.as_str().filter(|text| !text.is_empty()) {
                        client.texts.entry(format!("{of} {name}")).or_default().push_str(text);
                    }
                }
                let legacy = &choice["delta"]["function_call"];
                let items = choice["delta"]["tool_calls"].as_array().into_iter().flatten();
                for item in items.chain(legacy.is_object().then_some(legacy)) {
                    let is_legacy = std::ptr::eq(item, legacy);
                    let index = if is_legacy { 99 } else { item["index"].as_u64().expect("an index") };
                    let next = calls.keys().filter(|(other, _)| *other == of).count() as u64;
                    assert!(is_legacy || !is_dense || index <= next, "not dense: {stream}");
                    let called =
                        [&item["function"], &item["custom"], item].into_iter().find(|called| called.is_object());
                    let called = called.unwrap();
                    let call = calls.entry((of, index)).or_default();
                    for (to, from) in call.iter_mut().zip([&item["id"], &called["name"], &called["arguments"]]) {
                        to.push_str(from.as_str().unwrap_or_default());
                    }
                    call[2].push_str(called["input"].as_str().unwrap_or_default());
                }
                if let Some(reason) = choice["finish_reason"].as_str().filter(|reason| !reason.is_empty()) {
                    client.finish.insert(of, reason.to_owned());
                }
            }
        }
        client.calls =
            calls.into_iter().map(|((of, at), [id, name, text])| format!("{of}.{at} {id} {name}({text})")).collect();
        client
    }

    fn text(&self) -> &str {
        self.texts.get("0 content").map_or("", String::as_str)
    }
}

/// A stream of chunks of choice 0, each a delta and perhaps a reason for the end, with `[DONE]`.
fn stream(deltas: &[(&str, &str)]) -> String {
    let chunks: String = deltas.iter().map(|(delta, finish)| chunk(0, delta, finish)).collect();
    format!("{chunks}data: [DONE]\n\n")
}

fn chunk(of: u32, delta: &str, finish: &str) -> String {
    let finish = if finish.is_empty() { "null".to_owned() } else { format!("\"{finish}\"") };
    format!("data: {{\"id\":\"c\",\"choices\":[{{\"index\":{of},\"delta\":{delta},\"finish_reason\":{finish}}}]}}\n\n")
}

/// The delta that opens a call.
fn opens(index: u32, name: &str, text: &str) -> String {
    let text = json!(text);
    format!(
        r#"{{"tool_calls":[{{"index":{index},"id":"call_{index}","type":"function","function":{{"name":"{name}","arguments":{text}}}}}]}}"#
    )
}

/// The delta that goes on with one.
fn more(index: u32, text: &str) -> String {
    let text = json!(text);
    format!(r#"{{"tool_calls":[{{"index":{index},"function":{{"arguments":{text}}}}}]}}"#)
}

const ROLE: &str = r#"{"role":"assistant","content":null}"#;

/// A stream with a call of the weather in two pieces.
fn weather(first: &str, second: &str, finish: &str) -> String {
    let (first, second) = (opens(0, "get_weather", first), more(0, second));
    stream(&[(ROLE, ""), (&first, ""), (&second, ""), ("{}", finish)])
}
