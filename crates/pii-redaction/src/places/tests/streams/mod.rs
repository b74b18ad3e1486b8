mod any;
mod ends;
mod texts;
mod whole;

use std::{cell::RefCell, collections::BTreeMap};

use llm_layers_wire::sse::{Decoder, Event};

use super::*;
use crate::places::stream::{Channel, Deltas, Kind, Stream};

/// Without what JSON would escape: the escaping is the visitor's, and tested with it.
const TOKEN: &str = "<EMAIL_7f3a>";
const VALUE: &str = "anna@posteo.example";

/// Puts the value back, and holds what may be the beginning of a token.
#[derive(Default)]
struct Holder {
    held: BTreeMap<Channel, String>,
    ended: Vec<(Channel, String)>,
    whole: Vec<String>,
    sealed: BTreeMap<Channel, String>,
}

impl Visit for Holder {
    fn text(&mut self, text: &Text<'_>, place: Place) -> Option<String> {
        if place.sealed {
            return None;
        }
        self.whole.push(text.text.to_owned());
        text.text.contains(TOKEN).then(|| text.text.replace(TOKEN, VALUE))
    }
}

impl Deltas for Holder {
    fn delta(&mut self, channel: Channel, piece: &str) -> Option<String> {
        if channel.is_sealed() {
            self.sealed.entry(channel).or_default().push_str(piece);
        }
        let held = self.held.entry(channel).or_default();
        let text = format!("{held}{piece}").replace(TOKEN, VALUE);
        let keep = (1..TOKEN.len()).rev().find(|keep| text.ends_with(&TOKEN[..*keep])).unwrap_or(0);
        let (out, rest) = text.split_at(text.len() - keep);
        *held = rest.to_owned();
        (out != piece).then(|| out.to_owned())
    }

    fn end(&mut self, channel: Channel) -> String {
        let held = self.held.remove(&channel).unwrap_or_default();
        self.ended.push((channel, held.clone()));
        held
    }
}

fn events(stream: &str) -> Vec<Event> {
    let mut decoder = Decoder::default();
    decoder.push(stream.to_owned().into());
    std::iter::from_fn(|| decoder.next().unwrap()).collect()
}

fn run(operation: Operation, stream: &str, deltas: &mut impl Deltas) -> (Vec<Event>, String) {
    let (mut walk, mut out) = (Stream::new(operation), Vec::new());
    for event in events(stream) {
        walk.event(event, deltas, &mut out);
    }
    walk.finish(deltas, &mut out);
    let text = out.iter().map(|event| String::from_utf8(event.to_bytes().to_vec()).unwrap()).collect();
    (out, text)
}

/// What a client makes of a stream: running texts joined, and how often each choice was finished before its text was.
fn client(operation: Operation, stream: &str) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::<String, String>::new();
    let over = RefCell::new(Vec::new());
    let mut last = None;
    for event in events(stream) {
        let Ok(data) = serde_json::from_slice::<Value>(event.data().unwrap_or(b"-")) else { continue };
        let mut add = |name: String, text: &Value| {
            let of = name.split(' ').next().unwrap().to_owned();
            if let Some(text) = text.as_str() {
                assert!(text.is_empty() || !over.borrow().contains(&of), "{name} after its end: {stream}");
                texts.entry(name).or_default().push_str(text);
            }
        };
        match operation {
            Operation::Response => {
                let number = data["sequence_number"].as_u64();
                assert!(number > last || number.is_none(), "{stream}");
                last = number.or(last);
                let kind = data["type"].as_str().unwrap();
                assert!(event.name().is_none_or(|name| name == kind.as_bytes()));
                let of = format!("{}", data["output_index"]);
                match kind.rsplit_once('.') {
                    Some((what, "delta")) => add(format!("{of} {what} {}", data["content_index"]), &data["delta"]),
                    Some((what, "done")) if data["text"].is_string() => {
                        let text = &texts[&format!("{of} {what} {}", data["content_index"])];
                        assert_eq!(data["text"], *text, "{stream}");
                    }
                    Some(("response.output_item", "done")) => over.borrow_mut().push(of),
                    _ => {}
                }
            }
            Operation::Message => {
                let of = data["index"].to_string();
                match data["type"].as_str().unwrap() {
                    "content_block_start" => add(format!("{of} text"), &data["content_block"]["text"]),
                    "content_block_delta" => {
                        for name in ["text", "partial_json", "thinking", "signature"] {
                            add(format!("{of} {name}"), &data["delta"][name]);
                        }
                    }
                    "content_block_stop" => over.borrow_mut().push(of),
                    _ => {}
                }
            }
            _ => {
                for choice in data["choices"].as_array().into_iter().flatten() {
                    let of = choice["index"].to_string();
                    let delta = &choice["delta"];
                    add(format!("{of} text"), &choice["text"]);
                    for name in ["role", "content", "refusal", "reasoning", "reasoning_content"] {
                        add(format!("{of} {name}"), &delta[name]);
                    }
                    for part in delta["content"].as_array().into_iter().flatten() {
                        add(format!("{of} content"), &part["text"]);
                    }
                    add(format!("{of} transcript"), &delta["audio"]["transcript"]);
                    add(format!("{of} function_call"), &delta["function_call"]["arguments"]);
                    for call in delta["tool_calls"].as_array().into_iter().flatten() {
                        let index = &call["index"];
                        add(format!("{of} name {index}"), &call["function"]["name"]);
                        add(format!("{of} arguments {index}"), &call["function"]["arguments"]);
                        add(format!("{of} input {index}"), &call["custom"]["input"]);
                    }
                    if choice["finish_reason"].is_string() {
                        over.borrow_mut().push(of);
                    }
                }
            }
        }
    }
    texts
}

