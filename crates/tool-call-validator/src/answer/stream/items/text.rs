use super::super::{held::is_structured, incremental::Incremental};
use crate::{
    Fault, OnInvalid,
    contract::{Contract, Text, ToolChoice},
    layer::Settings,
};

/// Text that flows, and is to be JSON: it ends at its first fault, where that is an error.
#[derive(Default)]
pub(super) struct Flowing {
    reader: Option<Incremental>,
    /// Whether it must look like JSON before it is read as such: the model may be declining.
    waits: bool,
    is_strict: bool,
}

impl Flowing {
    pub(super) fn new(contract: &Contract, settings: &Settings, declines_in_text: bool) -> Self {
        let is_strict = is_structured(contract) && settings.policy(None).on_invalid == OnInvalid::Reject;
        // Text that stands beside a call may be anything.
        let is_alone = contract.tools.is_empty() && !contract.is_open || contract.choice == ToolChoice::None;
        let schema = match &contract.text {
            Text::Json(schema) => Some(schema.clone()),
            Text::Any | Text::JsonObject => None,
        };
        let reader = (is_strict && is_alone).then(|| Incremental::new(schema));
        Self { reader, waits: declines_in_text, is_strict }
    }

    /// Whether text of which it is not known that it is right must not go on.
    pub(super) const fn is_strict(&self) -> bool {
        self.is_strict
    }

    /// Reads on.
    pub(super) fn look(&mut self, text: &str) -> Result<(), Fault> {
        let begin = text.trim_ascii_start();
        if self.waits && !begin.is_empty() {
            self.waits = false;
            if !begin.starts_with(['{', '[']) {
                self.reader = None;
            }
        }
        self.reader.as_mut().map_or(Ok(()), |reader| reader.push(text))
    }
}
