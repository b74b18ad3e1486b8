//! What is read off a request without building it: what it needs a model to do, and what conversation it belongs to.

use std::{hash::Hasher, ops::ControlFlow, sync::LazyLock};

use llm_layers_catalogue::{Capabilities, Capability, ServiceTier};
use llm_layers_core::Operation;
use llm_layers_wire::json::Object;
use memchr::memmem;

use super::cursor::Cursor;

const ON: Option<ControlFlow<()>> = Some(ControlFlow::Continue(()));
const STOP: Option<ControlFlow<()>> = Some(ControlFlow::Break(()));

/// Which of these capabilities the request needs. What it need not be read for is not.
pub(super) fn needs(operation: Operation, object: &Object, among: Capabilities) -> Capabilities {
    let mut found = Capabilities::NONE;
    let mut find = |capability, is_needed: &dyn Fn() -> bool| {
        if among.contains(capability) && is_needed() {
            found = found.with(capability);
        }
    };
    find(Capability::Tools, &|| has_items(object, "tools") || has_items(object, "functions"));
    find(Capability::JsonSchema, &|| asks_for_schema(object));
    find(Capability::Reasoning, &|| asks_for_reasoning(object));
    find(Capability::Streaming, &|| object.is_true("stream"));
    find(Capability::Audio, &|| object.get("audio").is_some_and(|audio| audio.starts_with(b"{")));
    if among.contains(Capability::Vision) || among.contains(Capability::Audio) {
        let media = media(operation, object);
        for capability in [Capability::Vision, Capability::Audio] {
            if among.contains(capability) && media.contains(capability) {
                found = found.with(capability);
            }
        }
    }
    found
}

fn has_items(object: &Object, member: &str) -> bool {
    let Some(value) = object.get(member) else { return false };
    value.strip_prefix(b"[").is_some_and(|items| !items.trim_ascii_start().starts_with(b"]"))
}

/// `response_format.type`, and in the shape of responses `text.format.type`.
fn asks_for_schema(object: &Object) -> bool {
    let is_schema = |format: &mut Cursor<'_>| {
        let mut found = false;
        let _ = format.members(|name, value| match name {
            b"type" => {
                found = value.string() == Some(b"json_schema");
                STOP
            }
            _ => value.value().and(ON),
        });
        found
    };
    if let Some(format) = object.get("response_format") {
        return is_schema(&mut Cursor::new(format));
    }
    let Some(text) = object.get("text").filter(|text| text.starts_with(b"{")) else { return false };
    let mut found = false;
    let _ = Cursor::new(text).members(|name, value| match name {
        b"format" => {
            found = is_schema(value);
            STOP
        }
        _ => value.value().and(ON),
    });
    found
}

/// OpenAI's `reasoning_effort` and `reasoning`, Anthropic's `thinking`. `none` and `disabled` ask for none.
fn asks_for_reasoning(object: &Object) -> bool {
    if let Some(effort) = object.text("reasoning_effort") {
        return effort != "none";
    }
    [("reasoning", &b"effort"[..], &b"none"[..]), ("thinking", b"type", b"disabled")].into_iter().any(
        |(member, key, off)| {
            let Some(settings) = object.get(member).filter(|value| value.starts_with(b"{")) else { return false };
            let mut asked = false;
            let _ = Cursor::new(settings).members(|name, value| {
                if name == key {
                    asked = value.string().is_some_and(|word| word != off);
                    return STOP;
                }
                value.value().and(ON)
            });
            asked
        },
    )
}

/// Images and sound among the parts of messages.
fn media(operation: Operation, object: &Object) -> Capabilities {
    let Some(messages) = object.get(messages_member(operation)).filter(|value| value.starts_with(b"[")) else {
        return Capabilities::NONE;
    };
    let mut found = Capabilities::NONE;
    let _ = Cursor::new(messages).items(|message| {
        if message.peek()? != b'{' {
            return message.value().and(ON);
        }
        message.members(|name, content| {
            if !matches!(name, b"content" | b"output") || content.peek()? != b'[' {
                return content.value().and(ON);
            }
            content.items(|part| {
                if part.peek()? != b'{' {
                    return part.value().and(ON);
                }
                part.members(|name, value| {
                    if name != b"type" {
                        return value.value().and(ON);
                    }
                    match value.string() {
                        Some(b"image_url" | b"input_image" | b"image") => found = found.with(Capability::Vision),
                        Some(b"input_audio" | b"audio") => found = found.with(Capability::Audio),
                        Some(_) => {}
                        None => return value.value().and(ON),
                    }
                    ON
                })
            })
        })
    });
    found
}

