use llm_layers_core::Operation;
use llm_layers_wire::json::Object;

use crate::{json::Value, text::Text};

/// What a prompt looks like from outside: how much of what is in it, and the ends of its texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outline {
    /// The last message of the user, or the prompt of a completion: its beginning and its end where it is long.
    pub ask: String,
    /// The first instructions: of the system, the developer or the `instructions` of a response.
    pub instructions: String,
    /// Messages or items.
    pub messages: u32,
    /// Messages of the user, tools' results not counted.
    pub turns: u32,
    /// Tools that the model may call.
    pub tools: u32,
    /// Calls of tools in the conversation.
    pub tool_calls: u32,
    /// Whether the answer must keep to a schema.
    pub has_schema: bool,
    /// Pictures, recordings and files in the last message of the user.
    pub attachments: u32,
    /// Bytes of all messages and instructions, as JSON, without the attachments of the last message of the user.
    pub bytes: u64,
}

/// Parts of one message that are looked at.
const PARTS: usize = 256;

impl Outline {
    /// The outline of a call's prompt, with at most `limit` bytes of text.
    ///
    /// ```
    /// use llm_layers_core::Operation;
    /// use llm_layers_tokens::Outline;
    /// use llm_layers_wire::json::Object;
    ///
    /// let call = Object::parse(r#"{"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"}]}"#)?;
    /// let outline = Outline::of(Operation::ChatCompletion, &call, 4096);
    /// assert_eq!((&*outline.ask, &*outline.instructions, outline.turns), ("Hi", "Be brief.", 1));
    /// # Ok::<(), llm_layers_wire::json::Error>(())
    /// ```
    #[must_use]
    pub fn of(operation: Operation, object: &Object, limit: usize) -> Self {
        let member = |name: &str| object.get(name).map(Value::new);
        let mut sketch = Sketch::default();
        match operation {
            Operation::ChatCompletion => {
                sketch.messages(member("messages"));
                let format = member("response_format");
                sketch.outline.has_schema = format.and_then(|format| format.member("json_schema")).is_some();
                sketch.tools(member("tools").or(member("functions")));
            }
            Operation::Message => {
                sketch.instructions(member("system"));
                sketch.messages(member("messages"));
                sketch.outline.has_schema =
                    member("output_config").and_then(|config| config.member("format")).is_some();
                sketch.tools(member("tools"));
            }
            Operation::Response => {
                sketch.instructions(member("instructions"));
                let input = member("input");
                if input.is_some_and(Value::is_array) {
                    sketch.messages(input)
                } else {
                    sketch.ask(input)
                }
                let format = member("text").and_then(|text| text.member("format"));
                sketch.outline.has_schema = format.and_then(|format| format.member("schema")).is_some();
                sketch.tools(member("tools"));
            }
            Operation::Completion => sketch.ask(member("prompt")),
            Operation::Embedding => sketch.ask(member("input")),
            _ => {}
        }
        sketch.finish(limit)
    }
}

/// An outline whose texts are not read yet.
#[derive(Default)]
struct Sketch<'a> {
    outline: Outline,
    ask: Option<Value<'a>>,
    instructions: Option<Value<'a>>,
}

impl<'a> Sketch<'a> {
    fn instructions(&mut self, value: Option<Value<'a>>) {
        let Some(value) = value else { return };
        self.outline.bytes += value.bytes().len() as u64;
        self.instructions.get_or_insert(value);
    }

    fn ask(&mut self, value: Option<Value<'a>>) {
        let Some(value) = value else { return };
        self.outline.bytes += value.bytes().len() as u64;
        self.outline.messages += 1;
        self.outline.turns += 1;
        self.ask = Some(value);
    }

    fn tools(&mut self, tools: Option<Value<'a>>) {
        let number = tools.map_or(0, |tools| tools.items().count());
        self.outline.tools = u32::try_from(number).unwrap_or(u32::MAX);
    }

    fn messages(&mut self, messages: Option<Value<'a>>) {
        for message in messages.into_iter().flat_map(Value::items) {
            self.message(message);
        }
    }

    fn message(&mut self, message: Value<'a>) {
        let (mut role, mut content, mut kind): (&[u8], _, &[u8]) = (b"", None, b"");
        for (name, value) in message.members() {
            match name.raw() {
                b"role" => role = value.text().map(Text::raw).unwrap_or_default(),
                b"type" => kind = value.text().map(Text::raw).unwrap_or_default(),
                b"content" => content = Some(value),
                b"tool_calls" => self.calls(value.items().count()),
                _ => {}
            }
        }
        self.outline.messages = self.outline.messages.saturating_add(1);
        let results = |part: Value<'_>| part.member("type").is_some_and(|kind| kind.is_text("tool_result"));
        match (role, content) {
            (b"system" | b"developer", content) => self.instructions(content),
            // Results of tools are not what the user says.
            (b"user", Some(content)) if !content.items().next().is_some_and(results) => {
                self.outline.messages -= 1;
                self.ask(Some(content));
            }
            _ => {
                if kind == b"function_call" {
                    self.calls(1);
                }
                self.outline.bytes += message.bytes().len() as u64;
            }
        }
    }

    fn calls(&mut self, number: usize) {
        self.outline.tool_calls = self.outline.tool_calls.saturating_add(u32::try_from(number).unwrap_or(u32::MAX));
    }

