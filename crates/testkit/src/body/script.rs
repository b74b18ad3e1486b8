use super::{TestBody, TestError};
use bytes::Bytes;
use http::HeaderMap;

/// One thing that a [`TestBody`] does when it is polled.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Step {
    /// Gives a data frame, which may be of no length.
    Data(Bytes),
    /// Gives a frame of trailers.
    Trailers(HeaderMap),
    /// Is `Pending` once and wakes its task at once, as a task that yields.
    Pending,
    /// Is `Pending` until [`BodyHandle::open`](super::BodyHandle::open).
    Gate,
    /// Fails; what is left of the script is not played.
    Error(TestError),
    /// Is `Pending` for good, as a provider that went silent.
    Never,
}

/// What a [`TestBody`] says of its length before it is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hint {
    /// The length to the byte, as under a `content-length`.
    #[default]
    Exact,
    /// Nothing, as of a chunked stream.
    Unknown,
    /// True bounds that are not tight: half of what is left, and twice of it and one more.
    Range,
}

/// What a body does, step by step.
///
/// ```
/// use llm_layers_testkit::body::{Hint, Script};
///
/// let script = Script::new().data("hello, ").pending().data("world").hint(Hint::Unknown);
/// let body = script.body();
/// let handle = body.handle();
/// drop(body);
/// assert!(handle.is_dropped());
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Script {
    pub(super) steps: Vec<Step>,
    pub(super) hint: Hint,
    pub(super) announces_end: bool,
}

impl Script {
    /// A script without steps: an empty body that knows its length and its end.
    pub fn new() -> Self {
        Self { steps: Vec::new(), hint: Hint::Exact, announces_end: true }
    }

    /// Appends a step.
    pub fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// Appends a frame of data.
    pub fn data(self, data: impl Into<Bytes>) -> Self {
        self.step(Step::Data(data.into()))
    }

    /// Appends a frame of trailers.
    pub fn trailers(self, trailers: HeaderMap) -> Self {
        self.step(Step::Trailers(trailers))
    }

    /// Appends a `Pending` that wakes itself: see [`Step::Pending`].
    pub fn pending(self) -> Self {
        self.step(Step::Pending)
    }

    /// Appends a `Pending` that lasts until the test opens it: see [`Step::Gate`].
    pub fn gate(self) -> Self {
        self.step(Step::Gate)
    }

    /// Appends a failure.
    pub fn error(self, message: impl Into<String>) -> Self {
        self.step(Step::Error(TestError::new(message)))
    }

    /// Appends an endless silence.
    pub fn never(self) -> Self {
        self.step(Step::Never)
    }

    /// Sets what the body says of its length. The default is [`Hint::Exact`].
    ///
    /// Data behind an error counts as well: such a body breaks its promise, as a cut connection does.
    pub fn hint(mut self, hint: Hint) -> Self {
        self.hint = hint;
        self
    }

    /// Sets whether `is_end_stream` tells the end once no step is left (default), or is always `false`,
    /// which is legal too.
    pub fn announces_end(mut self, yes: bool) -> Self {
        self.announces_end = yes;
        self
    }

    /// The steps so far.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// All data of the script in one piece, up to its first error or silence.
    pub fn whole(&self) -> Bytes {
        let mut whole = Vec::new();
        for step in &self.steps {
            match step {
                Step::Data(data) => whole.extend_from_slice(data),
                Step::Error(_) | Step::Never => break,
                Step::Trailers(_) | Step::Pending | Step::Gate => {}
            }
        }
        whole.into()
    }

    /// A body that plays the script from its beginning.
    #[must_use]
    pub fn body(&self) -> TestBody {
        TestBody::new(self.clone())
    }
}

impl Default for Script {
    fn default() -> Self {
        Self::new()
    }
}

/// One frame of data for each piece.
impl<T: Into<Bytes>> FromIterator<T> for Script {
    fn from_iter<I: IntoIterator<Item = T>>(pieces: I) -> Self {
        pieces.into_iter().fold(Self::new(), Self::data)
    }
}
