//! JSON by its meaning, and all the ways to write it.

use std::{collections::BTreeMap, fmt::Write};

use proptest::prelude::*;

/// Text is in units of UTF-16, as lone surrogates are JSON, too. A number is its digits and a power of ten.
#[derive(Clone, Debug)]
pub(super) enum Tree {
    Null,
    Bool(bool),
    Number(i64, i64),
    Text(Vec<u16>),
    Array(Vec<Tree>),
    Object(BTreeMap<Vec<u16>, Tree>),
}

/// What a tree means, with the numbers in lowest terms.
#[derive(Debug, PartialEq)]
pub(super) enum Meaning {
    Null,
    Bool(bool),
    Number(i64, i64),
    Text(Vec<u16>),
    Array(Vec<Meaning>),
    Object(BTreeMap<Vec<u16>, Meaning>),
}

/// Choices that were drawn before, again and again.
pub(super) struct Dice<'a> {
    drawn: std::iter::Cycle<std::slice::Iter<'a, u8>>,
}

impl<'a> Dice<'a> {
    pub(super) fn new(drawn: &'a [u8]) -> Self {
        Self { drawn: drawn.iter().cycle() }
    }

    pub(super) fn below(&mut self, bound: usize) -> usize {
        usize::from(*self.drawn.next().unwrap_or(&0)) % bound
    }
}

impl Tree {
    pub(super) fn meaning(&self) -> Meaning {
        match self {
            Self::Null => Meaning::Null,
            Self::Bool(value) => Meaning::Bool(*value),
            Self::Number(0, _) => Meaning::Number(0, 0),
            Self::Number(digits, power) if digits % 10 == 0 => Self::Number(digits / 10, power + 1).meaning(),
            Self::Number(digits, power) => Meaning::Number(*digits, *power),
            Self::Text(units) => Meaning::Text(units.clone()),
            Self::Array(items) => Meaning::Array(items.iter().map(Self::meaning).collect()),
            Self::Object(members) => {
                Meaning::Object(members.iter().map(|(name, tree)| (name.clone(), tree.meaning())).collect())
            }
        }
    }

    pub(super) fn spell(&self, dice: &mut Dice<'_>, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(digits, power) => number(*digits, *power, dice, out),
            Self::Text(units) => text(units, dice, out),
            Self::Array(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    out.push_str(if at > 0 { "," } else { "" });
                    spaced(dice, out, |dice, out| item.spell(dice, out));
                }
                out.push(']');
            }
            Self::Object(members) => {
                let mut members: Vec<_> = members.iter().collect();
                out.push('{');
                let mut separator = "";
                while !members.is_empty() {
                    let (name, value) = members.swap_remove(dice.below(members.len()));
                    out.push_str(separator);
                    spaced(dice, out, |dice, out| text(name, dice, out));
                    out.push(':');
                    spaced(dice, out, |dice, out| value.spell(dice, out));
                    separator = ",";
                }
                out.push('}');
            }
        }
    }
}

fn spaced(dice: &mut Dice<'_>, out: &mut String, write: impl FnOnce(&mut Dice<'_>, &mut String)) {
    const SPACES: [&str; 5] = ["", "", " ", "\n\t", " \r\n "];
    out.push_str(SPACES[dice.below(SPACES.len())]);
    write(dice, out);
    out.push_str(SPACES[dice.below(SPACES.len())]);
}

fn text(units: &[u16], dice: &mut Dice<'_>, out: &mut String) {
    out.push('"');
    for unit in char::decode_utf16(units.iter().copied()) {
        match (unit, dice.below(4)) {
            (Ok('/'), 1) => out.push_str("\\/"),
            (Ok('\n'), 1) => out.push_str("\\n"),
            (Ok(mark @ ('"' | '\\')), 1) => out.extend(['\\', mark]),
            (Ok(plain), 0..=2) if !plain.is_control() && !matches!(plain, '"' | '\\') => out.push(plain),
            (Ok(escaped), choice) => {
                for unit in escaped.encode_utf16(&mut [0; 2]) {
                    escape(*unit, choice, out);
                }
            }
            (Err(lone), choice) => escape(lone.unpaired_surrogate(), choice, out),
        }
    }
    out.push('"');
}

fn escape(unit: u16, choice: usize, out: &mut String) {
    let _ = if choice.is_multiple_of(2) { write!(out, "\\u{unit:04x}") } else { write!(out, "\\u{unit:04X}") };
}

