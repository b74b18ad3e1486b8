//! Weighted sums by 10.

use super::{
    date::{is_date, is_short_date},
    digits::{digits, is_varied, symbols, value, weighted, weighted_cross_sums, weighted_values},
};

/// Routing number of a bank of the United States: weights 3, 7, 1, and two first digits that the Federal Reserve gives
/// out (American Bankers Association, routing number policy).
#[must_use]
pub fn us_routing_number(text: &str) -> bool {
    let Some(digits) = digits::<9>(text) else { return false };
    let [a, b, ..] = digits;
    matches!(a * 10 + b, 1..=12 | 21..=32 | 61..=72 | 80)
        && weighted(&digits, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10)
}

/// PESEL of Poland: weights 1, 3, 7, 9, and a birthday whose month tells the century, 1900 to 2099 here (Ustawa o
/// ewidencji ludności, article 15; gov.pl).
#[must_use]
pub fn pl_pesel(text: &str) -> bool {
    let Some(digits) = digits::<11>(text) else { return false };
    let [a, b, c, d, e, f, ..] = digits;
    let (year, month, day) = (a * 10 + b, c * 10 + d, e * 10 + f);
    is_date(if month > 20 { 2000 } else { 1900 } + year, month % 20, day)
        && month < 40
        && weighted(&digits, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]).is_multiple_of(10)
}

/// Identity card of Poland: three letters and six digits, the first of which is the check digit.
#[must_use]
pub fn pl_id_card(text: &str) -> bool {
    symbols::<9>(text).is_some_and(|symbols| weighted_values(&symbols, &[7, 3, 1, 9, 7, 3, 1, 7, 3]).is_multiple_of(10))
}

/// Company number of Australia (Australian Securities and Investments Commission, "Australian Company Number digit
/// check").
#[must_use]
pub fn au_acn(text: &str) -> bool {
    digits::<9>(text)
        .is_some_and(|digits| is_varied(&digits) && weighted(&digits, &[8, 7, 6, 5, 4, 3, 2, 1, 1]).is_multiple_of(10))
}

/// Medicare card of Australia: the ninth digit checks the eight before it, the tenth counts issues, and an eleventh
/// tells persons on the same card apart (Services Australia, Medicare number format).
#[must_use]
pub fn au_medicare(text: &str) -> bool {
    let Some([first, rest @ ..]) = digits::<10>(text)
        .or_else(|| digits::<11>(text).map(|[a, b, c, d, e, f, g, h, i, j, _]| [a, b, c, d, e, f, g, h, i, j]))
    else {
        return false;
    };
    let [.., check, issue] = rest;
    (2..=6).contains(&first)
        && issue != 0
        && (first + weighted(&rest, &[3, 7, 9, 1, 3, 7, 9])) % 10 == check
        && is_varied(&rest)
}

/// Pension insurance number of Germany: area, birthday, initial, serial; of each product the cross sum (VKVV § 4).
#[must_use]
pub fn de_pension_number(text: &str) -> bool {
    let Some([a, b, c, d, e, f, g, h, letter, i, j, check]) = symbols::<12>(text) else { return false };
    if !letter.is_ascii_uppercase() {
        return false;
    }
    let ordinal = value(letter) - 9;
    let [a, b, c, d, e, f, g, h, i, j, check] = [a, b, c, d, e, f, g, h, i, j, check].map(value);
    // Where two have the same number otherwise, 50 is added to the day.
    let day = (c * 10 + d) % 50;
    is_short_date(g * 10 + h, e * 10 + f, day)
        && c * 10 + d <= 81
        && weighted_cross_sums(
            &[a, b, c, d, e, f, g, h, ordinal / 10, ordinal % 10, i, j],
            &[2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1],
        ) % 10
            == check
}

/// Health insurance number of Germany: an initial, eight digits, a check digit (SGB V § 290, annex 1).
#[must_use]
pub fn de_health_insurance(text: &str) -> bool {
    let Some([letter, rest @ ..]) = symbols::<10>(text) else { return false };
    if !letter.is_ascii_uppercase() {
        return false;
    }
    let ordinal = value(letter) - 9;
    let [a, b, c, d, e, f, g, h, check] = rest.map(value);
    weighted_cross_sums(&[ordinal / 10, ordinal % 10, a, b, c, d, e, f, g, h], &[1, 2, 1, 2, 1, 2, 1, 2, 1, 2]) % 10
        == check
}

/// Number of a passport or identity card of Germany with the check digit of the machine-readable zone as tenth sign
/// (ICAO Doc 9303-3, section 4.9); the number itself has nine, none of which checks the others.
#[must_use]
pub fn machine_readable(text: &str) -> bool {
    let Some(symbols) = symbols::<10>(text) else { return false };
    let [number @ .., check] = symbols;
    check.is_ascii_digit() && weighted_values(&number, &[7, 3, 1, 7, 3, 1, 7, 3, 1]) % 10 == value(check)
}

