//! Of the Americas.

use super::super::arithmetic::{grouped, numbers, weighted, with_luhn};
use super::super::{Value, bare, cued};
use super::born;
use crate::dice::{CAPITALS, Dice};

pub(super) fn us_ssn(dice: &mut Dice) -> Value {
    let area = loop {
        let area = dice.between(1, 900);
        if area != 666 {
            break area;
        }
    };
    let (group, serial) = (dice.between(1, 100), dice.between(1, 10_000));
    match dice.between(0, 8) {
        0..5 => bare(format!("{area:03}-{group:02}-{serial:04}")),
        5 | 6 => cued(format!("{area:03} {group:02} {serial:04}")),
        _ => cued(format!("{area:03}{group:02}{serial:04}")),
    }
}

pub(super) fn us_itin(dice: &mut Dice) -> Value {
    let group = *dice.pick(&[50, 58, 65, 70, 77, 83, 88, 90, 92, 94, 97, 99]);
    let number = format!("9{}{group}{}", dice.digits(2), dice.digits(4));
    match dice.between(0, 8) {
        0..5 => bare(grouped(&number, &[3, 2, 4], "-")),
        5 | 6 => cued(grouped(&number, &[3, 2, 4], " ")),
        _ => cued(number),
    }
}

/// Of California, New York, Texas, Florida, Illinois, Michigan, New Jersey, Wisconsin.
pub(super) fn us_driving_licence(dice: &mut Dice) -> Value {
    let shape = *dice.pick(&[
        "A8999999",
        "A8999999",
        "899 999 999",
        "89999999",
        "A999-999-99-999-9",
        "A999-9999-9999",
        "A 999 999 999 999",
        "A9999 99999 99999",
        "A999-9999-9999-99",
    ]);
    cued(dice.shape(shape))
}

/// Two digits mod 11, of weights that count down to 2, beginning again at 9 for CNPJ.
fn with_two(digits: String, longest: u64) -> String {
    (0..2).fold(digits, |digits, _| {
        let length = digits.len() as u64;
        let weights: Vec<u64> = (0..length).map(|place| (length - 1 - place) % (longest - 1) + 2).collect();
        let rest = weighted(&digits, &weights) % 11;
        format!("{digits}{}", if rest < 2 { 0 } else { 11 - rest })
    })
}

pub(super) fn br_cpf(dice: &mut Dice) -> Value {
    let number = with_two(dice.digits(9), 100);
    if dice.percent(65) {
        bare(format!("{}.{}.{}-{}", &number[..3], &number[3..6], &number[6..9], &number[9..]))
    } else {
        cued(number)
    }
}

pub(super) fn br_cnpj(dice: &mut Dice) -> Value {
    let number = with_two(dice.digits(8) + "0001", 9);
    if dice.percent(65) {
        bare(format!("{}.{}.{}/{}-{}", &number[..2], &number[2..5], &number[5..8], &number[8..12], &number[12..]))
    } else {
        cued(number)
    }
}

pub(super) fn ca_sin(dice: &mut Dice) -> Value {
    let number = with_luhn(format!("{}{}", dice.char("1234567"), dice.digits(7)));
    let separator = *dice.pick(&[" ", " ", "-", "-", ""]);
    cued(grouped(&number, &[3], separator))
}

pub(super) fn mx_curp(dice: &mut Dice) -> Value {
    let (year, month, day) = born(dice);
    let state = *dice.pick(&["AS", "BC", "DF", "JC", "MC", "NL", "OC", "PL", "SL", "VZ", "YN", "NE"]);
    let consonants = "BCDFGHJKLMNPQRSTVXYZ";
    let code = format!(
        "{}{}{}{}{:02}{month:02}{day:02}{}{state}{}0",
        dice.chars(CAPITALS, 1),
        dice.char("AEIOU"),
        dice.chars(consonants, 1),
        dice.chars(consonants, 1),
        year % 100,
        dice.char("HM"),
        dice.chars(consonants, 3),
    );
    // After N there is Ñ in this alphabet.
    let value = |number: u64| if number > 23 { number + 1 } else { number };
    let sum: u64 =
        numbers(&code).into_iter().enumerate().map(|(place, number)| value(number) * (18 - place as u64)).sum();
    bare(format!("{code}{}", (10 - sum % 10) % 10))
}
