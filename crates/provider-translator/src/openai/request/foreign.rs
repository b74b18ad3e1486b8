//! What a client of Anthropic's says, and OpenAI's own servers refuse because they do not know it.
//!
//! `InboundLayer` keeps all of it in the chat call that it makes of a message, for providers that know it. Those who
//! refuse unknown members get the rest.

use std::sync::LazyLock;

use bytes::Bytes;
use llm_layers_wire::json::{Array, Object};
use memchr::memmem::Finder;

use super::LIMITS;
use crate::{conversation::says_error, warnings::Warnings};

/// Members of the request. What they ask for is left undone, and told.
const OF_REQUEST: [&str; 6] = ["thinking", "top_k", "cache_control", "container", "diagnostics", "inference_geo"];

/// Members of messages, parts, calls and tools. They are marks and carriers, and change no word of what is said.
const OF_MESSAGE: [&str; 6] =
    ["cache_control", "reasoning_content", "reasoning_details", "is_error", "extra_content", NATIVE];

/// What other providers have said in their own words, which a client hands back with their messages.
const NATIVE: &str = "native";

/// Takes them out.
pub(in crate::openai) fn leave_out(request: &mut Object, warnings: &mut Warnings) {
    for name in OF_REQUEST {
        // Not refused by a strict provider: the client has asked in its own API's words, where they are right.
        if request.remove(name) {
            warnings.left_out(name, "unsupported");
        }
    }
    if let Some(tools) = request.get_bytes("tools").and_then(|tools| each(tools, plain)) {
        let _ = request.set_raw("tools", tools);
    }
    if let Some(messages) = request.get_bytes("messages").and_then(messages) {
        let _ = request.set_raw("messages", messages);
    }
}

/// Takes out of messages what other providers have said in their own words.
pub(in crate::openai) fn leave_out_native(request: &mut Object) {
    // Made once. Most requests do not hold the word, and are not parsed for it.
    static WORD: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"\"native\""));
    let Some(list) = request.get_bytes("messages").filter(|list| WORD.find(list).is_some()) else { return };
    let without = |message: Bytes| {
        let mut message = Object::parse_with(message, &LIMITS).ok()?;
        message.remove(NATIVE).then(|| message.to_bytes())
    };
    if let Some(messages) = each(list, without) {
        let _ = request.set_raw("messages", messages);
    }
}

/// An object without those members.
fn plain(object: Bytes) -> Option<Bytes> {
    let mut object = Object::parse_with(object, &LIMITS).ok()?;
    for name in OF_MESSAGE {
        object.remove(name);
    }
    object.is_edited().then(|| object.to_bytes())
}

fn messages(list: Bytes) -> Option<Bytes> {
    let list = Array::parse_with(list, &LIMITS).ok()?;
    let mut made: Vec<Bytes> = Vec::with_capacity(list.len());
    // OpenAI's tools give text only: what else they show the user shows, once all of them have answered.
    let mut shown: Vec<Bytes> = Vec::new();
    for text in list.iter() {
        let mut message = Object::parse_with(text, &LIMITS).ok()?;
        let is_tool = message.text("role").as_deref() == Some("tool");
        if !is_tool && !shown.is_empty() {
            made.push(user(&shown));
            shown.clear();
        }
        if is_tool {
            tell_error(&mut message);
        }
        for name in OF_MESSAGE {
            message.remove(name);
        }
        for name in ["content", "tool_calls"] {
            if let Some(changed) = message.get_bytes(name).and_then(|list| each(list, plain)) {
                let _ = message.set_raw(name, changed);
            }
        }
        if is_tool {
            show(&mut message, &mut shown);
        }
        made.push(message.to_bytes());
    }
    if !shown.is_empty() {
        made.push(user(&shown));
    }
    Some(joined(&made))
}

