//! Numbers of payment cards: ISO/IEC 7812, with the ranges that the networks give out.

use std::ops::Range;

use super::super::scan::{ends_word, run_on, starts_word};
use crate::checks;

/// Bare, in fours, or in the groups of American Express and Diners Club.
pub(super) const NUMBER: &str = "[1-9][0-9]{11,18}\
    |[2-9][0-9]{3}(?: [0-9]{4}){3}(?: [0-9]{1,3})?\
    |[2-9][0-9]{3}(?:-[0-9]{4}){3}(?:-[0-9]{1,3})?\
    |[2-9][0-9]{3}(?:\\.[0-9]{4}){3}\
    |3[0-9]{3}[ -][0-9]{6}[ -][0-9]{4,5}";

pub(super) const SOURCE: &str = "ISO/IEC 7812-1; ranges as the networks publish them (Visa, Mastercard, American Express, Discover, JCB, UnionPay, Mir, RuPay), 2026-11";

pub(super) const CONTEXT: &[&str] = &[
    "card",
    "cards",
    "credit",
    "debit",
    "visa",
    "mastercard",
    "amex",
    "american express",
    "discover",
    "diners",
    "jcb",
    "maestro",
    "unionpay",
    "rupay",
    "mir",
    "payment",
    "pay",
    "paid",
    "cc",
    "pan",
    "charge",
    "charged",
    "billing",
    "cvv",
    "cvc",
    "expiry",
    "expires",
    "exp",
    "checkout",
    "cardholder",
    "kreditkarte",
    "karte",
    "tarjeta",
    "carte",
    "carta",
    "cartao",
    "kaart",
    "airplus",
    "uatp",
];

/// What else has numbers as long as these.
pub(super) const AGAINST: &[&str] = &[
    "tracking",
    "order number",
    "order id",
    "order no",
    "invoice number",
    "isbn",
    "imei",
    "serial",
    "serial number",
    "transaction id",
    "timestamp",
    "nonce",
    "snowflake",
    "barcode",
    "ean",
    "gtin",
    "tweet",
    "uuid",
];

/// Ranges by their first digits, from and to, the shortest and the longest number, and whether the range alone, with a
/// checksum, makes a number a card's where its length does so too.
const RANGES: &[(u32, u32, usize, usize, bool)] = &[
    (1, 1, 15, 15, false),       // UATP
    (1800, 1800, 15, 15, true),  // JCB, older
    (2131, 2131, 15, 15, true),  // JCB, older
    (2200, 2204, 16, 19, true),  // Mir
    (2221, 2720, 16, 16, true),  // Mastercard
    (300, 305, 14, 14, true),    // Diners Club
    (3095, 3095, 14, 14, true),  // Diners Club
    (34, 34, 15, 15, true),      // American Express
    (35, 35, 16, 16, true),      // JCB, which has 3528 to 3589, and what tests make of it
    (3528, 3589, 17, 19, false), // JCB
    (36, 36, 14, 14, true),      // Diners Club
    (37, 37, 15, 15, true),      // American Express
    (38, 39, 14, 14, true),      // Diners Club
    (300, 305, 16, 19, false),   // Diners Club, newer
    (36, 39, 16, 19, false),     // Diners Club, newer
    (4, 4, 13, 13, true),        // Visa, older
    (4, 4, 16, 16, true),        // Visa
    (4, 4, 19, 19, true),        // Visa
    (5018, 5018, 12, 19, true),  // Maestro
    (5019, 5019, 16, 16, true),  // Dankort
    (5020, 5020, 12, 19, true),  // Maestro
    (5038, 5038, 12, 19, true),  // Maestro
    (5060, 5099, 16, 16, true),  // Verve, RuPay, Elo
    (50, 50, 12, 19, false),     // Maestro and others
    (51, 55, 16, 16, true),      // Mastercard
    (56, 58, 12, 19, true),      // Maestro
    (5893, 5893, 12, 19, true),  // Maestro
    (6011, 6011, 16, 16, true),  // Discover
    (60, 60, 16, 16, true),      // RuPay, Hipercard
    (62, 62, 16, 16, true),      // UnionPay
    (6304, 6304, 12, 19, true),  // Maestro
    (636, 639, 16, 16, true),    // InterPayment, InstaPayment
    (644, 649, 16, 16, true),    // Discover
    (65, 65, 16, 16, true),      // Discover, RuPay, Troy
    (6390, 6390, 12, 19, true),  // Maestro
    (6759, 6759, 12, 19, true),  // Maestro
    (6761, 6763, 12, 19, true),  // Maestro
    (6, 6, 12, 19, false),       // Maestro, UnionPay, Discover
    (8171, 8172, 16, 19, false), // UnionPay
    (81, 82, 16, 16, false),     // RuPay
    (9792, 9792, 16, 16, true),  // Troy
];

/// A number of a network's range that says by itself, or by its groups, that it is a card's.
pub(super) fn is_sure(text: &str) -> bool {
    verdict(text) == Some(true)
}

/// One that may be something else.
pub(super) fn is_likely(text: &str) -> bool {
    verdict(text) == Some(false)
}

