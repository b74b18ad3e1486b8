use super::{Count, messages::CALL};
use crate::{json::Value, text::Text};

/// Parts hold parts (a tool's result, a document): deeper than this they count by their JSON.
const DEPTH: usize = 4;

/// The members of a part that matter, found in one pass.
#[derive(Default)]
pub(super) struct Part<'a> {
    kind: &'a [u8],
    text: Option<Value<'a>>,
    pub(super) detail: Option<Value<'a>>,
    pub(super) image_url: Option<Value<'a>>,
    pub(super) source: Option<Value<'a>>,
    pub(super) audio: Option<Value<'a>>,
    pub(super) file: Option<Value<'a>>,
    pub(super) file_data: Option<Value<'a>>,
    content: Option<Value<'a>>,
    name: Option<Value<'a>>,
    input: Option<Value<'a>>,
    title: Option<Value<'a>>,
    context: Option<Value<'a>>,
}

impl<'a> Part<'a> {
    fn of(value: Value<'a>) -> Self {
        let mut part = Self::default();
        for (name, value) in value.members() {
            let member = match name.raw() {
                b"type" => {
                    part.kind = value.text().map(Text::raw).unwrap_or_default();
                    continue;
                }
                b"text" | b"refusal" | b"thinking" => &mut part.text,
                b"detail" => &mut part.detail,
                b"image_url" => &mut part.image_url,
                b"source" => &mut part.source,
                b"input_audio" => &mut part.audio,
                b"file" => &mut part.file,
                b"file_data" => &mut part.file_data,
                b"content" => &mut part.content,
                b"name" => &mut part.name,
                b"input" => &mut part.input,
                b"title" => &mut part.title,
                b"context" => &mut part.context,
                _ => continue,
            };
            *member = Some(value);
        }
        part
    }
}

impl Count {
    /// A text, a part or many parts.
    pub(super) fn content(&mut self, content: Value<'_>) {
        self.parts(content, DEPTH);
    }

    fn parts(&mut self, content: Value<'_>, depth: usize) {
        if content.is_array() && depth > 0 {
            for part in content.items() {
                self.part(part, depth - 1);
            }
        } else {
            self.part(content, depth.saturating_sub(1));
        }
    }

    fn part(&mut self, value: Value<'_>, depth: usize) {
        if !value.bytes().starts_with(b"{") || depth == 0 {
            return self.add_value(value);
        }
        let part = Part::of(value);
        match part.kind {
            b"image_url" | b"input_image" | b"image" => self.image(&part),
            b"input_audio" | b"audio" => self.audio(&part),
            b"document" => {
                for text in [part.title, part.context].into_iter().flatten() {
                    self.add_value(text);
                }
                self.document(&part, depth);
            }
            b"file" | b"input_file" => self.file(&part),
            b"tool_result" => {
                self.counter.assumes();
                self.add_framing(CALL);
                if let Some(content) = part.content {
                    self.parts(content, depth);
                }
            }
            b"tool_use" | b"server_tool_use" | b"mcp_tool_use" => {
                self.counter.assumes();
                self.add_framing(CALL);
                for value in [part.name, part.input].into_iter().flatten() {
                    self.add_value(value);
                }
            }
            _ => match part.text {
                Some(text) => self.add_value(text),
                // A kind that is not known here.
                None => {
                    self.counter.assumes();
                    self.add_value(value);
                }
            },
        }
    }

    /// Anthropic's `document`: a text, parts, or a file.
    fn document(&mut self, part: &Part<'_>, depth: usize) {
        let Some(source) = part.source else { return self.file(part) };
        match source.member("type").and_then(Value::text).map(Text::raw) {
            Some(b"text") => {
                if let Some(text) = source.member("data") {
                    self.add_value(text);
                }
            }
            Some(b"content") => {
                if let Some(content) = source.member("content") {
                    self.parts(content, depth);
                }
            }
            _ => self.file(part),
        }
    }
}
