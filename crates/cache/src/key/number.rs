use super::Ambiguous;

/// Digits of an exponent that are reckoned with. A number with more is one that no two readers agree on: it is infinite to
/// one, and an error to another.
const EXPONENT_DIGITS: usize = 18;

/// Adds a number by its value: its sign, its digits from the first to the last that is not 0, the power of ten of that last
/// one unless it is 0, and `;`. Zero is `0`, whatever its sign.
///
/// It is as exact as the text is: nothing is rounded, and it takes the time and the memory that the text does.
pub(super) fn write(text: &[u8], out: &mut Vec<u8>) -> Result<(), Ambiguous> {
    let (sign, unsigned) = match text.strip_prefix(b"-") {
        Some(rest) => (b'-', rest),
        None => (b'+', text),
    };
    // Most are small, whole, and written as they are written here.
    if let [b'1'..=b'9', .., b'1'..=b'9'] | [b'1'..=b'9'] = unsigned
        && unsigned.iter().all(u8::is_ascii_digit)
    {
        out.push(sign);
        out.extend_from_slice(unsigned);
        out.push(b';');
        return Ok(());
    }
    let (mantissa, exponent) = cut(unsigned, |byte| matches!(byte, b'e' | b'E'));
    let (whole, fraction) = cut(mantissa, |byte| *byte == b'.');
    for digits in [Some(whole), fraction].into_iter().flatten() {
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return Err(Ambiguous);
        }
    }
    // Places are counted from the first digit, over the point.
    let places = [(whole, 0), (fraction.unwrap_or_default(), whole.len())];
    let is_significant = |byte: &u8| *byte != b'0';
    let first = places.iter().find_map(|(digits, from)| Some(from + digits.iter().position(is_significant)?));
    let last = places.iter().rev().find_map(|(digits, from)| Some(from + digits.iter().rposition(is_significant)?));
    let (Some(first), Some(last)) = (first, last) else {
        out.push(b'0');
        return Ok(());
    };
    out.push(sign);
    for (digits, from) in places {
        let within = |place: usize| place.saturating_sub(from).min(digits.len());
        out.extend_from_slice(digits.get(within(first)..within(last + 1)).unwrap_or_default());
    }
    let power = exponent.map_or(Ok(0), read_exponent)? + length(whole.len())? - length(last + 1)?;
    if power != 0 {
        out.push(b'e');
        out.extend_from_slice(power.to_string().as_bytes());
    }
    out.push(b';');
    Ok(())
}

/// What stands before the first such byte, and after it.
fn cut(text: &[u8], is_it: impl Fn(&u8) -> bool) -> (&[u8], Option<&[u8]>) {
    let mut parts = text.splitn(2, is_it);
    (parts.next().unwrap_or_default(), parts.next())
}

fn read_exponent(text: &[u8]) -> Result<i64, Ambiguous> {
    let (sign, digits) = match text.split_first() {
        Some((b'-', digits)) => (-1, digits),
        Some((b'+', digits)) => (1, digits),
        _ => (1, text),
    };
    let zeros = digits.iter().take_while(|byte| **byte == b'0').count();
    let significant = digits.get(zeros..).unwrap_or_default();
    if digits.is_empty() || significant.len() > EXPONENT_DIGITS || !significant.iter().all(u8::is_ascii_digit) {
        return Err(Ambiguous);
    }
    Ok(sign * significant.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
}

fn length(bytes: usize) -> Result<i64, Ambiguous> {
    i64::try_from(bytes).map_err(|_| Ambiguous)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(text: &str) -> Result<String, Ambiguous> {
        let mut out = Vec::new();
        write(text.as_bytes(), &mut out)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn numbers_are_written_by_their_value() {
        for (same, form) in [
            (
                &["1", "1.0", "1.000", "10e-1", "1E0", "1e+0", "0.1e1", "0.01e2", "1e-0", "1e0000000000000000000000"][..],
                "+1;",
            ),
            (&["0", "-0", "0.0", "-0.0e5", "0e99999999999999999999999", "0.000"], "0"),
            (&["-1.50", "-15e-1", "-0.15E1"], "-15e-1;"),
            (&["100", "1e2", "10.0e1", "1e02"], "+1e2;"),
            (&["1002.003", "1002003e-3"], "+1002003e-3;"),
            (&["0.001", "1e-3"], "+1e-3;"),
            (&["9007199254740993", "9007199254740993.0"], "+9007199254740993;"),
            (&["1e999999999999999999", "10e999999999999999998"], "+1e999999999999999999;"),
            (&["1e-999999999999999999"], "+1e-999999999999999999;"),
        ] {
            for text in same {
                assert_eq!(written(text).as_deref(), Ok(form), "{text}");
            }
        }
    }

    #[test]
    fn what_nobody_can_hold_or_is_no_number_has_no_form() {
        for text in [
            "1e9999999999999999999",
            "1e-9999999999999999999",
            "",
            "-",
            "1.",
            ".5",
            "1e",
            "1e+",
            "--1",
            "1.2.3",
            "1e2e3",
            "1e--2",
        ] {
            assert_eq!(written(text), Err(Ambiguous), "{text}");
        }
    }

    #[test]
    fn long_numbers_are_exact() {
        let long = "123456789".repeat(10_000);
        assert_eq!(written(&long), Ok(format!("+{long};")));
        assert_eq!(written(&format!("0.{long}")), Ok(format!("+{long}e-90000;")));
        assert_eq!(written(&format!("{long}{}", "0".repeat(1_000))), Ok(format!("+{long}e1000;")));
        assert_ne!(written(&format!("{long}1")), written(&format!("{long}2")));
    }

    proptest! {
        #[test]
        fn values_are_equal_where_forms_are(a in -3_000_i64..3_000, b in -3_000_i64..3_000, x in 0_u32..4, y in 0_u32..4) {
            let [by_value, by_form] = [a * 10_i64.pow(x) == b * 10_i64.pow(y), written(&format!("{a}e{x}")) == written(&format!("{b}e{y}"))];
            prop_assert_eq!(by_value, by_form);
        }

        #[test]
        fn any_bytes_are_a_number_or_none(text in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = write(&text, &mut Vec::new());
        }
    }
}
