//! The engine against the reference.

use proptest::prelude::*;

use super::{before_at, entity, finds, ten_from};
use crate::{
    Detector, Detectors, Form, Text, Trigger,
    engine::{overlap, reference},
};

pub(super) fn rows() -> Vec<Detector> {
    let odd = |text: &str| text.bytes().filter(u8::is_ascii_digit).map(|byte| byte - b'0').sum::<u8>() % 2 == 1;
    let rated =
        |text: &str, at: usize| Some((at..at + 2, if text.as_bytes()[at].is_ascii_lowercase() { 0.3 } else { 0.7 }));
    vec![
        Detector::pattern(entity("mail"), "[a-z0-9.]+@[a-z]+(?:[.][a-z]+)+"),
        Detector::pattern(entity("odd"), "[0-9]{1,4}(?:[ .-]?[0-9]{1,4}){0,5}").check(odd).score(0.6),
        Detector::pattern(entity("weak"), "[0-9]{3,6}").score(0.2).context(&["account", "id", "card number", "näher"]),
        Detector::pattern(entity("not"), "[0-9]{2}[A-Z]{2}").score(0.7).against(&["order", "card"]).context(&["id"]),
        Detector::pattern(entity("phone"), r"[+]?[(]?[0-9]{2,3}[)]? ?[0-9]{3}").score(0.55).context(&["tel"]),
        Detector::pattern(entity("plate"), "[A-Z]{1,3}[ -][A-Z]{1,2} ?[0-9]{1,4}").score(0.5),
        Detector::pattern(entity("bic"), "[A-Z]{6}[A-Z0-9]{2}").score(0.9),
        Detector::pattern(entity("key"), "[a-z]{2}-[a-z0-9]{13,20}"),
        Detector::new(entity("at"), Form::Around(Trigger::At, before_at)).score(0.5),
        Detector::new(entity("far"), Form::Around(Trigger::Digits, ten_from)).score(0.1).context(&["account", "tel"]),
        Detector::new(entity("url"), Form::Around(Trigger::Scheme, ten_from)).score(0.8),
        Detector::new(entity("word"), Form::Around(Trigger::Words(&["pass", "password", "order"]), ten_from))
            .score(0.52),
        Detector::new(entity("rated"), Form::Rated(Trigger::Words(&["näher", "order"]), rated)),
        Detector::new(entity("member"), Form::Member(&["firstname"], |text| Some(0..text.len()))).score(0.51),
    ]
}

fn sets() -> Vec<Detectors> {
    let builder = || Detectors::builder().only([]).detectors(rows());
    let custom =
        builder().pattern(entity("p"), r"\bx\d+|é+").words(entity("w"), ["Anna", "id", "Ärzte"]).allow(["12", "*@b.c"]);
    vec![builder().build().unwrap(), custom.build().unwrap()]
}

/// Pieces of which hostile and of which common texts are made.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[0-9]{1,7}",
        2 => "[a-z]{1,9}",
        1 => "[A-Z]{1,9}",
        4 => "[ .@+(:/)_-]{1,2}",
        1 => "[ \\n]{1,30}",
        1 => "[a-z]{14,70}",
        3 => prop::sample::select(vec![
            "account", "id", "Card Number", "cardNumber", "CARD_NUMBER", "ids", "order", "password", "tel", "://", "näher",
            "Anna", "é", "Ärzte", "x", "joe@a.b", "AB12", "DEUTDEFF", "12AB", "(+49) 123", "HH-AB 12",
        ]).prop_map(str::to_owned),
        2 => prop::sample::select(vec![
            "\u{200b}", "１", "２３", "＠", "–", "—", "\u{a0}", "e\u{301}", "\\u0031", "\\n", "%40", "&#64;", "&nbsp;", "%31",
            "\\ud835\\udfcf", "٣", "𝟗", "日本", "👍", "\\x32", "\u{2011}",
        ]).prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

#[track_caller]
fn same(detectors: &Detectors, text: &Text<'_>) {
    let mut scratch = detectors.set.scratch.get();
    detectors.set.search(text, &mut scratch);
    overlap::resolve(&mut scratch.candidates);
    assert_eq!(scratch.candidates, reference::find(&detectors.set, text), "{text:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn it_finds_what_the_reference_finds(text in text(), member in "|first_name|accountId|order") {
        for set in sets() {
            same(&set, &Text { text: &text, member: &member });
        }
    }

    #[test]
    fn ranges_are_sorted_disjoint_and_of_the_text(text in text()) {
        for set in sets() {
            let mut end = 0;
            for found in set.find(&text) {
                prop_assert!(found.range.start >= end && found.range.start < found.range.end);
                prop_assert!(text.get(found.range.clone()).is_some());
                prop_assert!((0.0..=1.0).contains(&found.score));
                end = found.range.end;
            }
        }
    }

    #[test]
    fn texts_far_apart_do_not_change_each_other(a in text(), b in text()) {
        let set = Detectors::builder().only([]).detectors(rows()).build().unwrap();
        let between = "\n".repeat(400);
        let mut apart = set.find(&a);
        let shift = a.len() + between.len();
        apart.extend(set.find(&b).into_iter().map(|mut found| {
            found.range = found.range.start + shift..found.range.end + shift;
            found
        }));
        prop_assert_eq!(set.find(&format!("{a}{between}{b}")), apart);
    }
}

#[test]
fn neighbours_in_one_token_are_each_found() {
    let set = &sets()[0];
    finds(set, "\"a\":\"joe@a.b\",\"b\":\"ann@b.c\"", &["mail:joe@a.b:100", "mail:ann@b.c:100"]);
}
