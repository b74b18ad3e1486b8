//! What of an answer is text that the model wrote: what counts where nobody tells its tokens.

use std::fmt;

use bytes::Bytes;
use llm_layers_wire::json::Object;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// How much text there is, in bytes. Of a whole answer it is counted when somebody asks, for most tell their tokens.
#[derive(Clone, Debug, Default)]
pub(super) struct Shown {
    counted: u64,
    uncounted: [Option<Bytes>; MEMBERS.len()],
}

/// Where whole answers have their text: chats and completions, messages, responses.
const MEMBERS: [&str; 3] = ["choices", "content", "output"];

impl Shown {
    pub(super) fn of_whole(answer: &Object) -> Self {
        Self { counted: 0, uncounted: MEMBERS.map(|member| answer.get_bytes(member)) }
    }

    pub(super) fn add(&mut self, bytes: u64) {
        self.counted = self.counted.saturating_add(bytes);
    }

    pub(super) fn bytes(&self) -> u64 {
        let members = MEMBERS.iter().zip(&self.uncounted);
        let members = members.filter_map(|(member, value)| Some(of_member(member, value.as_ref()?)));
        members.fold(self.counted, u64::saturating_add)
    }
}

/// What a model writes around each call of a tool, in bytes: some eight tokens.
const AROUND_CALL: u64 = 32;

/// What a member holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Member {
    /// Text, or parts of it.
    Text,
    /// The name of a tool, of which there is one for each call.
    Name,
    /// Arguments of a tool as a value: they were written as JSON.
    Arguments,
    /// Something in which there may be text.
    Other,
    /// What is said twice, was not written by the model, or is no text: sound and pictures are no tokens of text,
    /// however long they are in base64.
    Nothing,
}

impl Member {
    fn of(name: &str) -> Self {
        match name {
            "content" | "text" | "reasoning" | "reasoning_content" | "thinking" | "refusal" | "transcript"
            | "arguments" | "partial_json" | "code" => Self::Text,
            "name" => Self::Name,
            "input" => Self::Arguments,
            "logprobs" | "annotations" | "citations" | "reasoning_details" | "images" | "results" | "tools"
            | "data" | "b64_json" => Self::Nothing,
            _ => Self::Other,
        }
    }
}

/// Bytes of text in the value of a member, in UTF-8 and without what JSON puts around them.
pub(super) fn of_member(name: &str, value: &[u8]) -> u64 {
    let member = Member::of(name);
    // Nearly every event of a stream is this.
    if let (Member::Text, [b'"', text @ .., b'"']) = (member, value)
        && !text.contains(&b'\\')
    {
        return text.len() as u64;
    }
    let mut sum = 0;
    let mut deserializer = serde_json::Deserializer::from_slice(value);
    let read = Walk { sum: &mut sum, member }.deserialize(&mut deserializer);
    match (read, value) {
        // Half of a surrogate pair is no text to serde, and a token to somebody.
        (Err(_), [b'"', text @ .., b'"']) if member == Member::Text => text.len() as u64,
        _ => sum,
    }
}

/// Walks through a value, and adds up what is in it.
struct Walk<'s> {
    sum: &'s mut u64,
    member: Member,
}

