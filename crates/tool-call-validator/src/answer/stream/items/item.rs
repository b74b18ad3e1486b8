use std::borrow::Cow;

use super::{super::joined::Joined, At, Named, What};
use crate::{
    answer::nested::Unreadable,
    judge::{Call, CallKind, Mended},
};

/// A call, or a text, as far as it has been told.
pub(crate) struct Item {
    pub(super) at: At,
    pub(crate) what: What,
    /// Its pieces.
    pieces: Joined,
    /// How much of the pieces was looked at.
    seen: usize,
    /// Whether there were events with pieces.
    pub(crate) has_pieces: bool,
    /// What was told to be all of it.
    whole: Option<String>,
    /// What it is if nothing else is told.
    default: Option<String>,
    /// Whether its events may go on.
    pub(super) is_free: bool,
    /// Whether it has its verdict: nothing that comes later changes it.
    is_settled: bool,
    /// Whether it has been told in several ways, of which the client may take any.
    is_torn: bool,
    /// Whether it was matched with what the end of the answer repeats.
    pub(super) is_repeated: bool,
    /// Whether, where it is written anew, an event with all of it has gone out.
    pub(crate) is_told: bool,
    mended: Mended,
}

impl Item {
    pub(super) fn new(at: At, what: What, is_free: bool) -> Self {
        Self {
            at,
            what,
            pieces: Joined::default(),
            seen: 0,
            has_pieces: false,
            whole: None,
            default: None,
            is_free,
            is_settled: false,
            is_torn: false,
            is_repeated: false,
            is_told: false,
            mended: Mended::default(),
        }
    }

    /// The beginning of its text: JSON itself stands for it until there are pieces.
    pub(super) fn begin(&mut self, text: &[u8]) -> Result<(), Unreadable> {
        match text {
            [b'"', ..] | b"null" => self.pieces.push(text),
            _ => {
                self.default = Some(String::from_utf8_lossy(text).into_owned());
                Ok(())
            }
        }
    }

    /// A piece of its text.
    pub(super) fn push(&mut self, text: &[u8]) -> Result<(), Unreadable> {
        self.has_pieces = true;
        if self.is_settled {
            // It is behind what was judged, and nobody may see it.
            self.is_torn = true;
            self.is_told = true;
            return Ok(());
        }
        self.pieces.push(text)
    }

    /// All of it.
    pub(super) fn tell(&mut self, what: What, text: &[u8]) -> Result<(), Unreadable> {
        if let (What::Call(known), What::Call(named)) = (&mut self.what, what) {
            if named.kind != known.kind {
                return Err(Unreadable);
            }
            self.is_torn |= known.learn(named, self.is_settled);
        }
        let whole = match text {
            b"null" => return Ok(()),
            [b'"', ..] => serde_json::from_slice(text).map_err(|_| Unreadable)?,
            _ => {
                // Where clients read a string.
                self.is_torn = true;
                String::from_utf8_lossy(text).into_owned()
            }
        };
        if self.is_settled {
            self.is_torn |= !self.is_same(&whole, self.text());
        } else {
            self.is_torn |= self.whole.as_ref().is_some_and(|before| !self.is_same(before, &whole));
            self.whole = Some(whole);
        }
        Ok(())
    }

    /// What has come of the text since this was last asked.
    pub(super) fn unseen(&mut self) -> &str {
        let text = self.pieces.as_str();
        let seen = std::mem::replace(&mut self.seen, text.len());
        text.get(seen..).unwrap_or_default()
    }

    /// What the model has said, and then what was made of it.
    pub(crate) fn text(&self) -> &str {
        match (&self.mended.text, &self.whole, &self.default) {
            (Some(text), ..) | (None, Some(text), _) => text,
            (None, None, Some(text)) if self.pieces.len() == 0 => text,
            _ => self.pieces.as_str(),
        }
    }

    /// Whether its text has been told, and does not just stand for one.
    pub(super) fn is_said(&self) -> bool {
        self.whole.is_some() || self.pieces.len() > 0 || self.default.as_ref().is_some_and(|text| text != "{}")
    }

    pub(crate) const fn call(&self) -> Option<&Named> {
        match &self.what {
            What::Call(named) => Some(named),
            What::Text => None,
        }
    }

    /// The call for the judge. `is_begun` tells that it may have been cut off before its arguments.
    pub(super) fn judged(&self, is_begun: bool) -> Option<Call<'_>> {
        let Named { id, name, kind } = self.call()?;
        let arguments = if is_begun && !self.is_said() { "" } else { self.text() };
        Some(Call {
            id: Cow::Borrowed(id),
            name: Cow::Borrowed(name),
            arguments: Cow::Borrowed(arguments),
            kind: *kind,
        })
    }

    /// Whether clients may read it in another way than it was judged.
    pub(super) fn is_misread(&self) -> bool {
        let is_other = self.whole.as_ref().is_some_and(|whole| !self.is_same(whole, self.pieces.as_str()));
        let has_pieces = self.has_pieces || self.pieces.len() > 0;
        let is_torn = has_pieces && is_other || self.pieces.is_cut();
        self.is_torn || !self.is_settled && is_torn
    }

    /// Whether two texts say the same. White space around JSON says nothing.
    fn is_same(&self, one: &str, other: &str) -> bool {
        let is_json = self.call().is_none_or(|call| call.kind != CallKind::Custom);
        one == other || is_json && one.trim() == other.trim()
    }

    /// It goes on as it came.
    pub(super) fn leave(&mut self) {
        self.is_torn = false;
        self.is_settled = true;
        self.is_free = true;
    }

    /// It has its verdict, and may go on.
    pub(super) fn settle(&mut self, mended: Option<&Mended>) {
        if self.is_settled {
            return;
        }
        self.is_torn = self.is_misread();
        self.is_settled = true;
        self.is_free = true;
        self.mended = mended.cloned().unwrap_or_default();
    }

    /// The id, where it may become another.
    pub(crate) fn new_id(&self) -> Option<&str> {
        self.mended.id.as_deref().or_else(|| self.torn().map(|named| &*named.id))
    }

    /// The name, where it may become another.
    pub(crate) fn new_name(&self) -> Option<&str> {
        self.mended.name.as_deref().or_else(|| self.torn().map(|named| &*named.name))
    }

    fn torn(&self) -> Option<&Named> {
        self.call().filter(|_| self.is_torn)
    }

    /// Whether its events are to be written anew.
    pub(crate) const fn is_changed(&self) -> bool {
        let Mended { id, name, text, .. } = &self.mended;
        self.is_settled && (self.is_torn || id.is_some() || name.is_some() || text.is_some())
    }
}

impl Named {
    /// Takes over what is told now and was not before; whether it is told otherwise.
    fn learn(&mut self, told: Self, is_settled: bool) -> bool {
        let mut is_other = false;
        for (known, told) in [(&mut self.id, told.id), (&mut self.name, told.name)] {
            if told.is_empty() || *known == told {
                continue;
            }
            is_other |= !known.is_empty();
            if !is_settled {
                *known = told;
            }
        }
        is_other
    }
}
