use bytes::Bytes;

use super::{
    super::joined::Joined,
    delta::{Fragment, is_nothing},
};
use crate::{
    answer::nested::Unreadable,
    judge::{self, CallKind, Verdict},
};

/// The calls of a choice, joined from their fragments.
#[derive(Default)]
pub(super) struct Calls {
    list: Vec<Call>,
    /// The call that the last fragment belonged to.
    current: usize,
}

/// A call, as far as it has come.
pub(super) struct Call {
    index: Option<u64>,
    id: String,
    name: String,
    kind: CallKind,
    text: Joined,
    more: Vec<(String, Bytes)>,
    /// Whether clients that join the fragments as OpenAI's do would make something else of them: ids and names that are
    /// repeated, indexes that are missing or wrong.
    pub(super) is_odd: bool,
    /// Whether they would make another call of them: not only one of the same id told twice.
    pub(super) is_garbled: bool,
    pub(super) released: Option<Released>,
}

/// What went out of a call, and on what grounds.
#[derive(Clone)]
pub(super) struct Released {
    /// Of the text.
    pub(super) length: usize,
    /// The name's length.
    name: usize,
    pub(super) verdict: Verdict,
}

/// To which call a fragment was added.
#[derive(Clone, Copy, Debug)]
pub(super) struct Added {
    pub(super) call: usize,
    pub(super) is_new: bool,
}

impl Calls {
    /// More than any answer has.
    const MOST: usize = 1024;

    pub(super) fn list(&self) -> &[Call] {
        &self.list
    }

    pub(super) fn list_mut(&mut self) -> &mut [Call] {
        &mut self.list
    }

    /// Adds a fragment to the call that it belongs to.
    pub(super) fn add(&mut self, fragment: Fragment) -> Result<Added, Unreadable> {
        let found = self.find(&fragment);
        let at = found.unwrap_or(self.list.len());
        let number = self.number(at);
        if found.is_none() {
            if self.list.len() >= Self::MOST {
                return Err(Unreadable);
            }
            self.list.push(Call::new(&fragment));
        }
        self.current = at;
        let Some(call) = self.list.get_mut(at) else { return Err(Unreadable) };
        if call.kind != CallKind::Legacy {
            call.is_odd |= fragment.index != Some(number);
            call.is_garbled |= fragment.index != call.index;
        }
        call.add(fragment, found.is_none())?;
        Ok(Added { call: at, is_new: found.is_none() })
    }

    /// The index that a call has to have: they are dense, in the order of first appearance.
    pub(super) fn number(&self, at: usize) -> u64 {
        self.list.iter().take(at).filter(|call| call.kind != CallKind::Legacy).count() as u64
    }

    /// The call that a fragment belongs to; `None` when it opens one.
    fn find(&self, fragment: &Fragment) -> Option<usize> {
        if fragment.kind == CallKind::Legacy {
            return self.list.iter().position(|call| call.kind == CallKind::Legacy);
        }
        // A name together with another id opens a call, even at an index that is taken: some providers give each call
        // the index 0. Another id alone does not: others make up an id for each fragment.
        let is_named = !fragment.name.is_empty();
        let has_id = !fragment.id.is_empty();
        let opens = |call: &Call| is_named && has_id && !call.id.is_empty() && call.id != fragment.id;
        let is_open = |call: &Call| call.kind != CallKind::Legacy && !opens(call);
        match fragment.index {
            Some(_) => self.list.iter().rposition(|call| call.index == fragment.index && is_open(call)),
            None => {
                let by_id = || self.list.iter().rposition(|call| has_id && call.id == fragment.id);
                // Without index and id, a name is all that can tell a new call from more of the last one.
                let goes_on = |call: &&Call| is_open(call) && (has_id || !is_named);
                by_id().or_else(|| self.list.get(self.current).filter(goes_on).map(|_| self.current))
            }
        }
    }
}

impl Call {
    fn new(fragment: &Fragment) -> Self {
        Self {
            index: fragment.index,
            id: String::new(),
            name: String::new(),
            kind: fragment.kind,
            text: Joined::default(),
            more: Vec::new(),
            is_odd: false,
            is_garbled: false,
            released: None,
        }
    }

    fn add(&mut self, fragment: Fragment, is_new: bool) -> Result<(), Unreadable> {
        let Fragment { id, name, text, more, is_respelled, kind, .. } = fragment;
        if kind != self.kind && !(name.is_empty() && is_nothing(&text)) {
            if !self.name.is_empty() || self.text.len() > 0 || self.is_cut() {
                // Clients read the one or the other.
                return Err(Unreadable);
            }
            self.kind = kind;
        }
        // OpenAI's clients join names as they join arguments, or take the last. Ids too: but any will do for an id.
        let is_renamed = !self.name.is_empty() && !name.is_empty();
        self.is_garbled |= is_respelled || is_renamed || !self.id.is_empty() && !id.is_empty() && id != self.id;
        self.is_odd |= self.is_garbled || !is_new && !id.is_empty();
        if self.id.is_empty() {
            self.id = id;
        }
        if name != self.name {
            self.name.push_str(&name);
        }
        for (name, value) in more {
            match self.more.iter_mut().find(|(known, _)| *known == name) {
                Some(known) => known.1 = value,
                None => self.more.push((name, value)),
            }
        }
        self.text.push(&text)
    }

    /// Takes note that all of it goes out.
    pub(super) fn release(&mut self, verdict: Verdict) {
        self.released = Some(Released { length: self.text.len(), name: self.name.len(), verdict });
    }

    /// Whether it has got another name since.
    pub(super) fn is_renamed(&self) -> bool {
        self.released.as_ref().is_some_and(|released| released.name != self.name.len())
    }

    /// The name that it has gone out with, or has got by now.
    pub(super) fn first_name(&self) -> &str {
        let released = self.released.as_ref().and_then(|released| self.name.get(..released.name));
        released.unwrap_or(&self.name)
    }

    pub(super) const fn index(&self) -> Option<u64> {
        self.index
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) const fn kind(&self) -> CallKind {
        self.kind
    }

    pub(super) fn more(&self) -> &[(String, Bytes)] {
        &self.more
    }

    pub(super) fn text(&self) -> &str {
        self.text.as_str()
    }

    /// Whether it ends in the middle of a character.
    pub(super) const fn is_cut(&self) -> bool {
        self.text.is_cut()
    }

    pub(super) fn to_judge(&self) -> judge::Call<'_> {
        judge::Call {
            id: self.id.as_str().into(),
            name: self.name.as_str().into(),
            arguments: self.text.as_str().into(),
            kind: self.kind,
        }
    }
}