/// As [`machine_readable`], with a second letter: digits after a single one are the commonest form of order numbers, one
/// in ten of which passes.
#[must_use]
pub fn machine_readable_mixed(text: &str) -> bool {
    text.bytes().filter(u8::is_ascii_alphabetic).count() > 1 && machine_readable(text)
}

/// A number of nine signs of a German document, which has a digit: words have none.
#[must_use]
pub fn german_document(text: &str) -> bool {
    symbols::<9>(text).is_some_and(|symbols| symbols.iter().any(u8::is_ascii_digit))
}

/// Old-age insurance number of Switzerland, which is an EAN-13 of 756 (Zentrale Ausgleichsstelle, AHVN13).
#[must_use]
pub fn ch_ahv(text: &str) -> bool {
    digits::<13>(text).is_some_and(|digits| {
        digits.starts_with(&[7, 5, 6]) && weighted(&digits, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]).is_multiple_of(10)
    })
}

/// Identity number of Turkey: the tenth digit checks odd places against even ones, the eleventh all ten (Nüfus ve
/// Vatandaşlık İşleri).
#[must_use]
pub fn tr_national_id(text: &str) -> bool {
    let Some(digits) = digits::<11>(text) else { return false };
    let [a, b, c, d, e, f, g, h, i, tenth, eleventh] = digits;
    let (odd, even) = (a + c + e + g + i, b + d + f + h);
    a != 0 && (odd * 7 + 100 - even) % 10 == tenth && (odd + even + tenth) % 10 == eleventh
}

/// CURP of Mexico: 37 symbols, of which `Ñ` is none that is in use (RENAPO, Instructivo normativo para la asignación de
/// la CURP, annex 4).
#[must_use]
pub fn mx_curp(text: &str) -> bool {
    let Some(symbols) = symbols::<18>(text) else { return false };
    let [_, _, _, _, a, b, c, d, e, f, _, _, _, _, _, _, homonym, check] = symbols;
    let [a, b, c, d, e, f] = [a, b, c, d, e, f].map(value);
    // Letters tell namesakes born from 2000 on apart, digits those born before.
    let century = if homonym.is_ascii_digit() { 1900 } else { 2000 };
    // `Ñ` stands between `N` and `O`, so that those behind count one more.
    let sum: u32 = symbols
        .iter()
        .take(17)
        .zip((2..=18).rev())
        .map(|(symbol, weight): (&u8, u32)| (value(*symbol) + u32::from(*symbol > b'N')) * weight)
        .sum();
    is_date(century + a * 10 + b, c * 10 + d, e * 10 + f) && (10 - sum % 10) % 10 == value(check)
}

#[cfg(test)]
mod tests {
    use super::{super::digits::tests::holds, *};

    #[test]
    fn one_wrong_digit_seldom_passes() {
        holds(us_routing_number, &["121000358", "3222-7162-7", "121042882", "0711-0130-7"], 50);
        holds(pl_pesel, &["11111111116", "44051401359", "02070803628", "90090515836"], 50);
        holds(pl_id_card, &["ABA300000", "CCY 423456"], 9);
        holds(au_acn, &["004 085 616", "010 499 966"], 9);
        holds(au_medicare, &["2123 45670 1", "2123456701"], 9);
        holds(
            de_pension_number,
            &["15070649C103", "65070803A019", "20151090B023", "38551285K051", "15 070649 C 103"],
            9,
        );
        holds(de_health_insurance, &["A000500015", "C000500021", "A123456780", "Z999999997", "a123456780"], 9);
        // The Federal Ministry of the Interior's specimens of 2010 and 2021.
        holds(machine_readable, &["L01X00T471", "LZ6311T475", "T220001293"], 9);
        holds(ch_ahv, &["756.9217.0769.85", "7569217076985"], 30);
        holds(tr_national_id, &["10000000146", "76558242278"], 30);
        holds(mx_curp, &["BOXW310820HNERXN09", "HEGG560427MVZRRL04"], 9);
    }

    #[test]
    fn dates_and_areas_count() {
        for text in ["11110021111", "99999999999", "00000000000", "44051401358"] {
            assert!(!pl_pesel(text), "{text}");
        }
        // The sums of these are right.
        for text in ["421042111", "000000000", "999999992"] {
            assert!(!us_routing_number(text), "{text}");
        }
        for text in ["15070049C103", "15071349C103", "15420649C103", "15850649C103"] {
            assert!(!de_pension_number(text), "{text}");
        }
        assert!(machine_readable_mixed("L01X00T471") && !machine_readable_mixed("T220001293"));
        assert!(german_document("L01X00T47") && !german_document("LXXXXXTXX") && !german_document("L01X00T471"));
    }
}
