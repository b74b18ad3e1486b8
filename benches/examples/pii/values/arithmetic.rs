//! The arithmetic of check digits, for making them. Written apart from the detectors' checks, so as to judge them.

pub(super) fn numbers(text: &str) -> Vec<u64> {
    text.chars().filter_map(|sign| sign.to_digit(36)).map(u64::from).collect()
}

/// Each digit by its weight.
pub(super) fn weighted(text: &str, weights: &[u64]) -> u64 {
    numbers(text).iter().zip(weights).map(|(digit, weight)| digit * weight).sum()
}

/// The digits, and the one that Luhn's sum wants behind them.
pub(super) fn with_luhn(digits: String) -> String {
    let mut sum = 0;
    for (place, digit) in numbers(&digits).iter().rev().enumerate() {
        let doubled = if place % 2 == 0 { digit * 2 } else { *digit };
        sum += doubled / 10 + doubled % 10;
    }
    format!("{digits}{}", (10 - sum % 10) % 10)
}

/// The digits, and the Verhoeff digit.
pub(super) fn with_verhoeff(digits: String) -> String {
    let times = |a: u64, b: u64| match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => (a + (b - 5)) % 5 + 5,
        (false, true) => (a - 5 + 5 - b) % 5 + 5,
        (false, false) => (a - 5 + 5 - (b - 5)) % 5,
    };
    let permute = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let mut check = 0;
    for (place, digit) in numbers(&digits).iter().rev().enumerate() {
        let mut digit = *digit;
        for _ in 0..=place % 8 {
            digit = permute[digit as usize];
        }
        check = times(check, digit);
    }
    let inverse = if check < 5 { (5 - check) % 5 } else { check };
    format!("{digits}{inverse}")
}

/// The digits, and the one of ISO 7064, mod 11, 10.
pub(super) fn with_mod_11_10(digits: &str) -> String {
    let mut product = 10;
    for digit in numbers(digits) {
        let sum = (digit + product) % 10;
        product = if sum == 0 { 10 } else { sum } * 2 % 11;
    }
    format!("{digits}{}", (11 - product) % 10)
}

/// What is left of a number, letters counting from 10 on, by 97.
pub(super) fn mod_97(text: &str) -> u64 {
    numbers(text).iter().fold(0, |rest, number| (rest * if *number > 9 { 100 } else { 10 } + number) % 97)
}

/// Cut into groups of these lengths; what is longer than all of them goes on by the last.
pub(super) fn grouped(text: &str, lengths: &[usize], separator: &str) -> String {
    let mut out = String::new();
    let (mut group, mut left) = (0, lengths[0]);
    for sign in text.chars() {
        if left == 0 {
            group += 1;
            left = lengths[group.min(lengths.len() - 1)];
            out += separator;
        }
        out.push(sign);
        left -= 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Examples out of the standards and their descriptions.
    #[test]
    fn check_digits_are_those_of_the_standards() {
        assert_eq!(with_luhn("7992739871".to_owned()), "79927398713");
        assert_eq!(with_verhoeff("236".to_owned()), "2363");
        assert_eq!(with_mod_11_10("0794"), "07945");
        assert_eq!(mod_97("3214282912345698765432161182"), 1);
        assert_eq!(grouped("378282246310005", &[4, 6, 5], " "), "3782 822463 10005");
    }
}