const fn messages_member(operation: Operation) -> &'static str {
    match operation {
        Operation::Response => "input",
        _ => "messages",
    }
}

/// Whether there may be more tokens in it than bytes: what it refers to, or what it holds in another form.
pub(super) fn may_refer(object: &Object) -> bool {
    /// Pictures, sound and files are parts with a type. Within a text the quotes would be escaped.
    static TYPE: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new(b"\"type\""));
    let has_parts = |member| object.get(member).is_some_and(|text| TYPE.find(text).is_some());
    let is_stored = || object.get("prompt").is_some_and(|prompt| prompt.starts_with(b"{"));
    has_parts("messages") || has_parts("input") || object.contains("previous_response_id") || is_stored()
}

/// Feeds the beginning of a conversation to a hash: all that comes before the first message of the user, and that
/// message. Says whether there is one.
pub(super) fn beginning(operation: Operation, object: &Object, hasher: &mut impl Hasher) -> bool {
    if !matches!(operation, Operation::ChatCompletion | Operation::Response | Operation::Message) {
        return false;
    }
    for member in ["system", "instructions", "tools"] {
        if let Some(text) = object.get(member) {
            hash_part(text, hasher);
        }
    }
    let Some(messages) = object.get(messages_member(operation)) else { return false };
    if messages.starts_with(b"\"") {
        hash_part(messages, hasher);
        return true;
    }
    let mut begun = false;
    let _ = Cursor::new(messages).items(|message| {
        let mut look = *message;
        hash_part(message.value()?, hasher);
        let _ = look.members(|name, value| match name {
            b"role" => {
                begun = value.string() == Some(b"user");
                STOP
            }
            _ => value.value().and(ON),
        });
        if begun { STOP } else { ON }
    });
    begun
}

/// The ends of a long text tell conversations apart as well as all of it does.
fn hash_part(text: &[u8], hasher: &mut impl Hasher) {
    const END: usize = 4096;
    hasher.write_usize(text.len());
    if text.len() <= 2 * END {
        hasher.write(text);
        return;
    }
    hasher.write(text.get(..END).unwrap_or_default());
    hasher.write(text.get(text.len() - END..).unwrap_or_default());
}

/// `metadata.user_id`, as it is written: Anthropic's place for the user.
pub(super) fn user_of_metadata(object: &Object) -> Option<&[u8]> {
    let metadata = object.get("metadata").filter(|metadata| metadata.starts_with(b"{"))?;
    let mut user = None;
    let _ = Cursor::new(metadata).members(|name, value| match name {
        b"user_id" => {
            user = value.string();
            STOP
        }
        _ => value.value().and(ON),
    });
    user
}

