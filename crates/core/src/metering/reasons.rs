use std::{borrow::Cow, sync::OnceLock};

use bytes::Bytes;
use llm_layers_wire::json::{items, members};

use super::read::MAX_NAME;

/// There are not many more reasons than this to end.
const MAX_REASONS: usize = 8;

/// Why an answer ended. Of a whole one the choices are looked through when somebody asks, for few do.
#[derive(Clone, Debug, Default)]
pub(super) struct Reasons {
    read: Vec<Box<str>>,
    choices: Option<Bytes>,
    all: OnceLock<Vec<Box<str>>>,
}

impl Reasons {
    /// Sets the choices of a whole answer.
    pub(super) fn of_choices(&mut self, choices: Option<Bytes>) {
        self.choices = choices;
        self.all = OnceLock::new();
    }

    pub(super) fn add(&mut self, reason: &str) {
        add(&mut self.read, reason);
    }

    /// Each of them once.
    pub(super) fn all(&self) -> &[Box<str>] {
        let Some(choices) = &self.choices else { return &self.read };
        self.all.get_or_init(|| {
            let mut all = self.read.clone();
            for choice in items(choices) {
                let reason = members(choice).filter(|(name, _)| *name == b"finish_reason").last();
                let reason = reason.and_then(|(_, reason)| serde_json::from_slice::<Cow<'_, str>>(reason).ok());
                add(&mut all, &reason.unwrap_or_default());
            }
            all
        })
    }
}

fn add(reasons: &mut Vec<Box<str>>, reason: &str) {
    let is_new = || !reasons.iter().any(|known| **known == *reason);
    if !reason.is_empty() && reason.len() <= MAX_NAME && reasons.len() < MAX_REASONS && is_new() {
        reasons.push(reason.into());
    }
}
