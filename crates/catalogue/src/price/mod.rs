//! What a model costs.

mod amount;
mod bill;
mod meter;
mod row;
mod sheet;
mod text;
mod write;

use std::sync::Arc;
use std::time::SystemTime;

use rust_decimal::Decimal;

use self::amount::Amount;
use self::meter::METERS;
use self::row::{ServiceRow, WindowRow};
use self::sheet::{Part, Sheet};
use crate::capacity::{Capacity, Committed};
use crate::hours::Hours;

pub use self::bill::{Bill, Line, UnknownPrice};
pub use self::meter::{Meter, Quantities};
pub use self::row::PriceError;
pub(crate) use self::row::PriceRow;
pub use self::text::{TextQuantities, TextRates};

/// How soon a provider answers, and at what price.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ServiceTier {
    /// As usual.
    #[default]
    Standard,
    /// Within a day.
    Batch,
    /// When there is room.
    Flex,
    /// Before others.
    Priority,
}

impl ServiceTier {
    /// From the member `service_tier` of a request or an answer. `auto` leaves it to the account, which is the standard
    /// tier unless the answer says otherwise.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "auto" | "default" | "standard" | "standard_only" => Some(Self::Standard),
            "batch" => Some(Self::Batch),
            "flex" => Some(Self::Flex),
            "priority" => Some(Self::Priority),
            _ => None,
        }
    }

    /// `standard`, `batch`, `flex`, `priority`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Batch => "batch",
            Self::Flex => "flex",
            Self::Priority => "priority",
        }
    }
}

/// What a price depends on beside quantities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// The service tier.
    pub service: ServiceTier,
    /// When the call is made.
    pub at: SystemTime,
}

impl Terms {
    /// The standard tier at this time.
    pub const fn standard(at: SystemTime) -> Self {
        Self { service: ServiceTier::Standard, at }
    }
}

/// What a model costs: rates by kind, service tier, length of the prompt and hour.
///
/// ```
/// use std::time::SystemTime;
/// use llm_layers_catalogue::{Catalogue, Quantities, Terms};
///
/// let row = r#"{"id":"m","price":{"input":"2.50","output":"10","cached_input":"1.25"},"source":"https://a.example","date":"2026-11-12"}"#;
/// let catalogue = Catalogue::read("p", row)?;
/// let price = catalogue.find("p", "m").and_then(|model| model.price.as_ref()).ok_or("no price")?;
/// let call = Quantities { input: 1_000, cached_input: 2_000, output: 100, ..Quantities::default() };
/// let bill = price.cost(&call, &Terms::standard(SystemTime::now()))?;
/// assert_eq!(bill.total.to_string(), "0.006");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Price {
    standard: Service,
    /// Batch, flex and priority, where the row has them.
    others: [Option<Box<Service>>; 3],
    capacity: Option<Arc<Capacity>>,
}

/// The rates of one service tier.
#[derive(Debug, Clone)]
struct Service {
    sheet: Sheet,
    windows: Box<[(Hours, Sheet)]>,
}

impl Service {
    fn new(parts: &[Part<'_>], windows: &[WindowRow]) -> Result<Self, PriceError> {
        let windows = windows.iter().map(|row| {
            let inner = Part { name: "off_peak", amounts: row.amounts(), discount: row.discount, above: &row.above };
            let sheet = Sheet::new(&[parts, &[inner]].concat())?;
            Ok((Hours::of(row.zone.clone(), &row.days, row.from, row.to), sheet))
        });
        Ok(Self { sheet: Sheet::new(parts)?, windows: windows.collect::<Result<_, _>>()? })
    }

    #[inline]
    fn sheet(&self, at: SystemTime) -> &Sheet {
        self.windows.iter().find(|(hours, _)| hours.contain(at)).map_or(&self.sheet, |(_, sheet)| sheet)
    }

    fn scale(&mut self, factor: Amount) -> Result<(), PriceError> {
        self.sheet.scale(factor)?;
        self.windows.iter_mut().try_for_each(|(_, sheet)| sheet.scale(factor))
    }
}

impl Price {
    pub(crate) fn new(row: &PriceRow) -> Result<Self, PriceError> {
        if !row.has_amounts() {
            return Err(PriceError::Empty);
        }
        let base = Part { name: "", amounts: row.amounts(), discount: None, above: &row.above };
        let other = |name, other: &Option<ServiceRow>| {
            let Some(row) = other else { return Ok(None) };
            let inner = Part { name, amounts: row.amounts(), discount: row.discount, above: &row.above };
            Service::new(&[base, inner], &row.off_peak).map(|service| Some(Box::new(service)))
        };
        let mut price = Self {
            standard: Service::new(&[base], &row.off_peak)?,
            others: [other("batch", &row.batch)?, other("flex", &row.flex)?, other("priority", &row.priority)?],
            capacity: row.committed.map(|committed| Arc::new(Capacity::new(committed))),
        };
        if let Some(factor) = row.discount {
            price.scale(factor)?;
        }
        Ok(price)
    }

