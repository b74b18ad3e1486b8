/// The Luhn checksum (ISO/IEC 7812-1) over the digits, whatever stands between them.
#[must_use]
pub fn luhn(text: &str) -> bool {
    let mut sum = 0_u32;
    let mut digits = 0_u32;
    for byte in text.bytes().rev().filter(u8::is_ascii_digit) {
        let digit = u32::from(byte - b'0');
        // Every second digit from the right counts twice, and of two digits the sum.
        sum += if digits.is_multiple_of(2) { digit } else { digit * 2 - if digit > 4 { 9 } else { 0 } };
        digits += 1;
    }
    digits > 1 && sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::luhn;

    #[test]
    fn published_numbers_pass_and_their_neighbours_do_not() {
        for number in ["4111111111111111", "5555 5555 5555 4444", "3782-822463-10005", "79927398713", "18"] {
            assert!(luhn(number), "{number}");
        }
        for number in ["", "0", "4111111111111112", "4111111111111112", "79927398710", "abc"] {
            assert!(!luhn(number), "{number}");
        }
    }

    #[test]
    fn one_wrong_digit_never_passes() {
        let number = "4012888888881881";
        for (at, digit) in number.char_indices() {
            for other in ('0'..='9').filter(|other| *other != digit) {
                let mut wrong = number.to_owned();
                wrong.replace_range(at..=at, other.encode_utf8(&mut [0; 4]));
                assert!(!luhn(&wrong), "{wrong}");
            }
        }
    }
}
