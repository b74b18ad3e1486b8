use std::sync::Arc;

use llm_layers_pii::{Entity, Finding, Text};
use proptest::prelude::*;

use super::*;
use crate::{Rules, Session, Style, vault::Entry};

/// A restorer of these values, and their placeholders.
fn minted(style: Style, values: &[(Entity, &str)]) -> (Restorer, Vec<String>) {
    let mut session = Session::new(&Arc::new(Rules::new().style(style)), "", "");
    let placeholders = values.iter().map(|(entity, value)| {
        let finding = Finding { entity: entity.clone(), range: 0..value.len(), score: 1.0 };
        session.redact(&Text::from(*value), vec![finding], false).unwrap()
    });
    let placeholders = placeholders.collect();
    (Restorer::new(session.into_vault()), placeholders)
}

fn anna() -> (Restorer, String) {
    let (restorer, placeholders) = minted(Style::default(), &[(Entity::EMAIL, "anna@posteo.example")]);
    let tag = placeholders[0].strip_prefix("<EMAIL_").and_then(|rest| rest.strip_suffix('>')).unwrap();
    (restorer, tag.to_owned())
}

fn whole(restorer: &Restorer, text: &str, escape: Escape) -> String {
    restorer.restore(text, escape).unwrap_or_else(|| text.to_owned())
}

fn streamed<'t>(restorer: &Restorer, pieces: impl IntoIterator<Item = &'t str>, escape: Escape) -> String {
    let mut stream = Stream::new(restorer.clone(), escape);
    let mut out = String::new();
    for piece in pieces {
        stream.push(piece, &mut out);
        assert!(stream.held() <= restorer.longest(), "{} of {}", stream.held(), restorer.longest());
    }
    stream.finish(&mut out);
    assert_eq!(stream.held(), 0);
    out
}

/// Each cut in two, and each character by itself.
fn same_by_every_cut(restorer: &Restorer, text: &str) {
    for escape in [Escape::None, Escape::Json] {
        let expected = whole(restorer, text, escape);
        for (cut, _) in text.char_indices() {
            let (a, b) = text.split_at(cut);
            assert_eq!(streamed(restorer, [a, b], escape), expected, "{a:?} {b:?}");
        }
        let chars: Vec<_> = text.char_indices().map(|(at, char)| &text[at..at + char.len_utf8()]).collect();
        assert_eq!(streamed(restorer, chars, escape), expected, "{text:?}");
    }
}

#[test]
fn spellings_that_models_make_are_understood() {
    let (restorer, tag) = anna();
    let upper = tag.to_uppercase();
    for (spelling, restored) in [
        ("<EMAIL_$>", "@"),
        ("<EMAIL_^>", "@"),
        ("<email_$>", "@"),
        ("<Email_$>", "@"),
        ("< EMAIL_$ >", "@"),
        ("<EMAIL $>", "@"),
        ("<EMAIL-$>", "@"),
        ("<EMAIL: $>", "@"),
        ("<EMAIL$>", "@"),
        ("<EMAIL\u{a0}_\u{a0}$\u{a0}>", "@"),
        ("<EMAIL\u{2011}$>", "@"),
        (r"<EMAIL\_$>", "@"),
        (r"\<EMAIL\_$\>", "@"),
        (r"\\<EMAIL\\_$\\>", "@"),
        ("&lt;EMAIL_$&gt;", "@"),
        ("&#60;EMAIL_$&#62;", "@"),
        ("&#x3C;EMAIL_$&#x3E;", "@"),
        ("＜EMAIL_$＞", "@"),
        ("＜EMAIL＿$＞", "@"),
        ("〈EMAIL_$〉", "@"),
        (r"\u003cEMAIL_$\u003e", "@"),
        (r"\\u003CEMAIL_$\\u003E", "@"),
        ("%3CEMAIL_$%3E", "@"),
        ("EMAIL_$", "@"),
        ("EMAIL_$.", "@."),
        ("EMAIL_$さん", "@さん"),
        ("`EMAIL $`", "`@`"),
        ("_EMAIL_$_", "_@_"),
        ("\"EMAIL-$\"", "\"@\""),
        (r"{\nEMAIL_$\n}", r"{\n@\n}"),
        // Brackets of another kind, or one without the other, are somebody else's.
        ("[EMAIL_$](mailto:EMAIL_$)", "[@](mailto:@)"),
        ("[EMAIL_$]", "[@]"),
        ("<EMAIL_$", "<@"),
        ("EMAIL_$>", "@>"),
        ("<EMAIL_$/>", "<@/>"),
        ("<EMAIL_$&gt;", "<@&gt;"),
        (r"\<EMAIL_$>", r"\@"),
        ("<<EMAIL_$>>", "<@>"),
        ("< <EMAIL_$> >", "< @ >"),
        ("<EMAIL_$><EMAIL_$>", "@@"),
        ("EMAIL_$EMAIL_$", "EMAIL_$EMAIL_$"),
        ("EMAIL_$-EMAIL_$", "@-@"),
    ] {
        let text = spelling.replace('$', &tag).replace('^', &upper);
        let expected = restored.replace('@', "anna@posteo.example").replace('$', &tag);
        for (before, after) in [("", ""), ("Mail ", " today"), ("<i>", "</i>"), ("\"", "\"")] {
            let text = format!("{before}{text}{after}");
            assert_eq!(whole(&restorer, &text, Escape::None), format!("{before}{expected}{after}"), "{text}");
            same_by_every_cut(&restorer, &text);
        }
    }
}

