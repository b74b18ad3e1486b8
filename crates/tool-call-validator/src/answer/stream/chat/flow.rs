use llm_layers_wire::{openai::ChunkChoice, sse::Event};

use super::{
    Checking, Stop, TextMode,
    choice::Choice,
    delta::Delta,
    edit::{only_choice, parted},
    queue::Entry,
};
use crate::answer::{nested::Unreadable, stream::held::apart};

impl Checking {
    /// Sees to a chunk. Those of several choices are rare.
    pub(super) fn chunk(&mut self, event: Event, out: &mut Vec<Event>) -> Result<(), Stop> {
        let choices = event.chunk().map_or(&[][..], |chunk| chunk.choices());
        match choices {
            [] => {
                self.greeting(event, out);
                Ok(())
            }
            [choice] => {
                let delta = Delta::read(choice)?;
                let slot = self.slot(index(choice)?.unwrap_or_default())?;
                self.one(event, slot, delta, out)
            }
            several => {
                let deltas: Vec<_> = several.iter().map(Delta::read).collect::<Result<_, _>>()?;
                let indexes = several.iter().enumerate();
                let indexes = indexes.map(|(at, choice)| Ok(index(choice)?.unwrap_or(at as u64)));
                let indexes: Vec<_> = indexes.collect::<Result<_, Unreadable>>()?;
                let waits = !self.queue.entries().is_empty() || deltas.iter().any(|delta| self.holds(delta));
                for (at, (index, delta)) in indexes.into_iter().zip(deltas).enumerate() {
                    let slot = self.slot(index)?;
                    if waits {
                        self.one(only_choice(&event, at), slot, delta, out)?;
                    } else {
                        let end = delta.end;
                        self.absorb(slot, delta, out)?;
                        self.judged(slot, end, out)?;
                    }
                }
                if !waits {
                    out.push(event);
                }
                Ok(())
            }
        }
    }

    /// Sees to an event of one choice.
    fn one(&mut self, event: Event, slot: usize, delta: Delta, out: &mut Vec<Event>) -> Result<(), Stop> {
        let (has_text, has_calls, has_more) = (!delta.text.is_empty(), delta.has_calls(), delta.has_more);
        let end = delta.end;
        let added = self.absorb(slot, delta, out)?;
        let has_begun = self.choices.get(slot).is_some_and(|choice| !choice.calls.list().is_empty());
        let is_searched = self.text == TextMode::Searched && !has_begun;
        if has_begun {
            // No text beside calls holds others.
            self.settle_text(slot, out);
        }
        let holds_text = has_text && (self.text == TextMode::Held || is_searched);
        let waits = holds_text || self.holds_calls && has_calls;
        let says = has_more || has_text && !holds_text || has_calls && !waits;
        let text = self.choices.get(slot).filter(|_| holds_text).map(|choice| choice.text.len());
        let complete = added.complete;
        let entry = |event| Entry { event, choice: Some(slot), text, calls: added.calls, legacy: added.legacy };
        if end.is_some() {
            // Its verdict comes now, and it goes with it.
            let entry = entry(event);
            let _ = self.room.take(entry.weight());
            self.queue.push(entry);
            return self.judged(slot, end, out);
        }
        if !waits {
            if says {
                self.say(out);
                out.push(event);
            } else {
                self.greeting(event, out);
            }
            return Ok(());
        }
        let event = if says {
            let waits = |name: &str| matches!(name, "tool_calls" | "function_call") || name == "content" && holds_text;
            let (free, held) = parted(&event, waits);
            self.say(out);
            out.push(free);
            held
        } else {
            event
        };
        let entry = entry(apart(&event));
        if let Some(choice) = self.choices.get_mut(slot).filter(|_| !entry.has_calls()) {
            choice.waits_from = choice.waits_from.or(text);
        }
        self.wait(entry)?;
        if let Some(call) = complete {
            self.let_go(slot, call, out);
        }
        self.settle_text(slot, out);
        Ok(())
    }

    /// Whether anything of this must wait.
    fn holds(&self, delta: &Delta) -> bool {
        self.holds_calls && delta.has_calls() || self.holds_text() && !delta.text.is_empty()
    }

    pub(super) fn holds_text(&self) -> bool {
        matches!(self.text, TextMode::Held | TextMode::Searched)
    }

    /// An event that says nothing goes on, unless it could be the beginning of an answer that is asked for again.
    fn greeting(&mut self, event: Event, out: &mut Vec<Event>) {
        if !self.may_ask || self.is_said {
            return out.push(event);
        }
        let entry = Entry::greeting(apart(&event));
        if self.room.take(entry.weight()) {
            self.queue.push(entry);
        } else {
            self.room.give(entry.weight());
            self.say(out);
            out.push(entry.event);
        }
    }

    /// From here on the client has seen something.
    pub(super) fn say(&mut self, out: &mut Vec<Event>) {
        if !std::mem::replace(&mut self.is_said, true) {
            let greetings = self.queue.take(|entry| entry.choice.is_none());
            out.extend(self.events(greetings));
        }
    }

    /// The events of entries that go, and make room.
    pub(super) fn events(&mut self, entries: Vec<Entry>) -> impl Iterator<Item = Event> + use<> {
        self.room.give(entries.iter().map(Entry::weight).sum());
        entries.into_iter().map(|entry| entry.event)
    }

    pub(super) fn wait(&mut self, entry: Entry) -> Result<(), Stop> {
        let weight = entry.weight();
        let slot = entry.choice.unwrap_or_default();
        self.queue.push(entry);
        self.need(weight, slot)
    }

    /// Takes room for what a choice says. Where there is none left, the answer cannot be checked.
    pub(super) fn need(&mut self, bytes: usize, slot: usize) -> Result<(), Stop> {
        if self.room.take(bytes) {
            return Ok(());
        }
        let fault = self.no_room(slot);
        self.too_long = Some(fault.clone());
        Err(Stop::Flow(self.reject(&[fault])))
    }

    /// The place of the choice with this index.
    fn slot(&mut self, index: u64) -> Result<usize, Stop> {
        /// OpenAI gives 128 at most.
        const MOST: usize = 256;
        let index = usize::try_from(index).map_err(|_| Stop::Unreadable)?;
        if let Some(slot) = self.choices.iter().position(|choice| choice.index == index) {
            return Ok(slot);
        }
        if self.choices.len() >= MOST {
            return Err(Stop::Unreadable);
        }
        self.choices.push(Choice { index, reader: self.reader(), ..Choice::default() });
        Ok(self.choices.len() - 1)
    }
}

/// The choice's index, if it has one. Clients take `1.0` and `"1"` for other choices than we would.
fn index(choice: &ChunkChoice) -> Result<Option<u64>, Unreadable> {
    choice.object().read("index").map_err(|_| Unreadable)
}
