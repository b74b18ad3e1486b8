use llm_layers_core::Operation;
use llm_layers_wire::json::{items, members};

use super::{Ambiguous, Asked, canonical::Form, text::Quoted};

/// The longest text that is a question, in bytes: of a longer one an embedding tells too little.
const MAX_TEXT: usize = 8 << 10;

/// The text that is taken out of a request, to be compared by its sense, and where it was.
pub(super) struct Taken<'a> {
    member: &'static str,
    messages: Messages<'a>,
    text: String,
}

enum Messages<'a> {
    /// The whole member is the text.
    One,
    /// All there are, each with whether its text was taken.
    Several(Vec<(&'a [u8], bool)>),
}

impl<'a> Taken<'a> {
    /// Takes the text of so many messages of the user from the end, or of those there are; at one that is not only text it
    /// stops. `None` if that leaves none, or if somebody else has the last word.
    pub(super) fn of(asked: &Asked<'a>, messages: usize) -> Option<Self> {
        let (member, part) = match asked.operation {
            Operation::ChatCompletion | Operation::Message => ("messages", "\"text\""),
            Operation::Response => ("input", "\"input_text\""),
            _ => return None,
        };
        let value = asked.body.get(member)?;
        let (messages, texts) = if asked.operation == Operation::Response && value.starts_with(b"\"") {
            (Messages::One, vec![string(value)?])
        } else {
            let mut all: Vec<_> = items(value).map(|message| (message, false)).collect();
            let texts = take(&mut all, part.as_bytes(), messages)?;
            (Messages::Several(all), texts)
        };
        let length: usize = texts.iter().map(|text| text.len() + 1).sum();
        let text = (length <= MAX_TEXT + 1).then(|| texts.join("\n"))?;
        (!text.trim().is_empty()).then_some(Self { member, messages, text })
    }

    /// The member of the request that it was taken from.
    pub(super) const fn member(&self) -> &'static str {
        self.member
    }

    pub(super) fn text(self) -> String {
        self.text
    }

    /// What is left of that member.
    pub(super) fn write_rest(&self, form: &mut Form<'_>) -> Result<(), Ambiguous> {
        let Messages::Several(all) = &self.messages else {
            form.hole();
            return Ok(());
        };
        form.array(all, |form, (message, taken)| match taken {
            true => write_without_content(message, form),
            false => form.value(message),
        })
    }
}

/// Marks the messages that are taken, and gives their texts in the order of the messages.
fn take(all: &mut [(&[u8], bool)], part: &[u8], messages: usize) -> Option<Vec<String>> {
    let mut texts = Vec::new();
    let mut is_last = true;
    for (message, taken) in all.iter_mut().rev() {
        let member = |wanted: &[u8]| members(message).find_map(|(name, value)| (name == wanted).then_some(value));
        if member(b"role") == Some(b"\"user\"") {
            let Some(text) = member(b"content").and_then(|content| text_of(content, part)) else { break };
            *taken = true;
            texts.push(text);
        } else if is_last {
            return None;
        }
        is_last = false;
        if texts.len() >= messages {
            break;
        }
    }
    texts.reverse();
    (!texts.is_empty()).then_some(texts)
}

/// The text of a content: a string, or parts that are nothing but text.
fn text_of(content: &[u8], part: &[u8]) -> Option<String> {
    if content.starts_with(b"\"") {
        return string(content);
    }
    let parts: Option<Vec<_>> = items(content).map(|item| text_of_part(item, part)).collect();
    parts.filter(|parts| !parts.is_empty()).map(|parts| parts.join("\n"))
}

/// The text of a part, unless it holds anything that could change its sense.
fn text_of_part(item: &[u8], part: &[u8]) -> Option<String> {
    let mut text = None;
    let mut is_text = false;
    for (name, value) in members(item) {
        match name {
            b"type" => is_text = value == part,
            b"text" if text.is_none() => text = Some(string(value)?),
            // What the provider is to keep for the next call: Anthropic's name, and OpenAI's.
            b"cache_control" | b"prompt_cache_breakpoint" => {}
            _ => return None,
        }
    }
    text.filter(|_| is_text)
}

fn string(value: &[u8]) -> Option<String> {
    serde_json::from_slice(value).ok()
}

fn write_without_content(message: &[u8], form: &mut Form<'_>) -> Result<(), Ambiguous> {
    let opened = form.open();
    for (name, value) in members(message) {
        let quoted = Quoted { bytes: name, escaped: name.contains(&b'\\') };
        form.member(quoted, |form| {
            if name == b"content" {
                form.hole()
            } else {
                form.value(value)?
            }
            Ok(true)
        })?;
    }
    form.close(opened)
}

#[cfg(test)]
mod tests {
    use llm_layers_wire::json::Object;

    use super::{super::tests::*, *};

    fn question(operation: Operation, body: &str, messages: usize) -> Option<([u8; 32], String)> {
        let body = Object::parse(body.to_owned()).unwrap();
        ring().question(&asked(operation, &body), messages).map(|question| (question.rest, question.text))
    }

    fn text(body: &str, messages: usize) -> Option<String> {
        question(Operation::ChatCompletion, body, messages).map(|(_, text)| text)
    }