/// The digits of a card's verification value behind its name.
pub(super) const CODES: &[&str] =
    &["cvv2", "cvc2", "cvv:", "cvc:", "cvv ", "cvc ", "cvv=", "cvc=", "cvv\"", "cvc\"", "security code"];

pub(super) fn code(text: &str, at: usize) -> Option<Range<usize>> {
    let name = run_on(text, at, 13, |byte| byte.is_ascii_alphabetic() || byte == b' ');
    let name = run_on(text, name, 1, |byte| byte == b'2');
    let name = run_on(text, name, 4, |byte| matches!(byte, b'"' | b':' | b'=' | b' ' | b'\\' | b'#'));
    let is = usize::from(text.get(name..)?.starts_with("is ")) * 3;
    let from = run_on(text, name + is, 2, |byte| matches!(byte, b'"' | b' ' | b'\\'));
    let end = run_on(text, from, 5, |byte| byte.is_ascii_digit());
    (starts_word(text, at) && (3..=4).contains(&(end - from)) && ends_word(text, end)).then_some(from..end)
}

fn verdict(text: &str) -> Option<bool> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_digit).collect();
    let first = *digits.first()?;
    if digits.iter().all(|digit| *digit == first) || !checks::luhn(text) {
        return None;
    }
    let is_grouped = digits.len() < text.len();
    let mut verdict = None;
    for (from, to, shortest, longest, is_sure) in RANGES {
        let width = from.ilog10() as usize + 1;
        let head = digits.get(..width)?.iter().fold(0, |head, digit| head * 10 + u32::from(digit - b'0'));
        if (from..=to).contains(&&head) && (*shortest..=*longest).contains(&digits.len()) {
            let is_usual = is_usual(digits.len(), *shortest == *longest);
            verdict = Some(verdict.unwrap_or_default() || *is_sure && is_usual || is_grouped);
        }
    }
    verdict
}

/// Whether hardly anything else than a card has a bare number of such a length: 16 digits, or 14 and 15 where a range has
/// no other. One in ten ids of other lengths passes the check, and many of them begin like a Maestro or an older Visa.
const fn is_usual(length: usize, is_only_length: bool) -> bool {
    length == 16 || is_only_length && matches!(length, 14 | 15)
}

#[cfg(test)]
mod tests {
    use regex_automata::meta::Regex;

    use super::{NUMBER, RANGES, code, is_usual, verdict};
    use crate::checks;

    fn is_matched(text: &str) -> bool {
        Regex::new(&format!("^(?:{NUMBER})$")).unwrap().is_match(text)
    }

    #[test]
    fn published_test_numbers() {
        for number in [
            "4111111111111111",
            "4012-8888-8888-1881",
            "4012 8888 8888 1881",
            "5555.5555.5555.4444",
            "2223003122003222",
            "378282246310005",
            "3714 496353 98431",
            "30569309025904",
            "3056 930902 5904",
            "6011000400000000",
            "3528000700000000",
            "6759649826438453",
            "5019717010103742",
            "2200000000000004",
            "4484070000000000",
        ] {
            assert!(is_matched(number), "{number}");
            assert_eq!(verdict(number), Some(true), "{number}");
        }
        // As long as ids and hashes, so that a word must say that they are cards.
        for number in [
            "122000000000003",
            "6900000000000008",
            "4222222222222",
            "585638931568",
            "5848927483351",
            "6304100000000000009",
        ] {
            assert!(is_matched(number), "{number}");
            assert_eq!(verdict(number), Some(false), "{number}");
        }
    }

    #[test]
    fn look_alikes() {
        for number in [
            "4111111111111112",
            "0000000000000000",
            "4444444444444444",
            "9999999999999995",
            "1234567890128",
            "7992739871300006",
        ] {
            assert_eq!(verdict(number), None, "{number}");
        }
        assert!(!is_matched("4111-1111 1111-1111"));
    }

    #[test]
    fn every_range_is_reached_by_a_made_number() {
        for (from, to, shortest, longest, is_sure) in RANGES {
            for head in [from, to] {
                for length in [*shortest, *longest] {
                    let stem = format!("{head:1<width$}", width = length - 1);
                    let number =
                        (0..10).map(|check| format!("{stem}{check}")).find(|number| checks::luhn(number)).unwrap();
                    assert!(is_matched(&number), "{number}");
                    let is_sure = *is_sure && is_usual(length, shortest == longest);
                    assert!(verdict(&number).is_some_and(|sure| sure || !is_sure), "{number}");
                    let wrong = number.replacen(&number[5..6], if &number[5..6] == "1" { "3" } else { "7" }, 1);
                    assert!(wrong == number || verdict(&wrong).is_none(), "{wrong}");
                }
            }
        }
    }

    #[test]
    fn codes() {
        for (text, digits) in [
            ("cvv: 123", "123"),
            ("CVV2 1234,", "1234"),
            ("cvc is 999", "999"),
            ("security code 123", "123"),
            ("cvv\":\"321\"", "321"),
        ] {
            assert_eq!(code(text, 0).map(|range| &text[range]), Some(digits), "{text}");
        }
        for text in ["cvv: 12", "cvv: 12345", "cvv matches", "security code of 3 digits", "cvc: 12a"] {
            assert_eq!(code(text, 0), None, "{text}");
        }
    }
}
