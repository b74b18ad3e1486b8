use std::{fmt, str::FromStr, time::Duration};

use llm_layers_core::duration;

/// When a call counts as slow.
///
/// ```
/// use std::time::Duration;
/// use llm_layers_retry::After;
///
/// assert_eq!("p95".parse(), Ok(After::Quantile(0.95)));
/// assert_eq!("800ms".parse(), Ok(After::Fixed(Duration::from_millis(800))));
/// assert!("p101".parse::<After>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum After {
    /// Once it has taken longer to begin than this share of the calls of late, from 0 to 1.
    Quantile(f64),
    /// Once it has taken this long to begin.
    Fixed(Duration),
}

/// Neither a quantile nor a duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NoAfter;

impl fmt::Display for NoAfter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(r#"neither a quantile such as "p95" nor a duration such as "800ms""#)
    }
}

impl std::error::Error for NoAfter {}

impl FromStr for After {
    type Err = NoAfter;

    fn from_str(text: &str) -> Result<Self, NoAfter> {
        match text.strip_prefix('p') {
            Some(percent) => {
                let percent: f64 = percent.parse().map_err(|_| NoAfter)?;
                (0.0..100.0).contains(&percent).then_some(Self::Quantile(percent / 100.0)).ok_or(NoAfter)
            }
            None => duration::parse(text).map(Self::Fixed).ok_or(NoAfter),
        }
    }
}
