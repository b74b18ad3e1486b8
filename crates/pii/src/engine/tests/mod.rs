//! The engine by rows of its own.

mod differential;
mod linear;

use std::ops::Range;

use crate::{Detector, Detectors, Entity, Form, Text, Trigger};

fn entity(name: &'static str) -> Entity {
    Entity::new(name)
}

fn set(rows: impl IntoIterator<Item = Detector>) -> Detectors {
    Detectors::builder().only([]).detectors(rows).build().unwrap()
}

/// What is found, as `name:text:hundredths`.
#[track_caller]
fn finds<'a>(detectors: &Detectors, text: impl Into<Text<'a>>, expected: &[&str]) {
    let text = text.into();
    let found: Vec<String> = detectors
        .find(text)
        .into_iter()
        .map(|found| format!("{}:{}:{:.0}", found.entity, &text.text[found.range], found.score * 100.0))
        .collect();
    assert_eq!(found, expected, "{:?}", text.text);
}

fn six() -> Detector {
    Detector::pattern(entity("six"), "[0-9]{6}")
}

#[test]
fn a_pattern_matches_whole_words_and_numbers() {
    let set = set([six(), Detector::pattern(entity("code"), "[A-Z]{2} ?[0-9]{2}(?: ?[0-9]{2}){0,3}")]);
    finds(&set, "123456", &["six:123456:100"]);
    finds(&set, "is 123456. And", &["six:123456:100"]);
    finds(&set, "x=123456,654321;", &["six:123456:100", "six:654321:100"]);
    finds(&set, "a123456 123456b 1234567 1.123456 123456.7 123456-7 7-123456", &[]);
    finds(&set, "é123456é", &["six:123456:100"]);
    finds(&set, "id AB 12 34 56 7", &["code:AB 12 34 56:100"]);
    finds(&set, "AB12", &["code:AB12:100"]);
    finds(&set, "no AB 12.", &["code:AB 12:100"]);
}

#[test]
fn signs_before_a_word_belong_to_it() {
    let set = set([Detector::pattern(entity("p"), r"\+?[(]?[+]?[0-9]{3}[)]? [0-9]{3}")]);
    finds(&set, "+123 456", &["p:+123 456:100"]);
    finds(&set, "(+123) 456", &["p:(+123) 456:100"]);
    finds(&set, "call(123) 456", &["p:123) 456:100"]);
    finds(&set, "tel:+(123) 456", &["p:+(123) 456:100"]);
}

#[test]
fn capitals_and_long_tokens_are_tried_without_digits() {
    let set = set([
        Detector::pattern(entity("bic"), "[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?"),
        Detector::pattern(entity("key"), "key-[a-z]{16}"),
    ]);
    finds(&set, "to DEUTDEFF now", &["bic:DEUTDEFF:100"]);
    finds(&set, "(DEUTDEFFXXX)", &["bic:DEUTDEFFXXX:100"]);
    finds(&set, "x=key-abcdefghijklmnop.", &["key:key-abcdefghijklmnop:100"]);
}

#[test]
fn the_longest_match_counts_that_passes_the_check() {
    let even = |text: &str| text.bytes().filter(u8::is_ascii_digit).count() % 2 == 0;
    let set = set([Detector::pattern(entity("e"), "[0-9]+(?: [0-9]+){0,4}").check(even)]);
    finds(&set, "1 2 3 4 5", &["e:1 2 3 4:100"]);
    finds(&set, "1", &[]);
}

