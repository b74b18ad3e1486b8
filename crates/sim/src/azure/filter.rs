//! The content filter: its results in every answer, and what it does when a prompt asks for it.

use serde_json::{Map, Value, json};

use super::error;
use crate::reply::{Event, Payload, Reply};

/// Azure names the model behind the deployment.
const MODEL: &str = "gpt-4o-2024-11-20";

/// What `sim:refuse` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Nothing,
    /// The prompt is refused with a 400.
    Prompt,
    /// `sim:refuse answer`: the answer is cut off.
    Answer,
}

impl Asked {
    pub(super) fn of(body: &Value) -> Self {
        let messages = body["messages"].as_array().map_or(&[][..], Vec::as_slice);
        let last = messages.iter().rev().find(|message| message["role"] == "user");
        let content = last.map_or(&Value::Null, |message| &message["content"]);
        let text = content.as_str().or_else(|| content.pointer("/0/text").and_then(Value::as_str));
        let mut directives = text.unwrap_or_default().trim_start().lines().take_while(|line| line.starts_with("sim:"));
        match directives.find_map(|line| line.strip_prefix("sim:refuse")).map(str::trim) {
            None => Self::Nothing,
            Some("answer") => Self::Answer,
            Some(_) => Self::Prompt,
        }
    }
}

fn severities(filtered: bool) -> Map<String, Value> {
    let safe = json!({"filtered": false, "severity": "safe"});
    let names = ["hate", "self_harm", "sexual", "violence"].into_iter();
    let mut results: Map<String, Value> = names.map(|name| (name.to_owned(), safe.clone())).collect();
    if filtered {
        results.insert("violence".to_owned(), json!({"filtered": true, "severity": "high"}));
    }
    results
}

pub(super) fn of_prompt(filtered: bool) -> Value {
    let mut results = severities(filtered);
    results.insert("jailbreak".to_owned(), json!({"filtered": false, "detected": false}));
    Value::Object(results)
}

fn of_answer(filtered: bool) -> Value {
    let mut results = severities(filtered);
    for name in ["protected_material_code", "protected_material_text"] {
        results.insert(name.to_owned(), json!({"filtered": false, "detected": false}));
    }
    Value::Object(results)
}

fn prompt_results() -> Value {
    json!([{"prompt_index": 0, "content_filter_results": of_prompt(false)}])
}

/// Adds the results of the filter to OpenAI's answer; `apart` puts those of a stream into chunks of their own.
pub(super) fn annotate(mut reply: Reply, asked: Asked, apart: bool) -> Result<Reply, Reply> {
    if asked == Asked::Prompt {
        return Err(error::filtered());
    }
    match &mut reply.payload {
        Payload::Json(answer) => whole(answer, asked),
        Payload::Events(events) => {
            let mut annotated = vec![Event::json(opening())];
            for mut event in std::mem::take(events) {
                if let Some(chunk) = event.value_mut() {
                    let finished = chunk.pointer("/choices/0/finish_reason").is_some_and(Value::is_string);
                    part(chunk, asked, apart);
                    annotated.push(event);
                    if finished && apart {
                        annotated.push(Event::json(findings()));
                    }
                } else {
                    annotated.push(event);
                }
            }
            *events = annotated;
        }
        Payload::Raw(_) => {}
    }
    Ok(reply)
}

/// The first chunk: nothing but the results for the prompt, before anything has a name.
fn opening() -> Value {
    json!({
        "choices": [], "created": 0, "id": "", "model": "", "object": "", "prompt_filter_results": prompt_results(),
    })
}

/// What the asynchronous filter has found: a choice without a delta, behind the end.
fn findings() -> Value {
    let offsets = json!({"check_offset": 44, "start_offset": 44, "end_offset": 198});
    let choice = json!({
        "index": 0, "finish_reason": null, "content_filter_results": of_answer(false),
        "content_filter_offsets": offsets,
    });
    json!({"id": "", "object": "", "created": 0, "model": "", "choices": [choice]})
}

fn whole(answer: &mut Value, asked: Asked) {
    for choice in choices(answer) {
        if asked == Asked::Answer {
            cut(choice, "message");
        }
        set(choice, "content_filter_results", of_answer(asked == Asked::Answer));
    }
    set(answer, "prompt_filter_results", prompt_results());
    common(answer);
}

fn part(chunk: &mut Value, asked: Asked, apart: bool) {
    for choice in choices(chunk) {
        if asked == Asked::Answer {
            cut(choice, "delta");
        }
        let said = choice.pointer("/delta/content").and_then(Value::as_str).is_some_and(|said| !said.is_empty());
        let finished = choice["finish_reason"] == "content_filter";
        let results = if apart || !(said || finished) { json!({}) } else { of_answer(finished) };
        set(choice, "content_filter_results", results);
    }
    common(chunk);
}

fn common(answer: &mut Value) {
    set(answer, "model", json!(MODEL));
    if let Some(members) = answer.as_object_mut() {
        members.remove("service_tier");
    }
}

/// The words of the refusal become what had been said when the filter struck.
fn cut(choice: &mut Value, said: &str) {
    if choice["finish_reason"].is_string() {
        set(choice, "finish_reason", json!("content_filter"));
    }
    let Some(said) = choice.get_mut(said) else {
        return;
    };
    if let Some(refusal) = said.get("refusal").filter(|refusal| refusal.is_string()).cloned() {
        set(said, "content", refusal);
        set(said, "refusal", Value::Null);
    }
}

fn choices(answer: &mut Value) -> impl Iterator<Item = &mut Value> {
    answer.get_mut("choices").and_then(Value::as_array_mut).into_iter().flatten()
}

fn set(value: &mut Value, name: &str, member: Value) {
    if let Some(members) = value.as_object_mut() {
        members.insert(name.to_owned(), member);
    }
}
