//! Faults in what is said: members and events that are missing, repeated or no JSON.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::answer::text;
use crate::reply::{Data, Event};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Edits {
    pub(super) no_done: bool,
    pub(super) garbage: bool,
    pub(super) invalid_json: bool,
    pub(super) no_role: bool,
    pub(super) no_finish_key: bool,
    pub(super) no_usage: bool,
    pub(super) usage_in_last: bool,
    pub(super) repeat_tool_id: bool,
    pub(super) tool_index_from_1: bool,
    pub(super) no_tool_index: bool,
}

const GARBAGE: &str = "<<< this is not JSON >>>";

impl Edits {
    /// Edits the JSON of a plain answer.
    pub(super) fn plain(self, mut value: Value) -> Value {
        if self.no_usage {
            no_usage(&mut value);
        }
        if self.no_role {
            remove(Some(&mut value), "role");
            remove(value.get_mut("message"), "role");
            remove(value.pointer_mut("/output/message"), "role");
            for choice in items(value.get_mut("choices")) {
                remove(choice.get_mut("message"), "role");
            }
            for candidate in items(value.get_mut("candidates")) {
                remove(candidate.get_mut("content"), "role");
            }
        }
        value
    }

    /// Edits the text of a plain answer.
    pub(super) fn text(self, body: Bytes) -> Bytes {
        if self.garbage {
            return Bytes::from_static(GARBAGE.as_bytes());
        }
        if self.invalid_json { body.slice(..body.len() / 2) } else { body }
    }

    pub(super) fn stream(self, events: &mut Vec<Event>) {
        if self.usage_in_last {
            usage_in_last(events);
        }
        if self.no_usage {
            events.retain(|event| !is_usage_chunk(event));
        }
        if self.no_done {
            events.retain(|event| !is_last_word(event));
        }
        let mut tools = Tools::default();
        for value in events.iter_mut().filter_map(Event::value_mut) {
            self.chunk(value, &mut tools);
        }
        let middle = events.len() / 2;
        if self.invalid_json
            && let Some(event) = events.get_mut(middle)
        {
            let text = match &event.data {
                Data::Json(value) => value.to_string(),
                Data::Text(text) => text.clone(),
            };
            let half = text::floor(&text, text.len() / 2);
            event.data = Data::Text(text.get(..half).unwrap_or_default().to_owned());
        }
        if self.garbage {
            let name = events.get(middle).and_then(|event| event.name);
            events.insert(middle, Event { name, data: Data::Text(GARBAGE.to_owned()) });
        }
    }

    fn chunk(self, value: &mut Value, tools: &mut Tools) {
        if self.no_usage {
            no_usage(value);
            remove(value.get_mut("message"), "usage");
            remove(value.get_mut("delta"), "usage");
        }
        if self.no_role {
            remove(Some(value), "role");
            remove(value.pointer_mut("/delta/message"), "role");
            remove(value.get_mut("message"), "role");
            for candidate in items(value.get_mut("candidates")) {
                remove(candidate.get_mut("content"), "role");
            }
        }
        for choice in items(value.get_mut("choices")) {
            let unfinished = choice.get("finish_reason").is_some_and(Value::is_null);
            if self.no_finish_key && unfinished {
                remove(Some(choice), "finish_reason");
            }
            let at = choice.get("index").and_then(Value::as_u64).unwrap_or(0);
            let Some(delta) = choice.get_mut("delta") else {
                continue;
            };
            if self.no_role {
                remove(Some(delta), "role");
            }
            for call in items(delta.get_mut("tool_calls")) {
                self.tool_call(at, call, tools);
            }
        }
    }

    fn tool_call(self, choice: u64, call: &mut Value, tools: &mut Tools) {
        let index = call.get("index").and_then(Value::as_u64).unwrap_or(0);
        let Some(members) = call.as_object_mut() else {
            return;
        };
        if self.repeat_tool_id {
            match members.get("id").cloned() {
                Some(id) => {
                    let name = members.get("function").map(|function| function["name"].clone()).unwrap_or_default();
                    tools.0.push((choice, index, id, name));
                }
                None => tools.repeat(choice, index, members),
            }
        }
        if self.tool_index_from_1 {
            members.insert("index".to_owned(), json!(index + 1));
        }
        if self.no_tool_index {
            members.remove("index");
        }
    }
}

/// The calls opened so far: choice, index, id, name.
#[derive(Default)]
struct Tools(Vec<(u64, u64, Value, Value)>);

impl Tools {
    fn repeat(&self, choice: u64, index: u64, members: &mut serde_json::Map<String, Value>) {
        let Some((.., id, name)) = self.0.iter().find(|known| known.0 == choice && known.1 == index) else {
            return;
        };
        members.insert("id".to_owned(), id.clone());
        members.insert("type".to_owned(), json!("function"));
        if let Some(function) = members.get_mut("function").and_then(Value::as_object_mut) {
            function.insert("name".to_owned(), name.clone());
        }
    }
}

/// What tells the end of a stream: `[DONE]`, Anthropic's, Bedrock's and Cohere's last event, Ollama's last line.
fn is_last_word(event: &Event) -> bool {
    let named = matches!(event.name, Some("message_stop" | "messageStop" | "message-end"));
    named || event.value().is_none_or(|value| value["done"] == true)
}

/// The member `usage`, Google's name for it, and Ollama's counts, which have no member of their own.
fn no_usage(value: &mut Value) {
    for name in ["usage", "usageMetadata", "prompt_eval_count", "eval_count"] {
        remove(Some(value), name);
    }
}

/// OpenAI's extra chunk at the end: no choices, the usage.
fn is_usage_chunk(event: &Event) -> bool {
    event
        .value()
        .is_some_and(|value| value["usage"].is_object() && value["choices"].as_array().is_some_and(Vec::is_empty))
}

fn usage_in_last(events: &mut Vec<Event>) {
    let Some(at) = events.iter().position(is_usage_chunk) else {
        return;
    };
    let usage = events.remove(at).value().map(|value| value["usage"].clone());
    let finish = events.iter_mut().rev().filter_map(Event::value_mut).find(|value| value["choices"].is_array());
    if let (Some(members), Some(usage)) = (finish.and_then(Value::as_object_mut), usage) {
        members.insert("usage".to_owned(), usage);
    }
}

fn remove(value: Option<&mut Value>, key: &str) {
    if let Some(members) = value.and_then(Value::as_object_mut) {
        members.remove(key);
    }
}

fn items(value: Option<&mut Value>) -> impl Iterator<Item = &mut Value> {
    value.and_then(Value::as_array_mut).into_iter().flatten()
}
