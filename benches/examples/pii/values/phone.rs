//! Telephone numbers as people write them, by the numbering plans.

use super::{Value, bare, cued};
use crate::dice::Dice;

/// Country code, trunk prefix, national numbers in the usual spellings: `9` is a digit, `8` one but zero, and one of what
/// stands in braces, as it is there. The prefixes are in use.
const PLANS: &[(&str, &str, &[&str])] = &[
    (
        "44",
        "0",
        &[
            "20 {7,8}899 9999",
            "161 {4,8}99 9999",
            "{7400,7712,7890,7525} 999 999",
            "{7911,7974}999999",
            "121 {4,7}99 9999",
        ],
    ),
    (
        "49",
        "0",
        &[
            "30 8999999",
            "{89} 8999 9999",
            "{171,160,176,151} 8999 9999",
            "40 {4}99 99 99",
            "221 {9}99999",
            "711 {2}99 9999",
        ],
    ),
    ("33", "0", &["1 {42,56,45} 99 99 99", "6 {12,45,87} 99 99 99", "7 {81,60} 99 99 99", "{9} {70,72} 99 99 99"]),
    ("34", "", &["{612,654,699} 999 999", "{91} {5}99 9999", "{93} {4,2}99 9999", "654 99 99 99"]),
    ("39", "", &["{347,338,320,392} 899 9999", "06 {4,6,8}99 9999", "02 {4,6,8}999 9999", "347 8999999"]),
    ("31", "0", &["6 2{1,3,5}99 9999", "6{1,4,5}9999999", "20 {4,5,6}99 9999", "10 4 99 99 99"]),
    ("61", "0", &["{412,437,488} 999 999", "2 {9,8}899 9999", "3 {9,8}899 9999"]),
    ("91", "", &["{98,99,97,70}999 99999", "{98,94,88}99999999", "22 {2}999 9999"]),
    ("65", "", &["{91,96,93} 99 9999", "{81,82,83}99 9999", "{62,63,64,67}99 9999", "{91,96,83}999999"]),
    ("82", "0", &["10-{2,4,5,9}999-9999", "2-{3,5,7}99-9999"]),
    ("81", "0", &["{90}-{1,3,6}999-9999", "3-{3,5,6}999-9999", "{80}-{1,3,5}999-9999"]),
    ("55", "", &["11 {98,97,99}999-9999", "21 {2,3}999-9999", "(11) {98,97,99}999-9999"]),
    ("52", "", &["55 {1,5,8}999 9999", "33 {3}899 9999"]),
    ("86", "", &["{138,139,186,150} 8999 9999"]),
    ("48", "", &["{501,602,693,788} 899 999", "22 {6,8}99 99 99"]),
    ("46", "0", &["{70,73,76}-{2,3,6}99 99 99", "{8}-{5,6}99 999 99"]),
    ("358", "", &["{40,50} 8999999", "{9} {4,6}99 9999"]),
    ("41", "0", &["{79,78,76} 899 99 99", "44 {2,3}99 99 99"]),
    ("43", "0", &["664 8999999", "1 {5}999999"]),
    ("32", "0", &["{470,471,486,495} 99 99 99", "2 {5,6,7}99 99 99"]),
    ("353", "0", &["{87,86,85} 899 9999", "1 {6,8}99 9999"]),
];
const AREAS: &[&str] = &[
    "212", "415", "312", "206", "617", "303", "512", "404", "702", "718", "646", "408", "503", "305", "416", "604",
    "514", "613",
];

/// Country codes whose numbers are written in short in texts of a language.
const AT_HOME: &[(&str, &[&str])] = &[
    ("en", &["44", "61", "91", "65", "353"]),
    ("de", &["49", "43", "41"]),
    ("fr", &["33", "32", "41"]),
    ("es", &["34", "52"]),
    ("it", &["39"]),
    ("nl", &["31", "32"]),
    ("pt", &["55"]),
];

pub(super) fn phone(language: &str, dice: &mut Dice) -> Value {
    match AT_HOME.iter().find(|(of, _)| *of == language) {
        None if dice.percent(45) => north_america(dice),
        None => elsewhere(dice.pick(PLANS), dice),
        Some(("en", _)) if dice.percent(60) => north_america(dice),
        Some((_, codes)) if dice.percent(70) => {
            let code: &&str = dice.pick(codes);
            elsewhere(PLANS.iter().find(|(of, ..)| of == code).unwrap_or(&PLANS[0]), dice)
        }
        Some(_) => {
            let (code, _, shapes) = dice.pick(PLANS);
            let shape: &&str = dice.pick(shapes);
            bare(format!("+{code} {}", filled(shape, dice)))
        }
    }
}

fn north_america(dice: &mut Dice) -> Value {
    let area = if dice.percent(10) { *dice.pick(&["800", "888", "877", "866"]) } else { *dice.pick(AREAS) };
    let exchange = loop {
        let exchange = dice.between(200, 1000);
        if exchange % 100 != 11 && exchange != 555 {
            break exchange;
        }
    };
    let line = dice.digits(4);
    match dice.between(0, 10) {
        0 | 1 => bare(format!("({area}) {exchange}-{line}")),
        2 | 3 => bare(format!("{area}-{exchange}-{line}")),
        4 => bare(format!("+1 {area} {exchange} {line}")),
        5 => bare(format!("+1-{area}-{exchange}-{line}")),
        6 => bare(format!("1-{area}-{exchange}-{line}")),
        7 => bare(format!("{area}.{exchange}.{line}")),
        8 => cued(format!("{area}{exchange}{line}")),
        _ => bare(format!("+1{area}{exchange}{line}")),
    }
}

fn elsewhere((code, trunk, shapes): &(&str, &str, &[&str]), dice: &mut Dice) -> Value {
    let trunk = *trunk;
    let shape: &&str = dice.pick(shapes);
    let number = filled(shape, dice);
    let compact: String = number.chars().filter(char::is_ascii_digit).collect();
    // Where the trunk prefix is no zero, the number is as it is dialled at home, or has an area code in parentheses.
    match dice.between(0, 10) {
        0..3 => bare(format!("+{code} {number}")),
        3 => bare(format!("+{code}{compact}")),
        4 => bare(format!("00{code} {number}")),
        5 if trunk == "0" => bare(format!("+{code} (0){number}")),
        6 => cued(format!("{trunk}{compact}")),
        7 if trunk == "0" && number.contains(' ') => cued(format!("0{}", number.replacen(' ', "/", 1))),
        8 if trunk == "0" && number.contains(' ') => cued(format!("(0{}", number.replacen(' ', ") ", 1))),
        9 => cued(format!("{trunk}{}", number.replace(' ', "-"))),
        _ => cued(format!("{trunk}{number}")),
    }
}

/// A shape, where what stands in braces is chosen as it is.
fn filled(shape: &str, dice: &mut Dice) -> String {
    let (mut number, mut rest) = (String::new(), shape);
    while let Some((before, after)) = rest.split_once('{') {
        let (choices, after) = after.split_once('}').unwrap_or((after, ""));
        let choices: Vec<&str> = choices.split(',').collect();
        number += &dice.shape(before);
        number += dice.pick::<&str>(&choices);
        rest = after;
    }
    number + &dice.shape(rest)
}
