//! Weighted sums by 11 that give a letter: those of Singapore.

use super::digits::{is_letter, symbols, value, weighted_values};

/// NRIC or FIN of Singapore: weights 2, 7, 6, 5, 4, 3, 2 and a table for each prefix (Immigration & Checkpoints
/// Authority; the `M` series since 2022).
#[must_use]
pub fn sg_nric(text: &str) -> bool {
    let Some([prefix, digits @ .., check]) = symbols::<9>(text) else { return false };
    let (offset, table): (u32, &[u8]) = match prefix {
        b'S' => (0, b"JZIHGFEDCBA"),
        b'T' => (4, b"JZIHGFEDCBA"),
        b'F' => (0, b"XWUTRQPNMLK"),
        b'G' => (4, b"XWUTRQPNMLK"),
        b'M' => (3, b"XWUTRQPNJLK"),
        _ => return false,
    };
    digits.iter().all(u8::is_ascii_digit)
        && is_letter(table, (offset + weighted_values(&digits, &[2, 7, 6, 5, 4, 3, 2])) % 11, check)
}

/// What kinds of entities there are in the third form of a UEN.
const UEN_KINDS: [&[u8; 2]; 38] = [
    b"CC", b"CD", b"CH", b"CL", b"CM", b"CP", b"CS", b"CX", b"DP", b"FB", b"FC", b"FM", b"FN", b"GA", b"GB", b"GS",
    b"HS", b"LL", b"LP", b"MB", b"MC", b"MD", b"MH", b"MM", b"MQ", b"NB", b"NR", b"PA", b"PB", b"PF", b"RF", b"RP",
    b"SM", b"SS", b"TC", b"TU", b"VH", b"XL",
];

/// UEN of Singapore in one of its three forms: a business, a local company, any other entity (Accounting and Corporate
/// Regulatory Authority, uen.gov.sg).
#[must_use]
pub fn sg_uen(text: &str) -> bool {
    if let Some([digits @ .., check]) = symbols::<9>(text) {
        return digits.iter().all(u8::is_ascii_digit)
            && is_letter(b"XMKECAWLJDB", weighted_values(&digits, &[10, 4, 9, 3, 8, 2, 7, 1]) % 11, check);
    }
    let Some(symbols) = symbols::<10>(text) else { return false };
    let [digits @ .., check] = symbols;
    if digits.iter().all(u8::is_ascii_digit) {
        return matches!(digits, [b'1', b'8' | b'9', ..] | [b'2', b'0', ..])
            && is_letter(b"ZKCMDNERGWH", weighted_values(&digits, &[10, 8, 6, 4, 9, 7, 5, 3, 1]) % 11, check);
    }
    let [era, a, b, kind, sort, rest @ .., check] = symbols;
    // The alphabet of this form lacks `I`, `O`, `Y` and `Z`, and its digits follow its letters.
    let sum: u32 = [era, a, b, kind, sort]
        .iter()
        .chain(&rest)
        .zip([4, 3, 5, 3, 10, 2, 2, 5, 7])
        .map(|(symbol, weight)| uen_value(*symbol) * weight)
        .sum();
    matches!(era, b'R' | b'S' | b'T')
        && [a, b].iter().chain(&rest).all(u8::is_ascii_digit)
        && UEN_KINDS.contains(&&[kind, sort])
        && uen_value(check) == (sum + 6) % 11
}

fn uen_value(symbol: u8) -> u32 {
    match symbol {
        b'0'..=b'9' => 22 + value(symbol),
        b'A'..=b'H' => value(symbol) - 10,
        b'J'..=b'N' => value(symbol) - 11,
        b'P'..=b'X' => value(symbol) - 12,
        // None of the alphabet, and no remainder by 11.
        _ => 99,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::digits::tests::holds, *};

    #[test]
    fn one_wrong_digit_never_passes() {
        holds(sg_nric, &["S2740116C", "F2346401L", "M4332674T", "S9108268C", "T7572225C", "s2740116c"], 300);
        holds(
            sg_uen,
            &["53125226D", "201434292D", "T16RF0037C", "S57TU0392K", "R16RF0037F", "00192200M", "T01FC6132D"],
            25,
        );
    }

    #[test]
    fn letters_and_kinds_count() {
        for text in ["S2740116D", "A1234567Z", "S27401I6C", "1S2740116"] {
            assert!(!sg_nric(text), "{text}");
        }
        for text in ["53125226E", "201434292E", "T16RX0037C", "X16RF0037C", "T1ARF0037C", "0123456789"] {
            assert!(!sg_uen(text), "{text}");
        }
    }
}
