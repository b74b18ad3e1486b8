use std::fmt;

/// One thing that a well-behaved layer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// The service that is called is the one that was readied.
    ReadyBeforeCall,
    /// An inner service that is not ready is waited for.
    ReadinessPending,
    /// An inner service whose readiness fails is not called, and the failure is told.
    ReadinessError,
    /// Each call has a readiness of its own.
    ReadyAgain,
    /// The service and its clones work at the same time.
    Concurrent,
    /// A service dropped between readiness and call gives back what readiness took.
    DropBeforeCall,
    /// A response future dropped midway drops the inner future.
    DropFuture,
    /// A response body dropped midway drops the inner body.
    DropBody,
    /// An inner error comes out as it is.
    ErrorPassedOn,
    /// Extensions and unknown headers of the request reach the inner service.
    RequestKept,
    /// Extensions and unknown headers of the response reach the caller.
    ResponseKept,
}

impl Rule {
    /// All rules, in the order in which they are checked.
    pub const ALL: [Self; 11] = [
        Self::ReadyBeforeCall,
        Self::ReadinessPending,
        Self::ReadinessError,
        Self::ReadyAgain,
        Self::Concurrent,
        Self::DropBeforeCall,
        Self::DropFuture,
        Self::DropBody,
        Self::ErrorPassedOn,
        Self::RequestKept,
        Self::ResponseKept,
    ];

    /// The name that failures begin with.
    pub fn name(self) -> &'static str {
        match self {
            Self::ReadyBeforeCall => "ready-before-call",
            Self::ReadinessPending => "readiness-pending",
            Self::ReadinessError => "readiness-error",
            Self::ReadyAgain => "ready-again",
            Self::Concurrent => "concurrent",
            Self::DropBeforeCall => "drop-before-call",
            Self::DropFuture => "drop-future",
            Self::DropBody => "drop-body",
            Self::ErrorPassedOn => "error-passed-on",
            Self::RequestKept => "request-kept",
            Self::ResponseKept => "response-kept",
        }
    }

    /// What to do when it is broken.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::ReadyBeforeCall => {
                "call the very service that `poll_ready` readied. To move it into a future, leave a clone in its \
                 place: `let clone = self.inner.clone(); let inner = std::mem::replace(&mut self.inner, clone);`"
            }
            Self::ReadinessPending => {
                "return what `self.inner.poll_ready(cx)` returns, or await readiness inside the future, and \
                 hand the task's own context down so that it is woken"
            }
            Self::ReadinessError => {
                "return the error of `self.inner.poll_ready(cx)?`, or answer with an error status, and call \
                 no service whose readiness failed"
            }
            Self::ReadyAgain => {
                "poll the inner readiness each time `poll_ready` is called, and before each attempt of one \
                 call; keep no flag from earlier"
            }
            Self::Concurrent => {
                "hold no lock and no permit across the inner call that another clone needs; keep what is \
                 shared in an `Arc`, what belongs to a call in its future"
            }
            Self::DropBeforeCall => {
                "let the readied inner service go with the service that owns it; keep it in no shared place"
            }
            Self::DropFuture => {
                "own the inner future in your own; spawn nothing per request, for a task goes on when its \
                 caller is gone"
            }
            Self::DropBody => {
                "own the inner body in your own; feed no channel from a task, for the provider would go on \
                 sending to nobody"
            }
            Self::ErrorPassedOn => {
                "use the inner service's error type and return the error as it came; refuse by a `Response`, \
                 never by an `Err` of your own"
            }
            Self::RequestKept => {
                "change the request in place, or take it apart by `into_parts` and put the same parts back; \
                 do not build a new one"
            }
            Self::ResponseKept => {
                "change the response in place, or take it apart by `into_parts` and put the same parts back; \
                 do not build a new one"
            }
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A rule, and how it was seen broken.
#[derive(Clone, Debug)]
pub(crate) struct Breach {
    pub(crate) rule: Rule,
    pub(crate) seen: String,
}

impl Breach {
    pub(crate) fn new(rule: Rule, seen: impl Into<String>) -> Self {
        Self { rule, seen: seen.into() }
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, seen } = self;
        write!(f, "layer contract broken, rule `{rule}`: {seen}\n  what to do: {}", rule.remedy())
    }
}
