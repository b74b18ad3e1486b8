//! `POST /api/chat`.

use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue};
use serde_json::{Map, Value, json};

use super::{CREATED, LOAD, READ, WRITE, models, validate};
use crate::answer::{Answer, Ask, Choice, End, Shape, Tool, text};
use crate::call::Call;
use crate::ids;
use crate::openai::usage::words;
use crate::reply::{Event, Layout, Reply};

pub(super) fn reply(call: &Call<'_>, body: &Value) -> Result<Reply, Reply> {
    let model = models::wanted(call, body)?;
    validate::chat(body, model)?;
    let message = message(call, body, model);
    // A stream is what one gets who does not say.
    if body["stream"] == false {
        return Ok(Reply::json(StatusCode::OK, message.whole()));
    }
    let mut reply = Reply::events(message.lines(call.settings.chunk_words));
    reply.layout = Layout::Lines;
    Ok(reply.with(CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson")))
}

fn message(call: &Call<'_>, body: &Value, model: &str) -> Message {
    let messages = body["messages"].as_array().map_or(&[][..], Vec::as_slice);
    if messages.is_empty() {
        // Nothing to answer: the model is loaded into memory, or out of it.
        let reason = if body["keep_alive"] == 0 { "unload" } else { "load" };
        return Message { model: model.to_owned(), answer: Answer::default(), prompt: None, reason };
    }
    let ask = ask(body, call.seed);
    let mut answer = ask.answer(0);
    let thinks = matches!(&body["think"], Value::Bool(true) | Value::String(_));
    answer.thinking = if thinks {
        let about = || format!("The user wrote: {}", text::head(&ask.prompt, 100));
        Some(answer.thinking.take().unwrap_or_else(about))
    } else {
        None
    };
    // There is no member for a refusal: the model says that it will not.
    answer.text.extend(answer.refusal.take());
    let options = &body["options"];
    let stops = options["stop"].as_array().into_iter().flatten().filter_map(Value::as_str);
    // A negative limit is none.
    answer.limit(&stops.collect::<Vec<_>>(), options["num_predict"].as_u64());
    let said: u64 = messages.iter().map(|message| 4 + words(&message["content"])).sum();
    let tools = body.get("tools").map_or(0, |tools| text::byte_tokens(&tools.to_string()));
    let reason = if answer.end == End::Length { "length" } else { "stop" };
    Message { model: model.to_owned(), answer, prompt: Some(said + tools), reason }
}

/// An answer with what Ollama says around it.
struct Message {
    model: String,
    answer: Answer,
    /// The tokens of the prompt, where there was one.
    prompt: Option<u64>,
    reason: &'static str,
}

impl Message {
    fn whole(&self) -> Value {
        let mut message = Map::new();
        message.insert("role".to_owned(), json!("assistant"));
        message.insert("content".to_owned(), json!(self.answer.text));
        message.extend(self.answer.thinking.as_ref().map(|text| ("thinking".to_owned(), json!(text))));
        if !self.answer.calls.is_empty() {
            message.insert("tool_calls".to_owned(), json!(self.calls()));
        }
        self.last(Value::Object(message))
    }

    /// Every call is whole, and has a line of its own in front of the last one.
    fn lines(&self, words: usize) -> Vec<Event> {
        let thinking = self.answer.thinking.as_deref().map(|text| text::chunks(text, words)).unwrap_or_default();
        let thinking = thinking.into_iter().map(|piece| json!({"role": "assistant", "content": "", "thinking": piece}));
        let pieces = text::chunks(&self.answer.text, words);
        let texts = pieces.into_iter().map(|piece| json!({"role": "assistant", "content": piece}));
        let calls = self.calls().into_iter();
        let calls = calls.map(|call| json!({"role": "assistant", "content": "", "tool_calls": [call]}));
        let mut events: Vec<Event> =
            thinking.chain(texts).chain(calls).map(|message| Event::json(self.line(message))).collect();
        events.push(Event::json(self.last(json!({"role": "assistant", "content": ""}))));
        events
    }

    fn line(&self, message: Value) -> Value {
        json!({"model": self.model, "created_at": CREATED, "message": message, "done": false})
    }

    fn last(&self, message: Value) -> Value {
        let mut line = json!({
            "model": self.model, "created_at": CREATED, "message": message, "done": true, "done_reason": self.reason,
        });
        if let (Some(prompt), Some(members)) = (self.prompt, line.as_object_mut()) {
            let said = self.answer.tokens();
            for (name, value) in [
                ("total_duration", LOAD + prompt * READ + said * WRITE),
                ("load_duration", LOAD),
                ("prompt_eval_count", prompt),
                ("prompt_eval_duration", prompt * READ),
                ("eval_count", said),
                ("eval_duration", said * WRITE),
            ] {
                members.insert(name.to_owned(), json!(value));
            }
        }
        line
    }

    fn calls(&self) -> Vec<Value> {
        let calls = self.answer.calls.iter().enumerate().map(|(index, call)| {
            // Arguments that were cut, or that a prompt made invalid on purpose, cannot be shown as an object.
            let arguments = serde_json::from_str::<Value>(&call.arguments).ok().filter(Value::is_object);
            let arguments = arguments.unwrap_or_else(|| json!({}));
            let function = json!({"index": index, "name": call.name, "arguments": arguments});
            json!({"id": ids::id("call_", call.seed, 8).to_lowercase(), "function": function})
        });
        calls.collect()
    }
}

fn ask(body: &Value, seed: u64) -> Ask<'_> {
    let messages = body["messages"].as_array().map_or(&[][..], Vec::as_slice);
    let said = |message: &Value| message["content"].as_str().unwrap_or_default().to_owned();
    let prompt = messages.iter().rev().find(|message| message["role"] == "user").map(said);
    let mut results: Vec<String> =
        messages.iter().rev().take_while(|message| message["role"] == "tool").map(said).collect();
    results.reverse();
    let tools = body["tools"].as_array().map_or(&[][..], Vec::as_slice).iter();
    Ask {
        prompt: prompt.unwrap_or_default(),
        results,
        tools: tools
            .filter_map(|tool| {
                let function = &tool["function"];
                Some(Tool { name: function["name"].as_str()?, schema: function.get("parameters"), custom: false })
            })
            .collect(),
        choice: Choice::Auto,
        parallel: true,
        shape: match &body["format"] {
            Value::String(name) if name == "json" => Shape::JsonObject,
            schema @ Value::Object(_) => Shape::JsonSchema(schema),
            _ => Shape::Text,
        },
        seed,
    }
}
