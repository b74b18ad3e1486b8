//! The layer over a model, by what goes in and what comes out.

use http::{Response, header::CONTENT_TYPE};
use llm_layers_core::{Body, Caller, Deployment, FailureKind, Rejection};
use llm_layers_tool_call_validator::{OnInvalid, Policy, Reason, Report, ValidateLayer};
use serde_json::{Value, json};

use crate::support::{calls, calls_text, chat, chat_body, exchange, message, plain, post, response};

const RIGHT: &str = r#"{"city":"Paris","days":3}"#;

#[tokio::test]
async fn what_is_right_comes_as_it_came() {
    let layer = ValidateLayer::default();
    let (seen, got) = exchange(&layer, chat(&json!({})), [calls(RIGHT, 9)]).await;
    assert_eq!((got.status, got.body.as_str(), got.told()), (200, calls_text(RIGHT, 9).as_str(), ""));
    assert_eq!(seen[0].body, chat_body(&json!({})).to_string());
    assert_eq!(seen[0].headers["accept-encoding"], "identity");
    let report = got.extensions.get::<Report>().expect("a report");
    assert_eq!((report.calls, report.invalid, report.reasks, report.faults.len()), (1, 0, 0, 0));
}

#[tokio::test]
async fn what_is_mended_changes_there_alone() {
    let layer = ValidateLayer::default();
    let (_, got) = exchange(&layer, chat(&json!({})), [calls(r#"{"city":"Paris","days":"3",}"#, 9)]).await;
    assert_eq!((got.status, got.body.as_str(), got.told()), (200, calls_text(RIGHT, 9).as_str(), "repaired=1"));
    let report = got.extensions.get::<Report>().expect("a report");
    assert_eq!((report.calls, report.repaired.len(), report.repaired[0].tool.as_deref()), (1, 1, Some("get_weather")));
}

#[tokio::test]
async fn what_is_invalid_is_an_error_without_values() {
    let layer = ValidateLayer::default();
    let mut answer = calls(r#"{"days":"secret-words"}"#, 9);
    answer.extensions_mut().insert(Deployment::new("d", "p", "m"));
    answer.headers_mut().insert("x-request-id", "r".parse().unwrap());
    let (_, got) = exchange(&layer, chat(&json!({})), [answer]).await;
    assert_eq!((got.status, got.code().as_str(), got.told()), (502, "invalid_tool_call", "invalid=1"));
    assert_eq!(got.extensions.get(), Some(&FailureKind::Malformed));
    assert!(got.extensions.get::<Rejection>().is_none(), "a provider was asked");
    assert_eq!(got.extensions.get::<Deployment>().map(Deployment::name), Some("d"), "who it was is still known");
    assert!(got.body.contains("/city") && !got.body.contains("secret-words"), "{}", got.body);
    let report = got.extensions.get::<Report>().expect("a report");
    assert!(report.faults.iter().any(|fault| fault.reason == Reason::Required), "{report:?}");
    assert!(!format!("{report:?}").contains("secret-words"));
}

#[tokio::test]
async fn what_is_only_reported_comes_as_it_came() {
    let layer = ValidateLayer::new(Policy::new().repair(false).on_invalid(OnInvalid::Report));
    let (_, got) = exchange(&layer, chat(&json!({})), [calls("{'city':1}", 9)]).await;
    assert_eq!((got.status, got.body.as_str(), got.told()), (200, calls_text("{'city':1}", 9).as_str(), "invalid=1"));
}

#[tokio::test]
async fn messages_and_responses_are_checked_too() {
    let layer = ValidateLayer::default();
    let of_message = |input: &str| {
        plain(format!(
            r#"{{"type":"message", "content":[{{"type":"tool_use","id":"toolu_1","name":"get_weather","input":{input}}}],"stop_reason":"tool_use"}}"#
        ))
    };
    let of_response = |arguments: &str| {
        let arguments = Value::from(arguments);
        plain(format!(
            r#"{{"object":"response", "status":"completed","output":[{{"type":"function_call","id":"fc_1","call_id":"call_1","name":"get_weather","arguments":{arguments}}}]}}"#
        ))
    };
    let wrong = r#"{"city":"Paris","days":"3"}"#;
    for (request, answer, expected) in [
        (message(&json!({})), of_message(wrong), of_message(RIGHT)),
        (response(&json!({})), of_response(wrong), of_response(RIGHT)),
    ] {
        let (_, got) = exchange(&layer, request, [answer]).await;
        let expected = expected.into_body().bytes(9999).await.unwrap();
        assert_eq!((got.told(), got.body.as_bytes()), ("repaired=1", &expected[..]));
    }
    for (request, answer) in [(message(&json!({})), of_message("{}")), (response(&json!({})), of_response("{}"))] {
        let (_, got) = exchange(&layer, request, [answer]).await;
        assert_eq!((got.status, got.code().as_str()), (502, "invalid_tool_call"));
    }
}

#[tokio::test]
async fn structured_output_is_checked() {
    let format = json!({"response_format": {"type": "json_object"}, "tools": []});
    let says =
        |text: &str| plain(json!({"choices": [{"message": {"role": "assistant", "content": text}}]}).to_string());
    let layer = ValidateLayer::default();
    let (_, got) = exchange(&layer, chat(&format), [says("```json\n{\"a\": 1.0}\n```")]).await;
    assert_eq!(got.told(), "repaired=1");
    let content: Value =
        serde_json::from_str(got.json()["choices"][0]["message"]["content"].as_str().unwrap()).unwrap();
    assert_eq!(content, json!({"a": 1.0}));
    let (_, got) = exchange(&layer, chat(&format), [says("No.")]).await;
    assert_eq!((got.status, got.code().as_str()), (502, "invalid_structured_output"));
}

#[tokio::test]
async fn what_is_no_answer_passes() {
    let layer = ValidateLayer::default();
    let error = || {
        let error = Response::builder().status(429).header(CONTENT_TYPE, "application/json");
        error.body(Body::from(calls_text("{", 1))).unwrap()
    };
    let texts = ["[]", "", "Not found", r#"{"error": {"message": "no"}}"#, r#"{"choices": []}"#, r#"{"choices":[7]}"#];
    for answer in texts {
        let (_, got) = exchange(&layer, chat(&json!({})), [plain(answer)]).await;
        assert_eq!((got.status, got.body.as_str(), got.told()), (200, answer, ""));
    }
    let (_, got) = exchange(&layer, chat(&json!({})), [error()]).await;
    assert_eq!((got.status, got.body), (429, calls_text("{", 1)));
}

#[tokio::test]
async fn what_cannot_be_read_is_not_handed_on() {
    let layer = ValidateLayer::default().max_answer(1 << 10);
    let encoded = |kind: &'static str, encoding: &'static str| {
        let response = Response::builder().header(CONTENT_TYPE, kind).header("content-encoding", encoding);
        response.body(Body::from("?")).unwrap()
    };
    let cases = [
        plain(format!("{{\"choices\":[],\"x\":\"{}\"}}", "x".repeat(2 << 10))),
        plain(r#"{"choices":[{"message":{"tool_calls":["#),
        plain(format!("{{\"choices\":{}", "[".repeat(1000))),
        plain(r#"{"choices":[{"message":{"\ud800":1,"tool_calls":[{}]}}]}"#),
        encoded("application/json", "br"),
        encoded("text/event-stream", "gzip"),
    ];
    for answer in cases {
        let (_, got) = exchange(&layer, chat(&json!({})), [answer]).await;
        assert_eq!((got.status, got.code().as_str()), (502, "unreadable_answer"));
        assert_eq!(got.extensions.get(), Some(&FailureKind::Malformed));
    }
}

#[tokio::test]
async fn compressed_it_is_checked_and_comes_plain() {
    let layer = ValidateLayer::default();
    // `printf '{"choices":[]}' | gzip -n`
    let gzip: &[u8] = &[
        31, 139, 8, 0, 0, 0, 0, 0, 0, 3, 171, 86, 74, 206, 200, 207, 76, 78, 45, 86, 178, 138, 142, 173, 5, 0, 75, 158,
        186, 173, 14, 0, 0, 0,
    ];
    let answer = Response::builder().header(CONTENT_TYPE, "application/json").header("content-encoding", "gzip");
    let (_, got) = exchange(&layer, chat(&json!({})), [answer.body(Body::from(gzip.to_vec())).unwrap()]).await;
    assert_eq!((got.body.as_str(), got.headers.get("content-encoding")), (r#"{"choices":[]}"#, None));
}

#[tokio::test]
async fn a_compressed_request_is_read_and_goes_on_plain() {
    // `printf '{"tools":[]}' | gzip -n`
    let gzip: &[u8] = &[
        31, 139, 8, 0, 0, 0, 0, 0, 0, 3, 171, 86, 42, 201, 207, 207, 41, 86, 178, 138, 142, 173, 5, 0, 149, 222, 49,
        33, 12, 0, 0, 0,
    ];
    let mut request = chat(&json!({}));
    *request.body_mut() = Body::from(gzip.to_vec());
    request.headers_mut().insert("content-encoding", "gzip".parse().unwrap());
    request.headers_mut().remove("content-length");
    let (seen, got) = exchange(&ValidateLayer::default(), request, [calls("{", 1)]).await;
    assert_eq!((seen[0].body.as_str(), seen[0].headers.get("content-encoding")), (r#"{"tools":[]}"#, None));
    assert_eq!(got.status, 200);
}

#[tokio::test]
async fn a_request_that_asks_for_nothing_is_not_read() {
    let layer = ValidateLayer::default();
    let request = || post("/v1/chat/completions", &json!({"model": "m", "messages": [], "tools": []}));
    let mut answer = calls("{", 1);
    answer.headers_mut().insert("x-llm-tool-calls", "from=below".parse().unwrap());
    let (seen, got) = exchange(&layer, request(), [answer]).await;
    assert_eq!((got.body, seen[0].headers.get("accept-encoding")), (calls_text("{", 1), None));
    for path in ["/v1/embeddings", "/v1/completions", "/v1/files", "/providers/p/v1/messages"] {
        let (_, got) = exchange(&layer, post(path, &json!({"tools": [1]})), [calls("{", 1)]).await;
        assert_eq!((got.status, got.body), (200, calls_text("{", 1)), "{path}");
    }
}

#[tokio::test]
async fn only_what_was_found_here_is_told_here() {
    let layer = ValidateLayer::default();
    let mut answer = calls(RIGHT, 1);
    answer.headers_mut().insert("x-llm-tool-calls", "invalid=7".parse().unwrap());
    let (_, got) = exchange(&layer, chat(&json!({})), [answer]).await;
    assert_eq!(got.told(), "");
}

#[tokio::test]
async fn bad_requests_are_not_sent() {
    let layer = ValidateLayer::default().limits(llm_layers_wire::json::Limits::DEFAULT.with_max_bytes(2 << 10));
    let bad_schema =
        json!({"tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "no such"}}}]});
    let not_json = || {
        let mut request = chat(&json!({}));
        *request.body_mut() = Body::from("{\"tools\":[1");
        request.headers_mut().remove("content-length");
        request
    };
    let long = json!({"x": "x".repeat(4 << 10)});
    for (request, status, code) in [
        (chat(&bad_schema), 400, "invalid_function_parameters"),
        (not_json(), 400, "invalid_json"),
        (chat(&long), 413, "request_too_large"),
    ] {
        let (seen, got) = exchange(&layer, request, [calls(RIGHT, 1)]).await;
        assert_eq!((got.status, got.code().as_str(), seen.len()), (status, code, 0));
        assert!(got.extensions.get::<Rejection>().is_some());
    }
}

#[tokio::test]
async fn the_audit_hears_who_asked_and_who_answered() {
    let heard = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let layer = {
        let heard = std::sync::Arc::clone(&heard);
        ValidateLayer::default().audit(move |report| heard.lock().unwrap().push(report.clone()))
    };
    let request = || {
        let mut request = chat(&json!({}));
        request.extensions_mut().insert(Caller::new("team-a"));
        request.extensions_mut().insert(Deployment::new("asked", "p", "m"));
        request
    };
    let mut answer = calls(RIGHT, 1);
    answer.extensions_mut().insert(Deployment::new("answered", "p", "m"));
    exchange(&layer, request(), [calls("{", 1)]).await;
    exchange(&layer, request(), [answer]).await;
    exchange(&layer, request(), [plain(r#"{"choices":[{"message":{"content":"Hi"}}]}"#)]).await;
    let told: Vec<_> = heard
        .lock()
        .unwrap()
        .iter()
        .map(|report: &Report| {
            let caller = report.caller.as_ref().map_or("", Caller::name).to_owned();
            (caller, report.deployment.as_ref().unwrap().name().to_owned(), report.invalid)
        })
        .collect();
    assert_eq!(told, [("team-a".into(), "asked".into(), 1), ("team-a".into(), "answered".into(), 0)]);
}

#[tokio::test]
async fn a_call_written_as_text_becomes_one() {
    let layer = ValidateLayer::default().written_calls(true);
    let text = r#"<tool_call>{"name":"get_weather","arguments":{"city":"Paris"}}</tool_call>"#;
    let answer = json!({"choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}]});
    let (_, got) = exchange(&layer, chat(&json!({})), [plain(answer.to_string())]).await;
    let choice = got.json()["choices"][0].take();
    assert_eq!((&choice["finish_reason"], &choice["message"]["content"]), (&json!("tool_calls"), &Value::Null));
    let call = &choice["message"]["tool_calls"][0];
    assert!(call["id"].as_str().unwrap().starts_with("call_"), "{call}");
    assert_eq!(call["function"], json!({"name": "get_weather", "arguments": r#"{"city":"Paris"}"#}));
    assert_eq!(got.told(), "repaired=1");

    let (_, got) = exchange(&ValidateLayer::default(), chat(&json!({})), [plain(answer.to_string())]).await;
    assert_eq!(got.body, answer.to_string(), "off by default");
}
