//! The fast path for load: the model `bench`.
//!
//! Nothing is parsed, recorded or built per request: two or three substring searches in the body, then bytes
//! that were made once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method};
use memchr::memmem;
use serde_json::json;

use crate::call::Speaks;
use crate::reply::{Event, Layout, Ready, Reply};
use crate::spelling::spell;
use crate::{anthropic, gemini, openai};

const DEFAULT_BYTES: usize = 1024;
const DEFAULT_CHUNKS: usize = 50;
const MAX_BYTES: usize = 16 * 1024 * 1024;
const MAX_CHUNKS: usize = 100_000;
const MAX_ENTRIES: usize = 32;

/// Answers by what decides them.
#[derive(Debug, Default)]
pub(crate) struct BenchCache(Mutex<HashMap<Key, Ready>>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Key {
    Plain { voice: Voice, bytes: usize },
    Stream { voice: Voice, chunks: usize, usage: bool },
}

/// The dialects that have a fast path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Voice {
    OpenAi,
    Anthropic,
    Google,
}

pub(crate) struct Bench {
    pub(crate) ready: Ready,
    pub(crate) pace: Option<Duration>,
}

impl BenchCache {
    /// The answer, if this is a generating call for the model `bench`.
    pub(crate) fn answer(&self, speaks: Speaks, parts: &Parts, body: &[u8]) -> Option<Bench> {
        let path = parts.uri.path();
        let (voice, is_stream) = match speaks {
            _ if parts.method != Method::POST => return None,
            Speaks::OpenAi | Speaks::Azure if path.ends_with("/chat/completions") => (Voice::OpenAi, in_body(body)?),
            Speaks::Anthropic if path == "/v1/messages" => (Voice::Anthropic, in_body(body)?),
            Speaks::Google(_) => (Voice::Google, in_path(path, parts.uri.query())?),
            _ => return None,
        };
        let key = if is_stream {
            let chunks = number(&parts.headers, "x-sim-chunks").unwrap_or(DEFAULT_CHUNKS).min(MAX_CHUNKS);
            Key::Stream { voice, chunks, usage: member_is(body, b"\"include_usage\"", b"true") }
        } else {
            Key::Plain { voice, bytes: number(&parts.headers, "x-sim-bytes").unwrap_or(DEFAULT_BYTES).min(MAX_BYTES) }
        };
        let pace = number(&parts.headers, "x-sim-pace-us").map(|micros| Duration::from_micros(micros as u64));

        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ready) = known.get(&key) {
            return Some(Bench { ready: ready.clone(), pace });
        }
        if known.len() >= MAX_ENTRIES {
            known.clear();
        }
        let ready = build(key);
        known.insert(key, ready.clone());
        Some(Bench { ready, pace })
    }
}

/// Whether a stream is asked for, if the body asks for the model `bench`.
fn in_body(body: &[u8]) -> Option<bool> {
    member_is(body, b"\"model\"", b"\"bench\"").then(|| member_is(body, b"\"stream\"", b"true"))
}

/// The same for Google, where the path tells both.
fn in_path(path: &str, query: Option<&str>) -> Option<bool> {
    match path.rsplit_once("/models/bench:")?.1 {
        "generateContent" => Some(false),
        "streamGenerateContent" if query == Some("alt=sse") => Some(true),
        _ => None,
    }
}

/// Whether the first `"name"` in the bytes is followed by this value. A name inside a JSON string has its quotes
/// escaped and is not found; one in a nested object is, which the documentation owns up to.
fn member_is(body: &[u8], name: &[u8], value: &[u8]) -> bool {
    let Some(at) = memmem::find(body, name) else {
        return false;
    };
    let rest = body.get(at + name.len()..).unwrap_or_default();
    rest.trim_ascii_start().strip_prefix(b":").is_some_and(|rest| rest.trim_ascii_start().starts_with(value))
}

fn number(headers: &HeaderMap, name: &str) -> Option<usize> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}

fn build(key: Key) -> Ready {
    match key {
        Key::Plain { voice, bytes } => {
            let empty = plain(voice, "").payload_len();
            plain(voice, &"x".repeat(bytes.saturating_sub(empty))).into_ready()
        }
        Key::Stream { voice: Voice::OpenAi, chunks, usage } => Reply::events(openai_stream(chunks, usage)).ready(),
        Key::Stream { voice: Voice::Anthropic, chunks, .. } => Reply::events(anthropic_stream(chunks)).ready(),
        Key::Stream { voice: Voice::Google, chunks, .. } => {
            Reply { layout: Layout::SseCrlf, ..Reply::events(google_stream(chunks)) }.ready()
        }
    }
}

struct Plain(Bytes);

impl Plain {
    fn payload_len(&self) -> usize {
        self.0.len()
    }

    fn into_ready(self) -> Ready {
        Reply::raw(http::StatusCode::OK, "application/json", self.0).ready()
    }
}

