//! Asking the model again: what it is sent, what comes of it, and when it is not asked.

use std::time::Duration;

use llm_layers_core::{Caller, Deadline, Deployment, End};
use llm_layers_tool_call_validator::{OnInvalid, Policy, Report, ValidateLayer};
use serde_json::{Value, json};

use crate::support::{calls, calls_text, chat, exchange, message, plain, raw_stream, response, stream, streamed_calls};

const RIGHT: &str = r#"{"city":"Paris","days":3}"#;
const WRONG: &str = r#"{"days":3}"#;

fn asking(times: u32) -> ValidateLayer {
    ValidateLayer::new(Policy::new().max_reasks(times))
}

fn reporting() -> ValidateLayer {
    ValidateLayer::new(Policy::new().max_reasks(1).on_invalid(OnInvalid::Report))
}

fn streamed(more: &Value) -> http::Request<llm_layers_core::Body> {
    let mut members = json!({"stream": true});
    members.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    chat(&members)
}

#[tokio::test]
async fn the_model_hears_what_was_wrong_and_the_client_reads_the_second_answer() {
    let mut request = chat(&json!({}));
    request.extensions_mut().insert(Caller::new("team-a"));
    request.headers_mut().insert("idempotency-key", "k".parse().unwrap());
    request.headers_mut().insert("x-mine", "1".parse().unwrap());
    let (seen, got) = exchange(&asking(1), request, [calls(WRONG, 9), calls(RIGHT, 20)]).await;
    assert_eq!((got.status, got.told()), (200, "reasked=1"));
    let usage = json!({"prompt_tokens": 29, "completion_tokens": 2, "total_tokens": 31});
    assert_eq!(got.json()["usage"], usage, "both are paid for");
    let same = |text: &str| text.split_once("\"usage\"").unwrap().0.to_owned();
    assert_eq!(same(&got.body), same(&calls_text(RIGHT, 20)), "all else is as it came");
    assert_eq!(got.extensions.get::<Report>().unwrap().reasks, 1);

    let [first, second] = &seen[..] else { panic!("{seen:?}") };
    let messages = second.json()["messages"].as_array().unwrap().clone();
    assert_eq!(messages[..1], first.json()["messages"].as_array().unwrap()[..]);
    assert_eq!(messages[1]["tool_calls"][0]["function"]["arguments"], WRONG);
    assert_eq!((&messages[2]["role"], &messages[2]["tool_call_id"]), (&json!("tool"), &json!("call_1")));
    assert!(messages[2]["content"].as_str().unwrap().contains("/city"), "{}", messages[2]);
    assert_eq!(second.json()["tools"], first.json()["tools"]);
    assert_eq!(second.extensions.get::<Caller>(), Some(&Caller::new("team-a")));
    assert_eq!(
        (&second.headers["x-mine"], &first.headers["idempotency-key"]),
        (&"1".parse().unwrap(), &"k".parse().unwrap())
    );
    assert!(!second.headers.contains_key("idempotency-key"), "it is another request");
}

#[tokio::test]
async fn each_time_the_conversation_grows_and_at_last_it_is_over() {
    let (seen, got) = exchange(&asking(2), chat(&json!({})), [calls(WRONG, 1), calls("[", 2), calls(WRONG, 4)]).await;
    assert_eq!((got.status, got.code().as_str(), got.told()), (502, "invalid_tool_call", "reasked=2,invalid=1"));
    let lengths: Vec<_> = seen.iter().map(|seen| seen.json()["messages"].as_array().unwrap().len()).collect();
    assert_eq!(lengths, [1, 3, 5]);
    let (_, got) = exchange(&reporting(), chat(&json!({})), [calls(WRONG, 1), calls("[", 2)]).await;
    assert_eq!((got.status, got.told()), (200, "reasked=1,invalid=1"));
    assert_eq!(got.json()["usage"]["prompt_tokens"], 3);
    assert_eq!(got.json()["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"], "[");
}

