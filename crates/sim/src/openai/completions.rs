//! `POST /v1/completions`, the old interface.

use serde_json::{Value, json};

use super::error::invalid;
use super::{CREATED, FINGERPRINT, usage, validate};
use crate::answer::{Answer, Ask, End, text};
use crate::call::Call;
use crate::ids;
use crate::look::Look;
use crate::reply::{Event, Reply};

const DEFAULT_MAX_TOKENS: u64 = 16;
const MAX_CHOICES: u64 = 128;

pub(super) fn reply(call: &Call<'_>, body: &Value) -> Result<Reply, Reply> {
    validate::stream_options(body)?;
    let prompts = prompts(&body["prompt"])?;
    let n = body["n"].as_u64().unwrap_or(1).clamp(1, MAX_CHOICES);
    let stops: Vec<&str> = match &body["stop"] {
        Value::String(stop) => vec![stop],
        Value::Array(stops) => stops.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let max_tokens = body["max_tokens"].as_u64().unwrap_or(DEFAULT_MAX_TOKENS);
    let mut answers = Vec::new();
    for prompt in &prompts {
        let ask = Ask { prompt: prompt.clone(), seed: call.seed, ..Ask::default() };
        for index in 0..n {
            let mut answer = ask.answer(index);
            answer.limit(&stops, Some(max_tokens));
            let echoed = if body["echo"] == true { format!("{prompt}\n\n") } else { String::new() };
            answers.push((echoed, answer));
        }
    }
    let prompt_tokens = prompts.iter().map(|prompt| text::tokens(prompt)).sum();
    let usage = usage::Usage::new(prompt_tokens, answers.iter().map(|(_, answer)| answer.tokens()).sum());
    let id = ids::id("cmpl-", call.seed, 29);
    let envelope = |choices: Value| {
        json!({
            "id": id, "object": "text_completion", "created": CREATED, "model": body["model"], "choices": choices,
            "system_fingerprint": FINGERPRINT,
        })
    };
    let wants_logprobs = body["logprobs"].is_u64();
    if body["stream"] != true {
        let choices: Vec<Value> = answers
            .iter()
            .enumerate()
            .map(|(index, (echoed, answer))| {
                let said = format!("{echoed}{}", answer.text);
                choice(index, &said, wants_logprobs, Some(finish_reason(answer)))
            })
            .collect();
        let mut value = envelope(json!(choices));
        insert(&mut value, "usage", usage.json());
        return Ok(Reply::json(http::StatusCode::OK, value));
    }
    let include = body.at("/stream_options/include_usage") == true;
    let chunk = |choices: Value, total: Value| {
        let mut value = envelope(choices);
        if include {
            insert(&mut value, "usage", total);
        }
        Event::json(value)
    };
    let mut events = Vec::new();
    for (index, (echoed, answer)) in answers.iter().enumerate() {
        let said = format!("{echoed}{}", answer.text);
        for piece in text::chunks(&said, call.settings.chunk_words) {
            events.push(chunk(json!([choice(index, piece, wants_logprobs, None)]), Value::Null));
        }
        events.push(chunk(json!([choice(index, "", false, Some(finish_reason(answer)))]), Value::Null));
    }
    if include {
        events.push(chunk(json!([]), usage.json()));
    }
    events.push(Event::done());
    Ok(Reply::events(events))
}

fn choice(index: usize, said: &str, wants_logprobs: bool, finish: Option<&str>) -> Value {
    let logprobs = wants_logprobs.then(|| {
        let tokens = text::chunks(said, 1);
        let ends = tokens.iter().scan(0, |end, token| {
            *end += token.len();
            Some((*end, token.len()))
        });
        let offsets: Vec<usize> = ends.map(|(end, len)| end - len).collect();
        let each: Vec<f64> = tokens.iter().map(|_| -0.125).collect();
        let top: Vec<Value> = tokens.iter().map(|token| json!({*token: -0.125})).collect();
        json!({"tokens": tokens, "token_logprobs": each, "top_logprobs": top, "text_offset": offsets})
    });
    json!({"text": said, "index": index, "logprobs": logprobs, "finish_reason": finish})
}

fn finish_reason(answer: &Answer) -> &'static str {
    if answer.end == End::Length { "length" } else { "stop" }
}

fn prompts(prompt: &Value) -> Result<Vec<String>, Reply> {
    let tokens = |tokens: &[Value]| format!("{} tokens", tokens.len());
    match prompt {
        Value::Null => Ok(vec![String::new()]),
        Value::String(text) => Ok(vec![text.clone()]),
        Value::Array(items) if items.first().is_some_and(Value::is_u64) => Ok(vec![tokens(items)]),
        Value::Array(items) if !items.is_empty() && items.len() <= 2048 => Ok(items
            .iter()
            .map(|item| item.as_str().map_or_else(|| tokens(item.as_array().map_or(&[], Vec::as_slice)), str::to_owned))
            .collect()),
        _ => Err(invalid("Invalid value for 'prompt'.", Some("prompt"), Some("invalid_value"))),
    }
}

fn insert(value: &mut Value, key: &str, member: Value) {
    if let Some(members) = value.as_object_mut() {
        members.insert(key.to_owned(), member);
    }
}
