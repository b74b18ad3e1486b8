use std::{borrow::Cow, fmt, ops::RangeInclusive, time::Duration};

use crate::duration;

/// A member of a configuration that makes no sense: which, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    member: Cow<'static, str>,
    why: Cow<'static, str>,
}

impl ConfigError {
    /// An error of this member: what it must be, or is not.
    #[must_use]
    pub fn new(member: impl Into<Cow<'static, str>>, why: impl Into<Cow<'static, str>>) -> Self {
        Self { member: member.into(), why: why.into() }
    }

    /// The member at fault, with those that hold it: `hedge.after`.
    #[must_use]
    pub fn member(&self) -> &str {
        &self.member
    }

    /// Reads a member that is a time.
    ///
    /// # Errors
    /// It is none, or none above zero.
    pub fn time(member: &'static str, text: &str) -> Result<Duration, Self> {
        const WHY: &str = "must be a time above zero with a unit, such as \"500ms\", \"30s\", \"10m\" or \"1h\"";
        duration::parse(text).filter(|time| !time.is_zero()).ok_or_else(|| Self::new(member, WHY))
    }

    /// A member that is a number within bounds.
    ///
    /// # Errors
    /// It is outside of them, or no number.
    pub fn within<T>(member: impl Into<Cow<'static, str>>, value: T, range: RangeInclusive<T>) -> Result<T, Self>
    where
        T: PartialOrd + fmt::Display,
    {
        if range.contains(&value) {
            return Ok(value);
        }
        let (least, most) = range.into_inner();
        Err(Self::new(member, format!("{value} is not from {least} to {most}")))
    }

    /// A member that is one of some words, each of which means something.
    ///
    /// # Errors
    /// It is none of them; they are all named.
    pub fn one_of<T: Clone>(member: impl Into<Cow<'static, str>>, word: &str, words: &[(&str, T)]) -> Result<T, Self> {
        if let Some((_, meaning)) = words.iter().find(|(known, _)| *known == word) {
            return Ok(meaning.clone());
        }
        let known: Vec<&str> = words.iter().map(|(known, _)| *known).collect();
        Err(Self::new(member, format!("`{word}` is none of {}", known.join(", "))))
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.member, self.why)
    }
}

impl std::error::Error for ConfigError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_belong_to_what_is_allowed() {
        let within = |value: f64| ConfigError::within("a", value, 0.5..=2.0).map_err(|error| error.to_string());
        assert_eq!((within(0.5), within(2.0)), (Ok(0.5), Ok(2.0)));
        for bad in [0.4, 2.1, f64::NAN] {
            assert_eq!(within(bad), Err(format!("`a`: {bad} is not from 0.5 to 2")));
        }
    }

    #[test]
    fn words_are_known_or_named() {
        let words = [("small", 1), ("large", 2)];
        assert_eq!(ConfigError::one_of("size", "large", &words), Ok(2));
        let error = ConfigError::one_of("size", "huge", &words).expect_err("no such word");
        assert_eq!(error.to_string(), "`size`: `huge` is none of small, large");
    }

    #[test]
    fn a_time_is_above_zero_and_an_error_names_its_member() {
        assert_eq!(ConfigError::time("a.b", "1m30s"), Ok(Duration::from_secs(90)));
        for bad in ["", "0s", "0.0000000001s", "30", "soon"] {
            let error = ConfigError::time("a.b", bad).expect_err(bad);
            assert_eq!(error.member(), "a.b");
            assert!(error.to_string().starts_with("`a.b`: must be a time above zero"), "{error}");
        }
    }
}
