//! What a call costs, line by line.

use std::fmt;

use rust_decimal::Decimal;

use super::meter::Meter;

/// What a call costs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bill {
    /// USD in all.
    pub total: Decimal,
    /// What it is made of, in the order of [`Meter::ALL`].
    pub lines: Vec<Line>,
}

/// One line of a bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Line {
    /// What was measured.
    pub meter: Meter,
    /// How much of it: tokens, characters, images, calls, milliseconds.
    pub quantity: u64,
    /// USD for a million tokens or characters, a second, an image or a call.
    pub price: Decimal,
    /// USD for this line.
    pub amount: Decimal,
}

/// A call has something of which the price is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownPrice {
    /// What that is.
    pub meter: Meter,
}

impl fmt::Display for UnknownPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the price of `{}` is not known", self.meter)
    }
}

impl std::error::Error for UnknownPrice {}
