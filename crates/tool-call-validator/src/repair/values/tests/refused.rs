use super::*;

fn assert_refused(cases: &[(&str, &str)]) {
    for (schema, text) in cases {
        assert_eq!(mended(schema, text), None, "{text}");
    }
}

#[test]
fn values_that_may_mean_something_else() {
    assert_refused(&[
        (BOOKING, r#"{"city":"P","nights":"two","currency":"E"}"#),
        (BOOKING, r#"{"city":"P","nights":"2 ","currency":"E"}"#),
        (BOOKING, r#"{"city":"P","nights":"02","currency":"E"}"#),
        (BOOKING, r#"{"city":"P","nights":"2.5","currency":"E"}"#),
        (BOOKING, r#"{"city":"P","nights":2.5,"currency":"E"}"#),
        (BOOKING, r#"{"city":"P","nights":0,"currency":"E"}"#),
        (BOOKING, r#"{"city":"P","nights":"0","currency":"E"}"#),
        (BOOKING, r#"{"city":"P","nights":true,"currency":"E"}"#),
        (BOOKING, r#"{"city":"P","nights":null,"currency":"E"}"#),
        (BOOKING, r#"{"city":"P","nights":[1],"currency":"E"}"#),
        (BOOKING, r#"{"city":null,"nights":1,"currency":"E"}"#),
        (BOOKING, r#"{"city":["P"],"nights":1,"currency":"E"}"#),
        (BOOKING, r#"{"city":1e3,"nights":1,"currency":"E"}"#),
        (BOOKING, r#"{"city":"P","nights":1,"currency":"E","breakfast":1}"#),
        (BOOKING, r#"{"city":"P","nights":1,"currency":"E","breakfast":"yes"}"#),
        (BOOKING, r#"{"city":"P","nights":1,"currency":"E","breakfast":null}"#),
        (BOOKING, r#"{"city":"P","nights":1,"currency":"E","floor":""}"#),
        (BOOKING, r#"{"city":"P","nights":1,"currency":"E","tags":"a"}"#),
        (BOOKING, r#"{"city":"P","nights":1,"currency":"E","tags":"['a']"}"#),
        (BOOKING, r#"{"city":"P","nights":1,"currency":"E","tags":["a","b","c","d"]}"#),
        (BOOKING, r#"{"city":"P","nights":1,"currency":"E","guests":{"fullName":"Ann"}}"#),
        (BOOKING, r#"{"city":"P","nights":1,"currency":"E","room":"triple"}"#),
        (BOOKING, r#"{"city":"P","nights":1,"currency":"E","room":"singel"}"#),
        (BOOKING, r#"{"city":"P","nights":1e999,"currency":"E"}"#),
        (r#"{"properties":{"a":{"enum":["on","ON"]}}}"#, r#"{"a":"On"}"#),
        (r#"{"properties":{"a":{"enum":["1",2]}}}"#, r#"{"a":"2"}"#),
        (r#"{"properties":{"a":{"type":["string","array"]}}}"#, r#"{"a":5}"#),
        (r#"{"properties":{"a":{"type":"string","format":"date"}}}"#, r#"{"a":"tomorrow"}"#),
        (r#"{"properties":{"a":{"pattern":"^x"}}}"#, r#"{"a":"yx"}"#),
    ]);
}

#[test]
fn members_that_may_mean_something_else() {
    assert_refused(&[
        // Misspelled: neither dropped nor guessed.
        (BOOKING, r#"{"city":"P","nights":1,"currency":"E","rom":"single"}"#),
        (BOOKING, r#"{"city":"P","nights":1,"currency":"E","max":5}"#),
        (BOOKING, r#"{"city":"P","nights":1,"currency":"E","room_type":"single"}"#),
        (BOOKING, r#"{"city":"P","nigths":1,"currency":"E"}"#),
        (PAIR, r#"{"a":1,"b":[{"fullName":"Ann","age":5,"fullNam":"Bob"}]}"#),
        // An optional one by another name, or something else: who knows.
        (BOOKING, r#"{"city":"P","nights":1,"currency":"E","budget":5}"#),
        // It belongs to a person.
        (PAIR, r#"{"a":1,"b":[{"fullName":"Ann"}],"age":30}"#),
        // Twice.
        (BOOKING, r#"{"city":"P","City":"Q","nights":1,"currency":"E"}"#),
        (BOOKING, r#"{"City":"P","CITY":"Q","nights":1,"currency":"E"}"#),
        (BOOKING, r#"{"city":"P","city":"P","nights":1,"currency":"E"}"#),
        // Missing, without a default.
        (BOOKING, r#"{"nights":1,"currency":"E"}"#),
        (BOOKING, "{}"),
        // What is unknown may be the currency.
        (BOOKING, r#"{"city":"P","nights":1,"money":"USD"}"#),
        (OPEN, r#"{"query":"x","amount":5}"#),
        // Where any name is allowed, this one may be meant.
        (OPEN, r#"{"query":"x","pageSize":5}"#),
        (OPEN, r#"{"query":"x","pagesize":5,"PageSize":6}"#),
        // All that was said is unknown.
        (r#"{"properties":{"a":{}},"additionalProperties":false}"#, r#"{"something":1}"#),
        // It may be meant for the pattern.
        (
            r#"{"properties":{"a":{}},"patternProperties":{"^x-":{}},"additionalProperties":false}"#,
            r#"{"a":1,"y-b":2}"#,
        ),
        (r#"{"properties":{"fooBar":{},"foo_bar":{}},"additionalProperties":false}"#, r#"{"FooBar":1}"#),
    ]);
}

#[test]
fn alternatives_that_could_both_be_meant() {
    assert_refused(&[
        (EITHER, r#"{"day":"5"}"#),
        (EITHER, r#"{"size":"5"}"#),
        (EITHER, r#"{"names":5}"#),
        (EITHER, r#"{"names":{}}"#),
        (EITHER, r#"{"limit":"five"}"#),
        (EITHER, r#"{"where":{"lat":1,"lon":2}}"#),
        (EITHER, r#"{"where":{"kind":"point","lat":1,"lon":2,"street":"Main"}}"#),
        (
            r#"{"anyOf":[{"properties":{"a":{}},"required":["a"],"additionalProperties":false},
                {"properties":{"b":{"type":"integer"}},"required":["b"],"additionalProperties":false}]}"#,
            r#"{"a":1,"b":"x"}"#,
        ),
        (
            r#"{"properties":{"a":{"anyOf":[{"type":"integer"},{"type":"array","items":{"type":"string"}}]}}}"#,
            r#"{"a":[3]}"#,
        ),
        (r#"{"properties":{"a":{"anyOf":[{"enum":["on"]},{"enum":["ON"]}]}}}"#, r#"{"a":"On"}"#),
        (
            r#"{"properties":{"v":{"oneOf":[
                {"properties":{"kind":{"const":"a","default":"a"}},"required":["kind"]},
                {"properties":{"kind":{"const":"b"}},"required":["kind"]}]}}}"#,
            r#"{"v":{}}"#,
        ),
    ]);
}

#[test]
fn what_is_dropped_makes_no_room_for_a_default() {
    let closed = |properties: &str, required: &str| {
        format!(r#"{{"type":"object","properties":{properties},"required":{required},"additionalProperties":false}}"#)
    };
    let unit = closed(r#"{"q":{"type":"string"},"unit":{"enum":["c","f"],"default":"c"}}"#, r#"["q","unit"]"#);
    let deep = closed(
        r#"{"path":{"type":"string"},"recursive":{"type":"boolean","default":true}}"#,
        r#"["path","recursive"]"#,
    );
    let limit = closed(r#"{"q":{"type":"string"},"limit":{"type":"integer","default":10}}"#, r#"["q","limit"]"#);
    let later = r#"{"properties":{"a":{},"n":{"default":1,"type":"integer"}},"unevaluatedProperties":false,
        "if":{"required":["x"]},"then":{},"else":{"required":["n"]}}"#;
    assert_refused(&[
        (&unit, r#"{"q":"x","scale":"fahrenheit"}"#),
        (&unit, r#"{"Q":"x","scale":{"f":true}}"#),
        (&deep, r#"{"path":"/x","deep":"no"}"#),
        (&deep, r#"{"path":"/x","depth":3}"#),
        (&limit, r#"{"q":"x","max_results":"50 items"}"#),
        (&limit, r#"{"q":"x","max_results":[50]}"#),
        (later, r#"{"a":1,"x":{}}"#),
    ]);
    // Nor does what was said in words.
    let default = r#"{"properties":{"x":{"type":"integer","default":1}},"required":["x"]}"#;
    assert_eq!(mended(default, "I set x to 5 {}"), None);
    // All defaults together are not many times what was said.
    let long =
        format!(r#"{{"items":{{"properties":{{"p":{{"default":"{}"}}}},"required":["p"]}}}}"#, "x".repeat(40_000));
    assert_eq!(mend("[{},{}]", &compiled(&long), None), None);
    let two = r#"{"properties":{"x":{"allOf":[{"default":"a"},{"default":"b"}]}},"required":["x"]}"#;
    assert_eq!(mended(two, "{}"), None);
}

#[test]
fn what_is_dropped_decides_between_no_alternatives() {
    let schema = r#"{"properties":{"t":{"oneOf":[
        {"properties":{"all":{"const":true}},"required":["all"],"additionalProperties":false},
        {"properties":{"ids":{"type":"array","items":{"type":"integer"}}},"required":["ids"],"additionalProperties":false}]}}}"#;
    let optional = r#"{"properties":{"t":{"anyOf":[
        {"type":"object","properties":{"all":{"type":"boolean"}},"additionalProperties":false},{"type":"null"}]}}}"#;
    assert_refused(&[
        (schema, r#"{"t":{"all":true,"id":7}}"#),
        (schema, r#"{"t":{"all":true,"only":{"id":7}}}"#),
        (schema, r#"{"t":{"all":true,"ids":[7]}}"#),
    ]);
    // Another one is none for an object.
    assert_eq!(mended(optional, r#"{"t":{"all":true,"why":{}}}"#).unwrap().text, r#"{"t":{"all":true}}"#);
}

#[test]
fn what_could_be_what_is_not_there_is_not_dropped() {
    let schema = r#"{"properties":{"to":{},"cc":{"type":"array","items":{"type":"string"}},
        "range":{"type":"object"},"unit":{"enum":["c","f"]}},"additionalProperties":false}"#;
    assert_refused(&[
        (schema, r#"{"to":"a","copy_to":"b@c"}"#),
        (schema, r#"{"to":"a","since":"2026-01-01"}"#),
        (schema, r#"{"to":"a","cc":[],"range":{},"scale":"fahrenheit"}"#),
    ]);
}

#[test]
fn names_are_compared_within_bounds() {
    let name = |letter: char, index: usize| format!("{index:03}{}", letter.to_string().repeat(57));
    let declared: serde_json::Map<_, _> = (0..900).map(|index| (name('a', index), Value::Bool(true))).collect();
    let schema = serde_json::json!({"properties": declared, "additionalProperties": false}).to_string();
    let unknown: serde_json::Map<_, _> = (0..60).map(|index| (name('b', index), Value::Bool(true))).collect();
    assert_eq!(mended(&schema, &Value::Object(unknown).to_string()), None);
}

#[test]
fn what_is_around_the_arguments_and_something_more() {
    let call = r#"{"city":"P","nights":1,"currency":"E"}"#;
    let once = Value::from(call).to_string();
    let twice = Value::from(once).to_string();
    let thrice = Value::from(twice).to_string();
    for text in [
        thrice,
        format!(r#"<parameter name="room">single</parameter>{call}"#),
        format!("<room>single</room> {call}"),
        format!(r#"{call} + ", by the lake""#),
        format!("[{call},{call}]"),
        format!("[[{call}]]"),
        format!("[{call}"),
        "[]".to_owned(),
        "5".to_owned(),
        "true".to_owned(),
        "\"Paris\"".to_owned(),
        format!(r#"{{"name":"other","arguments":{call}}}"#),
        format!(r#"{{"name":"tool","arguments":{call},"id":"1"}}"#),
        format!(r#"{{"name":"tool","arguments":[{call},{call}]}}"#),
    ] {
        assert_eq!(mended(BOOKING, &text), None, "{text}");
    }
    // Of a tool without arguments too: the call is another's.
    assert_eq!(mended(NOTHING, r#"{"name":"other","arguments":{"a":1}}"#), None);
    // The schema knows these members itself.
    let schema = r#"{"properties":{"name":{"type":"string"},"input":{"type":"object","required":["a"]}}}"#;
    assert_eq!(mended(schema, r#"{"name":"tool","input":{}}"#), None);
}

#[test]
fn what_the_end_has_closed_and_may_have_lost() {
    assert_refused(&[
        // There are members that may have followed.
        (BOOKING, r#"{"city":"P","nights":1,"currency":"E""#),
        (OPEN, r#"{"query":"x""#),
        (r#"{"type":"object"}"#, r#"{"a":"x""#),
        // A number may go on.
        (r#"{"properties":{"a":{"type":"integer"}}}"#, r#"{"a":1"#),
        (r#"{"properties":{"a":{}},"additionalProperties":{"type":"string"}}"#, r#"{"a":"x""#),
    ]);
}

#[test]
fn references_to_elsewhere_leave_members_alone() {
    // Parts of the schema that cannot be read may know the member.
    let schema = r##"{"properties":{"a":{},"b":{"$dynamicRef":"#node"}},"additionalProperties":false,
        "$defs":{"n":{"$dynamicAnchor":"node"}},"$dynamicRef":"#node"}"##;
    assert_eq!(mended(schema, r#"{"a":1,"why":2}"#), None);
    let schema = r##"{"$id":"https://a.example/s","properties":{"a":{"$ref":"https://a.example/s#/$defs/n"},
        "b":{"default":1}},"required":["b"],"$defs":{"n":{}}}"##;
    assert_eq!(mended(schema, r#"{"a":1}"#), None);
}

#[test]
fn hostile_values_end() {
    // More alternatives than steps, more complaints than are worth it, and a value of many alternatives' copies.
    let branches: Vec<_> = (0..400)
        .map(|index| serde_json::json!({"properties": {"a": {"const": format!("{index}x")}, "b": {"type": "integer"}}}))
        .collect();
    let schema = serde_json::json!({"anyOf": branches}).to_string();
    assert_eq!(mended(&schema, r#"{"a":"700x","b":"5"}"#), None);
    let long = format!(r#"{{"a":"700x","b":"{}"}}"#, "5".repeat(100_000));
    assert_eq!(mended(&schema, &long), None);
    let many = format!("[{}]", vec!["\"5\""; 10_000].join(","));
    assert_eq!(mend(&many, &compiled(r#"{"type":"array","items":{"type":"integer"}}"#), None), None);
    // Alternatives within alternatives.
    let nested = r##"{"$ref":"#/$defs/n","$defs":{"n":{"anyOf":[
        {"type":"object","properties":{"a":{"$ref":"#/$defs/n"}},"required":["a"]},
        {"type":"integer"}]}}}"##;
    assert_eq!(mended(nested, &format!("{}\"x\"{}", "{\"a\":".repeat(10), "}".repeat(10))), None);
    assert_eq!(
        mended(nested, &format!("{}\"5\"{}", "{\"a\":".repeat(3), "}".repeat(3))).unwrap().text,
        r#"{"a":{"a":{"a":5}}}"#
    );
    // Back and forth.
    assert_eq!(mended(r#"{"properties":{"a":{"type":"string","enum":[5]}}}"#, r#"{"a":"5"}"#), None);
}
