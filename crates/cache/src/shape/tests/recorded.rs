use llm_layers_testkit::split::for_every_split;
use serde_json::json;

use super::*;

/// Two choices as OpenAI streams them, one with a call, with comments and an empty event as servers send them to keep the
/// connection; in the shape of the types of openai-python 3.52.0, read in November 2026.
const CHAT: &str = concat!(
    ": connected\n\n",
    r#"data: {"id":"chatcmpl-a1","object":"chat.completion.chunk","created":1,"model":"m","system_fingerprint":"fp","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"x8Fq"}"#,
    "\n\ndata:\n\n",
    r#"data: {"id":"chatcmpl-a1","object":"chat.completion.chunk","created":1,"model":"m","system_fingerprint":"fp","choices":[{"index":0,"delta":{"content":"Grüße \ud83d\ude42"},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"1"}"#,
    "\r\n\r\n",
    r#"data: {"id":"chatcmpl-a1","object":"chat.completion.chunk","created":1,"model":"m","system_fingerprint":"fp","choices":[{"index":1,"delta":{"role":"assistant","content":null},"logprobs":null,"finish_reason":null}],"usage":null}"#,
    "\n\n: keep-alive\n\n",
    r#"data: {"id":"chatcmpl-a1","object":"chat.completion.chunk","created":1,"model":"m","system_fingerprint":"fp","choices":[{"index":1,"delta":{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"add","arguments":""}}]},"logprobs":null,"finish_reason":null}],"usage":null}"#,
    "\n\n",
    r#"data: {"id":"chatcmpl-a1","object":"chat.completion.chunk","created":1,"model":"m","system_fingerprint":"fp","choices":[{"index":1,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":1}"}}]},"logprobs":null,"finish_reason":null}],"usage":null}"#,
    "\n\n",
    r#"data: {"id":"chatcmpl-a1","object":"chat.completion.chunk","created":1,"model":"m","system_fingerprint":"fp","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null}"#,
    "\n\n",
    r#"data: {"id":"chatcmpl-a1","object":"chat.completion.chunk","created":1,"model":"m","system_fingerprint":"fp","choices":[{"index":1,"delta":{},"logprobs":null,"finish_reason":"tool_calls"}],"usage":null}"#,
    "\n\n",
    r#"data: {"id":"chatcmpl-a1","object":"chat.completion.chunk","created":1,"model":"m","system_fingerprint":"fp","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12}}"#,
    "\n\ndata: [DONE]\n\n",
);

/// A completion of the older kind with log probabilities, as OpenAI's reference of it has them.
const TEXT: &str = concat!(
    r#"data: {"id":"cmpl-1","object":"text_completion","created":2,"model":"t","choices":[{"text":"One","index":0,"logprobs":{"tokens":["One"],"token_logprobs":[-0.10],"top_logprobs":null,"text_offset":[4]},"finish_reason":null}]}"#,
    "\n\n",
    r#"data: {"id":"cmpl-1","object":"text_completion","created":2,"model":"t","choices":[{"text":" two\n","index":0,"logprobs":{"tokens":[" two","\n"],"token_logprobs":[-1,-2e-1],"top_logprobs":null,"text_offset":[7,11]},"finish_reason":null}]}"#,
    "\n\n",
    r#"data: {"id":"cmpl-1","object":"text_completion","created":2,"model":"t","choices":[{"text":"","index":0,"logprobs":null,"finish_reason":"length"}]}"#,
    "\n\n",
    r#"data: {"id":"cmpl-1","object":"text_completion","created":2,"model":"t","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":3,"total_tokens":4}}"#,
    "\n\ndata: [DONE]\n\n",
);

fn chat() -> Value {
    json!({"id": "chatcmpl-a1", "object": "chat.completion", "created": 1, "model": "m", "system_fingerprint": "fp",
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": "Grüße 🙂", "refusal": null}, "logprobs": null,
                "finish_reason": "stop"},
            {"index": 1, "message": {"role": "assistant", "content": null, "refusal": null, "tool_calls": [
                {"id": "call_1", "type": "function", "function": {"name": "add", "arguments": "{\"a\":1}"}}]},
                "logprobs": null, "finish_reason": "tool_calls"}],
        "usage": {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12}})
}

