//! Remainders of whole numbers by 89, 97 and 511: Australia, France, Belgium.

use super::{
    date::is_short_date,
    digits::{digits, number, symbols, weighted},
};

/// Business number of Australia: less 10,000,000,000, weighted, a multiple of 89 (Australian Business Register, "Format of
/// the ABN").
#[must_use]
pub fn au_abn(text: &str) -> bool {
    let Some([first, rest @ ..]) = digits::<11>(text) else { return false };
    first > 0 && ((first - 1) * 10 + weighted(&rest, &[1, 3, 5, 7, 9, 11, 13, 15, 17, 19])).is_multiple_of(89)
}

/// NIR of France: thirteen digits and a key of two that brings them to a multiple of 97. Corsica's `2A` and `2B` count as
/// 19 and 18 (Insee, "Numéro de sécurité sociale"; décret 82-103).
#[must_use]
pub fn fr_nir(text: &str) -> bool {
    let Some(mut symbols) = symbols::<15>(text) else { return false };
    let [sex, _, _, m, n, d, department, ..] = &mut symbols;
    match (*d, *department) {
        (b'2', b'A') => (*d, *department) = (b'1', b'9'),
        (b'2', b'B') => (*d, *department) = (b'1', b'8'),
        _ => {}
    }
    // Months from 20 on stand for a birthday that is not known in full.
    let has_month = matches!((*m, *n), (b'0', b'1'..=b'9') | (b'1', b'0'..=b'2') | (b'2'..=b'9', _));
    let has_sex = matches!(*sex, b'1'..=b'4' | b'7' | b'8');
    let Some([body @ .., x, y]) = std::str::from_utf8(&symbols).ok().and_then(digits::<15>) else { return false };
    has_sex && has_month && 97 - number(&body) % 97 == number(&[x, y])
}

/// Tax number of France (SPI): the last three digits are the remainder of the ten before by 511 (Direction générale des
/// Finances publiques; OECD, "Tax Identification Numbers: France").
#[must_use]
pub fn fr_spi(text: &str) -> bool {
    let Some([body @ .., x, y, z]) = digits::<13>(text) else { return false };
    matches!(body, [0..=3, ..]) && number(&body) != 0 && number(&body) % 511 == number(&[x, y, z])
}

/// National register number of Belgium: the last two digits complement the nine before to 97, before which those born
/// from 2000 on have a 2. Temporary ones add 20 or 40 to the month (Rijksregister; arrêté royal of 3 April 1984).
#[must_use]
pub fn be_national_number(text: &str) -> bool {
    let Some([body @ .., x, y]) = digits::<11>(text) else { return false };
    let [a, b, c, d, e, f, ..] = body;
    let (body, key) = (number(&body), number(&[x, y]));
    is_short_date(a * 10 + b, (c * 10 + d) % 20, e * 10 + f)
        && c * 10 + d < 60
        && (97 - body % 97 == key || 97 - (2_000_000_000 + body) % 97 == key)
}

#[cfg(test)]
mod tests {
    use super::{super::digits::tests::holds, *};

    #[test]
    fn one_wrong_digit_never_passes() {
        holds(au_abn, &["51 824 753 556", "51824753556", "83 914 571 673"], 300);
        holds(
            fr_nir,
            &["2 95 10 99 126 111 93", "253077290042358", "1 84 12 76 451 089 46", "1 55 10 2A 004 053 27"],
            100,
        );
        holds(fr_spi, &["3023217600053", "30 23 217 600 053"], 100);
        holds(be_national_number, &["85.07.30-033.28", "85073003328", "17 07 30 033 84"], 50);
    }

    #[test]
    fn months_and_departments_count() {
        for text in ["295139912611193", "595109912611193", "29510991261119A", "2 95 10 2C 126 111 93"] {
            assert!(!fr_nir(text), "{text}");
        }
        assert!(!au_abn("52824753556") && !au_abn("00000000000"));
        assert!(!be_national_number("85.07.32-033.28"));
    }
}