    /// A price that is the same at all hours and lengths: USD for a million tokens or characters, a second, an image or
    /// a call.
    ///
    /// # Errors
    /// There is no amount, or one that is negative, finer than 10^-15 USD a token, or more than 18,000.
    pub fn of(amounts: impl IntoIterator<Item = (Meter, Decimal)>) -> Result<Self, PriceError> {
        let mut named = [None; METERS];
        for (meter, amount) in amounts {
            if let Some(place) = named.get_mut(meter as usize) {
                *place = Some(Amount(amount));
            }
        }
        if named.iter().all(Option::is_none) {
            return Err(PriceError::Empty);
        }
        let base = Part { name: "", amounts: named, discount: None, above: &[] };
        Ok(Self { standard: Service::new(&[base], &[])?, others: [None, None, None], capacity: None })
    }

    /// All rates times a factor.
    pub(crate) fn scale(&mut self, factor: Amount) -> Result<(), PriceError> {
        self.standard.scale(factor)?;
        self.others.iter_mut().flatten().try_for_each(|service| service.scale(factor))
    }

    /// With capacity that is paid for in advance. Clones share it.
    #[must_use]
    pub fn committed(mut self, committed: Committed) -> Self {
        self.capacity = Some(Arc::new(Capacity::new(committed)));
        self
    }

    /// The capacity that is paid for in advance. [`cost`](Self::cost) does not know of it; [`due`](Self::due) and
    /// [`settle`](Self::settle) do.
    pub fn capacity(&self) -> Option<&Arc<Capacity>> {
        self.capacity.as_ref()
    }

    /// What a call costs. Exact, as long as the total has no more than 28 digits.
    ///
    /// A kind without a price of its own is billed as providers do it: cached input, cache writes and images that go in
    /// as input, thoughts as output, cached sound as sound, cache writes of an hour as others. Characters, seconds,
    /// images by the piece and calls without a price are no charge where something else of the call has one, since they
    /// measure what its tokens measure too.
    ///
    /// # Errors
    /// The price of a kind that the call has is not known.
    pub fn cost(&self, quantities: &Quantities, terms: &Terms) -> Result<Bill, UnknownPrice> {
        let mut lines = Vec::new();
        let total = self.charge(quantities.prompt(), quantities, terms, |meter, quantity, rate| {
            lines.push(Line {
                meter,
                quantity,
                price: amount::as_written(rate, meter),
                amount: amount::usd(u128::from(quantity) * u128::from(rate)),
            });
        })?;
        Ok(Bill { total: amount::usd(total), lines })
    }

    /// What a call costs, in 10^-15 USD: [`cost`](Self::cost) as an integer, without an allocation, to compare prices.
    ///
    /// # Errors
    /// As for [`cost`](Self::cost).
    pub fn femtos(&self, quantities: &Quantities, terms: &Terms) -> Result<u128, UnknownPrice> {
        match quantities.text() {
            Some(text) => self.text_femtos(&text, terms),
            None => self.charge(quantities.prompt(), quantities, terms, |_, _, _| {}),
        }
    }

    /// The same in 10^-12 USD, rounded up.
    ///
    /// # Errors
    /// As for [`cost`](Self::cost).
    pub fn picos(&self, quantities: &Quantities, terms: &Terms) -> Result<u128, UnknownPrice> {
        self.femtos(quantities, terms).map(|femtos| femtos.div_ceil(1_000))
    }

