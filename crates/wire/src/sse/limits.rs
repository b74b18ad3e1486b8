/// Bounds on what the decoder holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of one line. Default 1 MiB.
    pub max_line: usize,
    /// Bytes of one event, all of its lines together. Default 4 MiB.
    pub max_event: usize,
}

impl Limits {
    /// The defaults.
    pub const DEFAULT: Self = Self { max_line: 1 << 20, max_event: 4 << 20 };

    /// Sets the longest line that is accepted, in bytes.
    #[must_use]
    pub const fn with_max_line(mut self, bytes: usize) -> Self {
        self.max_line = bytes;
        self
    }

    /// Sets the largest event that is accepted, in bytes.
    #[must_use]
    pub const fn with_max_event(mut self, bytes: usize) -> Self {
        self.max_event = bytes;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
