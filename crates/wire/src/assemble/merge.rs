//! Joining JSON values that come in fragments.

use bytes::Bytes;

use crate::json::{Array, Limits, Object};

use super::Error;

/// No message, object or list of calls that must be searched has more than this: searches are linear.
pub(super) const MANY: usize = 1024;

/// What a node costs beyond its text, about.
const OVERHEAD: usize = 64;

/// Members that say what a thing is: they come whole, and some providers repeat them in each fragment.
const IDENTITY: [&str; 8] = ["role", "type", "id", "name", "index", "object", "model", "format"];

/// Fragments come out of texts that were checked against a limit before.
pub(super) const UNBOUNDED: Limits = Limits::LENIENT.with_max_bytes(usize::MAX).with_max_members(usize::MAX);

/// The bytes that may still be held.
#[derive(Debug)]
pub(super) struct Budget {
    limit: usize,
    left: usize,
}

impl Budget {
    pub(super) const fn new(limit: usize) -> Self {
        Self { limit, left: limit }
    }

    pub(super) fn take(&mut self, bytes: usize) -> Result<(), Error> {
        self.left = self.left.checked_sub(bytes).ok_or(Error::TooLong { limit: self.limit })?;
        Ok(())
    }

    fn give_back(&mut self, bytes: usize) {
        self.left += bytes;
    }
}

/// A value that may grow. It stays the text that it came as until a second fragment comes.
#[derive(Debug)]
pub(super) enum Node {
    Raw(Box<[u8]>),
    /// A string without its quotes, escaped as it came: to append is to copy.
    Text(Vec<u8>),
    Object(Members),
    Array(Vec<Item>),
    /// An array without its brackets, whose items nobody looks into.
    Items(Vec<u8>),
}

/// An item of an array, with what fragments of the same item are known by.
#[derive(Debug)]
pub(super) struct Item {
    index: Option<u64>,
    /// The raw `type`, if any.
    kind: Option<Box<[u8]>>,
    node: Node,
}

/// The members of an object that may grow, in order of appearance.
#[derive(Debug, Default)]
pub(super) struct Members(Vec<(Box<str>, Node)>);

impl Node {
    pub(super) fn new(raw: &[u8], budget: &mut Budget) -> Result<Self, Error> {
        budget.take(raw.len() + OVERHEAD)?;
        Ok(Self::Raw(raw.into()))
    }

    /// Whether it says nothing: anything may take its place.
    fn is_blank(&self) -> bool {
        match self {
            Self::Raw(raw) => is_blank(raw),
            Self::Text(text) => text.is_empty(),
            Self::Object(_) | Self::Array(_) | Self::Items(_) => false,
        }
    }

    /// Whether it says more than `null`, the empty string and 0 do.
    pub(super) fn is_telling(&self) -> bool {
        !self.is_blank() && !matches!(self, Self::Raw(raw) if **raw == *b"0")
    }

    /// Joins a further fragment, the value of a member called `name`.
    pub(super) fn merge(&mut self, name: &str, raw: &[u8], budget: &mut Budget) -> Result<(), Error> {
        if raw == b"null" {
            return Ok(());
        }
        if self.is_blank() {
            return self.replace(raw, budget);
        }
        if IDENTITY.contains(&name) {
            return Ok(());
        }
        self.open();
        match (self, raw.first()) {
            (Self::Text(text), Some(b'"')) => {
                let inner = raw.get(1..raw.len() - 1).unwrap_or_default();
                budget.take(inner.len())?;
                text.extend_from_slice(inner);
                Ok(())
            }
            (Self::Object(members), Some(b'{')) => match split_object(raw) {
                Some(object) => each_member(&object, |name, raw| members.merge_one(name, raw, budget)),
                None => Err(Error::mismatch(name)),
            },
            (Self::Array(items), Some(b'[')) => match split_array(raw) {
                Some(array) => array.iter().try_for_each(|item| merge_item(items, name, &item, budget)),
                None => Err(Error::mismatch(name)),
            },
            (node @ Self::Raw(_), Some(b'-' | b'0'..=b'9' | b't' | b'f')) => node.replace(raw, budget),
            _ => Err(Error::mismatch(name)),
        }
    }

