use llm_layers_wire::json::{Array, Object};

use super::{MAX_PARTS, identity::Identity};

/// The tool calls of one choice, by the order of their appearance.
///
/// A client's SDK finds a call by `index` and joins strings: a missing or sparse index raises in it, and an id or
/// a name that is said twice is joined to itself.
#[derive(Default)]
pub(super) struct ToolCalls {
    seen: Vec<Call>,
}

struct Call {
    index: Option<u64>,
    id: Option<String>,
}

impl ToolCalls {
    pub(super) const fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    pub(super) const fn len(&self) -> usize {
        self.seen.len()
    }

    pub(super) fn repair(&mut self, delta: &mut Object, identity: &Identity) {
        let Some(mut calls) = delta.get_bytes("tool_calls").and_then(|calls| Array::parse(calls).ok()) else { return };
        let mut edited = false;
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
        let id = call.text("id").filter(|id| !id.is_empty()).map(String::from);
        let mut function = call.get_bytes("function").and_then(|function| Object::parse(function).ok());
        let named =
            function.as_ref().is_some_and(|function| function.text("name").is_some_and(|name| !name.is_empty()));

        let at = self.find(index, id.as_deref(), named);
        match at {
            Some(_) => {
                for once in ["id", "type"] {
                    if call.contains(once) {
                        call.remove(once);
                    }
                }
                if let Some(function) = &mut function {
                    function.remove("name");
                }
            }
            None => {
                if id.is_none() {
                    call.set("id", &identity.call_id());
                }
                if call.text("type").is_none() {
                    call.set("type", if call.contains("custom") { "custom" } else { "function" });
                }
                self.seen.push(Call { index, id });
            }
        }
        let at = at.unwrap_or(self.seen.len() - 1) as u64;
        if index != Some(at) {
            call.set("index", &at);
        }
        if let Some(mut function) = function {
            match function.get("arguments") {
                Some(arguments) if arguments.starts_with(b"\"") => {}
                None | Some(b"null") => function.set("arguments", ""),
                // As an object, where a string that holds it is due.
                Some(arguments) => {
                    let arguments = String::from_utf8_lossy(arguments).into_owned();
                    function.set("arguments", &arguments);
                }
            }
            if function.is_edited() {
                let _ = call.set_raw("function", function.to_bytes());
            }
        }
    }

    /// The call that a fragment goes on with; `None` if it opens one.
    fn find(&self, index: Option<u64>, id: Option<&str>, named: bool) -> Option<usize> {
        let Some(index) = index else {
            return match id {
                Some(id) => self.seen.iter().position(|seen| seen.id.as_deref() == Some(id)),
                None if named => None,
                None => self.seen.len().checked_sub(1),
            };
        };
        let at = self.seen.iter().rposition(|seen| seen.index == Some(index))?;
        // Some give every parallel call the index 0: another id with a name is another call.
        let (Some(id), same) = (id, self.seen.get(at)?.id.as_deref()) else { return Some(at) };
        if same == Some(id) {
            return Some(at);
        }
        let other = self.seen.iter().position(|seen| seen.id.as_deref() == Some(id));
        if named { other } else { other.or(Some(at)) }
    }
}
