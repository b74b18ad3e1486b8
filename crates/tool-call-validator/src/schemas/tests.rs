use std::{io, net::TcpListener, sync::Arc};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn get(schema: &Value) -> Result<Arc<Schema>, SchemaError> {
    Schemas::default().get(schema.to_string().as_bytes())
}

/// The message of a schema that is refused.
#[track_caller]
fn refused(schema: &Value) -> String {
    get(schema).expect_err("it is refused").to_string()
}

#[test]
fn nothing_is_fetched() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let http = format!("http://{}/schema.json", listener.local_addr().unwrap());
    let file = format!("file://{}/Cargo.toml", env!("CARGO_MANIFEST_DIR"));
    for uri in [http.as_str(), &file] {
        let refused = [
            json!({"$ref": uri}),
            json!({"properties": {"a": {"$ref": format!("{uri}#/x")}}}),
            json!({"$id": uri, "properties": {"a": {"$ref": "other.json"}}}),
            json!({"allOf": [{"$dynamicRef": uri}]}),
            json!({"$schema": "http://json-schema.org/draft-07/schema#", "$ref": uri}),
        ];
        for schema in refused {
            let error = get(&schema).expect_err(&schema.to_string());
            assert!(error.message.contains("nothing is fetched"), "{schema}: {error}");
            assert!(error.path.ends_with("ef"), "{schema}: {error}");
        }
        // A draft that nobody knows is not looked for.
        assert!(get(&json!({"$schema": uri, "type": "object"})).is_ok());
        let _ = get(&json!({"$defs": {"a": {"$id": "http://a.example/", "$schema": uri}}}));
    }
    assert_eq!(listener.accept().unwrap_err().kind(), io::ErrorKind::WouldBlock);
}

#[test]
fn what_is_no_schema_and_where() {
    let cases = [
        (json!({"type": "strin"}), "/type", "must fit one of the alternatives"),
        (json!({"properties": {"a/b": {"minLength": "x"}}}), "/properties/a~1b/minLength", "must be an integer"),
        (json!({"required": "a"}), "/required", "must be an array"),
        (json!({"anyOf": []}), "/anyOf", "at least 1 item"),
        (json!({"pattern": "("}), "/pattern", "must be of the format `regex`"),
        (json!({"properties": {"a": {"$ref": "#/$defs/b"}}}), "/properties/a/$ref", "refers to what is not there"),
        (json!({"items": {"$ref": "#b"}}), "/items/$ref", "an anchor that is not there"),
        (json!(1), "", "must be"),
        (json!("object"), "", "must be"),
        (json!(null), "", "must be"),
    ];
    for (schema, path, message) in cases {
        let error = get(&schema).expect_err(&schema.to_string());
        assert_eq!(error.path, path, "{schema}: {error}");
        assert!(error.message.contains(message), "{schema}: {error}");
    }
    for text in ["", "{", "{} {}", "\u{1}", &"[".repeat(1000)] {
        assert!(Schemas::default().get(text.as_bytes()).unwrap_err().message.contains("is no JSON"));
    }
}

#[test]
fn the_draft_is_the_newest_unless_told() {
    let tuple = |draft: &str| json!({"$schema": draft, "items": [{"type": "string"}]});
    assert!(get(&tuple("http://json-schema.org/draft-07/schema#")).is_ok());
    assert!(get(&tuple("https://json-schema.org/draft/2020-12/schema")).is_err());
    assert!(get(&tuple("https://example.com/of-our-own")).is_err());
}

