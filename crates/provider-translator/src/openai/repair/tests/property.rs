//! Streams that nobody has sent yet.

use proptest::prelude::*;

use super::{rules::obeys, *};

/// A member that is missing, or has one of these values.
fn member(name: &'static str, values: &'static [&'static str]) -> impl Strategy<Value = Option<String>> {
    proptest::option::weighted(0.8, proptest::sample::select(values))
        .prop_map(move |value| value.map(|value| format!("{name:?}:{value}")))
}

fn object(members: Vec<Option<String>>) -> String {
    format!("{{{}}}", members.into_iter().flatten().collect::<Vec<_>>().join(","))
}

fn array(items: &[String]) -> String {
    format!("[{}]", items.join(","))
}

fn any_call() -> impl Strategy<Value = String> {
    let function = (
        member("name", &[r#""f""#, r#""""#, "null"]),
        member("arguments", &[r#""{""#, r#""""#, "{}", "null", r#"{"a":[1]}"#]),
    );
    let function =
        proptest::option::weighted(0.9, function.prop_map(|(name, arguments)| object(vec![name, arguments])));
    (
        member("index", &["0", "1", "2", "7", "null", r#""0""#, "-1"]),
        member("id", &[r#""a""#, r#""b""#, r#""""#, "null", r#""null""#]),
        member("type", &[r#""function""#, "null"]),
        function,
    )
        .prop_map(|(index, id, kind, function)| {
            object(vec![index, id, kind, function.map(|function| format!(r#""function":{function}"#))])
        })
}

fn any_delta() -> impl Strategy<Value = Option<String>> {
    let calls = proptest::option::weighted(0.4, proptest::collection::vec(any_call(), 0..3));
    let content = &[r#""Hi""#, r#""""#, "null", r#"[{"type":"text","text":"Hi"},{"type":"thinking","thinking":[]}]"#];
    let function = &["null", "{}", r#"{"name":"f","arguments":"{"}"#, r#"{"name":"f","arguments":{}}"#];
    let said = (
        member("role", &[r#""assistant""#, r#""""#, "null"]),
        member("content", content),
        member("reasoning", &[r#""h""#, "null", r#""""#]),
        proptest::option::weighted(0.1, proptest::sample::select(&function[..])),
    );
    let delta = (said, calls).prop_map(|((role, content, thought, function), calls)| {
        let calls = calls.map(|calls| format!(r#""tool_calls":{}"#, array(&calls)));
        let function = function.map(|call| format!(r#""function_call":{call}"#));
        object(vec![role, content, thought, calls, function])
    });
    prop_oneof![8 => delta.prop_map(Some), 1 => Just(None), 1 => Just(Some("null".into()))]
}

/// What does not belong into a choice.
const STRAYS: &[&str] = &[
    r#""message":{"role":"assistant","content":"Hi"}"#,
    r#""message":null"#,
    r#""usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}"#,
    r#""content_filter_results":{}"#,
];

fn any_chunk() -> impl Strategy<Value = String> {
    let choice = (
        member("index", &["0", "0", "1", "3", "null", r#""1""#]),
        any_delta(),
        member("finish_reason", &["null", "null", r#""""#, r#""stop""#, r#""eos""#, r#""length""#, "false"]),
        proptest::option::weighted(0.1, proptest::sample::select(STRAYS)),
    )
        .prop_map(|(index, delta, finish, stray)| {
            object(vec![index, delta.map(|delta| format!(r#""delta":{delta}"#)), finish, stray.map(str::to_owned)])
        });
    let choices = prop_oneof![
        8 => proptest::collection::vec(choice, 0..3).prop_map(|choices| Some(array(&choices))),
        1 => Just(None),
        1 => Just(Some("null".into())),
    ];
    let head = (
        member("id", &[r#""c""#, r#""d""#, r#""""#, "null"]),
        member("object", &[r#""chat.completion.chunk""#, r#""chat.completion""#, "null"]),
        member("created", &["1", "2", "0", "1.5", "null"]),
        member("model", &[r#""m""#, "null"]),
        member("usage", &["null", USAGE]),
        member("x", &["[1]"]),
    );
    (head, choices).prop_map(|((id, kind, created, model, usage, other), choices)| {
        object(vec![id, kind, created, choices.map(|choices| format!(r#""choices":{choices}"#)), model, usage, other])
    })
}

fn any_event() -> impl Strategy<Value = String> {
    prop_oneof![
        24 => any_chunk().prop_map(|chunk| format!("data: {chunk}\n\n")),
        4 => (text_of_choice(), any::<bool>()).prop_map(|(chunk, crlf)| {
            format!("data: {chunk}{}", if crlf { "\r\n\r\n" } else { "\n\n" })
        }),
        2 => Just(": keep-alive\n\n".to_owned()),
        1 => Just("data:\n\n".to_owned()),
        1 => Just("event: ping\n\n".to_owned()),
        1 => Just("data: [DONE]\n\n".to_owned()),
        1 => Just("data: garbage\n\n".to_owned()),
        1 => Just("data: {\"error\":{\"message\":\"m\"}}\n\n".to_owned()),
    ]
}

fn text_of_choice() -> impl Strategy<Value = String> {
    (0..2_u64, proptest::sample::select(&["null", r#""stop""#][..]))
        .prop_map(|(index, finish)| of(index, r#"{"content":"Hi"}"#, finish))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_comes_what_leaves_obeys_the_rules(
        events in proptest::collection::vec(any_event(), 0..16),
        include_usage in any::<bool>(),
        cut in proptest::option::of(0..40_usize),
        done in any::<bool>(),
    ) {
        let mut stream = events.concat();
        if done {
            stream.push_str("data: [DONE]\n\n");
        }
        stream.truncate(stream.len() - cut.unwrap_or(0).min(stream.len()));
        let (status, bytes) = send(include_usage, Body::from(stream));
        if status == 200 {
            obeys(include_usage, &data(&bytes)).map_err(TestCaseError::fail)?;
        } else {
            let answer: Value = serde_json::from_slice(&bytes).unwrap();
            prop_assert!(status >= 400 && answer["error"]["message"].is_string());
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        send(false, Body::from([b"data: {\"choices\":[", &bytes[..]].concat()));
    }
}