/// Says in words that a tool has failed, which is all that OpenAI's have for it.
pub(super) fn tell_error(message: &mut Object) {
    if !message.is_true("is_error") {
        return;
    }
    let Some(content) = message.get_bytes("content").filter(|content| content != "null") else {
        message.set("content", "Error");
        return;
    };
    if let Some(text) = message.text("content").map(|text| text.into_owned()) {
        if !says_error(&text) {
            message.set("content", &format!("Error: {text}"));
        }
        return;
    }
    let Ok(parts) = Array::parse_with(content, &LIMITS) else { return };
    let mut parts: Vec<Bytes> = parts.iter().collect();
    let text = parts.iter().enumerate().find_map(|(at, part)| {
        let part = Object::parse_with(part.clone(), &LIMITS).ok()?;
        let text = part.text("text")?.into_owned();
        Some((at, part, text))
    });
    match text {
        Some((_, _, text)) if says_error(&text) => return,
        Some((at, mut part, text)) => {
            part.set("text", &format!("Error: {text}"));
            parts.splice(at..=at, [part.to_bytes()]);
        }
        None => parts.insert(0, Bytes::from_static(br#"{"type":"text","text":"Error"}"#)),
    }
    let _ = message.set_raw("content", joined(&parts));
}

/// Takes what is no text out of a tool's message.
fn show(message: &mut Object, shown: &mut Vec<Bytes>) {
    let Some(Ok(parts)) = message.get_bytes("content").map(|list| Array::parse_with(list, &LIMITS)) else { return };
    let is_text = |part: &Bytes| {
        Object::parse_with(part.clone(), &LIMITS).is_ok_and(|part| part.text("type").as_deref() == Some("text"))
    };
    let (texts, others): (Vec<Bytes>, Vec<Bytes>) = parts.iter().partition(is_text);
    if others.is_empty() {
        return;
    }
    if texts.is_empty() {
        message.set("content", "(shown below)");
    } else {
        let _ = message.set_raw("content", joined(&texts));
    }
    shown.extend(others);
}

fn user(parts: &[Bytes]) -> Bytes {
    Bytes::from([br#"{"role":"user","content":"#.as_slice(), &joined(parts), b"}"].concat())
}

fn joined(items: &[Bytes]) -> Bytes {
    Bytes::from([b"[".as_slice(), &items.join(&b','), b"]"].concat())
}

fn each(list: Bytes, change: impl Fn(Bytes) -> Option<Bytes>) -> Option<Bytes> {
    let mut list = Array::parse_with(list, &LIMITS).ok()?;
    let mut edited = false;
    for index in 0..list.len() {
        if let Some(changed) = list.get(index).and_then(&change) {
            edited |= list.set(index, changed).is_ok();
        }
    }
    edited.then(|| list.to_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(request: &str) -> (String, Option<String>) {
        let mut object = Object::parse(request.to_owned()).expect("an object");
        let mut warnings = Warnings::new(true);
        leave_out(&mut object, &mut warnings);
        let warned = warnings.into_header().map(|header| header.to_str().expect("text").to_owned());
        (String::from_utf8(object.to_bytes().to_vec()).expect("UTF-8"), warned)
    }

    #[test]
    fn what_openai_does_not_know_is_left_out_and_the_rest_stays_as_it_was() {
        let (request, warned) = left(
            r#"{"model":"m","top_k":3,"x":1.0,"tools":[{"type":"function","cache_control":{},"function":{"name":"f"}}],"messages":[{"role":"user","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}]},{"role":"assistant","content":null,"reasoning_details":[],"tool_calls":[{"id":"c","extra_content":{}}]}]}"#,
        );
        let expected = r#"{"model":"m","x":1.0,"tools":[{"type":"function","function":{"name":"f"}}],"messages":[{"role":"user","content":[{"type":"text","text":"a"}]},{"role":"assistant","content":null,"tool_calls":[{"id":"c"}]}]}"#;
        assert_eq!(request, expected);
        assert_eq!(warned.as_deref(), Some("dropped;param=top_k;reason=unsupported"));
    }

    #[test]
    fn what_others_have_said_in_their_words_is_left_out() {
        for (request, sent) in [
            (
                r#"{"x":1.0,"messages":[{"role":"user","content":"\"native\""},{"role":"assistant","content":"a","native":{"content":[]}}]}"#,
                r#"{"x":1.0,"messages":[{"role":"user","content":"\"native\""},{"role":"assistant","content":"a"}]}"#,
            ),
            (r#"{ "messages": [ {"content":"native"} ] }"#, r#"{ "messages": [ {"content":"native"} ] }"#),
            (r#"{"messages":["native"],"native":1}"#, r#"{"messages":["native"],"native":1}"#),
        ] {
            let mut object = Object::parse(request.to_owned()).expect("an object");
            leave_out_native(&mut object);
            assert_eq!(object.to_bytes(), sent);
        }
    }

    #[test]
    fn what_a_tool_shows_the_user_shows() {
        let image = r#"{"type":"image_url","image_url":{"url":"u"}}"#;
        let tool = |id: &str, parts: &str| format!(r#"{{"role":"tool","tool_call_id":"{id}","content":[{parts}]}}"#);
        let text = r#"{"type":"text","text":"t"}"#;
        let messages =
            [tool("a", image), tool("b", &format!("{text},{image}")), r#"{"role":"user","content":"x"}"#.into()];
        let (request, _) = left(&format!(r#"{{"messages":[{}]}}"#, messages.join(",")));
        let a = r#"{"role":"tool","tool_call_id":"a","content":"(shown below)"}"#;
        let shown = format!(r#"{{"role":"user","content":[{image},{image}]}}"#);
        let expected = format!(r#"{{"messages":[{a},{},{shown},{}]}}"#, tool("b", text), messages[2]);
        assert_eq!(request, expected);
    }

    #[test]
    fn a_tool_that_has_failed_says_so_in_its_text() {
        let text = |text: &str| format!(r#"[{{"type":"text","text":"{text}"}}]"#);
        let tool = |content: &str, more: &str| {
            format!(r#"{{"messages":[{{"role":"tool","tool_call_id":"a","content":{content}{more}}}]}}"#)
        };
        for (content, told) in [
            (r#""no such file""#.to_owned(), r#""Error: no such file""#.to_owned()),
            (r#""ERROR 3""#.into(), r#""ERROR 3""#.into()),
            ("null".into(), r#""Error""#.into()),
            (text("no"), text("Error: no")),
            (text("error: no"), text("error: no")),
            ("[]".into(), text("Error")),
        ] {
            assert_eq!(left(&tool(&content, r#","is_error":true"#)).0, tool(&told, ""), "{content}");
        }
        assert_eq!(left(&tool(r#""x""#, r#","is_error":false"#)).0, tool(r#""x""#, ""));
    }

    #[test]
    fn what_cannot_be_read_is_left_to_the_provider() {
        for request in [r#"{"messages":7,"tools":{}}"#, r#"{"messages":[1,"a"]}"#, "{}"] {
            assert_eq!(left(request).0, request);
        }
    }
}
