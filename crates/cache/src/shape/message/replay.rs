use std::iter;

use bytes::Bytes;
use llm_layers_wire::{
    json::{Array, Object},
    sse::Event,
};

use super::{
    super::{
        Replay, UNBOUNDED,
        steps::{Step, inner, joined, tell},
    },
    LIMITS,
};

/// Members of `usage` that are known from the start, and that the end does not tell again.
const AT_START: [&str; 4] = ["cache_creation", "inference_geo", "service_tier", "speed"];
/// Members of `usage` that only the end tells.
const AT_END: [&str; 3] = ["iterations", "output_tokens_details", "server_tool_use"];
/// Members of a message that its end tells, and where.
const IN_DELTA: [&str; 4] = ["stop_reason", "stop_sequence", "stop_details", "container"];
const BESIDE_DELTA: [&str; 1] = ["context_management"];

/// The events of a stream that tells this message, `message_stop` included.
pub(in crate::shape) fn replay(answer: &Object, how: Replay) -> Box<dyn Iterator<Item = Event> + Send> {
    let blocks = answer.get_bytes("content").and_then(|raw| Array::parse_with(raw, &UNBOUNDED).ok());
    let start = start(answer, blocks.is_some());
    let blocks = blocks.into_iter().flat_map(|blocks| {
        (0..blocks.len()).flat_map(move |index| block(index, blocks.get(index).unwrap_or_default()))
    });
    let end = [end(answer), Step::new("message_stop", Bytes::new(), Bytes::new(), "}")];
    tell(iter::once(start).chain(blocks).chain(end), how.piece_chars, false)
}

/// The message as it is before there is anything in it.
fn start(answer: &Object, has_blocks: bool) -> Step {
    let mut start = answer.clone();
    if has_blocks {
        start.set("content", &[(); 0]);
    }
    for name in IN_DELTA.iter().chain(&BESIDE_DELTA) {
        if start.contains(name) || matches!(*name, "stop_reason" | "stop_sequence") {
            start.set(name, &());
        }
    }
    let mut usage = usage(answer);
    AT_END.iter().for_each(|name| _ = usage.remove(name));
    if usage.get("output_tokens") != Some(b"0") {
        usage.set("output_tokens", &1);
    }
    put(&mut start, "usage", usage.to_bytes());
    Step::new("message_start", &br#","message":"#[..], start.to_bytes(), "}")
}

/// The usage, which clients count on.
fn usage(answer: &Object) -> Object {
    let usage = answer.get_bytes("usage").and_then(|raw| Object::parse_with(raw, &LIMITS).ok());
    let mut usage = usage.unwrap_or_default();
    for name in ["input_tokens", "output_tokens"] {
        if !usage.contains(name) {
            usage.set(name, &0);
        }
    }
    usage
}

/// Why the message has ended, and all that it has cost.
fn end(answer: &Object) -> Step {
    let mut delta = Object::new();
    for name in IN_DELTA {
        match answer.get_bytes(name) {
            Some(raw) => put(&mut delta, name, raw),
            None if matches!(name, "stop_reason" | "stop_sequence") => delta.set(name, &()),
            None => {}
        }
    }
    let mut usage = usage(answer);
    AT_START.iter().for_each(|name| _ = usage.remove(name));
    let mut end = Object::new();
    put(&mut end, "delta", delta.to_bytes());
    put(&mut end, "usage", usage.to_bytes());
    for name in BESIDE_DELTA {
        if let Some(raw) = answer.get_bytes(name) {
            put(&mut end, name, raw);
        }
    }
    // The brace that opens it gives way to a comma.
    let end = end.to_bytes();
    Step::new("message_delta", &b","[..], end.slice(1..), "")
}

/// The events of one block: its text in pieces, and whole what nobody knows here.
fn block(index: usize, raw: Bytes) -> Vec<Step> {
    let mut steps = Vec::new();
    let begun = match Object::parse_with(raw.clone(), &LIMITS) {
        Ok(block) => grow(block, index, &mut steps),
        Err(_) => raw,
    };
    let at = format!(",\"index\":{index}");
    steps.insert(0, Step::new("content_block_start", format!("{at},\"content_block\":"), begun, "}"));
    steps.push(Step::new("content_block_stop", at, Bytes::new(), "}"));
    steps
}

/// Takes out of a block what comes in deltas, and leaves what it begins with.
fn grow(mut block: Object, index: usize, steps: &mut Vec<Step>) -> Bytes {
    let kind = block.text("type").unwrap_or_default().into_owned();
    let before =
        |delta: &str, member: &str| format!(",\"index\":{index},\"delta\":{{\"type\":\"{delta}\",\"{member}\":");
    let mut send = |delta: &str, member: &str, value| {
        steps.push(Step::new("content_block_delta", before(delta, member), value, "}}"));
    };
    let mut text = None;
    match &*kind {
        "text" => {
            // Before the text that they support, as Anthropic sends them.
            let citations = block.get_bytes("citations").and_then(|raw| Array::parse_with(raw, &UNBOUNDED).ok());
            if let Some(citations) = citations.filter(|citations| citations.iter().all(|item| item.starts_with(b"{"))) {
                citations.iter().for_each(|citation| send("citations_delta", "citation", citation));
                block.set("citations", &[(); 0]);
            }
            text = take(&mut block, "text").map(|inner| (before("text_delta", "text"), inner));
        }
        "thinking" => {
            text = take(&mut block, "thinking").map(|inner| (before("thinking_delta", "thinking"), inner));
        }
        "tool_use" | "server_tool_use" | "mcp_tool_use" => {
            let input = block.get_bytes("input").filter(|raw| raw.starts_with(b"{"));
            if let Some(input) = input {
                send("input_json_delta", "partial_json", Bytes::from_static(b"\"\""));
                if input != "{}" {
                    let quoted = serde_json::to_vec(&String::from_utf8_lossy(&input)).unwrap_or_default();
                    text = inner(&quoted.into()).map(|inner| (before("input_json_delta", "partial_json"), inner));
                }
                put(&mut block, "input", Bytes::from_static(b"{}"));
            }
        }
        _ => {}
    }
    if let Some((before, inner)) = text {
        steps.push(Step::text("content_block_delta", joined(&[before.as_bytes(), b"\""]), inner, "\"}}"));
    }
    if kind == "thinking"
        && let Some(signature) = take(&mut block, "signature").filter(|inner| !inner.is_empty())
    {
        let value = joined(&[b"\"", &signature, b"\""]);
        steps.push(Step::new("content_block_delta", before("signature_delta", "signature"), value, "}}"));
    }
    block.to_bytes()
}

/// Empties a member that is a string, and gives what it was.
fn take(block: &mut Object, member: &str) -> Option<Bytes> {
    let text = inner(&block.get_bytes(member)?)?;
    block.set(member, "");
    Some(text)
}

/// Sets a member to what has been part of JSON before.
fn put(object: &mut Object, name: &str, value: Bytes) {
    // It was split from JSON, so that this cannot fail.
    let _ = object.set_raw(name, value);
}
