//! Odd spellings: what other keyboards, word processors and people who hide something make of a value.

use crate::{dice::Dice, templates::Set};

/// The value in another spelling that a reader takes for the same.
pub(crate) fn odd(value: &str, set: Set, dice: &mut Dice) -> String {
    let spaced = value.contains(' ');
    let dashed = value.contains('-');
    let space = if set == Set::Dev { '\u{a0}' } else { '\u{202f}' };
    let dash = if set == Set::Dev { '\u{2011}' } else { '\u{2013}' };
    let nothing = if set == Set::Dev { '\u{200b}' } else { '\u{2060}' };
    match dice.between(0, 4) {
        0 if spaced => value.replace(' ', &space.to_string()),
        1 if dashed => value.replace('-', &dash.to_string()),
        2 if value.len() > 3 => {
            let middle = dice.between(1, value.len() as u64 - 1) as usize;
            let middle = (middle..value.len()).find(|at| value.is_char_boundary(*at)).unwrap_or(value.len());
            format!("{}{nothing}{}", &value[..middle], &value[middle..])
        }
        _ => value.chars().map(|sign| wide(sign, set)).collect(),
    }
}

/// Full-width digits, and Arabic ones in the other set.
fn wide(sign: char, set: Set) -> char {
    let zero = if set == Set::Dev { '\u{ff10}' } else { '\u{660}' };
    match sign.to_digit(10) {
        Some(digit) => char::from_u32(u32::from(zero) + digit).unwrap_or(sign),
        None if sign == '@' => '\u{ff20}',
        None => sign,
    }
}