#[test]
fn what_was_not_minted_stays() {
    let (restorer, tag) = anna();
    let (first, rest) = tag.split_at(1);
    let other = if first == "0" { "1" } else { "0" };
    for text in [
        format!("<EMAIL_{other}{rest}>"),
        format!("<EMAIL_{rest}>"),
        format!("<EMAIL_{tag}0>"),
        format!("<EMAIL_0{tag}>"),
        format!("EMAIL_{tag}g"),
        format!("<PHONE_{tag}>"),
        format!("<{tag}>"),
        tag.clone(),
        format!("REEMAIL_{tag}"),
        format!("<EMAIL__{tag}>"),
        format!("<EMAIL_\n{tag}>"),
        format!("<EMAIL_{first} {rest}>"),
        format!("<E MAIL_{tag}>"),
        "<EMAIL_>".to_owned(),
        "<EMAIL".to_owned(),
        "EMAIL_".repeat(50),
    ] {
        assert_eq!(restorer.restore(&text, Escape::None), None, "{text}");
        same_by_every_cut(&restorer, &text);
    }
}

#[test]
fn names_of_many_words_are_understood_and_not_taken_for_shorter_ones() {
    let values = [(Entity::US_PASSPORT, "C01234567"), (Entity::PASSPORT, "X9"), (Entity::new("us"), "we")];
    let (restorer, placeholders) = minted(Style::default(), &values);
    for (placeholder, (_, value)) in placeholders.iter().zip(&values) {
        for text in [
            placeholder.clone(),
            placeholder.to_lowercase(),
            placeholder.replace('_', " "),
            placeholder.replace('_', r"\_"),
            placeholder.replacen('_', "", placeholder.matches('_').count() - 1),
        ] {
            assert_eq!(whole(&restorer, &text, Escape::None), *value, "{text}");
            same_by_every_cut(&restorer, &text);
        }
    }
}

#[test]
fn a_tag_that_is_a_word_of_another_name_misleads_nobody() {
    let entry = |name: &str, tag: u128, value: &str| Entry { name: name.into(), tag, value: value.to_owned().into() };
    let entries = vec![entry("A", 0xface, "one"), entry("A_FACE", 0xbeef, "two"), entry("AF", 0xacea, "three")];
    let restorer = Restorer::new(Vault { style: Style::default().tag_length(4).unwrap(), entries });
    for (text, restored) in [
        ("<A_face> <A_FACE_beef> <AF_acea>", "one two three"),
        ("a face, af acea", "one, three"),
        ("<AFACE> <AFACEBEEF> <AFACEA>", "one two three"),
    ] {
        assert_eq!(whole(&restorer, text, Escape::None), restored);
        same_by_every_cut(&restorer, text);
    }
}

