//! The rules that a healthy stream keeps: S1 to S6, S11, S12, and `[DONE]`. Written on `serde_json::Value`, and shares
//! nothing with what it checks but for the assembler at its end.

use bytes::Bytes;
use llm_layers_wire::{assemble::Assembler, openai::Chunk};
use serde_json::{Map, Value, json};

/// What a stream came to, by choice.
#[derive(Debug, Default, PartialEq)]
pub struct Said {
    pub choices: Vec<Choice>,
    pub usage: Option<Value>,
}

#[derive(Debug, Default, PartialEq)]
pub struct Choice {
    pub text: String,
    pub reasoning: String,
    /// Id, name, arguments.
    pub calls: Vec<(String, String, String)>,
    pub finish: Option<String>,
}

/// The data of each event of a stream in any legal framing.
pub fn data_lines(stream: &[u8]) -> Vec<String> {
    let text = std::str::from_utf8(stream).expect("a stream is UTF-8");
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n");
    let event = |event: &str| {
        let lines: Vec<_> = event.lines().filter_map(|line| line.strip_prefix("data:")).collect();
        let lines: Vec<_> = lines.iter().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    };
    text.split("\n\n").filter_map(event).collect()
}

/// Checks a whole stream, which has to be a healthy one.
#[track_caller]
pub fn check(stream: &[u8], include_usage: bool) -> Said {
    let text = String::from_utf8_lossy(stream);
    let mut events = data_lines(stream);
    assert_eq!(events.pop().as_deref(), Some("[DONE]"), "the last event: {text}");
    let mut said = Said::default();
    let mut identity: Option<Value> = None;
    let mut assembler = Assembler::new();
    for event in &events {
        let chunk: Value = serde_json::from_str(event).unwrap_or_else(|error| panic!("{error}: {event}"));
        assert!(chunk.get("error").is_none(), "{text}");
        // S1
        assert!(chunk["id"].as_str().is_some_and(|id| !id.is_empty()), "S1: {event}");
        assert_eq!(chunk["object"], "chat.completion.chunk", "S1: {event}");
        assert!(chunk["created"].is_u64(), "S1: {event}");
        assert!(chunk["model"].as_str().is_some_and(|model| !model.is_empty()), "S1: {event}");
        let this = json!([chunk["id"], chunk["created"], chunk["model"]]);
        assert_eq!(*identity.get_or_insert_with(|| this.clone()), this, "S1: {text}");
        let choices = chunk["choices"].as_array().unwrap_or_else(|| panic!("S1: {event}"));
        usage(&mut said, &chunk, choices.is_empty(), include_usage);
        for choice in choices {
            one(&mut said, choice);
        }
        let parsed = Chunk::parse(Bytes::copy_from_slice(event.as_bytes())).expect("a chunk");
        assembler.push(&parsed).unwrap_or_else(|error| panic!("{error}: {text}"));
    }
    assert!(said.choices.iter().all(|choice| choice.finish.is_some()), "S11: {text}");
    assert_eq!(said.usage.is_some(), include_usage, "S12: {text}");
    assembled(&said, assembler);
    said
}

/// S12
#[track_caller]
fn usage(said: &mut Said, chunk: &Value, bare: bool, include_usage: bool) {
    assert!(said.usage.is_none(), "S12: nothing but [DONE] follows the usage: {chunk}");
    match (include_usage, bare) {
        (false, _) => assert!(chunk.get("usage").is_none() && !bare, "S12: {chunk}"),
        (true, false) => assert_eq!(chunk.get("usage"), Some(&Value::Null), "S12: {chunk}"),
        (true, true) => {
            assert!(said.choices.iter().all(|choice| choice.finish.is_some()), "S12: usage comes last: {chunk}");
            let usage = &chunk["usage"];
            let count = |name: &str| usage[name].as_u64().unwrap_or_else(|| panic!("S12: {name}: {chunk}"));
            assert_eq!(count("prompt_tokens") + count("completion_tokens"), count("total_tokens"), "S12");
            said.usage = Some(usage.clone());
        }
    }
}

