use std::{fmt::Display, sync::Arc};

/// What all keys of a store begin with. It is their hash tag: one script can see the keys of one slot of a cluster only.
///
/// ```
/// use llm_layers_redis::Prefix;
///
/// let prefix = Prefix::new("team-a", "llm-budgets");
/// assert_eq!(prefix.key("caller:7"), "{team-a}:caller:7");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefix(Arc<str>);

impl Prefix {
    /// This text without any braces, which would end the hash tag; or the default where nothing is left of it, for an
    /// empty tag is none, and the keys of one call would lie in several slots.
    #[must_use]
    pub fn new(text: &str, default: &str) -> Self {
        let plain = text.replace(['{', '}'], "");
        Self(if plain.is_empty() { default } else { &plain }.into())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A key, by what comes after the prefix.
    #[must_use]
    pub fn key(&self, rest: impl Display) -> String {
        format!("{{{}}}:{rest}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_tag_is_never_empty_and_never_ends_early() {
        for (text, key) in [("a", "{a}:1"), ("{a}b}{", "{ab}:1"), ("", "{d}:1"), ("{}", "{d}:1")] {
            assert_eq!(Prefix::new(text, "d").key(1), key, "{text}");
        }
    }
}