#[tokio::test]
async fn what_need_not_be_asked_is_not() {
    let layer = ValidateLayer::default().tool("get_weather", Policy::new().max_reasks(3));
    let (seen, got) = exchange(&layer, chat(&json!({})), [calls("{'city':'Paris'}", 1)]).await;
    assert_eq!((seen.len(), got.told()), (1, "repaired=1"));
    // Of several choices none is the conversation.
    let (seen, got) = exchange(&layer, chat(&json!({"n": 2})), [calls(WRONG, 1), calls(RIGHT, 1)]).await;
    assert_eq!((seen.len(), got.status), (1, 502));
    let (seen, _) = exchange(&ValidateLayer::default(), chat(&json!({})), [calls(WRONG, 1), calls(RIGHT, 1)]).await;
    assert_eq!(seen.len(), 1, "not by default");
}

#[tokio::test]
async fn without_a_second_answer_the_first_one_counts() {
    let failures = || {
        let failed = http::Response::builder().status(429).body(r#"{"error":{}}"#.into()).unwrap();
        let broken = raw_stream("data: {}\n\n".to_owned());
        [failed, plain("[]"), plain(r#"{"error":{"message":"no"}}"#), broken]
    };
    for second in failures() {
        let (seen, got) = exchange(&asking(1), chat(&json!({})), [calls(WRONG, 9), second]).await;
        assert_eq!((seen.len(), got.status, got.told()), (2, 502, "invalid=1"));
    }
    for second in failures() {
        let (seen, got) = exchange(&reporting(), chat(&json!({})), [calls(WRONG, 9), second]).await;
        assert_eq!((seen.len(), got.status, got.told()), (2, 200, "invalid=1"));
        assert_eq!(got.body, calls_text(WRONG, 9), "as it came");
    }
}

#[tokio::test]
async fn the_report_names_who_gave_the_answer_that_counts() {
    let by = |name: &'static str, mut answer: http::Response<llm_layers_core::Body>| {
        answer.extensions_mut().insert(Deployment::new(name, "p", "m"));
        answer
    };
    let failed = plain(r#"{"error":{"message":"no"}}"#);
    for (second, expected) in [(calls(RIGHT, 1), "second"), (failed, "first")] {
        let answers = [by("first", calls(WRONG, 1)), by("second", second)];
        let (_, got) = exchange(&asking(1), chat(&json!({})), answers).await;
        let report = got.extensions.get::<Report>().unwrap();
        assert_eq!(report.deployment.as_ref().unwrap().name(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_is_asked_beyond_the_deadline() {
    let request = |time| {
        let mut request = chat(&json!({}));
        request.extensions_mut().insert(Deadline::after(time));
        request
    };
    for (time, asked) in [(Duration::ZERO, 1), (Duration::from_secs(60), 2)] {
        let (seen, _) = exchange(&asking(1), request(time), [calls(WRONG, 9), calls(RIGHT, 9)]).await;
        assert_eq!(seen.len(), asked);
    }
}

#[tokio::test]
async fn messages_and_responses_are_asked_for_again() {
    let of_message = |input: &str, tokens: u64| {
        plain(format!(
            r#"{{"type":"message","content":[{{"type":"tool_use","id":"toolu_1","name":"get_weather","input":{input}}}],"stop_reason":"tool_use","usage":{{"input_tokens":{tokens},"output_tokens":1}}}}"#
        ))
    };
    let (seen, got) = exchange(&asking(1), message(&json!({})), [of_message(WRONG, 2), of_message(RIGHT, 5)]).await;
    assert_eq!((got.told(), &got.json()["usage"]), ("reasked=1", &json!({"input_tokens": 7, "output_tokens": 2})));
    let told = seen[1].json()["messages"][2]["content"][0].take();
    assert_eq!((&told["type"], &told["is_error"]), (&json!("tool_result"), &json!(true)));

    let of_response = |arguments: &str| {
        let item = json!({"type": "function_call", "id": "fc", "call_id": "call_1", "name": "get_weather", "arguments": arguments});
        plain(json!({"object": "response", "status": "completed", "output": [item]}).to_string())
    };
    let (seen, got) = exchange(&asking(1), response(&json!({})), [of_response(WRONG), of_response(RIGHT)]).await;
    assert_eq!((got.told(), got.json()["usage"].take()), ("reasked=1", Value::Null));
    assert_eq!(seen[1].json()["input"][2]["type"], "function_call_output");
}

#[tokio::test]
async fn a_stream_is_asked_for_again_before_anything_of_it_is_seen() {
    let answers = [stream(&streamed_calls(WRONG, 9)), stream(&streamed_calls(RIGHT, 20))];
    let (seen, got) = exchange(&asking(1), streamed(&json!({})), answers).await;
    assert_eq!((got.status, seen.len()), (200, 2));
    let events: Vec<Value> = got
        .body
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .filter(|data| *data != "[DONE]")
        .map(|data| serde_json::from_str(data).unwrap())
        .collect();
    let arguments: String = events
        .iter()
        .filter_map(|event| {
            event.pointer("/choices/0/delta/tool_calls/0/function/arguments")?.as_str().map(str::to_owned)
        })
        .collect();
    assert_eq!(arguments, RIGHT);
    let usage = events.iter().find_map(|event| event.get("usage").filter(|usage| usage.is_object())).unwrap();
    assert_eq!(*usage, json!({"prompt_tokens": 29, "completion_tokens": 2, "total_tokens": 31}));
    assert!(got.body.ends_with("data: [DONE]\n\n"), "{}", got.body);
    assert_eq!(got.body.matches("\"role\"").count(), 1, "the first greeting was not let go");
    assert_eq!(seen[1].json()["messages"][1]["tool_calls"][0]["function"]["arguments"], WRONG);
}

#[tokio::test]
async fn the_first_stream_is_let_come_to_its_end() {
    let ends = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let heard = |ends: &std::sync::Arc<std::sync::Mutex<Vec<End>>>| {
        let ends = std::sync::Arc::clone(ends);
        move |end| ends.lock().unwrap().push(end)
    };
    let first = stream(&streamed_calls(WRONG, 9)).map(|body| body.on_end(heard(&ends)));
    let second = stream(&streamed_calls(RIGHT, 9)).map(|body| body.on_end(heard(&ends)));
    exchange(&asking(1), streamed(&json!({})), [first, second]).await;
    assert_eq!(
        *ends.lock().unwrap(),
        [End::Complete, End::Complete],
        "nobody below may think that the client has gone"
    );
}

#[tokio::test]
async fn without_a_second_stream_the_first_one_counts() {
    let failures = || {
        let failed = http::Response::builder().status(429).body(r#"{"error":{}}"#.into()).unwrap();
        let error =
            raw_stream("data: {\"error\":{\"message\":\"overloaded\",\"type\":\"server_error\"}}\n\n".to_owned());
        [failed, error, calls(RIGHT, 1)]
    };
    for second in failures() {
        let answers = [stream(&streamed_calls(WRONG, 9)), second];
        let (seen, got) = exchange(&asking(1), streamed(&json!({})), answers).await;
        assert_eq!(seen.len(), 2);
        assert!(got.body.contains("invalid_tool_call") && !got.body.contains("[DONE]"), "{}", got.body);
        assert!(!got.body.contains("tool_calls\":[{"), "nothing of the call was seen: {}", got.body);
    }
    for second in failures() {
        let answers = [stream(&streamed_calls(WRONG, 9)), second];
        let (seen, got) = exchange(&reporting(), streamed(&json!({})), answers).await;
        assert_eq!(seen.len(), 2);
        let mark = ": x-llm-tool-calls: invalid=1\n";
        assert!(got.body.contains(mark), "{}", got.body);
        let expected = stream(&streamed_calls(WRONG, 9)).into_body().bytes(9999).await.unwrap();
        let events =
            |text: &str| text.lines().filter(|line| line.starts_with("data:")).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(events(&got.body), events(std::str::from_utf8(&expected).unwrap()), "as they came");
    }
}

#[tokio::test]
async fn a_stream_is_over_after_the_last_time() {
    let heard = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let layer = {
        let heard = std::sync::Arc::clone(&heard);
        asking(2).audit(move |report| heard.lock().unwrap().push((report.reasks, report.calls, report.invalid)))
    };
    let wrong = || stream(&streamed_calls(WRONG, 9));
    let (seen, got) = exchange(&layer, streamed(&json!({})), [wrong(), wrong(), wrong()]).await;
    assert_eq!(seen.len(), 3);
    assert!(got.body.contains("invalid_tool_call") && !got.body.contains("[DONE]"), "{}", got.body);
    assert_eq!(*heard.lock().unwrap(), [(2, 1, 1)], "told once, at the end");
}
