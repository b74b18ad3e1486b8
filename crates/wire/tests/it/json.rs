//! Properties of `json::Object`: whatever is valid survives, and a change leaves the rest alone.

use bytes::Bytes;
use llm_layers_wire::json::{self, Array, Duplicates, ErrorKind, Limits, Object};
use proptest::prelude::*;
use serde::de::IgnoredAny;
use serde_json::Value;

/// Strings that stress the scanner: escapes in runs, long plain stretches, multi-byte characters.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-z ]{0,80}",
        r#"[\\"/\n\t\u{1}]{0,9}"#,
        "[é漢😀\u{7f}\u{80}]{0,20}",
        Just("\\".repeat(63)),
        Just("x".repeat(64)),
    ];
    prop::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        // Eighths: serde reads most other floats back with an error in the last place.
        any::<i32>().prop_map(|n| Value::from(f64::from(n) / 8.0)),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((text(), inner), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn space() -> impl Strategy<Value = String> {
    "[ \n\t\r]{0,3}"
}

/// An object as text, with white space wherever it may stand.
fn object() -> impl Strategy<Value = (String, Vec<String>)> {
    let member = (text(), value(), any::<bool>(), [space(), space(), space(), space()]);
    (prop::collection::vec(member, 0..6), space(), space(), space()).prop_map(|(members, before, inside, after)| {
        let mut names = Vec::new();
        let mut out = format!("{before}{{{inside}");
        for (name, value, ascii, [a, b, c, d]) in members {
            if names.contains(&name) {
                continue;
            }
            let value = if ascii { ascii_only(&value.to_string()) } else { value.to_string() };
            let comma = if names.is_empty() { "" } else { "," };
            out += &format!("{comma}{a}{}{b}:{c}{value}{d}", Value::from(name.as_str()));
            names.push(name);
        }
        (format!("{out}}}{after}"), names)
    })
}

/// As Python's `json.dumps` writes by default.
fn ascii_only(json: &str) -> String {
    let mut out = String::new();
    for c in json.chars() {
        let mut units = [0; 2];
        match c.is_ascii() {
            true => out.push(c),
            false => c.encode_utf16(&mut units).iter().for_each(|unit| out += &format!("\\u{unit:04X}")),
        }
    }
    out
}

fn is_object(text: &[u8]) -> bool {
    let first = text.iter().find(|byte| !b" \n\t\r".contains(byte));
    first == Some(&b'{') && std::str::from_utf8(text).is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok())
}

