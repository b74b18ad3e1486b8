//! What a configuration says of a model.

use std::num::NonZero;

use jiff::civil::Date;
use serde::Deserialize;

use crate::capability::Capabilities;
use crate::model::{Kind, Model, Tier};
use crate::price::{Price, PriceError, PriceRow};

/// What somebody knows better than the catalogue: members of a row, those that they name.
///
/// A `price` that names amounts is the whole price. One that names nothing but `discount` is that factor on all that the
/// catalogue says.
///
/// ```
/// use llm_layers_catalogue::{Meter, Model, Overrides};
///
/// let overrides: Overrides = toml::from_str(r#"
///     price = { input = "0.15", output = "0.60", cached_input = "0.075" }
///     context_window = 8192
///     capabilities = ["tools", "vision", "json_schema"]
///     region = "eu"
///     tier = "small"
/// "#)?;
/// let model = Model::new("local", "smollm2-135m").overridden_by(&overrides)?;
/// assert_eq!(model.price.and_then(|price| price.usual(Meter::Output)), Some("0.6".parse()?));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Overrides {
    price: Option<PriceRow>,
    context_window: Option<NonZero<u64>>,
    max_output: Option<NonZero<u64>>,
    capabilities: Option<Capabilities>,
    region: Option<Box<str>>,
    regions: Option<Vec<Box<str>>>,
    tier: Option<Tier>,
    kind: Option<Kind>,
    deprecated: Option<Date>,
    trains: Option<bool>,
    retains: Option<bool>,
}

impl Overrides {
    /// Whether they say what it costs.
    #[must_use]
    pub const fn has_price(&self) -> bool {
        self.price.is_some()
    }
}

impl Model {
    /// This model as somebody who knows better has it.
    ///
    /// # Errors
    /// The price that they name is none.
    pub fn overridden_by(mut self, overrides: &Overrides) -> Result<Self, PriceError> {
        if let Some(row) = &overrides.price {
            self.price = Some(price(self.price, row)?);
        }
        if overrides.region.is_some() || overrides.regions.is_some() {
            self.regions = overrides.region.iter().chain(overrides.regions.iter().flatten()).cloned().collect();
        }
        if let Some(tier) = overrides.tier {
            self.tier = Some(tier);
            self.tier_source = None;
        }
        self.kind = overrides.kind.unwrap_or(self.kind);
        self.context_window = overrides.context_window.map(NonZero::get).or(self.context_window);
        self.max_output = overrides.max_output.map(NonZero::get).or(self.max_output);
        self.capabilities = overrides.capabilities.or(self.capabilities);
        self.deprecated = overrides.deprecated.or(self.deprecated);
        self.trains = overrides.trains.or(self.trains);
        self.retains = overrides.retains.or(self.retains);
        Ok(self)
    }
}

fn price(known: Option<Price>, row: &PriceRow) -> Result<Price, PriceError> {
    if !row.is_bare() {
        return Price::new(row);
    }
    let mut price = known.ok_or(PriceError::NothingToDiscount)?;
    if let Some(factor) = row.discount {
        price.scale(factor)?;
    }
    Ok(match row.committed {
        Some(committed) => price.committed(committed),
        None => price,
    })
}
