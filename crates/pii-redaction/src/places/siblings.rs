use super::{cursor::Cursor, file, shape::Shape, string::unescape};
use crate::Media;

/// What the members of a text's objects say of the others beside them: a few mean one thing beside this and another
/// beside that.
///
/// All objects are gone through at once. Each by itself, those within each other would be gone through as often as they
/// are deep.
pub(super) struct Siblings {
    /// By where the objects begin, in order.
    objects: Vec<(usize, Found)>,
}

/// What was found in one object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    is_signed: bool,
    is_of_a_tool: bool,
    is_text: bool,
    is_image: bool,
    is_redacted: bool,
    /// By the name of a file, or its type.
    says_text: bool,
}

impl Siblings {
    /// Goes through a text that was validated.
    pub(super) fn of(text: &str) -> Self {
        let mut objects = Vec::new();
        // Those that are open, lists too.
        let mut open = Vec::new();
        let mut json = Cursor::new(text);
        while let Some(byte) = json.peek() {
            match byte {
                b'{' | b'[' => open.push((json.at, Found::default())),
                b'}' | b']' => objects.extend(open.pop().filter(|(_, found)| *found != Found::default())),
                b'"' => {
                    let Some(name) = json.quoted() else { break };
                    if json.colon().is_some()
                        && json.peek() == Some(b'"')
                        && let Some(value) = json.quoted()
                        && let (Some(name), Some(value)) = (json.inner(&name), json.inner(&value))
                        && let Some((_, found)) = open.last_mut()
                    {
                        found.note(&unescape(name), value);
                    }
                    continue;
                }
                _ => {}
            }
            json.at += 1;
        }
        objects.sort_unstable_by_key(|(start, _)| *start);
        Self { objects }
    }

    /// What was found in the object that begins there.
    pub(super) fn at(&self, start: usize) -> Found {
        let found = self.objects.binary_search_by_key(&start, |(start, _)| *start);
        found.ok().and_then(|at| self.objects.get(at)).map_or_else(Found::default, |(_, found)| *found)
    }
}

impl Found {
    /// What a member holds, given its siblings.
    pub(super) const fn decide(self, shape: Shape) -> Shape {
        match shape {
            Shape::Name if self.is_of_a_tool => Shape::Own,
            Shape::Encrypted if self.is_redacted => Shape::Own,
            Shape::Thought if !self.is_signed => Shape::Data,
            Shape::Source(_) if self.is_image => Shape::Source(Media::Image),
            Shape::FileId(_) if self.is_image => Shape::FileId(Media::Image),
            Shape::SourceData(_) if self.is_text => Shape::Data,
            Shape::SourceData(kind) | Shape::Base64(kind) if self.says_text => Shape::TextFile(kind),
            Shape::SourceData(kind) => Shape::Base64(kind),
            other => other,
        }
    }

    fn note(&mut self, name: &str, value: &str) {
        match name {
            "signature" | "thought_signature" => self.is_signed = !value.is_empty(),
            "role" => self.is_of_a_tool = matches!(value, "tool" | "function"),
            "type" => {
                self.is_text = value == "text";
                self.is_redacted = value == "redacted_thinking";
                self.is_image = matches!(value, "image" | "input_image" | "image_url");
            }
            "filename" | "file_name" => self.says_text |= file::is_named_as_text(value),
            "media_type" | "mime_type" => self.says_text |= file::says_text(value),
            _ => {}
        }
    }
}

impl Shape {
    /// Whether what it is depends on what stands beside it.
    pub(super) const fn has_siblings(self) -> bool {
        matches!(
            self,
            Self::Name
                | Self::Encrypted
                | Self::Thought
                | Self::Source(_)
                | Self::FileId(_)
                | Self::SourceData(_)
                | Self::Base64(_)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_object_has_its_own() {
        let text = r#" {"role":"tool", "a":[{"type":"te\u0078t"},{"type":"image"},{}], "b":{"signature":""},
            "c":{"x":{"signatur\u0065":"s"},"type":"redacted_thinking","y":[["role","tool"]]}, "signature":null} "#;
        let siblings = Siblings::of(text);
        let of = |name: &str| siblings.at(text.find(name).unwrap());
        assert_eq!(of(r#"{"role"#), Found { is_of_a_tool: true, ..Found::default() });
        assert_eq!(of(r#"{"type":"im"#), Found { is_image: true, ..Found::default() });
        assert_eq!(of(r#"{"signatur\"#), Found { is_signed: true, ..Found::default() });
        assert_eq!(of(r#"{"x"#), Found { is_redacted: true, ..Found::default() });
        for none in [r#"{"type":"te"#, "{}", r#"{"signature"#, r#"["role"#] {
            assert_eq!(of(none), Found::default(), "{none}");
        }
        assert_eq!(siblings.objects.len(), 4);
    }

    #[test]
    fn any_text_comes_to_an_end() {
        for text in ["", "\"", "{\"a\"", "{\"a\":\"", "]]}}", "[{\"type\":\"image\"", "{\"a\" \"b\":\"c\"}", "é"] {
            let _ = Siblings::of(text);
        }
    }
}