const ANY: Limits = Limits::LENIENT;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_object_survives((text, names) in object()) {
        let object = Object::parse(text.clone()).expect("a valid object");
        prop_assert_eq!(object.to_bytes(), text.as_bytes());
        prop_assert_eq!(object.pieces().concat(), text.as_bytes());
        prop_assert_eq!(object.iter().map(|(name, _)| name.into_owned()).collect::<Vec<_>>(), names);
        let whole: serde_json::Map<String, Value> = serde_json::from_str(&text).expect("serde agrees");
        for (name, raw) in object.iter() {
            prop_assert_eq!(&serde_json::from_slice::<Value>(raw).expect("a value"), &whole[&*name]);
        }
    }

    #[test]
    fn setting_one_member_leaves_every_other_byte_alone((text, names) in object(), pick in any::<prop::sample::Index>(), new in value()) {
        prop_assume!(!names.is_empty());
        let name = pick.get(&names);
        let mut object = Object::parse(text.clone()).expect("valid");
        let old = object.get_bytes(name).expect("present");
        object.set(name, &new);
        let after = object.to_bytes();
        // The old value's place in the text is known by its slice: everything before and after it must stand.
        let source = Object::parse(text.clone()).expect("valid").get_bytes(name).expect("present");
        prop_assert_eq!(&source, &old);
        let new = new.to_string();
        prop_assert_eq!(after.len() + old.len(), text.len() + new.len());
        let start = (0..=text.len() - old.len())
            .find(|&at| text.as_bytes()[at..].starts_with(&old)
                && after[..at] == text.as_bytes()[..at]
                && after[at..].starts_with(new.as_bytes())
                && after[at + new.len()..] == text.as_bytes()[at + old.len()..]);
        prop_assert!(start.is_some(), "{text:?} became {after:?}");
        prop_assert_eq!(object.get(name).expect("set"), new.as_bytes());
    }

    #[test]
    fn edits_mean_what_a_map_means((text, names) in object(), edits in prop::collection::vec((any::<prop::sample::Index>(), prop::option::of(value())), 0..6)) {
        let pool: Vec<String> = names.into_iter().chain(["added".into(), "a\"b".into()]).collect();
        let mut object = Object::parse(text.clone()).expect("valid");
        let mut map: serde_json::Map<String, Value> = serde_json::from_str(&text).expect("valid");
        for (pick, edit) in edits {
            let name = pick.get(&pool);
            match edit {
                Some(value) => { object.set(name, &value); map.insert(name.clone(), value); }
                None => { prop_assert_eq!(object.remove(name), map.remove(name).is_some()); }
            }
        }
        let after = object.to_bytes();
        prop_assert_eq!(serde_json::from_slice::<Value>(&after).expect("still JSON"), Value::Object(map));
        prop_assert_eq!(Object::parse(after).expect("still splits").member_count(), object.member_count());
    }

    #[test]
    fn accepts_what_serde_accepts_and_nothing_else(text in r#"\{("[a\\"u0-9]{0,3}"?:?[\[\]{},0-9.eE+-]{0,6}(true|null|"\\u00[0-9a-g]{2}"|"x")?,?){0,3}\}?"#) {
        prop_assert_eq!(Object::parse_with(text.clone(), &ANY).is_ok(), is_object(text.as_bytes()), "{}", text);
    }

    #[test]
    fn a_damaged_object_is_judged_as_serde_judges_it((text, _) in object(), at in any::<prop::sample::Index>(), byte: u8) {
        let mut text = text.into_bytes();
        let at = at.index(text.len());
        text[at] = byte;
        prop_assert_eq!(Object::parse_with(text.clone(), &ANY).is_ok(), is_object(&text), "{:?}", Bytes::from(text));
    }

    #[test]
    fn a_cut_object_is_refused_and_never_panics((text, _) in object(), at in any::<prop::sample::Index>()) {
        let text = text.trim();
        let cut = text.as_bytes()[..at.index(text.len())].to_vec();
        prop_assert!(Object::parse(cut).is_err());
    }

    #[test]
    fn a_member_is_found_where_an_object_has_it((text, names) in object(), ascii: bool, other in text()) {
        let text = if ascii { ascii_only(&text) } else { text };
        let object = Object::parse(text.clone()).expect("a valid object");
        for name in names.iter().chain([&other]) {
            let place = json::find(text.as_bytes(), name, &Limits::DEFAULT).expect("a valid object");
            prop_assert_eq!(place.clone().map(|place| &text.as_bytes()[place]), object.get(name));
            // And what follows it makes no difference.
            if let Some(place) = place {
                let cut = [&text.as_bytes()[..place.end], b"\n\xff"].concat();
                prop_assert_eq!(json::find(&cut, name, &Limits::DEFAULT).expect("as before"), Some(place));
            }
        }
    }

    #[test]
    fn in_any_bytes_something_is_found_or_nothing(text in prop::collection::vec(any::<u8>(), 0..99), (object, _) in object(), at in any::<prop::sample::Index>(), name in "[a\"]{0,1}") {
        let damaged = [&object.as_bytes()[..at.index(object.len())], &text].concat();
        for text in [text, damaged] {
            if let Ok(Some(place)) = json::find(&text, &name, &ANY) {
                prop_assert!(!place.is_empty() && place.end <= text.len());
            }
        }
    }
}

#[track_caller]
fn refused(text: &'static str, offset: usize) -> ErrorKind {
    let error = Object::parse(text).expect_err(text);
    assert_eq!(error.offset(), offset, "{error}");
    error.kind().clone()
}

