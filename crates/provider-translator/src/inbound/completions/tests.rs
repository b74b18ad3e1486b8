use bytes::Bytes;
use llm_layers_core::Failure;
use llm_layers_wire::{
    json::{Limits, Object},
    sse::Event,
};
use serde_json::{Value, json};

use crate::{inbound::Inbound, translate::Flow};

fn run(request: &str) -> Result<Inbound, Failure> {
    super::request(&Object::parse(request.to_owned()).expect("an object"))
}

fn sent(request: &str) -> String {
    let mut inbound = run(request).unwrap_or_else(|failure| panic!("{failure}: {request}"));
    let object = futures_util::FutureExt::now_or_never(inbound.body.object(&Limits::DEFAULT));
    let bytes = object.expect("it is there").expect("an object").to_bytes();
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

#[test]
fn a_prompt_is_what_the_user_says_and_the_rest_goes_through() {
    assert_eq!(
        sent(
            r#"{"model":"m","prompt":"\u00e4","max_tokens":5,"temperature":1.0,"stop":["a"],"n":2,"user":"u","x":1e3}"#
        ),
        r#"{"model":"m","max_tokens":5,"temperature":1.0,"stop":["a"],"n":2,"user":"u","x":1e3,"messages":[{"role":"user","content":"\u00e4"}]}"#
    );
    let neutral = r#"{"model":"m","prompt":["a"],"echo":false,"best_of":1,"suffix":null,"logprobs":null}"#;
    assert_eq!(sent(neutral), r#"{"model":"m","messages":[{"role":"user","content":"a"}],"max_tokens":16}"#);
}

#[test]
fn what_chat_completions_cannot_give_is_refused_by_name() {
    for (members, param, code) in [
        (r#""x":1"#, "prompt", "missing_required_parameter"),
        (r#""prompt":[]"#, "prompt", "invalid_value"),
        (r#""prompt":["a","b"]"#, "prompt", "unsupported_parameter"),
        (r#""prompt":[1,2]"#, "prompt", "unsupported_parameter"),
        (r#""prompt":[[1,2]]"#, "prompt", "unsupported_parameter"),
        (r#""prompt":{}"#, "prompt", "invalid_type"),
        (r#""prompt":"a","suffix":"b""#, "suffix", "unsupported_parameter"),
        (r#""prompt":"a","best_of":2"#, "best_of", "unsupported_parameter"),
        (r#""prompt":"a","echo":true"#, "echo", "unsupported_parameter"),
        (r#""prompt":"a","logprobs":0"#, "logprobs", "unsupported_parameter"),
    ] {
        let failure = run(&format!(r#"{{"model":"m",{members}}}"#)).map(|_| ()).expect_err(members);
        let error = failure.error();
        assert_eq!((error.param.as_deref(), error.code.as_deref()), (Some(param), Some(code)), "{members}");
    }
}

#[test]
fn a_whole_answer() {
    let completion = json!({"id": "chatcmpl-1", "object": "chat.completion", "created": 3, "model": "served",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "length"},
            {"index": 1, "message": {"role": "assistant", "content": null}, "finish_reason": "tool_calls"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}, "system_fingerprint": "fp"});
    let answer = run(r#"{"prompt":"a"}"#).expect("a request").answer;
    let text = answer.whole(Bytes::from(completion.to_string())).expect("an answer");
    assert_eq!(
        serde_json::from_slice::<Value>(&text).expect("JSON"),
        json!({"id": "cmpl-1", "object": "text_completion", "created": 3, "model": "served",
            "choices": [{"text": "Hi", "index": 0, "logprobs": null, "finish_reason": "length"},
                {"text": "", "index": 1, "logprobs": null, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}, "system_fingerprint": "fp"})
    );
    for body in ["", "[]", "{}", r#"{"choices":[]}"#, r#"{"choices":[1]}"#] {
        let answer = run(r#"{"prompt":"a"}"#).expect("a request").answer;
        assert_eq!(answer.whole(Bytes::from(body)).expect_err(body).status(), 502);
    }
}

#[test]
fn a_stream() {
    let mut answer = run(r#"{"prompt":"a","stream":true}"#).expect("a request").answer;
    let mut out = Vec::new();
    let mut feed = |event: Event| answer.event(event, &mut out);
    let head = r#""id":"chatcmpl-1","object":"chat.completion.chunk","created":3,"model":"served""#;
    let chunk = |rest: &str| Event::new(format!("{{{head},{rest}}}"));
    assert!(matches!(
        feed(chunk(r#""choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}],"usage":null"#)),
        Flow::Going
    ));
    assert!(matches!(
        feed(chunk(r#""choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null"#)),
        Flow::Going
    ));
    assert!(matches!(feed(chunk(r#""choices":[],"usage":{"total_tokens":3}"#)), Flow::Going));
    assert!(matches!(feed(Event::done()), Flow::Over));
    let data: Vec<_> =
        out.iter().map(|event| String::from_utf8_lossy(event.data().expect("data")).into_owned()).collect();
    let head = r#"{"id":"cmpl-1","object":"text_completion","created":3,"model":"served","choices":["#;
    assert_eq!(
        data,
        [
            format!(r#"{head}{{"text":"Hi","index":0,"logprobs":null,"finish_reason":null}}],"usage":null}}"#),
            format!(r#"{head}{{"text":"","index":0,"logprobs":null,"finish_reason":"stop"}}],"usage":null}}"#),
            format!(r#"{head}],"usage":{{"total_tokens":3}}}}"#),
            "[DONE]".into(),
        ]
    );
}

#[test]
fn a_stream_that_breaks_fails() {
    let answer = || run(r#"{"prompt":"a","stream":true}"#).expect("a request").answer;
    let mut out = Vec::new();
    let error = Event::new(r#"{"error":{"message":"m","type":"rate_limit_error"}}"#);
    let Flow::Failed(failure) = answer().event(error, &mut out) else { panic!("it failed") };
    assert_eq!((failure.status().as_u16(), failure.error().message.as_str()), (429, "m"));
    assert!(matches!(answer().event(Event::new("no chunk"), &mut out), Flow::Failed(_)));
    assert!(matches!(answer().end(None, &mut out), Flow::Failed(_)));
    assert!(out.is_empty());
}
