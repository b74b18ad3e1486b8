use super::digits::{digits, is_varied};

/// The identifier of a provider of health care in the United States: by Luhn after `80840`, for which 24 is added.
#[must_use]
pub fn us_npi(text: &str) -> bool {
    let Some(digits) = digits::<10>(text) else { return false };
    let doubled = |digit: u32| digit * 2 / 10 + digit * 2 % 10;
    let sum = digits.iter().rev().enumerate().map(|(at, &digit)| if at % 2 == 1 { doubled(digit) } else { digit });
    is_varied(&digits) && (sum.sum::<u32>() + 24).is_multiple_of(10)
}

/// The number by which the Drug Enforcement Administration of the United States registers who prescribes: of seven digits
/// the last is that of the sum of the first, third and fifth and twice the others.
#[must_use]
pub fn us_dea(text: &str) -> bool {
    let Some((registrant, number)) = text.split_at_checked(2) else { return false };
    let Some([a, b, c, d, e, f, check]) = digits::<7>(number) else { return false };
    registrant.is_ascii() && is_varied(&[a, b, c, d, e, f, check]) && (a + c + e + 2 * (b + d + f)) % 10 == check
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_numbers_pass_and_their_neighbours_do_not() {
        // CMS's example of the check digit; an example of how to verify a registration.
        for (check, number) in
            [(us_npi as fn(&str) -> bool, "1234567893"), (us_npi, "1245319599"), (us_dea, "AP5836727")]
        {
            assert!(check(number), "{number}");
            let last = number.bytes().last().unwrap() - b'0';
            for other in (0..10).filter(|digit| *digit != last) {
                assert!(!check(&format!("{}{other}", &number[..number.len() - 1])), "{number} {other}");
            }
        }
        for text in ["", "1", "AB", "é1234563", "0000000000", "AB0000000", "12345678931"] {
            assert!(!us_npi(text) && !us_dea(text), "{text}");
        }
    }
}
