//! The grammar: JSON's, with what models are known to get wrong.

use std::collections::HashSet;

use super::{Node, Reading, Repair, note};

/// As deep as `serde_json` reads.
const MAX_DEPTH: usize = 127;

/// A cursor over the text.
pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    is_fenced: bool,
    pub(super) repairs: Vec<Repair>,
    /// The one closer that is missing.
    missing: Option<Missing>,
    /// The last value is a number, which may have been cut in its middle.
    pub(super) is_after_number: bool,
    /// A comment has run up to the text's end, over what may have been closers.
    pub(super) is_commented_to_end: bool,
    /// A comment holds a `'` that could end a string in single quotes.
    pub(super) is_comment_quoted: bool,
}

/// A closer that is not there.
struct Missing {
    /// Whether it can stand nowhere else, and nothing more can have stood before it.
    is_certain: bool,
    /// What the container is called by those around it, the innermost first.
    path: Vec<String>,
}

/// In what a value stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Nothing,
    Array,
    Object,
}

impl<'a> Parser<'a> {
    pub(super) const fn new(text: &'a str, at: usize, is_fenced: bool) -> Self {
        Self {
            text,
            at,
            is_fenced,
            repairs: Vec::new(),
            missing: None,
            is_after_number: false,
            is_commented_to_end: false,
            is_comment_quoted: false,
        }
    }

    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub(super) fn note(&mut self, repair: Repair) {
        note(&mut self.repairs, repair);
    }

    /// The value at the cursor.
    pub(super) fn root(&mut self) -> Option<Node> {
        self.value(Within::Nothing, 0)
    }

    /// What may stand behind the one object: the same again, or one closer too many.
    pub(super) fn behind_object(&mut self, object: &Node) -> Option<()> {
        if self.missing.is_some() {
            return Some(());
        }
        let is_next = |parser: &mut Self, brackets: &[u8]| {
            let rest = parser.rest().trim_start_matches(super::is_space);
            let is = rest.bytes().next().is_some_and(|byte| brackets.contains(&byte));
            if is {
                parser.at = parser.text.len() - rest.len();
            }
            is
        };
        if is_next(self, b"}]") {
            self.at += 1;
            self.note(Repair::ExtraCloser);
            return Some(());
        }
        while is_next(self, b"{") {
            if self.root()? != *object || self.missing.is_some() {
                return None;
            }
            self.note(Repair::Repeated);
        }
        Some(())
    }

    pub(super) fn finish(self, node: Node) -> Option<Reading> {
        if self.is_comment_quoted && self.repairs.contains(&Repair::SingleQuotes) {
            return None;
        }
        let uncertain = self.missing.filter(|missing| !missing.is_certain);
        let unclosed = uncertain.map(|missing| pointer(&missing.path)).into_iter().collect();
        Some(Reading { node, repairs: self.repairs, unclosed })
    }

    fn value(&mut self, within: Within, depth: usize) -> Option<Node> {
        let node = match self.peek()? {
            b'{' if depth < MAX_DEPTH => return self.object(within, depth + 1),
            b'[' if depth < MAX_DEPTH => return self.array(within, depth + 1),
            quote @ (b'"' | b'\'') => self.string(quote)?,
            b'-' | b'0'..=b'9' => self.number()?,
            byte if byte.is_ascii_alphabetic() => self.literal()?,
            _ => return None,
        };
        Some(Node::Scalar(node))
    }

    fn object(&mut self, within: Within, depth: usize) -> Option<Node> {
        self.at += 1;
        let mut members: Vec<(String, Node)> = Vec::new();
        let mut names = HashSet::new();
        let mut comma = None;
        loop {
            self.skip()?;
            match (self.peek()?, comma) {
                (b'}', _) => {
                    if comma.is_some() {
                        self.note(Repair::TrailingComma);
                    }
                    break self.close();
                }
                // The next object of the array around this one.
                (b'{', Some(comma)) if within == Within::Array => {
                    self.at = comma;
                    break self.miss(last_of(&members).is_some_and(is_divisible_object))?;
                }
                _ => {}
            }
            let name = self.name()?;
            if !names.insert(decoded(&name)?) {
                return None;
            }
            self.skip()?;
            if self.peek()? != b':' {
                return None;
            }
            self.at += 1;
            self.skip()?;
            let value = self.inner(Within::Object, depth, || decoded(&name).unwrap_or_default())?;
            members.push((name, value));
            self.skip()?;
            match self.peek() {
                Some(b',') => comma = Some(self.at),
                Some(b'}') => break self.close(),
                Some(b']') if within == Within::Array => {
                    break self.miss(last_of(&members).is_some_and(is_divisible_object))?;
                }
                _ if within == Within::Nothing && self.is_at_end() => break self.miss(true)?,
                _ => return None,
            }
            self.at += 1;
        }
        Some(Node::Object(members))
    }