#[test]
fn other_styles_are_understood() {
    for (open, close) in [("[[", "]]"), ("{", "}"), ("⟦", "⟧"), ("&", "&"), ("<|", "|>"), ("%", "%"), ("#", "#")] {
        let style = Style::default().brackets(open, close).unwrap().tag_length(4).unwrap().lower_case();
        let (restorer, placeholders) = minted(style, &[(Entity::EMAIL, "a@b.example")]);
        let placeholder = &placeholders[0];
        assert!(placeholder.starts_with(open) && placeholder.ends_with(close), "{placeholder}");
        for (text, restored) in [
            (placeholder.clone(), "a@b.example"),
            (placeholder.to_uppercase(), "a@b.example"),
            (format!("({placeholder})"), "(a@b.example)"),
            (format!("{open}{placeholder}{close}"), &format!("{open}a@b.example{close}")),
        ] {
            assert_eq!(whole(&restorer, &text, Escape::None), restored, "{text}");
            same_by_every_cut(&restorer, &text);
        }
    }
}

#[test]
fn nothing_is_held_that_cannot_become_one() {
    let (restorer, tag) = anna();
    let (first, _) = tag.split_at(1);
    let other = if first == "0" { "1" } else { "0" };
    for (text, held) in [
        ("Hello".to_owned(), 0),
        ("a < b".to_owned(), 0),
        ("a <".to_owned(), 1),
        ("a < ".to_owned(), 2),
        ("<b".to_owned(), 0),
        ("the".to_owned(), 0),
        ("an e".to_owned(), 1),
        ("an em".to_owned(), 2),
        ("an es".to_owned(), 0),
        ("an email".to_owned(), 5),
        ("an email ".to_owned(), 6),
        ("an email a\u{e4}".to_owned(), 0),
        ("an email, ".to_owned(), 0),
        (format!("EMAIL_{other}"), 0),
        (format!("EMAIL_{first}"), 7),
        (format!("EMAIL_{tag}"), 6 + tag.len()),
        (format!("EMAIL_{tag}."), 0),
        (format!("<EMAIL_{tag}"), 7 + tag.len()),
        (format!("<EMAIL_{tag}>"), 0),
        (r"\".to_owned(), 1),
        (r"\n".to_owned(), 0),
        ("&".to_owned(), 1),
        ("&am".to_owned(), 0),
    ] {
        let mut stream = Stream::new(restorer.clone(), Escape::None);
        let mut out = String::new();
        stream.push(&text, &mut out);
        assert_eq!(stream.held(), held, "{text}");
    }
    let mut stream = Stream::new(Restorer::new(Vault::default()), Escape::None);
    let mut out = String::new();
    stream.push("<EMAIL_", &mut out);
    assert_eq!((stream.held(), &*out), (0, "<EMAIL_"), "without values nothing is looked at");
}

#[test]
fn hostile_texts_are_read_in_linear_time_and_held_in_bounds() {
    let values: Vec<_> = (0..5_000).map(|number| format!("value {number}")).collect();
    let pairs: Vec<_> = values.iter().map(|value| (Entity::EMAIL, &**value)).collect();
    let (restorer, placeholders) = minted(Style::default(), &pairs);
    assert_eq!(whole(&restorer, &placeholders.concat(), Escape::None), values.concat());
    assert_eq!(streamed(&restorer, placeholders.iter().map(|text| &**text), Escape::None), values.concat());

    for text in [
        "<".repeat(1 << 20),
        "EMAIL_".repeat(100_000),
        "<EMAIL_ ".repeat(20_000),
        format!("<EMAIL{}", " ".repeat(1 << 20)),
        format!("EMAIL_{}", "0123456789abcdef".repeat(1 << 14)),
        "\\".repeat(1 << 16),
        "&#".repeat(1 << 16),
        "e".repeat(1 << 16),
        "e ".repeat(1 << 16),
    ] {
        assert_eq!(restorer.restore(&text, Escape::Json), None);
        let pieces = (0..text.len()).step_by(7).map(|at| &text[at..text.len().min(at + 7)]);
        assert_eq!(streamed(&restorer, pieces, Escape::Json), text);
    }
}

#[test]
fn json_stays_valid_whatever_is_put_into_it() {
    let value = "a\"b\\c\n\r\t\u{0}\u{1f}\u{2028}ä😀</script>";
    let (restorer, placeholders) = minted(Style::default(), &[(Entity::SECRET, value)]);
    let placeholder = &placeholders[0];
    for spelling in [placeholder.clone(), placeholder.replace('<', r"\u003c").replace('>', r"\u003e")] {
        let arguments = format!(r#"{{"a":"x{spelling}y","b\n":["{spelling}"],"{spelling}":1}}"#);
        let restored = whole(&restorer, &arguments, Escape::Json);
        let json: serde_json::Value = serde_json::from_str(&restored).unwrap();
        assert_eq!(json, serde_json::json!({"a": format!("x{value}y"), "b\n": [value], value: 1}));
        same_by_every_cut(&restorer, &arguments);
    }
}

#[test]
fn nothing_that_is_printed_holds_a_value() {
    let (restorer, placeholders) = minted(Style::default(), &[(Entity::EMAIL, "anna@posteo.example")]);
    let mut stream = Stream::new(restorer.clone(), Escape::None);
    stream.push(&placeholders[0][..9], &mut String::new());
    let printed = format!("{restorer:?} {stream:?}");
    assert!(!printed.contains("anna") && !printed.contains("posteo"), "{printed}");
    assert!(printed.contains("values: 1"), "{printed}");
}

/// Text of what placeholders are made of, with `@` for one that was minted.
fn scraps() -> impl Strategy<Value = Vec<String>> {
    let scrap = prop_oneof![
        3 => Just("@".to_owned()),
        3 => prop::sample::select(vec![
            "<", ">", "< ", " >", "&lt;", "&gt;", "\\", "\\u003c", "\\u003e", "EMAIL", "email", "_", "\\_", " ", "-", "US", "SSN",
            "#", "#", "\"", "\\\\", "n", "0", "a", "\n", "ä", "＜", "＞", "%3c", "E",
        ]).prop_map(str::to_owned),
        1 => "\\PC{0,4}".prop_map(|text| text),
    ];
    prop::collection::vec(scrap, 0..24)
}

proptest! {
    #[test]
    fn every_chunking_gives_what_the_whole_gives(scraps in scraps(), sizes in prop::collection::vec(1_usize..9, 1..9)) {
        let (restorer, placeholders) = minted(Style::default(), &[(Entity::EMAIL, "a\"@b"), (Entity::US_SSN, "078-05-1120")]);
        let tag = &placeholders[0][7..15];
        let text: String = scraps.iter().enumerate().map(|(index, scrap)| match &**scrap {
            "@" => placeholders[index % 2].clone(),
            "#" => tag.to_owned(),
            _ => scrap.clone(),
        }).collect();
        same_by_every_cut(&restorer, &text);
        let json = serde_json::to_string(&text).unwrap();
        same_by_every_cut(&restorer, &json);
        prop_assert!(serde_json::from_str::<String>(&whole(&restorer, &json, Escape::Json)).is_ok(), "{}", json);
        let mut pieces = Vec::new();
        let (mut rest, mut sizes) = (&*text, sizes.iter().cycle());
        while !rest.is_empty() {
            let size = *sizes.next().unwrap();
            let end = rest.char_indices().nth(size).map_or(rest.len(), |(at, _)| at);
            let (piece, after) = rest.split_at(end);
            pieces.push(piece);
            rest = after;
        }
        prop_assert_eq!(streamed(&restorer, pieces, Escape::Json), whole(&restorer, &text, Escape::Json));
    }
}
