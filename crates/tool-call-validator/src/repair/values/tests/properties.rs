//! Random valid calls, spelled wrong in one way, come back as they were; cut off, they never become another call.

use proptest::{prelude::*, sample::Index};
use serde_json::{Map, Value, json};

use super::*;

/// A valid booking.
fn booking() -> impl Strategy<Value = Value> {
    let text = "[a-zA-Z0-9 \"\\\\{}\\[\\],:'é]{0,8}";
    let guest = (text, proptest::option::of(0..120_i64)).prop_map(|(name, age)| {
        let mut guest = json!({"fullName": name});
        guest.as_object_mut().unwrap().extend(age.map(|age| ("age".to_owned(), age.into())));
        guest
    });
    let members = (
        (text, 1..100_i64, text),
        proptest::option::of(-1_000_i64..1_000),
        proptest::option::of(any::<bool>()),
        proptest::option::of(proptest::sample::select(vec!["single", "double", "Suite"])),
        proptest::option::of(proptest::option::of(-5..50_i64)),
        proptest::option::of(proptest::collection::vec(text, 0..4)),
        proptest::option::of(proptest::collection::vec(guest, 0..3)),
    );
    members.prop_map(|((city, nights, currency), price, breakfast, room, floor, tags, guests)| {
        let mut call = Map::new();
        call.insert("city".into(), city.into());
        call.insert("nights".into(), nights.into());
        call.insert("currency".into(), currency.into());
        let optional = [
            ("max_price", price.map(|cents| json!(cents as f64 / 4.0))),
            ("breakfast", breakfast.map(Value::from)),
            ("room", room.map(Value::from)),
            ("floor", floor.map(|floor| json!(floor))),
            ("tags", tags.map(Value::from)),
            ("guests", guests.map(Value::from)),
        ];
        call.extend(optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
        Value::Object(call)
    })
}

/// Spells one thing of a booking in another way, that has one reading.
fn misspell(call: &Value, kind: u8, which: Index) -> String {
    let mut changed = call.as_object().unwrap().clone();
    let keys: Vec<String> = changed.keys().cloned().collect();
    let key = which.get(&keys).clone();
    match kind {
        // Any value as a string of it, where no string is wanted.
        0 => {
            let value = &changed[&key];
            if !value.is_string() {
                let text = value.to_string();
                changed.insert(key, text.into());
            }
        }
        1 => {
            let value = changed.remove(&key).unwrap();
            changed.insert(key.to_uppercase().replace('_', "-"), value);
        }
        // An unknown one, where all that are known are there.
        2 => {
            if changed.len() == 9 {
                changed.insert("why_not".into(), json!({"x": [1]}));
            }
        }
        3 => {
            if let Some(room) = changed.get("room").and_then(Value::as_str) {
                let room = format!(" {} ", room.to_uppercase());
                changed.insert("room".into(), room.into());
            }
        }
        4 => return Value::from(call.to_string()).to_string(),
        5 => return format!("[{call}]"),
        6 => return json!({"name": "tool", "arguments": call}).to_string(),
        _ => return json!({"name": "tool", "parameters": call.to_string()}).to_string(),
    }
    Value::Object(changed).to_string()
}

proptest! {
    #[test]
    fn what_is_spelled_wrong_comes_back(call in booking(), kind in 0_u8..8, which: Index) {
        let text = misspell(&call, kind, which);
        let mended = mended(BOOKING, &text).ok_or_else(|| TestCaseError::fail(format!("{text} was refused")))?;
        prop_assert_eq!(serde_json::from_str::<Value>(&mended.text).unwrap(), call, "{}", text);
    }

    #[test]
    fn what_is_cut_off_becomes_no_other_call(call in booking(), kind in 0_u8..9, which: Index, cut: Index) {
        let text = if kind == 8 { call.to_string() } else { misspell(&call, kind, which) };
        let at = (0..=cut.index(text.len())).rfind(|at| text.is_char_boundary(*at)).unwrap();
        if let Some(mended) = mended(BOOKING, &text[..at]) {
            prop_assert_eq!(serde_json::from_str::<Value>(&mended.text).unwrap(), call, "{}", &text[..at]);
        }
    }

    #[test]
    fn whatever_is_mended_is_valid_and_was_said(value in anything()) {
        let text = value.to_string();
        for (schema, defaults) in [(BOOKING, &["eur"][..]), (OPEN, &["10"]), (EITHER, &[]), (PAIR, &[]), (NOTHING, &[])] {
            // `mended` asserts that it is valid.
            let Some(first) = mended(schema, &text) else { continue };
            let again = mended(schema, &first.text).unwrap();
            prop_assert_eq!((&again.text, again.repairs.len()), (&first.text, 0), "{}", text);
            let said = essence(&text);
            for leaf in leaves(&serde_json::from_str(&first.text).unwrap()) {
                let is_said = said.contains(&leaf) || defaults.contains(&leaf.as_str());
                prop_assert!(is_said, "{} became {}, with {}", text, first.text, leaf);
            }
        }
    }
}

/// Values of members that the schemas know, by more or less their names.
fn anything() -> impl Strategy<Value = Value> {
    let names = vec![
        "city",
        "City",
        "nights",
        "currency",
        "tags",
        "guests",
        "fullName",
        "full_name",
        "age",
        "room",
        "query",
        "pageSize",
        "where",
        "kind",
        "lat",
        "lon",
        "street",
        "limit",
        "size",
        "day",
        "label",
        "names",
        "why",
        "floor",
        "breakfast",
    ];
    let scalars = vec![
        json!("5"),
        json!(5),
        json!(2.5),
        json!(true),
        json!("true"),
        json!(null),
        json!("null"),
        json!("POINT"),
        json!("address"),
        json!(" suite"),
        json!("auto"),
        json!("[\"a\"]"),
        json!("{\"age\":\"5\"}"),
        json!("x"),
        json!([{"fullName": 1}]),
        json!({"kind": "Point", "lat": "1", "lon": 2}),
    ];
    let leaf = proptest::sample::select(scalars);
    let value = leaf.prop_recursive(3, 24, 6, move |inner| {
        let names = proptest::sample::select(names.clone());
        prop_oneof![
            1 => proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            4 => proptest::collection::vec((names, inner), 0..6)
                .prop_map(|members| members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
                .prop_map(Value::Object),
        ]
    });
    // Some of them have what a booking must have.
    (value, any::<bool>()).prop_map(|(mut value, is_booking)| {
        if let (true, Some(members)) = (is_booking, value.as_object_mut()) {
            members.insert("city".to_owned(), json!("P"));
            members.insert("nights".to_owned(), json!("2"));
            members.insert("a".to_owned(), json!("3"));
            members.insert("B".to_owned(), json!([{"full_name": "Ann", "age": 1, "x": 2}]));
        }
        value
    })
}

/// A text without its case and its quotes.
fn essence(text: &str) -> String {
    text.to_lowercase().replace(['\\', '"'], "")
}

fn leaves(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(leaves).collect(),
        Value::Object(members) => members.values().flat_map(leaves).collect(),
        leaf => vec![essence(&leaf.to_string())],
    }
}
