//! Settings of a budget, as a file has them.

use std::fmt;

use llm_layers_core::ConfigError;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, de};

use super::{Limit, Per, Status};

/// A budget in a file: `{ usd = "20.00", per = "day", soft = 0.8, status = 402 }`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct BudgetConfig {
    /// US dollars, exactly: `"20.00"`, or a whole number.
    #[serde(deserialize_with = "dollars")]
    pub usd: Decimal,
    /// The time in which they may be spent.
    pub per: Per,
    /// From where on calls should be thrifty: a share of it (`0.8`), or US dollars (`"16.00"`).
    #[serde(default)]
    pub soft: Option<Soft>,
    /// The status of refusals: 402 (the default) or 429.
    #[serde(default)]
    pub status: Option<u16>,
}

/// Where a budget's soft limit is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Soft {
    /// At this share of it, above 0 and at most 1.
    Share(Decimal),
    /// At so many US dollars.
    Usd(Decimal),
}

impl TryFrom<BudgetConfig> for Limit {
    type Error = ConfigError;

    fn try_from(config: BudgetConfig) -> Result<Self, ConfigError> {
        let error = |member: &'static str, why: &'static str| Err(ConfigError::new(member, why));
        let limit = Self::new(config.usd, config.per);
        if config.usd.is_sign_negative() || limit.usd() != config.usd.normalize() {
            return error("usd", "must be from 0 to 9007199 dollars, with 9 decimals at most");
        }
        let limit = match config.soft {
            None => limit,
            Some(Soft::Share(share)) if share > Decimal::ZERO && share <= Decimal::ONE => limit.soft_share(share),
            Some(Soft::Share(_)) => {
                return error("soft", "must be a share above 0 and at most 1, or dollars in quotes");
            }
            Some(Soft::Usd(usd)) if !usd.is_sign_negative() && usd <= config.usd => limit.soft_usd(usd),
            Some(Soft::Usd(_)) => return error("soft", "must not be more than `usd`"),
        };
        match config.status {
            None | Some(402) => Ok(limit),
            Some(429) => Ok(limit.status(Status::TooManyRequests)),
            Some(_) => error("status", "must be 402 or 429"),
        }
    }
}

fn dollars<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    match deserializer.deserialize_any(Number)? {
        Soft::Usd(usd) => Ok(usd),
        Soft::Share(share) if share.fract().is_zero() => Ok(share),
        Soft::Share(_) => Err(de::Error::custom("dollars with cents go in quotes: \"20.50\"")),
    }
}

impl<'de> Deserialize<'de> for Soft {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Number)
    }
}

/// A number is a share, a text is dollars.
struct Number;

impl de::Visitor<'_> for Number {
    type Value = Soft;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("dollars in quotes, or a number")
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Soft, E> {
        // By its shortest spelling, which is what the file has: 0.8 is not 0.8000000000000000444.
        let share = value.to_string().parse().map_err(|_| E::custom("no number"))?;
        Ok(Soft::Share(share))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Soft, E> {
        Ok(Soft::Share(value.into()))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Soft, E> {
        Ok(Soft::Share(value.into()))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Soft, E> {
        let usd = Decimal::from_str_exact(value).map_err(|_| E::custom("no amount of dollars"))?;
        Ok(Soft::Usd(usd))
    }
}
