//! Puts what was remembered back into a request.

use std::collections::HashSet;

use bytes::Bytes;
use llm_layers_wire::json::{Array, Object};
use memchr::memmem;

use super::{Kept, Memory, Owner};

/// Completes the assistant's messages of a request: each that has calls and none of the reasoning that led to them.
///
/// What cannot be read is left as it is; it will be refused, with its place, when it is translated.
///
/// No more than `room` bytes are added: what a client sends in a few bytes must not become the whole of a memory, many
/// times over. Each call is completed once, and the newest message first: it is the one that a provider looks at.
pub(crate) fn recall(request: &mut Object, memory: &Memory, owner: &Owner, room: usize) {
    if memory.is_off() {
        return;
    }
    let mut recalled = Recalled { memory, owner, seen: HashSet::new(), room };
    let Some(raw) = request.get_bytes("messages").filter(|raw| has(raw, "tool_calls")) else { return };
    let Ok(mut messages) = Array::parse(raw) else { return };
    let mut is_completed = false;
    for index in (0..messages.len()).rev() {
        let raw = messages.get(index).filter(|raw| has(raw, "tool_calls"));
        if let Some(message) = raw.and_then(|raw| recalled.fitting(raw)) {
            is_completed |= messages.set(index, message).is_ok();
        }
    }
    if is_completed {
        let _ = request.set_raw("messages", messages.to_bytes());
    }
}

fn has(raw: &[u8], name: &str) -> bool {
    memmem::find(raw, name.as_bytes()).is_some()
}

/// What is put back into one request.
struct Recalled<'a> {
    memory: &'a Memory,
    owner: &'a Owner,
    seen: HashSet<String>,
    room: usize,
}