    /// [`femtos`](Self::femtos) for a call of nothing but text, in a few instructions: to compare the prices of many.
    ///
    /// # Errors
    /// As for [`cost`](Self::cost).
    #[inline]
    pub fn text_femtos(&self, text: &TextQuantities, terms: &Terms) -> Result<u128, UnknownPrice> {
        match self.sheet(terms).text(text) {
            Some(femtos) => Ok(femtos),
            None => {
                let quantities = Quantities::from(*text);
                self.charge(quantities.prompt(), &quantities, terms, |_, _, _| {})
            }
        }
    }

    /// What is to be paid for a call that prepaid capacity does not cover, in US dollars. The length of the whole prompt
    /// tells the price, also where a part of it is prepaid. Nothing of the capacity is taken.
    ///
    /// # Errors
    /// As for [`cost`](Self::cost).
    pub fn due(&self, quantities: &Quantities, terms: &Terms) -> Result<Decimal, UnknownPrice> {
        self.due_femtos(quantities, terms).map(amount::usd)
    }

    /// [`due`](Self::due) in 10^-15 USD.
    ///
    /// # Errors
    /// As for [`cost`](Self::cost).
    pub fn due_femtos(&self, quantities: &Quantities, terms: &Terms) -> Result<u128, UnknownPrice> {
        match &self.capacity {
            None => self.femtos(quantities, terms),
            Some(capacity) => self.rest(quantities, &capacity.peek(quantities, terms.at), terms),
        }
    }

    /// What is [due](Self::due) for a call that was made: the capacity that it uses is taken.
    ///
    /// # Errors
    /// As for [`cost`](Self::cost).
    pub fn settle(&self, quantities: &Quantities, terms: &Terms) -> Result<Decimal, UnknownPrice> {
        match &self.capacity {
            None => self.femtos(quantities, terms),
            Some(capacity) => self.rest(quantities, &capacity.take(quantities, terms.at), terms),
        }
        .map(amount::usd)
    }

    fn rest(&self, whole: &Quantities, rest: &Quantities, terms: &Terms) -> Result<u128, UnknownPrice> {
        self.charge(whole.prompt(), rest, terms, |_, _, _| {})
    }

    /// The rates of text in the standard tier, where they are the same at all hours.
    pub fn text_rates(&self) -> Option<TextRates> {
        let Service { sheet, windows } = &self.standard;
        if windows.is_empty() { sheet.text_rates() } else { None }
    }

    /// The price that a row names for a prompt of this length: USD for a million tokens or characters, a second, an
    /// image or a call.
    pub fn named(&self, meter: Meter, prompt: u64, terms: &Terms) -> Option<Decimal> {
        let rate = self.sheet(terms).named(prompt).get(meter as usize).copied().flatten()?;
        Some(amount::as_written(rate, meter))
    }

    /// The price of a short prompt in the standard tier, at the usual hours.
    pub fn usual(&self, meter: Meter) -> Option<Decimal> {
        let rate = self.standard.sheet.named(0).get(meter as usize).copied().flatten()?;
        Some(amount::as_written(rate, meter))
    }

    /// Whether a row has prices for this service tier. Where it has none, the standard ones are charged.
    pub fn has(&self, service: ServiceTier) -> bool {
        self.other(service).is_some() || service == ServiceTier::Standard
    }

    /// The lengths of prompts, in tokens, beyond which the standard tier has other prices, the shortest first.
    pub fn steps(&self) -> impl Iterator<Item = u64> {
        self.standard.sheet.longer().map(|(beyond, _)| beyond)
    }

    /// What there is beside one price for all calls: `steps`, `batch`, `flex`, `priority`, `off-peak`, `committed`.
    pub fn features(&self) -> impl Iterator<Item = &'static str> {
        let tier = |tier: ServiceTier| (self.other(tier).is_some(), tier.name());
        let features = [
            (self.steps().next().is_some(), "steps"),
            tier(ServiceTier::Batch),
            tier(ServiceTier::Flex),
            tier(ServiceTier::Priority),
            (self.has_off_peak(), "off-peak"),
            (self.capacity.is_some(), "committed"),
        ];
        features.into_iter().filter_map(|(is_there, name)| is_there.then_some(name))
    }

