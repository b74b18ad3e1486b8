use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use rust_decimal::Decimal;

/// What is kept of an answer. Cloning it costs a reference count.
#[derive(Clone, PartialEq)]
pub struct Entry(Arc<Inner>);

#[derive(Clone, PartialEq)]
struct Inner {
    body: Bytes,
    created: u64,
    fresh_for: Duration,
    kept_for: Duration,
    input_tokens: u64,
    output_tokens: u64,
    cost: Option<Decimal>,
}

impl Entry {
    /// An answer, as the text of the JSON that a plain call is given, which came so many milliseconds after 1970.
    #[must_use]
    pub fn new(body: Bytes, created: u64, fresh_for: Duration) -> Self {
        let kept_for = fresh_for;
        Self(Arc::new(Inner { body, created, fresh_for, kept_for, input_tokens: 0, output_tokens: 0, cost: None }))
    }

    /// Sets how long it is kept in all: beyond its freshness it may stand in for a provider that fails.
    #[must_use]
    pub fn kept_for(self, time: Duration) -> Self {
        self.with(|inner| inner.kept_for = time.max(inner.fresh_for))
    }

    /// Sets what the answer has cost: what each further one saves.
    #[must_use]
    pub fn paid(self, input_tokens: u64, output_tokens: u64, cost: Option<Decimal>) -> Self {
        self.with(|inner| (inner.input_tokens, inner.output_tokens, inner.cost) = (input_tokens, output_tokens, cost))
    }

    fn with(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }

    /// The answer: JSON, as a plain call is given it. Of embeddings, that of one input.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.0.body
    }

    /// When it came, in milliseconds since 1970.
    #[must_use]
    pub fn created(&self) -> u64 {
        self.0.created
    }

    /// How long it is fresh.
    #[must_use]
    pub fn fresh_for(&self) -> Duration {
        self.0.fresh_for
    }

    /// How long it is kept, no less than it is [fresh](Self::fresh_for).
    #[must_use]
    pub fn life(&self) -> Duration {
        self.0.kept_for
    }

    /// Its age at this time, in milliseconds since 1970. What comes from a clock that is ahead has none.
    #[must_use]
    pub fn age(&self, now: u64) -> Duration {
        Duration::from_millis(now.saturating_sub(self.0.created))
    }

    /// The tokens of the prompt, 0 where nobody has told.
    #[must_use]
    pub fn input_tokens(&self) -> u64 {
        self.0.input_tokens
    }

    /// The tokens of the answer, 0 where nobody has told.
    #[must_use]
    pub fn output_tokens(&self) -> u64 {
        self.0.output_tokens
    }

    /// What it has cost, in US dollars, where that is known.
    #[must_use]
    pub fn cost(&self) -> Option<Decimal> {
        self.0.cost
    }

    /// What it takes of memory, about, in bytes.
    #[must_use]
    pub fn weight(&self) -> usize {
        size_of::<Inner>() + self.0.body.len()
    }
}

/// Tells nothing of the answer.
impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { created, fresh_for, .. } = &*self.0;
        f.debug_struct("Entry")
            .field("bytes", &self.0.body.len())
            .field("created", created)
            .field("fresh_for", fresh_for)
            .finish_non_exhaustive()
    }
}
