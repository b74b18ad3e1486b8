//! Contents: roles, parts, the order of turns, and of function calls and their responses.

use serde_json::Value;

use super::error::{field, invalid};
use super::fields::PART_DATA;
use super::{Model, Surface, signature};
use crate::look::Look;
use crate::reply::Reply;

/// What one side says before the other does.
struct Turn<'a> {
    /// The place of its first content, counted from one.
    position: usize,
    role: &'a str,
    parts: Vec<&'a Value>,
}

pub(super) fn check(contents: &[Value], model: Model<'_>, surface: Surface) -> Result<(), Reply> {
    let turns = turns(contents, model)?;
    let mut open: Vec<&Value> = Vec::new();
    for turn in &turns {
        responses(&open, &all(turn.parts.iter().copied(), "functionResponse"), model)?;
        open = all(turn.parts.iter().copied(), "functionCall");
    }
    if !open.is_empty() {
        return Err(invalid(UNEQUAL));
    }
    signatures(&turns, model, surface)
}

/// Several contents of the model in a row are one turn: Google's own SDK (google-genai 3.4.0) sends a streamed answer
/// back chunk by chunk. The user's must be one content.
fn turns<'a>(contents: &'a [Value], model: Model<'_>) -> Result<Vec<Turn<'a>>, Reply> {
    if contents.is_empty() {
        return Err(field("contents", "contents is not specified"));
    }
    let mut turns: Vec<Turn<'a>> = Vec::new();
    for (at, content) in contents.iter().enumerate() {
        let role = content["role"].as_str().unwrap_or("user");
        if !["user", "model"].contains(&role) {
            return Err(invalid("Please use a valid role: user, model."));
        }
        let parts = parts(content);
        if parts.is_empty() {
            return Err(field(&format!("contents[{at}].parts"), "contents.parts must not be empty."));
        }
        for (index, part) in parts.iter().enumerate() {
            part_data(&format!("contents[{at}].parts[{index}]"), role, part, model)?;
        }
        match turns.last_mut() {
            Some(last) if last.role == role && role == "model" => last.parts.extend(parts),
            last if last.as_ref().map_or("model", |last| last.role) == role => {
                return Err(invalid("Please ensure that multiturn requests alternate between user and model."));
            }
            _ => turns.push(Turn { position: at + 1, role, parts: parts.iter().collect() }),
        }
    }
    Ok(turns)
}

const UNEQUAL: &str = "Please ensure that the number of function response parts is equal to the number of function \
                       call parts of the function call turn.";

pub(super) fn parts(content: &Value) -> &[Value] {
    content["parts"].as_array().map_or(&[], Vec::as_slice)
}

/// The calls or the responses among the parts.
pub(super) fn all<'a>(parts: impl IntoIterator<Item = &'a Value>, kind: &str) -> Vec<&'a Value> {
    parts.into_iter().filter_map(|part| part.get(kind)).collect()
}

/// A part has one field of data, and the one that its role may have.
fn part_data(place: &str, role: &str, part: &Value, model: Model<'_>) -> Result<(), Reply> {
    let mut data = PART_DATA.into_iter().filter(|name| part.get(*name).is_some());
    let Some(kind) = data.next() else {
        return Err(field(&format!("{place}.data"), "required oneof field 'data' must have one initialized field"));
    };
    if let Some(second) = data.next() {
        return Err(invalid(&format!(
            "Invalid value at '{place}' (oneof), oneof field 'data' is already set. Cannot set '{second}'"
        )));
    }
    match (kind, role) {
        ("text", "user") if part["text"] == "" => Err(invalid(
            "Unable to submit request because it has an empty text parameter. Add a value to the parameter and try \
             again.",
        )),
        ("functionCall", "user") => Err(invalid(
            "Please ensure that function call turn comes immediately after a user turn or after a function response \
             turn.",
        )),
        ("functionResponse", "model") => {
            Err(invalid("Please ensure that function response turn comes immediately after a function call turn."))
        }
        ("functionCall" | "functionResponse", _) => call(place, kind, &part[kind], model),
        ("inlineData", _) if part.at("/inlineData/mimeType").as_str().is_none_or(str::is_empty) => {
            Err(invalid("Unable to submit request because the mimeType parameter of inlineData is empty."))
        }
        _ => Ok(()),
    }
}

