use std::{borrow::Cow, fmt};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{
    Duplicates, Error, ErrorKind, Limits, ReadError,
    edit::{Joined, Length, Pieces, Sink, Slot, Span},
    scan::Scanner,
};

/// A JSON object: its members as raw slices of the text, in the order of the text.
///
/// Cloning shares the text. See the [module](super) for an example.
#[derive(Clone)]
pub struct Object {
    /// The text that it was split from, which may hold more than this object.
    source: Bytes,
    /// Where it stands in the source.
    extent: Span,
    members: Vec<Member>,
    /// Where the first member's name begins, or would begin, and where the last member's value ends.
    body: Span,
    edited: bool,
    /// The length of the text, kept right by every edit: a body is asked for it several times on its way out.
    length: usize,
}

#[derive(Clone)]
struct Member {
    name: Name,
    value: Slot,
    /// Where the member stands in the source: from its name's quote to its value's end. Absent for a new one.
    span: Option<Span>,
}

#[derive(Clone)]
enum Name {
    /// Without the quotes; holds no escape, so that it can be compared as it stands.
    Source(Span),
    Owned(Box<str>),
}

impl Name {
    fn bytes<'a>(&'a self, source: &'a [u8]) -> &'a [u8] {
        match self {
            Self::Source(span) => span.of(source),
            Self::Owned(name) => name.as_bytes(),
        }
    }
}

impl Object {
    /// An object without members.
    #[must_use]
    pub fn new() -> Self {
        Self {
            source: Bytes::from_static(b"{}"),
            extent: Span::new(0, 2),
            members: Vec::new(),
            body: Span::new(1, 1),
            edited: false,
            length: 2,
        }
    }

    /// Splits a text within the default [`Limits`].
    ///
    /// # Errors
    /// The text is no JSON object, or goes beyond a limit. The error names the byte.
    pub fn parse(text: impl Into<Bytes>) -> Result<Self, Error> {
        Self::parse_with(text, &Limits::DEFAULT)
    }

