use proptest::{collection::vec, prelude::*};
use serde_json::{Map, json};

use super::*;

fn words() -> impl Strategy<Value = String> {
    let piece = prop_oneof!["[a-z ]{0,40}", r#"[\\"/\n\t\u{1}]{0,9}"#, "[é漢😀\u{7f}\u{80}]{0,20}"];
    vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

/// Members that nobody knows.
fn more() -> impl Strategy<Value = Map<String, Value>> {
    let value = prop_oneof![
        Just(Value::Null),
        words().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        vec(0..9_u8, 0..4).prop_map(Value::from),
        words().prop_map(|word| json!({"index": 0, "text": word, "type": "t"})),
    ];
    vec(("x_[a-z\"\\\\]{0,4}", value), 0..3).prop_map(|members| members.into_iter().collect())
}

fn with(value: Value, more: Map<String, Value>) -> Value {
    let mut members = more;
    members.extend(value.as_object().cloned().unwrap_or_default());
    Value::Object(members)
}

fn nullable(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    prop_oneof![Just(Value::Null), value]
}

fn message() -> impl Strategy<Value = Value> {
    let call = ("[a-z]{1,8}", any::<bool>(), words()).prop_map(|(name, is_custom, told)| match is_custom {
        false => json!({"id": "c", "type": "function", "function": {"name": name, "arguments": told}}),
        true => json!({"id": "c", "type": "custom", "custom": {"name": name, "input": told}}),
    });
    let known = prop_oneof![
        words().prop_map(|text| json!({"reasoning_content": text})),
        vec(call, 1..4).prop_map(|calls| json!({"tool_calls": calls})),
        (words(), words()).prop_map(|(name, told)| json!({"function_call": {"name": name, "arguments": told}})),
        words().prop_map(|said| json!({"audio": {"id": "a", "data": "QUJD", "expires_at": 5, "transcript": said}})),
        words().prop_map(|title| json!({"annotations": [{"type": "url_citation", "url_citation": {"title": title}}]})),
        Just(json!({"annotations": []})),
    ];
    (nullable(words().prop_map(Value::from)), vec(known, 0..3), more()).prop_map(|(content, known, more)| {
        let all = known.into_iter().fold(more, |all, known| with(known, all).as_object().cloned().unwrap_or_default());
        with(json!({"role": "assistant", "content": content, "refusal": null}), all)
    })
}

fn chat_choice() -> impl Strategy<Value = Value> {
    let token = (words(), any::<i16>())
        .prop_map(|(token, logprob)| json!({"token": token, "logprob": logprob, "bytes": null, "top_logprobs": []}));
    let logprobs = vec(token, 0..9).prop_map(|tokens| json!({"content": tokens, "refusal": null}));
    (message(), nullable(logprobs), more()).prop_map(|(message, logprobs, more)| {
        with(json!({"message": message, "logprobs": logprobs, "finish_reason": "stop"}), more)
    })
}

fn text_choice() -> impl Strategy<Value = Value> {
    let token = (words(), any::<i16>(), any::<u16>());
    let logprobs = (vec(token, 0..9), any::<bool>(), more()).prop_map(|(tokens, has_top, more)| {
        let names: Vec<_> = tokens.iter().map(|(token, ..)| token).collect();
        let logprobs: Vec<_> = tokens.iter().map(|(_, logprob, _)| f64::from(*logprob) / 8.0).collect();
        let offsets: Vec<_> = tokens.iter().map(|(_, _, offset)| offset).collect();
        let top: Vec<_> = tokens.iter().map(|(token, logprob, _)| json!({token: logprob})).collect();
        let top = if has_top { Value::from(top) } else { Value::Null };
        with(json!({"tokens": names, "token_logprobs": logprobs, "top_logprobs": top, "text_offset": offsets}), more)
    });
    (words(), nullable(logprobs), more()).prop_map(|(text, logprobs, more)| {
        with(json!({"text": text, "logprobs": logprobs, "finish_reason": "length"}), more)
    })
}

fn answer(object: &'static str, choice: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    let usage = more().prop_map(|more| with(json!({"prompt_tokens": 1, "total_tokens": 3}), more));
    (vec(choice, 1..4), prop::option::of(usage), more()).prop_map(move |(mut choices, usage, more)| {
        for (index, choice) in choices.iter_mut().enumerate() {
            choice["index"] = index.into();
        }
        let told = json!({"id": "c", "object": object, "created": 1, "model": "m", "choices": choices, "system_fingerprint": null});
        let mut answer = with(told, more);
        if let Some(usage) = usage {
            answer["usage"] = usage;
        }
        answer
    })
}

fn chunks(stream: &Bytes) -> Vec<Value> {
    let text = std::str::from_utf8(stream).expect("UTF-8");
    let chunks = text.strip_suffix("data: [DONE]\n\n").expect("an end").split_terminator("\n\n");
    chunks.map(|line| serde_json::from_str(line.strip_prefix("data: ").expect("data")).expect("JSON")).collect()
}

fn survives(shape: Shape, answer: &Value, how: Replay) -> Result<(), TestCaseError> {
    let told = stream(shape.replay(&object(answer.to_string()), how));
    let mut expected = answer.clone();
    if !how.include_usage {
        expected.as_object_mut().expect("an object").remove("usage");
    }
    prop_assert_eq!(record(shape, told.clone()), Some(expected));
    let mut reasons = 0;
    for chunk in chunks(&told) {
        prop_assert_eq!(&chunk["id"], "c");
        let is_usage = chunk["choices"] == json!([]);
        let usage = match is_usage {
            true => Some(&answer["usage"]),
            false => how.include_usage.then_some(&Value::Null),
        };
        prop_assert_eq!(chunk.get("usage"), usage);
        reasons += usize::from(chunk["choices"][0]["finish_reason"].is_string());
    }
    prop_assert_eq!(Some(reasons), answer["choices"].as_array().map(Vec::len));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_chat_survives(answer in answer("chat.completion", chat_choice()), piece_chars in 0..20_usize, include_usage: bool) {
        survives(Shape::Chat, &answer, Replay { include_usage, piece_chars })?;
    }

    #[test]
    fn a_text_survives(answer in answer("text_completion", text_choice()), piece_chars in 0..20_usize, include_usage: bool) {
        survives(Shape::Text, &answer, Replay { include_usage, piece_chars })?;
    }

    #[test]
    fn anything_is_told_somehow(members in vec(("[a-z]{1,9}|choices|usage", "[\\[\\]{}:,\"a-z0-9]{0,40}"), 0..6)) {
        let text = members.iter().filter(|(_, value)| serde_json::from_str::<Value>(value).is_ok());
        let text: Vec<_> = text.map(|(name, value)| format!("{name:?}:{value}")).collect();
        let answer = object(format!("{{{}}}", text.join(",")));
        for shape in [Shape::Chat, Shape::Text] {
            shape.replay(&answer, Replay { include_usage: true, piece_chars: 1 }).for_each(drop);
            let _ = shape.check(&answer, &answer);
        }
    }
}

#[test]
fn a_chat_as_openai_streams_it() {
    let answer = r#"{"id":"a1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hello\n","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"total_tokens":2},"system_fingerprint":null}"#;
    let told = stream(Shape::Chat.replay(&object(answer), Replay { include_usage: true, piece_chars: 4 }));
    let head = r#"data: {"object":"chat.completion.chunk","id":"a1","created":1,"model":"m","system_fingerprint":null,"choices":["#;
    let expected = [
        r#"{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],"usage":null}"#,
        r#"{"index":0,"delta":{"content":"Hell"},"logprobs":null,"finish_reason":null}],"usage":null}"#,
        r#"{"index":0,"delta":{"content":"o\n"},"logprobs":null,"finish_reason":null}],"usage":null}"#,
        r#"{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null}"#,
        r#"],"usage":{"total_tokens":2}}"#,
    ];
    let expected: String = expected.iter().map(|choice| format!("{head}{choice}\n\n")).collect();
    assert_eq!(told, format!("{expected}data: [DONE]\n\n"));
}

#[test]
fn a_text_as_openai_streams_it() {
    let answer = r#"{"id":"b1","object":"text_completion","created":1,"model":"m","choices":[{"text":"One two","index":0,"logprobs":{"tokens":["One"," two"],"token_logprobs":[-1.0,-2],"top_logprobs":null,"text_offset":[0,3]},"finish_reason":"length"}],"usage":{"total_tokens":2}}"#;
    let told = stream(Shape::Text.replay(&object(answer), Replay { include_usage: true, piece_chars: 4 }));
    let head = r#"data: {"object":"text_completion","id":"b1","created":1,"model":"m","choices":["#;
    let expected = [
        r#"{"index":0,"text":"One ","logprobs":{"tokens":["One"],"token_logprobs":[-1.0],"top_logprobs":null,"text_offset":[0]},"finish_reason":null}],"usage":null}"#,
        r#"{"index":0,"text":"two","logprobs":{"tokens":[" two"],"token_logprobs":[-2],"top_logprobs":null,"text_offset":[3]},"finish_reason":null}],"usage":null}"#,
        r#"{"index":0,"text":"","logprobs":null,"finish_reason":"length"}],"usage":null}"#,
        r#"],"usage":{"total_tokens":2}}"#,
    ];
    let expected: String = expected.iter().map(|choice| format!("{head}{choice}\n\n")).collect();
    assert_eq!(told, format!("{expected}data: [DONE]\n\n"));
}

/// Entries may be longer than what a provider's texts are bounded by elsewhere.
#[test]
fn what_is_very_long_is_told_and_recorded() {
    let long = "x".repeat(17 << 20);
    for (shape, answer) in [
        (
            Shape::Chat,
            format!(
                r#"{{"id":"c","object":"chat.completion","choices":[{{"index":0,"message":{{"role":"assistant","content":"{long}","refusal":null}},"logprobs":null,"finish_reason":"stop"}}]}}"#
            ),
        ),
        (
            Shape::Text,
            format!(
                r#"{{"id":"c","object":"text_completion","choices":[{{"text":"{long}","index":0,"logprobs":null,"finish_reason":"stop"}}]}}"#
            ),
        ),
        (
            Shape::Message,
            format!(
                r#"{{"id":"c","type":"message","role":"assistant","content":[{{"type":"text","text":"{long}"}}],"stop_reason":"end_turn","stop_sequence":null,"usage":{{"input_tokens":1,"output_tokens":1}}}}"#
            ),
        ),
        (
            Shape::Response,
            format!(
                r#"{{"id":"c","object":"response","status":"completed","output":[{{"id":"m","type":"message","role":"assistant","status":"completed","content":[{{"type":"output_text","text":"{long}","annotations":[]}}]}}]}}"#
            ),
        ),
    ] {
        let answer = Object::parse_with(answer, &UNBOUNDED).expect("an object");
        let how = Replay { include_usage: true, piece_chars: 1 << 20 };
        if shape != Shape::Text {
            assert_eq!(shape.check(&answer, &Object::new()), Ok(()), "{shape:?}");
            // The first piece, behind what opens the stream: all of it would take long.
            let begin: Vec<Event> = shape.replay(&answer, how).take(5).collect();
            let longest = begin.iter().filter_map(|event| event.data().map(<[u8]>::len)).max();
            assert!(longest.is_some_and(|longest| (1 << 20..2 << 20).contains(&longest)), "{shape:?}");
            continue;
        }
        // Put together, it is read a second time.
        let mut recorder = Recorder::new(shape, 64 << 20);
        shape.replay(&answer, how).for_each(|event| recorder.push(&event));
        assert_eq!(recorder.finish().map(|told| told.to_bytes().len()), Some(answer.to_bytes().len()));
    }
}
