//! What the layer does with them: what stays as it is, what is asked several times, what comes in another form.

use llm_layers_wire::sse::Decoder;

use super::*;

static WHOLE: &str = r#"{"id": "c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi","refusal":null},"logprobs":null,"finish_reason":"eos"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}"#;

#[test]
fn without_quirks_nothing_is_touched() {
    for provider in ["http://127.0.0.1:8000/v1", "https://api.openai.com/v1"] {
        let provider = || Provider::openai(provider).unwrap();
        let request =
            Bytes::from_static(br#" {"model":"m", "messages":[{"role":"developer","name":null}],"n":3,"seed":null} "#);
        let (asked, answered) = chat(provider(), request.clone(), 200, "application/json", || Body::from(WHOLE));
        assert_eq!(asked[0].body, request);
        assert_eq!(asked[0].body.as_ptr(), request.as_ptr(), "the same buffer");
        assert_eq!(answered.body, WHOLE);
        assert_eq!(answered.body.as_ptr(), WHOLE.as_ptr(), "the same buffer");
    }
    let stream = r#"{"model":"m","stream":true}"#;
    let (asked, _) = chat(Provider::openai("http://a.example/v1").unwrap(), stream, 500, "text/plain", Body::empty);
    assert_eq!(asked[0].body, stream, "what a server knows that nobody knows is not tried");
}

#[test]
fn usage_is_asked_for_and_kept_from_whoever_has_not() {
    let stream = || {
        let chunk = |choices: &str, more: &str| {
            format!(
                "data: {{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{choices}]{more}}}\n\n"
            )
        };
        let first = chunk(r#"{"index":0,"delta":{"role":"assistant","content":"Hi"},"finish_reason":null}"#, "");
        let last = chunk(r#"{"index":0,"delta":{},"finish_reason":"stop"}"#, "");
        let usage = chunk("", r#","usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}"#);
        Body::from([first, last, usage, "data: [DONE]\n\n".into()].concat())
    };
    let openai = || Provider::openai("https://api.openai.com/v1").unwrap();
    let (asked, answered) = chat(openai(), r#"{"model":"m","stream":true}"#, 200, "text/event-stream", stream);
    assert_eq!(asked[0].body, r#"{"model":"m","stream":true,"stream_options":{"include_usage":true}}"#);
    let text = String::from_utf8(answered.body.to_vec()).unwrap();
    assert!(!text.contains("usage") && text.ends_with("data: [DONE]\n\n"), "{text}");
    let request = r#"{"model":"m","stream":true,"stream_options":{"include_usage":true}}"#;
    let (_, answered) = chat(openai(), request, 200, "text/event-stream", stream);
    assert!(String::from_utf8(answered.body.to_vec()).unwrap().contains("usage"));
}

#[test]
fn several_choices_are_as_many_calls_and_one_answer() {
    let request = r#"{"model":"m","messages":[],"n":3}"#;
    let (asked, answered) =
        chat(Provider::known("deepseek").unwrap(), request, 200, "application/json", || Body::from(WHOLE));
    assert_eq!(asked.len(), 3);
    assert!(asked.iter().all(|asked| asked.body == r#"{"model":"m","messages":[]}"#), "{asked:?}");
    let choices = answered.json()["choices"].clone();
    let indexes: Vec<_> = choices.as_array().unwrap().iter().map(|choice| choice["index"].as_u64()).collect();
    assert_eq!(indexes, [Some(0), Some(1), Some(2)]);
}

#[test]
fn a_whole_answer_in_place_of_a_stream_becomes_one() {
    let ask = |usage: bool, answer: &'static str| {
        let request =
            format!(r#"{{"model":"m","messages":[],"stream":true,"stream_options":{{"include_usage":{usage}}}}}"#);
        let provider = Provider::openai("http://a.example/v1").unwrap();
        chat(provider, request, 200, "application/json; charset=utf-8", move || Body::from(answer)).1
    };
    for usage in [true, false] {
        let answered = ask(usage, WHOLE);
        assert_eq!(answered.headers["content-type"], "text/event-stream; charset=utf-8");
        let mut decoder = Decoder::default();
        decoder.push(answered.body.clone());
        let mut events = Vec::new();
        while let Some(event) = decoder.next().unwrap() {
            events.push(String::from_utf8(event.data().unwrap().to_vec()).unwrap());
        }
        assert_eq!(events.pop().unwrap(), "[DONE]");
        let said: String = events
            .iter()
            .filter_map(|event| {
                let event: Value = serde_json::from_str(event).unwrap();
                event["choices"][0]["delta"]["content"].as_str().map(str::to_owned)
            })
            .collect();
        assert_eq!(said, "Hi");
        assert_eq!(events.iter().any(|event| event.contains(r#""total_tokens":3"#)), usage);
        assert!(events.iter().any(|event| event.contains(r#""finish_reason":"stop""#)));
    }
    let failed = ask(false, r#"{"error":{"message":"m","code":429}}"#);
    assert_eq!((failed.status, failed.json()["error"]["code"].as_str()), (429, Some("rate_limit_exceeded")));
    assert_eq!(ask(false, "nonsense").status, 502);
}

/// Whatever is wrong with an answer, what leaves is one or an error.
#[test]
fn no_answer_makes_it_panic() {
    let whole = r#"{"id":"c","choices":[{"message":{"content":[{"type":"text","text":"a"}],"tool_calls":[{"id":"null","function":{"name":"f","arguments":{"a":1}}}]},"finish_reason":{"type":"stop"}}],"usage":{"prompt_tokens":1.5,"cached_tokens":1},"x_groq":{"usage":{}}}"#;
    for at in 0..whole.len() {
        for byte in [b'"', b'{', b']', b'0', b' ', 0xff] {
            let mut broken = whole.as_bytes().to_vec();
            broken[at] = byte;
            let cut = Bytes::copy_from_slice(&whole.as_bytes()[..at]);
            for body in [Bytes::from(broken), cut] {
                let (_, answered) = chat(
                    Provider::known("mistral").unwrap(),
                    r#"{"model":"m","messages":[]}"#,
                    200,
                    "application/json",
                    move || Body::from(body.clone()),
                );
                let answer = answered.json();
                let is_answer = answered.status == 200 && answer["choices"][0]["message"]["role"] == "assistant";
                assert!(is_answer || answered.status >= 400 && answer["error"]["message"].is_string(), "{answer}");
            }
        }
    }
}
