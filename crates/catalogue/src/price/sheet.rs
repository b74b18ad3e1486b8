//! The rates of one service tier at some hours, by the length of the prompt.

use super::amount::Amount;
use super::meter::{METERS, Meter};
use super::row::{AboveRow, PriceError};
use super::text::{TextQuantities, TextRates};

/// The price of one unit by meter, in femtos; `None` is not known.
pub(crate) type Rates = [Option<u64>; METERS];

/// One object of a row that names amounts: the price itself, a service tier or a window. What it does not name is as in
/// the objects around it.
#[derive(Clone, Copy)]
pub(crate) struct Part<'a> {
    pub(crate) name: &'static str,
    pub(crate) amounts: [Option<Amount>; METERS],
    pub(crate) discount: Option<Amount>,
    pub(crate) above: &'a [AboveRow],
}

/// Rates for prompts of more tokens than these.
#[derive(Debug, Clone)]
struct Step {
    beyond: u64,
    /// Of the next but one, where text has a price.
    text: Option<TextRates>,
    /// As the row names them.
    named: Rates,
    /// With those that stand in for what it does not name.
    billed: Rates,
}

#[derive(Debug, Clone)]
pub(crate) struct Sheet {
    first: Step,
    /// Longer prompts, the longest first.
    rest: Box<[Step]>,
}

impl Sheet {
    /// Lays the parts over each other, the outermost first.
    pub(crate) fn new(parts: &[Part<'_>]) -> Result<Self, PriceError> {
        for part in parts {
            let mut lengths: Vec<_> = part.above.iter().map(|above| above.tokens).collect();
            lengths.sort_unstable();
            if let Some(pair) = lengths.windows(2).find(|pair| pair.first() == pair.last()) {
                return Err(PriceError::Twice { tokens: pair.first().copied().unwrap_or_default() });
            }
        }
        let mut lengths: Vec<_> = parts.iter().flat_map(|part| part.above).map(|above| above.tokens).collect();
        lengths.sort_unstable_by(|a, b| b.cmp(a));
        lengths.dedup();
        let rest = lengths.into_iter().map(|tokens| Step::new(Some(tokens), parts)).collect::<Result<_, _>>()?;
        Ok(Self { first: Step::new(None, parts)?, rest })
    }

    #[inline]
    fn step(&self, prompt: u64) -> &Step {
        self.rest.iter().find(|step| prompt > step.beyond).unwrap_or(&self.first)
    }

    /// What is billed for a prompt of this length, for the whole of the call.
    pub(crate) fn billed(&self, prompt: u64) -> &Rates {
        &self.step(prompt).billed
    }

    /// What a call of text costs; `None` where that takes the long way.
    #[inline]
    pub(crate) fn text(&self, text: &TextQuantities) -> Option<u128> {
        self.step(text.small_prompt()?).text.as_ref()?.femtos(text)
    }

    /// The rates of text in shorter prompts.
    pub(crate) fn text_rates(&self) -> Option<TextRates> {
        let shortest = self.rest.last().map_or(u64::MAX, |step| step.beyond);
        self.first.text.map(|text| text.up_to(shortest))
    }

    /// What the row names for a prompt of this length.
    pub(crate) fn named(&self, prompt: u64) -> &Rates {
        &self.step(prompt).named
    }

    /// What the row names for longer prompts than these, the shortest first.
    pub(crate) fn longer(&self) -> impl Iterator<Item = (u64, &Rates)> {
        self.rest.iter().rev().map(|step| (step.beyond, &step.named))
    }

    /// All rates times a factor.
    pub(crate) fn scale(&mut self, factor: Amount) -> Result<(), PriceError> {
        for step in std::iter::once(&mut self.first).chain(&mut self.rest) {
            scale(&mut step.named, factor, "discount")?;
            *step = Step::of(step.beyond, step.named);
        }
        Ok(())
    }
}

impl Step {
    fn new(tokens: Option<u64>, parts: &[Part<'_>]) -> Result<Self, PriceError> {
        let mut rates = [None; METERS];
        for part in parts {
            if let Some(factor) = part.discount {
                scale(&mut rates, factor, part.name)?;
            }
            lay(&mut rates, part.amounts, part.name)?;
            let mut passed: Vec<_> =
                part.above.iter().filter(|above| tokens.is_some_and(|tokens| above.tokens <= tokens)).collect();
            passed.sort_unstable_by_key(|above| above.tokens);
            for above in passed {
                lay(&mut rates, above.amounts(), "above")?;
            }
        }
        Ok(Self::of(tokens.unwrap_or_default(), rates))
    }

    fn of(beyond: u64, named: Rates) -> Self {
        let billed = billed(&named);
        Self { beyond, text: TextRates::new(&billed), named, billed }
    }
}

fn lay(rates: &mut Rates, amounts: [Option<Amount>; METERS], within: &'static str) -> Result<(), PriceError> {
    for ((rate, amount), meter) in rates.iter_mut().zip(amounts).zip(Meter::ALL) {
        if let Some(amount) = amount {
            *rate = Some(amount.rate(meter).ok_or(PriceError::Range { within, meter })?);
        }
    }
    Ok(())
}

fn scale(rates: &mut Rates, factor: Amount, within: &'static str) -> Result<(), PriceError> {
    for (rate, meter) in rates.iter_mut().zip(Meter::ALL) {
        if let Some(known) = *rate {
            *rate = Some(factor.times(known).ok_or(PriceError::Range { within, meter })?);
        }
    }
    Ok(())
}

fn billed(named: &Rates) -> Rates {
    Meter::ALL.map(|meter| {
        let mut at = Some(meter);
        while let Some(meter) = at {
            if let Some(rate) = named.get(meter as usize).copied().flatten() {
                return Some(rate);
            }
            at = meter.stand_in();
        }
        None
    })
}
