//! Properties of `assemble`: a completion survives being streamed; a stream is joined as plain calls answer.

use llm_layers_wire::{
    assemble::{Assembler, Error, SplitOptions, split},
    openai::{Chunk, Completion},
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof!["[a-z ]{0,40}", r#"[\\"/\n\t\u{1}]{0,9}"#, "[é漢😀\u{7f}\u{80}]{0,20}"];
    prop::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

/// What a provider may invent, array items with an `index` and members with well-known names included.
fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<i32>().prop_map(|n| Value::from(f64::from(n) / 8.0)),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let name = prop_oneof![
            text(),
            prop::sample::select(vec!["index", "type", "id", "name", "content"]).prop_map(String::from)
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..4).prop_map(|members| Value::Object(members.into_iter().collect())),
            prop::collection::vec(0..3_u8, 0..3).prop_map(|all| all
                .into_iter()
                .map(|index| json!({"index": index, "type": "t", "text": "x"}))
                .collect()),
        ]
    })
}

/// Members that nobody knows: none, mostly.
fn more() -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::vec(("x_[a-z\"\\\\]{0,4}", anything()), 0..3).prop_map(|members| members.into_iter().collect())
}

fn with(value: Value, more: Map<String, Value>) -> Value {
    let mut object = more;
    if let Value::Object(members) = value {
        object.extend(members);
    }
    Value::Object(object)
}

fn nullable<T: Strategy<Value = Value>>(value: T) -> impl Strategy<Value = Value> {
    prop_oneof![Just(Value::Null), value]
}

fn call() -> impl Strategy<Value = Value> {
    ("[a-z0-9]{1,8}", any::<bool>(), text(), text(), more(), more()).prop_map(
        |(id, custom, name, arguments, inner, outer)| {
            let (kind, member) = if custom { ("custom", "input") } else { ("function", "arguments") };
            let called = with(json!({"name": name, member: arguments}), inner);
            with(json!({"id": id, "type": kind, kind: called}), outer)
        },
    )
}

fn calls() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(call(), 1..4)
}

fn token() -> impl Strategy<Value = Value> {
    (text(), any::<i16>(), more()).prop_map(|(token, logprob, more)| {
        with(
            json!({"token": token, "logprob": f64::from(logprob) / 8.0, "bytes": token.as_bytes(), "top_logprobs": []}),
            more,
        )
    })
}

fn logprobs() -> impl Strategy<Value = Value> {
    let list = || nullable(prop::collection::vec(token(), 0..9).prop_map(Value::from));
    (list(), list(), more())
        .prop_map(|(content, refusal, more)| with(json!({"content": content, "refusal": refusal}), more))
}

fn message() -> impl Strategy<Value = Value> {
    let extra: Vec<BoxedStrategy<(&'static str, Value)>> = vec![
        text().prop_map(|text| ("reasoning_content", text.into())).boxed(),
        text().prop_map(|text| ("reasoning", text.into())).boxed(),
        Just(("reasoning_details", json!([{"type": "reasoning.text", "text": "a", "index": 0}, {"type": "reasoning.text", "signature": "s", "index": 0}]))).boxed(),
        calls().prop_map(|calls| ("tool_calls", calls.into())).boxed(),
        (text(), text(), more()).prop_map(|(name, arguments, more)| ("function_call", with(json!({"name": name, "arguments": arguments}), more))).boxed(),
        (text(), text(), more()).prop_map(|(data, transcript, more)| ("audio", with(json!({"id": "a", "data": data, "expires_at": 5, "transcript": transcript}), more))).boxed(),
        anything().prop_map(|audio| ("audio", audio)).boxed(),
        prop::collection::vec(more().prop_map(Value::Object), 0..3).prop_map(|all| ("annotations", all.into())).boxed(),
    ];
    let content = nullable(prop_oneof![text().prop_map(Value::from), Just(json!([{"type": "text", "text": "part"}]))]);
    let refusal = nullable(text().prop_map(Value::from));
    (content, refusal, prop::collection::vec(prop::strategy::Union::new(extra), 0..4), more()).prop_map(
        |(content, refusal, extra, more)| {
            let extra: Map<String, Value> = extra.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            with(
                json!({"role": "assistant", "content": content, "refusal": refusal}),
                with(Value::Object(extra), more).as_object().cloned().unwrap_or_default(),
            )
        },
    )
}