impl Recalled<'_> {
    /// A message that is completed, if it still fits.
    fn fitting(&mut self, raw: Bytes) -> Option<Bytes> {
        let before = raw.len();
        let message = self.complete(raw)?;
        self.room = self.room.checked_sub(message.len().saturating_sub(before))?;
        Some(message)
    }

    fn take(&mut self, id: &str) -> Option<Kept> {
        let is_new = self.seen.insert(id.to_owned());
        if is_new { self.memory.get(self.owner, id) } else { None }
    }

    fn complete(&mut self, raw: Bytes) -> Option<Bytes> {
        const REASONING: [&str; 3] = ["reasoning_details", "thinking_blocks", "provider_specific_fields"];
        // Clients that write every member that they know say `null` or nothing where they have lost it.
        let says = |object: &Object, name: &str| {
            object.get(name).is_some_and(|value| !matches!(value, b"null" | b"[]" | b"{}"))
        };
        let mut message = Object::parse(raw).ok()?;
        if REASONING.iter().any(|name| says(&message, name)) {
            return None;
        }
        let mut calls = Array::parse(message.get_bytes("tool_calls")?).ok()?;
        let mut details = None;
        let mut extended = Vec::new();
        for (index, raw) in calls.iter().enumerate() {
            let mut call = Object::parse(raw).ok()?;
            if says(&call, "extra_content") {
                return None;
            }
            let Some(id) = call.text("id") else { continue };
            let Some(Kept { details: of_call, extra }) = self.take(&id) else { continue };
            details = details.or(of_call);
            if let Some(extra) = extra {
                call.set_raw("extra_content", extra).ok()?;
                extended.push((index, call.to_bytes()));
            }
        }
        if details.is_none() && extended.is_empty() {
            return None;
        }
        if let Some(details) = details {
            message.set_raw("reasoning_details", details).ok()?;
        }
        for (index, call) in extended {
            calls.set(index, call).ok()?;
        }
        message.set_raw("tool_calls", calls.to_bytes()).ok()?;
        Some(message.to_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(message: &str) -> Object {
        Object::parse(format!(r#"{{"model":"m","messages":[{{"role":"user","content":"hi"}},{message}]}}"#))
            .expect("JSON")
    }

    fn memory(owner: &Owner) -> Memory {
        let memory = Memory::new(1 << 20);
        let kept = |details: &'static str, extra: &'static str| Kept {
            details: (!details.is_empty()).then_some(Bytes::from_static(details.as_bytes())),
            extra: (!extra.is_empty()).then_some(Bytes::from_static(extra.as_bytes())),
        };
        memory.put(owner, "a", kept(r#"[{"type":"reasoning.text"}]"#, ""));
        memory.put(owner, "b", kept("", r#"{"google":{"thought_signature":"s"}}"#));
        memory
    }

    #[test]
    fn what_a_client_has_lost_is_put_back() {
        let owner = Owner::new("p", None);
        let memory = memory(&owner);
        let mut claude = request(r#"{"role":"assistant","tool_calls":[{"id":"a","type":"function"},{"id":"x"}]}"#);
        recall(&mut claude, &memory, &owner, 1 << 20);
        let text = String::from_utf8(claude.to_bytes().to_vec()).expect("UTF-8");
        let put = r#"[{"id":"a","type":"function"},{"id":"x"}],"reasoning_details":[{"type":"reasoning.text"}]}"#;
        assert!(text.contains(put), "{text}");

        let mut gemini = request(r#"{"role":"assistant","tool_calls":[{"id":"b"}]}"#);
        recall(&mut gemini, &memory, &owner, 1 << 20);
        let text = String::from_utf8(gemini.to_bytes().to_vec()).expect("UTF-8");
        assert!(text.contains(r#"{"id":"b","extra_content":{"google":{"thought_signature":"s"}}}"#), "{text}");
    }

    #[test]
    fn what_is_there_and_empty_is_lost_too() {
        let owner = Owner::new("p", None);
        let memory = memory(&owner);
        for message in [
            r#"{"role":"assistant","reasoning_details":null,"provider_specific_fields":null,"tool_calls":[{"id":"a"}]}"#,
            r#"{"role":"assistant","thinking_blocks":[],"tool_calls":[{"id":"b","extra_content":null}]}"#,
            r#"{"role":"assistant","tool_calls":[{"id":"a","function":{"arguments":"{\"extra_content\":\"reasoning_details\"}"}}]}"#,
        ] {
            let mut object = request(message);
            recall(&mut object, &memory, &owner, 1 << 20);
            assert!(object.is_edited(), "{message}");
        }
    }

    #[test]
    fn what_a_client_hands_back_itself_is_left_alone() {
        let owner = Owner::new("p", None);
        let memory = memory(&owner);
        for message in [
            r#"{"role":"assistant","tool_calls":[{"id":"a"}],"reasoning_details":[{"type":"reasoning.text"}]}"#,
            r#"{"role":"assistant","tool_calls":[{"id":"b","extra_content":{"google":{}}}]}"#,
            r#"{"role":"assistant","tool_calls":[{"id":"unknown"}]}"#,
            r#"{"role":"assistant","tool_calls":"none"}"#,
            r#"{"role":"assistant","content":"no tool_calls here"}"#,
        ] {
            let mut object = request(message);
            recall(&mut object, &memory, &owner, 1 << 20);
            assert!(!object.is_edited(), "{message}");
        }
    }

    #[test]
    fn a_small_request_stays_a_small_one() {
        let owner = Owner::new("p", None);
        let memory = Memory::new(1 << 22);
        let details = Bytes::from(format!(r#"["{}"]"#, "x".repeat(100_000)));
        for id in ["a", "b", "c"] {
            memory.put(&owner, id, Kept { details: Some(details.clone()), extra: None });
        }
        let message = |id: &str| format!(r#"{{"role":"assistant","tool_calls":[{{"id":"{id}"}}]}}"#);
        let many = |ids: &[&str]| request(&ids.iter().map(|id| message(id)).collect::<Vec<_>>().join(","));
        let mut repeated = many(&["a"; 500]);
        recall(&mut repeated, &memory, &owner, 1 << 20);
        assert!(repeated.to_bytes().len() < 150_000, "each call is completed once");
        let mut distinct = many(&["a", "b", "c"]);
        let before = distinct.to_bytes().len();
        recall(&mut distinct, &memory, &owner, 250_000);
        assert!(distinct.to_bytes().len() - before <= 250_000, "and all of them within the room that there is");
        let messages: Vec<serde_json::Value> = distinct.read("messages").expect("JSON").expect("messages");
        let has_details = |message: &serde_json::Value| message.get("reasoning_details").is_some();
        let completed: Vec<_> = messages.iter().skip(1).map(has_details).collect();
        assert_eq!(completed, [false, true, true], "the newest are completed");
    }

    #[test]
    fn calls_at_once_share_what_led_to_them() {
        let owner = Owner::new("p", None);
        let memory = Memory::new(1 << 22);
        let details = Bytes::from(format!(r#"["{}"]"#, "x".repeat(100_000)));
        let ids: Vec<_> = (0..8).map(|n| format!("call_{n}")).collect();
        for id in &ids {
            memory.put(&owner, id, Kept { details: Some(details.clone()), extra: None });
        }
        let calls: Vec<_> = ids.iter().map(|id| format!(r#"{{"id":"{id}"}}"#)).collect();
        let message = format!(r#"{{"role":"assistant","tool_calls":[{}]}}"#, calls.join(","));
        let recalled = |room| {
            let mut object = request(&message);
            recall(&mut object, &memory, &owner, room);
            object.is_edited()
        };
        assert!(recalled(details.len() + r#","reasoning_details":"#.len()), "it is put in once, and counted once");
        assert!(!recalled(details.len()), "there is no room for all of it");
    }
}
