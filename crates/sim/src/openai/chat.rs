//! `POST /v1/chat/completions`.

use serde_json::{Value, json};

use super::choice::{self, Style};
use super::{CREATED, EXTRA, FINGERPRINT, usage, validate};
use crate::answer::{Answer, Ask, Choice, Shape, Tool};
use crate::call::Call;
use crate::ids;
use crate::look::Look;
use crate::reply::Reply;

pub(super) fn reply(call: &Call<'_>, body: &Value) -> Result<Reply, Reply> {
    validate::chat(body)?;
    let ask = ask(body, call.seed);
    let stops: Vec<&str> = match &body["stop"] {
        Value::String(stop) => vec![stop],
        Value::Array(stops) => stops.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let max_tokens = body["max_completion_tokens"].as_u64().or_else(|| body["max_tokens"].as_u64());
    let answers: Vec<Answer> = (0..body["n"].as_u64().unwrap_or(1))
        .map(|index| {
            let mut answer = ask.answer(index);
            answer.limit(&stops, max_tokens);
            answer
        })
        .collect();

    let completion = answers.iter().map(Answer::tokens).sum();
    let reasoning = answers.iter().map(Answer::thinking_tokens).sum();
    let usage = usage::Usage::new(usage::prompt_tokens(body), completion).reasoning(reasoning);
    let style = Style::of(body);
    let head = Head { id: ids::id("chatcmpl-", call.seed, 29), model: body["model"].clone() };
    if body["stream"] == true {
        let include = body.at("/stream_options/include_usage") == true;
        let usage = include.then(|| usage.json());
        return Ok(Reply::events(super::stream::chat(&head, &answers, style, call.settings.chunk_words, usage)));
    }
    let choices: Vec<Value> =
        answers.iter().enumerate().map(|(index, answer)| choice::message(index, answer, style)).collect();
    Ok(Reply::json(
        http::StatusCode::OK,
        json!({
            "id": head.id, "object": "chat.completion", "created": CREATED, "model": head.model, "choices": choices,
            "usage": usage.json(), "service_tier": "default", "x_sim": EXTRA, "system_fingerprint": FINGERPRINT,
        }),
    ))
}

/// What all chunks of an answer have in common.
pub(super) struct Head {
    pub(super) id: String,
    pub(super) model: Value,
}

fn ask(body: &Value, seed: u64) -> Ask<'_> {
    let messages = body["messages"].as_array().map_or(&[][..], Vec::as_slice);
    let results =
        messages.iter().rev().take_while(|message| message["role"] == "tool" || message["role"] == "function");
    let mut results: Vec<String> = results.map(|message| text_of(&message["content"])).collect();
    results.reverse();
    let last = messages.iter().rev().find(|message| message["role"] == "user").or(messages.last());
    Ask {
        prompt: last.map(|message| text_of(&message["content"])).unwrap_or_default(),
        results,
        tools: tools(body),
        choice: choice(body),
        parallel: body["parallel_tool_calls"].as_bool().unwrap_or(true),
        shape: match body.at("/response_format/type").as_str() {
            Some("json_object") => Shape::JsonObject,
            Some("json_schema") => Shape::JsonSchema(body.at("/response_format/json_schema/schema")),
            _ => Shape::Text,
        },
        seed,
    }
}

/// A content's texts, parts joined by a line break.
pub(super) fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let texts: Vec<&str> = parts.iter().filter_map(|part| part["text"].as_str()).collect();
            texts.join("\n")
        }
        _ => String::new(),
    }
}

fn tools(body: &Value) -> Vec<Tool<'_>> {
    if let Some(functions) = body["functions"].as_array() {
        let functions = functions.iter();
        return functions
            .filter_map(|f| Some(Tool { name: f["name"].as_str()?, schema: f.get("parameters"), custom: false }))
            .collect();
    }
    let tools = body["tools"].as_array().map_or(&[][..], Vec::as_slice).iter();
    tools
        .filter_map(|tool| {
            let custom = tool["type"] == "custom";
            let function = &tool[if custom { "custom" } else { "function" }];
            Some(Tool { name: function["name"].as_str()?, schema: function.get("parameters"), custom })
        })
        .collect()
}

fn choice(body: &Value) -> Choice<'_> {
    let choice = &body["tool_choice"];
    let named = choice.at("/function/name").as_str().or_else(|| choice.at("/custom/name").as_str());
    let allowed = &choice["allowed_tools"];
    match choice.as_str().or_else(|| allowed["mode"].as_str()) {
        Some("required") => match allowed.at("/tools/0/function/name").as_str() {
            Some(name) => Choice::Named(name),
            None => Choice::Any,
        },
        Some("none") => Choice::Never,
        _ => match named.or_else(|| body.at("/function_call/name").as_str()) {
            Some(name) => Choice::Named(name),
            None => Choice::Auto,
        },
    }
}
