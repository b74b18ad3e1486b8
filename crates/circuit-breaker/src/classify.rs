use http::Response;
use llm_layers_core::{End, FailureKind, Rejection};

/// What an answer says of the provider that gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The provider does well.
    Success,
    /// It does not, in this way.
    Failure(FailureKind),
    /// The answer says nothing of how it does: the request is at fault, or a layer has refused it.
    Ignore,
    /// The provider does not serve us: no key, no permission, no money. The breaker opens at once.
    Auth(FailureKind),
}

/// Tells what an answer says of its provider.
///
/// A closure from a head to a verdict is one; [`ByKind`] is the default.
///
/// ```
/// use http::Response;
/// use llm_layers_circuit_breaker::{ByKind, CircuitBreakerLayer, Classify, Verdict};
///
/// let layer = CircuitBreakerLayer::default().classify(|head: &Response<()>| match head.status().as_u16() {
///     418 => Verdict::Ignore,
///     _ => ByKind::default().head(head),
/// });
/// # let _ = layer;
/// ```
pub trait Classify: Send + Sync + 'static {
    /// Judges an answer by its head, before its body. Any verdict but a success is the last word.
    fn head(&self, head: &Response<()>) -> Verdict;

    /// Judges an answer whose head was a success, and whose stream then tells of an error. By default as an answer of
    /// the status that goes with that kind.
    fn error(&self, kind: FailureKind) -> Verdict {
        let mut head = Response::new(());
        *head.status_mut() = kind.status();
        head.extensions_mut().insert(kind);
        self.head(&head)
    }

    /// Judges an answer whose head was a success by how its body has ended. By default one that broke off is a
    /// failure, and one that nobody read to its end counts for nothing.
    fn end(&self, end: End) -> Verdict {
        match end {
            End::Complete => Verdict::Success,
            End::Failed => Verdict::Failure(FailureKind::Upstream),
            End::Cancelled => Verdict::Ignore,
        }
    }
}

impl<F: Fn(&Response<()>) -> Verdict + Send + Sync + 'static> Classify for F {
    fn head(&self, head: &Response<()>) -> Verdict {
        self(head)
    }
}

/// Judges by the [`FailureKind`] of an answer.
///
/// | kind | verdict |
/// | --- | --- |
/// | unreachable, timeout, upstream, overloaded, malformed | failure |
/// | rate limit | failure, or nothing |
/// | unauthenticated, forbidden, quota | opens at once, or nothing |
/// | all others, and what a layer refused | nothing |
#[derive(Clone, Copy, Debug)]
pub struct ByKind {
    rate_limits: bool,
    auth: bool,
}

impl ByKind {
    /// Sets whether a rate limit is a failure. Default yes.
    #[must_use]
    pub const fn rate_limits(mut self, fail: bool) -> Self {
        self.rate_limits = fail;
        self
    }

    /// Sets whether a refused key, a missing permission or a spent quota opens the breaker. Default yes. Say no where
    /// callers bring keys of their own: one bad key would close the door to all.
    #[must_use]
    pub const fn auth(mut self, opens: bool) -> Self {
        self.auth = opens;
        self
    }
}

impl Default for ByKind {
    fn default() -> Self {
        Self { rate_limits: true, auth: true }
    }
}

impl Classify for ByKind {
    fn head(&self, head: &Response<()>) -> Verdict {
        if head.extensions().get::<Rejection>().is_some() {
            // Of a layer's refusal no provider knows.
            return Verdict::Ignore;
        }
        let Some(kind) = FailureKind::of(head) else { return Verdict::Success };
        match kind {
            FailureKind::Unreachable
            | FailureKind::Timeout
            | FailureKind::Upstream
            | FailureKind::Overloaded
            | FailureKind::Malformed => Verdict::Failure(kind),
            FailureKind::RateLimit if self.rate_limits => Verdict::Failure(kind),
            FailureKind::Unauthenticated | FailureKind::Forbidden | FailureKind::Quota if self.auth => {
                Verdict::Auth(kind)
            }
            _ => Verdict::Ignore,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16) -> Verdict {
        ByKind::default().head(&Response::builder().status(status).body(()).unwrap())
    }

    #[test]
    fn each_status_has_its_verdict() {
        for status in [200, 204, 304] {
            assert_eq!(of(status), Verdict::Success, "{status}");
        }
        for status in [400, 404, 409, 413, 422, 425, 501, 505] {
            assert_eq!(of(status), Verdict::Ignore, "{status}");
        }
        for status in [408, 429, 500, 502, 503, 504, 520, 524, 529] {
            assert!(matches!(of(status), Verdict::Failure(_)), "{status}");
        }
        for status in [401, 402, 403] {
            assert!(matches!(of(status), Verdict::Auth(_)), "{status}");
        }
    }

    #[test]
    fn a_refusal_of_a_layer_counts_for_nothing() {
        for status in [200, 401, 429, 503] {
            let head = Response::builder().status(status).extension(Rejection::Limited).body(()).unwrap();
            assert_eq!(ByKind::default().head(&head), Verdict::Ignore, "{status}");
        }
    }

    #[test]
    fn what_is_switched_off_counts_for_nothing() {
        let lenient = ByKind::default().rate_limits(false).auth(false);
        for status in [401, 403, 429] {
            let head = Response::builder().status(status).body(()).unwrap();
            assert_eq!(lenient.head(&head), Verdict::Ignore, "{status}");
        }
    }
}
