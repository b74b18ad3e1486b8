//! Providers that go wrong, in front of them the proxy: what a client sees of it.

use std::time::Duration;

use http_body_util::BodyExt;
use llm_layers_tests::Stage;
use serde_json::{Value, json};

use crate::wire_support::{Client, ask, check};

const TEXT: &str = "sim:say Every word of it, häppchenweise, is here.";
const SAID: &str = "Every word of it, häppchenweise, is here.";

fn tools() -> Value {
    let mut body =
        ask("small", "sim:tool add {\"a\":1,\"b\":[2,3]}\nsim:tool sub {\"long\":\"enough for fragments\"}", true);
    let tool = |name| json!({"type": "function", "function": {"name": name, "parameters": {"type": "object"}}});
    body["tools"] = json!([tool("add"), tool("sub")]);
    body
}

fn with_usage(mut body: Value) -> Value {
    body["stream_options"] = json!({"include_usage": true});
    body
}

/// What the provider says, and what the client is told: status, type, code; `None` where it may leave as it came.
#[tokio::test(flavor = "multi_thread")]
async fn statuses_of_an_openai_provider() {
    let stage = Stage::start().await;
    let client = Client::new(stage.addr());
    let invalid = "invalid_request_error";
    for (upstream, status, kind, code) in [
        (400, 400, invalid, Some("invalid_value")),
        (401, 401, invalid, Some("invalid_api_key")),
        (402, 429, "insufficient_quota", Some("insufficient_quota")),
        (403, 403, "request_forbidden", Some("unsupported_country_region_territory")),
        (404, 404, invalid, Some("model_not_found")),
        (408, 504, "timeout_error", Some("upstream_timeout")),
        (409, 409, "conflict", None),
        (413, 413, invalid, Some("request_too_large")),
        (422, 400, invalid, None),
        (429, 429, "requests", Some("rate_limit_exceeded")),
        (500, 502, "api_error", Some("upstream_error")),
        // The CDN's own type is kept, its number of a code is not.
        (502, 502, "cf_bad_gateway", Some("upstream_error")),
        (503, 503, "service_unavailable_error", Some("server_is_overloaded")),
        (504, 504, "cf_gateway_timeout", Some("upstream_timeout")),
        (520, 502, "api_error", Some("upstream_error")),
        (529, 503, "service_unavailable_error", Some("server_is_overloaded")),
    ] {
        for stream in [false, true] {
            let answer = client.fault(&format!("status={upstream}"), &ask("small", TEXT, stream)).await;
            let error = answer.error(status);
            assert_eq!(error["type"], kind, "{upstream}: {error}");
            assert_eq!(error["code"].as_str(), code, "{upstream}: {error}");
            // An error in OpenAI's own shape and under a status of its own leaves as it came.
            let rewritten = upstream != status || [502, 504].contains(&upstream);
            assert_eq!(error["provider"] == "openai", rewritten, "{upstream}: {error}");
            assert_eq!(error["upstream_status"] == upstream, rewritten, "{upstream}: {error}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn statuses_of_anthropic() {
    let stage = Stage::start().await;
    let client = Client::new(stage.addr());
    let invalid = "invalid_request_error";
    for (upstream, status, kind, code) in [
        (400, 400, invalid, None),
        (401, 401, "authentication_error", Some("invalid_api_key")),
        (402, 429, "insufficient_quota", Some("insufficient_quota")),
        (403, 403, "permission_error", None),
        (404, 404, invalid, Some("model_not_found")),
        (408, 504, "timeout_error", Some("upstream_timeout")),
        (409, 409, "conflict_error", None),
        (413, 413, invalid, Some("request_too_large")),
        (422, 400, invalid, None),
        (429, 429, "rate_limit_error", Some("rate_limit_exceeded")),
        (500, 502, "api_error", Some("upstream_error")),
        (502, 502, "api_error", Some("upstream_error")),
        (503, 503, "service_unavailable_error", Some("server_is_overloaded")),
        (504, 504, "timeout_error", Some("upstream_timeout")),
        (529, 503, "service_unavailable_error", Some("server_is_overloaded")),
    ] {
        for stream in [false, true] {
            let answer = client.fault(&format!("status={upstream}"), &ask("claude", TEXT, stream)).await;
            let error = answer.error(status);
            assert_eq!((&error["type"], error["code"].as_str()), (&json!(kind), code), "{upstream}: {error}");
            assert_eq!(error["provider"], "anthropic", "{error}");
            assert_eq!(error["upstream_status"], upstream, "{error}");
            assert!(answer.header("x-llm-layers-upstream-request-id").is_some(), "{upstream}: {answer:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn advice_on_trying_again_is_kept() {
    let stage = Stage::start().await;
    let client = Client::new(stage.addr());
    for model in ["small", "claude"] {
        for status in [429, 503, 529] {
            let spec = format!("status={status};retry-after=7;retry-after-ms=6500;should-retry=false");
            let answer = client.fault(&spec, &ask(model, TEXT, false)).await;
            answer.error(if status == 529 { 503 } else { status });
            let advice = ["retry-after", "retry-after-ms", "x-should-retry"].map(|name| answer.header(name));
            assert_eq!(advice, [Some("7"), Some("6500"), Some("false")], "{model} {status}");
        }
        let answer = client.fault("insufficient-quota", &ask(model, TEXT, true)).await;
        let error = answer.error(429);
        assert_eq!([&error["type"], &error["code"]], ["insufficient_quota"; 2], "{model}: {error}");
        assert_eq!(answer.header("retry-after"), None, "{model}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_answer_is_a_502() {
    let stage = Stage::start().await;
    let client = Client::new(stage.addr());
    for model in ["small", "claude"] {
        for stream in [false, true] {
            let code = async |spec| {
                let error = client.fault(spec, &ask(model, TEXT, stream)).await.error(502);
                assert_eq!(error["type"], "api_error", "{error}");
                error["code"].as_str().expect("a code").to_owned()
            };
            assert_eq!(code("html").await, "upstream_error", "{model}");
            assert_eq!(code("reset").await, "upstream_error", "{model}");
            if stream {
                assert_eq!(code("empty").await, "upstream_incomplete_stream", "{model}");
                assert_eq!(code("cut=0").await, "upstream_incomplete_stream", "{model}");
                // The head of a stream that says nothing and breaks off is not committed to yet.
                assert_eq!(code("reset-after=1").await, "upstream_incomplete_stream", "{model}");
            }
        }
    }
    // Whole answers of another dialect are read, and judged.
    for spec in ["empty", "garbage", "invalid-json"] {
        let error = client.fault(spec, &ask("claude", TEXT, false)).await.error(502);
        assert_eq!(error["code"], "upstream_protocol_error", "{spec}: {error}");
    }
    // Nothing of that harmed the server.
    assert_eq!(client.chat(&ask("small", TEXT, false), &[]).await.json()["choices"][0]["message"]["content"], SAID);
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_stream_ends_with_an_error_and_no_done() {
    let stage = Stage::start().await;
    let client = Client::new(stage.addr());
    for (model, at) in [("small", 4), ("claude", 6)] {
        for spec in [format!("cut={at}"), format!("reset-after={at}")] {
            let answer = client.fault(&spec, &ask(model, "sim:words 30", true)).await;
            let (chunks, error) = answer.stream_error();
            assert!(!chunks.is_empty(), "{model} {spec}");
            assert_eq!(error["code"], "upstream_incomplete_stream", "{model} {spec}: {error}");
            assert_eq!(error["provider"], model.replace("small", "openai").replace("claude", "anthropic"), "{error}");
            // What was said before keeps the rules; no end is made up.
            let finished = |chunk: &Value| chunk["choices"][0]["finish_reason"].is_string();
            assert!(!chunks.iter().any(finished), "{model} {spec}: {chunks:?}");
            assert_eq!(chunks[0]["choices"][0]["delta"]["role"], "assistant");
        }
        for spec in ["garbage", "invalid-json"] {
            let answer = client.fault(spec, &ask(model, "sim:words 30", true)).await;
            let (_, error) = answer.stream_error();
            assert_eq!(error["code"], "upstream_protocol_error", "{model} {spec}: {error}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_in_a_stream_has_a_status_while_it_can() {
    let stage = Stage::start().await;
    let client = Client::new(stage.addr());
    for (model, at, status, code) in [("small", 3, 502, "upstream_error"), ("claude", 5, 503, "server_is_overloaded")] {
        let early = client.fault("error-in-stream=0", &ask(model, TEXT, true)).await.error(status);
        assert_eq!(early["code"], code, "{model}");
        // The role alone commits to nothing.
        let role = client.fault("error-in-stream=1", &ask(model, TEXT, true)).await.error(status);
        assert_eq!(role["code"], code, "{model}");
        let answer = client.fault(&format!("error-in-stream={at}"), &ask(model, TEXT, true)).await;
        let (chunks, late) = answer.stream_error();
        assert!(chunks.len() >= 2, "{model}: {chunks:?}");
        assert_eq!(late, early, "{model}");
    }
    // Under a whole answer's 200 a provider of another dialect may report one, too.
    client.fault("error-in-stream=0", &ask("claude", TEXT, false)).await.error(503);
}

/// Every oddity that can be put right is, in streams of text and of tools, with usage and without.
#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_put_right_is() {
    let stage = Stage::start().await;
    let client = Client::new(stage.addr());
    let faults = [
        "pace=0",
        "no-done",
        "no-role",
        "no-finish-key",
        "repeat-tool-id",
        "tool-index-from-1",
        "no-tool-index",
        "crlf",
        "bom",
        "comments",
        "tear",
        "tear;crlf;bom;comments",
        "no-done;no-role;no-finish-key;tear",
        "no-role;no-finish-key;repeat-tool-id;tool-index-from-1;crlf",
        "repeat-tool-id;no-tool-index",
    ];
    for (usage, spec) in faults.iter().flat_map(|spec| [(false, spec), (true, spec)]) {
        let usual = |body: Value| if usage { with_usage(body) } else { body };
        let answer = client.fault(spec, &usual(ask("small", TEXT, true))).await;
        assert_eq!(answer.header("content-type"), Some("text/event-stream; charset=utf-8"), "{spec}");
        println!("{spec}, usage {usage}");
        let said = check(&answer.body, usage);
        assert_eq!((said.choices[0].text.as_str(), said.choices[0].finish.as_deref()), (SAID, Some("stop")), "{spec}");

        let answer = client.fault(spec, &usual(tools())).await;
        let said = check(&answer.body, usage);
        let calls: Vec<_> =
            said.choices[0].calls.iter().map(|(_, name, json)| (name.as_str(), json.as_str())).collect();
        assert_eq!(calls, [("add", "{\"a\":1,\"b\":[2,3]}"), ("sub", "{\"long\":\"enough for fragments\"}")], "{spec}");
        assert_ne!(said.choices[0].calls[0].0, said.choices[0].calls[1].0, "{spec}");
        assert_eq!(said.choices[0].finish.as_deref(), Some("tool_calls"), "{spec}");
    }
    let mut two = with_usage(ask("small", TEXT, true));
    two["n"] = json!(2);
    for spec in ["pace=0", "no-role;no-done;no-finish-key", "usage-in-last"] {
        let said = check(&client.fault(spec, &two).await.body, true);
        assert_eq!(said.choices.len(), 2, "{spec}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn usage_is_where_it_belongs() {
    let stage = Stage::start().await;
    let client = Client::new(stage.addr());
    let right = check(&client.chat(&with_usage(ask("small", TEXT, true)), &[]).await.body, true).usage;
    let moved = client.fault("usage-in-last", &with_usage(ask("small", TEXT, true))).await;
    assert_eq!(check(&moved.body, true).usage, right);
    // Not asked for, and sent all the same.
    let unasked = client.fault("usage-in-last", &ask("small", TEXT, true)).await;
    check(&unasked.body, false);
    // None is made up.
    let none = client.fault("no-usage", &with_usage(ask("small", TEXT, true))).await;
    assert!(none.text().ends_with("data: [DONE]\n\n"));
    assert!(!none.text().contains("prompt_tokens"));
}

#[tokio::test(flavor = "multi_thread")]
async fn claude_streams_as_openai_does() {
    let stage = Stage::start().await;
    let client = Client::new(stage.addr());
    for spec in ["pace=0", "crlf", "bom", "comments", "tear", "tear;crlf;comments"] {
        for usage in [false, true] {
            let usual = |mut body: Value| {
                body["model"] = json!("claude");
                if usage { with_usage(body) } else { body }
            };
            let said = check(&client.fault(spec, &usual(ask("claude", TEXT, true))).await.body, usage);
            assert_eq!(said.choices[0].text, SAID, "{spec}");
            let said = check(&client.fault(spec, &usual(tools())).await.body, usage);
            let calls: Vec<_> =
                said.choices[0].calls.iter().map(|(_, name, json)| (name.as_str(), json.as_str())).collect();
            assert_eq!(calls, [("add", "{\"a\":1,\"b\":[2,3]}"), ("sub", "{\"long\":\"enough for fragments\"}")]);
            assert_eq!(said.choices[0].finish.as_deref(), Some("tool_calls"));
        }
    }
    // The reason of the end was told, and only the farewell is missing.
    assert_eq!(check(&client.fault("no-done", &ask("claude", TEXT, true)).await.body, false).choices[0].text, SAID);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_hangs_up_on_a_stall_is_felt_at_the_provider() {
    let stage = Stage::start().await;
    let client = Client::new(stage.addr());
    for (model, at, sim) in [("small", 3, &stage.openai), ("claude", 5, &stage.anthropic)] {
        let fault = format!("stall={at}");
        let mut response = client.head_of(&ask(model, "sim:words 30", true), &[("x-sim-fault", &fault)]).await;
        // What was said before the silence is not held back.
        let first = response.body_mut().frame().await.unwrap().unwrap().into_data().unwrap();
        assert!(first.starts_with(b"data: "), "{model}: {first:?}");
        assert_eq!(sim.counts().cancelled, 0, "{model}");
        drop(response);
        let net = tokio::time::timeout(Duration::from_secs(10), sim.cancelled()).await;
        assert_eq!(net.expect("the provider feels it").in_flight, 0, "{model}");
    }
}
