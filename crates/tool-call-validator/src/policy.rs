/// What happens to calls that are not valid: of one tool, or by default.
///
/// Each step is taken if it is switched on and the one before it did not help: repair, ask again, and then reject or report.
///
/// ```
/// use llm_layers_tool_call_validator::{OnInvalid, Policy};
///
/// // Never changed, asked for once more, and then passed on with a mark.
/// let lenient = Policy::new().repair(false).max_reasks(1).on_invalid(OnInvalid::Report);
/// # let _ = lenient;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    pub(crate) repair: bool,
    pub(crate) max_reasks: u32,
    pub(crate) on_invalid: OnInvalid,
}

/// What happens in the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum OnInvalid {
    /// The answer becomes a 502 `invalid_tool_call`; in a stream, the error event that ends it.
    #[default]
    Reject,
    /// It is passed on with a mark.
    Report,
}

impl Policy {
    /// A model that has not got it right after so many times will not.
    pub const MOST_REASKS: u32 = 8;

    /// Repairs, asks nobody again, and rejects.
    #[must_use]
    pub const fn new() -> Self {
        Self { repair: true, max_reasks: 0, on_invalid: OnInvalid::Reject }
    }

    /// Whether mistakes are mended of which there is one reading. Default `true`.
    #[must_use]
    pub const fn repair(mut self, yes: bool) -> Self {
        self.repair = yes;
        self
    }

    /// How often the model may be asked again, with what was wrong. Each time costs a whole answer. Default 0, at
    /// most [`MOST_REASKS`](Self::MOST_REASKS).
    #[must_use]
    pub const fn max_reasks(mut self, times: u32) -> Self {
        self.max_reasks = if times > Self::MOST_REASKS { Self::MOST_REASKS } else { times };
        self
    }

    /// What happens to what is still invalid. Default [`OnInvalid::Reject`].
    #[must_use]
    pub const fn on_invalid(mut self, what: OnInvalid) -> Self {
        self.on_invalid = what;
        self
    }

    /// Whether a call must be seen whole before anything of it may be handed on.
    pub(crate) const fn holds(&self) -> bool {
        self.repair || self.max_reasks > 0 || matches!(self.on_invalid, OnInvalid::Reject)
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::new()
    }
}
