//! OpenAI's chat completions.

use serde_json::{Value, json};

use super::{cut, events, other, refused, slot, string};
use crate::{
    case::{Case, Outcome, Said},
    corpus::Tool,
};

const CODE: &str = "invalid_tool_call";

pub(super) fn request(case: &Case<'_>, tools: &[&Tool], stream: bool) -> Value {
    let offered = tools.iter().map(|tool| {
        let schema: Value = serde_json::from_str(&tool.schema).expect("a schema");
        json!({"type": "function", "function": {"name": tool.name, "parameters": schema}})
    });
    json!({
        "model": "m", "stream": stream, "messages": [{"role": "user", "content": "Go on."}],
        "tools": offered.collect::<Vec<_>>(), "tool_choice": case.choice.chat(&case.tool.name, other(case, tools)),
        "parallel_tool_calls": case.is_parallel,
    })
}

pub(super) fn finish(case: &Case<'_>) -> &'static str {
    match () {
        () if case.is_cut_off => "length",
        () if case.said.is_empty() => "stop",
        () => "tool_calls",
    }
}

fn call(said: &Said) -> Value {
    let mut call = json!({"type": "function", "function": {"name": said.name, "arguments": said.arguments}});
    if let Some(id) = &said.id {
        call["id"] = json!(id);
    }
    call
}

pub(super) fn answer(case: &Case<'_>) -> Value {
    let mut message = json!({"role": "assistant", "content": case.written, "refusal": null});
    if !case.said.is_empty() {
        message["tool_calls"] = case.said.iter().map(call).collect();
    }
    let choice = json!({"index": 0, "message": message, "logprobs": null, "finish_reason": finish(case)});
    json!({"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]})
}

pub(super) fn read(_: &Case<'_>, status: u16, body: &str) -> Option<Outcome> {
    if status != 200 {
        return refused(status, body, CODE);
    }
    let body: Value = serde_json::from_str(body).ok()?;
    let calls = body["choices"][0]["message"]["tool_calls"].as_array();
    let said = |call: &Value| Said {
        id: call["id"].as_str().map(str::to_owned),
        name: string(&call["function"]["name"]),
        arguments: string(&call["function"]["arguments"]),
    };
    Some(Outcome::Came(calls.into_iter().flatten().map(said).collect()))
}

pub(super) fn chunk(delta: &Value, finish: Option<&str>) -> String {
    let choice = json!({"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish});
    let chunk =
        json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]});
    format!("data: {chunk}\n\n")
}

pub(super) fn stream(case: &Case<'_>, pieces: usize) -> String {
    let mut body = chunk(&json!({"role": "assistant", "content": null}), None);
    for piece in case.written.iter().flat_map(|text| cut(text, pieces)) {
        body += &chunk(&json!({"content": piece}), None);
    }
    for (index, said) in case.said.iter().enumerate() {
        let mut opening = call(said);
        opening["index"] = json!(index);
        opening["function"]["arguments"] = json!("");
        body += &chunk(&json!({"tool_calls": [opening]}), None);
        for piece in cut(&said.arguments, pieces) {
            body += &chunk(&json!({"tool_calls": [{"index": index, "function": {"arguments": piece}}]}), None);
        }
    }
    body + &chunk(&json!({}), Some(finish(case))) + "data: [DONE]\n\n"
}

/// As OpenAI's own SDK puts it together: strings that come again are appended.
pub(super) fn read_stream(_: &Case<'_>, status: u16, body: &str) -> Option<Outcome> {
    if status != 200 {
        return refused(status, body, CODE);
    }
    let (mut came, mut finishes, events) = (Vec::new(), 0, events(body)?);
    for (at, event) in events.iter().enumerate() {
        if let Some(error) = event.get("error") {
            let is_end = at + 1 == events.len() && error["code"] == CODE && !body.contains("[DONE]");
            return is_end.then_some(Outcome::Refused(came));
        }
        let choice = &event["choices"][0];
        finishes += usize::from(choice["finish_reason"].is_string());
        for delta in choice["delta"]["tool_calls"].as_array().into_iter().flatten() {
            let said = slot(&mut came, usize::try_from(delta["index"].as_u64()?).ok()?);
            if let Some(id) = delta["id"].as_str() {
                said.id.get_or_insert_default().push_str(id);
            }
            said.name.push_str(delta["function"]["name"].as_str().unwrap_or_default());
            said.arguments.push_str(delta["function"]["arguments"].as_str().unwrap_or_default());
        }
    }
    (finishes == 1 && body.ends_with("data: [DONE]\n\n")).then_some(Outcome::Came(came))
}