fn number(digits: i64, power: i64, dice: &mut Dice<'_>, out: &mut String) {
    if digits == 0 {
        out.push_str(["0", "-0", "0.0", "0e7", "-0.00E-3"][dice.below(5)]);
        return;
    }
    let _ = match dice.below(5) {
        0 if power >= 0 => write!(out, "{digits}{}", "0".repeat(usize::try_from(power).unwrap())),
        1 => write!(out, "{digits}.0E{power}"),
        2 => write!(out, "{digits}00e{}", power - 2),
        3 => {
            let sign = if digits < 0 { "-" } else { "" };
            let digits = digits.unsigned_abs().to_string();
            let (first, rest) = digits.split_at(1);
            write!(out, "{sign}{first}.{rest}0e{}", power + i64::try_from(rest.len()).unwrap())
        }
        _ => write!(out, "{digits}e{power:+03}"),
    };
}

fn any_text() -> impl Strategy<Value = Vec<u16>> {
    const UNITS: [u16; 10] = [97, 98, 34, 92, 47, 10, 0, 0xe9, 0xd83d, 0xde00];
    let short = prop::collection::vec(prop::sample::select(&UNITS[..]), 0..4);
    // About where long strings become hashes.
    let long = (1_020_usize..1_028, prop::sample::select(&UNITS[..])).prop_map(|(length, last)| {
        let mut units = vec![98; length];
        units.push(last);
        units
    });
    prop_oneof![12 => short, 1 => long]
}

pub(super) fn any_tree() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        Just(Tree::Null),
        any::<bool>().prop_map(Tree::Bool),
        (-12_i64..12, -3_i64..3).prop_map(|(digits, power)| Tree::Number(digits, power)),
        (any::<i64>(), -30_i64..30).prop_map(|(digits, power)| Tree::Number(digits, power)),
        any_text().prop_map(Tree::Text),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Tree::Array),
            prop::collection::btree_map(any_text(), inner, 0..4).prop_map(Tree::Object),
        ]
    })
}

/// Two neighbours as one that looks much like them.
fn joined(one: Tree, next: Tree) -> Tree {
    match (one, next) {
        (Tree::Array(items), next) => Tree::Array([items, vec![next]].concat()),
        (Tree::Text(one), Tree::Text(next)) => Tree::Text([one, vec![34], next].concat()),
        (one, next) => Tree::Array(vec![one, next]),
    }
}

/// The same with a change somewhere, which may change nothing of what it means.
pub(super) fn mutated(tree: &Tree, dice: &mut Dice<'_>) -> Tree {
    match tree {
        Tree::Array(items) if !items.is_empty() => {
            let mut items = items.clone();
            let (one, other) = (dice.below(items.len()), dice.below(items.len()));
            match dice.below(6) {
                0 => items.swap(one, other),
                1 => drop(items.remove(one)),
                2 => items.insert(one, items[other].clone()),
                3 => items[one] = Tree::Array(vec![items[one].clone()]),
                4 if one + 1 < items.len() => {
                    let next = items.remove(one + 1);
                    items[one] = joined(items[one].clone(), next);
                }
                _ => items[one] = mutated(&items[one], dice),
            }
            Tree::Array(items)
        }
        Tree::Object(members) if !members.is_empty() => {
            let mut members = members.clone();
            let name = members.keys().nth(dice.below(members.len())).unwrap().clone();
            let value = members.remove(&name).unwrap();
            match dice.below(4) {
                0 => {}
                1 => drop(members.insert([name, vec![98]].concat(), value)),
                _ => drop(members.insert(name, mutated(&value, dice))),
            }
            Tree::Object(members)
        }
        Tree::Number(digits, power) => match dice.below(3) {
            0 => Tree::Number(digits / 2, *power),
            1 => Tree::Number(*digits, power + 1),
            _ => Tree::Text(digits.to_string().encode_utf16().collect()),
        },
        Tree::Text(units) => {
            let mut units = units.clone();
            match dice.below(3) {
                0 => drop(units.pop()),
                1 => units.push(0xde00),
                _ => units.reverse(),
            }
            Tree::Text(units)
        }
        Tree::Null => Tree::Bool(dice.below(2) == 0),
        Tree::Bool(value) => Tree::Bool(!value),
        Tree::Array(_) => Tree::Object(BTreeMap::new()),
        Tree::Object(_) => Tree::Array(Vec::new()),
    }
}
