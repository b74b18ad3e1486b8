use bytes::Bytes;
use llm_layers_wire::{
    json::{Array, Limits, Object},
    openai::ChunkChoice,
};

use crate::{
    answer::{end, nested::Unreadable},
    judge::{CallKind, End},
};

/// What a chunk adds to a choice.
#[derive(Default)]
pub(super) struct Delta {
    /// The items of `tool_calls`.
    pub(super) calls: Vec<Fragment>,
    /// `function_call`.
    pub(super) legacy: Option<Fragment>,
    /// Pieces of `content`, as JSON strings: most often one.
    pub(super) text: Vec<Bytes>,
    pub(super) is_refusal: bool,
    /// Whether anything else is in it that a client shows: reasoning, a refusal, audio.
    pub(super) has_more: bool,
    pub(super) end: Option<End>,
}

/// A piece of a call.
pub(super) struct Fragment {
    pub(super) index: Option<u64>,
    /// Empty where there is none.
    pub(super) id: String,
    /// Empty where there is none.
    pub(super) name: String,
    pub(super) kind: CallKind,
    /// A piece of the arguments, or of the input, as a JSON string.
    pub(super) text: Bytes,
    /// Members that are none of these, such as a thought's signature.
    pub(super) more: Vec<(String, Bytes)>,
    /// Whether the arguments came as an object and not as its text, as Mistral's may.
    pub(super) is_respelled: bool,
}

impl Delta {
    /// Reads it. What a client might read otherwise than we do is unreadable.
    pub(super) fn read(choice: &ChunkChoice) -> Result<Self, Unreadable> {
        let mut read = Self { end: choice.finish_reason().as_deref().and_then(end::chat), ..Self::default() };
        let delta = choice.delta();
        for (name, value) in delta.iter() {
            match &*name {
                "role" => {}
                _ if is_nothing(value) => {}
                "content" => read.text = texts(&delta.get_bytes("content").unwrap_or_default())?,
                "tool_calls" => {
                    let items = delta.get_bytes("tool_calls").and_then(|items| Array::parse(items).ok());
                    let items = items.ok_or(Unreadable)?;
                    read.calls = items.iter().map(Fragment::of_item).collect::<Result<_, _>>()?;
                }
                "function_call" => {
                    let called = delta.get_bytes("function_call").ok_or(Unreadable)?;
                    read.legacy = Some(Fragment::of_called(object(called)?, CallKind::Legacy)?);
                }
                other => {
                    read.is_refusal |= other == "refusal";
                    read.has_more = true;
                }
            }
        }
        Ok(read)
    }

    pub(super) fn has_calls(&self) -> bool {
        self.legacy.is_some() || !self.calls.is_empty()
    }
}

impl Fragment {
    /// How long it is, about.
    pub(super) fn weight(&self) -> usize {
        let more: usize = self.more.iter().map(|(name, value)| name.len() + value.len()).sum();
        self.id.len() + self.name.len() + self.text.len() + more
    }

    fn of_item(item: Bytes) -> Result<Self, Unreadable> {
        let item = object(item)?;
        let (kind, called) = match (told(&item, "function")?, told(&item, "custom")?) {
            // Clients read the one or the other.
            (Some(_), Some(_)) => return Err(Unreadable),
            (Some(function), None) => (CallKind::Function, function),
            (None, Some(custom)) => (CallKind::Custom, custom),
            (None, None) if item.text("type").as_deref() == Some("custom") => (CallKind::Custom, Object::default()),
            (None, None) => (CallKind::Function, Object::default()),
        };
        let mut fragment = Self::of_called(called, kind)?;
        fragment.index = item.read("index").ok().flatten();
        fragment.id = item.text("id").unwrap_or_default().into_owned();
        for (name, value) in item.iter() {
            if !matches!(&*name, "index" | "id" | "type" | "function" | "custom") && !is_nothing(value) {
                fragment.more.push((name.into_owned(), Bytes::copy_from_slice(value)));
            }
        }
        Ok(fragment)
    }

    fn of_called(called: Object, kind: CallKind) -> Result<Self, Unreadable> {
        let text = if kind == CallKind::Custom { "input" } else { "arguments" };
        let text = called.get_bytes(text).unwrap_or_else(|| Bytes::from_static(b"null"));
        let is_respelled = text.starts_with(b"{");
        let text = if is_respelled { string(&text) } else { text };
        let name = match called.get("name") {
            None | Some(b"null") => String::new(),
            Some(_) => called.text("name").ok_or(Unreadable)?.into_owned(),
        };
        Ok(Self { index: None, id: String::new(), name, kind, text, more: Vec::new(), is_respelled })
    }
}

/// The pieces of a `content`: a string, or a list of parts, as Mistral's reasoning models have it.
fn texts(content: &Bytes) -> Result<Vec<Bytes>, Unreadable> {
    if !content.starts_with(b"[") {
        return Ok(vec![content.clone()]);
    }
    let parts = Array::parse(content.clone()).map_err(|_| Unreadable)?;
    let text = |part| object(part).map(|part| part.get_bytes("text"));
    parts.iter().filter_map(|part| text(part).transpose()).collect()
}

/// A text as a JSON string.
pub(super) fn string(text: &[u8]) -> Bytes {
    // A string: writing it cannot fail.
    serde_json::to_vec(&String::from_utf8_lossy(text)).unwrap_or_default().into()
}

/// A member that is an object and says anything.
fn told(item: &Object, name: &str) -> Result<Option<Object>, Unreadable> {
    let member = item.get_bytes(name).filter(|member| member != "null").map(object).transpose()?;
    Ok(member.filter(|member| member.iter().any(|(_, value)| !matches!(value, b"null" | b"\"\""))))
}

fn object(text: Bytes) -> Result<Object, Unreadable> {
    Object::parse_with(text, &Limits::LENIENT).map_err(|_| Unreadable)
}

/// Whether a value says nothing.
pub(super) fn is_nothing(value: &[u8]) -> bool {
    matches!(value, b"null" | b"\"\"" | b"[]" | b"{}")
}
