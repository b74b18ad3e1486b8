use proptest::prelude::*;
use serde_json::{Value, json};

use super::{tokens::MAX_TOKEN, *};
use crate::Schemas;

fn schema() -> Arc<Schema> {
    let schema = json!({
        "type": "object", "additionalProperties": false, "required": ["name"],
        "allOf": [{"$ref": "#/$defs/counted"}],
        "properties": {
            "name": {"type": "string", "enum": ["a", "b\u{e9}"]},
            "count": {"type": ["integer", "null"]},
            "ratio": {"type": "number"},
            "one": {"const": 1},
            "pairs": {"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "boolean"}},
            "tree": {"$ref": "#/$defs/tree"},
            "any": {"anyOf": [{"type": "string"}, {"type": "number"}]},
            "free": {},
            "gone": false,
            "patterned": {"patternProperties": {"^x": {}}, "additionalProperties": false},
        },
        "$defs": {
            "counted": {"properties": {"count": {"enum": [1, 2, 2.5, null]}}},
            "tree": {
                "type": "object", "additionalProperties": false,
                "properties": {"children": {"items": {"$ref": "#/$defs/tree"}}},
            },
        },
    });
    Schemas::default().get(schema.to_string().as_bytes()).unwrap()
}

/// Reads a text in pieces of this length.
fn read(schema: Option<Arc<Schema>>, text: &str, length: usize) -> Result<(), Fault> {
    let mut reader = Incremental::new(schema);
    let chars: Vec<char> = text.chars().collect();
    for piece in chars.chunks(length) {
        reader.push(&piece.iter().collect::<String>())?;
    }
    Ok(())
}

#[test]
fn what_is_right_so_far_passes() {
    let texts = [
        "",
        " \n{",
        r#"{"name":"a"}"#,
        r#" { "name" : "b\u00e9" , "count" : 1.0 , "ratio" : -1.5e3, "one": 1.0 } "#,
        r#"{"name":"a","count":null,"pairs":["x",true,false],"tree":{"children":[{},{"children":[]}]}}"#,
        r#"{"any":true,"free":[{"x":[[]]},"\"\\\/\b\f\n\r\t\ud83d\ude00"],"patterned":{"y":1},"name":"a"}"#,
        r#"{"name":"#,
        r#"{"count":"#,
    ];
    for text in texts {
        for length in [1, 2, 3, 1000] {
            assert_eq!(read(Some(schema()), text, length), Ok(()), "{text}");
        }
    }
    assert_eq!(read(None, r#"{"a":[1,"x"],"b":{"a":null}}"#, 1), Ok(()));
}

#[test]
fn what_is_certainly_wrong_is_told_at_once() {
    let deep = "[".repeat(200);
    let cases = [
        ("x", "", Reason::NotJson),
        ("`", "", Reason::NotJson),
        ("[", "", Reason::Type),
        ("\"", "", Reason::Type),
        ("{,", "", Reason::NotJson),
        (r#"{"nam""#, "", Reason::AdditionalProperties),
        (r#"{"name":"c""#, "/name", Reason::Enum),
        (r#"{"name":1"#, "/name", Reason::Type),
        (r#"{"name":"a","name""#, "/name", Reason::NotJson),
        (r#"{"name":"a"]"#, "/name", Reason::NotJson),
        (r#"{"name":"a",}"#, "", Reason::NotJson),
        (r#"{"name":"a"}x"#, "", Reason::NotJson),
        (r#"{"name":"a"}{"#, "", Reason::NotJson),
        (r#"{"name":"\x"#, "/name", Reason::NotJson),
        (r#"{"name":"\u00g"#, "/name", Reason::NotJson),
        ("{\"name\":\"\n", "/name", Reason::NotJson),
        (r#"{"free":"\ud800""#, "/free", Reason::NotJson),
        (r#"{"free":nul "#, "/free", Reason::NotJson),
        (r#"{"free":01 "#, "/free", Reason::NotJson),
        (r#"{"free":[1,]"#, "/free/1", Reason::NotJson),
        (r#"{"count":3}"#, "/count", Reason::Enum),
        (r#"{"count":2.5}"#, "/count", Reason::Type),
        (r#"{"one":2}"#, "/one", Reason::Enum),
        (r#"{"one":{"#, "/one", Reason::Enum),
        (r#"{"pairs":["x",true,1"#, "/pairs/2", Reason::Type),
        (r#"{"tree":{"children":[{"x/~y""#, "/tree/children/0", Reason::AdditionalProperties),
        (r#"{"tree":{"children":[{},1"#, "/tree/children/1", Reason::Type),
        (r#"{"gone":1"#, "/gone", Reason::AdditionalProperties),
        ("{}", "/name", Reason::Required),
        (r#"{"count":1}"#, "/name", Reason::Required),
    ];
    for (text, path, reason) in cases {
        for length in [1, 2, 1000] {
            let fault = read(Some(schema()), text, length).expect_err(text);
            assert_eq!((fault.path.as_str(), fault.reason), (path, reason), "{text}: {fault}");
        }
        // Not before.
        let before: String = text.chars().take(text.chars().count() - 1).collect();
        assert_eq!(read(Some(schema()), &before, 1), Ok(()), "{before}");
    }
    assert_eq!(read(Some(schema()), &format!(r#"{{"free":{deep}"#), 7).unwrap_err().reason, Reason::NotJson);
    assert_eq!(read(None, "[", 1).unwrap_err().reason, Reason::NotAnObject);
    assert_eq!(read(None, r#"{"a":1,"a"#, 1), Ok(()));
    assert_eq!(read(None, r#"{"a":1,"a":"#, 1).unwrap_err().path, "/a");
}

#[test]
fn no_value_is_told_and_a_fault_stays() {
    let mut reader = Incremental::new(Some(schema()));
    let fault = reader.push(r#"{"name":"secret""#).unwrap_err();
    assert!(!fault.to_string().contains("secret"), "{fault}");
    let mut unseen = Incremental::new(Some(schema()));
    let fault_of_names =
        unseen.push(r#"{"free":{"private":"secret"},"concealed"#).and_then(|()| unseen.push("\"")).unwrap_err();
    assert!(fault_of_names.path.is_empty());
    let shown = format!("{unseen:?}");
    assert!(["secret", "private", "concealed"].iter().all(|word| !shown.contains(word)), "{shown}");
    assert_eq!(reader.push("}"), Err(fault));
}

#[test]
fn long_tokens_are_not_kept() {
    let mut reader = Incremental::new(Some(schema()));
    reader.push(r#"{"name":""#).unwrap();
    for _ in 0..100 {
        reader.push(&"x".repeat(1000)).unwrap();
    }
    assert!(reader.token.len() <= MAX_TOKEN + 4);
    reader.push(r#"","count":1}"#).unwrap();
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        (-1e9_f64..1e9).prop_map(Value::from),
        "\\PC{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[a-c\"\\\\]{0,2}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn all_json_passes_and_what_fits_passes_its_schema(value in json_value(), length in 1_usize..9, is_pretty: bool) {
        let text = if is_pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        let anything = Schemas::default().get(b"true").unwrap();
        prop_assert_eq!(read(Some(anything), &text, length), Ok(()));
        let this = json!({"const": value}).to_string();
        let this = Schemas::default().get(this.as_bytes()).unwrap();
        prop_assert_eq!(read(Some(this), &text, length), Ok(()));
    }

    #[test]
    fn what_it_refuses_is_no_json(text in "[\\[\\]{}:,\"a1tru e.\\\\-]{0,12}") {
        let anything = Schemas::default().get(b"true").unwrap();
        let is_json = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
        let read = read(Some(anything), &text, 1);
        prop_assert!(!is_json || read.is_ok() || read.unwrap_err().message == "is there twice", "{}", text);
    }
}