fn call(place: &str, kind: &str, call: &Value, model: Model<'_>) -> Result<(), Reply> {
    let place = format!("{place}.{}", super::proto::snake(kind));
    if call["name"].as_str().is_none_or(str::is_empty) {
        return Err(field(&format!("{place}.name"), "Name cannot be empty."));
    }
    if call.get("id").is_some() && !model.is_third() {
        return Err(super::error::violations(&[super::error::Violation {
            field: place.clone(),
            description: format!("Invalid JSON payload received. Unknown name \"id\" at '{place}': Cannot find field."),
        }]));
    }
    // A `$ref` in a response points to one of its parts by the name that the part has.
    let pointer = find(&call["response"], "$ref", 0).and_then(Value::as_str);
    let named = |name: &str| {
        let parts = call["parts"].as_array().map_or(&[][..], Vec::as_slice).iter();
        parts.filter_map(|part| part.as_object()?.values().next()).any(|data| data["displayName"] == name)
    };
    match pointer {
        Some(name) if !named(name) => Err(field(
            &format!("{place}.response"),
            &format!("the reference `{name}` has no part with this display name"),
        )),
        _ => Ok(()),
    }
}

const MAX_DEPTH: usize = 64;

fn find<'a>(value: &'a Value, name: &str, depth: usize) -> Option<&'a Value> {
    if depth > MAX_DEPTH {
        return None;
    }
    match value {
        Value::Object(members) => {
            members.get(name).or_else(|| members.values().find_map(|value| find(value, name, depth + 1)))
        }
        Value::Array(items) => items.iter().find_map(|item| find(item, name, depth + 1)),
        _ => None,
    }
}

/// The responses answer the calls of the turn before: all of them, in their order, or by their ids.
fn responses(calls: &[&Value], responses: &[&Value], model: Model<'_>) -> Result<(), Reply> {
    if calls.is_empty() && !responses.is_empty() {
        return Err(invalid("Please ensure that function response turn comes immediately after a function call turn."));
    }
    if calls.len() != responses.len() {
        return Err(invalid(UNEQUAL));
    }
    for (call, response) in calls.iter().zip(responses) {
        let by_id = response.get("id").filter(|_| model.is_third());
        let call = match by_id {
            Some(id) => calls.iter().find(|call| call.get("id") == Some(id)),
            None => Some(call),
        };
        if call.is_none_or(|call| call["name"] != response["name"]) {
            return Err(invalid(
                "Please ensure that every function response has the name (and the id, where it has one) of the \
                 function call that it answers.",
            ));
        }
    }
    Ok(())
}

/// Signatures that come back must be right. From Gemini 3 on the first call of each step of the turn that is still
/// going on must have one.
fn signatures(turns: &[Turn<'_>], model: Model<'_>, surface: Surface) -> Result<(), Reply> {
    let answers = |turn: &Turn<'_>| turn.parts.iter().any(|part| part.get("functionResponse").is_some());
    let running = turns.iter().rposition(|turn| turn.role == "user" && !answers(turn)).unwrap_or(0);
    for (at, turn) in turns.iter().enumerate() {
        let mut first = true;
        for part in &turn.parts {
            let given = part["thoughtSignature"].as_str();
            let Some(call) = part.get("functionCall") else {
                if given.is_some_and(|given| !signature::is_ours(given)) {
                    return Err(corrupted(surface));
                }
                continue;
            };
            let name = call["name"].as_str().unwrap_or_default();
            match given {
                Some(given) if !signature::fits_call(given, name, arguments(call)) => return Err(corrupted(surface)),
                None if first && at > running && model.is_third() => return Err(missing(surface, name, turn.position)),
                _ => {}
            }
            first = false;
        }
    }
    Ok(())
}

/// A call without arguments may be written without `args`.
fn arguments(call: &Value) -> &Value {
    static NONE: std::sync::LazyLock<Value> = std::sync::LazyLock::new(|| serde_json::json!({}));
    call.get("args").unwrap_or(&NONE)
}

fn missing(surface: Surface, name: &str, position: usize) -> Reply {
    invalid(&match surface {
        Surface::Developer => format!(
            "Function call is missing a thought_signature in functionCall parts. This is required for tools to work \
             correctly, and missing thought_signature may lead to degraded model performance. Additional data, \
             function call `default_api:{name}` , position {position}. Please refer to \
             https://ai.google.dev/gemini-api/docs/thought-signatures for more details."
        ),
        Surface::Vertex => format!(
            "Unable to submit request because function call `{name}` in the {position}. content block is missing a \
             `thought_signature`. Learn more: \
             https://docs.cloud.google.com/vertex-ai/generative-ai/docs/thought-signatures"
        ),
    })
}

fn corrupted(surface: Surface) -> Reply {
    invalid(match surface {
        Surface::Developer => "Corrupted thought signature.",
        Surface::Vertex => {
            "Unable to submit request because Thought signature is not valid.. Learn more: \
             https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/gemini"
        }
    })
}
