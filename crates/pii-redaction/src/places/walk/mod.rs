mod files;

use std::{borrow::Cow, ops::Range};

use llm_layers_pii::Text;

use super::{
    Place, Visit,
    cursor::Cursor,
    edits::Edits,
    file, nested,
    shape::Shape,
    siblings::Siblings,
    string::{quote, unescape},
};
use crate::Media;

/// Whose body it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// What nobody knows is the user's: numbers and names of members are looked at, too.
    Request,
    /// What nobody knows is the provider's: its numbers are times and counts.
    Answer,
}

/// One pass over JSON text that was validated, which shows the visitor its texts and notes what takes their place.
///
/// Whatever is found not to be JSON ends the walk with `None`, and nothing is changed.
pub(super) struct Walk<'a, 'v, V> {
    json: Cursor<'a>,
    side: Side,
    visit: &'v mut V,
    edits: Edits,
    /// Of all objects, once one of them must know.
    siblings: Option<Siblings>,
    /// Text parts that follow each other, not shown yet.
    run: Vec<Held<'a>>,
    /// Objects and arrays that are open, those around the string that holds this JSON included.
    depth: usize,
}

struct Held<'a> {
    range: Range<usize>,
    text: Cow<'a, str>,
}

/// Objects and arrays within each other, strings of JSON included. A body has 127 at the most, and each level takes some
/// stack.
const MAX_DEPTH: usize = 192;

/// Digits that make a number look like somebody's: shorter ones are counts and prices.
const LONG_NUMBER: usize = 9;

impl<'a, 'v, V: Visit> Walk<'a, 'v, V> {
    pub(super) fn new(text: &'a str, side: Side, visit: &'v mut V) -> Self {
        Self {
            json: Cursor::new(text),
            side,
            visit,
            edits: Edits::default(),
            siblings: None,
            run: Vec::new(),
            depth: 0,
        }
    }

    /// Walks the whole text; what it has become, where anything was replaced.
    pub(super) fn finish(mut self, shape: Shape, member: &str) -> Option<Option<String>> {
        self.json.white();
        self.value(shape, member)?;
        self.show_run();
        self.json.white();
        self.json.is_at_end().then(|| self.edits.apply(self.json.text))
    }

