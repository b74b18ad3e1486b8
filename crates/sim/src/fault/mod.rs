//! Faults: what they are, how they are chosen, what they do to an answer.

mod apply;
mod edit;
mod framing;
mod spec;

use std::time::Duration;

pub(crate) use apply::{Close, Opening, Verdict};
pub use spec::FaultError;

/// The request header that asks for a fault.
pub(crate) const HEADER: &str = "x-sim-fault";
const MODEL_PREFIX: &str = "fault-";

/// Something that goes wrong on purpose.
///
/// Written as a specification: words joined by `;` (or by `+`, which needs no quoting in a model's name), a word's
/// value behind `=` or behind `-`. `status=429;retry-after=2`, `status-429+retry-after-2` and `429;retry-after=2`
/// are the same fault.
///
/// ```
/// use llm_layers_sim::Fault;
///
/// let fault: Fault = "status=429;retry-after=2".parse()?;
/// assert_eq!(fault, Fault::status(429).retry_after(2));
/// assert!("tsatus=429".parse::<Fault>().is_err());
/// # Ok::<(), llm_layers_sim::FaultError>(())
/// ```
///
/// The words are in the [crate's documentation](crate#faults).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Fault {
    slow: Option<Duration>,
    pace: Option<Duration>,
    instead: Instead,
    retry_after: Option<String>,
    retry_after_ms: Option<u64>,
    should_retry: Option<bool>,
    until: Until,
    edits: edit::Edits,
    framing: framing::Framing,
}

/// What comes in place of the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Instead {
    #[default]
    Nothing,
    Status(u16),
    Quota,
    Html,
    Empty,
    Reset,
    Hang,
}

/// How far the answer goes: so many events of a stream, so many bytes of a plain body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Until {
    #[default]
    TheEnd,
    Reset(usize),
    Stall(usize),
    Cut(usize),
    Error(usize),
}

impl Fault {
    /// The provider's own error with this status. Anything but 400 to 599 is taken as 500.
    pub fn status(status: u16) -> Self {
        let status = if (400..600).contains(&status) { status } else { 500 };
        Self { instead: Instead::Status(status), ..Self::default() }
    }

    /// Adds `retry-after` in seconds to a status.
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds.to_string());
        self
    }

    /// The connection is reset (over HTTP/2: the stream) before any answer.
    pub fn reset() -> Self {
        Self { instead: Instead::Reset, ..Self::default() }
    }

    /// The request is accepted and never answered.
    pub fn hang() -> Self {
        Self { instead: Instead::Hang, ..Self::default() }
    }

    /// The stream goes silent after `chunks` events (a plain body after as many bytes) and never ends.
    pub fn stall_after(chunks: usize) -> Self {
        Self { until: Until::Stall(chunks), ..Self::default() }
    }

    /// The connection is reset after `chunks` events (a plain body: bytes).
    pub fn reset_after(chunks: usize) -> Self {
        Self { until: Until::Reset(chunks), ..Self::default() }
    }

    /// The message ends cleanly, too early, after `chunks` events (a plain body: bytes).
    pub fn cut_after(chunks: usize) -> Self {
        Self { until: Until::Cut(chunks), ..Self::default() }
    }

    /// Waits before the head of the answer, which is otherwise as it would be.
    pub fn slow(time: Duration) -> Self {
        Self { slow: Some(time), ..Self::default() }
    }
}

/// The fault that a model's name asks for; `None` for the name of an ordinary model.
pub(crate) fn of_model(model: &str) -> Option<Result<Fault, FaultError>> {
    model.strip_prefix(MODEL_PREFIX).map(str::parse)
}

pub(crate) fn is_fault_model(model: &str) -> bool {
    model.starts_with(MODEL_PREFIX)
}
