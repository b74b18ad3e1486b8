//! Cards, bank accounts, wallets.

use super::arithmetic::{grouped, mod_97, numbers, weighted, with_luhn};
use super::hash::{keccak256, sha256};
use super::{Value, bare, cued};
use crate::dice::{CAPITALS, DIGITS, Dice};

pub(super) fn card(dice: &mut Dice) -> Value {
    let (prefix, length) = match dice.between(0, 100) {
        0..42 => ("4".to_owned(), 16),
        42..60 => (dice.between(51, 56).to_string(), 16),
        60..67 => (dice.between(2221, 2721).to_string(), 16),
        67..80 => ((*dice.pick(&["34", "37"])).to_owned(), 15),
        80..86 => ((*dice.pick(&["6011", "65", "644", "649"])).to_owned(), 16),
        86..91 => (dice.between(3528, 3590).to_string(), 16),
        91..95 => ((*dice.pick(&["300", "305", "36", "38"])).to_owned(), 14),
        95..98 => ("62".to_owned() + &dice.digits(1), 16),
        _ => ((*dice.pick(&["5018", "5020", "6304", "6759"])).to_owned(), 16),
    };
    let digits = dice.digits(length - 1 - prefix.len());
    let number = with_luhn(prefix + &digits);
    let lengths: &[usize] = match length {
        16 => &[4],
        15 => &[4, 6, 5],
        _ => &[4, 6, 4],
    };
    let separator = *dice.pick(&[" ", " ", "-", "", ""]);
    bare(grouped(&number, lengths, separator))
}

/// Country, and what follows the two check digits: `n` digits, `a` capitals, `c` both (SWIFT's IBAN registry).
const IBANS: &[(&str, &str)] = &[
    ("DE", "18n"),
    ("DE", "18n"),
    ("GB", "4a14n"),
    ("GB", "4a14n"),
    ("FR", "10n11c2n"),
    ("ES", "20n"),
    ("IT", "1a10n12c"),
    ("NL", "4a10n"),
    ("NL", "4a10n"),
    ("BE", "12n"),
    ("AT", "16n"),
    ("CH", "5n12c"),
    ("PL", "24n"),
    ("SE", "20n"),
    ("NO", "11n"),
    ("DK", "14n"),
    ("FI", "14n"),
    ("PT", "21n"),
    ("IE", "4a14n"),
    ("LU", "3n13c"),
    ("CZ", "20n"),
    ("GR", "7n16c"),
    ("TR", "6n16c"),
    ("SA", "2n18c"),
    ("AE", "19n"),
    ("HU", "24n"),
    ("RO", "4a16c"),
    ("BG", "4a6n8c"),
    ("HR", "17n"),
    ("SK", "20n"),
    ("SI", "15n"),
    ("LT", "16n"),
    ("LV", "4a13c"),
    ("EE", "16n"),
    ("MT", "4a5n18c"),
    ("CY", "8n16c"),
    ("IS", "22n"),
    ("LI", "5n12c"),
    ("IL", "19n"),
    ("QA", "4a21c"),
    ("KW", "4a22c"),
    ("BR", "23n1a1c"),
    ("RS", "18n"),
];

pub(super) fn iban(dice: &mut Dice) -> Value {
    let (country, layout) = *dice.pick(IBANS);
    let (mut account, mut count) = (String::new(), 0);
    for sign in layout.chars() {
        match sign.to_digit(10) {
            Some(digit) => count = count * 10 + digit as usize,
            None => {
                let from = match sign {
                    'n' => DIGITS,
                    'a' => CAPITALS,
                    _ => "0123456789012345678901234567890123456789ABCDEFGHJKLMNPRSTUVWXYZ",
                };
                account += &dice.chars(from, count);
                count = 0;
            }
        }
    }
    if country == "BE" {
        // Belgium has two check digits of its own, at the end.
        let rest = mod_97(&account[..10]);
        account.replace_range(10.., &format!("{:02}", if rest == 0 { 97 } else { rest }));
    }
    let check = 98 - mod_97(&format!("{account}{country}00"));
    let iban = format!("{country}{check:02}{account}");
    bare(match dice.between(0, 10) {
        0..5 => grouped(&iban, &[4], " "),
        5..8 => iban,
        8 => iban.to_lowercase(),
        _ => grouped(&iban, &[4], "-"),
    })
}

pub(super) fn bic(dice: &mut Dice) -> Value {
    let country = dice.pick(&["DE", "FR", "GB", "NL", "IT", "ES", "CH", "AT", "BE", "US", "SE", "PL", "SG", "JP"]);
    let branch = if dice.percent(40) { dice.shape("***") } else { String::new() };
    let (bank, place) = (dice.shape("AAAA"), dice.chars("ABDFGHKLMNPRSTXZ2345789", 2));
    cued(format!("{bank}{country}{place}{branch}"))
}

