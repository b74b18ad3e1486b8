//! `Converse` and `ConverseStream`.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::error::validation;
use super::{claude, members, object, stream, tools, turns};
use crate::answer::{Answer, Ask, Choice, End, Shape, Tool, text};
use crate::anthropic::signature;
use crate::call::Call;
use crate::ids;
use crate::look::Look;
use crate::openai::usage::words;
use crate::reply::{Layout, Reply};

/// Where the request does not say.
pub(super) const MAX_TOKENS: u64 = 4096;

pub(super) fn reply(call: &Call<'_>, body: &Value, model: &str, streamed: bool) -> Result<Reply, Reply> {
    members::REQUEST.check(body)?;
    turns::check(body, model)?;
    tools::check(body, model)?;
    if claude::is(model) {
        claude::check(body)?;
    }
    let schema = schema(body)?;
    let ask = ask(body, schema.as_ref(), call.seed);
    let mut answer = ask.answer(0);
    // The model decides whether it thinks; this one does where it is allowed to, and never otherwise.
    answer.thinking = if thinks(body) {
        let about = || format!("The user wrote: {}", text::head(&ask.prompt, 100));
        Some(answer.thinking.take().unwrap_or_else(about))
    } else {
        None
    };
    let config = body.at("/inferenceConfig");
    let stops = config["stopSequences"].as_array().into_iter().flatten().filter_map(Value::as_str);
    answer.limit(&stops.collect::<Vec<_>>(), config["maxTokens"].as_u64().or(Some(MAX_TOKENS)));

    let message = Message {
        usage: usage(body, model, answer.tokens()),
        extra: extra(body, &answer),
        omit_thinking: claude::thinking(body)["display"] == "omitted",
        signed: claude::is(model),
        answer,
    };
    if streamed {
        let events = stream::events(&message, call.settings.chunk_words, call.seed);
        return Ok(super::frames(events, Layout::Frames));
    }
    Ok(Reply::json(StatusCode::OK, message.json()))
}

/// An answer with what Bedrock says around it.
pub(super) struct Message {
    pub(super) answer: Answer,
    omit_thinking: bool,
    signed: bool,
    pub(super) usage: Value,
    pub(super) extra: Option<Value>,
}

impl Message {
    fn json(&self) -> Value {
        let mut out = json!({
            "output": {"message": {"role": "assistant", "content": self.content()}},
            "stopReason": self.stop_reason(), "usage": self.usage, "metrics": {"latencyMs": 310},
        });
        if let (Some(extra), Some(members)) = (&self.extra, out.as_object_mut()) {
            members.insert("additionalModelResponseFields".to_owned(), extra.clone());
        }
        out
    }

    /// The thinking as sent (empty where it is to be omitted), and its signature.
    pub(super) fn thinking(&self) -> Option<(&str, Option<String>)> {
        let thinking = self.answer.thinking.as_deref()?;
        let thinking = if self.omit_thinking { "" } else { thinking };
        Some((thinking, self.signed.then(|| signature::sign(thinking))))
    }

    fn content(&self) -> Vec<Value> {
        let mut blocks = Vec::new();
        if let Some((thinking, signature)) = self.thinking() {
            let mut text = Map::from_iter([("text".to_owned(), json!(thinking))]);
            text.extend(signature.map(|signature| ("signature".to_owned(), json!(signature))));
            blocks.push(json!({"reasoningContent": {"reasoningText": text}}));
        }
        if !self.answer.text.is_empty() {
            blocks.push(json!({"text": self.answer.text}));
        }
        for call in &self.answer.calls {
            let input = object(&call.arguments);
            blocks.push(json!({"toolUse": {"toolUseId": tool_id(call.seed), "name": call.name, "input": input}}));
        }
        blocks
    }

    pub(super) fn stop_reason(&self) -> &'static str {
        match &self.answer.end {
            End::Length => "max_tokens",
            End::Stop(_) => "stop_sequence",
            End::Natural if self.answer.refusal.is_some() => "content_filtered",
            End::Natural if self.answer.calls.is_empty() => "end_turn",
            End::Natural => "tool_use",
        }
    }
}

