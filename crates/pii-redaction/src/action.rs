use std::sync::Arc;

/// What is done about what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// `<EMAIL_7f3a09c2>` leaves in its place, and the value is put back wherever the model repeats that.
    Placeholder,
    /// `****1111`: the last four of a number with eight digits and letters or more, and nothing of anything else; an email
    /// address becomes `****@****`.
    Mask,
    /// `<EMAIL:h:b2a7f3a09c2d4e5f>`, a keyed hash: the same for the same value of the same caller, and nobody without the
    /// key can find the value by trying. Without a [key](crate::Rules::key), it is so within one request.
    Hash,
    /// This text.
    Replace(Arc<str>),
    /// A plausible one of the same shape which is nobody's, because its range is set aside for examples or it breaks its
    /// scheme's rule; the same for the same value, as [`Hash`](Self::Hash), unless another value of the request has it
    /// already. Kinds without such a range, or one that is used up, get noughts for digits and an X for each letter: these
    /// cannot be told apart.
    Fake,
    /// `<EMAIL:e:…>`, the value encrypted with AES-256-GCM-SIV: who holds the [key](crate::Rules::key) can
    /// [decrypt](crate::decrypt) it. Equal values of the same caller give equal texts.
    Encrypt,
    /// The call is refused: 400, with kinds and counts, and no value.
    Block,
    /// It leaves as it is, and is counted.
    Report,
    /// Nothing.
    Ignore,
}

impl Action {
    /// Its name in settings, reports and metrics.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Placeholder => "placeholder",
            Self::Mask => "mask",
            Self::Hash => "hash",
            Self::Replace(_) => "replace",
            Self::Fake => "fake",
            Self::Encrypt => "encrypt",
            Self::Block => "block",
            Self::Report => "report",
            Self::Ignore => "off",
        }
    }

    /// Whether something else takes the value's place.
    #[must_use]
    pub(crate) const fn replaces(&self) -> bool {
        !matches!(self, Self::Block | Self::Report | Self::Ignore)
    }
}