    /// Appends the items of the array `raw`.
    fn extend(&mut self, raw: &[u8], items: &[u8], budget: &mut Budget) -> Result<(), Error> {
        if let Self::Raw(begun) = &*self
            && let Some(begun) = items_of(begun)
        {
            *self = Self::Items(begun.to_vec());
        }
        let Self::Items(begun) = self else { return self.replace(raw, budget) };
        budget.take(items.len() + 1)?;
        if !begun.is_empty() && !items.is_empty() {
            begun.push(b',');
        }
        begun.extend_from_slice(items);
        Ok(())
    }

    /// Puts another value in its place.
    pub(super) fn replace(&mut self, raw: &[u8], budget: &mut Budget) -> Result<(), Error> {
        if let Self::Raw(old) = self {
            if **old == *raw {
                return Ok(());
            }
            budget.give_back(old.len() + OVERHEAD);
        }
        *self = Self::new(raw, budget)?;
        Ok(())
    }

    /// Takes the text of a string, an object or an array apart, so that it can grow.
    fn open(&mut self) {
        let Self::Raw(raw) = &*self else { return };
        let opened = match raw.first() {
            Some(b'"') => raw.get(1..raw.len() - 1).map(|inner| Self::Text(inner.to_vec())),
            Some(b'{') => split_object(raw).map(|object| {
                let node = |raw: &[u8]| Self::Raw(raw.into());
                Self::Object(Members(object.iter().map(|(name, raw)| (Box::from(name), node(raw))).collect()))
            }),
            Some(b'[') => {
                split_array(raw).map(|array| Self::Array(array.iter().map(|item| Item::new(&item)).collect()))
            }
            _ => None,
        };
        if let Some(opened) = opened {
            *self = opened;
        }
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Raw(raw) => out.extend_from_slice(raw),
            Self::Text(text) => {
                out.push(b'"');
                out.extend_from_slice(text);
                out.push(b'"');
            }
            Self::Object(members) => members.write(out),
            Self::Array(items) => {
                out.push(b'[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        out.push(b',');
                    }
                    item.node.write(out);
                }
                out.push(b']');
            }
            Self::Items(items) => {
                out.push(b'[');
                out.extend_from_slice(items);
                out.push(b']');
            }
        }
    }

    pub(super) fn to_bytes(&self) -> Bytes {
        let mut out = Vec::new();
        self.write(&mut out);
        Bytes::from(out)
    }
}

pub(super) fn split_object(raw: &[u8]) -> Option<Object> {
    Object::parse_with(raw.to_vec(), &UNBOUNDED).ok()
}

pub(super) fn split_array(raw: &[u8]) -> Option<Array> {
    Array::parse_with(raw.to_vec(), &UNBOUNDED).ok()
}

/// What stands between the brackets of an array.
fn items_of(raw: &[u8]) -> Option<&[u8]> {
    raw.strip_prefix(b"[")?.strip_suffix(b"]").map(<[u8]>::trim_ascii)
}

/// Whether a text is `null` or the empty string.
pub(super) fn is_blank(raw: &[u8]) -> bool {
    matches!(raw, b"null" | b"\"\"")
}

impl Item {
    fn new(raw: &[u8]) -> Self {
        let (index, kind) = match raw.first() {
            Some(b'{') => split_object(raw).map_or((None, None), |object| {
                (object.read("index").ok().flatten(), object.get("type").map(Box::from))
            }),
            _ => (None, None),
        };
        Self { index, kind, node: Node::Raw(raw.into()) }
    }
}

fn merge_item(items: &mut Vec<Item>, name: &str, raw: &[u8], budget: &mut Budget) -> Result<(), Error> {
    let new = Item::new(raw);
    if new.index.is_some() {
        if items.len() > MANY {
            return Err(Error::TooMany { limit: MANY });
        }
        // Some providers count each type of item for itself.
        let same = |item: &&mut Item| {
            item.index == new.index && (item.kind == new.kind || item.kind.is_none() || new.kind.is_none())
        };
        if let Some(item) = items.iter_mut().rfind(same) {
            return item.node.merge(name, raw, budget);
        }
    }
    budget.take(raw.len() + OVERHEAD)?;
    items.push(new);
    Ok(())
}