fn completion() -> impl Strategy<Value = Value> {
    let finish = prop::sample::select(vec![json!("stop"), json!("length"), json!("tool_calls"), Value::Null]);
    let choice = (message(), nullable(logprobs()), finish, more()).prop_map(|(message, logprobs, finish, more)| {
        with(json!({"message": message, "logprobs": logprobs, "finish_reason": finish}), more)
    });
    let usage = prop::option::of(
        more().prop_map(|more| with(json!({"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}), more)),
    );
    (prop::collection::vec(choice, 1..4), usage, nullable(text().prop_map(Value::from)), more()).prop_map(|(mut choices, usage, fingerprint, more)| {
        for (index, choice) in choices.iter_mut().enumerate() {
            choice["index"] = index.into();
        }
        let mut completion = with(json!({"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": choices, "system_fingerprint": fingerprint}), more);
        if let Some(usage) = usage {
            completion["usage"] = usage;
        }
        completion
    })
}

fn value(text: &[u8]) -> Value {
    serde_json::from_slice(text).expect("JSON")
}

fn chunks(completion: &Value, options: SplitOptions) -> Vec<Chunk> {
    split(&Completion::parse(completion.to_string()).expect("a completion"), &options).collect()
}

fn join(chunks: &[Chunk]) -> Result<Value, Error> {
    let mut assembler = Assembler::new();
    for chunk in chunks {
        assembler.push(chunk)?;
    }
    Ok(value(&assembler.finish()?.to_bytes()))
}

#[track_caller]
fn joined(stream: &[&str]) -> Value {
    let chunks: Vec<Chunk> = stream.iter().map(|text| Chunk::parse(text.to_string()).expect("a chunk")).collect();
    join(&chunks).expect("a completion")
}

/// The message of one choice whose deltas are these.
#[track_caller]
fn message_of(deltas: &[Value]) -> Value {
    let stream: Vec<String> =
        deltas.iter().map(|delta| json!({"choices": [{"index": 0, "delta": delta}]}).to_string()).collect();
    joined(&stream.iter().map(String::as_str).collect::<Vec<_>>())["choices"][0]["message"].take()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_completion_survives_being_streamed(completion in completion(), chars in 0..20_usize, include_usage: bool) {
        let chunks = chunks(&completion, SplitOptions::default().with_piece_chars(chars).with_include_usage(include_usage));
        let mut expected = completion;
        if !include_usage {
            expected.as_object_mut().expect("an object").remove("usage");
        }
        prop_assert_eq!(join(&chunks).expect("joins"), expected);
    }

    #[test]
    fn chunks_keep_the_rules_of_streaming(completion in completion(), chars in 1..20_usize, include_usage: bool) {
        let chunks = chunks(&completion, SplitOptions::default().with_piece_chars(chars).with_include_usage(include_usage));
        let mut finished = Vec::new();
        let mut begun = Vec::new();
        let mut calls = 0;
        for (at, chunk) in chunks.iter().enumerate() {
            let chunk = value(&chunk.to_bytes());
            prop_assert_eq!(&chunk["object"], "chat.completion.chunk");
            for name in ["id", "created", "model"] {
                prop_assert_eq!(&chunk[name], &completion[name]);
            }
            let [choice] = &chunk["choices"].as_array().expect("choices")[..] else {
                prop_assert!(include_usage && at + 1 == chunks.len(), "only the chunk of usage has no choice");
                prop_assert_eq!(&chunk["usage"], &completion["usage"]);
                continue;
            };
            prop_assert_eq!(chunk.get("usage"), include_usage.then_some(&Value::Null));
            let (index, delta) = (choice["index"].as_u64().expect("an index"), &choice["delta"]);
            prop_assert!(!finished.contains(&index), "nothing after the finish");
            prop_assert!(choice.get("logprobs").is_some() && choice.get("finish_reason").is_some());
            if begun.contains(&index) {
                prop_assert_eq!(delta.get("role"), None);
                prop_assert_ne!(delta.get("content"), Some(&"".into()));
            } else {
                prop_assert_eq!(&delta["role"], "assistant");
                begun.push(index);
                calls = 0;
            }
            for call in delta["tool_calls"].as_array().into_iter().flatten() {
                let index = call["index"].as_u64().expect("an index");
                prop_assert_eq!(delta.as_object().map(Map::len), Some(1), "no content beside a call");
                match call.get("id") {
                    Some(_) => {
                        prop_assert_eq!(index, calls, "dense, in order");
                        calls += 1;
                        let called = call.get("function").map(|f| &f["arguments"]).or(call.get("custom").map(|c| &c["input"]));
                        prop_assert_eq!(called, Some(&"".into()));
                    }
                    None => prop_assert!(index == calls - 1 && call.get("type").is_none()),
                }
            }
            if delta == &json!({}) {
                finished.push(index);
            }
        }
        prop_assert_eq!(finished.len(), completion["choices"].as_array().expect("choices").len());
        if include_usage && completion.get("usage").is_some() {
            prop_assert_eq!(value(&chunks.last().expect("a chunk").to_bytes())["choices"].clone(), json!([]));
        }
    }
}

#[test]
fn a_text_with_usage() {
    let head = r#""id":"c1","object":"chat.completion.chunk","created":7,"model":"m-1","service_tier":"default","system_fingerprint":"fp""#;
    let chunk = |choices: &str, usage: &str| {
        format!("{{{head},\"choices\":[{choices}],\"usage\":{usage},\"obfuscation\":\"x9\"}}")
    };
    let stream = [
        chunk(
            r#"{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}"#,
            "null",
        ),
        chunk(r#"{"index":0,"delta":{"content":"H"},"logprobs":null,"finish_reason":null}"#, "null"),
        chunk(r#"{"index":0,"delta":{"content":"i\n"},"logprobs":null,"finish_reason":null}"#, "null"),
        chunk(r#"{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}"#, "null"),
        chunk("", r#"{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12,"x":[1]}"#),
    ];
    let mut assembler = Assembler::new();
    for (at, text) in stream.iter().enumerate() {
        assert_eq!(assembler.is_complete(), at > 3);
        assembler.push(&Chunk::parse(text.clone()).expect("a chunk")).expect("joins");
    }
    // As text, because the order of members is OpenAI's too.
    assert_eq!(
        assembler.finish().expect("a completion").to_bytes(),
        r#"{"id":"c1","object":"chat.completion","created":7,"model":"m-1","choices":[{"index":0,"message":{"role":"assistant","content":"Hi\n","refusal":null},"logprobs":null,"finish_reason":"stop"}],"service_tier":"default","system_fingerprint":"fp","usage":{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12,"x":[1]}}"#
    );
}

#[test]
fn a_tool_call_as_openai_streams_it() {
    let joined = joined(&[
        r#"{"id":"chatcmpl-a1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":null},"logprobs":null,"finish_reason":null}],"usage":null}"#,
        r#"{"id":"chatcmpl-a1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"add","arguments":""}}]},"logprobs":null,"finish_reason":null}],"usage":null}"#,
        r#"{"id":"chatcmpl-a1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":"}}]},"logprobs":null,"finish_reason":null}],"usage":null}"#,
        r#"{"id":"chatcmpl-a1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]},"logprobs":null,"finish_reason":null}],"usage":null}"#,
        r#"{"id":"chatcmpl-a1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"tool_calls"}],"usage":null}"#,
        r#"{"id":"chatcmpl-a1","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12}}"#,
    ]);
    assert_eq!(
        joined,
        json!({"id": "chatcmpl-a1", "object": "chat.completion", "created": 1, "model": "m",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": null, "refusal": null,
                "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "add", "arguments": "{\"a\":1}"}}]},
                "logprobs": null, "finish_reason": "tool_calls"}],
            "usage": {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12}})
    );
}

#[test]
fn known_defects_of_tool_calls() {
    let call = |id: &str, name: &str, arguments: &str| json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}});
    let indexed = |index: u8, call: Value| with(json!({"index": index}), call.as_object().cloned().expect("an object"));
    let fragment = |arguments: &str| json!({"function": {"arguments": arguments}});
    let check = |case: &str, fragments: Vec<Value>, calls: Vec<Value>| {
        let deltas: Vec<Value> = fragments.into_iter().map(|fragment| json!({"tool_calls": [fragment]})).collect();
        assert_eq!(message_of(&deltas)["tool_calls"], Value::from(calls), "{case}");
    };
    check(
        "id, name and type repeated",
        vec![indexed(0, call("a", "f", "{")), indexed(0, call("a", "f", "}"))],
        vec![call("a", "f", "{}")],
    );
    check(
        "empty id and name later",
        vec![indexed(0, call("a", "f", "{")), indexed(0, call("", "", "}"))],
        vec![call("a", "f", "{}")],
    );
    check(
        "the first index is 1",
        vec![indexed(1, call("a", "f", "{")), indexed(1, fragment("}"))],
        vec![call("a", "f", "{}")],
    );
    check(
        "gaps",
        vec![indexed(0, call("a", "f", "")), indexed(5, call("b", "g", "")), indexed(5, fragment("{}"))],
        vec![call("a", "f", ""), call("b", "g", "{}")],
    );
    check(
        "interleaved",
        vec![indexed(0, call("a", "f", "1")), indexed(1, call("b", "g", "2")), indexed(0, fragment("3"))],
        vec![call("a", "f", "13"), call("b", "g", "2")],
    );
    check("no index, a lone call", vec![call("a", "f", "{"), fragment("}")], vec![call("a", "f", "{}")]);
    check(
        "no index, told apart by id",
        vec![call("a", "f", "1"), call("b", "f", "2"), call("a", "f", "3")],
        vec![call("a", "f", "13"), call("b", "f", "2")],
    );
    check(
        "no index, the last call goes on",
        vec![call("a", "f", "1"), call("b", "f", "2"), fragment("3")],
        vec![call("a", "f", "1"), call("b", "f", "23")],
    );
    check(
        "all at index 0",
        vec![indexed(0, call("a", "f", "{}")), indexed(0, call("b", "g", "{}"))],
        vec![call("a", "f", "{}"), call("b", "g", "{}")],
    );
    check(
        "an id made up for each fragment",
        vec![indexed(0, call("a", "f", "{")), indexed(0, call("b", "", "}"))],
        vec![call("a", "f", "{}")],
    );
    check(
        "the name comes later",
        vec![indexed(0, call("a", "", "")), indexed(0, call("", "f", "{}"))],
        vec![call("a", "f", "{}")],
    );
    let both =
        message_of(&[json!({"tool_calls": [indexed(0, call("a", "f", "{}")), indexed(1, call("b", "g", "{}"))]})]);
    assert_eq!(both["tool_calls"], json!([call("a", "f", "{}"), call("b", "g", "{}")]), "both in one chunk");
    for none in [json!(null), json!([])] {
        assert_eq!(message_of(&[json!({"content": "x", "tool_calls": none})]).get("tool_calls"), None);
    }
}