/// The service tier that is asked for.
pub(super) fn service_tier(object: &Object) -> ServiceTier {
    object.text("service_tier").and_then(|name| ServiceTier::from_name(&name)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::hash::DefaultHasher;

    use super::*;

    fn needs_of(operation: Operation, text: &'static str) -> Vec<&'static str> {
        let all = Capability::ALL.into_iter().collect();
        needs(operation, &Object::parse(text).unwrap(), all).iter().map(Capability::name).collect()
    }

    #[test]
    fn needs_are_read_off_the_request() {
        use Operation::{ChatCompletion as Chat, Message, Response};
        let table: &[(Operation, &str, &[&str])] = &[
            (Chat, r#"{"messages":[{"role":"user","content":"an \"image_url\", input_audio"}]}"#, &[]),
            (Chat, r#"{"messages":[{"role":"user","content":"image_url"}],"tools":[ ],"stream":false}"#, &[]),
            (Chat, r#"{"tools":[{}],"stream":true}"#, &["tools", "streaming"]),
            (Chat, r#"{"functions":[{}]}"#, &["tools"]),
            (
                Chat,
                r#"{"messages":[{"content":[{"text":"x","type":"text"},{"image_url":{"url":"a"},"type":"image_url"}]}]}"#,
                &["vision"],
            ),
            (Chat, r#"{"messages":["odd",{"content":[7,{"type":["image"]},{"type":"input_audio"}]}]}"#, &["audio"]),
            (Chat, r#"{"audio":{"voice":"alloy"}}"#, &["audio"]),
            (Chat, r#"{"response_format":{"json_schema":{"type":"x"},"type":"json_schema"}}"#, &["json_schema"]),
            (Chat, r#"{"response_format":{"type":"json_object"}}"#, &[]),
            (Chat, r#"{"reasoning_effort":"low"}"#, &["reasoning"]),
            (Chat, r#"{"reasoning_effort":"none","reasoning":{"effort":"none"}}"#, &[]),
            (Message, r#"{"thinking":{"type":"enabled","budget_tokens":1}}"#, &["reasoning"]),
            (Message, r#"{"thinking":{"type":"disabled"},"messages":[{"content":[{"type":"image"}]}]}"#, &["vision"]),
            (
                Response,
                r#"{"text":{"format":{"type":"json_schema"}},"reasoning":{"effort":"high"}}"#,
                &["json_schema", "reasoning"],
            ),
            (Response, r#"{"input":[{"role":"user","content":[{"type":"input_image"}]}]}"#, &["vision"]),
        ];
        for (operation, text, expected) in table {
            assert_eq!(needs_of(*operation, text), *expected, "{text}");
        }
    }

    #[test]
    fn only_what_is_asked_about_is_found() {
        let object = Object::parse(r#"{"tools":[{}],"stream":true}"#).unwrap();
        assert!(needs(Operation::ChatCompletion, &object, Capabilities::NONE).is_empty());
    }

    fn hash(operation: Operation, text: &str) -> Option<u64> {
        let object = Object::parse(text.to_owned()).unwrap();
        let mut hasher = DefaultHasher::new();
        beginning(operation, &object, &mut hasher).then(|| hasher.finish())
    }

    #[test]
    fn a_conversation_is_known_by_its_beginning() {
        let chat =
            |messages: &str| hash(Operation::ChatCompletion, &format!(r#"{{"model":"m","messages":[{messages}]}}"#));
        let first = chat(r#"{"role":"system","content":"s"},{"role":"user","content":"a"}"#);
        assert!(first.is_some());
        let later = r#"{"role":"system","content":"s"},{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"c"}"#;
        assert_eq!(chat(later), first);
        assert_ne!(chat(r#"{"role":"system","content":"t"},{"role":"user","content":"a"}"#), first);
        assert_ne!(chat(r#"{"role":"system","content":"s"},{"content":"b","role":"user"}"#), first);
        assert_eq!(chat(r#"{"role":"system","content":"s"}"#), None, "nobody has spoken");
        assert_eq!(chat(""), None);
        assert_eq!(hash(Operation::Completion, r#"{"prompt":"a"}"#), None);
        assert!(hash(Operation::Response, r#"{"instructions":"s","input":"a"}"#).is_some());
        assert_ne!(
            hash(Operation::Message, r#"{"system":"s","messages":[{"role":"user","content":"a"}]}"#),
            hash(Operation::Message, r#"{"system":"t","messages":[{"role":"user","content":"a"}]}"#),
        );
    }

    #[test]
    fn what_is_referred_to_must_be_counted() {
        let may = |text: &'static str| may_refer(&Object::parse(text).unwrap());
        assert!(!may(r#"{"messages":[{"role":"user","content":"{\"type\":\"image\"}"}],"prompt":"x"}"#));
        assert!(may(r#"{"messages":[{"content":[{"type":"image_url"}]}]}"#));
        assert!(may(r#"{"input":"x","previous_response_id":"resp_1"}"#));
    }
}
