//! The codice fiscale of Italy: sums by 26 over values of its own for odd places.

use super::{
    date::is_short_date,
    digits::{symbols, value},
};

/// What symbols count at odd places; digits as the letters from `A` on.
const ODD: [u32; 26] = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
/// The letters of the months.
const MONTHS: &[u8; 12] = b"ABCDEHLMPRST";
/// The letters that stand for digits where two persons would have the same code.
const OMOCODIA: &[u8; 10] = b"LMNPQRSTUV";

/// Codice fiscale: surname, name, birthday (40 added for women), place, check letter (DM 23 December 1976; Agenzia delle
/// Entrate).
#[must_use]
pub fn it_fiscal_code(text: &str) -> bool {
    let Some(symbols) = symbols::<16>(text) else { return false };
    let [body @ .., check] = symbols;
    let sum: u32 = body
        .iter()
        .enumerate()
        .map(|(at, symbol)| {
            let ordinal = if symbol.is_ascii_digit() { value(*symbol) } else { value(*symbol) - 10 };
            // Places count from one.
            if at % 2 == 0 { ODD.get(ordinal as usize).copied().unwrap_or_default() } else { ordinal }
        })
        .sum();
    it_fiscal_code_date(text) && check.is_ascii_alphabetic() && sum % 26 == value(check) - 10
}

/// Codice fiscale by its birthday alone.
#[must_use]
pub fn it_fiscal_code_date(text: &str) -> bool {
    let Some([_, _, _, _, _, _, year, of, month, day, date, ..]) = symbols::<16>(text) else { return false };
    let [Some(year), Some(of), Some(day), Some(date)] = [year, of, day, date].map(digit) else { return false };
    let Some(month) = (1..).zip(MONTHS).find_map(|(number, letter)| (*letter == month).then_some(number)) else {
        return false;
    };
    let day = day * 10 + date;
    is_short_date(year * 10 + of, month, if day > 40 { day - 40 } else { day })
}

fn digit(symbol: u8) -> Option<u32> {
    if symbol.is_ascii_digit() {
        return Some(value(symbol));
    }
    (0..).zip(OMOCODIA).find_map(|(digit, letter)| (*letter == symbol).then_some(digit))
}

#[cfg(test)]
mod tests {
    use super::{super::digits::tests::holds, *};

    #[test]
    fn one_wrong_digit_never_passes() {
        holds(it_fiscal_code, &["AAAAAA00B11C333Y", "RSSMRA85T10A562S", "rssmra85t10a562s", "RCCMNL83S18D969H"], 25);
    }

    #[test]
    fn letters_may_stand_for_digits() {
        let code = "RCCMNL83S18D969";
        for at in [6, 7, 9, 10, 12, 13, 14] {
            let mut other = code.as_bytes().to_vec();
            other[at] = OMOCODIA[usize::from(other[at] - b'0')];
            let other = String::from_utf8(other).unwrap();
            let right = ('A'..='Z').filter(|check| it_fiscal_code(&format!("{other}{check}"))).count();
            assert_eq!(right, 1, "{other}");
        }
    }

    #[test]
    fn birthdays_count() {
        assert!(it_fiscal_code_date("AAAAAA00B11C333N") && !it_fiscal_code("AAAAAA00B11C333N"));
        for text in ["RSSMRA85F10A562S", "RSSMRA85T32A562S", "RSSMRA85T72A562S", "RSSMRAX5T10A562S"] {
            assert!(!it_fiscal_code_date(text), "{text}");
        }
    }
}