#[test]
fn defects_of_other_members() {
    let message = message_of(&[
        json!({"role": "assistant", "content": null}),
        json!({"role": "assistant", "content": "a"}),
        json!({"role": "assistant", "content": null}),
        json!({"role": "assistant", "content": "b"}),
    ]);
    assert_eq!(message, json!({"role": "assistant", "content": "ab", "refusal": null}));

    // Half a surrogate pair in each chunk: neither is a string for most parsers, together they are.
    let joined = joined(&[
        r#"{"choices":[{"delta":{"content":"\ud83d"}}]}"#,
        r#"{"choices":[{"delta":{"content":"\ude00"},"finish_reason":"stop"}]}"#,
    ]);
    assert_eq!(
        joined["choices"][0],
        json!({"index": 0, "message": {"role": "assistant", "content": "😀", "refusal": null}, "logprobs": null, "finish_reason": "stop"})
    );
}

#[test]
fn azure_begins_with_an_empty_chunk_and_repeats_its_filter() {
    let filter = r#""content_filter_results":{"hate":{"filtered":false,"severity":"safe"}}"#;
    let joined = joined(&[
        r#"{"id":"","object":"","created":0,"model":"","choices":[],"prompt_filter_results":[{"prompt_index":0,"content_filter_results":{}}]}"#,
        &format!(
            r#"{{"id":"c","object":"chat.completion.chunk","created":9,"model":"m","choices":[{{"index":0,"delta":{{"role":"assistant","content":"a"}},{filter},"finish_reason":null}}]}}"#
        ),
        &format!(
            r#"{{"id":"c","object":"chat.completion.chunk","created":9,"model":"m","choices":[{{"index":0,"delta":{{"content":"b"}},{filter},"finish_reason":"stop"}}]}}"#
        ),
    ]);
    assert_eq!((&joined["id"], &joined["created"], &joined["model"]), (&json!("c"), &json!(9), &json!("m")));
    assert_eq!(joined["prompt_filter_results"][0]["prompt_index"], 0);
    assert_eq!(joined["choices"][0]["content_filter_results"]["hate"]["severity"], "safe");
    assert_eq!(joined["choices"][0]["message"]["content"], "ab");
}

