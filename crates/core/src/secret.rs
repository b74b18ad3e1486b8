use http::{HeaderValue, header::InvalidHeaderValue};
use zeroize::Zeroizing;

/// A key or password. It can be neither printed nor serialised nor compared, and is overwritten when dropped.
///
/// There is no `Debug` on purpose: what holds a secret and derives `Debug` does not compile.
///
/// ```compile_fail
/// println!("{:?}", llm_layers_core::Secret::new("key"));
/// ```
#[derive(Clone)]
#[allow(missing_debug_implementations, reason = "a secret must not be printed")]
pub struct Secret(Zeroizing<Box<str>>);

impl Secret {
    /// Keeps a secret.
    #[must_use]
    pub fn new(secret: impl Into<Box<str>>) -> Self {
        Self(Zeroizing::new(secret.into()))
    }

    /// The secret itself. Look twice at every call.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether the other one is the same, in a time that does not tell where they differ.
    #[must_use]
    pub fn is(&self, other: &str) -> bool {
        let (mine, other) = (self.expose().as_bytes(), other.as_bytes());
        let differ = mine.iter().zip(other).fold(0, |differ, (a, b)| differ | (a ^ b));
        std::hint::black_box(differ) == 0 && mine.len() == other.len()
    }

    /// The secret as a header, marked as sensitive, after a prefix such as `Bearer `.
    ///
    /// # Errors
    /// It holds characters that no header may hold.
    pub fn to_header(&self, prefix: &str) -> Result<HeaderValue, InvalidHeaderValue> {
        let text = Zeroizing::new([prefix, self.expose()].concat());
        let mut value = HeaderValue::from_str(&text)?;
        value.set_sensitive(true);
        Ok(value)
    }
}