impl Walk<'_> {
    fn add(&mut self, bytes: usize) {
        *self.sum = self.sum.saturating_add(bytes as u64);
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(mut self, deserializer: D) -> Result<(), D::Error> {
        match self.member {
            Member::Nothing => deserializer.deserialize_ignored_any(IgnoredAny).map(drop),
            Member::Arguments => {
                let value: &RawValue = serde::Deserialize::deserialize(deserializer)?;
                self.add(value.get().len());
                Ok(())
            }
            Member::Text | Member::Name | Member::Other => deserializer.deserialize_any(self),
        }
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_str<E: Error>(mut self, text: &str) -> Result<(), E> {
        match self.member {
            Member::Text => self.add(text.len()),
            Member::Name if !text.is_empty() => {
                self.add(text.len());
                *self.sum = self.sum.saturating_add(AROUND_CALL);
            }
            _ => {}
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(Walk { sum: &mut *self.sum, member: self.member })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(member) = members.next_key_seed(Key)? {
            members.next_value_seed(Walk { sum: &mut *self.sum, member })?;
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// What a member holds, by its name.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Member;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Member, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key {
    type Value = Member;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Member, E> {
        Ok(Member::of(name))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_the_model_wrote_counts_and_what_json_puts_around_it_does_not() {
        for (name, value, bytes) in [
            ("content", r#""12345678""#, 8),
            ("content", r#""a\nb\"c""#, 5),
            // Two characters of Han, in UTF-8 and escaped.
            ("content", "\"中文\"", 6),
            ("content", r#""\u4e2d\u6587""#, 6),
            ("content", r#""\ud83d\ude00""#, 4),
            ("content", r#""\ud83d""#, 6),
            ("content", "null", 0),
            ("content", r#"[{"type":"text","text":"1234","annotations":[{"title":"no","content":"no"}]}]"#, 4),
            ("content", r#"[{"type":"thinking","thinking":[{"type":"text","text":"12"}]}]"#, 2),
            ("content", r#"[{"type":"thinking","thinking":"12","signature":"QUJD"}]"#, 2),
            ("role", r#""assistant""#, 0),
            ("refusal", r#""no""#, 2),
            ("reasoning", r#""1234""#, 4),
            ("reasoning_details", r#"[{"type":"reasoning.text","text":"1234"}]"#, 0),
            ("audio", r#"{"id":"a","data":"QUJDREVGR0g=","transcript":"hello"}"#, 5),
            ("tool_calls", r#"[{"index":0,"function":{"arguments":"{}"}}]"#, 2),
            ("tool_calls", r#"[{"id":"c","type":"function","function":{"name":"now","arguments":"{}"}}]"#, 2 + 3 + 32),
            ("tool_calls", r#"[{"type":"custom","custom":{"name":"sh","input":"ls"}}]"#, 4 + 2 + 32),
            ("content", r#"[{"type":"tool_use","id":"t","name":"now","input":{"in":"UTC"}}]"#, 12 + 3 + 32),
            ("choices", r#"[{"index":0,"logprobs":{"content":[{"token":"no"}]},"message":{"content":"1234"}}]"#, 4),
            ("choices", r#"[{"index":0,"finish_reason":"stop","text":"1234"}]"#, 4),
            (
                "output",
                r#"[{"type":"reasoning","summary":[{"type":"summary_text","text":"12"}]},
                    {"type":"message","content":[{"type":"output_text","text":"1234"}]},
                    {"type":"function_call","name":"now","arguments":"{}"},
                    {"type":"image_generation_call","result":"QUJD"},
                    {"type":"file_search_call","results":[{"text":"not the model's"}]}]"#,
                2 + 4 + 3 + 32 + 2,
            ),
        ] {
            assert_eq!(of_member(name, value.as_bytes()), bytes, "{name}: {value}");
        }
    }

    #[test]
    fn what_is_no_json_and_what_is_deep_counts_as_far_as_it_goes() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        for value in ["", "{", "\"", "[1,", r#"{"a":1e999}"#, &deep] {
            assert_eq!(of_member("content", value.as_bytes()), 0, "{:.9}", value);
        }
    }

    proptest! {
        #[test]
        fn nothing_counts_more_than_its_bytes_and_a_calls_surroundings(value in ".*") {
            for name in ["content", "tool_calls", "input"] {
                prop_assert!(of_member(name, value.as_bytes()) <= value.len() as u64);
            }
        }

        #[test]
        fn a_text_counts_by_its_bytes(text in any::<String>()) {
            let value = serde_json::to_vec(&text).expect("JSON");
            prop_assert_eq!(of_member("content", &value), text.len() as u64);
        }
    }
}