#[test]
fn reasoning_as_deepseek_and_openrouter_stream_it() {
    let detail =
        |text: &str| json!({"type": "reasoning.text", "text": text, "format": "anthropic-claude-v1", "index": 0});
    let message = message_of(&[
        json!({"role": "assistant", "content": null, "reasoning_content": "so"}),
        json!({"content": "", "reasoning_content": " then", "reasoning": "so", "reasoning_details": [detail("so")]}),
        json!({"content": null, "reasoning_content": null, "reasoning": " then", "reasoning_details": [detail(" then")]}),
        json!({"content": "", "reasoning_details": [{"type": "reasoning.text", "signature": "s==", "format": "anthropic-claude-v1", "index": 0}]}),
        json!({"reasoning_details": [{"type": "reasoning.encrypted", "data": "e", "index": 0}]}),
        json!({"content": "yes", "reasoning_content": null}),
    ]);
    assert_eq!(
        message,
        json!({"role": "assistant", "content": "yes", "refusal": null, "reasoning_content": "so then", "reasoning": "so then",
            "reasoning_details": [
                {"type": "reasoning.text", "text": "so then", "format": "anthropic-claude-v1", "index": 0, "signature": "s=="},
                {"type": "reasoning.encrypted", "data": "e", "index": 0}]})
    );
}

