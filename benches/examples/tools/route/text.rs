//! A chat's text that is to be JSON.

use serde_json::{Value, json};

use super::{
    chat::{chunk, finish},
    cut, events, refused, string,
};
use crate::case::{Case, Outcome, Said};

const CODE: &str = "invalid_structured_output";

pub(super) fn request(case: &Case<'_>, stream: bool) -> Value {
    let schema: Value = serde_json::from_str(&case.tool.schema).expect("a schema");
    json!({
        "model": "m", "stream": stream, "messages": [{"role": "user", "content": "Go on."}],
        "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}},
    })
}

/// How an answer without calls ends.
fn end(case: &Case<'_>) -> &'static str {
    if case.is_cut_off { finish(case) } else { "stop" }
}

pub(super) fn answer(case: &Case<'_>) -> Value {
    let message = json!({"role": "assistant", "content": case.said[0].arguments, "refusal": null});
    let choice = json!({"index": 0, "message": message, "logprobs": null, "finish_reason": end(case)});
    json!({"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]})
}

fn came(case: &Case<'_>, text: String) -> Outcome {
    Outcome::Came(vec![Said { arguments: text, ..case.said[0].clone() }])
}

pub(super) fn read(case: &Case<'_>, status: u16, body: &str) -> Option<Outcome> {
    if status != 200 {
        return refused(status, body, CODE);
    }
    let body: Value = serde_json::from_str(body).ok()?;
    Some(came(case, string(&body["choices"][0]["message"]["content"])))
}

pub(super) fn stream(case: &Case<'_>, pieces: usize) -> String {
    let mut body = chunk(&json!({"role": "assistant", "content": ""}), None);
    for piece in cut(&case.said[0].arguments, pieces) {
        body += &chunk(&json!({"content": piece}), None);
    }
    body + &chunk(&json!({}), Some(end(case))) + "data: [DONE]\n\n"
}

pub(super) fn read_stream(case: &Case<'_>, status: u16, body: &str) -> Option<Outcome> {
    if status != 200 {
        return refused(status, body, CODE);
    }
    let (mut text, mut finishes) = (String::new(), 0);
    for event in events(body)? {
        if let Some(error) = event.get("error") {
            // Held, it must not be seen before the verdict.
            return (error["code"] == CODE && text.is_empty()).then_some(Outcome::Refused(Vec::new()));
        }
        let choice = &event["choices"][0];
        finishes += usize::from(choice["finish_reason"].is_string());
        text.push_str(choice["delta"]["content"].as_str().unwrap_or_default());
    }
    (finishes == 1 && body.ends_with("data: [DONE]\n\n")).then(|| came(case, text))
}