fn text() -> Value {
    json!({"id": "cmpl-1", "object": "text_completion", "created": 2, "model": "t",
        "choices": [{"text": "One two\n", "index": 0, "finish_reason": "length", "logprobs": {
            "tokens": ["One", " two", "\n"], "token_logprobs": [-0.1, -1, -0.2], "top_logprobs": null,
            "text_offset": [4, 7, 11]}}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 3, "total_tokens": 4}})
}

#[test]
fn a_stream_is_the_plain_answer_however_it_is_cut() {
    for (shape, stream, whole) in [(Shape::Chat, CHAT, chat()), (Shape::Text, TEXT, text())] {
        let recorded = for_every_split(stream, |pieces| record_pieces(shape, 1 << 20, pieces));
        assert_eq!(recorded, Some(whole));
    }
}

#[test]
fn a_stream_that_breaks_off_is_none() {
    for (shape, stream, whole) in [(Shape::Chat, CHAT, chat()), (Shape::Text, TEXT, text())] {
        let mut without_usage = whole.clone();
        without_usage.as_object_mut().expect("an object").remove("usage");
        let last = stream.rfind(r#""finish_reason":""#).expect("the end of the last choice");
        let end = last + stream[last..].find('\n').expect("the end of its line");
        for cut in 0..=stream.len() {
            let recorded = record(shape, stream.as_bytes()[..cut].to_vec());
            match recorded {
                // Without the newline it is whole too: nothing is missing but its end.
                Some(recorded) => assert!(cut >= end && (recorded == whole || recorded == without_usage), "{cut}"),
                None => assert!(cut < stream.len() - 2, "{cut}"),
            }
        }
    }
}

#[test]
fn what_is_no_completion_makes_it_void() {
    let head = CHAT.rfind("data: [DONE]").expect("an end");
    let (told, done) = CHAT.split_at(head);
    for (more, is_whole) in [
        ("data: {\"error\":{\"message\":\"overloaded\"}}\n\n", false),
        ("data: {\"id\":\"x\",\"choices\":[],\"error\":{\"code\":502}}\n\n", false),
        ("event: error\ndata: {}\n\n", false),
        ("data: {\"object\":\"error\",\"message\":\"no\"}\n\n", false),
        ("data: <html>\n\n", false),
        ("data: [1]\n\n", false),
        ("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":7}}]}\n\n", false),
        ("data: {\"choices\":[7]}\n\n", false),
        ("data: {\"choices\":[{\"index\":2,\"delta\":{\"content\":\"x\"}}]}\n\n", false),
        ("data: {\"choices\":[{\"index\":0,\"delta\":{}}]}\n\n", true),
        ("data: {\"type\":\"ping\"}\n\n", true),
        ("event: ping\nid: 7\n\n", true),
        ("retry: 7\n\n: x\n\ndata: \n\n", true),
        ("data: [DONE]\n\ndata: {\"error\":\"behind the end\"}\n\n", true),
    ] {
        let recorded = record(Shape::Chat, format!("{told}{more}{done}"));
        assert_eq!(recorded, is_whole.then(chat), "{more}");
    }
    for stream in ["", "data: [DONE]\n\n", "data: {\"choices\":[]}\n\ndata: [DONE]\n\n"] {
        assert_eq!((record(Shape::Chat, stream), record(Shape::Text, stream)), (None, None));
    }
}

#[test]
fn what_is_too_long_is_let_go() {
    for (shape, stream) in [(Shape::Chat, CHAT), (Shape::Text, TEXT)] {
        let recorded = |max| record_pieces(shape, max, &[Bytes::from_static(stream.as_bytes())]);
        assert_eq!(recorded(256), None);
        assert!(recorded(8 << 10).is_some());
    }
}