/// A stream of pieces: `§` in the row is one, and stands in an event that is sent for each.
fn stream(events: &[&str], pieces: &[&str]) -> String {
    let mut out = String::new();
    for event in events {
        let data = |data: &str| match serde_json::from_str::<Value>(data)
            .ok()
            .and_then(|data| data["type"].as_str().map(str::to_owned))
        {
            Some(name) => format!("event: {name}\ndata: {data}\n\n"),
            None => format!("data: {data}\n\n"),
        };
        if event.contains('§') {
            for piece in pieces {
                let piece = serde_json::to_string(piece).unwrap();
                out.push_str(&data(&event.replace('§', &piece[1..piece.len() - 1])));
            }
        } else {
            out.push_str(&data(event));
        }
    }
    let mut number = 0;
    while let Some(at) = out.find("№") {
        out.replace_range(at..at + "№".len(), &number.to_string());
        number += 1;
    }
    out
}

/// Cut in two at every place, and in three with a short piece between.
fn every_cut(text: &str) -> Vec<Vec<&str>> {
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    let mut cuts = vec![vec![text]];
    for (index, &first) in places.iter().enumerate() {
        cuts.push(vec![&text[..first], &text[first..]]);
        for &second in places[index..].iter().take(4) {
            cuts.push(vec![&text[..first], &text[first..second], &text[second..]]);
        }
    }
    cuts
}

const CHAT: [&str; 5] = [
    r#"{"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}"#,
    r#"{"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"§"},"logprobs":null,"finish_reason":null}],"usage":null}"#,
    r#"{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}"#,
    r#"{"id":"c","choices":[],"usage":{"total_tokens":3}}"#,
    "[DONE]",
];

const CALLS: [&str; 5] = [
    r#"{"id":"c","choices":[{"index":1,"delta":{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}]}}]}"#,
    r#"{"id":"c","choices":[{"index":1,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"§"}},{"index":1,"custom":{"input":"§"}}]}}]}"#,
    r#"{"id":"c","choices":[{"index":1,"delta":{"tool_calls":[{"index":2,"id":"b","function":{"name":"g","arguments":"§"}}]}},{"index":0,"delta":{"content":"§"}}]}"#,
    r#"{"id":"c","choices":[{"index":1,"delta":{"content":".","tool_calls":[{"index":0,"function":{"arguments":"."}}]},"finish_reason":"tool_calls"}]}"#,
    "[DONE]",
];

