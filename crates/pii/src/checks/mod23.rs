//! Remainders by 23 that give a letter: Spain, Ireland.

use super::digits::{is_letter, symbols, value, weighted_cross_sums};

/// NIF of a Spaniard: up to eight digits and the letter of their remainder (Real Decreto 1553/2005; Ministerio del
/// Interior, "Cálculo del dígito de control del NIF/NIE").
#[must_use]
pub fn es_nif(text: &str) -> bool {
    spanish(text, 0)
}

/// NIF of natural persons without either: `K`, `L` or `M`, seven digits, and the letter of those (Orden EHA/451/2008).
#[must_use]
pub fn es_nif_special(text: &str) -> bool {
    text.starts_with(['K', 'L', 'M', 'k', 'l', 'm']) && text.get(1..).is_some_and(|rest| spanish(rest, 0))
}

/// NIF of companies and other bodies: a letter for the kind, seven digits, and what makes their sum a multiple of ten,
/// every other digit doubled from the first on; a letter in its place for some kinds (Orden EHA/451/2008).
#[must_use]
pub fn es_cif(text: &str) -> bool {
    let Some([kind, digits @ .., check]) = symbols::<9>(text) else { return false };
    if !digits.iter().all(u8::is_ascii_digit) || digits == [b'0'; 7] {
        return false;
    }
    let sum = weighted_cross_sums(&digits.map(value), &[2, 1, 2, 1, 2, 1, 2]);
    let control = (10 - sum % 10) % 10;
    let (is_digit, is_letter) =
        (check.is_ascii_digit() && value(check) == control, is_letter(b"JABCDEFGHI", control, check));
    match kind {
        b'A' | b'B' | b'E' | b'H' => is_digit,
        b'N' | b'P' | b'Q' | b'R' | b'S' | b'W' => is_letter,
        b'C' | b'D' | b'F' | b'G' | b'J' | b'U' | b'V' => is_digit || is_letter,
        _ => false,
    }
}

/// NIE of a foreigner in Spain: `X`, `Y` and `Z` stand for the digits 0, 1 and 2 before the others.
#[must_use]
pub fn es_nie(text: &str) -> bool {
    let prefix = match text.bytes().next() {
        Some(b'X' | b'x') => 0,
        Some(b'Y' | b'y') => 1,
        Some(b'Z' | b'z') => 2,
        _ => return false,
    };
    text.get(1..).is_some_and(|rest| spanish(rest, prefix))
}

fn spanish(text: &str, prefix: u32) -> bool {
    let mut symbols = text.bytes().filter(u8::is_ascii_alphanumeric);
    let Some(letter) = symbols.next_back().map(|letter| letter.to_ascii_uppercase()) else { return false };
    let (mut number, mut digits) = (prefix, 0);
    for symbol in symbols {
        if !symbol.is_ascii_digit() || digits == 8 {
            return false;
        }
        number = number * 10 + value(symbol);
        digits += 1;
    }
    // With an eighth digit a prefix would stand for ten times as much.
    digits >= 7 && number != prefix && is_letter(b"TRWAGMYFPDXBNJZSQVHLCKE", number % 23, letter)
}

/// PPS number of Ireland: seven digits, a check letter, and since 2013 one letter more, which counts nine times
/// (Revenue Commissioners; S.I. of 2012 on the PPSN).
#[must_use]
pub fn ie_pps(text: &str) -> bool {
    let mut symbols = text.bytes().filter(u8::is_ascii_alphanumeric).map(|symbol| symbol.to_ascii_uppercase());
    let mut sum = 0;
    for weight in (2..=8).rev() {
        match symbols.next() {
            Some(digit @ b'0'..=b'9') => sum += value(digit) * weight,
            _ => return false,
        }
    }
    let Some(check) = symbols.next() else { return false };
    sum += match symbols.next() {
        None | Some(b'W') => 0,
        Some(letter @ b'A'..=b'I') => (value(letter) - 9) * 9,
        Some(_) => return false,
    };
    symbols.next().is_none() && sum != 0 && is_letter(b"WABCDEFGHIJKLMNOPQRSTUV", sum % 23, check)
}

#[cfg(test)]
mod tests {
    use super::{super::digits::tests::holds, *};

    #[test]
    fn one_wrong_digit_never_passes() {
        holds(
            es_nif,
            &["55555555K", "55555555-K", "1111111-G", "1111111G", "01111111G", "12.345.678-Z", "12345678z"],
            30,
        );
        holds(es_nie, &["X1234567L", "Y-1234567-X", "Z8078221M", "X9613851N"], 30);
        // Companies that publish theirs, such as Telefónica and Inditex.
        holds(es_cif, &["A28015865", "A15075062", "Q2826000H", "G28197564"], 9);
        holds(es_nif_special, &["K1234567L", "L1234567-L", "M1234567L"], 30);
        holds(ie_pps, &["6433435F", "6433435OA", "1234567T"], 20);
    }

    #[test]
    fn each_letter_is_one_of_23() {
        for letter in 'A'..='Z' {
            assert_eq!(es_nif(&format!("12345678{letter}")), letter == 'Z', "{letter}");
        }
        for text in ["00000000T", "401-023-2138", "A1234567L", "X12345678", "123456L", "1234567é"] {
            assert!(!es_nif(text) && !es_nie(text), "{text}");
        }
    }
}
