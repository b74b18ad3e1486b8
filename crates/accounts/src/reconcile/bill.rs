use std::{borrow::Cow, collections::BTreeMap, fmt};

use jiff::{Timestamp, civil, tz::TimeZone};
use rust_decimal::Decimal;

use super::csv;

/// What a provider has billed on each day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bill {
    pub(super) days: BTreeMap<civil::Date, Billed>,
    first: Option<civil::Date>,
    last: Option<civil::Date>,
}

/// A day of a bill.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Billed {
    pub(super) usd: Decimal,
    /// What its rows may be off by, as they are rounded.
    pub(super) rounding: Decimal,
}

/// A bill that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillError {
    /// The line, counted from 1.
    pub line: usize,
    problem: Problem,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Problem {
    Empty,
    Quote,
    NoColumn(&'static str, &'static [&'static str]),
    Missing(&'static str),
    Date(String),
    Amount(String),
    Currency(String),
}

/// In the order in which they are looked for.
const DATES: &[&str] = &["usage_date_utc", "start_time_iso", "start_time", "date", "day"];
const AMOUNTS: &[&str] = &["cost_usd", "amount_value", "amount_usd", "amount", "cost", "usd"];
const CURRENCIES: &[&str] = &["amount_currency", "currency"];

impl Bill {
    /// Reads a bill of one of the known kinds.
    ///
    /// # Errors
    /// There is no column of dates or of amounts, or a row makes no sense: it is told which.
    pub fn read(csv: &str) -> Result<Self, BillError> {
        let mut rows = csv::rows(csv).map(|row| row.map_err(|line| BillError { line, problem: Problem::Quote }));
        let head = rows.next().unwrap_or(Err(BillError { line: 1, problem: Problem::Empty }))?;
        let find = |names: &[&str]| {
            let is = |name: &str| head.fields.iter().position(|field| field.eq_ignore_ascii_case(name));
            names.iter().find_map(|name| is(name))
        };
        let needed = |what, names| {
            let problem = Problem::NoColumn(what, names);
            find(names).ok_or(BillError { line: head.line, problem })
        };
        let (date, amount) = (needed("dates", DATES)?, needed("amounts", AMOUNTS)?);
        let currency = find(CURRENCIES);
        let mut bill = Self::default();
        for row in rows {
            let row = row?;
            let error = |problem| BillError { line: row.line, problem };
            let field = |index: usize, what| row.fields.get(index).ok_or_else(|| error(Problem::Missing(what)));
            if let Some(currency) = currency {
                let currency = field(currency, "currency")?;
                if !currency.is_empty() && !currency.eq_ignore_ascii_case("usd") {
                    return Err(error(Problem::Currency(currency.clone())));
                }
            }
            let date = field(date, "date")?;
            let day = day(date).ok_or_else(|| error(Problem::Date(date.clone())))?;
            let amount = field(amount, "amount")?;
            let billed = self::amount(amount).ok_or_else(|| error(Problem::Amount(amount.clone())))?;
            let sum = bill.days.entry(day).or_default();
            sum.usd = sum.usd.saturating_add(billed.usd);
            sum.rounding = sum.rounding.saturating_add(billed.rounding);
        }
        Ok(bill)
    }
}

impl Bill {
    /// The bill from one day to another, where it is known which ones it is of. Of one that ends early, the days that it
    /// does not have are compared, too; of one that is longer than the ledger, the others are not. Default: its own first
    /// and last.
    #[must_use]
    pub fn between(mut self, first: Option<civil::Date>, last: Option<civil::Date>) -> Self {
        (self.first, self.last) = (first, last);
        let is_within =
            |day: &civil::Date| first.is_none_or(|first| first <= *day) && last.is_none_or(|last| *day <= last);
        self.days.retain(|day, _| is_within(day));
        self
    }

    /// The first day and the last.
    pub(super) fn span(&self) -> Option<(civil::Date, civil::Date)> {
        let first = self.first.or_else(|| self.days.keys().next().copied());
        first.zip(self.last.or_else(|| self.days.keys().next_back().copied()))
    }
}

/// A date, also as eight digits; a time with its zone, a time of UTC without one, or seconds since 1970.
fn day(text: &str) -> Option<civil::Date> {
    // As seconds, eight digits would be a day long before anybody billed anything.
    if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok();
    }
    if let Ok(seconds) = text.parse::<i64>() {
        return Some(Timestamp::from_second(seconds).ok()?.to_zoned(TimeZone::UTC).date());
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at.to_zoned(TimeZone::UTC).date());
    }
    text.parse::<civil::Date>().ok()
}

/// An amount as programs write it, or as people have it written: `$1,234.50`, and `(1.50)` for what is given back.
fn amount(text: &str) -> Option<Billed> {
    let (text, is_given_back) = match text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
        Some(inside) => (inside.trim(), true),
        None => (text, false),
    };
    let (text, is_negative) = match text.strip_prefix('-') {
        Some(_) if is_given_back => return None,
        Some(rest) => (rest, true),
        None => (text, is_given_back),
    };
    let text = text.strip_prefix('$').unwrap_or(text).trim();
    if text.is_empty() {
        return (!is_negative).then(Billed::default);
    }
    let text = without_separators(text)?;
    let usd = Decimal::from_str_exact(&text).or_else(|_| Decimal::from_scientific(&text)).ok();
    // Sums of doubles are written with more digits than are kept: what is cut off is nothing.
    let mut usd = usd.or_else(|| text.parse().ok())?;
    let digits = usd.scale().clamp(2, 20);
    if is_negative {
        usd = -usd;
    }
    Some(Billed { usd, rounding: Decimal::new(5, digits + 1) })
}

/// Takes out the commas between thousands. Elsewhere a comma may be a decimal one, and the amount a hundred times less:
/// such an amount is none.
fn without_separators(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains(',') {
        return Some(text.into());
    }
    let (whole, rest) = text.split_at_checked(text.find('.').unwrap_or(text.len()))?;
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = whole.split(',');
    let first = parts.next().filter(|first| is_number(first) && first.len() <= 3)?;
    let mut plain = first.to_owned();
    for part in parts {
        if part.len() != 3 || !is_number(part) {
            return None;
        }
        plain.push_str(part);
    }
    if rest.contains(',') {
        return None;
    }
    plain.push_str(rest);
    Some(plain.into())
}

impl fmt::Display for BillError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        match &self.problem {
            Problem::Empty => f.write_str("there is no header"),
            Problem::Quote => f.write_str("a quote that does not end"),
            Problem::NoColumn(what, names) => write!(f, "no column of {what}: {}", names.join(", ")),
            Problem::Missing(what) => write!(f, "no {what}"),
            Problem::Date(text) => write!(f, "no date: {text:?}"),
            Problem::Amount(text) => write!(f, "no amount: {text:?}"),
            Problem::Currency(text) => write!(f, "not in US dollars: {text:?}"),
        }
    }
}

impl std::error::Error for BillError {}