const RESPONSES: [&str; 13] = [
    r#"{"type":"response.created","sequence_number":№,"response":{"id":"r","output":[]}}"#,
    r#"{"type":"response.output_item.added","sequence_number":№,"output_index":0,"item":{"type":"reasoning","summary":[]}}"#,
    r#"{"type":"response.reasoning_summary_text.delta","sequence_number":№,"item_id":"i","output_index":0,"summary_index":0,"delta":"§"}"#,
    r#"{"type":"response.output_item.done","sequence_number":№,"output_index":0,"item":{"type":"reasoning"}}"#,
    r#"{"type":"response.output_text.delta","sequence_number":№,"item_id":"j","output_index":1,"content_index":0,"delta":"§","logprobs":[],"obfuscation":"xyz"}"#,
    r#"{"type":"response.output_text.delta","sequence_number":№,"item_id":"j","output_index":1,"content_index":1,"delta":"§","logprobs":[]}"#,
    r#"{"type":"response.content_part.done","sequence_number":№,"output_index":1,"content_index":0,"part":{"type":"output_text","text":"-"}}"#,
    r#"{"type":"response.output_item.done","sequence_number":№,"output_index":1,"item":{"type":"message","content":[]}}"#,
    r#"{"type":"response.function_call_arguments.delta","sequence_number":№,"item_id":"k","output_index":2,"delta":"§"}"#,
    r#"{"type":"response.function_call_arguments.done","sequence_number":№,"item_id":"k","output_index":2,"arguments":"{}"}"#,
    r#"{"type":"response.custom_tool_call_input.delta","sequence_number":№,"item_id":"l","output_index":3,"delta":"§"}"#,
    r#"{"type":"response.refusal.delta","sequence_number":№,"item_id":"m","output_index":4,"content_index":0,"delta":"§"}"#,
    r#"{"type":"response.completed","sequence_number":№,"response":{"id":"r","output":[]}}"#,
];

const MESSAGES: [&str; 9] = [
    r#"{"type":"message_start","message":{"id":"m","content":[],"usage":{"input_tokens":1}}}"#,
    r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"§"}}"#,
    r#"{"type":"ping"}"#,
    r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"§"}}"#,
    r#"{"type":"content_block_stop","index":0}"#,
    r#"{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"§"}}"#,
    r#"{"type":"content_block_stop","index":1}"#,
    r#"{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":2}}"#,
    r#"{"type":"message_stop"}"#,
];

const COMPLETIONS: [&str; 3] = [
    r#"{"id":"c","object":"text_completion","choices":[{"index":0,"text":"§","finish_reason":null}]}"#,
    r#"{"id":"c","object":"text_completion","choices":[{"index":0,"text":"","finish_reason":"stop"}]}"#,
    "[DONE]",
];

const REASONING: [&str; 3] = [
    r#"{"id":"c","choices":[{"index":0,"delta":{"reasoning_content":"§"}}]}"#,
    r#"{"id":"c","choices":[{"index":0,"delta":{"content":"§"}}]}"#,
    r#"{"id":"c","choices":[{"index":0,"delta":{"refusal":"§"}},{"index":1,"delta":{"function_call":{"arguments":"§"}}},{"index":2,"delta":{"audio":{"transcript":"§"}}}]}"#,
];

const PARTS: [&str; 4] = [
    r#"{"id":"c","choices":[{"index":0,"delta":{"content":"§"}}]}"#,
    r#"{"id":"c","choices":[{"index":0,"delta":{"content":[{"type":"text","text":"§"}]}}]}"#,
    r#"{"id":"c","choices":[{"index":0,"delta":{"content":[{"type":"text","text":"§"},{"type":"reference","reference_ids":[1]},{"type":"text","text":"§"}]}}]}"#,
    r#"{"id":"c","choices":[{"index":0,"delta":{"content":[{"type":"text","text":"_"},{"type":"text","text":"."}]},"finish_reason":"stop"}]}"#,
];

const ALL: [(Operation, &[&str]); 7] = [
    (Operation::ChatCompletion, &PARTS),
    (Operation::ChatCompletion, &CHAT),
    (Operation::ChatCompletion, &CALLS),
    (Operation::ChatCompletion, &REASONING),
    (Operation::Completion, &COMPLETIONS),
    (Operation::Response, &RESPONSES),
    (Operation::Message, &MESSAGES),
];

fn sent(operation: Operation, rows: &[&str], pieces: &[&str]) -> Vec<String> {
    let (out, _) = run(operation, &stream(rows, pieces), &mut Holder::default());
    out.iter().map(|event| String::from_utf8(event.data().unwrap_or_default().to_vec()).unwrap()).collect()
}