#[track_caller]
fn one(said: &mut Said, choice: &Value) {
    // S2
    let index = usize::try_from(choice["index"].as_u64().expect("S2: index")).unwrap();
    let delta = choice["delta"].as_object().unwrap_or_else(|| panic!("S2: {choice}"));
    let finish = choice.get("finish_reason").unwrap_or_else(|| panic!("S2: {choice}"));
    assert!(matches!(choice.get("logprobs"), None | Some(Value::Null | Value::Object(_))), "S2: {choice}");
    // S3
    if index == said.choices.len() {
        said.choices.push(Choice::default());
        assert_eq!(delta.get("role"), Some(&json!("assistant")), "S3: {choice}");
        assert!(matches!(delta["content"], Value::Null) || delta["content"] == "", "S3: {choice}");
        assert!(finish.is_null(), "S3: {choice}");
        return;
    }
    let seen = &mut said.choices[index];
    assert!(delta.get("role").is_none(), "S3: {choice}");
    assert_eq!(seen.finish, None, "S11: something after the end: {choice}");
    // S4
    let text = |name: &str| delta.get(name).and_then(Value::as_str);
    if let Some(text) = text("content") {
        assert!(!text.is_empty() && delta.len() == 1, "S4: {choice}");
        seen.text += text;
    }
    seen.reasoning += text("reasoning_content").unwrap_or_default();
    for call in delta.get("tool_calls").and_then(Value::as_array).into_iter().flatten() {
        fragment(seen, call);
    }
    // S11
    if !finish.is_null() {
        assert!(delta.is_empty(), "S11: {choice}");
        let reason = finish.as_str().expect("S2: a string");
        assert!(["stop", "length", "tool_calls", "content_filter", "function_call"].contains(&reason), "S2: {choice}");
        seen.finish = Some(reason.to_owned());
    }
}

/// S5 and S6
#[track_caller]
fn fragment(seen: &mut Choice, call: &Value) {
    let index = usize::try_from(call["index"].as_u64().unwrap_or_else(|| panic!("S6: {call}"))).unwrap();
    let function: &Map<String, Value> = call["function"].as_object().unwrap_or_else(|| panic!("S5: {call}"));
    let arguments = function["arguments"].as_str().unwrap_or_else(|| panic!("S5: {call}"));
    if index == seen.calls.len() {
        let id = call["id"].as_str().filter(|id| !id.is_empty()).unwrap_or_else(|| panic!("S5: {call}"));
        let name = function["name"].as_str().filter(|name| !name.is_empty()).unwrap_or_else(|| panic!("S5: {call}"));
        assert_eq!(call["type"], "function", "S5: {call}");
        seen.calls.push((id.to_owned(), name.to_owned(), arguments.to_owned()));
        return;
    }
    assert!(index < seen.calls.len(), "S6: not dense: {call}");
    assert!(["id", "type"].iter().all(|once| call.get(once).is_none()), "S5: {call}");
    assert!(function.get("name").is_none(), "S5: {call}");
    seen.calls[index].2 += arguments;
}

/// Our own assembler comes to the same.
#[track_caller]
fn assembled(said: &Said, assembler: Assembler) {
    assert!(assembler.is_complete());
    let whole: Value = serde_json::from_slice(&assembler.finish().expect("a completion").to_bytes()).unwrap();
    for (choice, whole) in said.choices.iter().zip(whole["choices"].as_array().expect("choices")) {
        let message = &whole["message"];
        assert_eq!(message["content"].as_str().unwrap_or_default(), choice.text);
        assert_eq!(whole["finish_reason"].as_str(), choice.finish.as_deref());
        let calls = message["tool_calls"].as_array().into_iter().flatten();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let calls: Vec<_> = calls
            .map(|call| (text(&call["id"]), text(&call["function"]["name"]), text(&call["function"]["arguments"])))
            .collect();
        assert_eq!(calls, choice.calls);
    }
}
