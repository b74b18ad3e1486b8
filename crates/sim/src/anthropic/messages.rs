//! `POST /v1/messages` and `POST /v1/messages/count_tokens`.

use http::StatusCode;
use serde_json::{Value, json};

use super::{Version, error, signature, stream, usage, validate};
use crate::answer::{Answer, Ask, Choice, End, Shape, Tool, text};
use crate::call::Call;
use crate::ids;
use crate::look::Look;
use crate::reply::Reply;

pub(super) fn count(call: &Call<'_>, body: &Value, version: Version) -> Result<Reply, Reply> {
    validate::count(body, version)?;
    known_model(call, body)?;
    Ok(Reply::json(StatusCode::OK, json!({"input_tokens": usage::input_tokens(body)})))
}

pub(super) fn reply(call: &Call<'_>, body: &Value, version: Version) -> Result<Reply, Reply> {
    validate::messages(body, version)?;
    known_model(call, body)?;
    let ask = ask(body, call.seed);
    let mut answer = ask.answer(0);
    // The model decides whether it thinks; this one does where it is allowed to, and never otherwise.
    answer.thinking = match body.at("/thinking/type").as_str() {
        Some("enabled" | "adaptive") => {
            let about = || format!("The user wrote: {}", text::head(&ask.prompt, 100));
            Some(answer.thinking.take().unwrap_or_else(about))
        }
        _ => None,
    };
    let stops: Vec<&str> = body["stop_sequences"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    answer.limit(&stops, body["max_tokens"].as_u64());
    let mut usage = usage::Usage::new(usage::input_tokens(body), answer.tokens()).thinking(answer.thinking_tokens());
    if validate::cache_marks(body) > 0 {
        usage = usage.cached();
    }

    let message = Message {
        id: ids::id("msg_01", call.seed, 22),
        model: body["model"].clone(),
        omit_thinking: body.at("/thinking/display") == "omitted",
        answer,
        usage,
    };
    if body["stream"] == true {
        return Ok(Reply::events(stream::events(&message, call.settings.chunk_words)));
    }
    Ok(Reply::json(StatusCode::OK, message.json()))
}

fn known_model(call: &Call<'_>, body: &Value) -> Result<(), Reply> {
    let model = body["model"].as_str().unwrap_or_default();
    if call.settings.serves(model) { Ok(()) } else { Err(error::not_found(&format!("model: {model}"))) }
}

/// An answer with what Anthropic says around it.
pub(super) struct Message {
    pub(super) id: String,
    pub(super) model: Value,
    pub(super) omit_thinking: bool,
    pub(super) answer: Answer,
    pub(super) usage: usage::Usage,
}

impl Message {
    fn json(&self) -> Value {
        json!({
            "id": self.id, "type": "message", "role": "assistant", "model": self.model, "content": self.content(),
            "stop_reason": self.stop_reason(), "stop_sequence": self.stop_sequence(),
            "stop_details": self.stop_details(), "usage": self.usage.json(),
        })
    }

    /// The thinking as sent: empty, but signed, where it is to be omitted.
    pub(super) fn thinking(&self) -> Option<&str> {
        let thinking = self.answer.thinking.as_deref()?;
        Some(if self.omit_thinking { "" } else { thinking })
    }

    fn content(&self) -> Vec<Value> {
        let mut blocks = Vec::new();
        if let Some(thinking) = self.thinking() {
            let signature = signature::sign(thinking);
            blocks.push(json!({"type": "thinking", "thinking": thinking, "signature": signature}));
        }
        if !self.answer.text.is_empty() {
            blocks.push(json!({"type": "text", "text": self.answer.text}));
        }
        for call in &self.answer.calls {
            // Arguments that were cut, or that a prompt made invalid on purpose, cannot be shown as an object.
            let input = serde_json::from_str::<Value>(&call.arguments).ok().filter(Value::is_object);
            let input = input.unwrap_or_else(|| json!({}));
            blocks.push(json!({"type": "tool_use", "id": tool_id(call.seed), "name": call.name, "input": input}));
        }
        blocks
    }

    pub(super) fn stop_reason(&self) -> &'static str {
        match &self.answer.end {
            End::Length => "max_tokens",
            End::Stop(_) => "stop_sequence",
            End::Natural if self.answer.refusal.is_some() => "refusal",
            End::Natural if self.answer.calls.is_empty() => "end_turn",
            End::Natural => "tool_use",
        }
    }

    pub(super) fn stop_sequence(&self) -> Option<&str> {
        match &self.answer.end {
            End::Stop(stop) => Some(stop),
            End::Natural | End::Length => None,
        }
    }

    pub(super) fn stop_details(&self) -> Value {
        match &self.answer.refusal {
            Some(refusal) => json!({"type": "refusal", "category": null, "explanation": refusal}),
            None => Value::Null,
        }
    }
}

pub(super) fn tool_id(seed: u64) -> String {
    ids::id("toolu_01", seed, 22)
}

fn ask(body: &Value, seed: u64) -> Ask<'_> {
    let messages = body["messages"].as_array().map_or(&[][..], Vec::as_slice);
    let blocks = |message: &Value| message["content"].as_array().cloned().unwrap_or_default();
    let last = messages.last().map(blocks).unwrap_or_default();
    let results = last.iter().filter(|block| block["type"] == "tool_result");
    let is_prompt = |message: &&Value| {
        message["role"] == "user" && (message["content"].is_string() || has_text(&message["content"]))
    };
    let prompt = messages.iter().rev().find(is_prompt).map(|message| text_of(&message["content"]));
    let tools = body["tools"].as_array().map_or(&[][..], Vec::as_slice).iter();
    let choice = &body["tool_choice"];
    Ask {
        prompt: prompt.unwrap_or_default(),
        results: results.map(|block| text_of(&block["content"])).collect(),
        tools: tools
            .filter_map(|tool| {
                Some(Tool { name: tool["name"].as_str()?, schema: tool.get("input_schema"), custom: false })
            })
            .collect(),
        choice: match choice["type"].as_str() {
            Some("any") => Choice::Any,
            Some("none") => Choice::Never,
            Some("tool") => choice["name"].as_str().map_or(Choice::Any, Choice::Named),
            _ => Choice::Auto,
        },
        parallel: choice["disable_parallel_tool_use"] != true,
        shape: match body.at("/output_config/format/type").as_str() {
            Some("json_schema") => Shape::JsonSchema(body.at("/output_config/format/schema")),
            _ => Shape::Text,
        },
        seed,
    }
}

fn has_text(content: &Value) -> bool {
    content.as_array().is_some_and(|blocks| blocks.iter().any(|block| block["type"] == "text"))
}

fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(blocks) => {
            let texts: Vec<&str> = blocks.iter().filter_map(|block| block["text"].as_str()).collect();
            texts.join("\n")
        }
        _ => String::new(),
    }
}
