/// Why a layer answered by itself: an extension on a response for which no provider was asked.
///
/// Layers above read it: a router goes on to the next deployment at once, a breaker counts no failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rejection {
    /// The request is malformed, or asks for something that cannot be had.
    Invalid,
    /// The request is larger than allowed.
    TooLarge,
    /// The caller's key is missing or wrong.
    Unauthenticated,
    /// The caller may not do this.
    Forbidden,
    /// No such model, deployment or path.
    NotFound,
    /// A limit on requests, tokens or money is used up, at this deployment: another may do.
    Limited,
    /// A quota of the caller's, or of all calls, is used up or cannot be looked up. It holds wherever the call would go:
    /// a router need not ask another deployment.
    QuotaExceeded,
    /// The circuit of the only deployment is open.
    CircuitOpen,
    /// The request holds something that must not leave.
    Blocked,
    /// The deadline passed before an answer began. With a [`FailureKind`](crate::FailureKind) beside it a provider was
    /// asked, and may bill what it was asked, although it is not to blame.
    TimedOut,
    /// The provider could not be reached.
    Unreachable,
}
