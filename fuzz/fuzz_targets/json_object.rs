//! What `Object` accepts is what serde accepts, and an edit changes one member.

#![no_main]

use libfuzzer_sys::fuzz_target;
use llm_layers_wire::json::{Limits, Object};
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

fuzz_target!(|text: &[u8]| {
    let object = Object::parse_with(text.to_vec(), &Limits::LENIENT);
    // Names with lone surrogates are no Rust strings: serde sees it only where it reads the name.
    assert_eq!(object.is_ok(), is_object(text), "{object:?}");
    if let Ok(object) = object {
        assert_eq!(object.to_bytes(), text);
        edit(&object);
    }
});

fn is_object(text: &[u8]) -> bool {
    serde_json::from_slice::<Members>(text).is_ok()
        && std::str::from_utf8(text).is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok())
}

type Members<'a> = std::collections::HashMap<std::borrow::Cow<'a, str>, IgnoredAny>;

fn edit(object: &Object) {
    let text = object.to_bytes();
    let names: Vec<String> = object.iter().map(|(name, _)| name.into_owned()).collect();
    // Beyond its syntax a text may hold what no `Value` can: lone surrogates, numbers out of range.
    let map = serde_json::from_slice::<Map<String, Value>>(&text).ok();
    for name in names.iter().map(String::as_str).chain(["added \"\\\u{1}"]).take(8) {
        let mut set = object.clone();
        set.set(name, "new");
        assert_eq!(set.text(name).as_deref(), Some("new"));
        let mut removed = object.clone();
        assert_eq!(removed.remove(name), object.contains(name));
        for (edited, value) in [(set, Some(Value::from("new"))), (removed, None)] {
            let again = Object::parse_with(edited.to_bytes(), &Limits::LENIENT).expect("an object after the edit");
            assert_eq!(edited.pieces().concat(), again.to_bytes());
            assert!(again.iter().eq(edited.iter()));
            if let Some(mut map) = map.clone() {
                match value {
                    Some(value) => _ = map.insert(name.into(), value),
                    None => _ = map.remove(name),
                }
                assert_eq!(serde_json::from_slice::<Map<String, Value>>(&again.to_bytes()).expect("a map"), map);
            }
        }
    }
}
