use std::{borrow::Cow, fmt, time::Duration};

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
    fn a_time_is_above_zero_and_an_error_names_its_member() {
        assert_eq!(ConfigError::time("a.b", "1m30s"), Ok(Duration::from_secs(90)));
        for bad in ["", "0s", "0.0000000001s", "30", "soon"] {
            let error = ConfigError::time("a.b", bad).expect_err(bad);
            assert_eq!(error.member(), "a.b");
            assert!(error.to_string().starts_with("`a.b`: must be a time above zero"), "{error}");
        }
    }
}
