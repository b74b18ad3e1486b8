//! JSON by its meaning: one sequence of bytes for all texts that mean the same, and another for each that does not.
//!
//! | value | bytes |
//! | --- | --- |
//! | `null`, `true`, `false` | `n`, `t`, `f` |
//! | a number | as [`number`] has it: `0`, or from its sign to `;` |
//! | a string | `"`, what it means, and 0xff, which no UTF-8 holds; one of more than 1 KiB: `$` and its hash |
//! | an array | `[`, its items, `]` |
//! | an object | `{`, names as strings and values, in the order of the names, `}` |
//! | a value in an object that took more than 1 KiB | `#` and its hash |
//! | something that was taken out | `?` |
//!
//! Each begins with a byte that tells its kind, and tells itself where it ends: so what is put together is told apart, too.
//!
//! It takes one pass and linear time. Long strings are hashed where they stand, and not copied if nothing in them is
//! escaped. The members of an object are sorted when it ends, and what is moved then is short, however deep it nests, as
//! long values have become hashes. Memory is bounded by the text's length, and by so many members that are open at once.

use super::{
    Ambiguous,
    domain::Domains,
    number,
    text::{Quoted, Text, Token},
};

/// What is longer becomes a hash: a chunk of BLAKE3, for which hashing begins to cost less than moving it about.
const LONG: usize = 1024;
/// As deep as the JSON is that is read at all, and the object around it.
const MAX_DEPTH: usize = 128;
/// Members of all objects that are open at once.
const MAX_MEMBERS: usize = 1 << 16;

/// A canonical form in the making.
pub(super) struct Form<'d> {
    domains: &'d Domains,
    out: Vec<u8>,
    /// Those of all objects that are open, in the order of the text.
    members: Vec<Member>,
    /// Where members are put in order.
    sorted: Vec<u8>,
}

/// Where a member stands in the form.
struct Member {
    name: usize,
    value: usize,
    end: usize,
}

/// An object that has begun: where, and how many members had been open then.
pub(super) struct Opened {
    at: usize,
    members: usize,
}

impl<'d> Form<'d> {
    pub(super) fn new(domains: &'d Domains, capacity: usize) -> Self {
        Self { domains, out: Vec::with_capacity(capacity), members: Vec::new(), sorted: Vec::new() }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.out
    }

    /// Goes back to a length that it had before.
    pub(super) fn truncate(&mut self, len: usize) {
        self.out.truncate(len);
    }

    /// Adds bytes that are not JSON, with their length.
    pub(super) fn field(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        self.out.extend_from_slice(bytes);
    }

    /// Adds a mark for what was taken out.
    pub(super) fn hole(&mut self) {
        self.out.push(b'?');
    }

    /// Adds the one value that a text is.
    pub(super) fn value(&mut self, text: &[u8]) -> Result<(), Ambiguous> {
        let mut text = Text::new(text);
        self.next(&mut text, 1)?;
        text.end()
    }

    /// Adds the values of an array, each in the way of the caller.
    #[cfg(feature = "semantic")]
    pub(super) fn array<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T) -> Result<(), Ambiguous>,
    ) -> Result<(), Ambiguous> {
        self.out.push(b'[');
        for item in items {
            write(self, item)?;
        }
        self.out.push(b']');
        Ok(())
    }

    pub(super) fn open(&mut self) -> Opened {
        self.out.push(b'{');
        Opened { at: self.out.len(), members: self.members.len() }
    }

    /// Adds a member whose value the caller writes, or leaves out by returning `false`.
    pub(super) fn member(
        &mut self,
        name: Quoted<'_>,
        write: impl FnOnce(&mut Self) -> Result<bool, Ambiguous>,
    ) -> Result<(), Ambiguous> {
        let start = self.out.len();
        self.string(name)?;
        let value = self.out.len();
        if !write(self)? {
            self.out.truncate(start);
            return Ok(());
        }
        self.shorten(value);
        if self.members.len() >= MAX_MEMBERS {
            return Err(Ambiguous);
        }
        self.members.push(Member { name: start, value, end: self.out.len() });
        Ok(())
    }

    /// Ends an object: puts its members in order. One that comes twice could be either.
    pub(super) fn close(&mut self, opened: Opened) -> Result<(), Ambiguous> {
        let out = &mut self.out;
        let name = |member: &Member| out.get(member.name..member.value).unwrap_or_default();
        let members = self.members.get_mut(opened.members..).unwrap_or_default();
        if !members.is_sorted_by(|one, next| name(one) < name(next)) {
            members.sort_unstable_by(|one, other| name(one).cmp(name(other)));
            if !members.is_sorted_by(|one, next| name(one) < name(next)) {
                return Err(Ambiguous);
            }
            self.sorted.clear();
            for member in members {
                self.sorted.extend_from_slice(out.get(member.name..member.end).unwrap_or_default());
            }
            out.truncate(opened.at);
            out.extend_from_slice(&self.sorted);
        }
        self.members.truncate(opened.members);
        self.out.push(b'}');
        Ok(())
    }

    fn next(&mut self, text: &mut Text<'_>, depth: usize) -> Result<(), Ambiguous> {
        match text.token()? {
            Token::Literal(first) => self.out.push(first),
            Token::Number(number) => number::write(number, &mut self.out)?,
            Token::String(string) => self.string(string)?,
            Token::Array | Token::Object if depth >= MAX_DEPTH => return Err(Ambiguous),
            Token::Array => self.items(text, depth)?,
            Token::Object => self.members(text, depth)?,
        }
        Ok(())
    }

    fn items(&mut self, text: &mut Text<'_>, depth: usize) -> Result<(), Ambiguous> {
        self.out.push(b'[');
        let mut more = !text.take(b']');
        while more {
            self.next(text, depth + 1)?;
            more = text.take(b',');
            if !more {
                text.expect(b']')?;
            }
        }
        self.out.push(b']');
        Ok(())
    }

    fn members(&mut self, text: &mut Text<'_>, depth: usize) -> Result<(), Ambiguous> {
        let opened = self.open();
        let mut more = !text.take(b'}');
        while more {
            let name = text.string()?;
            text.expect(b':')?;
            self.member(name, |form| form.next(text, depth + 1).map(|()| true))?;
            more = text.take(b',');
            if !more {
                text.expect(b'}')?;
            }
        }
        self.close(opened)
    }

    fn string(&mut self, string: Quoted<'_>) -> Result<(), Ambiguous> {
        let start = self.out.len();
        self.out.push(b'"');
        let long = if string.escaped {
            string.unescape(&mut self.out)?;
            let meant = self.out.get(start + 1..).unwrap_or_default();
            (meant.len() > LONG).then(|| self.domains.text.hash(meant))
        } else if string.bytes.len() > LONG {
            Some(self.domains.text.hash(string.bytes))
        } else {
            self.out.extend_from_slice(string.bytes);
            None
        };
        match long {
            Some(hash) => self.replace(start, b'$', &hash),
            None => self.out.push(0xff),
        }
        Ok(())
    }

    /// Puts a hash in the place of a value that is long.
    fn shorten(&mut self, start: usize) {
        let value = self.out.get(start..).unwrap_or_default();
        if value.len() > LONG {
            let hash = self.domains.part.hash(value);
            self.replace(start, b'#', &hash);
        }
    }

    fn replace(&mut self, start: usize, kind: u8, hash: &[u8; 32]) {
        self.out.truncate(start);
        self.out.push(kind);
        self.out.extend_from_slice(hash);
    }
}
