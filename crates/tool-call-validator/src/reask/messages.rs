//! Anthropic's reference ("Create a Message", blocks of the types `tool_use` and `tool_result`; "Extended thinking with tool
//! use") and the types of its SDK 2.11.0, as of November 2026.

use llm_layers_wire::json::{Limits, Object};
use serde::Serialize;
use serde_json::value::RawValue;

use super::{list::append, turn, words::Words};
use crate::judge::{Judgement, Turn};

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: Vec<Block<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block<'a> {
    Text { text: &'a str },
    ToolUse { id: &'a str, name: &'a str, input: &'a RawValue },
    ToolResult { tool_use_id: &'a str, content: &'a str, is_error: bool },
}

pub(super) fn request(request: &Object, turn: &Turn<'_>, judgement: &Judgement, words: Words) -> Option<Object> {
    let calls = turn::calls(turn, judgement, words.calls);
    // An empty text is refused.
    let text = turn.text.as_deref().map(str::trim_end).filter(|text| !text.is_empty());
    let mut said: Vec<_> = text.map(|text| Block::Text { text }).into_iter().collect();
    said.extend(calls.iter().map(|call| Block::ToolUse {
        id: &call.id,
        name: &call.name,
        input: input(call.arguments),
    }));
    // Results come before any text.
    let mut told: Vec<_> = calls
        .iter()
        .map(|call| Block::ToolResult { tool_use_id: &call.id, content: &call.words, is_error: true })
        .collect();
    told.extend(words.turn.as_deref().map(|text| Block::Text { text }));
    let turns = [Message { role: "assistant", content: said }, Message { role: "user", content: told }];
    let turns: Vec<_> = turns.into_iter().filter(|message| !message.content.is_empty()).collect();
    let mut request = append(request, "messages", &turns)?;
    stop_thinking(&mut request);
    Some(request)
}

/// The input of a call. What is no object is not repeated: it would be refused.
fn input(arguments: &str) -> &RawValue {
    let object = Object::parse_with(arguments.to_owned(), &Limits::LENIENT).ok();
    let raw = object.and_then(|_| serde_json::from_str(arguments.trim()).ok());
    raw.unwrap_or_else(|| serde_json::from_str("{}").unwrap_or(RawValue::NULL))
}

/// With a budget for thinking, a turn that calls tools must begin with what was thought, signed; here that is gone.
fn stop_thinking(request: &mut Object) {
    let thinking = request.get_bytes("thinking").and_then(|thinking| Object::parse(thinking).ok());
    if thinking.is_some_and(|thinking| thinking.text("type").as_deref() == Some("enabled")) {
        request.remove("thinking");
    }
}
