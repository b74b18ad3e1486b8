//! Bank account numbers, read by the length that their country prescribes: so no word behind one is taken for a part of it.

use std::ops::Range;

use super::super::scan::{after, before, ends_word, starts_word};
use crate::checks;

/// The number whose check digits begin here.
pub(super) fn iban(text: &str, at: usize) -> Option<Range<usize>> {
    // One blank may stand before the check digits too, of a number in capitals.
    let letters = match before(text, at)? {
        b' ' | b'-' => at - 1,
        _ => at,
    };
    let start = letters.checked_sub(2)?;
    let country: [u8; 2] = text.as_bytes().get(start..letters)?.try_into().ok()?;
    if !country.iter().all(u8::is_ascii_alphabetic)
        || letters < at && !country.iter().all(u8::is_ascii_uppercase)
        || !starts_word(text, start)
    {
        return None;
    }
    let length = checks::iban_length(country)?;
    let mut end = at;
    for _ in 2..length {
        // One separator between groups, of which the first is never shorter than the check digits.
        if end > at + 1 && matches!(after(text, end), Some(b' ' | b'-')) {
            end += 1;
        }
        if !after(text, end)?.is_ascii_alphanumeric() {
            return None;
        }
        end += 1;
    }
    (ends_word(text, end) && checks::iban(text.get(start..end)?)).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::iban;
    use crate::checks;

    fn found(text: &str) -> Option<&str> {
        let at = text.find(|c: char| c.is_ascii_digit()).unwrap();
        iban(text, at).map(|range| &text[range])
    }

    #[test]
    fn numbers_of_every_country_however_they_are_written() {
        let mut seed = 1_u32;
        let draw = |below: u8| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 16) as u8 % below
        };
        for number in checks::ibans(draw) {
            let fours = |separator: &str| {
                number
                    .as_bytes()
                    .chunks(4)
                    .map(|four| std::str::from_utf8(four).unwrap())
                    .collect::<Vec<_>>()
                    .join(separator)
            };
            for shown in [
                number.clone(),
                number.to_lowercase(),
                fours(" "),
                fours("-"),
                format!("{} {}", &number[..2], &number[2..]),
            ] {
                for text in
                    [shown.clone(), format!("IBAN:{shown}."), format!("to {shown} is mine"), format!("\"{shown}\",")]
                {
                    assert_eq!(found(&text), Some(shown.as_str()), "{text}");
                }
                assert_eq!(found(&format!("{shown}1")), None);
                assert_eq!(found(&format!("A{shown}")), None);
            }
        }
    }

    #[test]
    fn look_alikes() {
        for text in ["DE89370400440532013001", "DE89 3704", "12", "of 12 apples and pears", "AB12 3456 7890", "DE8"] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
