//! A remainder by 31 that gives a letter or digit: Finland.

use super::{
    date::is_date,
    digits::{is_letter, number, symbols, value},
};

/// Personal identity code of Finland: birthday, a sign for the century, a serial, a check sign. Since 2023 there are six
/// signs each for 1900 and 2000 (Digital and Population Data Services Agency, "The personal identity code"). Serials from
/// 900 on are temporary.
#[must_use]
pub fn fi_hetu(text: &str) -> bool {
    let century = match text.as_bytes().get(6).map(u8::to_ascii_uppercase) {
        Some(b'+') => 1800,
        Some(b'-' | b'U'..=b'Y') => 1900,
        Some(b'A'..=b'F') => 2000,
        _ => return false,
    };
    let (Some(day), Some(serial)) = (text.get(..6), text.get(7..)) else { return false };
    let (Some(day), Some([x, y, z, check])) = (symbols::<6>(day), symbols::<4>(serial)) else { return false };
    let [a, b, c, d, e, f] = day.map(value);
    let [x, y, z] = [x, y, z].map(value);
    let remainder = u32::try_from(number(&[a, b, c, d, e, f, x, y, z]) % 31).unwrap_or_default();
    text.len() == 11
        && day.iter().all(u8::is_ascii_digit)
        && [x, y, z].iter().all(|digit| *digit < 10)
        && number(&[x, y, z]) > 1
        && is_date(century + e * 10 + f, c * 10 + d, a * 10 + b)
        && is_letter(b"0123456789ABCDEFHJKLMNPRSTUVWXY", remainder, check)
}

#[cfg(test)]
mod tests {
    use super::{super::digits::tests::holds, *};

    #[test]
    fn one_wrong_digit_never_passes() {
        let valid = [
            "131052-308T",
            "010594Y9032",
            "020594X903P",
            "030594W903B",
            "040594V9030",
            "050594U903M",
            "010516B903X",
            "020516C903K",
            "030516D9037",
            "010501E9032",
            "020503F9037",
            "020504A902E",
            "131052-308t",
        ];
        holds(fi_hetu, &valid, 300);
    }

    #[test]
    fn dates_signs_and_check_signs_count() {
        for text in [
            "111111-111A",
            "111111+110G",
            "311190-1111",
            "310289-211C",
            "012245A110G",
            "010324A110G",
            "131052G308T",
            "131052-308",
            "131052-3O8T",
        ] {
            assert!(!fi_hetu(text), "{text}");
        }
    }
}
