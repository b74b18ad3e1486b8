use llm_layers_core::{Average, Operation};

/// How long answers are, by operation: what is expected of those that have no bound, where no router says better.
#[derive(Debug, Default)]
pub(crate) struct Outputs([Average; Operation::COUNT]);

impl Outputs {
    /// The expectation before anything was seen.
    const FIRST: u64 = 512;

    pub(crate) fn learn(&self, operation: Operation, tokens: u64) {
        if let Some(average) = self.0.get(operation.index()) {
            average.record(tokens);
        }
    }

    pub(crate) fn average(&self, operation: Operation) -> u64 {
        self.0.get(operation.index()).and_then(Average::get).unwrap_or(Self::FIRST)
    }
}
