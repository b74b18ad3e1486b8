use crate::{
    Family,
    estimate::{Estimator, Sum},
    exact,
    text::Text,
};

/// Bytes that are counted one by one before sampling begins.
pub(crate) const EXACT: usize = 32 << 10;

/// Bytes of a window.
const WINDOW: usize = 2 << 10;

/// One byte in so many is counted where a prompt is sampled.
const SPARSE: usize = 64;

/// Counts the texts of one prompt in bounded time.
///
/// What goes beyond the first bytes is estimated, and the estimate set right by windows that lie evenly over the text
/// and are counted both ways. The same text has the same windows.
pub(crate) struct Counter {
    family: Family,
    estimator: &'static Estimator,
    /// Bytes that may yet be counted.
    left: usize,
    /// The windows of all texts.
    sample: Sample,
    scratch: String,
    is_exact: bool,
    has_assumed: bool,
}

/// The same bytes, counted and estimated.
#[derive(Clone, Copy, Default)]
struct Sample {
    counted: u64,
    estimated: u64,
}

impl Sample {
    fn add(&mut self, counted: u64, estimated: u64) {
        self.counted = self.counted.saturating_add(counted);
        self.estimated = self.estimated.saturating_add(estimated);
    }

    /// The estimate, set right by what the sample tells.
    fn correct(self, estimate: u64) -> u64 {
        if self.estimated == 0 {
            return estimate;
        }
        let corrected = u128::from(estimate) * u128::from(self.counted) / u128::from(self.estimated);
        u64::try_from(corrected).unwrap_or(u64::MAX)
    }
}

impl Counter {
    pub(crate) fn new(family: Family) -> Self {
        Self {
            family,
            estimator: Estimator::of(family),
            left: EXACT,
            sample: Sample::default(),
            scratch: String::new(),
            is_exact: true,
            has_assumed: false,
        }
    }

    /// Whether all that was counted so far was counted by the tokenizer itself.
    pub(crate) fn is_exact(&self) -> bool {
        self.is_exact
    }

    /// Something was assumed, beside the text.
    pub(crate) fn assumes(&mut self) {
        (self.is_exact, self.has_assumed) = (false, true);
    }

    pub(crate) fn has_assumed(&self) -> bool {
        self.has_assumed
    }

    pub(crate) fn count(&mut self, text: Text<'_>) -> u64 {
        if text.raw().is_empty() {
            return 0;
        }
        if !exact::is_known(self.family) {
            self.is_exact = false;
            return self.estimate(text);
        }
        let length = text.raw().len();
        if length <= self.left {
            self.left -= length;
            let counted = self.exactly(text);
            let estimated = self.estimate(text);
            self.sample.add(counted, estimated);
            return counted;
        }
        self.is_exact = false;
        self.sampled(text)
    }

    fn sampled(&mut self, text: Text<'_>) -> u64 {
        let length = text.raw().len();
        self.left += length / SPARSE;
        let windows = self.left / WINDOW;
        self.left -= windows * WINDOW;
        let mut own = Sample::default();
        for window in 0..windows {
            // In the middle of each of as many equal parts.
            let part = length / windows;
            let window = text.window(window * part + part.saturating_sub(WINDOW) / 2, WINDOW);
            own.add(self.exactly(window), self.estimate(window));
        }
        self.sample.add(own.counted, own.estimated);
        // A few windows say less about this text than all texts do.
        let sample = if windows < 4 { self.sample } else { own };
        sample.correct(self.estimate(text))
    }

    fn exactly(&mut self, text: Text<'_>) -> u64 {
        exact::count(self.family, text.decoded(&mut self.scratch)).unwrap_or(0)
    }

    fn estimate(&mut self, text: Text<'_>) -> u64 {
        let mut sum = Sum::default();
        text.pieces(&mut self.scratch, |piece| self.estimator.add(&mut sum, piece.as_bytes()));
        sum.tokens()
    }
}