    fn finish(mut self, limit: usize) -> Outline {
        let (ask, instructions) = (self.ask, self.instructions);
        // What is asked tells more than how it is to be answered.
        let of_instructions = limit / 4;
        if let Some(value) = ask {
            let (attachments, their_bytes) = read(value, limit - of_instructions, &mut self.outline.ask);
            self.outline.attachments = attachments;
            self.outline.bytes = self.outline.bytes.saturating_sub(their_bytes);
        }
        if let Some(value) = instructions {
            read(value, of_instructions, &mut self.outline.instructions);
        }
        self.outline
    }
}

/// Reads the texts of a content; tells how many of its parts are none, and their bytes.
fn read(content: Value<'_>, limit: usize, out: &mut String) -> (u32, u64) {
    if let Some(text) = content.text() {
        read_ends(text, limit, out);
        return (0, 0);
    }
    let (mut attachments, mut bytes) = (0, 0);
    let parts = || content.items().take(PARTS);
    let texts = parts().filter(|part| text_of(*part).is_some()).count().max(1);
    for part in parts() {
        match text_of(part) {
            Some(text) => {
                // What short parts leave is for the long ones behind them.
                let share = (limit / texts).max(limit.saturating_sub(out.len()) / 2);
                let share = share.min(limit.saturating_sub(out.len()));
                if !out.is_empty() && share > 0 {
                    out.push('\n');
                }
                read_ends(text, share, out);
            }
            None => {
                attachments += 1;
                bytes += part.bytes().len() as u64;
            }
        }
    }
    (attachments, bytes)
}

/// The text of a part that is one: a string, or an object with `text`.
fn text_of(part: Value<'_>) -> Option<Text<'_>> {
    part.text().or_else(|| part.member("text").and_then(Value::text))
}

/// Reads a text up to the limit; of a longer one its beginning and its end.
fn read_ends(text: Text<'_>, limit: usize, out: &mut String) {
    let mut scratch = String::new();
    let length = text.raw().len();
    if length <= limit {
        out.push_str(text.decoded(&mut scratch));
        return;
    }
    const NEAR: usize = 64;
    let half = (limit / 2).saturating_sub(NEAR);
    if half == 0 {
        return;
    }
    out.push_str(text.window(0, half).decoded(&mut scratch));
    out.push('\n');
    out.push_str(text.window(length - half, half).decoded(&mut scratch));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(operation: Operation, body: &str, limit: usize) -> Outline {
        Outline::of(operation, &Object::parse(body.to_owned()).expect("an object"), limit)
    }

    #[test]
    fn conversations_have_turns_and_a_last_question() {
        let chat = outline(
            Operation::ChatCompletion,
            r#"{"messages":[{"role":"developer","content":[{"type":"text","text":"A"}]},{"role":"user","content":"B"},
                {"role":"assistant","content":null,"tool_calls":[{},{}]},{"role":"tool","content":"C"},
                {"role":"user","content":[{"type":"text","text":"D\n"},{"type":"image_url","image_url":{"url":"data:"}},{"type":"text","text":"E"}]}],
                "tools":[{},{},{}],"response_format":{"type":"json_schema","json_schema":{}}}"#,
            1000,
        );
        assert_eq!((&*chat.ask, &*chat.instructions), ("D\n\nE", "A"));
        assert_eq!((chat.messages, chat.turns, chat.tools, chat.tool_calls), (5, 2, 3, 2));
        assert_eq!((chat.attachments, chat.has_schema), (1, true));

        let message = outline(
            Operation::Message,
            r#"{"system":"A","messages":[{"role":"user","content":"B"},{"role":"user","content":[{"type":"tool_result","content":"C"}]}]}"#,
            1000,
        );
        assert_eq!((&*message.ask, &*message.instructions, message.turns), ("B", "A", 1));

        let response = outline(
            Operation::Response,
            r#"{"instructions":"A","input":[{"role":"user","content":[{"type":"input_text","text":"B"}]},{"type":"function_call"}]}"#,
            1000,
        );
        assert_eq!((&*response.ask, &*response.instructions, response.tool_calls), ("B", "A", 1));
        assert_eq!(outline(Operation::Response, r#"{"input":"B"}"#, 1000).ask, "B");
        assert_eq!(outline(Operation::Completion, r#"{"prompt":["B","C"]}"#, 1000).ask, "B\nC");
        assert_eq!(outline(Operation::Models, "{}", 1000), Outline::default());
    }

    #[test]
    fn of_long_texts_the_ends_are_read() {
        let text = format!("start {}end", "word ".repeat(1 << 16));
        let body = format!(r#"{{"messages":[{{"role":"user","content":"{text}"}}]}}"#);
        let outline = outline(Operation::ChatCompletion, &body, 4096);
        assert!(outline.ask.starts_with("start ") && outline.ask.ends_with("end"));
        assert!((2500..=3072).contains(&outline.ask.len()), "{}", outline.ask.len());
    }

    #[test]
    fn many_parts_stay_within_the_limit() {
        let parts = vec![format!(r#"{{"type":"text","text":"{}"}}"#, "x".repeat(3000)); 300].join(",");
        let body = format!(r#"{{"messages":[{{"role":"user","content":[{parts}]}}]}}"#);
        let outline = outline(Operation::ChatCompletion, &body, 4096);
        assert!((1000..=3400).contains(&outline.ask.len()), "{}", outline.ask.len());
    }

    #[test]
    fn any_shape_has_an_outline() {
        for body in [
            "{}",
            r#"{"messages":7,"tools":{},"system":[],"input":{},"prompt":null}"#,
            r#"{"messages":[7,[],{"role":7,"content":7}]}"#,
        ] {
            for operation in [Operation::ChatCompletion, Operation::Message, Operation::Response, Operation::Completion]
            {
                assert!(outline(operation, body, 0).ask.is_empty());
            }
        }
    }
}
