//! Of Europe.

use super::super::arithmetic::{grouped, mod_97, numbers, weighted, with_luhn, with_mod_11_10};
use super::super::{Value, bare, cued};
use super::born;
use crate::dice::{DIGITS, Dice};

pub(super) fn uk_nhs(dice: &mut Dice) -> Value {
    let number = loop {
        let digits = dice.shape("8") + &dice.digits(8);
        let check = (11 - weighted(&digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 11;
        if check < 10 {
            break format!("{digits}{check}");
        }
    };
    let separator = *dice.pick(&[" ", " ", " ", "-", ""]);
    cued(grouped(&number, &[3, 3, 4], separator))
}

pub(super) fn uk_nino(dice: &mut Dice) -> Value {
    let prefix = loop {
        let prefix = dice.chars("ABCEGHJKLMNOPRSTWXYZ", 1) + &dice.chars("ABCEGHJKLMNPRSTWXYZ", 1);
        if !["BG", "GB", "NK", "KN", "TN", "NT", "ZZ"].contains(&prefix.as_str()) {
            break prefix;
        }
    };
    let number = format!("{prefix}{}{}", dice.digits(6), dice.char("ABCD"));
    bare(match dice.between(0, 5) {
        0..3 => grouped(&number, &[2], " "),
        3 => number,
        _ => number.to_lowercase(),
    })
}

pub(super) fn uk_driving_licence(dice: &mut Dice) -> Value {
    let (year, month, day) = born(dice);
    let month = if dice.percent(50) { month + 50 } else { month };
    let name = *dice.pick(&["MORGA", "SMITH", "TAYLO", "LEE99", "WALKE", "EVANS", "KING9", "ROBIN"]);
    bare(format!(
        "{name}{}{month:02}{day:02}{}{}{}9{}",
        year / 10 % 10,
        year % 10,
        dice.shape("A"),
        dice.char("ABCDEJMPRT9"),
        dice.chars("ABCDEFGHJKLMNPRSTUVWXYZ", 2),
    ))
}

const NIF: &[u8] = b"TRWAGMYFPDXBNJZSQVHLCKE";

pub(super) fn es_nif(dice: &mut Dice) -> Value {
    let number = dice.between(1_000_000, 99_999_999);
    let letter = char::from(NIF[(number % 23) as usize]);
    bare(match dice.between(0, 6) {
        0..4 => format!("{number:08}{letter}"),
        4 => format!("{number:08}-{letter}"),
        _ => {
            let digits = format!("{number:08}");
            format!("{}.{}.{}-{letter}", &digits[..2], &digits[2..5], &digits[5..])
        }
    })
}

pub(super) fn es_nie(dice: &mut Dice) -> Value {
    let (first, digits) = (dice.between(0, 3), dice.digits(7));
    let number: u64 = format!("{first}{digits}").parse().unwrap();
    let (kind, letter) = (char::from(b"XYZ"[first as usize]), char::from(NIF[(number % 23) as usize]));
    let separator = *dice.pick(&["", "", "-"]);
    bare(format!("{kind}{separator}{digits}{separator}{letter}"))
}

pub(super) fn it_fiscal_code(dice: &mut Dice) -> Value {
    let (year, month, day) = born(dice);
    let day = if dice.percent(50) { day + 40 } else { day };
    let code = format!(
        "{}{:02}{}{day:02}{}{:03}",
        dice.chars("BCDFGLMNPRSTVZ", 6),
        year % 100,
        char::from(b"ABCDEHLMPRST"[month as usize - 1]),
        dice.char("ABCDEFGHILM"),
        dice.between(1, 1000),
    );
    let odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let sum: u64 = numbers(&code)
        .into_iter()
        .enumerate()
        .map(|(place, number)| {
            let value = if number > 9 { number - 10 } else { number };
            if place % 2 == 0 { odd[value as usize] } else { value }
        })
        .sum();
    let code = format!("{code}{}", char::from(b'A' + (sum % 26) as u8));
    bare(match dice.between(0, 5) {
        0..3 => code,
        3 => code.to_lowercase(),
        _ => grouped(&code, &[3, 3, 5, 5], " "),
    })
}

/// Of the first ten digits exactly one stands there twice, all others once or not at all.
pub(super) fn de_tax_id(dice: &mut Dice) -> Value {
    let mut digits: Vec<char> = DIGITS.chars().collect();
    for i in (1..digits.len()).rev() {
        digits.swap(i, dice.between(0, i as u64 + 1) as usize);
    }
    let twice = digits[0];
    let gone = 1 + dice.between(0, 9) as usize;
    digits[gone] = twice;
    // The one that is there twice does not lead, so that neither a zero nor a pair does.
    digits.swap(0, if gone == 5 { 6 } else { 5 });
    if digits[0] == '0' {
        digits.swap(0, 9);
    }
    let number = with_mod_11_10(&digits.iter().collect::<String>());
    let lengths: &[usize] = if dice.percent(50) { &[2, 3, 3, 3] } else { &[11] };
    cued(grouped(&number, lengths, " "))
}

pub(super) fn de_id_card(dice: &mut Dice) -> Value {
    let signs = "CFGHJKLMNPRTVWXYZ0123456789";
    let number = dice.chars("LMNPRTVWXY", 1) + &dice.chars(signs, 2) + &dice.digits(1) + &dice.chars(signs, 5);
    let check = weighted(&number, &[7, 3, 1, 7, 3, 1, 7, 3, 1]) % 10;
    cued(if dice.percent(50) { format!("{number}{check}") } else { number })
}

pub(super) fn fr_nir(dice: &mut Dice) -> Value {
    let (year, month, _) = born(dice);
    let department =
        if dice.percent(8) { (*dice.pick(&["2A", "2B"])).to_owned() } else { format!("{:02}", dice.between(1, 96)) };
    let sex = dice.between(1, 3);
    let number =
        format!("{sex}{:02}{month:02}{department}{:03}{:03}", year % 100, dice.between(1, 600), dice.between(1, 900));
    let check = 97 - mod_97(&number.replace("2A", "19").replace("2B", "18"));
    let number = format!("{number}{check:02}");
    bare(if dice.percent(60) { grouped(&number, &[1, 2, 2, 2, 3, 3, 2], " ") } else { number })
}

pub(super) fn pl_pesel(dice: &mut Dice) -> Value {
    let (year, month, day) = born(dice);
    let number = format!("{:02}{month:02}{day:02}{}", year % 100, dice.digits(4));
    let check = (10 - weighted(&number, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10) % 10;
    cued(format!("{number}{check}"))
}

pub(super) fn fi_hetu(dice: &mut Dice) -> Value {
    let (year, month, day) = born(dice);
    let (date, number) = (format!("{day:02}{month:02}{:02}", year % 100), dice.between(2, 900));
    let rest = format!("{date}{number:03}").parse::<usize>().unwrap() % 31;
    let check = char::from(b"0123456789ABCDEFHJKLMNPRSTUVWXY"[rest]);
    bare(format!("{date}-{number:03}{check}"))
}

pub(super) fn se_personnummer(dice: &mut Dice) -> Value {
    let (year, month, day) = born(dice);
    let number = with_luhn(format!("{:02}{month:02}{day:02}{}", year % 100, dice.digits(3)));
    let (date, last) = number.split_at(6);
    match dice.between(0, 5) {
        0 | 1 => bare(format!("{date}-{last}")),
        2 => bare(format!("{}{date}-{last}", year / 100)),
        3 => bare(format!("{}{date}{last}", year / 100)),
        _ => cued(number),
    }
}

pub(super) fn nl_bsn(dice: &mut Dice) -> Value {
    let number = loop {
        let digits = dice.shape("8") + &dice.digits(7);
        let check = weighted(&digits, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
        if check < 10 {
            break format!("{digits}{check}");
        }
    };
    let lengths: &[usize] = if dice.percent(20) { &[4, 2, 3] } else { &[9] };
    cued(grouped(&number, lengths, "."))
}
