use proptest::prelude::*;

use super::*;

#[test]
fn nothing_hides_behind_a_lone_surrogate() {
    // Shown as one that detectors look through; the bytes stay when nothing is replaced.
    let body = r#"{"messages":[{"role":"user","content":"a\ud800b \udc00"}],"metadata":{"\ud83d":"\ud83d\ude00"}}"#;
    let mut object = parse(body);
    let mut idle = Idle::default();
    assert_eq!(request(Operation::ChatCompletion, &mut object, &mut idle), Ok(false));
    assert_eq!(idle.seen, ["a\u{200b}b \u{200b}", "\u{200b}", "😀"]);
    assert_eq!(text_of(&object), body);

    for row in [
        r#"{"messages":[{"content":"\ud800 §"}]}"#,
        r#"{"messages":[{"content":"{\"a\":\"\\ud800 §\"}"}]}"#,
        r#"{"metadata":{"\ud800 §":"a"}}"#,
        r#"{"user":"\ud800\ud800§\udc00"}"#,
    ] {
        assert_no_leak(Operation::ChatCompletion, &row.replace('§', CANARY), Body::Request);
    }
}

#[test]
fn depth_is_bounded_and_hides_nothing() {
    // As deep as a body may be.
    let body = format!(r#"{{"metadata":{}"{CANARY}"{}}}"#, "[".repeat(126), "]".repeat(126));
    assert_no_leak(Operation::ChatCompletion, &body, Body::Request);
    // JSON in a string, deeper than is walked: shown as it is.
    for depth in [60, 186, 187, 188, 189, 190, 191, 192, 193, 100_000] {
        let nested = format!(r#"{}\"{CANARY}\"{}"#, "[".repeat(depth), "]".repeat(depth));
        let body = format!(r#"{{"messages":[{{"content":"{nested}"}}]}}"#);
        let seen = assert_no_leak(Operation::ChatCompletion, &body, Body::Request);
        assert_eq!(seen.raw_json, usize::from(depth > 188), "{depth}");
    }
    // Strings of JSON in strings of JSON.
    let mut text = CANARY.to_owned();
    for _ in 0..12 {
        text = serde_json::to_string(&[text]).unwrap();
    }
    let body = format!(r#"{{"messages":[{{"content":{}}}]}}"#, serde_json::to_string(&text).unwrap());
    let mut object = parse(&body);
    assert_eq!(request(Operation::ChatCompletion, &mut object, &mut Replacer::default()), Ok(true));
    assert!(!text_of(&object).contains(CANARY));
}

#[test]
fn many_of_everything_comes_to_an_end() {
    let many = 50_000;
    let parts = r#"{"type":"text","text":"a"},"#.repeat(many);
    let names = r#""name":"a","source":{"data":"a"},"thinking":"b","#.repeat(many);
    for body in [
        format!(r#"{{"messages":[{{"content":[{parts}{{"text":"{CANARY}"}}]}}]}}"#),
        format!(r#"{{"messages":[{{{names}"content":[{{{names}"text":"{CANARY}"}}]}}]}}"#),
        format!(r#"{{"input":[{}"{CANARY}"]}}"#, "1,".repeat(many)),
        format!(r#"{{"user":"{}{CANARY}"}}"#, r"\n\u0041".repeat(many)),
    ] {
        let mut object = parse(&body);
        assert_eq!(request(Operation::ChatCompletion, &mut object, &mut Replacer::default()), Ok(true));
        assert!(!text_of(&object).contains(CANARY));
    }
}

/// JSON of any shape, with names that the protocol has and names that it has not.
fn json() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        "[a-z0-9 \\\\\"\u{e9}😀\n]{0,12}",
        Just(CANARY.to_owned()),
        Just(format!("{{\"a\":\"{CANARY}\"}}")),
        Just(format!("data:text/plain;base64,{}", general_purpose::STANDARD.encode(CANARY))),
        Just("{\"a\":[1,\"\\u0041\"]}".to_owned()),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    let name = prop_oneof![
        "[a-z\\\\\"]{1,4}",
        prop::sample::select(vec![
            "messages",
            "content",
            "text",
            "role",
            "type",
            "tools",
            "function",
            "parameters",
            "properties",
            "arguments",
            "input",
            "source",
            "data",
            "image_url",
            "url",
            "file",
            "file_data",
            "thinking",
            "signature",
            "name",
            "metadata",
            "choices",
            "message",
            "output",
            "summary",
            "prompt",
            "variables",
            "model",
            "headers",
            "stop",
            "system",
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(6, 60, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(name.clone(), inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn operations() -> impl Strategy<Value = Operation> {
    use Operation::{ChatCompletion, Completion, Embedding, Message, Response};
    prop::sample::select(vec![ChatCompletion, Completion, Embedding, Response, Message])
}

proptest! {
    #[test]
    fn any_json_is_walked_and_stays_json(value in json(), operation in operations(), of in prop::sample::select(vec![Body::Request, Body::Answer])) {
        let body = serde_json::to_string_pretty(&serde_json::json!({ "messages": value, "output": value, "x": value })).unwrap();
        let mut object = parse(&body);
        prop_assert!(!of.walk(operation, &mut object, &mut Idle::default()));
        prop_assert_eq!(text_of(&object), body.clone());

        let mut replacer = Replacer::default();
        let changed = of.walk(operation, &mut object, &mut replacer);
        prop_assert_eq!(changed, !replacer.seen.is_empty());
        let after = text_of(&object);
        prop_assert!(serde_json::from_str::<Value>(&after).is_ok());
        prop_assert_eq!(after == body, !changed);
        // What was put there is not taken for a value.
        prop_assert!(!of.walk(operation, &mut object, &mut Replacer::default()));
    }
}