#[test]
fn choices_logprobs_audio_and_annotations() {
    let joined = joined(&[
        r#"{"choices":[{"index":1,"delta":{"content":"b"},"logprobs":{"content":[{"token":"b","logprob":-0.00031496},{"token":"c"}],"refusal":null}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"refusal":"n"},"logprobs":{"content":null,"refusal":[ ]}}]}"#,
        r#"{"choices":[{"index":1,"delta":{"content":"d","annotations":[{"n":1}]},"logprobs":{"content":[ {"token":"d"} ],"refusal":null}},{"index":0,"delta":{"refusal":"o"},"logprobs":{"content":null,"refusal":[{"token":"o"}]}}]}"#,
        r#"{"choices":[{"index":1,"delta":{"audio":{"id":"a","data":"AA==","transcript":"x"},"annotations":[{"n":2}]}}]}"#,
        r#"{"choices":[{"index":1,"delta":{"audio":{"id":"a","data":"BB==","transcript":"y","expires_at":9}}}]}"#,
    ]);
    let [refused, answered] = &joined["choices"].as_array().expect("choices")[..] else { panic!("two choices") };
    assert_eq!(refused["message"]["refusal"], "no");
    assert_eq!(refused["logprobs"], json!({"content": null, "refusal": [{"token": "o"}]}));
    assert_eq!(answered["message"]["content"], "bd");
    assert_eq!(
        answered["logprobs"]["content"],
        json!([{"token": "b", "logprob": -0.00031496}, {"token": "c"}, {"token": "d"}])
    );
    assert_eq!(answered["message"]["annotations"], json!([{"n": 1}, {"n": 2}]));
    assert_eq!(
        answered["message"]["audio"],
        json!({"id": "a", "data": "AA==BB==", "transcript": "xy", "expires_at": 9})
    );
}