#[test]
fn errors_name_the_byte() {
    refused("", 0);
    refused("[]", 0);
    refused("{", 1);
    refused(r#"{"a" 1}"#, 5);
    refused(r#"{"a":1,}"#, 7);
    refused(r#"{"a":tru}"#, 8);
    refused(r#"{"a":01}"#, 6);
    refused(r#"{"a":[1}}"#, 7);
    assert_eq!(refused(r#"{"a":-}"#, 6), ErrorKind::InvalidNumber);
    assert_eq!(refused("{\"a\":\"\n\"}", 6), ErrorKind::ControlCharacter);
    assert_eq!(refused(r#"{"a":"\x"}"#, 7), ErrorKind::InvalidEscape);
    assert_eq!(refused(r#"{"a":"\u12G4"}"#, 10), ErrorKind::InvalidEscape);
    assert_eq!(refused(r#"{"a":1} x"#, 8), ErrorKind::TrailingCharacters);
    let error = Object::parse(&b"{\"a\":\"\xff\"}"[..]).expect_err("not UTF-8");
    assert_eq!((error.kind(), error.offset()), (&ErrorKind::InvalidUtf8, 6));
}

#[test]
fn duplicates_are_refused_or_the_last_wins() {
    let text = r#"{"model":"a","n":1,"mod\u0065l":"b"}"#;
    let error = Object::parse(text).expect_err("named twice");
    assert_eq!(error.to_string(), r#"member "model" is named twice at byte 19"#);

    let limits = Limits::DEFAULT.with_duplicates(Duplicates::LastWins);
    let mut object = Object::parse_with(text, &limits).expect("lenient");
    assert_eq!(object.read::<String>("model").expect("text").as_deref(), Some("b"));
    assert_eq!(object.to_bytes(), text);
    object.set("model", "c");
    assert_eq!(object.to_bytes(), r#"{"n":1,"mod\u0065l":"c"}"#);
    assert!(object.remove("model"));
    assert_eq!(object.to_bytes(), r#"{"n":1}"#);
}

#[test]
fn depth_size_and_members_are_bounded() {
    let nested = |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1));
    assert!(Object::parse(nested(127)).is_ok());
    let error = Object::parse(nested(128)).expect_err("too deep");
    assert_eq!(error.kind(), &ErrorKind::TooDeep { limit: 127 });
    // What is accepted, serde reads: no later layer fails by depth.
    assert!(Object::parse(nested(127)).expect("deep").read::<Value>("a").is_ok());

    let error = Object::parse_with("{\"a\":1}", &Limits::DEFAULT.with_max_bytes(6)).expect_err("too long");
    assert!(error.is_too_long());
    let error = Object::parse_with("{\"a\":1,\"b\":2}", &Limits::DEFAULT.with_max_members(1)).expect_err("too many");
    assert_eq!(error.kind(), &ErrorKind::TooMany { limit: 1 });
}

#[test]
fn a_change_to_one_member_copies_nothing_else() {
    let source = Bytes::from(format!(r#"{{"model":"a","prompt":"{}"}}"#, "x".repeat(100_000)));
    let mut object = Object::parse(source.clone()).expect("valid");
    object.set("model", "b");
    let pieces = object.pieces();
    assert_eq!(pieces.len(), 3);
    assert_eq!(pieces[2].as_ptr(), source[12..].as_ptr(), "shared with the buffer off the wire");
}

#[test]
fn reads_name_the_member() {
    let object = Object::parse(r#"{"n":"two","seed":null}"#).expect("valid");
    let error = object.read::<u32>("n").expect_err("a string");
    assert!(error.to_string().starts_with("invalid value for `n`: invalid type: string"), "{error}");
    assert_eq!(object.read::<u32>("seed").expect("null is absent"), None);
    assert_eq!(object.read::<u32>("none").expect("absent"), None);
}

#[test]
fn debug_shows_no_values() {
    let object = Object::parse(r#"{"prompt":"secret"}"#).expect("valid");
    assert_eq!(format!("{object:?}"), r#"{"prompt": 8 bytes}"#);
}

#[test]
fn an_array_is_edited_in_place() {
    let mut array = Array::parse(" [ 1 ,{\"a\":[]} , 3 ] ").expect("valid");
    assert_eq!(array.len(), 3);
    array.set(1, "null").expect("valid");
    assert_eq!(array.to_bytes(), " [ 1 ,null , 3 ] ");
    assert!(array.set(0, "nul").is_err());
    assert!(Array::parse("[1,]").is_err());
}
