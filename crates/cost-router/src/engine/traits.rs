use std::time::{SystemTime, UNIX_EPOCH};

use llm_layers_catalogue::{Capabilities, Capability, Kind};
use llm_layers_core::Operation;

use super::Entry;
use crate::Class;

/// What of a deployment a call is held against first: a few integers side by side, since a choice looks at them all.
#[derive(Clone, Copy, Debug)]
pub(super) struct Traits {
    /// Seconds since 1970.
    gone_from: u64,
    window: u64,
    max_output: u64,
    has: Capabilities,
    /// A bit for each operation; none where the alias's own constraints remove it for good.
    operations: u8,
    /// A bit for each class.
    classes: u8,
    has_hours: bool,
}

/// What of a call deployments are held against first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wants {
    pub(super) operation: Operation,
    pub(super) class: Class,
    pub(super) needs: Capabilities,
    /// Seconds since 1970.
    pub(super) now: u64,
    /// Tokens of the answer that is asked for.
    pub(super) output: u64,
}

impl Traits {
    pub(super) fn new(entry: &Entry, is_refused: bool) -> Self {
        let model = entry.model.as_deref();
        let all = Capability::ALL.into_iter().collect();
        let class = |class| u8::from(entry.class.is_none_or(|only| only == class)) << class as u8;
        Self {
            gone_from: entry.gone_from.map_or(u64::MAX, unix),
            window: model.and_then(|model| model.context_window).unwrap_or(u64::MAX),
            max_output: model.and_then(|model| model.max_output).unwrap_or(u64::MAX),
            has: model.and_then(|model| model.capabilities).unwrap_or(all),
            operations: if is_refused { 0 } else { model.map_or(u8::MAX, |model| operations(model.kind)) },
            classes: class(Class::Interactive) | class(Class::Batch),
            has_hours: entry.hours.is_some(),
        }
    }

    /// Whether nothing stands against a deployment that changes with no more than the call; whether its hours do has
    /// to be asked apart.
    #[inline]
    pub(super) fn suits(&self, wants: &Wants, prompt: u64) -> bool {
        self.operations >> wants.operation.index() & 1 == 1
            && self.classes >> wants.class as u8 & 1 == 1
            && wants.now < self.gone_from
            && wants.needs.missing_from(self.has).is_empty()
            && self.tokens(wants, prompt) <= self.window
    }

    /// Tokens of a prompt and of the answer. A bound beyond what a model can say is no wish for more.
    pub(super) const fn tokens(&self, wants: &Wants, prompt: u64) -> u64 {
        let output = if wants.output < self.max_output { wants.output } else { self.max_output };
        prompt.saturating_add(output)
    }

    pub(super) const fn window(&self) -> u64 {
        self.window
    }

    pub(super) const fn has_hours(&self) -> bool {
        self.has_hours
    }

    pub(super) const fn does(&self, operation: Operation) -> bool {
        self.operations >> operation.index() & 1 == 1
    }
}

/// What models of a kind are asked for. Completions of texts are asked of chat models, too: many servers do both.
const fn operations(kind: Kind) -> u8 {
    const fn bit(operation: Operation) -> u8 {
        1 << operation.index()
    }
    match kind {
        Kind::Chat => {
            bit(Operation::ChatCompletion)
                | bit(Operation::Completion)
                | bit(Operation::Response)
                | bit(Operation::Message)
        }
        Kind::Completion => bit(Operation::Completion),
        Kind::Embedding => bit(Operation::Embedding),
        _ => 0,
    }
}

pub(super) fn unix(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}
