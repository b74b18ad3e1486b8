//! The Luhn checksum over 36 symbols: India.

use super::digits::{symbols, value};

/// GST number of India: state, PAN, entity, `Z`, and a check sign by Luhn modulo 36 (Goods and Services Tax Network).
#[must_use]
pub fn in_gstin(text: &str) -> bool {
    let Some(symbols) = symbols::<15>(text) else { return false };
    let [a, b, body @ .., check] = symbols;
    let sum: u32 = [a, b]
        .iter()
        .chain(&body)
        .zip([1, 2].into_iter().cycle())
        .map(|(symbol, factor)| value(*symbol) * factor)
        .map(|product| product / 36 + product % 36)
        .sum();
    matches!(value(a) * 10 + value(b), 1..=38 | 97 | 99) && (36 - sum % 36) % 36 == value(check)
}

#[cfg(test)]
mod tests {
    use super::{super::digits::tests::holds, *};

    #[test]
    fn one_wrong_digit_never_passes() {
        holds(in_gstin, &["27AAPFU0939F1ZV", "27AASCS2460H1Z0", "29AAGCB7383J1Z4"], 300);
    }
}
