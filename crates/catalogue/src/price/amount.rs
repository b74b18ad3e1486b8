//! Exact decimals as a row has them, and the integers that they become.

use std::fmt;

use rust_decimal::Decimal;
use serde::de::{Deserialize, Deserializer, Error as _, Visitor};

use super::meter::Meter;

/// Decimals of an amount of money in integers: 10^-15 USD. A price of up to nine decimals for a million tokens is a
/// whole number of them for one.
pub(crate) const FEMTOS: u32 = 15;

/// USD, or a factor, as somebody wrote it: digits and a point, within quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Amount(pub(crate) Decimal);

impl Amount {
    fn parse(text: &str) -> Option<Self> {
        // The parser takes signs and underscores too, which no price has.
        let is_plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        is_plain.then(|| Decimal::from_str_exact(text).ok().map(Self)).flatten()
    }

    /// The price of one unit; `None` where it is none in whole femtos, or more than 18,000 USD.
    pub(crate) fn rate(self, meter: Meter) -> Option<u64> {
        let amount = self.0.normalize();
        let zeros = meter.shift().checked_sub(amount.scale())?;
        let whole = amount.mantissa().checked_mul(10_i128.checked_pow(zeros)?)?;
        u64::try_from(whole).ok()
    }

    /// A rate times this; `None` as in [`rate`](Self::rate).
    pub(crate) fn times(self, rate: u64) -> Option<u64> {
        let factor = self.0.normalize();
        let product = factor.mantissa().checked_mul(i128::from(rate))?;
        let unit = 10_i128.checked_pow(factor.scale())?;
        (product % unit == 0).then(|| u64::try_from(product / unit).ok()).flatten()
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Amount;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a decimal within quotes, such as \"0.15\"")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Amount, E> {
                Amount::parse(text).ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(text), &self))
            }
        }

        deserializer.deserialize_str(Text).map_err(D::Error::custom)
    }
}

/// An amount in femtos as a decimal: exact up to 28 digits, and rounded behind them.
pub(crate) fn usd(femtos: u128) -> Decimal {
    let (mut whole, mut scale) = (femtos, FEMTOS);
    loop {
        let decimal = i128::try_from(whole).ok().and_then(|n| Decimal::try_from_i128_with_scale(n, scale).ok());
        match (decimal, scale) {
            (Some(decimal), _) => return decimal.normalize(),
            // 2^128 femtos have 24 digits before the point.
            (None, 0) => return Decimal::MAX,
            (None, _) => {
                whole = whole / 10 + u128::from(whole % 10 >= 5);
                scale -= 1;
            }
        }
    }
}

/// The price of one unit as a row would have it.
pub(crate) fn as_written(rate: u64, meter: Meter) -> Decimal {
    Decimal::try_from_i128_with_scale(i128::from(rate), meter.shift()).unwrap_or_default().normalize()
}