pub(super) fn tool_id(seed: u64) -> String {
    ids::id("tooluse_", seed, 22)
}

fn thinks(body: &Value) -> bool {
    let effort = body.at("/additionalModelRequestFields/reasoning_effort").as_str();
    matches!(claude::thinking(body)["type"].as_str(), Some("enabled" | "adaptive"))
        || effort.is_some_and(|effort| effort != "none")
}

/// The schema of the answer, which comes as a string.
fn schema(body: &Value) -> Result<Option<Value>, Reply> {
    let place = "outputConfig.textFormat.structure.jsonSchema.schema";
    let Some(text) = body.at("/outputConfig/textFormat/structure/jsonSchema/schema").as_str() else {
        return Ok(None);
    };
    let schema = serde_json::from_str::<Value>(text).ok().filter(Value::is_object);
    schema.map(Some).ok_or_else(|| validation(&format!("The value at {place} is not a valid JSON schema.")))
}

/// The words of the prompt, four for each message, and a quarter of the bytes of the tools. Half of it has been read
/// from the cache where there is a cache point; Claude's input leaves that out, that of other models holds it.
fn usage(body: &Value, model: &str, output: u64) -> Value {
    let messages = body["messages"].as_array().map_or(&[][..], Vec::as_slice);
    let said: u64 = messages.iter().map(|message| 4 + words(&message["content"])).sum();
    let tools = body.get("toolConfig").map_or(0, |tools| text::byte_tokens(&tools.to_string()));
    let prompt = said + words(&body["system"]) + tools;
    let cached = if claude::cache_points(body) > 0 { prompt / 2 } else { 0 };
    let input = if claude::is(model) { prompt - cached } else { prompt };
    json!({
        "inputTokens": input, "outputTokens": output, "totalTokens": prompt + output,
        "cacheReadInputTokens": cached, "cacheWriteInputTokens": 0,
    })
}

/// The one field of the model that can be asked for.
fn extra(body: &Value, answer: &Answer) -> Option<Value> {
    let mut paths = body["additionalModelResponseFieldPaths"].as_array()?.iter();
    let stop = match &answer.end {
        End::Stop(stop) => Some(stop),
        End::Natural | End::Length => None,
    };
    paths.any(|path| path == "/stop_sequence").then(|| json!({"stop_sequence": stop}))
}

fn ask<'a>(body: &'a Value, schema: Option<&'a Value>, seed: u64) -> Ask<'a> {
    let messages = body["messages"].as_array().map_or(&[][..], Vec::as_slice);
    let blocks = |message: &'a Value| message["content"].as_array().map_or(&[][..], Vec::as_slice);
    let last = messages.last().map(blocks).unwrap_or_default();
    let mut prompts = messages.iter().filter(|message| message["role"] == "user").map(|message| texts(blocks(message)));
    let tools = body.at("/toolConfig/tools").as_array().map_or(&[][..], Vec::as_slice).iter();
    let choice = body.at("/toolConfig/toolChoice");
    Ask {
        prompt: prompts.rfind(|prompt| !prompt.is_empty()).unwrap_or_default(),
        results: last.iter().filter_map(|block| Some(texts(block.get("toolResult")?["content"].as_array()?))).collect(),
        tools: tools
            .filter_map(|tool| {
                let spec = tool.get("toolSpec")?;
                Some(Tool { name: spec["name"].as_str()?, schema: spec.pointer("/inputSchema/json"), custom: false })
            })
            .collect(),
        choice: match choice.at("/tool/name").as_str() {
            Some(name) => Choice::Named(name),
            None if choice.get("any").is_some() => Choice::Any,
            None => Choice::Auto,
        },
        parallel: body.at("/additionalModelRequestFields/tool_choice/disable_parallel_tool_use") != true,
        shape: schema.map_or(Shape::Text, Shape::JsonSchema),
        seed,
    }
}

/// The texts of some blocks; JSON, which results of tools may have, is written out.
fn texts(blocks: &[Value]) -> String {
    let texts = blocks.iter().filter_map(|block| match block["text"].as_str() {
        Some(text) => Some(text.to_owned()),
        None => block.get("json").map(Value::to_string),
    });
    texts.collect::<Vec<_>>().join("\n")
}
