use std::cell::OnceCell;

use llm_layers_wire::json::members;

use super::{MediaKind, shape::Shape};

/// The other members of an object, for the few that mean one thing beside this and another beside that. Looked for at
/// most once in each object, for it is the whole object that may have to be gone through.
pub(super) struct Siblings<'a> {
    object: &'a str,
    found: OnceCell<Found>,
}

#[derive(Clone, Copy, Default)]
struct Found {
    is_signed: bool,
    is_of_a_tool: bool,
    is_text: bool,
    is_image: bool,
    is_redacted: bool,
}

impl<'a> Siblings<'a> {
    pub(super) const fn new(object: &'a str) -> Self {
        Self { object, found: OnceCell::new() }
    }

    /// What a member holds, given its siblings.
    pub(super) fn decide(&self, shape: Shape) -> Shape {
        let kind = |kind| if self.found().is_image { MediaKind::Image } else { kind };
        match shape {
            Shape::Name if self.found().is_of_a_tool => Shape::Own,
            Shape::Encrypted if self.found().is_redacted => Shape::Own,
            Shape::Thought if !self.found().is_signed => Shape::Data,
            Shape::Source(other) => Shape::Source(kind(other)),
            Shape::FileId(other) => Shape::FileId(kind(other)),
            Shape::SourceData(_) if self.found().is_text => Shape::Data,
            Shape::SourceData(other) => Shape::Base64(other),
            other => other,
        }
    }

    fn found(&self) -> Found {
        *self.found.get_or_init(|| {
            let mut found = Found::default();
            for (name, value) in members(self.object.as_bytes()) {
                match name {
                    b"signature" | b"thought_signature" => found.is_signed = value.len() > 2,
                    b"role" => found.is_of_a_tool = matches!(value, b"\"tool\"" | b"\"function\""),
                    b"type" => {
                        found.is_text = value == b"\"text\"";
                        found.is_redacted = value == b"\"redacted_thinking\"";
                        found.is_image = matches!(value, b"\"image\"" | b"\"input_image\"" | b"\"image_url\"");
                    }
                    _ => {}
                }
            }
            found
        })
    }
}
