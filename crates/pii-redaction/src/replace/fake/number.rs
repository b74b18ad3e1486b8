use super::{Dice, compact, shaped};

/// The exchange and the first digits of the lines 555-0100 to 555-0199, which the North American Numbering Plan keeps
/// for fiction (ATIS-0300115, looked up 2026-11).
const FICTION: &str = "55501";

/// Areas of the plan, of which no line of those is anybody's.
const AREAS: &[&str] = &[
    "202", "206", "212", "213", "214", "215", "216", "303", "304", "305", "307", "312", "313", "314", "316", "401",
    "402", "404", "405", "406", "412", "415", "501", "502", "503", "505", "512", "601", "602", "603", "605", "614",
    "617", "701", "702", "703", "713", "801", "802", "803", "804", "808", "901", "904", "907", "916",
];

/// A North American number keeps its shape; any other becomes one, for few plans set numbers aside.
pub(super) fn phone(value: &str, dice: &mut Dice) -> String {
    let area = dice.one_of(AREAS);
    let line = [dice.digit(), dice.digit()];
    let digits = compact(value).unwrap_or_default();
    let country = match *digits.as_slice() {
        ['1', ..] if digits.len() == 11 => "1",
        _ if digits.len() == 10 && !value.starts_with('+') => "",
        _ => return format!("+1 {area}-555-01{}{}", line[0], line[1]),
    };
    shaped(value, [country, area, FICTION].into_iter().flat_map(str::chars).chain(line))
}

pub(super) fn is_phone(value: &str) -> bool {
    compact(value).is_some_and(|digits| {
        let local = if digits.len() == 11 { digits.strip_prefix(&['1']) } else { Some(&*digits) };
        let line = local.filter(|local| local.len() == 10).and_then(|local| local.get(3..8));
        line.is_some_and(|line| line.iter().copied().eq(FICTION.chars()))
    })
}

/// The first digit stays, which says whose card it is. Noughts follow, and the check digit is wrong: either alone may be
/// a slip of somebody's pen, and both are ours.
pub(super) fn card(value: &str, dice: &mut Dice) -> Option<String> {
    let digits = compact(value).filter(|digits| (12..=19).contains(&digits.len()))?;
    let first = digits.first().filter(|digit| digit.is_ascii_digit())?;
    let drawn = (1..digits.len()).map(|at| if at < ISSUER { '0' } else { dice.digit() });
    let mut fake: Vec<_> = std::iter::once(*first).chain(drawn).collect();
    if passes_luhn(&fake) {
        let last = fake.last_mut()?;
        *last = if *last == '9' { '0' } else { char::from_digit(last.to_digit(10)? + 1, 10)? };
    }
    Some(shaped(value, fake))
}

/// The digits that say who has issued a card (ISO/IEC 7812-1: six, and eight since 2017).
const ISSUER: usize = 6;

pub(super) fn is_card(value: &str) -> bool {
    compact(value).is_some_and(|digits| {
        let issuer = digits.get(1..ISSUER).filter(|_| (12..=19).contains(&digits.len()));
        issuer.is_some_and(|issuer| issuer.iter().all(|digit| *digit == '0')) && !passes_luhn(&digits)
    })
}

/// ISO/IEC 7812-1, annex B.
fn passes_luhn(digits: &[char]) -> bool {
    let sum = digits.iter().rev().enumerate().map(|(index, digit)| {
        let digit = digit.to_digit(10).unwrap_or(0);
        if index % 2 == 0 { digit } else { 2 * digit / 10 + 2 * digit % 10 }
    });
    sum.sum::<u32>() % 10 == 0
}

/// The country stays; the check digits are 00, which none has (ISO 13616: 02 to 98).
pub(super) fn iban(value: &str, dice: &mut Dice) -> Option<String> {
    let known = compact(value).filter(|known| known.len() > 4)?;
    let country = known.iter().take(2).copied();
    let account: Vec<_> = known.iter().skip(4).map(|char| dice.like(*char)).collect();
    Some(shaped(value, country.chain(['0', '0']).chain(account)))
}

pub(super) fn is_iban(value: &str) -> bool {
    compact(value).is_some_and(|known| matches!(*known, [_, _, '0', '0', ..]))
}

/// An area from 900 on, which no social security number has, and a group below 50, which no ITIN has (SSA, IRS
/// publication 1915).
pub(super) fn us_id(value: &str, dice: &mut Dice) -> Option<String> {
    let digits = compact(value).filter(|digits| digits.len() == 9)?;
    let mut fake: Vec<_> = digits.iter().map(|_| dice.digit()).collect();
    *fake.first_mut()? = '9';
    *fake.get_mut(3)? = dice.digit_below(5);
    Some(shaped(value, fake))
}

pub(super) fn is_us_id(value: &str) -> bool {
    compact(value).is_some_and(|digits| {
        matches!(*digits, ['9', _, _, '0'..='4', _, _, _, _, _]) && digits.iter().all(char::is_ascii_digit)
    })
}