    const SEVERAL: &str = r#"{"messages":[{"role":"system","content":"s"},{"role":"user","content":"one"},
        {"role":"assistant","content":"a"},{"content":[{"type":"text","text":"tw"},{"text":"o","type":"text"}],"role":"user"}]}"#;

    #[test]
    fn the_last_texts_of_the_user_are_the_question() {
        for (messages, wanted) in [(0, "tw\no"), (1, "tw\no"), (2, "one\ntw\no"), (9, "one\ntw\no")] {
            assert_eq!(text(SEVERAL, messages).as_deref(), Some(wanted), "{messages}");
        }
        let escaped = r#"{"messages":[{"role":"user","content":"\u0061\n\ud83d\ude00"}]}"#;
        assert_eq!(text(escaped, 1).as_deref(), Some("a\n😀"));
        let marked = r#"{"messages":[{"role":"user","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}]}]}"#;
        assert_eq!(question(Operation::Message, marked, 1).unwrap().1, "a");
    }

    #[test]
    fn an_image_ends_the_question_or_is_all_there_is() {
        let image =
            r#"{"role":"user","content":[{"type":"text","text":"i"},{"type":"image_url","image_url":{"url":"u"}}]}"#;
        let last = r#"{"role":"user","content":"last"}"#;
        assert_eq!(text(&format!(r#"{{"messages":[{image},{last}]}}"#), 2).as_deref(), Some("last"));
        assert_eq!(text(&format!(r#"{{"messages":[{last},{image}]}}"#), 2), None);
    }

    #[test]
    fn some_requests_ask_nothing_that_could_be_compared() {
        let long = format!(r#"{{"messages":[{{"role":"user","content":"{}"}}]}}"#, "x".repeat(MAX_TEXT + 1));
        for body in [
            "{}",
            r#"{"messages":"a"}"#,
            r#"{"messages":[]}"#,
            r#"{"messages":["a"]}"#,
            r#"{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}"#,
            r#"{"messages":[{"role":"user","content":"a"},{"role":"tool","content":"b","tool_call_id":"c"}]}"#,
            r#"{"messages":[{"role":"user"}]}"#,
            r#"{"messages":[{"role":"user","content":null}]}"#,
            r#"{"messages":[{"role":"user","content":[]}]}"#,
            r#"{"messages":[{"role":"user","content":" "}]}"#,
            r#"{"messages":[{"role":"user","content":["a"]}]}"#,
            r#"{"messages":[{"role":"user","content":"\ud83d"}]}"#,
            r#"{"messages":[{"role":"user","content":[{"type":"text","text":"a","text":"b"}]}]}"#,
            r#"{"messages":[{"role":"user","content":[{"type":"text","text":"a","x":1}]}]}"#,
            r#"{"messages":[{"role":"user","content":"a","content":"b"}]}"#,
            r#"{"messages":[{"role":"user","content":"a","c\u006fntent":"b"}]}"#,
            &long,
        ] {
            assert_eq!(text(body, 1), None, "{}", body.get(..80).unwrap_or(body));
        }
        let whole = long.replacen('x', "", 1);
        assert_eq!(text(&whole, 1).map(|text| text.len()), Some(MAX_TEXT));
        assert_eq!(question(Operation::Completion, r#"{"prompt":"a"}"#, 1), None);
    }

    #[test]
    fn the_rest_is_all_but_the_question() {
        let rest = |body: &str, messages| question(Operation::ChatCompletion, body, messages).unwrap().0;
        let whole = rest(SEVERAL, 1);
        assert_eq!(rest(&SEVERAL.replace("tw", "another"), 1), whole);
        assert_eq!(
            rest(&SEVERAL.replace(r#"[{"type":"text","text":"tw"},{"text":"o","type":"text"}]"#, r#""?""#), 1),
            whole
        );
        assert_eq!(
            rest(&SEVERAL.replace(r#""role":"system","content":"s""#, r#""content":"\u0073","role":"system""#), 1),
            whole
        );
        for other in [
            SEVERAL.replace("\"s\"", "\"t\""),
            SEVERAL.replace("\"one\"", "\"1\""),
            SEVERAL.replace("\"a\"", "\"b\""),
            SEVERAL.replace("{\"messages\"", "{\"model\":\"m\",\"messages\""),
            SEVERAL.replace("{\"content\":[", "{\"name\":\"n\",\"content\":["),
        ] {
            assert_ne!(rest(&other, 1), whole, "{other}");
        }
        assert_ne!(rest(SEVERAL, 2), whole);
        assert_eq!(rest(&SEVERAL.replace("\"one\"", "\"1\""), 2), rest(SEVERAL, 2));
    }

    #[test]
    fn a_response_is_asked_by_a_text_or_by_items() {
        let of = |body: &str| question(Operation::Response, body, 1);
        let (rest, text) = of(r#"{"model":"m","input":"a"}"#).unwrap();
        assert_eq!(text, "a");
        assert_eq!(of(r#"{"input":"b","model":"m"}"#).unwrap().0, rest);
        let items =
            r#"{"model":"m","input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"a"}]}]}"#;
        assert_eq!(of(items).unwrap().1, "a");
        assert_eq!(of(&items.replace("input_text", "input_image")), None);
        assert_ne!(of(&items.replace("\"message\"", "\"other\"")).unwrap().0, of(items).unwrap().0);
    }
}