    fn array(&mut self, within: Within, depth: usize) -> Option<Node> {
        self.at += 1;
        let mut items: Vec<Node> = Vec::new();
        let mut comma = None;
        loop {
            self.skip()?;
            if self.peek()? == b']' {
                if comma.is_some() {
                    self.note(Repair::TrailingComma);
                }
                break self.close();
            }
            let item = self.inner(Within::Array, depth, || items.len().to_string())?;
            self.skip()?;
            match (self.peek(), comma) {
                // What was read is the name of the next member of the object around this array.
                (Some(b':'), Some(comma)) if within == Within::Object && is_string(&item) => {
                    self.at = comma;
                    break self.miss(items.last().is_some_and(is_divisible_array))?;
                }
                _ => items.push(item),
            }
            match self.peek() {
                Some(b',') => comma = Some(self.at),
                Some(b']') => break self.close(),
                Some(b'}') if within == Within::Object => {
                    break self.miss(items.last().is_some_and(is_divisible_array))?;
                }
                _ if within == Within::Nothing && self.is_at_end() => break self.miss(true)?,
                _ => return None,
            }
            self.at += 1;
        }
        Some(Node::Array(items))
    }

    /// A value within another, which calls it by `name`.
    fn inner(&mut self, within: Within, depth: usize, name: impl FnOnce() -> String) -> Option<Node> {
        let was_whole = self.missing.is_none();
        let value = self.value(within, depth)?;
        if let Some(missing) = self.missing.as_mut().filter(|_| was_whole) {
            missing.path.push(name());
        }
        Some(value)
    }

    fn close(&mut self) {
        self.at += 1;
        self.is_after_number = false;
    }

    /// Goes on as if a closer stood here, once.
    fn miss(&mut self, is_in_doubt: bool) -> Option<()> {
        if self.missing.is_some() {
            return None;
        }
        self.missing = Some(Missing { is_certain: !is_in_doubt, path: Vec::new() });
        self.note(Repair::MissingCloser);
        self.is_after_number = false;
        Some(())
    }

    /// Whether the text ends here, and ended with something whole.
    fn is_at_end(&self) -> bool {
        let is_end = self.rest().is_empty() || self.is_fenced && self.rest().starts_with("```");
        is_end && !self.is_after_number && !self.is_commented_to_end
    }
}

fn last_of(members: &[(String, Node)]) -> Option<&Node> {
    members.last().map(|(_, value)| value)
}

/// Whether a closer that is missing behind this array could also stand within it, so that its last items are the outer
/// array's: `[["a","b"]` is `[["a","b"]]` or `[["a"],"b"]`.
fn is_divisible_array(node: &Node) -> bool {
    matches!(node, Node::Array(items) if items.len() > 1 || items.first().is_some_and(is_divisible_array))
}

/// The same of objects: `{"a":{"b":1,"c":2}` is `{"a":{"b":1,"c":2}}` or `{"a":{"b":1},"c":2}`.
fn is_divisible_object(node: &Node) -> bool {
    matches!(node, Node::Object(members) if members.len() > 1 || last_of(members).is_some_and(is_divisible_object))
}

fn is_string(node: &Node) -> bool {
    matches!(node, Node::Scalar(text) if text.starts_with('"'))
}

/// What a quoted name says, by which namesakes are known.
fn decoded(name: &str) -> Option<String> {
    serde_json::from_str(name).ok()
}

/// A JSON pointer (RFC 6901) of these names, the innermost first.
fn pointer(path: &[String]) -> String {
    path.iter().rev().map(|name| format!("/{}", name.replace('~', "~0").replace('/', "~1"))).collect()
}
