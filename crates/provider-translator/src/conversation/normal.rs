//! Messages, put in order.

use std::collections::{HashMap, VecDeque};

use llm_layers_core::Failure;

use super::{
    Assistant, Call, Conversation, ToolResult, Turn,
    message::{Message, Of},
};
use crate::{place::Place, warnings::Warnings};

/// Takes messages one by one, and makes turns of them.
#[derive(Default)]
pub(super) struct Builder<'a> {
    conversation: Conversation<'a>,
    pending: Pending<'a>,
    begun: bool,
    /// A user's message of which nothing was left.
    emptied: bool,
}

/// The calls of the assistant's last turn, and their results so far.
#[derive(Default)]
struct Pending<'a> {
    /// Where among the turns the results go.
    turn: usize,
    slots: Vec<Option<ToolResult<'a>>>,
    /// The slots of an id that are still free, and the last one that was filled.
    by_id: HashMap<String, Slots>,
    by_name: HashMap<String, Slots>,
}

#[derive(Default)]
struct Slots {
    free: VecDeque<usize>,
    last: Option<usize>,
}

impl<'a> Builder<'a> {
    pub(super) fn push(
        &mut self,
        message: Message<'a>,
        place: &Place<'_>,
        warnings: &mut Warnings,
    ) -> Result<(), Failure> {
        let turns = &mut self.conversation.turns;
        match message {
            Message::System(texts) if !self.begun => self.conversation.preamble.extend(texts),
            Message::System(texts) if texts.is_empty() => {}
            Message::System(texts) => turns.push(Turn::System(texts)),
            Message::User(parts) => {
                self.begun = true;
                self.emptied |= parts.is_empty();
                if !parts.is_empty() {
                    turns.push(Turn::User(parts));
                }
            }
            Message::Assistant(assistant) => {
                self.begun = true;
                self.assistant(assistant, warnings);
            }
            Message::Result { of, result } => {
                self.pending.answer(&of, result).ok_or_else(|| {
                    let place = match of {
                        Of::Id(_) => place.member("tool_call_id"),
                        Of::Function(_) => place.member("name"),
                    };
                    place.invalid("the assistant's last turn has no such call")
                })?;
            }
        }
        Ok(())
    }

    fn assistant(&mut self, assistant: Assistant<'a>, warnings: &mut Warnings) {
        let is_silent = assistant.texts.is_empty() && assistant.calls.is_empty() && assistant.reasoning.is_empty();
        if is_silent && assistant.native.is_empty() {
            return;
        }
        // Calls of one turn that a client sends as several messages: there is nothing between them.
        let turns = &mut self.conversation.turns;
        let follows = self.pending.is_unanswered() && turns.len() == self.pending.turn + 1;
        if let Some(Turn::Assistant(last)) =
            self.pending.turn.checked_sub(1).and_then(|at| turns.get_mut(at)).filter(|_| follows)
        {
            self.pending.expect(&assistant.calls);
            last.reasoning.extend(assistant.reasoning);
            last.thoughts = last.thoughts.take().or(assistant.thoughts);
            last.texts.extend(assistant.texts);
            last.calls.extend(assistant.calls);
            last.native.extend(assistant.native);
            return;
        }
        self.settle(warnings);
        let calls = !assistant.calls.is_empty();
        if calls {
            self.pending = Pending { turn: self.conversation.turns.len() + 1, ..Pending::default() };
            self.pending.expect(&assistant.calls);
        }
        self.conversation.turns.push(Turn::Assistant(assistant));
        if calls {
            self.conversation.turns.push(Turn::Results(Vec::new()));
        }
    }

    /// Puts the results of the assistant's last turn into their place. Calls that nobody answered (a run that was
    /// stopped) get a result that says so: no provider takes a call without one.
    fn settle(&mut self, warnings: &mut Warnings) {
        let pending = std::mem::take(&mut self.pending);
        let mut missing = false;
        let results = pending.slots.into_iter().map(|result| {
            result.unwrap_or_else(|| {
                missing = true;
                ToolResult { is_missing: true, is_error: true, ..ToolResult::default() }
            })
        });
        if let Some(Turn::Results(slot)) = self.conversation.turns.get_mut(pending.turn) {
            slot.extend(results);
        }
        if missing {
            warnings.emulated("messages", "missing_tool_result");
        }
    }

    pub(super) fn finish(mut self, warnings: &mut Warnings) -> Result<Conversation<'a>, Failure> {
        self.settle(warnings);
        let is_users = |turn: &Turn<'_>| matches!(turn, Turn::User(_) | Turn::Results(_));
        if self.emptied && !self.conversation.turns.iter().any(is_users) {
            return Err(Place::new("messages").invalid("the user's only message is empty"));
        }
        Ok(self.conversation)
    }
}

impl<'a> Pending<'a> {
    fn is_unanswered(&self) -> bool {
        !self.slots.is_empty() && self.slots.iter().all(Option::is_none)
    }

    fn expect(&mut self, calls: &[Call<'a>]) {
        for call in calls {
            let slot = self.slots.len();
            self.slots.push(None);
            self.by_id.entry(call.id.clone().into_owned()).or_default().free.push_back(slot);
            self.by_name.entry(call.name.clone().into_owned()).or_default().free.push_back(slot);
        }
    }

    /// Keeps a result. One id that names two calls takes two results, in order; one more belongs to the last of them.
    fn answer(&mut self, of: &Of<'a>, result: ToolResult<'a>) -> Option<()> {
        let slots = match of {
            Of::Id(id) => self.by_id.get_mut(id.as_ref())?,
            Of::Function(name) => self.by_name.get_mut(name.as_ref())?,
        };
        let at = slots.free.pop_front().or(slots.last)?;
        slots.last = Some(at);
        match self.slots.get_mut(at)? {
            Some(earlier) => {
                earlier.parts.extend(result.parts);
                earlier.cache = result.cache.or(earlier.cache);
                earlier.is_error |= result.is_error;
            }
            empty => *empty = Some(result),
        }
        Some(())
    }
}
