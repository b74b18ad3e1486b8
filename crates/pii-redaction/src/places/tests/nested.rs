use super::*;

/// What a request's one text becomes, spelled as JSON.
fn becomes(text: &str) -> String {
    let mut object = parse(&format!(r#"{{"messages":[{{"content":{text}}}]}}"#));
    let mut replacer = Replacer::default();
    request(Operation::ChatCompletion, &mut object, &mut replacer).unwrap();
    let text = text_of(&object);
    text[r#"{"messages":[{"content":"#.len()..text.len() - 3].to_owned()
}

#[test]
fn escapes_are_right_at_every_level() {
    for (text, expected) in [
        // A text.
        (format!(r#""{CANARY}""#), r#""<EMAIL_7f3a\"09c2>""#),
        // JSON in a string: only what changes is written anew.
        (
            format!(r#""{{\"a\": \"\\u00e9\", \"b\":\"{CANARY}\" }}""#),
            r#""{\"a\": \"\\u00e9\", \"b\":\"<EMAIL_7f3a\\\"09c2>\" }""#,
        ),
        // A number becomes a string.
        (format!(r#""[1, {NUMBER}]""#), r#""[1, \"<EMAIL_7f3a\\\"09c2>\"]""#),
        // A member's name.
        (format!(r#""{{\"{CANARY}\":1}}""#), r#""{\"<EMAIL_7f3a\\\"09c2>\":1}""#),
        // JSON in a string of JSON in a string.
        (
            format!(r#""{{\"a\":\"{{\\\"b\\\":\\\"c{NUMBER}\\\\u0040leak.example\\\"}}\"}}""#),
            r#""{\"a\":\"{\\\"b\\\":\\\"<EMAIL_7f3a\\\\\\\"09c2>\\\"}\"}""#,
        ),
        // A string of JSON that is a string: `\n` is no letter of the name.
        (format!(r#""\"\\n{CANARY}\"""#), r#""\"\\n<EMAIL_7f3a\\\"09c2>\"""#),
        // What only looks like JSON is a text.
        (format!(r#""{{not json {CANARY}}}""#), r#""{not json <EMAIL_7f3a\"09c2>}""#),
    ] {
        assert_eq!(becomes(&text), expected);
        assert_eq!(leak(&becomes(&text)), None);
    }
}

#[test]
fn what_was_put_there_can_be_taken_out_again() {
    for text in [
        format!(r#"[{{"a":"{CANARY}","b":["{CANARY} x",null,{{"{CANARY}":"\n"}}]}}]"#),
        serde_json::to_string(&format!(r#"{{"a":"{CANARY}"}}"#)).unwrap(),
    ] {
        let arguments = serde_json::to_string(&text).unwrap();
        let body =
            format!(r#"{{"choices":[{{"message":{{"tool_calls":[{{"function":{{"arguments":{arguments}}}}}]}}}}]}}"#);
        let mut object = parse(&body);
        assert_eq!(answer(Operation::ChatCompletion, &mut object, &mut Replacer::default()), Ok(true));
        assert_eq!(answer(Operation::ChatCompletion, &mut object, &mut Restorer), Ok(true));
        let restored: Value = serde_json::from_slice(&object.to_bytes()).unwrap();
        assert_eq!(restored, serde_json::from_str::<Value>(&body).unwrap());
    }
}

#[test]
fn broken_arguments_are_raw() {
    let body = format!(r#"{{"messages":[{{"tool_calls":[{{"function":{{"arguments":"{{\"a\":\"{CANARY}"}}}}]}}]}}"#);
    let seen = assert_no_leak(Operation::ChatCompletion, &body, Body::Request);
    assert_eq!(seen.raw_json, 1);
}