#[test]
fn a_name_in_place_of_an_address_is_none() {
    for id in ["My Weather Tool", "weather", "https://a.example/weather"] {
        let schema = json!({"$id": id, "properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"type": "string"}}});
        let schema = get(&schema).expect(id);
        assert!(schema.is_valid(&json!({"a": ""})) && !schema.is_valid(&json!({"a": 1})), "{id}");
    }
}

#[test]
fn documents_that_are_given_are_known() {
    let schemas = Schemas::default().document("https://example.com/a", json!({"$defs": {"n": {"type": "number"}}}));
    let schema = schemas.get(br#"{"items": {"$ref": "https://example.com/a#/$defs/n"}}"#).unwrap();
    assert!(schema.is_valid(&json!([1])) && !schema.is_valid(&json!(["1"])));
}

#[test]
fn formats_are_checked_unless_switched_off() {
    let text = br#"{"format": "date"}"#;
    assert!(!Schemas::default().get(text).unwrap().is_valid(&json!("tomorrow")));
    assert!(Schemas::default().formats(false).get(text).unwrap().is_valid(&json!("tomorrow")));
    assert!(get(&json!({"format": "of our own"})).unwrap().is_valid(&json!("x")));
}

#[test]
fn it_is_compiled_once() {
    let schemas = Schemas::default();
    let (one, other) = (schemas.get(b"{}").unwrap(), schemas.clone().get(b"{}").unwrap());
    assert!(Arc::ptr_eq(&one, &other));
    assert!(!Arc::ptr_eq(&one, &schemas.get(b"{ }").unwrap()));
}

#[test]
fn what_is_too_large() {
    let deep = (0..40).fold(json!({}), |inner, _| json!({"items": inner}));
    assert!(get(&deep).is_ok());
    let deeper = (0..70).fold(json!({}), |inner, _| json!({"items": inner}));
    assert!(refused(&deeper).contains("deeper than 64"));
    let references: Vec<_> = (0..1001).map(|_| json!({"$ref": "#/$defs/a"})).collect();
    assert!(refused(&json!({"prefixItems": references, "$defs": {"a": {}}})).contains("1000 references"));
    let many: Vec<_> = (0..10_001).map(|_| json!({})).collect();
    assert!(refused(&json!({"prefixItems": many})).contains("10000 sub-schemas"));
    assert!(refused(&json!({"description": "x".repeat(300_000)})).contains("longer than 262144 bytes"));
    let names = |pattern: &str| {
        (0..500).map(|name| (format!("^{name}{pattern}"), json!({}))).collect::<serde_json::Map<_, _>>()
    };
    for pattern in
        ["(a{100}){100}", "((a{50}){50}){50}", r"\p{L}{500}", "a{1000000}", r"\S{1,250}$", ".{1,250}", "[^a]{99}"]
    {
        assert!(
            refused(&json!({"patternProperties": names(pattern)})).contains("bytes of compiled patterns"),
            "{pattern}"
        );
    }
    let lists: Vec<_> = (0..1001).map(|item| json!([item])).collect();
    assert!(refused(&json!({"enum": lists})).contains("1000 objects and arrays"));
    let names: serde_json::Map<_, _> = (0..1001).map(|name| (name.to_string(), json!(["a"]))).collect();
    assert!(refused(&json!({"dependentRequired": names})).contains("1000 names that others depend on"));
}

#[test]
fn patterns_that_cannot_be_matched_in_linear_time_are_left_unchecked() {
    let email = r"^(?!\.)(?!.*\.\.)([A-Za-z0-9_'+\-\.]*)[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9\-]*\.)+[A-Za-z]{2,}$";
    let decimal = r"^(?!^[-+.]*$)[+-]?0*\d*\.?\d*$";
    for pattern in [
        email,
        decimal,
        r"(a)\1",
        r"^(?<year>\d{4})-\k<year>$",
        "^.{1,10000}$",
        r"^[\p{L}\p{M}\p{Z}\p{S}\p{N}\p{P}]{1,256}$",
        r"^\d+(?=x)\Z",
        r"^\d+\Z",
        "^{.*}$",
        "^[{]a{2}{]}",
        "((a{50}){50}){50}",
    ] {
        let schema = get(&json!({"properties": {"a": {"pattern": pattern, "maxLength": 3}, "b": {"pattern": "^b"}}}));
        let schema = schema.expect(pattern);
        assert!(schema.is_valid(&json!({"a": "@@@", "b": "b"})), "{pattern}");
        assert!(!schema.is_valid(&json!({"a": "@@@@"})) && !schema.is_valid(&json!({"b": "a"})), "{pattern}");
        let either = json!({"oneOf": [{"pattern": pattern}, {"pattern": "^b"}], "not": {"pattern": pattern}});
        assert!(get(&either).unwrap().is_valid(&json!("b")), "{pattern}");
    }
    for pattern in [r"^\d{4}-\d{2}-\d{2}$", "^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$", r"^\p{Lu}[\w .'-]{0,63}$"] {
        assert!(!get(&json!({"pattern": pattern})).unwrap().is_valid(&json!("")), "{pattern}");
    }
    for pattern in ["(", "[", "*a", "a{2,1}", "(?=(", "{("] {
        let error = get(&json!({"properties": {"a": {"pattern": pattern}, "b": {"pattern": email}}})).unwrap_err();
        assert_eq!(error.path, "/properties/a/pattern", "{pattern}");
    }
    assert!(get(&json!({"patternProperties": {"^(?=a)": {}}})).is_err(), "which members there may be must be known");
    let many: Vec<_> = (0..500).map(|name| json!({"pattern": format!(r"^{name}\S{{1,250}}$")})).collect();
    assert!(get(&json!({"anyOf": many})).unwrap().is_valid(&json!("no")), "the first of them are checked only");
}

#[test]
fn what_takes_too_much_to_explain_is_told_to_be_wrong() {
    let names: Vec<_> = (0..20_000).map(|name| format!("k{name}")).collect();
    let empty = json!(vec![json!({}); 2_000]);
    let long = "x".repeat(100_000);
    for (schema, value) in [
        (json!({"items": {"required": names}}), &empty),
        (json!({"items": {"dependentRequired": {"a": names}}}), &json!(vec![json!({"a": 1}); 2_000])),
        (json!({"items": {"enum": names}}), &empty),
        (json!({"items": {"anyOf": vec![json!({"required": ["a"]}); 400]}}), &json!([{"b": long}, {"b": long}])),
        (json!({"additionalProperties": {"required": names[..1000]}}), &json!({long: {}})),
    ] {
        let schema = get(&schema).unwrap();
        assert!(!schema.is_valid(value));
        assert_eq!(schema.errors(value).count(), 0);
        assert_eq!(schema.mismatches(value)[0].message, "does not fit the schema");
    }
}

/// A schema of `levels` definitions, each of which refers twice to the next.
fn laughs(levels: usize, twice: impl Fn(Value) -> Value) -> Value {
    let definitions: serde_json::Map<_, _> = (0..levels)
        .map(|level| (level.to_string(), twice(json!({"$ref": format!("#/$defs/{}", level + 1)}))))
        .chain([(levels.to_string(), json!({"type": "string"}))])
        .collect();
    json!({"$ref": "#/$defs/0", "$defs": definitions})
}

#[test]
fn what_comes_to_too_much() {
    let at_once = |next: Value| json!({"allOf": [next, next]});
    let perhaps = |next: Value| json!({"if": next, "then": next, "else": next});
    let below = |next: Value| json!({"allOf": [{"properties": {"a": next}}, {"properties": {"a": next}}]});
    let items = |next: Value| json!({"items": next, "contains": next});
    let overlapping = |next: Value| json!({"patternProperties": {"^a": next, "a": next}});
    let each: [&dyn Fn(Value) -> Value; 5] = [&at_once, &perhaps, &below, &items, &overlapping];
    for twice in each {
        assert!(refused(&laughs(30, twice)).contains("come to too much"), "{}", laughs(1, twice));
        assert!(get(&laughs(3, twice)).is_ok());
    }
    let unevaluated = (0..15).fold(json!({}), |inner, _| json!({"anyOf": [inner], "unevaluatedProperties": false}));
    assert!(refused(&unevaluated).contains("come to too much"));
    let chain = laughs(60, |next| next);
    assert!(refused(&chain).contains("come to too much"));
    // Each within each: as many ways as there are orders.
    let names: Vec<_> = (0..12).map(|name| json!({"$ref": format!("#/$defs/{name}")})).collect();
    let all: serde_json::Map<_, _> = (0..12).map(|name| (name.to_string(), json!({"anyOf": names}))).collect();
    assert!(refused(&json!({"$ref": "#/$defs/0", "$defs": all})).contains("come to too much"));
}

#[test]
fn a_tree_of_many_kinds_is_no_laugh() {
    let kinds: Vec<_> = (0..30)
        .map(|kind| {
            json!({
                "type": "object", "required": ["kind"],
                "properties": {
                    "kind": {"const": format!("kind {kind}")},
                    "children": {"type": "array", "items": {"$ref": "#/$defs/block"}},
                },
            })
        })
        .collect();
    let schema = get(&json!({"$ref": "#/$defs/block", "$defs": {"block": {"anyOf": kinds}}})).unwrap();
    let block = |kind: &str, children: Value| json!({"kind": kind, "children": children});
    let tree = (0..30).fold(block("kind 29", json!([])), |inner, _| block("kind 7", json!([inner])));
    assert!(schema.is_valid(&tree));
    let tree = (0..30).fold(block("no kind", json!([])), |inner, _| block("kind 7", json!([inner])));
    assert!(!schema.is_valid(&tree));
    // To say what is wrong deep inside would take too much.
    assert_eq!(schema.mismatches(&tree).len(), 1);
    assert_eq!(schema.errors(&tree).count(), 0);
    let shallow = block("no kind", json!([]));
    assert!(schema.mismatches(&shallow)[0].message.contains("alternatives"));
}

#[test]
fn many_mistakes_are_not_all_told() {
    let schema = get(&json!({"items": {"type": "string"}})).unwrap();
    assert_eq!(schema.mismatches(&json!(vec![1; 1000])).len(), 16);
    let mismatches = schema.mismatches(&json!(vec![1; 100_000]));
    assert_eq!((mismatches.len(), mismatches[0].path.as_str()), (1, ""));
}

#[test]
fn the_deepest_value_under_the_longest_chain_needs_little_stack() {
    let mut schema = laughs(21, |next| json!({"allOf": [next]}));
    schema["$defs"]["21"] = json!({"properties": {"a": {"$ref": "#/$defs/0"}, "b": false}});
    let schema = get(&schema).unwrap();
    let value = |levels: usize, end: Value| (0..levels).fold(end, |inner, _| json!({"a": inner}));
    // Threads of tokio have 2 MiB.
    let thread = std::thread::Builder::new().stack_size(2 * 1024 * 1024);
    let checked = thread.spawn(move || {
        assert!(schema.is_valid(&value(20, json!(1))));
        assert_eq!(schema.mismatches(&value(20, json!({"b": 1})))[0].message, "must not be there");
        assert!(!schema.is_valid(&value(126, json!(1))));
        assert_eq!(schema.mismatches(&value(126, json!(1)))[0].message, "does not fit the schema");
        // What is not so entangled takes any value.
        let list =
            get(&json!({"properties": {"a": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}, "b": false}})).unwrap();
        assert!(list.is_valid(&value(126, json!(null))));
        assert_eq!(list.mismatches(&value(126, json!({"b": 1}))).len(), 1);
    });
    checked.unwrap().join().unwrap();
}

#[test]
fn mismatches_tell_places_and_expectations_and_no_values() {
    let long: Vec<_> = (0..30).map(|number| format!("option {number}")).collect();
    let schema = get(&json!({
        "required": ["a/b"], "additionalProperties": false, "minProperties": 3,
        "properties": {
            "a/b": {"type": "string"}, "type": {"type": ["integer", "null"]},
            "enum": {"enum": long}, "const": {"const": {"x": 1}},
            "format": {"format": "date"}, "pattern": {"pattern": "^a+$"}, "min": {"minimum": 3, "multipleOf": 2},
            "length": {"maxLength": 1}, "items": {"items": {"maximum": 3}, "uniqueItems": true, "minItems": 3},
            "any": {"anyOf": [{"type": "null"}, {"properties": {"x": {"type": "integer"}}, "type": "object"}]},
            "not": {"not": {"type": "string"}}, "never": false, "names": {"propertyNames": {"maxLength": 1}},
        },
    }))
    .unwrap();
    let first_ten = (0..10).map(|number| format!("\"option {number}\"")).collect::<Vec<_>>().join(", ");
    let one_of = format!("must be one of {first_ten} and 20 more");
    use Reason as R;
    let cases = [
        (json!({"type": 1, "x": 2, "y": 3}), R::AdditionalProperties, "", "must have no member `x`, `y`"),
        (json!({"type": 1, "min": 4, "length": ""}), R::Required, "/a~1b", "is required"),
        (json!({"a/b": 1}), R::Type, "/a~1b", "must be a string"),
        (json!({"type": "secret"}), R::Type, "/type", "must be null or an integer"),
        (json!({"enum": "secret"}), R::Enum, "/enum", &one_of),
        (json!({"const": "secret"}), R::Enum, "/const", "must be {\"x\":1}"),
        (json!({"format": "secret"}), R::Format, "/format", "must be of the format `date`"),
        (json!({"pattern": "secret"}), R::Format, "/pattern", "must match the pattern ^a+$"),
        (json!({"min": 2}), R::Schema, "/min", "must be at least 3"),
        (json!({"min": 5}), R::Schema, "/min", "must be a multiple of 2"),
        (json!({"length": "secret"}), R::Schema, "/length", "must have at most 1 character"),
        (json!({"items": [1, 2, 4]}), R::Schema, "/items/2", "must be at most 3"),
        (json!({"items": [1, 2, 2]}), R::Schema, "/items", "must have no two equal items"),
        (json!({"items": []}), R::Schema, "/items", "must have at least 3 items"),
        (
            json!({"any": {"x": "secret"}}),
            R::Schema,
            "/any",
            "must fit one of the alternatives: /any must be null; or /any/x must be an integer",
        ),
        (json!({"not": "secret"}), R::Schema, "/not", "must not fit the schema of `not`"),
        (json!({"never": "secret"}), R::AdditionalProperties, "/never", "must not be there"),
        (
            json!({"names": {"xy": 1}}),
            R::AdditionalProperties,
            "/names",
            "has a member whose name must have at most 1 character",
        ),
        (json!({"a/b": ""}), R::Schema, "", "must have at least 3 members"),
    ];
    for (value, reason, path, message) in cases {
        let mismatches = schema.mismatches(&value);
        let expected = Mismatch { reason, path: path.to_owned(), message: message.to_owned() };
        assert!(mismatches.contains(&expected), "{value}: {mismatches:#?}");
        assert!(!format!("{mismatches:?}").contains("secret"), "{mismatches:#?}");
    }
}

#[test]
fn what_is_told_is_short_and_printable() {
    let name = format!("\u{1b}[31m{}", "é".repeat(1000));
    let schema = get(&json!({
        "patternProperties": {"": {"type": "integer"}},
        "properties": {"closed": {"additionalProperties": false}, "enum": {"enum": ["x".repeat(500)]}},
    }))
    .unwrap();
    for value in [json!({&name: "x"}), json!({"closed": {&name: 1}}), json!({"enum": 1})] {
        for mismatch in schema.mismatches(&value) {
            assert!(mismatch.path.len() <= 512 && mismatch.message.len() <= 512, "{mismatch:?}");
            assert!(!(mismatch.path + &mismatch.message).contains(char::is_control));
        }
    }
}

#[test]
fn places_of_a_schema_are_found() {
    let schema =
        get(&json!({"properties": {"a": {"$ref": "#/$defs/a~0b"}}, "$defs": {"a~b": {"type": "string"}}})).unwrap();
    let value = json!({"a": 1});
    let error = schema.errors(&value).next().unwrap();
    assert_eq!(schema.resolve(error.schema_path().as_str()), Some(&json!("string")));
    assert_eq!(schema.resolve("/nowhere"), None);
}

/// Keywords of all drafts over values that may be right for them.
fn hostile() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!({})),
        any::<bool>().prop_map(Value::from),
        Just(json!("string")),
        Just(json!(["a", "b"])),
        Just(json!("^a")),
        Just(json!("date")),
        (0..4).prop_map(Value::from),
        Just(json!(1.5)),
        prop::sample::select(&[
            "#",
            "#/$defs/a",
            "#/definitions/b",
            "#a",
            "a",
            "http://a.example/",
            "",
            "#/properties/a~1b",
            "urn:x"
        ])
        .prop_map(Value::from),
        prop::sample::select(&[
            "http://json-schema.org/draft-04/schema#",
            "http://json-schema.org/draft-07/schema#",
            "https://json-schema.org/draft/2019-09/schema",
            "https://json-schema.org/draft/2020-12/schema",
        ])
        .prop_map(Value::from),
    ];
    let keyword = prop::sample::select(&[
        "$ref",
        "$dynamicRef",
        "$recursiveRef",
        "$anchor",
        "$dynamicAnchor",
        "$recursiveAnchor",
        "$id",
        "id",
        "$schema",
        "$vocabulary",
        "$defs",
        "definitions",
        "allOf",
        "anyOf",
        "oneOf",
        "not",
        "if",
        "then",
        "else",
        "dependentSchemas",
        "dependencies",
        "properties",
        "patternProperties",
        "additionalProperties",
        "propertyNames",
        "unevaluatedProperties",
        "items",
        "prefixItems",
        "additionalItems",
        "contains",
        "minContains",
        "unevaluatedItems",
        "type",
        "enum",
        "const",
        "required",
        "pattern",
        "format",
        "minimum",
        "multipleOf",
        "maxLength",
        "uniqueItems",
        "contentEncoding",
        "a",
        "b",
    ]);
    let object = |members: HashMap<&str, Value>| {
        Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    };
    leaf.prop_recursive(5, 48, 4, move |inner| {
        prop_oneof![
            4 => prop::collection::hash_map(keyword.clone(), inner.clone(), 0..5).prop_map(object),
            1 => prop::collection::vec(inner, 0..4).prop_map(Value::from),
        ]
    })
}

proptest! {
    #[test]
    fn no_schema_panics_and_what_is_told_agrees(schema in hostile(), value in hostile()) {
        if let Ok(schema) = get(&schema) {
            prop_assert_eq!(schema.is_valid(&value), schema.mismatches(&value).is_empty());
            let _ = schema.check_strict();
        }
    }
}