fn plain(voice: Voice, text: &str) -> Plain {
    let value = match voice {
        Voice::OpenAi => json!({
            "id": "chatcmpl-bench0000000000000000000000000", "object": "chat.completion", "created": openai::CREATED,
            "model": "bench",
            "choices": [{
                "index": 0,
                "message": {"role": "assistant", "content": text, "refusal": null, "annotations": []},
                "logprobs": null, "finish_reason": "stop",
            }],
            "usage": openai::usage::Usage::new(10, 10).json(),
            "service_tier": "default", "system_fingerprint": openai::FINGERPRINT,
        }),
        Voice::Anthropic => json!({
            "id": "msg_bench00000000000000000", "type": "message", "role": "assistant", "model": "bench",
            "content": [{"type": "text", "text": text}],
            "stop_reason": "end_turn", "stop_sequence": null, "stop_details": null,
            "usage": anthropic::usage::Usage::new(10, 10).json(),
        }),
        Voice::Google => google_answer(text, Some("STOP"), 10),
    };
    Plain(Bytes::from(spell(&value)))
}

/// Each of the `chunks` content chunks is some 200 bytes on the wire.
fn openai_stream(chunks: usize, usage: bool) -> Vec<Event> {
    let chunk = |choices: serde_json::Value, total: serde_json::Value| {
        let mut value = json!({
            "id": "chatcmpl-bench00000000000000", "object": "chat.completion.chunk", "created": openai::CREATED,
            "model": "bench", "choices": choices,
        });
        if let Some(members) = value.as_object_mut().filter(|_| usage) {
            members.insert("usage".to_owned(), total);
        }
        Event::json(value)
    };
    let choice = |delta: serde_json::Value, finish: serde_json::Value| json!([{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}]);
    let mut events = vec![chunk(choice(json!({"role": "assistant", "content": ""}), json!(null)), json!(null))];
    events.extend((0..chunks).map(|_| chunk(choice(json!({"content": " sixteen letters"}), json!(null)), json!(null))));
    events.push(chunk(choice(json!({}), json!("stop")), json!(null)));
    if usage {
        events.push(chunk(json!([]), openai::usage::Usage::new(10, chunks as u64 * 2).json()));
    }
    events.push(Event::done());
    events
}

fn anthropic_stream(chunks: usize) -> Vec<Event> {
    let text = " words and words".repeat(6);
    let usage = anthropic::usage::Usage::new(10, chunks as u64 * 18);
    let message = json!({
        "id": "msg_bench00000000000000000", "type": "message", "role": "assistant", "model": "bench", "content": [],
        "stop_reason": null, "stop_sequence": null, "stop_details": null, "usage": usage.at_start(),
    });
    let mut events = vec![
        Event::named("message_start", json!({"type": "message_start", "message": message})),
        Event::named(
            "content_block_start",
            json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
        ),
    ];
    let delta = json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}});
    events.extend((0..chunks).map(|_| Event::named("content_block_delta", delta.clone())));
    events.push(Event::named("content_block_stop", json!({"type": "content_block_stop", "index": 0})));
    events.push(Event::named(
        "message_delta",
        json!({"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": null}, "usage": usage.json()}),
    ));
    events.push(Event::named("message_stop", json!({"type": "message_stop"})));
    events
}

fn google_answer(text: &str, finish: Option<&str>, said: usize) -> serde_json::Value {
    let usage = gemini::usage::Usage { prompt: 10, candidates: said as u64, thoughts: 0 };
    let mut candidate = json!({"index": 0, "content": {"parts": [{"text": text}], "role": "model"}});
    if let (Some(members), Some(finish)) = (candidate.as_object_mut(), finish) {
        members.insert("finishReason".to_owned(), json!(finish));
    }
    json!({
        "candidates": [candidate], "usageMetadata": usage.json(), "modelVersion": "bench",
        "responseId": "bench00000000000000000",
    })
}

/// As many content chunks as elsewhere; Google's are larger, for each carries the usage.
fn google_stream(chunks: usize) -> Vec<Event> {
    let chunk = |at| Event::json(google_answer(" sixteen letters", None, at * 2));
    let mut events: Vec<Event> = (1..=chunks).map(chunk).collect();
    events.push(Event::json(google_answer("", Some("STOP"), chunks * 2)));
    events
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_past_white_space_and_not_inside_strings() {
        assert!(member_is(br#"{"model" : "bench"}"#, b"\"model\"", b"\"bench\""));
        assert!(!member_is(br#"{"model":"other"}"#, b"\"model\"", b"\"bench\""));
        assert!(!member_is(br#"{"content":"\"stream\":true"}"#, b"\"stream\"", b"true"));
        assert!(!member_is(br#"{"stream"#, b"\"stream\"", b"true"));
    }

    #[test]
    fn the_plain_answer_has_the_size_asked_for() {
        for voice in [Voice::OpenAi, Voice::Anthropic, Voice::Google] {
            let ready = build(Key::Plain { voice, bytes: 20_000 });
            assert_eq!(ready.announced, Some(20_000));
        }
    }

    #[test]
    fn stream_chunks_are_about_200_bytes() {
        for voice in [Voice::OpenAi, Voice::Anthropic] {
            let ready = build(Key::Stream { voice, chunks: 3, usage: false });
            let size = ready.frames[2].len();
            assert!((180..=240).contains(&size), "{voice:?}: {size}");
        }
    }
}
