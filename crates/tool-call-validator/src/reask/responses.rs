//! OpenAI's reference ("Create a model response", items of the types `function_call`, `custom_tool_call` and their outputs),
//! as of November 2026.

use llm_layers_wire::json::Object;
use serde::Serialize;

use super::{list::append, turn, words::Words};
use crate::judge::{CallKind, Judgement, Turn};

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Item<'a> {
    Message { role: &'static str, content: &'a str },
    FunctionCall { call_id: &'a str, name: &'a str, arguments: &'a str },
    FunctionCallOutput { call_id: &'a str, output: &'a str },
    CustomToolCall { call_id: &'a str, name: &'a str, input: &'a str },
    CustomToolCallOutput { call_id: &'a str, output: &'a str },
}

pub(super) fn request(request: &Object, turn: &Turn<'_>, judgement: &Judgement, words: Words) -> Option<Object> {
    let is_given = |member| request.get(member).is_some_and(|value| value != b"null");
    if is_given("conversation") || request.is_true("background") {
        // The provider itself has put the answer into the conversation, or goes on with it unseen.
        return None;
    }
    let calls = turn::calls(turn, judgement, words.calls);
    let text = turn.text.as_deref().filter(|text| !text.is_empty());
    let mut items: Vec<_> = text.map(|content| Item::Message { role: "assistant", content }).into_iter().collect();
    items.extend(calls.iter().map(|said| {
        let (call_id, name): (&str, &str) = (&said.id, &said.name);
        match said.kind {
            CallKind::Custom => Item::CustomToolCall { call_id, name, input: said.arguments },
            _ => Item::FunctionCall { call_id, name, arguments: said.arguments },
        }
    }));
    items.extend(calls.iter().map(|said| {
        let (call_id, output): (&str, &str) = (&said.id, &said.words);
        match said.kind {
            CallKind::Custom => Item::CustomToolCallOutput { call_id, output },
            _ => Item::FunctionCallOutput { call_id, output },
        }
    }));
    items.extend(words.turn.as_deref().map(|content| Item::Message { role: "user", content }));
    match request.text("input") {
        Some(input) => {
            let mut request = request.clone();
            request.set("input", &[Item::Message { role: "user", content: &input }]);
            append(&request, "input", &items)
        }
        None => append(request, "input", &items),
    }
}
