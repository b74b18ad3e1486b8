//! Names and ids that a provider accepts, and the way back.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use llm_layers_core::digest;
use serde_json::value::RawValue;

use crate::{
    conversation::{Call, Conversation, Tools, Turn},
    ir::ToolKind,
};

/// What a provider takes for a name or an id: ASCII letters, digits, and some more.
#[derive(Debug)]
pub(crate) struct Rule {
    /// The most characters.
    pub(crate) max: usize,
    /// What it may hold beside letters and digits.
    pub(crate) marks: &'static [u8],
    /// Whether it must begin with a letter or an underscore.
    pub(crate) begins_with_letter: bool,
}

/// How a tool's input is put into the object that a provider demands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Wrap {
    /// It is an object.
    #[default]
    Plain,
    /// A custom tool's text, as `{"input":"…"}`.
    Text,
    /// A function whose parameters are not described as an object, as `{"value":…}`.
    Value,
}

impl Wrap {
    pub(crate) const fn kind(self) -> ToolKind {
        match self {
            Self::Text => ToolKind::Custom,
            Self::Plain | Self::Value => ToolKind::Function,
        }
    }

    /// What the client asked for, out of what the model has written. What is cut off is given as it is.
    pub(crate) fn open(self, input: &str) -> String {
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

/// The tools of one request: what the provider knows them as, and what the client does.
#[derive(Debug)]
pub(crate) struct Names {
    rule: &'static Rule,
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
    /// Names every tool of a request, those of its history included, before any of them is written.
    pub(crate) fn of(rule: &'static Rule, tools: &Tools<'_>, conversation: &Conversation<'_>) -> Self {
        let mut names = Self::new(rule);
        let offered = || tools.tools.iter().map(|tool| tool.name.as_ref());
        let called = || calls(conversation).map(|call| call.name.as_ref());
        names.reserve(offered().chain(called()));
        for name in offered().chain(called()) {
            names.wire(name);
        }
        names
    }

    fn new(rule: &'static Rule) -> Self {
        Self { rule, known: HashMap::new(), back: HashMap::new(), taken: HashSet::new() }
    }

    /// Keeps names that are legal as they are, so that none of the others is rewritten to one of them.
    fn reserve<'a>(&mut self, names: impl Iterator<Item = &'a str>) {
        self.taken.extend(names.filter(|name| self.rule.allows(name)).map(str::to_owned));
    }

    /// The name of a tool on the wire.
    pub(crate) fn wire(&mut self, name: &str) -> String {
        if let Some(known) = self.known.get(name) {
            return known.wire.clone();
        }
        let mut wire = self.rule.legal(name);
        // Eight digits of a hash hardly ever collide by chance. Against design, more are taken.
        while wire != name && self.taken.contains(&wire) {
            wire = self.rule.legal(&format!("{name} {wire}"));
        }
        self.taken.insert(wire.clone());
        if wire != name {
            self.back.insert(wire.clone(), name.to_owned());
        }
        self.known.insert(name.to_owned(), Known { wire: wire.clone(), wrap: Wrap::Plain });
        wire
    }

    /// The tools that a conversation has called, each once: its name on the wire, and the client's. They are what some
    /// providers want to have defined even where the request defines none.
    pub(crate) fn called<'a>(&mut self, conversation: &Conversation<'a>) -> Vec<(String, Cow<'a, str>)> {
        let mut seen = HashSet::new();
        let called = calls(conversation).filter(|call| seen.insert(call.name.as_ref()));
        called.map(|call| (self.wire(&call.name), call.name.clone())).collect()
    }

    pub(crate) fn set_wrap(&mut self, name: &str, wrap: Wrap) {
        if let Some(known) = self.known.get_mut(name) {
            known.wrap = wrap;
        }
    }

    /// How the input of a tool is wrapped, by the client's name for it.
    pub(crate) fn wrap(&self, name: &str) -> Wrap {
        self.known.get(name).map(|known| known.wrap).unwrap_or_default()
    }

    /// The client's name for a tool.
    pub(crate) fn original<'a>(&'a self, wire: &'a str) -> &'a str {
        self.back.get(wire).map_or(wire, String::as_str)
    }
}

/// Ids of calls as they are sent: legal, and each of them once in a conversation.
///
/// There is no way back, because none is needed: an answer holds ids of its own only.
#[derive(Debug)]
pub(crate) struct Ids {
    rule: &'static Rule,
    used: HashMap<String, u32>,
}

impl Ids {
    pub(crate) fn new(rule: &'static Rule) -> Self {
        Self { rule, used: HashMap::new() }
    }

    pub(crate) fn wire(&mut self, id: &str) -> String {
        let wire = self.rule.legal(id);
        match self.used.get_mut(&wire) {
            None => {
                self.used.insert(wire.clone(), 1);
                wire
            }
            // Some clients count calls anew in each turn.
            Some(times) => {
                *times += 1;
                let again = self.rule.legal(&format!("{wire} {times}"));
                self.used.insert(again.clone(), 1);
                again
            }
        }
    }
}

/// All calls that a conversation holds.
fn calls<'c, 'a>(conversation: &'c Conversation<'a>) -> impl Iterator<Item = &'c Call<'a>> {
    let assistants = conversation.turns.iter().filter_map(|turn| match turn {
        Turn::Assistant(assistant) => Some(assistant),
        _ => None,
    });
    assistants.flat_map(|assistant| &assistant.calls)
}

impl Rule {
    fn allows(&self, text: &str) -> bool {
        let begins = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'_';
        (1..=self.max).contains(&text.len())
            && text.bytes().all(|byte| self.allows_byte(byte))
            && (!self.begins_with_letter || text.as_bytes().first().is_some_and(begins))
    }

    fn allows_byte(&self, byte: u8) -> bool {
        byte.is_ascii_alphanumeric() || self.marks.contains(&byte)
    }

    /// The text as it is if it is legal, else as much of it as is, and a hash of the whole.
    fn legal(&self, text: &str) -> String {
        if self.allows(text) {
            return text.to_owned();
        }
        // Every rule allows an underscore, and has room for a hash.
        let mark = |byte: u8| if self.allows_byte(byte) { char::from(byte) } else { '_' };
        let mut legal = String::from(if self.begins_with_letter { "_" } else { "" });
        legal.extend(text.bytes().take(self.max.saturating_sub(10)).map(mark));
        legal.push('_');
        legal.push_str(&digest([text], 4));
        legal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Rule = Rule { max: 128, marks: b"_-", begins_with_letter: false };

    fn legal(text: &str) -> String {
        RULE.legal(text)
    }

    fn is_legal(text: &str) -> bool {
        RULE.allows(text)
    }

    #[test]
    fn a_name_may_have_to_begin_with_a_letter() {
        const RULE: Rule = Rule { max: 64, marks: b"_.:-", begins_with_letter: true };
        assert_eq!(RULE.legal("a.b:c-d"), "a.b:c-d");
        for name in ["1a", "-a", "", "a b", &"x".repeat(65)] {
            assert!(RULE.allows(&RULE.legal(name)), "{name}");
        }
    }

    #[test]
    fn illegal_names_find_their_way_back_and_never_collide() {
        let long = "x".repeat(200);
        let clash = legal("a.b");
        let all = ["a.b", "a/b", "a_b", clash.as_str(), long.as_str(), "", "ümlaut", "ok"];
        let mut names = Names::new(&RULE);
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
        let mut ids = Ids::new(&RULE);
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
