//! What is read off a request without building it: what it needs a model to do, and what conversation it belongs to.

use std::{hash::Hasher, ops::ControlFlow, sync::LazyLock};

use llm_layers_catalogue::{Capabilities, Capability, ServiceTier};
use llm_layers_core::Operation;
use llm_layers_wire::json::Object;
use memchr::memmem;

use super::cursor::{Cursor, member, text};

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

/// `response_format.type`; in the shape of responses `text.format.type`, in that of messages `output_config.format.type`
/// (Anthropic's structured outputs, November 2026; `output_format` before).
fn asks_for_schema(object: &Object) -> bool {
    let is_schema = |format: &[u8]| member(format, b"type").and_then(text) == Some(b"json_schema");
    if let Some(format) = object.get("response_format").or_else(|| object.get("output_format")) {
        return is_schema(format);
    }
    let formats = ["text", "output_config"].into_iter().filter_map(|name| member(object.get(name)?, b"format"));
    formats.into_iter().any(is_schema)
}

/// OpenAI's `reasoning_effort` and `reasoning`, OpenRouter's `reasoning` (`enabled`, `max_tokens`: its guide on reasoning
/// tokens, November 2026), Anthropic's `thinking`. `none`, `disabled`, `false` and 0 ask for none.
fn asks_for_reasoning(object: &Object) -> bool {
    if let Some(effort) = object.text("reasoning_effort") {
        return effort != "none";
    }
    if let Some(kind) = object.get("thinking").and_then(|thinking| text(member(thinking, b"type")?)) {
        return kind != b"disabled";
    }
    let Some(settings) = object.get("reasoning") else { return false };
    match (member(settings, b"effort").and_then(text), member(settings, b"enabled")) {
        (Some(b"none"), _) | (_, Some(b"false")) => false,
        (Some(_), _) | (_, Some(b"true")) => true,
        _ => member(settings, b"max_tokens").is_some_and(|most| matches!(most, [b'1'..=b'9', ..])),
    }
}

/// Images and sound among the parts of messages, and of what tools have given.
fn media(operation: Operation, object: &Object) -> Capabilities {
    let mut found = Capabilities::NONE;
    if let Some(messages) = object.get(messages_member(operation)) {
        let _ = parts(&mut Cursor::new(messages), 0, &mut found);
    }
    found
}

/// Looks at the parts of a list, and at what they hold themselves: messages hold parts, one of these may be the result
/// of a tool, which holds others.
fn parts(cursor: &mut Cursor<'_>, depth: u8, found: &mut Capabilities) -> Option<ControlFlow<()>> {
    /// Of a message, its result of a tool, and the parts of that.
    const MOST: u8 = 3;
    match cursor.peek()? {
        b'[' if depth < MOST => {
            cursor.items(|part| if part.peek()? == b'[' { part.value().and(ON) } else { parts(part, depth, found) })
        }
        b'{' if depth < MOST => {
            let mut document = None;
            let mut is_document = false;
            let walked = cursor.members(|name, value| match name {
                b"type" => {
                    let before = value.peek()?;
                    match (before == b'"').then(|| value.string()).flatten() {
                        Some(b"image_url" | b"input_image" | b"image" | b"computer_screenshot") => {
                            *found = found.with(Capability::Vision);
                        }
                        // A page is looked at like a picture, unless it is a text.
                        Some(b"file" | b"input_file") => *found = found.with(Capability::Vision),
                        Some(b"document") => is_document = true,
                        Some(b"input_audio" | b"audio") => *found = found.with(Capability::Audio),
                        Some(_) => {}
                        None => return value.value().and(ON),
                    }
                    ON
                }
                b"source" => {
                    document = value.value();
                    document.and(ON)
                }
                b"content" | b"output" => parts(value, depth + 1, found),
                _ => value.value().and(ON),
            });
            let is_text = |source| matches!(member(source, b"type").and_then(text), Some(b"text" | b"content"));
            if is_document && !document.is_some_and(is_text) {
                *found = found.with(Capability::Vision);
            }
            walked
        }
        _ => cursor.value().and(ON),
    }
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
            (
                Message,
                r#"{"messages":[{"content":[{"type":"tool_result","content":[{"type":"text"},{"type":"image"}]}]}]}"#,
                &["vision"],
            ),
            (
                Response,
                r#"{"input":[{"type":"computer_call_output","output":{"type":"computer_screenshot","image_url":"u"}}]}"#,
                &["vision"],
            ),
            (Response, r#"{"input":[{"output":[{"type":"input_image"}],"type":"function_call_output"}]}"#, &["vision"]),
            (Response, r#"{"input":[{"type":"function_call_output","output":"image"}]}"#, &[]),
            (Response, r#"{"input":[{"role":"user","content":[{"type":"input_file","file_id":"f"}]}]}"#, &["vision"]),
            (Chat, r#"{"messages":[{"content":[{"type":"file","file":{"file_data":"data:"}}]}]}"#, &["vision"]),
            (
                Message,
                r#"{"messages":[{"content":[{"type":"document","source":{"type":"base64","media_type":"application/pdf"}}]}]}"#,
                &["vision"],
            ),
            (
                Message,
                r#"{"messages":[{"content":[{"source":{"type":"url","url":"u"},"type":"document"}]}]}"#,
                &["vision"],
            ),
            (Message, r#"{"messages":[{"content":[{"source":{"type":"text","data":"t"},"type":"document"}]}]}"#, &[]),
            // A member of an argument is no part.
            (Chat, r#"{"messages":[{"content":"x","tool_calls":[{"type":"image"}]}]}"#, &[]),
            (Message, r#"{"output_config":{"effort":"low","format":{"type":"json_schema"}}}"#, &["json_schema"]),
            (Message, r#"{"output_config":{"effort":"low"}}"#, &[]),
            (Message, r#"{"output_format":{"type":"json_schema"}}"#, &["json_schema"]),
            (Chat, r#"{"reasoning":{"max_tokens":2000}}"#, &["reasoning"]),
            (Chat, r#"{"reasoning":{"enabled":true}}"#, &["reasoning"]),
            (Chat, r#"{"reasoning":{"enabled":false,"effort":"high"}}"#, &[]),
            (Chat, r#"{"reasoning":{"effort":"none","max_tokens":2000}}"#, &[]),
            (Chat, r#"{"reasoning":{"exclude":true,"max_tokens":0}}"#, &[]),
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