    /// Splits a text within limits of your own.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn parse_with(text: impl Into<Bytes>, limits: &Limits) -> Result<Self, Error> {
        Self::parse_nested(&text.into(), limits, |_, _| Ok(false))
    }

    /// Splits a text and, in the same pass, what `nested` takes: see [`split`](Self::split).
    pub(crate) fn parse_nested<'a>(
        source: &'a Bytes,
        limits: &Limits,
        nested: impl FnMut(&mut Scanner<'a>, &[u8]) -> Result<bool, Error>,
    ) -> Result<Self, Error> {
        let mut scanner = Scanner::new(source, limits)?;
        scanner.skip_white_space();
        let mut object = Self::split(source, &mut scanner, limits, nested)?;
        scanner.finish()?;
        // White space around it is part of the text, too.
        object.extent = Span::new(0, source.len());
        object.length = source.len();
        Ok(object)
    }

    /// Splits the object that the scanner stands at. `nested` may take a member's value in its own way, to split
    /// it too in the same pass, and then says so.
    pub(crate) fn split<'a>(
        source: &'a Bytes,
        scanner: &mut Scanner<'a>,
        limits: &Limits,
        mut nested: impl FnMut(&mut Scanner<'a>, &[u8]) -> Result<bool, Error>,
    ) -> Result<Self, Error> {
        let mut members = Vec::new();
        let from = scanner.at();
        scanner.enter(b'{', "a JSON object")?;
        let start = scanner.at();
        let mut end = start;
        if !scanner.leaves_empty(b'}') {
            members.reserve(8);
            loop {
                if members.len() >= limits.max_members {
                    return Err(Error::new(ErrorKind::TooMany { limit: limits.max_members }, scanner.at()));
                }
                let at = scanner.at();
                let escaped = scanner.key()?;
                let name = if escaped {
                    Name::Owned(unescape(source, Span::new(at, scanner.at()))?)
                } else {
                    Name::Source(Span::new(at + 1, scanner.at() - 1))
                };
                scanner.colon()?;
                let value = scanner.at();
                if !nested(scanner, name.bytes(source))? {
                    scanner.value()?;
                }
                end = scanner.at();
                let value = Slot::Source(Span::new(value, end));
                members.push(Member { name, value, span: Some(Span::new(at, end)) });
                if !scanner.goes_on(b'}', "`,` or `}` after a member")? {
                    break;
                }
            }
        }
        let extent = Span::new(from, scanner.at());
        let (body, length) = (Span::new(start, end), extent.range().len());
        let object = Self { source: source.clone(), extent, body, members, edited: false, length };
        match limits.duplicates {
            Duplicates::LastWins => Ok(object),
            Duplicates::Refuse => object.refuse_duplicates(),
        }
    }

    fn refuse_duplicates(self) -> Result<Self, Error> {
        // Below this a look at all pairs is faster than a set, and needs no memory.
        const FEW: usize = 32;
        let names = || self.members.iter().map(|member| member.name.bytes(&self.source));
        let twice = if self.members.len() <= FEW {
            names().enumerate().position(|(index, name)| names().take(index).any(|earlier| earlier == name))
        } else {
            let mut seen = std::collections::HashSet::with_capacity(self.members.len());
            names().position(|name| !seen.insert(name))
        };
        match twice.and_then(|index| self.members.get(index)) {
            None => Ok(self),
            Some(member) => {
                let name = String::from_utf8_lossy(member.name.bytes(&self.source)).chars().take(64).collect();
                let offset = member.span.map_or(0, Span::start);
                Err(Error::new(ErrorKind::DuplicateMember { name }, offset))
            }
        }
    }

    /// The number of members.
    #[must_use]
    pub fn member_count(&self) -> usize {
        self.members.len()
    }

    /// Whether there is such a member, `null` or not.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// The raw JSON text of a member.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.find(name).map(|member| member.value.bytes(&self.source))
    }

    /// The raw JSON text of a member, sharing this object's buffer.
    #[must_use]
    pub fn get_bytes(&self, name: &str) -> Option<Bytes> {
        self.find(name).map(|member| member.value.to_bytes(&self.source))
    }

    /// Deserialises one member. `None` when it is absent or `null`, which OpenAI's API takes to be the same.
    ///
    /// # Errors
    /// The value is of another type; the error names the member.
    pub fn read<'a, T: Deserialize<'a>>(&'a self, name: &str) -> Result<Option<T>, ReadError> {
        match self.get(name) {
            None | Some(b"null") => Ok(None),
            Some(value) => serde_json::from_slice(value).map(Some).map_err(|error| ReadError::new(name, error)),
        }
    }

    /// A member that is a string; borrowed when it holds no escape. `None` when absent or of another type.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        super::text(self.get(name)?)
    }

    /// Whether a member is exactly `true`.
    #[must_use]
    pub fn is_true(&self, name: &str) -> bool {
        self.get(name) == Some(b"true")
    }

    /// The names and raw values of all members, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Cow<'_, str>, &[u8])> {
        self.members.iter().map(|member| {
            let name = String::from_utf8_lossy(member.name.bytes(&self.source));
            (name, member.value.bytes(&self.source))
        })
    }

    /// Sets a member: replaces its value where it stands, or adds it at the end.
    ///
    /// A value that `serde` cannot write as JSON (a map with keys that are no strings, say) becomes
    /// `null`; every type that this crate's users put here can be written.
    pub fn set<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) {
        let text = serde_json::to_vec(value).unwrap_or_else(|_| b"null".to_vec());
        self.put(name, Bytes::from(text));
    }

    /// Sets a member to a text that is JSON already.
    ///
    /// # Errors
    /// The text is no JSON value.
    pub fn set_raw(&mut self, name: &str, value: impl Into<Bytes>) -> Result<(), Error> {
        let value = value.into();
        let mut scanner = Scanner::new(&value, &Limits::DEFAULT.with_max_bytes(usize::MAX))?;
        scanner.skip_white_space();
        let start = scanner.at();
        scanner.value()?;
        let end = scanner.at();
        scanner.finish()?;
        // Without the white space around it: readers look at the first byte.
        self.put(name, value.slice(start..end));
        Ok(())
    }

    /// Sets a member to a text that this crate made itself.
    pub(crate) fn put(&mut self, name: &str, value: Bytes) {
        self.place(name, value);
        self.changed();
    }

    fn place(&mut self, name: &str, value: Bytes) {
        let last = self.members.iter().rposition(|member| member.name.bytes(&self.source) == name.as_bytes());
        let Some(last) = last else {
            self.members.push(Member { name: Name::Owned(name.into()), value: Slot::Replaced(value), span: None });
            return;
        };
        // Earlier namesakes go, so that every reader sees the new value.
        let mut index = 0;
        self.members.retain(|member| {
            let keep = index >= last || member.name.bytes(&self.source) != name.as_bytes();
            index += 1;
            keep
        });
        if let Some(member) = self.members.iter_mut().rfind(|m| m.name.bytes(&self.source) == name.as_bytes()) {
            member.value = Slot::Replaced(value);
        }
    }

    /// Removes a member, and every namesake; says whether there was one.
    pub fn remove(&mut self, name: &str) -> bool {
        let before = self.members.len();
        self.members.retain(|member| member.name.bytes(&self.source) != name.as_bytes());
        let removed = self.members.len() < before;
        if removed {
            self.changed();
        }
        removed
    }

    /// Whether anything was set or removed since the text was split.
    #[must_use]
    pub const fn is_edited(&self) -> bool {
        self.edited
    }

    /// The text: the very buffer that was split while nothing was changed, else written anew.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        if !self.edited {
            return self.as_split();
        }
        let mut joined = Joined::new(&self.source, self.text_len());
        self.write(&mut joined);
        joined.finish()
    }

    fn as_split(&self) -> Bytes {
        self.source.slice(self.extent.range())
    }

    /// The length of the text, in bytes.
    #[must_use]
    pub const fn text_len(&self) -> usize {
        self.length
    }

    /// Takes note that something was changed.
    fn changed(&mut self) {
        self.edited = true;
        let mut length = Length::default();
        self.write(&mut length);
        self.length = length.0;
    }

    /// The text as a list of slices, so that a change to one member of a large body copies nothing.
    #[must_use]
    pub fn pieces(&self) -> Vec<Bytes> {
        if !self.edited {
            return vec![self.as_split()];
        }
        let mut pieces = Pieces::new(&self.source);
        self.write(&mut pieces);
        pieces.finish()
    }

    fn write(&self, out: &mut impl Sink) {
        out.source(self.extent.start()..self.body.start());
        for (index, member) in self.members.iter().enumerate() {
            match (member.span, &member.name) {
                (Some(span), _) => {
                    if index > 0 {
                        out.source(self.separator_before(span)..span.start());
                    }
                    match &member.value {
                        Slot::Source(_) => out.source(span.range()),
                        Slot::Replaced(value) => {
                            out.source(span.start()..self.value_start(member, span));
                            out.bytes(value);
                        }
                    }
                }
                (None, name) => {
                    if index > 0 {
                        out.bytes(&Bytes::from_static(b","));
                    }
                    let name = String::from_utf8_lossy(name.bytes(&self.source));
                    let mut text = serde_json::to_vec(&name).unwrap_or_default();
                    text.push(b':');
                    out.bytes(&Bytes::from(text));
                    out.slot(&member.value);
                }
            }
        }
        out.source(self.body.end()..self.extent.end());
    }

    /// The comma and white space before a member of the source begin where the previous value ends.
    fn separator_before(&self, span: Span) -> usize {
        let before = self.source.get(..span.start()).unwrap_or_default();
        let white_space = |byte: &u8| matches!(byte, b' ' | b'\n' | b'\t' | b'\r');
        let comma = before.iter().rposition(|byte| !white_space(byte)).unwrap_or(0);
        let before_comma = before.get(..comma).unwrap_or_default();
        before_comma.iter().rposition(|byte| !white_space(byte)).map_or(comma, |last| last + 1)
    }

    /// Where a member's value begins in the source, also after it was replaced.
    fn value_start(&self, member: &Member, span: Span) -> usize {
        let name_end = match &member.name {
            Name::Source(name) => name.end() + 1,
            Name::Owned(_) => {
                let escaped = super::strings::skip(&self.source, span.start() + 1);
                escaped.map_or(span.start(), |skipped| skipped.end + 1)
            }
        };
        let rest = self.source.get(name_end..span.end()).unwrap_or_default();
        let between = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\t' | b'\r' | b':')).count();
        name_end + between
    }

    fn find(&self, name: &str) -> Option<&Member> {
        self.members.iter().rfind(|member| member.name.bytes(&self.source) == name.as_bytes())
    }
}

/// A name with escapes, as the string that it means.
pub(super) fn unescape(source: &[u8], quoted: Span) -> Result<Box<str>, Error> {
    // The syntax has been checked: what is left to fail is a lone surrogate, or bytes that are not UTF-8.
    serde_json::from_slice(quoted.of(source))
        .map_err(|_| Error::new(ErrorKind::Unexpected { expected: "a member's name in valid Unicode" }, quoted.start()))
}

impl Default for Object {
    fn default() -> Self {
        Self::new()
    }
}

/// Names the members and their sizes, and no value: values are prompts.
impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (name, value) in self.iter() {
            map.entry(&name, &format_args!("{} bytes", value.len()));
        }
        map.finish()
    }
}

impl TryFrom<Bytes> for Object {
    type Error = Error;

    fn try_from(text: Bytes) -> Result<Self, Error> {
        Self::parse(text)
    }
}

impl From<Object> for Bytes {
    fn from(object: Object) -> Self {
        object.to_bytes()
    }
}
