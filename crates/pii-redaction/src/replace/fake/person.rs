use super::Dice;

const FIRST: &[&str] = &[
    "Adrian", "Alex", "Andrea", "Ariel", "Bailey", "Blake", "Cameron", "Casey", "Charlie", "Chris", "Dana", "Devin",
    "Drew", "Eden", "Eike", "Elliot", "Emery", "Finley", "Frankie", "Gabriele", "Harper", "Hayden", "Jaden", "Jamie",
    "Jean", "Jesse", "Jordan", "Jules", "Kai", "Kelly", "Kim", "Lee", "Logan", "Luca", "Marian", "Max", "Micha",
    "Morgan", "Nicky", "Noa", "Parker", "Pat", "Quinn", "Reese", "Riley", "Robin", "Rory", "Rowan", "Sage", "Sam",
    "Sascha", "Shannon", "Sidney", "Sky", "Taylor", "Terry", "Toni", "Tracy", "Tyler", "Uli", "Val", "Wren", "Yael",
];

/// Names that stand for anybody: who is called so in a text is nobody in particular.
pub(super) const LAST: &[&str] = &["Doe", "Roe", "Bloggs", "Mustermann", "Musterfrau", "Nomen"];

/// Domains for examples (RFC 2606).
const EMAIL: &[&str] = &["example.com", "example.net", "example.org"];

const STREET: &str = " Example Street";

/// As many words as the value has, two at most, and as it, or not, in capitals. There are few last names, so that the
/// `further` ones that are drawn are all of two words.
pub(super) fn name(value: &str, further: bool, dice: &mut Dice) -> String {
    let (first, last) = (dice.one_of(FIRST), dice.one_of(LAST));
    let name = if further || value.trim().contains(' ') { format!("{first} {last}") } else { last.to_owned() };
    let has_small = value.contains(char::is_lowercase);
    if has_small || value.is_empty() { name } else { name.to_uppercase() }
}

/// Whether somebody has such a name, and what stands before it, if anything, is one of ours.
pub(super) fn is_name(value: &str) -> bool {
    match value.rsplit_once(' ') {
        Some((first, last)) => is_one_of(first, FIRST) && is_one_of(last, LAST),
        None => is_one_of(value, LAST),
    }
}

pub(super) fn email(dice: &mut Dice) -> String {
    let (first, last, number) = (dice.one_of(FIRST), dice.one_of(LAST), dice.below(10_000));
    let domain = dice.one_of(EMAIL);
    format!("{}.{}{number}@{domain}", first.to_ascii_lowercase(), last.to_ascii_lowercase())
}

/// What this writes, and no other address at these domains: who tries one out expects to see it replaced.
pub(super) fn is_email(value: &str) -> bool {
    let Some((local, domain)) = value.split_once('@') else { return false };
    let Some((first, rest)) = local.split_once('.') else { return false };
    EMAIL.contains(&domain) && is_one_of(first, FIRST) && is_last_and_number(rest)
}

pub(super) fn is_last_and_number(text: &str) -> bool {
    let last = text.trim_end_matches(|char: char| char.is_ascii_digit());
    (1..=4).contains(&(text.len() - last.len())) && is_one_of(last, LAST)
}

fn is_one_of(word: &str, words: &[&str]) -> bool {
    words.iter().any(|own| own.eq_ignore_ascii_case(word))
}

pub(super) fn street(dice: &mut Dice) -> String {
    format!("{}{STREET}", 1 + dice.below(999))
}

pub(super) fn is_street(value: &str) -> bool {
    value
        .strip_suffix(STREET)
        .is_some_and(|number| number.len() <= 3 && number.bytes().all(|byte| byte.is_ascii_digit()))
}
