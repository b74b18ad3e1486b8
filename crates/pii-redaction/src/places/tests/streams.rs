use std::{cell::RefCell, collections::BTreeMap};

use llm_layers_wire::sse::{Decoder, Event};
use proptest::prelude::*;

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

const ALL: [(Operation, &[&str]); 6] = [
    (Operation::ChatCompletion, &CHAT),
    (Operation::ChatCompletion, &CALLS),
    (Operation::ChatCompletion, &REASONING),
    (Operation::Completion, &COMPLETIONS),
    (Operation::Response, &RESPONSES),
    (Operation::Message, &MESSAGES),
];

#[test]
fn a_token_cut_anywhere_is_put_back() {
    for (operation, rows) in ALL {
        for text in ["to <EMAIL_7f3a>, ok", "<EMAIL_7f3a><EMAIL_7f3a>", "é <EMAIL_7f", "<EMAIL_7f3a>\n<"] {
            for pieces in every_cut(text) {
                let came = stream(rows, &pieces);
                let (_, sent) = run(operation, &came, &mut Holder::default());
                let mut expected = client(operation, &came);
                expected.values_mut().for_each(|text| *text = text.replace(TOKEN, VALUE));
                assert_eq!(client(operation, &sent), expected, "{pieces:?}\n{came}\n{sent}");
            }
        }
    }
}

#[test]
fn what_changes_nothing_leaves_every_byte() {
    for (operation, rows) in ALL {
        let came = stream(rows, &["a ", "é\n{} \"", "", "b"]).replace("data: {", ": ping\nid: 7\ndata:  {");
        let mut holder = Holder::default();
        let (_, sent) = run(operation, &came, &mut holder);
        assert_eq!(sent, came);
    }
}

#[test]
fn every_text_that_began_is_ended_once() {
    for (operation, rows) in ALL {
        let mut holder = Holder::default();
        let (out, _) = run(operation, &stream(rows, &["a<EM"]), &mut holder);
        assert!(holder.held.is_empty());
        let mut ended: Vec<_> = holder.ended.iter().map(|(channel, _)| *channel).collect();
        let count = ended.len();
        ended.sort();
        ended.dedup();
        assert_eq!(count, ended.len(), "{:?}", holder.ended);
        assert!(out.len() > rows.len() - 2);
    }
}

fn sent(operation: Operation, rows: &[&str], pieces: &[&str]) -> Vec<String> {
    let (out, _) = run(operation, &stream(rows, pieces), &mut Holder::default());
    out.iter().map(|event| String::from_utf8(event.data().unwrap_or_default().to_vec()).unwrap()).collect()
}

#[test]
fn an_event_that_holds_nothing_more_is_left_out() {
    let rows = [r#"{"choices":[{"index":0,"delta":{"content":"§"}}]}"#];
    assert_eq!(
        sent(Operation::ChatCompletion, &rows, &["<EM", "AIL", "_7f3a>"]),
        [r#"{"choices":[{"index":0,"delta":{"content":"anna@posteo.example"}}]}"#]
    );
    // The role, the end, the usage, the name of a call and probabilities stay.
    for (row, emptied) in [
        (r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":"§"}}]}"#, 1),
        (r#"{"choices":[{"index":0,"delta":{"content":"§"}}],"usage":{"total_tokens":1}}"#, 1),
        (r#"{"choices":[{"index":0,"delta":{"content":"§"},"logprobs":{"content":[]}}]}"#, 1),
        (
            r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"§"}}]}}]}"#,
            1,
        ),
        (r#"{"choices":[{"index":0,"delta":{"content":"§"}},{"index":1,"delta":{"content":"x"}}]}"#, 1),
        (r#"{"choices":[{"index":0,"delta":{"content":"§"}},{"index":1,"delta":{}}]}"#, 0),
        (r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"§"}}]}}]}"#, 0),
    ] {
        let sent = sent(Operation::ChatCompletion, &[row], &["<EM"]);
        assert_eq!(sent.len(), 1 + emptied, "{sent:?}");
        if emptied == 1 {
            assert_eq!(sent[0], row.replace('§', ""));
        }
    }
}