#[test]
fn context_raises_and_lowers() {
    let weak = six().score(0.2).context(&["account", "id", "card number"]).against(&["order"]);
    let set = set([weak]);
    finds(&set, "123456", &[]);
    finds(&set, "account 123456", &["six:123456:60"]);
    finds(&set, "Accounts: 123456", &["six:123456:60"]);
    finds(&set, "123456 is the account", &["six:123456:60"]);
    finds(&set, "123456 is what I was told is the account", &[]);
    finds(&set, "account of order 123456", &[]);
    finds(&set, "id 123456", &["six:123456:60"]);
    finds(&set, "idea 123456", &[]);
    finds(&set, "myId=123456", &["six:123456:60"]);
    finds(&set, "userIDs: 123456", &["six:123456:60"]);
    finds(&set, "raid 123456", &[]);
    finds(&set, "subaccount 123456", &[]);
    finds(&set, "the_account 123456", &["six:123456:60"]);
    finds(&set, "cardNumber: 123456", &["six:123456:60"]);
    finds(&set, "CARD_NUMBER: 123456", &["six:123456:60"]);
    finds(&set, &format!("account{}123456", " ".repeat(53)), &["six:123456:60"]);
    finds(&set, &format!("account{}123456", " ".repeat(54)), &[]);
    finds(&set, Text { text: "123456", member: "user_account" }, &["six:123456:60"]);
    finds(&set, Text { text: "123456", member: "accountId" }, &["six:123456:60"]);
    finds(&set, Text { text: "123456", member: "order_account" }, &[]);
}

#[test]
fn thresholds_are_by_entity() {
    let weak = six().score(0.3).context(&["account"]);
    let build = |score| {
        Detectors::builder().only([]).detectors([weak.clone()]).threshold(entity("six"), score).build().unwrap()
    };
    finds(&build(0.3), "123456", &["six:123456:30"]);
    finds(&build(0.31), "123456", &[]);
    finds(&build(0.7), "account 123456", &["six:123456:70"]);
    finds(&build(0.71), "account 123456", &[]);
}

#[test]
fn of_overlaps_the_surest_stays_then_the_longest() {
    let set = set([
        six().score(0.6),
        Detector::pattern(entity("long"), "[0-9]{6} [0-9]{6}").score(0.6),
        Detector::pattern(entity("sure"), "[0-9]{6} A").score(0.9),
    ]);
    finds(&set, "123456 654321", &["long:123456 654321:60"]);
    finds(&set, "123456 654321 A", &["six:123456:60", "sure:654321 A:90"]);
}

fn before_at(text: &str, at: usize) -> Option<Range<usize>> {
    let start = text[..at].rfind([' ', '\n']).map_or(0, |space| space + 1);
    (start < at).then_some(start..at)
}

fn ten_from(text: &str, at: usize) -> Option<Range<usize>> {
    let line = text.get(at..)?.find('\n').unwrap_or(text.len() - at);
    Some(at..at + line.min(10))
}

#[test]
fn functions_are_called_at_their_triggers() {
    let around = |name, trigger, find| Detector::new(entity(name), Form::Around(trigger, find));
    finds(&set([around("at", Trigger::At, before_at)]), "joe@ ann@ @", &["at:joe:100", "at:ann:100"]);
    finds(
        &set([around("digits", Trigger::Digits, ten_from)]),
        "x12y3 abcdefghij 4",
        &["digits:12y3 abcde:100", "digits:4:100"],
    );
    finds(&set([around("scheme", Trigger::Scheme, ten_from)]), "see http://a.b/c", &["scheme:://a.b/c:100"]);
    let words = Trigger::Words(&["token", "pass"]);
    finds(
        &set([around("word", words, ten_from)]),
        "xTOKEN=abcd and password",
        &["word:TOKEN=abcd:100", "word:password:100"],
    );
    let rated = |_: &str, at: usize| Some((at..at + 1, if at == 0 { 0.4 } else { 0.55 }));
    finds(&set([Detector::new(entity("r"), Form::Rated(Trigger::Digits, rated))]), "1 2", &["r:2:55"]);
}

#[test]
fn ranges_of_functions_that_are_none_are_dropped() {
    let mad = |_: &str, at: usize| Some(at + 1..at + 400);
    let inside = |_: &str, at: usize| Some(at..at + 2);
    finds(&set([Detector::new(entity("m"), Form::Around(Trigger::At, mad))]), "a@b", &[]);
    finds(&set([Detector::new(entity("m"), Form::Around(Trigger::At, inside))]), "a@é", &[]);
}

