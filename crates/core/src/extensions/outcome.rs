use rust_decimal::Decimal;

/// How many attempts an answer took; none, where a cache gave it. An extension of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attempts(pub u32);

/// What an answer cost, in US dollars, exactly. An extension of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cost(pub Decimal);

/// No provider gave this answer: the call to it failed, and [`ErrorToResponse`](crate::ErrorToResponse) says so. An
/// extension of a response.
///
/// Unlike a [`Rejection`](crate::Rejection), it counts against the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unanswered;
