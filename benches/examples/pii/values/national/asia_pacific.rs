//! Of Asia and Australia.

use super::super::arithmetic::{grouped, numbers, weighted, with_verhoeff};
use super::super::{Value, bare, cued};
use super::born;
use crate::dice::Dice;

pub(super) fn au_abn(dice: &mut Dice) -> Value {
    let weights = [10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19];
    let number = loop {
        // Check digits of 10 and less are not given out.
        let number = dice.between(11, 100).to_string() + &dice.digits(9);
        if (weighted(&number, &weights) - 10).is_multiple_of(89) {
            break number;
        }
    };
    let separator = *dice.pick(&[" ", " ", ""]);
    cued(grouped(&number, &[2, 3], separator))
}

pub(super) fn au_acn(dice: &mut Dice) -> Value {
    let digits = format!("{}{}", dice.pick(&["0", "1", "6"]), dice.digits(7));
    let check = (10 - weighted(&digits, &[8, 7, 6, 5, 4, 3, 2, 1]) % 10) % 10;
    let separator = *dice.pick(&[" ", " ", ""]);
    cued(grouped(&format!("{digits}{check}"), &[3], separator))
}

pub(super) fn au_tfn(dice: &mut Dice) -> Value {
    let number = loop {
        let number = dice.shape("899999999");
        if weighted(&number, &[1, 4, 3, 7, 5, 8, 6, 9, 10]).is_multiple_of(11) {
            break number;
        }
    };
    let separator = *dice.pick(&[" ", " ", ""]);
    cued(grouped(&number, &[3], separator))
}

pub(super) fn au_medicare(dice: &mut Dice) -> Value {
    let digits = dice.between(2, 7).to_string() + &dice.digits(7);
    let check = weighted(&digits, &[1, 3, 7, 9, 1, 3, 7, 9]) % 10;
    let number = format!("{digits}{check}{}", dice.between(1, 10));
    let separator = *dice.pick(&[" ", " ", ""]);
    cued(grouped(&number, &[4, 5, 1], separator))
}

pub(super) fn in_aadhaar(dice: &mut Dice) -> Value {
    let number = with_verhoeff(dice.between(2, 10).to_string() + &dice.digits(10));
    let separator = *dice.pick(&[" ", " ", "-", ""]);
    cued(grouped(&number, &[4], separator))
}

pub(super) fn pan(dice: &mut Dice) -> String {
    format!("{}{}{}", dice.shape("AAA"), dice.char("PPPPCHFAT"), dice.shape("A9998A"))
}

pub(super) fn in_gstin(dice: &mut Dice) -> Value {
    let number = format!("{:02}{}{}Z", dice.between(1, 38), pan(dice), dice.between(1, 4));
    let sum: u64 = numbers(&number)
        .into_iter()
        .enumerate()
        .map(|(place, value)| {
            let product = value * (1 + place as u64 % 2);
            product / 36 + product % 36
        })
        .sum();
    let check = std::char::from_digit(((36 - sum % 36) % 36) as u32, 36).unwrap().to_ascii_uppercase();
    bare(format!("{number}{check}"))
}

pub(super) fn sg_nric(dice: &mut Dice) -> Value {
    let (kind, digits) = (dice.char("SSTFGM"), dice.digits(7));
    let offset = match kind {
        'T' | 'G' => 4,
        'M' => 3,
        _ => 0,
    };
    let rest = (weighted(&digits, &[2, 7, 6, 5, 4, 3, 2]) + offset) % 11;
    let letters = match kind {
        'S' | 'T' => b"JZIHGFEDCBA",
        'M' => b"XWUTRQPNJLK",
        _ => b"XWUTRQPNMLK",
    };
    bare(format!("{kind}{digits}{}", char::from(letters[rest as usize])))
}

pub(super) fn sg_uen(dice: &mut Dice) -> Value {
    match dice.between(0, 3) {
        0 => {
            let digits = dice.digits(8);
            let rest = weighted(&digits, &[10, 4, 9, 3, 8, 2, 7, 1]) % 11;
            cued(format!("{digits}{}", char::from(b"XMKECAWLJDB"[rest as usize])))
        }
        1 => {
            let digits = format!("{}{}", dice.between(1970, 2025), dice.digits(5));
            let rest = weighted(&digits, &[10, 8, 6, 4, 9, 7, 5, 3, 1]) % 11;
            cued(format!("{digits}{}", char::from(b"ZKCMDNERGWH"[rest as usize])))
        }
        _ => {
            let kind = *dice.pick(&["LL", "LP", "FC", "SS", "GA", "CC", "PF"]);
            let number = format!("T{:02}{kind}{}", dice.between(8, 26), dice.digits(4));
            let alphabet = "ABCDEFGHJKLMNPQRSTUVWX0123456789";
            let weights = [4, 3, 5, 3, 10, 2, 2, 5, 7];
            let sum: usize = number.chars().zip(weights).map(|(sign, w)| alphabet.find(sign).unwrap() * w).sum();
            bare(format!("{number}{}", char::from(alphabet.as_bytes()[(sum + 11 - 5) % 11])))
        }
    }
}

pub(super) fn kr_rrn(dice: &mut Dice) -> Value {
    let (year, month, day) = born(dice);
    let number = format!("{:02}{month:02}{day:02}{}{}", year % 100, dice.between(1, 3), dice.shape("09999"));
    let check = (11 - weighted(&number, &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11) % 10;
    let lengths: &[usize] = if dice.percent(75) { &[6, 7] } else { &[13] };
    let is_grouped = lengths.len() > 1;
    Value { text: grouped(&format!("{number}{check}"), lengths, "-"), is_distinct: is_grouped }
}

pub(super) fn cn_resident_id(dice: &mut Dice) -> Value {
    let (year, month, day) = born(dice);
    let region = *dice.pick(&["110105", "310101", "440106", "330102", "510104", "320106", "420111"]);
    let number = format!("{region}{year}{month:02}{day:02}{:03}", dice.between(1, 999));
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let check = char::from(b"10X98765432"[(weighted(&number, &weights) % 11) as usize]);
    bare(format!("{number}{check}"))
}

pub(super) fn jp_my_number(dice: &mut Dice) -> Value {
    let digits = dice.digits(11);
    let rest = weighted(&digits, &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    let number = format!("{digits}{}", if rest < 2 { 0 } else { 11 - rest });
    let separator = *dice.pick(&[" ", "-", ""]);
    cued(grouped(&number, &[4], separator))
}
