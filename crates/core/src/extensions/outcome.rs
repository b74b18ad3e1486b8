use rust_decimal::Decimal;

/// How many attempts an answer took. An extension of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attempts(pub u32);

/// What an answer cost, in US dollars, exactly. An extension of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cost(pub Decimal);