impl Members {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    pub(super) fn get(&self, name: &str) -> Option<&Node> {
        self.0.iter().find(|(known, _)| **known == *name).map(|(_, node)| node)
    }

    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut Node> {
        self.0.iter_mut().find(|(known, _)| **known == *name).map(|(_, node)| node)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.0.iter().map(|(name, node)| (&**name, node))
    }

    /// Joins one member.
    pub(super) fn merge_one(&mut self, name: &str, raw: &[u8], budget: &mut Budget) -> Result<(), Error> {
        match self.get_mut(name) {
            Some(node) => node.merge(name, raw, budget),
            None => self.add(name, raw, budget),
        }
    }

    /// Sets a member, unless to `null`.
    pub(super) fn replace(&mut self, name: &str, raw: &[u8], budget: &mut Budget) -> Result<(), Error> {
        match self.get_mut(name) {
            Some(_) if raw == b"null" => Ok(()),
            Some(node) => node.replace(raw, budget),
            None => self.add(name, raw, budget),
        }
    }

    /// Appends to an array, whatever its items are; replaces anything else, unless by `null`.
    pub(super) fn extend_one(&mut self, name: &str, raw: &[u8], budget: &mut Budget) -> Result<(), Error> {
        match (self.get_mut(name), items_of(raw)) {
            (Some(node), Some(items)) if !node.is_blank() => node.extend(raw, items, budget),
            _ => self.replace(name, raw, budget),
        }
    }

    fn add(&mut self, name: &str, raw: &[u8], budget: &mut Budget) -> Result<(), Error> {
        if self.0.len() >= MANY {
            return Err(Error::TooMany { limit: MANY });
        }
        budget.take(name.len())?;
        self.0.push((name.into(), Node::new(raw, budget)?));
        Ok(())
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let mut writer = Writer::new(out);
        for (name, node) in self.iter() {
            node.write(writer.member(name));
        }
        writer.finish();
    }
}

/// Calls `f` with each member, and of namesakes with the last, which is the one that other readers see.
pub(super) fn each_member(object: &Object, mut f: impl FnMut(&str, &[u8]) -> Result<(), Error>) -> Result<(), Error> {
    if object.member_count() > MANY {
        return Err(Error::TooMany { limit: MANY });
    }
    for (name, raw) in object.iter() {
        if object.get(&name).is_some_and(|last| std::ptr::eq(last, raw)) {
            f(&name, raw)?;
        }
    }
    Ok(())
}

/// Writes an object, member by member.
pub(super) struct Writer<'a> {
    out: &'a mut Vec<u8>,
    first: bool,
}

impl<'a> Writer<'a> {
    pub(super) fn new(out: &'a mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, first: true }
    }

    /// A writer that goes on after a first member, and begins with a comma.
    pub(super) const fn go_on(out: &'a mut Vec<u8>) -> Self {
        Self { out, first: false }
    }

    /// Where to write members that are text already, their commas included.
    pub(super) const fn out(&mut self) -> &mut Vec<u8> {
        self.out
    }

    /// Writes a name; the caller writes the value.
    pub(super) fn member(&mut self, name: &str) -> &mut Vec<u8> {
        if !std::mem::take(&mut self.first) {
            self.out.push(b',');
        }
        write_name(self.out, name);
        self.out.push(b':');
        self.out
    }

    pub(super) fn raw(&mut self, name: &str, value: &[u8]) {
        self.member(name).extend_from_slice(value);
    }

    /// Writes a member out of `members`, or the default.
    pub(super) fn node_or(&mut self, name: &str, members: &Members, default: &[u8]) {
        match members.get(name) {
            Some(node) => node.write(self.member(name)),
            None => self.raw(name, default),
        }
    }

    pub(super) fn finish(self) {
        self.out.push(b'}');
    }
}

fn write_name(out: &mut Vec<u8>, name: &str) {
    if name.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\') {
        out.push(b'"');
        out.extend_from_slice(name.as_bytes());
        out.push(b'"');
    } else {
        // A string can always be written.
        out.extend(serde_json::to_vec(name).unwrap_or_default());
    }
}
