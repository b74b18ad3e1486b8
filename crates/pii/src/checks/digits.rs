//! Reading a candidate: its digits or letters without what separates them, and sums over them.

/// The `N` digits of a candidate; `None` when there are more or fewer. Letters count as separators.
pub(super) fn digits<const N: usize>(text: &str) -> Option<[u32; N]> {
    let mut left = text.bytes().filter(u8::is_ascii_digit);
    let mut digits = [0; N];
    for digit in &mut digits {
        *digit = u32::from(left.next()? - b'0');
    }
    left.next().is_none().then_some(digits)
}

/// The `N` letters and digits of a candidate, letters in upper case; `None` when there are more or fewer.
pub(super) fn symbols<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut left = text.bytes().filter(u8::is_ascii_alphanumeric);
    let mut symbols = [0; N];
    for symbol in &mut symbols {
        *symbol = left.next()?.to_ascii_uppercase();
    }
    left.next().is_none().then_some(symbols)
}

/// What a digit or letter counts: 0 to 9, then `A` as 10 to `Z` as 35.
pub(super) fn value(symbol: u8) -> u32 {
    char::from(symbol).to_digit(36).unwrap_or_default()
}

/// Each value times the weight at its place, added up.
pub(super) fn weighted(values: &[u32], weights: &[u32]) -> u32 {
    values.iter().zip(weights).map(|(value, weight)| value * weight).sum()
}

/// What [`weighted`] is of letters and digits by [`value`].
pub(super) fn weighted_values(symbols: &[u8], weights: &[u32]) -> u32 {
    symbols.iter().zip(weights).map(|(symbol, weight)| value(*symbol) * weight).sum()
}

/// Each value times the weight at its place, and of each product the sum of its digits, added up.
pub(super) fn weighted_cross_sums(values: &[u32], weights: &[u32]) -> u32 {
    values.iter().zip(weights).map(|(value, weight)| value * weight).map(|product| product / 10 + product % 10).sum()
}

/// The digits read as one number.
pub(super) fn number(digits: &[u32]) -> u64 {
    digits.iter().fold(0, |number, digit| number * 10 + u64::from(*digit))
}

/// Whether the digits are not all the same: such as `000000000` pass many checksums and are never given out.
pub(super) fn is_varied(digits: &[u32]) -> bool {
    digits.iter().any(|digit| Some(digit) != digits.first())
}

/// For schemes without a check digit: not all digits are the same.
#[must_use]
pub fn varied(text: &str) -> bool {
    let mut digits = text.bytes().filter(u8::is_ascii_digit);
    let first = digits.next();
    digits.any(|digit| Some(digit) != first)
}

/// Whether the letter at this place of a scheme's table is this one.
pub(super) fn is_letter(table: &[u8], at: u32, letter: u8) -> bool {
    usize::try_from(at).ok().and_then(|at| table.get(at)) == Some(&letter)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    #[test]
    fn separators_are_skipped_and_lengths_are_exact() {
        assert_eq!(digits::<4>("1-2 3.4"), Some([1, 2, 3, 4]));
        assert_eq!(digits::<4>("123"), None);
        assert_eq!(digits::<4>("12345"), None);
        assert_eq!(symbols::<3>("a-1 b"), Some(*b"A1B"));
        assert_eq!(symbols::<3>("a1"), None);
        assert_eq!(symbols::<3>("a1b2"), None);
    }

    #[test]
    fn one_digit_over_and_over_is_nobodys() {
        assert!(varied("A1112111") && !varied("A1111111") && !varied("") && !varied("AB"));
    }

    /// Every one of these passes; with any one digit changed, at most one value in `chance` does, and so for hostile
    /// texts: empty, too long, of other characters.
    pub(in crate::checks) fn holds(check: crate::Check, valid: &[&str], chance: usize) {
        let (mut tried, mut passed) = (0, 0);
        for text in valid {
            assert!(check(text), "{text}");
            for (at, old) in text.char_indices().filter(|(_, old)| old.is_ascii_digit()) {
                for new in ('0'..='9').filter(|new| *new != old) {
                    let mut wrong = (*text).to_owned();
                    wrong.replace_range(at..=at, new.encode_utf8(&mut [0; 4]));
                    tried += 1;
                    passed += usize::from(check(&wrong));
                }
            }
            for wrong in [&text[1..], &text[..text.len() - 1], &format!("{text}0"), &format!("7{text}")] {
                tried += 1;
                passed += usize::from(check(wrong));
            }
        }
        assert!(passed * chance <= tried, "{passed} of {tried} wrong ones pass");
        for hostile in ["", " ", "-", "é", "०१२३४५६७८९०", "\u{0}", &"0".repeat(500), &"9".repeat(500), &"A".repeat(500)]
        {
            assert!(!check(hostile), "{hostile}");
        }
    }
}
