//! `POST /v2/chat`.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{citation, error, stream, tools, turns, validate};
use crate::answer::{Answer, Ask, Choice, End, Shape, Tool, text};
use crate::call::Call;
use crate::ids;
use crate::look::Look;
use crate::openai::usage::words;
use crate::reply::Reply;

pub(super) fn reply(call: &Call<'_>, body: &Value) -> Result<Reply, Reply> {
    validate::chat(body)?;
    tools::check(body)?;
    turns::check(body)?;
    let model = body["model"].as_str().unwrap_or_default();
    if !call.settings.serves(model) {
        return Err(error::model_not_found(model));
    }
    let ask = ask(body, call.seed);
    let mut answer = ask.answer(0);
    answer.thinking = if thinks(body, model) {
        let about = || format!("The user wrote: {}", text::head(&ask.prompt, 100));
        Some(answer.thinking.take().unwrap_or_else(about))
    } else {
        None
    };
    // There is no member for a refusal: the model says that it will not.
    answer.text.extend(answer.refusal.take());
    let stops = body["stop_sequences"].as_array().into_iter().flatten().filter_map(Value::as_str);
    answer.limit(&stops.collect::<Vec<_>>(), body["max_tokens"].as_u64());

    let message = Message {
        id: ids::uuid(call.seed),
        plan: plan(&mut answer),
        usage: usage(body, answer.tokens()),
        citation: citation::of(body, &ask.results, &answer),
        logprobs: body["logprobs"] == true,
        answer,
    };
    if body["stream"] == true {
        return Ok(Reply::events(stream::events(&message, call.settings.chunk_words)));
    }
    Ok(Reply::json(StatusCode::OK, message.json()))
}

/// An answer with what Cohere says around it.
pub(super) struct Message {
    pub(super) id: String,
    pub(super) plan: Option<String>,
    pub(super) answer: Answer,
    pub(super) citation: Option<Value>,
    pub(super) usage: Value,
    pub(super) logprobs: bool,
}

impl Message {
    fn json(&self) -> Value {
        let mut message = Map::new();
        message.insert("role".to_owned(), json!("assistant"));
        let mut content = Vec::new();
        content.extend(self.answer.thinking.as_ref().map(|text| json!({"type": "thinking", "thinking": text})));
        if !self.answer.text.is_empty() {
            content.push(json!({"type": "text", "text": self.answer.text}));
        }
        if !content.is_empty() {
            message.insert("content".to_owned(), json!(content));
        }
        message.extend(self.plan.as_ref().map(|plan| ("tool_plan".to_owned(), json!(plan))));
        if !self.answer.calls.is_empty() {
            let calls = self.answer.calls.iter().map(|call| {
                let function = json!({"name": call.name, "arguments": call.arguments});
                json!({"id": call_id(&call.name, call.seed), "type": "function", "function": function})
            });
            message.insert("tool_calls".to_owned(), calls.collect());
        }
        message.extend(self.citation.as_ref().map(|citation| ("citations".to_owned(), json!([citation]))));
        let mut out = json!({
            "id": self.id, "message": message, "finish_reason": self.finish_reason(), "usage": self.usage,
        });
        if let Some(members) = out.as_object_mut().filter(|_| self.logprobs) {
            let items = text::chunks(&self.answer.text, 1).into_iter().map(logprobs);
            members.insert("logprobs".to_owned(), items.collect());
        }
        out
    }

    pub(super) fn finish_reason(&self) -> &'static str {
        match &self.answer.end {
            End::Length => "MAX_TOKENS",
            End::Stop(_) => "STOP_SEQUENCE",
            End::Natural if self.answer.calls.is_empty() => "COMPLETE",
            End::Natural => "TOOL_CALL",
        }
    }
}

/// What is said before a call is no content here but the plan that leads to it.
fn plan(answer: &mut Answer) -> Option<String> {
    let name = &answer.calls.first()?.name;
    if !answer.text.is_empty() {
        return Some(std::mem::take(&mut answer.text));
    }
    answer.thinking.is_none().then(|| format!("I will use the tool {name}."))
}

/// One token, as far as the plausible and meaningless numbers go.
pub(super) fn logprobs(text: &str) -> Value {
    json!({"text": text, "token_ids": [ids::hash(text.as_bytes()) % 256_000], "logprobs": [-0.125]})
}

pub(super) fn call_id(name: &str, seed: u64) -> String {
    ids::id(&format!("{name}_"), seed, 12).to_lowercase()
}

/// Models made for it think unless told not to, the others if told to.
fn thinks(body: &Value, model: &str) -> bool {
    match body.at("/thinking/type").as_str() {
        Some(kind) => kind == "enabled",
        None => model.contains("reasoning"),
    }
}

/// Numbers are fractions by type. What is billed leaves out what the template adds: four tokens for each message, and
/// the tools.
fn usage(body: &Value, output: u64) -> Value {
    let messages = body["messages"].as_array().map_or(&[][..], Vec::as_slice);
    let said: u64 = messages.iter().map(words).sum::<u64>() + words(&body["documents"]);
    let tools = body.get("tools").map_or(0, |tools| text::byte_tokens(&tools.to_string()));
    let prompt = said + 4 * messages.len() as u64 + tools;
    let cached: f64 = if prompt >= 1024 { 1024.0 } else { 0.0 };
    json!({
        "billed_units": {"input_tokens": fraction(said), "output_tokens": fraction(output)},
        "tokens": {"input_tokens": fraction(prompt), "output_tokens": fraction(output)},
        "cached_tokens": cached,
    })
}

pub(super) fn fraction(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

fn ask(body: &Value, seed: u64) -> Ask<'_> {
    let messages = body["messages"].as_array().map_or(&[][..], Vec::as_slice);
    let prompt = messages.iter().rev().find(|message| message["role"] == "user");
    let results = messages.iter().rev().take_while(|message| message["role"] == "tool");
    let mut results: Vec<String> = results.map(|message| text_of(&message["content"])).collect();
    results.reverse();
    let tools = body["tools"].as_array().map_or(&[][..], Vec::as_slice).iter();
    let format = &body["response_format"];
    Ask {
        prompt: prompt.map(|message| text_of(&message["content"])).unwrap_or_default(),
        results,
        tools: tools
            .filter_map(|tool| {
                let function = &tool["function"];
                Some(Tool { name: function["name"].as_str()?, schema: function.get("parameters"), custom: false })
            })
            .collect(),
        choice: match body["tool_choice"].as_str() {
            Some("REQUIRED") => Choice::Any,
            Some("NONE") => Choice::Never,
            _ => Choice::Auto,
        },
        parallel: true,
        shape: match format["type"].as_str() {
            Some("json_object") if format["json_schema"].is_object() => Shape::JsonSchema(&format["json_schema"]),
            Some("json_object") => Shape::JsonObject,
            _ => Shape::Text,
        },
        seed,
    }
}

fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let texts = parts.iter().filter_map(|part| match part["text"].as_str() {
                Some(text) => Some(text.to_owned()),
                None => part.get("document").map(|document| match document["data"].as_str() {
                    Some(text) => text.to_owned(),
                    None => document["data"].to_string(),
                }),
            });
            texts.collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}
