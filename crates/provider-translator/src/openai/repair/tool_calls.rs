use bytes::Bytes;
use llm_layers_wire::json::{Array, Object};

use super::{MAX_PARTS, braces::Braces, identity::Identity};

/// The tool calls of one choice, by the order of their appearance.
///
/// A client's SDK finds a call by `index` and joins strings: a missing or sparse index raises in it, and an id or
/// a name that is said twice is joined to itself.
#[derive(Default)]
pub(super) struct ToolCalls {
    seen: Vec<Call>,
    /// Fragments name a call by its place among the calls, and not by the index that it was opened with.
    by_place: bool,
}

struct Call {
    index: Option<u64>,
    id: Option<String>,
    name: String,
    /// Of a call without an id, for nothing else tells where it ends.
    arguments: Braces,
}

/// What a fragment tells of the call that it belongs to.
struct Fragment<'a> {
    index: Option<u64>,
    id: Option<&'a str>,
    name: &'a str,
}

impl ToolCalls {
    pub(super) const fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    pub(super) const fn len(&self) -> usize {
        self.seen.len()
    }

    pub(super) fn repair(&mut self, delta: &mut Object, identity: &Identity) {
        let Some(calls) = delta.get_bytes("tool_calls") else { return };
        // One call, where a list of them is due.
        let is_one = calls.starts_with(b"{");
        let calls = if is_one { Bytes::from([b"[", &calls[..], b"]"].concat()) } else { calls };
        let Ok(mut calls) = Array::parse(calls) else { return };
        let mut edited = is_one;
        // One too many tells the caller that there are too many.
        for at in 0..calls.len().min(MAX_PARTS + 1) {
            let Some(mut call) = calls.get(at).and_then(|call| Object::parse(call).ok()) else { continue };
            self.call(&mut call, identity);
            if call.is_edited() {
                edited |= calls.set(at, call.to_bytes()).is_ok();
            }
        }
        if edited {
            let _ = delta.set_raw("tool_calls", calls.to_bytes());
        }
    }

    fn call(&mut self, call: &mut Object, identity: &Identity) {
        let index = call.read::<u64>("index").ok().flatten();
        let id = call.text("id").filter(|id| is_given(id)).map(String::from);
        let mut function = call.get_bytes("function").and_then(|function| Object::parse(function).ok());
        let name = function.as_ref().and_then(|function| function.text("name")).unwrap_or_default().into_owned();

        let at = match self.find(&Fragment { index, id: id.as_deref(), name: &name }) {
            Some(at) => {
                for once in ["id", "type"] {
                    if call.contains(once) {
                        call.remove(once);
                    }
                }
                if let Some(function) = &mut function {
                    function.remove("name");
                }
                at
            }
            None => {
                if id.is_none() {
                    call.set("id", &identity.call_id());
                }
                if call.text("type").is_none() {
                    call.set("type", if call.contains("custom") { "custom" } else { "function" });
                }
                self.seen.push(Call { index, id, name, arguments: Braces::default() });
                self.seen.len() - 1
            }
        };
        if index != Some(at as u64) {
            call.set("index", &at);
        }
        let Some(mut function) = function else { return };
        arguments_as_text(&mut function);
        if let Some(seen) = self.seen.get_mut(at).filter(|seen| seen.id.is_none()) {
            seen.arguments.read(&function.text("arguments").unwrap_or_default());
        }
        if function.is_edited() {
            let _ = call.set_raw("function", function.to_bytes());
        }
    }

    /// The call that a fragment goes on with; `None` if it opens one.
    fn find(&mut self, fragment: &Fragment<'_>) -> Option<usize> {
        let named = !fragment.name.is_empty();
        let Some(id) = fragment.id else {
            let at = match fragment.index {
                Some(index) if named => self.by_index(index)?,
                Some(index) => self.gone_on(index)?,
                None => self.seen.len().checked_sub(1)?,
            };
            return (!named || self.seen.get(at)?.goes_on(fragment.name)).then_some(at);
        };
        let by_id = |id: &str| self.seen.iter().position(|seen| seen.id.as_deref() == Some(id));
        let Some(index) = fragment.index else { return by_id(id) };
        let at = self.by_index(index).or_else(|| by_id(id))?;
        // Some give every parallel call the index 0: another id with a name is another call.
        if self.seen.get(at)?.id.as_deref() == Some(id) {
            return Some(at);
        }
        if named { by_id(id) } else { by_id(id).or(Some(at)) }
    }

    /// The latest call that was opened with an index.
    fn by_index(&self, index: u64) -> Option<usize> {
        self.seen.iter().rposition(|seen| seen.index == Some(index))
    }

    /// The call that a fragment of nothing but arguments goes on with.
    ///
    /// SGLang opens a call with the index of its tool among those of the request, and goes on with the index that the
    /// call has among the calls: sgl-project/sglang#6310.
    fn gone_on(&mut self, index: u64) -> Option<usize> {
        let known = self.by_index(index);
        let place = usize::try_from(index).ok().filter(|place| *place < self.seen.len());
        self.by_place |= known.is_none() && place.is_some_and(|place| place + 1 == self.seen.len());
        if self.by_place { place } else { known }
    }
}

impl Call {
    /// Whether a fragment with a name and no id says this call's name once more, and does not open another one.
    fn goes_on(&self, name: &str) -> bool {
        self.name == name && (self.id.is_some() || !self.arguments.are_closed())
    }
}

/// An id that is one. Mistral's types have the word `null` for one that is missing.
pub(in crate::openai) fn is_given(id: &str) -> bool {
    !id.is_empty() && id != "null"
}

/// An object of arguments, as the string that holds it.
pub(in crate::openai) fn arguments_as_text(function: &mut Object) {
    match function.get("arguments") {
        Some(arguments) if arguments.starts_with(b"\"") => {}
        None | Some(b"null") => function.set("arguments", ""),
        Some(arguments) => {
            let arguments = String::from_utf8_lossy(arguments).into_owned();
            function.set("arguments", &arguments);
        }
    }
}
