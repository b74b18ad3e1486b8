//! ISO/IEC 7064: the hybrid system MOD 11,10 and the pure system MOD 11-2.

use super::{
    date::is_date,
    digits::{digits, number, symbols, value},
};

/// Whether the digits, the last of which is the check digit, pass MOD 11,10.
fn mod_11_10(digits: &[u32]) -> bool {
    let Some((check, body)) = digits.split_last() else { return false };
    let product = body.iter().fold(10, |product, digit| {
        let sum = (product + digit) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (product + check) % 10 == 1
}

/// Tax identification number of Germany: of the first ten digits one occurs twice or three times, all others once at
/// most, and never three in a row (Steueridentifikationsnummerverordnung § 1; Bundeszentralamt für Steuern).
#[must_use]
pub fn de_tax_id(text: &str) -> bool {
    let Some(digits) = digits::<11>(text) else { return false };
    let [body @ .., _] = digits;
    let counts = counts(&body);
    let repeated = counts.iter().filter(|count| **count > 1).count();
    let in_a_row = body.windows(3).any(|three| !super::digits::is_varied(three));
    de_tax_id_checksum(text) && repeated == 1 && !in_a_row
}

/// As [`de_tax_id`] but for the rules of repetition, which numbers made up for examples often break.
#[must_use]
pub fn de_tax_id_checksum(text: &str) -> bool {
    let Some(digits) = digits::<11>(text) else { return false };
    let [body @ .., _] = digits;
    !body.starts_with(&[0]) && counts(&body).iter().all(|count| *count < 4) && mod_11_10(&digits)
}

fn counts(digits: &[u32; 10]) -> [usize; 10] {
    std::array::from_fn(|wanted| digits.iter().filter(|digit| **digit as usize == wanted).count())
}

/// VAT number of Germany (Bundeszentralamt für Steuern, "Aufbau der Umsatzsteuer-Identifikationsnummer").
#[must_use]
pub fn de_vat(text: &str) -> bool {
    digits::<9>(text).is_some_and(|digits| !digits.starts_with(&[0]) && mod_11_10(&digits))
}

/// OIB of Croatia (Porezna uprava).
#[must_use]
pub fn hr_oib(text: &str) -> bool {
    digits::<11>(text).is_some_and(|digits| mod_11_10(&digits))
}

/// Resident identity number of China: a province, a birthday, a serial, and a check digit by MOD 11-2, `X` for 10
/// (GB 11643-1999; provinces by GB/T 2260).
#[must_use]
pub fn cn_resident_id(text: &str) -> bool {
    let Some(symbols) = symbols::<18>(text) else { return false };
    let [body @ .., check] = symbols;
    if !body.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let check = if check == b'X' { 10 } else { value(check) };
    let body = body.map(value);
    let [p, q, _, _, _, _, year @ .., _, _, _] = body;
    let [y, e, a, r, m, n, d, x] = year;
    let year = y * 1000 + e * 100 + a * 10 + r;
    let remainder = body.iter().fold(0, |remainder, digit| (remainder + digit) * 2 % 11);
    matches!(number(&[p, q]), 11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81..=83)
        && (1850..=2099).contains(&year)
        && is_date(year, m * 10 + n, d * 10 + x)
        && (remainder + check) % 11 == 1
}

#[cfg(test)]
mod tests {
    use super::{super::digits::tests::holds, *};

    #[test]
    fn one_wrong_digit_never_passes() {
        holds(de_tax_id, &["36574261809", "36 574 261 809", "47036892816"], 300);
        holds(de_tax_id_checksum, &["12345678903", "98765432106", "36574261809"], 30);
        holds(de_vat, &["136695976", "DE 136 695 976"], 30);
        holds(hr_oib, &["33392005961"], 30);
        holds(cn_resident_id, &["360426199101010071", "11010519491231002X", "11010519491231002x"], 90);
    }

    #[test]
    fn repetitions_provinces_and_dates_count() {
        for text in ["12345678903", "98765432106", "11112345678", "02345678903", "11111111111", "12345678901"] {
            assert!(!de_tax_id(text), "{text}");
        }
        for text in ["02345678901", "11112345678", "12222234567", "12345678901"] {
            assert!(!de_tax_id_checksum(text), "{text}");
        }
        for text in ["160426199101010071", "360426199113010071", "36042619910101007X", "36042619910101X071"] {
            assert!(!cn_resident_id(text), "{text}");
        }
    }
}
