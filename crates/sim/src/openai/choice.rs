//! One choice of an answer: the message, the reason to finish, log probabilities.

use serde_json::{Map, Value, json};

use crate::answer::{Answer, End, ToolCall, text};
use crate::ids;

/// What the request decides about the form of a choice.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    /// `functions` were given in place of `tools`: answered by `function_call`.
    pub(super) legacy: bool,
    /// How many alternatives each token lists, where log probabilities are asked for.
    pub(super) logprobs: Option<u64>,
}

impl Style {
    pub(super) fn of(body: &Value) -> Self {
        Self {
            legacy: body["functions"].is_array(),
            logprobs: (body["logprobs"] == true).then(|| body["top_logprobs"].as_u64().unwrap_or(0).min(20)),
        }
    }
}

pub(super) fn message(index: usize, answer: &Answer, style: Style) -> Value {
    let mut message = Map::new();
    message.insert("role".to_owned(), json!("assistant"));
    let silent = answer.text.is_empty() && (answer.refusal.is_some() || !answer.calls.is_empty());
    message.insert("content".to_owned(), if silent { Value::Null } else { json!(answer.text) });
    message.insert("refusal".to_owned(), json!(answer.refusal));
    message.insert("annotations".to_owned(), json!([]));
    if let Some(thinking) = &answer.thinking {
        message.insert("reasoning_content".to_owned(), json!(thinking));
    }
    match answer.calls.first() {
        Some(call) if style.legacy => {
            let function = json!({"name": call.name, "arguments": call.arguments});
            message.insert("function_call".to_owned(), function);
        }
        Some(_) => {
            let calls: Vec<Value> = answer.calls.iter().map(tool_call).collect();
            message.insert("tool_calls".to_owned(), json!(calls));
        }
        None => {}
    }
    json!({
        "index": index, "message": message, "logprobs": logprobs(&answer.text, style),
        "finish_reason": finish_reason(answer, style),
    })
}

fn tool_call(call: &ToolCall) -> Value {
    let id = call_id(call);
    if call.custom {
        return json!({"id": id, "type": "custom", "custom": {"name": call.name, "input": call.arguments}});
    }
    json!({"id": id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}})
}

pub(super) fn call_id(call: &ToolCall) -> String {
    ids::id("call_", call.seed, 24)
}

pub(super) fn finish_reason(answer: &Answer, style: Style) -> &'static str {
    match &answer.end {
        End::Length => "length",
        _ if answer.calls.is_empty() => "stop",
        _ if style.legacy => "function_call",
        _ => "tool_calls",
    }
}

/// One entry a word; numbers that are plausible and mean nothing.
pub(super) fn logprobs(said: &str, style: Style) -> Value {
    let Some(top) = style.logprobs else {
        return Value::Null;
    };
    let entry = |token: &str, logprob: f64| json!({"token": token, "logprob": logprob, "bytes": token.as_bytes()});
    let content: Vec<Value> = text::chunks(said, 1)
        .into_iter()
        .map(|token| {
            let alternatives: Vec<Value> = (0..top)
                .map(|rank| if rank == 0 { entry(token, -0.125) } else { entry(&format!("{token}{rank}"), -4.0) })
                .collect();
            let mut entry = entry(token, -0.125);
            if let Some(members) = entry.as_object_mut() {
                members.insert("top_logprobs".to_owned(), json!(alternatives));
            }
            entry
        })
        .collect();
    json!({"content": content, "refusal": null})
}