    fn value(&mut self, shape: Shape, member: &str) -> Option<()> {
        match self.json.peek()? {
            b'"' => self.string(shape, member),
            _ if shape == Shape::Opaque => self.json.skip(),
            open @ (b'{' | b'[') => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return None;
                }
                if open == b'{' { self.object(shape, member) } else { self.array(shape, member) }?;
                self.depth -= 1;
                Some(())
            }
            b'-' | b'0'..=b'9' => self.number(shape, member),
            _ => self.json.literal(),
        }
    }

    fn object(&mut self, shape: Shape, member: &str) -> Option<()> {
        let start = self.json.at;
        self.json.enter();
        if self.json.take(b'}') {
            return Some(());
        }
        loop {
            let range = self.json.quoted()?;
            let name = unescape(self.json.inner(&range)?);
            let known = shape.member(&name);
            let is_the_users = match shape {
                Shape::Own => !name.bytes().all(is_own),
                _ => shape.has_names_of_the_user() || (known.is_none() && self.side == Side::Request),
            };
            if is_the_users && let Some(replaced) = self.seen(&name, member) {
                self.edits.replace(range, quote(&replaced));
            }
            self.json.colon()?;
            let shape_of = known.unwrap_or(self.unknown());
            let shape_of = if shape_of.has_siblings() { self.decided(shape_of, start) } else { shape_of };
            self.value(shape_of, &name)?;
            if shape == Shape::Variables {
                // Each stands somewhere else in the prompt.
                self.show_run();
            }
            if !self.json.goes_on(b'}')? {
                return Some(());
            }
        }
    }

    /// What a member is, by what stands beside it in the object that begins there.
    fn decided(&mut self, shape: Shape, object: usize) -> Shape {
        let text = self.json.text;
        self.siblings.get_or_insert_with(|| Siblings::of(text)).at(object).decide(shape)
    }

    fn array(&mut self, shape: Shape, member: &str) -> Option<()> {
        self.json.enter();
        let parts = shape == Shape::Content;
        // Each item is of the list's shape: a list of messages is made of messages.
        let item = match shape {
            Shape::Content => Shape::Part,
            Shape::Running => self.unknown(),
            other => other,
        };
        if parts {
            self.show_run();
        }
        if !self.json.take(b']') {
            loop {
                let held = self.run.len();
                self.value(item, member)?;
                if parts && self.run.len() == held {
                    // Not a text: what comes after it goes on with nothing.
                    self.show_run();
                }
                if !self.json.goes_on(b']')? {
                    break;
                }
            }
        }
        if parts {
            self.show_run();
        }
        Some(())
    }

    fn string(&mut self, shape: Shape, member: &str) -> Option<()> {
        let range = self.json.quoted()?;
        if matches!(shape, Shape::Opaque | Shape::Running) {
            return Some(());
        }
        let inner = self.json.inner(&range)?;
        if inner.is_empty() {
            return Some(());
        }
        if let Shape::FileId(kind) = shape {
            self.visit.media(kind);
        }
        if matches!(shape, Shape::Own | Shape::FileId(_)) && inner.bytes().all(is_own) {
            return Some(());
        }
        let text = unescape(inner);
        let replaced = match shape {
            Shape::PartText if !nested::looks_like_json(&text) && file::data_url(&text).is_none() => {
                self.run.push(Held { range, text });
                return Some(());
            }
            Shape::Arguments => self.nested(&text, member).unwrap_or_else(|| self.show_raw(&text, member)),
            Shape::Thought => {
                // Signed: to be seen, and not to be changed.
                let _ = self.visit.text(&Text { text: &text, member }, Place { raw_json: false, sealed: true });
                None
            }
            Shape::Url(kind) => self.url(&text, member, kind),
            Shape::Base64(kind) => self.file(&text, member, kind, false),
            Shape::TextFile(kind) => self.file(&text, member, kind, true),
            _ => self.seen(&text, member),
        };
        if let Some(replaced) = replaced {
            self.edits.replace(range, quote(&replaced));
        }
        Some(())
    }

    /// Shows a text: what it is made of, where it is JSON or a file.
    fn seen(&mut self, text: &str, member: &str) -> Option<String> {
        if let Some(data) = file::data_url(text) {
            return self.data_url(&data, member, Media::File, false);
        }
        if nested::looks_like_json(text)
            && let Some(walked) = self.nested(text, member)
        {
            return walked;
        }
        if text.is_empty() {
            return None;
        }
        self.show(text, member)
    }

    /// Shows a text that is nothing but a text.
    fn show(&mut self, text: &str, member: &str) -> Option<String> {
        self.visit.text(&Text { text, member }, Place::default())
    }

    /// Shows JSON that cannot be walked.
    fn show_raw(&mut self, text: &str, member: &str) -> Option<String> {
        self.visit.text(&Text { text, member }, Place { raw_json: true, sealed: false })
    }

    /// Walks a string of JSON as JSON; `None` where it is none.
    fn nested(&mut self, text: &str, member: &str) -> Option<Option<String>> {
        match nested::depth(text)? {
            depth if self.depth + depth < MAX_DEPTH => {
                let mut walk = Walk::new(text, self.side, &mut *self.visit);
                walk.depth = self.depth + 1;
                walk.finish(Shape::Data, member)
            }
            _ => Some(self.show_raw(text, member)),
        }
    }

    fn number(&mut self, shape: Shape, member: &str) -> Option<()> {
        let range = self.json.number()?;
        let is_the_users = match self.side {
            Side::Request => shape != Shape::Own,
            Side::Answer => shape == Shape::Data,
        };
        let text = self.json.text.get(range.clone())?;
        let digits = text.bytes().take_while(|byte| !byte.eq_ignore_ascii_case(&b'e')).filter(u8::is_ascii_digit);
        if is_the_users
            && digits.count() >= LONG_NUMBER
            && let Some(replaced) = self.show(text, member)
        {
            self.edits.replace(range, quote(&replaced));
        }
        Some(())
    }

    /// Shows the text parts that have been gathered.
    fn show_run(&mut self) {
        const MEMBER: &str = "text";
        let place = Place::default();
        match self.run.as_slice() {
            [] => return,
            [held] => {
                let text = Text { text: &held.text, member: MEMBER };
                if let Some(replaced) = self.visit.text(&text, place) {
                    self.edits.replace(held.range.clone(), quote(&replaced));
                }
            }
            run => {
                let texts: Vec<_> = run.iter().map(|held| Text { text: &held.text, member: MEMBER }).collect();
                for (index, replaced) in self.visit.texts(&texts, place) {
                    if let Some(held) = run.get(index) {
                        self.edits.replace(held.range.clone(), quote(&replaced));
                    }
                }
            }
        }
        self.run.clear();
    }

    const fn unknown(&self) -> Shape {
        match self.side {
            Side::Request => Shape::Data,
            Side::Answer => Shape::Unknown,
        }
    }
}

/// Whether a byte may be in an id, an enum's value or base64.
const fn is_own(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':' | b'/' | b'+' | b'=' | b'~' | b'$' | b'#')
}
