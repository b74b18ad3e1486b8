use super::{At, Item, Items, Tell, What, Wire};
use crate::{Fault, judge::CallKind};

/// How much room an item takes besides its text: it bounds how many there are.
const ITEM: usize = 1 << 10;

/// How many there may be: each event looks for its own among them. No model makes so many calls at once.
const MOST: usize = 1024;

/// What an event tells of.
#[derive(Default)]
pub(super) struct Touched {
    /// In the order of the event.
    pub(super) items: Vec<usize>,
    /// Items that are complete.
    pub(super) over: Vec<usize>,
}

/// Why an event cannot be taken.
pub(super) enum Refusal {
    Unreadable,
    /// It is too long to be held, or certainly wrong.
    Wrong(Fault),
}

impl<W: Wire> Items<W> {
    /// Takes what an event tells.
    pub(super) fn take(&mut self, tells: Vec<Tell>) -> Result<Touched, Refusal> {
        let mut touched = Touched::default();
        for tell in tells {
            let unreadable = |_| Refusal::Unreadable;
            let at = match tell {
                Tell::Begins { at, what, text } => {
                    let index = match self.find(at, true).filter(|_| what == What::Text) {
                        // Told twice over.
                        Some(index) => index,
                        None => self.begin(at, what)?,
                    };
                    self.item(index, text.len(), |item| item.begin(&text).map_err(unreadable))?;
                    self.look(index)?;
                    Some(index)
                }
                Tell::More { at, text, or } => {
                    let is_text = or == Some(What::Text);
                    let index = match (self.find(at, is_text), or) {
                        (Some(index), Some(What::Call(named))) if !self.is_of_kind(index, named.kind) => {
                            return Err(Refusal::Unreadable);
                        }
                        (Some(index), _) => Some(index),
                        (None, Some(what)) => Some(self.begin(at, what)?),
                        (None, None) => None,
                    };
                    if let Some(index) = index {
                        self.item(index, text.len(), |item| item.push(&text).map_err(unreadable))?;
                        self.look(index)?;
                    }
                    index
                }
                Tell::Whole { at, what, text } => {
                    let index = match self.find(at, what == What::Text) {
                        Some(index) => index,
                        None => self.begin(at, what.clone())?,
                    };
                    self.item(index, text.len(), |item| item.tell(what, &text).map_err(unreadable))?;
                    Some(index)
                }
                Tell::Repeated { at, what, text } => {
                    let index = match self.match_up(at, &what) {
                        Some(index) => index,
                        None => self.begin(at, what.clone())?,
                    };
                    self.item(index, text.len(), |item| {
                        item.is_repeated = true;
                        item.tell(what, &text).map_err(unreadable)
                    })?;
                    Some(index)
                }
                Tell::Over { at } => {
                    touched.over.extend(self.find(at, false));
                    None
                }
                Tell::Refusal => {
                    self.is_refusal = true;
                    None
                }
                Tell::End(ending) => {
                    self.ending = Some(ending);
                    None
                }
            };
            touched.items.extend(at);
        }
        Ok(touched)
    }

    /// The last text or call that began there.
    fn find(&self, at: At, is_text: bool) -> Option<usize> {
        self.items.iter().rposition(|item| item.at == at && item.call().is_none() == is_text)
    }

    fn is_of_kind(&self, index: usize, kind: CallKind) -> bool {
        self.items.get(index).and_then(Item::call).is_none_or(|call| call.kind == kind)
    }

    /// Looks into what has come of a text, if it is to be stopped at the first fault.
    fn look(&mut self, index: usize) -> Result<(), Refusal> {
        let Some(item) = self.items.get_mut(index).filter(|item| item.what == What::Text) else { return Ok(()) };
        self.text.look(item.unseen()).map_err(Refusal::Wrong)
    }

    /// The item that the end of the answer repeats here: a text by its order, a call by its id, or else by its place.
    fn match_up(&self, at: At, what: &What) -> Option<usize> {
        let find = |is_it: &dyn Fn(&Item) -> bool| self.items.iter().position(|item| !item.is_repeated && is_it(item));
        let What::Call(named) = what else { return find(&|item| item.what == What::Text) };
        let has_id = |item: &Item| !named.id.is_empty() && item.call().is_some_and(|call| call.id == named.id);
        find(&has_id).or_else(|| find(&|item| item.call().is_some() && item.at == at))
    }

    fn begin(&mut self, at: At, what: What) -> Result<usize, Refusal> {
        if self.items.len() >= MOST {
            return Err(Refusal::Unreadable);
        }
        let holds = if what == What::Text { self.holds_text } else { self.holds_calls };
        self.waiting += usize::from(holds);
        self.items.push(Item::new(at, what, !holds));
        let index = self.items.len() - 1;
        if self.room.take(ITEM) { Ok(index) } else { Err(self.too_long(index)) }
    }

    /// Changes an item, for which so many bytes are needed.
    fn item(
        &mut self,
        index: usize,
        bytes: usize,
        change: impl FnOnce(&mut Item) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        if !self.room.take(bytes) {
            return Err(self.too_long(index));
        }
        self.items.get_mut(index).map_or(Ok(()), change)
    }

    pub(super) fn too_long(&self, index: usize) -> Refusal {
        let name = self.items.get(index).and_then(Item::call).map(|call| &*call.name);
        Refusal::Wrong(self.room.fault(0, name))
    }
}
