use std::time::Duration;

use llm_layers_core::FailureKind;

/// Which failures are tried again, and how often.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    pub(crate) max_attempts: u32,
    /// What was set for a kind by itself, in the order of [`FailureKind::index`].
    pub(crate) attempts: [Option<u32>; FailureKind::COUNT],
    pub(crate) max_wait: Duration,
}

/// What is known of an attempt that failed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failed {
    pub(crate) kind: FailureKind,
    /// When to try again, by the provider (`retry-after`).
    pub(crate) wait: Option<Duration>,
    /// Whether to try again, by the provider (`x-should-retry`).
    pub(crate) should_retry: Option<bool>,
}

/// How long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    /// As long as the provider asked for.
    Asked(Duration),
    Backoff,
}

/// Why there is no further attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The same call would fail the same way.
    Final,
    /// The provider has said so.
    Forbidden,
    /// There were as many as there may be.
    Attempts,
    /// The provider asks for a longer wait than is waited.
    LongWait,
    /// It would begin after the deadline.
    Deadline,
    /// Too many calls are retried already.
    Budget,
}

impl Reason {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Final => "final",
            Self::Forbidden => "forbidden",
            Self::Attempts => "attempts",
            Self::LongWait => "long_wait",
            Self::Deadline => "deadline",
            Self::Budget => "budget",
        }
    }
}

impl Rules {
    /// Whether a call that has failed so after so many attempts is tried again, and after what wait.
    pub(crate) fn judge(&self, failed: &Failed, attempts: u32) -> Result<Wait, Reason> {
        let by_table = failed.kind.is_retryable();
        match failed.should_retry {
            // Money does not come back by asking.
            Some(true) if failed.kind != FailureKind::Quota => {}
            Some(false) if by_table => return Err(Reason::Forbidden),
            None if by_table => {}
            _ => return Err(Reason::Final),
        }
        if attempts >= self.limit(failed.kind) {
            return Err(Reason::Attempts);
        }
        match failed.wait {
            Some(wait) if wait > self.max_wait => Err(Reason::LongWait),
            // "At once" is what all the others were told too.
            Some(wait) if !wait.is_zero() => Ok(Wait::Asked(wait)),
            _ => Ok(Wait::Backoff),
        }
    }

    /// How many attempts there may be when the latest has failed so.
    fn limit(&self, kind: FailureKind) -> u32 {
        match self.attempts.get(kind.index()).copied().flatten() {
            Some(attempts) => attempts,
            // A model that answers nonsense twice means it.
            None if kind == FailureKind::Malformed => self.max_attempts.min(2),
            None => self.max_attempts,
        }
    }

    /// Whether no failure is ever tried again.
    pub(crate) fn are_off(&self) -> bool {
        self.max_attempts <= 1 && self.attempts.iter().flatten().all(|attempts| *attempts <= 1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RULES: Rules =
        Rules { max_attempts: 3, attempts: [None; FailureKind::COUNT], max_wait: Duration::from_secs(30) };

    fn failed(status: u16) -> Failed {
        Failed { kind: FailureKind::of_status(status), wait: None, should_retry: None }
    }

    #[test]
    fn statuses() {
        for status in [408, 409, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529] {
            assert_eq!(RULES.judge(&failed(status), 1), Ok(Wait::Backoff), "{status}");
        }
        for status in [400, 401, 402, 403, 404, 405, 410, 413, 415, 422, 451, 501, 505] {
            assert_eq!(RULES.judge(&failed(status), 1), Err(Reason::Final), "{status}");
        }
    }

    #[test]
    fn kinds() {
        for kind in FailureKind::ALL {
            let failed = Failed { kind, wait: None, should_retry: None };
            let again = RULES.judge(&failed, 1).is_ok();
            assert_eq!(again, kind.is_retryable(), "{kind:?}");
            let attempts = (1..10).take_while(|attempts| RULES.judge(&failed, *attempts).is_ok()).count() + 1;
            let expected = match kind {
                _ if !again => 1,
                FailureKind::Malformed => 2,
                _ => 3,
            };
            assert_eq!(attempts, expected, "{kind:?}");
        }
    }

    #[test]
    fn a_kind_has_its_own_number() {
        let mut rules = RULES;
        rules.attempts[FailureKind::RateLimit.index()] = Some(5);
        rules.attempts[FailureKind::Timeout.index()] = Some(1);
        assert!(rules.judge(&failed(429), 4).is_ok());
        assert_eq!(rules.judge(&failed(429), 5), Err(Reason::Attempts));
        assert_eq!(rules.judge(&failed(504), 1), Err(Reason::Attempts));
        assert_eq!(rules.judge(&failed(503), 3), Err(Reason::Attempts));
    }

    #[test]
    fn the_provider_has_a_word_in_it() {
        let told = |status, should_retry| Failed { should_retry: Some(should_retry), ..failed(status) };
        assert_eq!(RULES.judge(&told(503, false), 1), Err(Reason::Forbidden));
        assert_eq!(RULES.judge(&told(400, false), 1), Err(Reason::Final));
        assert_eq!(RULES.judge(&told(400, true), 1), Ok(Wait::Backoff));
        assert_eq!(RULES.judge(&told(400, true), 3), Err(Reason::Attempts));
        assert_eq!(RULES.judge(&told(402, true), 1), Err(Reason::Final), "a quota that is used up");

        let asked = |millis| Failed { wait: Some(Duration::from_millis(millis)), ..failed(429) };
        assert_eq!(RULES.judge(&asked(0), 1), Ok(Wait::Backoff));
        assert_eq!(RULES.judge(&asked(20), 1), Ok(Wait::Asked(Duration::from_millis(20))));
        assert_eq!(RULES.judge(&asked(30_000), 1), Ok(Wait::Asked(Duration::from_secs(30))));
        assert_eq!(RULES.judge(&asked(30_001), 1), Err(Reason::LongWait));
        assert_eq!(RULES.judge(&asked(30_001), 3), Err(Reason::Attempts), "whoever waits gets no further");
    }

    proptest! {
        #[test]
        fn every_call_comes_to_an_end(
            max_attempts in 1_u32..9,
            own in proptest::option::of(1_u32..9),
            failures in proptest::collection::vec((0..FailureKind::COUNT, proptest::option::of(any::<bool>())), 20),
        ) {
            let rules = Rules { max_attempts, attempts: [own; FailureKind::COUNT], max_wait: Duration::ZERO };
            let attempts = failures.iter().zip(1..).take_while(|((kind, should_retry), attempts)| {
                let kind = FailureKind::ALL[*kind];
                rules.judge(&Failed { kind, wait: None, should_retry: *should_retry }, *attempts).is_ok()
            });
            prop_assert!(attempts.count() < own.unwrap_or(max_attempts) as usize);
            prop_assert!(!rules.are_off() || failures.is_empty() || own.unwrap_or(max_attempts) == 1);
        }
    }
}