#[test]
fn members_are_known_by_their_names() {
    let all = |text: &str| Some(0..text.len());
    let set = set([Detector::new(entity("m"), Form::Member(&["firstname"], all))]);
    for member in ["first_name", "firstName", "First-Name", "firstname"] {
        finds(&set, Text { text: "Anna", member }, &["m:Anna:100"]);
    }
    finds(&set, Text { text: "Anna", member: "first" }, &[]);
    finds(&set, Text { text: &"a".repeat(201), member: "firstname" }, &[]);
}

#[test]
fn patterns_and_words_of_users() {
    let build = || Detectors::builder().only([]);
    let set = build().pattern(entity("p"), r"\bacme-\d+\b|é+").build().unwrap();
    finds(&set, "acme-12xacme-13 acme-14, éé", &["p:acme-14:100", "p:éé:100"]);
    finds(&set, &format!("{}acme-7", "x ".repeat(3000)), &["p:acme-7:100"]);
    let set = build().words(entity("w"), ["Zürich", "Project X", "anna"]).build().unwrap();
    finds(
        &set,
        "zürich, ZÜRICH; PROJECT X; joanna Anna",
        &["w:zürich:100", "w:ZÜRICH:100", "w:PROJECT X:100", "w:Anna:100"],
    );
    let error = build().pattern(entity("bad"), "(").build().unwrap_err();
    assert_eq!(error.entity, entity("bad"));
    let set = build().pattern(entity("p"), "x*").build().unwrap();
    finds(&set, "éxxé", &["p:xx:100"]);
}

#[test]
fn allowed_values_are_not_found_and_nothing_less_in_their_place() {
    let rows = [six().score(0.6), Detector::pattern(entity("mail"), "[a-z0-9.]+@[a-z]+(?:[.][a-z]+)+")];
    let set =
        Detectors::builder().only([]).detectors(rows).allow(["Info@Acme.example", "*@corp.example"]).build().unwrap();
    finds(&set, "info@acme.example INFO@acme.example 123456@corp.example b@acme.example", &["mail:b@acme.example:100"]);
}

#[test]
fn what_hides_is_seen_through_and_ranges_are_of_the_text() {
    let mail = Detector::pattern(entity("mail"), "[a-z0-9.-]+@[a-z-]+(?:[.][a-z]+)+");
    let set = set([six(), mail]);
    for hidden in [
        "１２３４５６",
        "12\u{200b}34\u{200d}56",
        "12\u{ad}3456",
        "١٢٣٤٥٦",
        "१२३४५६",
        "1\u{301}23456",
        "𝟏𝟐𝟑𝟒𝟓𝟔",
        "\\u0031\\u00323456",
        "12\\u200b3456",
        "&#49;23456",
        "%31%32%33456",
        "&#x31;2&shy;3456",
        "\\x31\\u{32}3456",
    ] {
        finds(&set, &format!("é {hidden}, é"), &[&format!("six:{hidden}:100")]);
    }
    for hidden in [
        "joe＠a.example",
        "joe\\u0040a.example",
        "joe%40a.example",
        "joe&#64;a.example",
        "joe&commat;a&period;example",
        "jo\u{200b}e@a.example",
        "jo‑e@a.example",
        "j𝐨e@a.example",
    ] {
        finds(&set, &format!("“{hidden}” é"), &[&format!("mail:{hidden}:100")]);
    }
    finds(&set, "日本語 – “q” ü — é 👍🏽 123456", &["six:123456:100"]);
}

#[test]
fn debug_shows_no_values() {
    let builder = Detectors::builder().allow(["joe@a.example"]).words(entity("w"), ["Anna"]);
    let text = format!("{builder:?} {:?}", builder.clone().build().unwrap());
    assert!(!text.contains("joe") && !text.contains("Anna"), "{text}");
}
