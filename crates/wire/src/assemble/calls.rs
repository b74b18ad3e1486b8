use crate::json::Object;

use super::{
    Error,
    merge::{Budget, MANY, Members, each_member, is_blank, split_array, split_object},
};

/// What a call costs beyond its text, about.
const OVERHEAD: usize = 128;

/// The tool calls of one message, joined from fragments of many kinds of providers.
#[derive(Debug, Default)]
pub(super) struct Calls {
    calls: Vec<Call>,
    /// The call that the last fragment belonged to.
    current: usize,
}

#[derive(Debug)]
struct Call {
    index: Option<u64>,
    /// The raw `id`.
    id: Option<Box<[u8]>>,
    members: Members,
}

impl Calls {
    pub(super) fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// Joins the `tool_calls` of one delta.
    pub(super) fn merge(&mut self, raw: &[u8], budget: &mut Budget) -> Result<(), Error> {
        if raw == b"null" {
            return Ok(());
        }
        let mismatch = || Error::mismatch("tool_calls");
        for fragment in split_array(raw).ok_or_else(mismatch)?.iter() {
            let fragment = split_object(&fragment).ok_or_else(mismatch)?;
            self.merge_fragment(&fragment, budget)?;
        }
        Ok(())
    }

    fn merge_fragment(&mut self, fragment: &Object, budget: &mut Budget) -> Result<(), Error> {
        let index = fragment.read("index").ok().flatten();
        let id = fragment.get("id").filter(|id| !is_blank(id));
        self.current = match self.find(index, id, is_named(fragment)) {
            Some(known) => known,
            None if self.calls.len() >= MANY => return Err(Error::TooMany { limit: MANY }),
            None => {
                budget.take(OVERHEAD)?;
                self.calls.push(Call { index, id: None, members: Members::default() });
                self.calls.len() - 1
            }
        };
        let Some(call) = self.calls.get_mut(self.current) else { return Ok(()) };
        if call.id.is_none() {
            call.id = id.map(Box::from);
        }
        each_member(fragment, |name, raw| match name {
            "index" => Ok(()),
            _ => call.members.merge_one(name, raw, budget),
        })
    }

    /// The call that a fragment belongs to; `None` when it opens one.
    fn find(&self, index: Option<u64>, id: Option<&[u8]>, named: bool) -> Option<usize> {
        // A name together with another id opens a call, even at an index that is taken: some providers
        // give each call the index 0. Another id alone does not: others make up an id for each fragment.
        let opens = |call: &Call| named && id.is_some() && call.id.is_some() && call.id.as_deref() != id;
        let by_index = || self.calls.iter().rposition(|call| call.index == index && !opens(call));
        let by_id = || id.and_then(|id| self.calls.iter().rposition(|call| call.id.as_deref() == Some(id)));
        // Without index and id, a name is all that can tell a new call from more of the last one.
        let is_current = |call: &&Call| if id.is_some() { !opens(call) } else { !named };
        let current = || self.calls.get(self.current).filter(is_current).map(|_| self.current);
        match index {
            Some(_) => by_index(),
            None => by_id().or_else(current),
        }
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.push(b'[');
        for (at, call) in self.calls.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            call.members.write(out);
        }
        out.push(b']');
    }
}

/// Whether a fragment names what is called, as the first of a call does.
fn is_named(fragment: &Object) -> bool {
    let named = |called: Object| called.get("name").is_some_and(|name| !is_blank(name));
    ["function", "custom"].into_iter().any(|kind| fragment.get(kind).and_then(split_object).is_some_and(named))
}