#[test]
fn what_is_held_comes_before_the_end_and_in_its_shape() {
    assert_eq!(
        sent(Operation::ChatCompletion, &CHAT, &["a <E"]),
        [
            CHAT[0].to_owned(),
            CHAT[1].replace('§', "a "),
            r#"{"id":"c","model":"m","choices":[{"delta":{"content":"<E"},"finish_reason":null,"index":0}],"usage":null}"#.to_owned(),
            CHAT[2].to_owned(),
            CHAT[3].to_owned(),
            CHAT[4].to_owned(),
        ]
    );
    // In the event that ends the choice, where that has a piece of the text.
    let rows = [r#"{"choices":[{"index":0,"delta":{"content":"§"},"finish_reason":"length"}]}"#];
    assert_eq!(sent(Operation::ChatCompletion, &rows, &["a <E"]), [rows[0].replace('§', "a <E")]);
    assert_eq!(
        sent(Operation::Message, &MESSAGES[3..5], &["a <E"]),
        [
            MESSAGES[3].replace('§', "a "),
            r#"{"delta":{"text":"<E","type":"text_delta"},"index":0,"type":"content_block_delta"}"#.to_owned(),
            MESSAGES[4].to_owned(),
        ]
    );
    assert_eq!(
        sent(Operation::Completion, &COMPLETIONS[..1], &["<E"]),
        [
            r#"{"id":"c","object":"text_completion","choices":[{"finish_reason":null,"index":0,"logprobs":null,"text":"<E"}]}"#
        ]
    );
}

#[test]
fn a_reason_that_is_empty_is_none() {
    let row = r#"{"choices":[{"index":0,"delta":{"content":"§"},"finish_reason":""}]}"#;
    let sent = sent(Operation::ChatCompletion, &[row], &["a <EM", "AIL_7f3a>"]);
    assert_eq!(sent, [row.replace('§', "a "), row.replace('§', VALUE)]);
}

#[test]
fn numbers_of_events_go_up() {
    let row = r#"{"type":"response.output_text.delta","sequence_number":№,"output_index":0,"content_index":0,"delta":"§","logprobs":[],"obfuscation":"x"}"#;
    let done =
        r#"{"type":"response.output_text.done","sequence_number":№,"output_index":0,"content_index":0,"text":"b"}"#;
    let numbers = |pieces: &[&str]| -> Vec<u64> {
        let sent = sent(Operation::Response, &[row, done, done, done], pieces);
        assert!(sent.iter().filter(|event| event.contains("delta\"")).all(|event| event.contains("\"logprobs\":[]")));
        sent.iter()
            .map(|event| serde_json::from_str::<Value>(event).unwrap()["sequence_number"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(numbers(&["a", "b"]), [0, 1, 2, 3, 4]);
    // One was put in, and those after it moved.
    assert_eq!(numbers(&["a", "b<E"]), [0, 1, 2, 3, 4, 5]);
    // One was left out, and the one that was put in took its number.
    assert_eq!(numbers(&["a", "<E"]), [0, 1, 2, 3, 4]);
    // Two were left out, and those after them moved.
    assert_eq!(numbers(&["a", "<E", "MAIL", "_7f3a>"]), [0, 1, 2, 3, 4]);
}

#[test]
fn what_stands_whole_in_an_event_is_shown() {
    for (operation, row) in [
        (Operation::Response, r#"{"type":"response.output_text.done","output_index":0,"content_index":0,"text":"§"}"#),
        (
            Operation::Response,
            r#"{"type":"response.function_call_arguments.done","output_index":0,"arguments":"{\"a\":\"§\"}"}"#,
        ),
        (
            Operation::Response,
            r#"{"type":"response.output_item.done","output_index":0,"item":{"type":"message","content":[{"type":"output_text","text":"§"}]}}"#,
        ),
        (Operation::Response, r#"{"type":"response.content_part.done","part":{"type":"refusal","refusal":"§"}}"#),
        (
            Operation::Response,
            r#"{"type":"response.output_text.annotation.added","annotation":{"type":"url_citation","title":"§"}}"#,
        ),
        (Operation::Response, r#"{"type":"response.created","response":{"id":"r","instructions":"§","output":[]}}"#),
        (
            Operation::Response,
            r#"{"type":"response.completed","response":{"output":[{"type":"function_call","arguments":"[\"§\"]"}]}}"#,
        ),
        (Operation::Response, r#"{"type":"response.invented.delta","delta":"§"}"#),
        (Operation::Response, r#"{"type":"error","message":"§"}"#),
        (
            Operation::Message,
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"f","input":{"a":"§"}}}"#,
        ),
        (
            Operation::Message,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"citations_delta","citation":{"cited_text":"§"}}}"#,
        ),
        (Operation::Message, r#"{"type":"message_delta","delta":{"stop_reason":"stop_sequence","stop_sequence":"§"}}"#),
        (Operation::Message, r#"{"type":"message_start","message":{"content":[{"type":"text","text":"§"}]}}"#),
        (Operation::Message, r#"{"type":"error","error":{"type":"e","message":"§"}}"#),
        (Operation::ChatCompletion, r#"{"error":{"message":"§"}}"#),
        (Operation::ChatCompletion, r#"{"choices":7,"x":"§"}"#),
        (Operation::ChatCompletion, r#"{"choices":[7],"x":"§"}"#),
        (Operation::ChatCompletion, r#"{"choices":[{"index":0,"delta":{"content":[{"type":"text","text":"§"}]}}]}"#),
        (
            Operation::ChatCompletion,
            r#"{"choices":[{"index":0,"delta":{"annotations":[{"url_citation":{"title":"§"}}]}}]}"#,
        ),
        (Operation::ChatCompletion, r#"{"choices":[{"index":0,"delta":{},"invented":"§"}]}"#),
        (Operation::ChatCompletion, r#"{"choices":[{"index":0,"message":{"content":"§"}}]}"#),
        (Operation::ChatCompletion, r#"{"choices":[],"citations":["https://a.example/§"]}"#),
        (Operation::ChatCompletion, "no JSON: §"),
    ] {
        assert_eq!(sent(operation, &[row], &[TOKEN]), [row.replace('§', VALUE)], "{row}");
    }
}

#[test]
fn what_will_be_signed_goes_by() {
    for (operation, row) in [
        (
            Operation::Message,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"§"}}"#,
        ),
        (
            Operation::Message,
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"§","signature":""}}"#,
        ),
        (
            Operation::ChatCompletion,
            r#"{"choices":[{"index":0,"delta":{"reasoning_details":[{"type":"reasoning.text","text":"§"}]}}]}"#,
        ),
        (
            Operation::ChatCompletion,
            r#"{"id":"§","choices":[{"index":0,"delta":{},"logprobs":{"content":[{"token":"§"}]}}]}"#,
        ),
        (Operation::Response, r#"{"type":"response.audio.delta","delta":"§"}"#),
    ] {
        assert_eq!(sent(operation, &[row], &[TOKEN]), [row.replace('§', TOKEN)], "{row}");
    }
}

#[test]
fn a_thought_is_over_when_the_answer_begins() {
    let events = sent(Operation::ChatCompletion, &REASONING[..2], &["a<"]);
    let kinds: Vec<_> = events.iter().map(|event| event.contains("reasoning_content")).collect();
    assert_eq!(kinds, [true, true, false, false]);
    let json = Channel { of: 0, kind: Kind::Arguments, part: 0 };
    assert!(json.is_json() && !Channel { kind: Kind::CustomInput, ..json }.is_json());
}

#[test]
fn escapes_in_pieces_are_read_and_written() {
    let row = r#"{"choices":[{"index":0,"delta":{"content":"\u003cEMAIL\u005f7f3a> \ud800\n"}}]}"#;
    assert_eq!(
        sent(Operation::ChatCompletion, &[row], &[]),
        ["{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"anna@posteo.example \u{200b}\\n\"}}]}"]
    );
}

#[test]
fn more_texts_than_an_answer_has_are_not_remembered() {
    let rows: String = (0..3000)
        .map(|index| format!("data: {{\"choices\":[{{\"index\":{index},\"delta\":{{\"content\":\"<E\"}}}}]}}\n\n"))
        .collect();
    let mut holder = Holder::default();
    let mut walk = Stream::new(Operation::ChatCompletion);
    let mut out = Vec::new();
    for event in events(&rows) {
        walk.event(event, &mut holder, &mut out);
        assert!(holder.held.len() <= 1025);
    }
    assert_eq!(out.len(), 3000 - 1024);
    walk.finish(&mut holder, &mut out);
    assert_eq!(out.len(), 3000);
}

/// Values in the places where a provider has its own, and in others.
fn event_data() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<u32>().prop_map(Value::from),
        prop::sample::select(vec![TOKEN, "<EMA", "a", "", "text_delta", "text", "stop", "response.output_text.delta"])
            .prop_map(Value::from),
        prop::sample::select(vec![
            "content_block_delta",
            "content_block_stop",
            "response.output_text.done",
            "message_stop"
        ])
        .prop_map(Value::from),
    ];
    let name = prop::sample::select(vec![
        "choices",
        "delta",
        "content",
        "text",
        "index",
        "type",
        "finish_reason",
        "tool_calls",
        "function",
        "arguments",
        "content_block",
        "output_index",
        "sequence_number",
        "logprobs",
        "usage",
        "audio",
        "transcript",
        "error",
        "role",
    ]);
    let json = leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name.clone().prop_map(str::to_owned), inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    });
    prop_oneof![6 => json.prop_map(|json| json.to_string()), 1 => "[ -~\u{e9}]{0,40}"]
}

proptest! {
    #[test]
    fn any_event_is_seen_to(all in prop::collection::vec(event_data(), 1..8), which in 0..ALL.len()) {
        let operation = ALL[which].0;
        let stream: String = all.iter().map(|data| format!("data: {data}\n\n")).collect();
        let mut holder = Holder::default();
        let (out, sent) = run(operation, &stream, &mut holder);
        prop_assert!(holder.held.is_empty());
        for event in &out {
            let data = event.data().unwrap_or_default();
            let was_json = all.iter().all(|data| serde_json::from_str::<Value>(data).is_ok());
            prop_assert!(!was_json || serde_json::from_slice::<Value>(data).is_ok(), "{}", sent);
        }
        if !stream.contains("<EM") {
            prop_assert_eq!(sent, stream);
        }
    }
}
