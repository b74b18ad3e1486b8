//! Names and ids that Anthropic accepts, and the way back.

use std::collections::{HashMap, HashSet};

use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::ir::ToolKind;

/// `^[a-zA-Z0-9_-]{1,128}$`, of names and of ids.
const MAX: usize = 128;

/// How a tool's input is put into the object that Anthropic demands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Wrap {
    /// It is an object.
    #[default]
    Plain,
    /// A custom tool's text, as `{"input":"…"}`.
    Text,
    /// A function whose parameters are not described as an object, as `{"value":…}`.
    Value,
}

impl Wrap {
    pub(super) const fn kind(self) -> ToolKind {
        match self {
            Self::Text => ToolKind::Custom,
            Self::Plain | Self::Value => ToolKind::Function,
        }
    }

    /// What the client asked for, out of what the model has written. What is cut off is given as it is.
    pub(super) fn open(self, input: &str) -> String {
        #[derive(serde::Deserialize)]
        struct Text {
            input: String,
        }
        #[derive(serde::Deserialize)]
        struct Value<'a> {
            #[serde(borrow)]
            value: &'a RawValue,
        }
        let opened = match self {
            Self::Plain => None,
            Self::Text => serde_json::from_str(input).ok().map(|Text { input }| input),
            Self::Value => serde_json::from_str(input).ok().map(|Value { value }| value.get().to_owned()),
        };
        opened.unwrap_or_else(|| input.to_owned())
    }
}

/// The tools of one request: what Anthropic knows them as, and what the client does.
#[derive(Debug, Default)]
pub(super) struct Names {
    known: HashMap<String, Known>,
    /// From the name on the wire to the client's, where they differ.
    back: HashMap<String, String>,
    taken: HashSet<String>,
}

#[derive(Debug)]
struct Known {
    wire: String,
    wrap: Wrap,
}

impl Names {
    /// Keeps names that are legal as they are, so that none of the others is rewritten to one of them.
    pub(super) fn reserve<'a>(&mut self, names: impl Iterator<Item = &'a str>) {
        self.taken.extend(names.filter(|name| is_legal(name)).map(str::to_owned));
    }

    /// The name of a tool on the wire.
    pub(super) fn wire(&mut self, name: &str) -> String {
        if let Some(known) = self.known.get(name) {
            return known.wire.clone();
        }
        let mut wire = legal(name);
        // Eight digits of a hash hardly ever collide by chance. Against design, more are taken.
        while wire != name && self.taken.contains(&wire) {
            wire = legal(&format!("{name} {wire}"));
        }
        self.taken.insert(wire.clone());
        if wire != name {
            self.back.insert(wire.clone(), name.to_owned());
        }
        self.known.insert(name.to_owned(), Known { wire: wire.clone(), wrap: Wrap::Plain });
        wire
    }

    pub(super) fn set_wrap(&mut self, name: &str, wrap: Wrap) {
        if let Some(known) = self.known.get_mut(name) {
            known.wrap = wrap;
        }
    }

    /// How the input of a tool is wrapped, by the client's name for it.
    pub(super) fn wrap(&self, name: &str) -> Wrap {
        self.known.get(name).map(|known| known.wrap).unwrap_or_default()
    }

    /// The client's name for a tool.
    pub(super) fn original<'a>(&'a self, wire: &'a str) -> &'a str {
        self.back.get(wire).map_or(wire, String::as_str)
    }
}

/// Ids of calls as they are sent: legal, and each of them once in a conversation.
///
/// There is no way back, because none is needed: an answer holds ids of its own only.
#[derive(Debug, Default)]
pub(super) struct Ids {
    used: HashMap<String, u32>,
}

impl Ids {
    pub(super) fn wire(&mut self, id: &str) -> String {
        let wire = legal(id);
        match self.used.get_mut(&wire) {
            None => {
                self.used.insert(wire.clone(), 1);
                wire
            }
            // Some clients count calls anew in each turn.
            Some(times) => {
                *times += 1;
                let again = legal(&format!("{wire} {times}"));
                self.used.insert(again.clone(), 1);
                again
            }
        }
    }
}

fn is_legal(text: &str) -> bool {
    (1..=MAX).contains(&text.len()) && text.bytes().all(is_legal_byte)
}

const fn is_legal_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

/// The text as it is if it is legal, else as much of it as is, and a hash of the whole.
fn legal(text: &str) -> String {
    if is_legal(text) {
        return text.to_owned();
    }
    let part = text.bytes().take(MAX - 9).map(|byte| if is_legal_byte(byte) { char::from(byte) } else { '_' });
    let mut legal: String = part.collect();
    legal.push('_');
    legal.push_str(&digest(text, 4));
    legal
}

/// The first bytes of a text's SHA-256, in hexadecimal digits.
pub(super) fn digest(text: &str, bytes: usize) -> String {
    let hash = Sha256::digest(text.as_bytes());
    hash.iter().take(bytes).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn illegal_names_find_their_way_back_and_never_collide() {
        let long = "x".repeat(200);
        let clash = legal("a.b");
        let all = ["a.b", "a/b", "a_b", clash.as_str(), long.as_str(), "", "ümlaut", "ok"];
        let mut names = Names::default();
        names.reserve(all.into_iter());
        let wire: Vec<String> = all.iter().map(|name| names.wire(name)).collect();
        let distinct: HashSet<&String> = wire.iter().collect();
        assert_eq!(distinct.len(), all.len(), "{wire:?}");
        for (name, wire) in all.iter().zip(&wire) {
            assert!(is_legal(wire), "{wire}");
            assert_eq!(names.original(wire), *name);
            assert_eq!(names.wire(name), *wire, "the same name, the same rewriting");
        }
        assert_eq!((wire[2].as_str(), wire[3].as_str(), wire[7].as_str()), ("a_b", clash.as_str(), "ok"));
    }

    #[test]
    fn an_id_is_sent_once() {
        let mut ids = Ids::default();
        let sent = ["call_1", "call_1", "call_1", "a:b", "a:b"].map(|id| ids.wire(id));
        assert_eq!(sent[0], "call_1");
        assert_eq!(sent.iter().collect::<HashSet<_>>().len(), 5);
        assert!(sent.iter().all(|id| is_legal(id)));
    }

    #[test]
    fn inputs_are_unwrapped_and_what_is_cut_off_is_kept() {
        assert_eq!(Wrap::Text.open(r#"{"input":"a\nb"}"#), "a\nb");
        assert_eq!(Wrap::Value.open(r#"{"value":[1.50]}"#), "[1.50]");
        assert_eq!(Wrap::Value.open(r#"{"value":[1."#), r#"{"value":[1."#);
    }
}