#[test]
fn numbers_keep_their_spelling() {
    let mut assembler = Assembler::new();
    assembler
        .push(
            &Chunk::parse(r#"{"choices":[{"delta":{"x":1.10e2,"y":123456789012345678901234567890}}]}"#)
                .expect("a chunk"),
        )
        .expect("joins");
    let text = assembler.finish().expect("a completion").to_bytes();
    let text = std::str::from_utf8(&text).expect("UTF-8");
    assert!(text.contains(r#""x":1.10e2,"y":123456789012345678901234567890"#), "{text}");
}

#[test]
fn what_makes_no_completion() {
    let push = |assembler: &mut Assembler, text: &str| assembler.push(&Chunk::parse(text.to_owned()).expect("a chunk"));
    assert_eq!(Assembler::new().finish().expect_err("empty"), Error::NoChoices);

    let mut assembler = Assembler::new();
    push(&mut assembler, r#"{"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}],"error":null}"#)
        .expect("joins");
    assert_eq!(push(&mut assembler, r#"{"error":{"message":"overloaded"}}"#), Err(Error::Upstream));
    assert_eq!(push(&mut assembler, r#"{"choices":[{"delta":{"content":"a"}}]}"#), Err(Error::Upstream), "ever after");
    assert!(!assembler.is_complete());
    assert_eq!(assembler.finish().expect_err("failed"), Error::Upstream);

    let mut assembler = Assembler::new();
    push(&mut assembler, r#"{"choices":[{"delta":{"content":"a"}}]}"#).expect("joins");
    assert_eq!(
        push(&mut assembler, r#"{"choices":[{"delta":{"content":{"secret":1}}}]}"#).map_err(|error| error.to_string()),
        Err("`content` changes its type from chunk to chunk".into())
    );

    let mut assembler = Assembler::with_max_bytes(1000);
    let mut pushed = 0;
    while push(&mut assembler, r#"{"choices":[{"delta":{"content":"0123456789"}}]}"#).is_ok() {
        pushed += 1;
    }
    assert!((30..100).contains(&pushed), "{pushed}");
    assert_eq!(assembler.finish().expect_err("too long"), Error::TooLong { limit: 1000 });

    let mut assembler = Assembler::new();
    let choices = vec![r#"{"delta":{}}"#; 2000].join(",");
    assert_eq!(push(&mut assembler, &format!("{{\"choices\":[{choices}]}}")), Err(Error::TooMany { limit: 1024 }));
}

#[test]
fn a_stream_of_a_completion_as_text() {
    let completion = json!({"id": "c", "object": "chat.completion", "created": 1, "model": "m", "system_fingerprint": null, "metadata": {"a": "b"},
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hé 😀!", "refusal": null, "reasoning_content": "so"}, "logprobs": null, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}});
    let chunks = chunks(&completion, SplitOptions::default().with_piece_chars(4).with_include_usage(true));
    let texts: Vec<String> =
        chunks.iter().map(|chunk| String::from_utf8(chunk.to_bytes().to_vec()).expect("UTF-8")).collect();
    let head = r#"{"object":"chat.completion.chunk","id":"c","created":1,"model":"m","system_fingerprint":null"#;
    let of = |delta: &str, finish: &str| {
        format!(
            r#"{head},"choices":[{{"index":0,"delta":{delta},"logprobs":null,"finish_reason":{finish}}}],"usage":null}}"#
        )
    };
    let mut first = of(r#"{"role":"assistant","content":""}"#, "null");
    first = first.replace(r#","choices""#, r#","metadata":{"a":"b"},"choices""#);
    assert_eq!(
        texts,
        [
            first,
            of(r#"{"reasoning_content":"so"}"#, "null"),
            of(r#"{"content":"Hé 😀"}"#, "null"),
            of(r#"{"content":"!"}"#, "null"),
            of("{}", r#""stop""#),
            format!(r#"{head},"choices":[],"usage":{{"completion_tokens":2,"prompt_tokens":1,"total_tokens":3}}}}"#),
        ]
    );
}
