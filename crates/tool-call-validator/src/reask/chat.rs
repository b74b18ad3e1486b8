//! OpenAI's reference ("Create chat completion", messages of the roles `assistant`, `tool` and `function`), as of November
//! 2026.

use llm_layers_wire::json::Object;
use serde::Serialize;

use super::{list::append, turn, turn::Said, words::Words};
use crate::judge::{CallKind, Judgement, Turn};

#[derive(Serialize)]
#[serde(tag = "role", rename_all = "lowercase")]
enum Message<'a> {
    Assistant {
        content: Option<&'a str>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        tool_calls: Vec<Call<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        function_call: Option<Function<'a>>,
    },
    Tool {
        tool_call_id: &'a str,
        content: &'a str,
    },
    Function {
        name: &'a str,
        content: &'a str,
    },
    User {
        content: &'a str,
    },
}

#[derive(Serialize)]
struct Call<'a> {
    id: &'a str,
    #[serde(flatten)]
    of: Of<'a>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Of<'a> {
    Function { function: Function<'a> },
    Custom { custom: Custom<'a> },
}

#[derive(Serialize)]
struct Function<'a> {
    name: &'a str,
    arguments: &'a str,
}

#[derive(Serialize)]
struct Custom<'a> {
    name: &'a str,
    input: &'a str,
}

pub(super) fn request(request: &Object, turn: &Turn<'_>, judgement: &Judgement, words: Words) -> Option<Object> {
    let calls = turn::calls(turn, judgement, words.calls);
    let is_legacy = |said: &&Said<'_>| said.kind == CallKind::Legacy;
    let function_call = calls.iter().find(is_legacy).map(function);
    let tool_calls: Vec<_> = calls.iter().filter(|said| !is_legacy(said)).map(call).collect();
    let content = turn.text.as_deref().filter(|text| !text.is_empty());
    let mut messages = Vec::new();
    if content.is_some() || !calls.is_empty() {
        messages.push(Message::Assistant { content, tool_calls, function_call });
    }
    messages.extend(calls.iter().map(|said| match said.kind {
        CallKind::Legacy => Message::Function { name: &said.name, content: &said.words },
        _ => Message::Tool { tool_call_id: &said.id, content: &said.words },
    }));
    messages.extend(words.turn.as_deref().map(|content| Message::User { content }));
    append(request, "messages", &messages)
}

fn call<'a>(said: &'a Said<'_>) -> Call<'a> {
    let of = match said.kind {
        CallKind::Custom => Of::Custom { custom: Custom { name: &said.name, input: said.arguments } },
        _ => Of::Function { function: function(said) },
    };
    Call { id: &said.id, of }
}

fn function<'a>(said: &'a Said<'_>) -> Function<'a> {
    Function { name: &said.name, arguments: said.arguments }
}
