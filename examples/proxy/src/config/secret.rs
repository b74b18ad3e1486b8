//! A value that nobody may see by accident.

/// A key: wiped from memory when dropped, and without `Debug`, `Display` or `Serialize`, so that no
/// log line, error or dump of the configuration can hold it.
#[expect(
    missing_debug_implementations,
    reason = "a secret must not be printable"
)]
pub struct Secret(zeroize::Zeroizing<String>);

impl Secret {
    /// Takes a secret over; the copy inside is the one that is wiped.
    #[must_use]
    pub fn new(secret: String) -> Self {
        Self(zeroize::Zeroizing::new(secret))
    }

    /// The secret itself, for the one place that sends or compares it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}