    /// Whether any service tier has other prices at some hours.
    pub fn has_off_peak(&self) -> bool {
        let services = std::iter::once(&self.standard).chain(self.others.iter().flatten().map(|service| &**service));
        services.into_iter().any(|service| !service.windows.is_empty())
    }

    #[inline]
    fn other(&self, service: ServiceTier) -> Option<&Service> {
        let [batch, flex, priority] = &self.others;
        match service {
            ServiceTier::Standard => None,
            ServiceTier::Batch => batch.as_deref(),
            ServiceTier::Flex => flex.as_deref(),
            ServiceTier::Priority => priority.as_deref(),
        }
    }

    #[inline]
    fn sheet(&self, terms: &Terms) -> &Sheet {
        self.other(terms.service).unwrap_or(&self.standard).sheet(terms.at)
    }

    /// The sum in femtos, by the price for a prompt of this length. Tells each charge to `line`.
    fn charge(
        &self,
        prompt: u64,
        quantities: &Quantities,
        terms: &Terms,
        mut line: impl FnMut(Meter, u64, u64),
    ) -> Result<u128, UnknownPrice> {
        let rates = self.sheet(terms).billed(prompt);
        let (mut total, mut is_charged, mut passed_over) = (0_u128, false, None);
        for ((quantity, rate), meter) in quantities.all().into_iter().zip(rates).zip(Meter::ALL) {
            match rate {
                _ if quantity == 0 => {}
                // The product of two 64 bit numbers fits; the sum of the largest would not.
                Some(rate) => {
                    total = total.saturating_add(u128::from(quantity) * u128::from(*rate));
                    is_charged = true;
                    line(meter, quantity, *rate);
                }
                None if meter == Meter::Request => {}
                None if meter.is_beside_tokens() => passed_over = passed_over.or(Some(meter)),
                None => return Err(UnknownPrice { meter }),
            }
        }
        match passed_over {
            Some(meter) if !is_charged => Err(UnknownPrice { meter }),
            _ => Ok(total),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use proptest::prelude::*;

    use super::*;
    use crate::Catalogue;

    /// None, as many as calls have, and as many as there can be.
    fn quantity() -> impl Strategy<Value = u64> {
        prop_oneof![Just(0), 0..1_000_000_u64, any::<u64>(), (59_u32..64).prop_map(|bit| 1 << bit)]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn the_short_way_comes_to_the_same_as_the_long_one_for_all_rows(
            numbers in prop::array::uniform5(quantity()),
            minute in 0_u64..60 * 24 * 7,
            service in prop::sample::select(vec![
                ServiceTier::Standard, ServiceTier::Batch, ServiceTier::Flex, ServiceTier::Priority,
            ]),
            discount in prop::option::of(0_i64..100),
        ) {
            let [input, cached_input, cache_write, output, requests] = numbers;
            let text = TextQuantities { input, cached_input, cache_write, output, requests };
            let quantities = Quantities::from(text);
            let terms = Terms { service, at: UNIX_EPOCH + Duration::from_secs(1_794_441_600 + 60 * minute) };
            for model in Catalogue::builtin().models() {
                let Some(mut price) = model.price.clone() else { continue };
                if let Some(percent) = discount {
                    // What has too many decimals for it stays as far as it came.
                    let _ = price.scale(Amount(Decimal::new(percent, 2)));
                }
                let long = price.charge(quantities.prompt(), &quantities, &terms, |_, _, _| {});
                prop_assert_eq!(price.text_femtos(&text, &terms), long, "{}/{}", model.provider, model.id);
                if service == ServiceTier::Standard
                    && let Some(femtos) = price.text_rates().and_then(|rates| rates.femtos(&text))
                {
                    prop_assert_eq!(Ok(femtos), long, "{}/{}", model.provider, model.id);
                }
                prop_assert_eq!(price.femtos(&quantities, &terms), long, "{}/{}", model.provider, model.id);
            }
        }
    }
}
