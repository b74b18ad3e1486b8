//! `price = { input, output, cached_input }`: exact decimals, hence strings.

use rust_decimal::Decimal;

use super::node::{Members, Node};
use super::report::Report;

/// USD per million tokens; `None` where the file does not say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Price {
    /// Of input that was not cached.
    pub input: Option<Decimal>,
    /// Of output.
    pub output: Option<Decimal>,
    /// Of input that the provider had cached.
    pub cached_input: Option<Decimal>,
}

impl Price {
    pub(super) fn read(node: &Node<'_>, report: &mut Report<'_>) -> Self {
        let example = "price = { input = \"0.15\", output = \"0.60\" }";
        let Some(mut members) = node.table(example, report) else {
            return Self::default();
        };
        let price = Self {
            input: amount(&mut members, "input", report),
            output: amount(&mut members, "output", report),
            cached_input: amount(&mut members, "cached_input", report),
        };
        members.finish(report);
        price
    }
}

fn amount(members: &mut Members<'_>, name: &'static str, report: &mut Report<'_>) -> Option<Decimal> {
    let node = members.get(name)?;
    if !node.is_string() {
        report.mask.show(node.place.span.clone()); // a number is no key
        let help = "put it into double quotes, as in `\"0.15\"`: money is kept exact";
        node.wrong_type("an amount as a string", help, report);
        return None;
    }
    let text = node.string(report)?;
    // The parser takes signs and underscores too, which no price has.
    let is_plain = text.chars().all(|c| c.is_ascii_digit() || c == '.');
    let amount = is_plain.then(|| Decimal::from_str_exact(&text).ok()).flatten();
    if amount.is_none() {
        let help = "write USD per million tokens as a decimal, such as `\"0.15\"`";
        report.error(&node.place, "not an amount", help);
    }
    amount
}