pub(super) fn crypto(dice: &mut Dice) -> Value {
    let bytes = |dice: &mut Dice, count: usize| (0..count).map(|_| dice.between(0, 256) as u8).collect::<Vec<_>>();
    bare(match dice.between(0, 5) {
        0 | 1 => {
            let mut payload = vec![*dice.pick(&[0, 5])];
            payload.extend(bytes(dice, 20));
            base58(&payload)
        }
        2 => segwit(0, &bytes(dice, 20)),
        3 => segwit(1, &bytes(dice, 32)),
        _ => ethereum(&dice.chars("0123456789abcdef", 40)),
    })
}

fn base58(payload: &[u8]) -> String {
    let mut data = payload.to_vec();
    data.extend(&sha256(&sha256(payload))[..4]);
    let zeros = data.iter().take_while(|byte| **byte == 0).count();
    let mut digits = Vec::new();
    while data.iter().any(|byte| *byte != 0) {
        let mut rest = 0_u32;
        for byte in &mut data {
            rest = rest << 8 | u32::from(*byte);
            *byte = (rest / 58) as u8;
            rest %= 58;
        }
        digits.push(rest as usize);
    }
    digits.extend(std::iter::repeat_n(0, zeros));
    let alphabet = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    digits.iter().rev().map(|digit| char::from(alphabet[*digit])).collect()
}

/// BIP-173, and BIP-350 from version 1 on.
fn segwit(version: u8, program: &[u8]) -> String {
    let mut data = vec![version];
    let (mut buffer, mut held) = (0_u32, 0);
    for byte in program {
        buffer = buffer << 8 | u32::from(*byte);
        held += 8;
        while held >= 5 {
            held -= 5;
            data.push((buffer >> held & 31) as u8);
        }
    }
    if held > 0 {
        data.push((buffer << (5 - held) & 31) as u8);
    }
    let polymod = |values: &[u8]| {
        let generators = [0x3b6a_57b2_u32, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
        values.iter().fold(1_u32, |sum, value| {
            let top = sum >> 25;
            let sum = (sum & 0x1ff_ffff) << 5 ^ u32::from(*value);
            generators.iter().enumerate().fold(sum, |sum, (i, g)| if top >> i & 1 == 1 { sum ^ g } else { sum })
        })
    };
    let mut values = vec![3, 3, 0, 2, 3];
    values.extend(&data);
    values.extend([0; 6]);
    let check = polymod(&values) ^ if version == 0 { 1 } else { 0x2bc8_30a3 };
    data.extend((0..6).map(|i| (check >> (5 * (5 - i)) & 31) as u8));
    let alphabet = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    "bc1".chars().chain(data.iter().map(|value| char::from(alphabet[usize::from(*value)]))).collect()
}

/// EIP-55: a letter is a capital where the hash has a high digit.
fn ethereum(hex: &str) -> String {
    let hash = keccak256(hex.as_bytes());
    let signs = hex.chars().enumerate().map(|(i, sign)| {
        let nibble = if i % 2 == 0 { hash[i / 2] >> 4 } else { hash[i / 2] & 15 };
        if nibble >= 8 { sign.to_ascii_uppercase() } else { sign }
    });
    "0x".chars().chain(signs).collect()
}

pub(super) fn us_routing(dice: &mut Dice) -> Value {
    let first = if dice.percent(60) { dice.between(1, 13) } else { dice.between(21, 33) };
    let digits = format!("{first:02}{}", dice.digits(6));
    let check = (10 - weighted(&digits, &[3, 7, 1, 3, 7, 1, 3, 7]) % 10) % 10;
    cued(format!("{digits}{check}"))
}

pub(super) fn us_account(dice: &mut Dice) -> Value {
    let length = dice.between(8, 14) as usize;
    cued(dice.shape("8") + &dice.digits(length - 1))
}

pub(super) fn uk_sort_code(dice: &mut Dice) -> Value {
    let code = format!("{:02}{}", dice.between(1, 90), dice.digits(4));
    let separator = *dice.pick(&["-", "-", "-", " ", ""]);
    cued(grouped(&code, &[2], separator))
}

pub(super) fn it_vat(dice: &mut Dice) -> Value {
    let province = dice.between(1, 101);
    let number = with_luhn(format!("{}{province:03}", dice.digits(7)));
    if dice.percent(40) { bare("IT".to_owned() + &number) } else { cued(number) }
}

/// A number that is nearly one of these: a digit is another.
pub(crate) fn spoiled(value: &str, dice: &mut Dice) -> String {
    let places: Vec<usize> =
        value.char_indices().filter(|(_, sign)| sign.is_ascii_digit()).map(|(place, _)| place).collect();
    // Not one of the first four, which say the country or the issuer: the check is to find out.
    let place = *dice.pick(&places[places.len().min(4)..]);
    let digit = numbers(&value[place..=place])[0];
    let other = (digit + 1 + dice.between(0, 8)) % 10;
    format!("{}{other}{}", &value[..place], &value[place + 1..])
}
