//! Every fault, shown to happen.

use http_body_util::BodyExt;
use llm_layers_sim::{Fault, Sim, SimHandle};
use serde_json::{Value, json};

use crate::common::{
    self, Answer, ask, ask_with, chat, client, content, h2_client, message, request, send, soon, streamed, with,
};

async fn start() -> SimHandle {
    Sim::openai().start().await.unwrap()
}

fn talk() -> Value {
    streamed(chat("sim:say one two three four five six seven eight"))
}

fn tool() -> Value {
    streamed(chat("sim:tool f {\"a\":\"some longer text\"}"))
}

fn tool_deltas(answer: &Answer) -> Vec<Value> {
    let events = answer.events();
    events.iter().filter_map(|event| event["choices"][0]["delta"]["tool_calls"].get(0).cloned()).collect()
}

#[tokio::test]
async fn statuses_carry_the_provider_s_own_errors() {
    let sim = start().await;
    for (spec, kind, code) in [
        ("status=400", "invalid_request_error", json!("invalid_value")),
        ("status=401", "invalid_request_error", json!("invalid_api_key")),
        ("status=403", "request_forbidden", json!("unsupported_country_region_territory")),
        ("status=404", "invalid_request_error", json!("model_not_found")),
        ("status=409", "conflict", json!(null)),
        ("status=413", "invalid_request_error", json!("request_too_large")),
        ("status=422", "invalid_request_error", json!(null)),
        ("status=429", "requests", json!("rate_limit_exceeded")),
        ("status=500", "server_error", json!(null)),
        ("status=502", "cf_bad_gateway", json!(502)),
        ("status=503", "service_unavailable_error", json!("server_is_overloaded")),
    ] {
        let answer = ask_with(&sim, spec, &talk()).await;
        assert_eq!(format!("status={}", answer.status.as_u16()), spec);
        let error = answer.json()["error"].clone();
        assert_eq!((&error["type"], &error["code"]), (&json!(kind), &code));
    }
    let limited = ask_with(&sim, "status=429;retry-after=2;retry-after-ms=1900;should-retry=false", &talk()).await;
    assert_eq!((limited.header("retry-after"), limited.header("retry-after-ms")), ("2", "1900"));
    assert_eq!((limited.header("x-should-retry"), limited.header("x-ratelimit-remaining-requests")), ("false", "0"));
    let quota = ask_with(&sim, "insufficient-quota", &talk()).await;
    assert_eq!((quota.status.as_u16(), &quota.json()["error"]["code"]), (429, &json!("insufficient_quota")));
    assert_eq!(quota.header("retry-after"), "");
}

#[tokio::test]
async fn anthropic_s_statuses() {
    let sim = Sim::anthropic().start().await.unwrap();
    for (status, kind) in [
        ("400", "invalid_request_error"),
        ("401", "authentication_error"),
        ("402", "billing_error"),
        ("403", "permission_error"),
        ("404", "not_found_error"),
        ("413", "request_too_large"),
        ("429", "rate_limit_error"),
        ("500", "api_error"),
        ("504", "timeout_error"),
        ("529", "overloaded_error"),
    ] {
        let answer = send(&sim, &message("x"), &[("x-sim-fault", &format!("status={status};retry-after=3"))]).await;
        assert_eq!((answer.status.as_str(), answer.header("retry-after")), (status, "3"));
        assert_eq!(answer.json()["error"]["type"], kind);
    }
    let spent = send(&sim, &message("x"), &[("x-sim-fault", "insufficient-quota")]).await;
    assert_eq!(spent.json()["error"]["details"]["error_code"], "enforced_spend_limit_reached");
    let events = send(&sim, &streamed(message("a b c")), &[("x-sim-fault", "error-in-stream=3")]).await.events();
    assert_eq!((events.len(), &events[3]["error"]["type"]), (4, &json!("overloaded_error")));
    let events = send(&sim, &streamed(message("a b c")), &[("x-sim-fault", "no-done;no-usage")]).await.events();
    assert!(events.iter().all(|event| event["type"] != "message_stop" && event.get("usage").is_none()));
}

#[tokio::test]
async fn a_fault_may_come_from_the_model_the_header_or_the_handle() {
    let sim = start().await;
    let by_model = |model: &str| with(chat("x"), "model", json!(model));
    assert_eq!(ask(&sim, &by_model("fault-503"), &[]).await.status, 503);
    let limited = ask(&sim, &by_model("fault-429+retry-after-7"), &[]).await;
    assert_eq!((limited.status.as_u16(), limited.header("retry-after")), (429, "7"));
    let unknown = ask(&sim, &by_model("fault-wibble"), &[]).await;
    assert_eq!((unknown.status.as_u16(), &unknown.json()["error"]["code"]), (400, &json!("sim_unknown_fault")));
    assert_eq!(ask_with(&sim, "?", &chat("x")).await.status, 400);

    sim.fail_next(2, Fault::status(500));
    sim.fail_next(1, "html".parse().unwrap());
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(ask(&sim, &chat("x"), &[]).await.status.as_u16());
    }
    assert_eq!(seen, [500, 500, 502, 200]);
    sim.fail_next(1, Fault::status(500));
    sim.disarm();
    assert_eq!(ask(&sim, &chat("x"), &[]).await.status, 200);
}

#[tokio::test]
async fn resets_come_before_the_answer_and_within() {
    let sim = start().await;
    let url = format!("{}/chat/completions", sim.base_url());
    for http in [client(), h2_client()] {
        let body = talk().to_string();
        let before = request(&url, body.as_bytes(), &[("x-sim-fault", "reset")]);
        assert!(soon(http.request(before)).await.is_err());
        let within = request(&url, body.as_bytes(), &[("x-sim-fault", "reset-after=3")]);
        let answer = soon(async { common::finish(http.request(within).await.unwrap()).await }).await;
        assert!(answer.broken);
        assert_eq!(answer.events().len(), 3);
    }
    let plain = ask_with(&sim, "reset-after=10", &chat("x")).await;
    assert!(plain.broken);
    assert_eq!(plain.frames.concat().len(), 10);
    assert_eq!(soon(sim.idle()).await.cancelled, 0, "the provider broke off, not the client");
}

#[tokio::test]
async fn the_reset_is_a_reset() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let sim = start().await;
    let mut socket = tokio::net::TcpStream::connect(sim.addr()).await.unwrap();
    let body = talk().to_string();
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nx-sim-fault: reset\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    socket.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    let error = soon(socket.read(&mut [0; 64])).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn hanging_and_stalling_end_by_the_client() {
    let sim = start().await;
    let url = format!("{}/chat/completions", sim.base_url());
    for (round, http) in [client(), h2_client()].into_iter().enumerate() {
        let before = sim.counts();
        let body = talk().to_string();
        let hanging = http.request(request(&url, body.as_bytes(), &[("x-sim-fault", "hang")]));
        tokio::select! {
            _ = hanging => panic!("answered"),
            _ = soon(sim.wait_for(|counts| counts.requests > before.requests)) => {}
        }
        let cancelled = before.cancelled + 1;
        soon(sim.wait_for(|counts| counts.cancelled == cancelled)).await;

        let stalling = request(&url, body.as_bytes(), &[("x-sim-fault", "stall=2")]);
        let mut body = soon(http.request(stalling)).await.unwrap().into_body();
        let mut got = Vec::new();
        while String::from_utf8_lossy(&got).matches("data: ").count() < 2 {
            got.extend(soon(body.frame()).await.unwrap().unwrap().into_data().unwrap());
        }
        assert_eq!(sim.counts().in_flight, 1, "round {round}");
        drop(body);
        soon(sim.wait_for(|counts| counts.cancelled == cancelled + 1)).await;
    }
    assert_eq!(sim.counts().completed, 0);
}

#[tokio::test]
async fn ends_that_are_wrong() {
    let sim = start().await;
    let cut = ask_with(&sim, "cut=3", &talk()).await;
    assert_eq!((cut.events().len(), cut.broken), (3, false));
    let cut = ask_with(&sim, "cut=20", &chat("x")).await;
    assert_eq!((cut.frames.concat().len(), cut.broken), (20, false));
    let events = ask_with(&sim, "no-done", &talk()).await.events();
    assert_eq!(events.last().unwrap()["choices"][0]["finish_reason"], "stop");
    let events = ask_with(&sim, "error-in-stream=2", &talk()).await.events();
    assert_eq!((events.len(), &events[2]["error"]["type"]), (3, &json!("server_error")));
    let plain = ask_with(&sim, "error-in-stream=0", &chat("x")).await;
    assert_eq!((plain.status.as_u16(), &plain.json()["error"]["type"]), (200, &json!("server_error")));
    for body in [talk(), chat("x")] {
        let empty = ask_with(&sim, "empty", &body).await;
        assert_eq!((empty.status.as_u16(), empty.text().as_str(), empty.broken), (200, "", false));
    }
    let html = ask_with(&sim, "html", &talk()).await;
    assert_eq!((html.status.as_u16(), html.header("content-type")), (502, "text/html; charset=UTF-8"));
    assert!(html.text().contains("<h1>502 Bad Gateway</h1>"));
}

#[tokio::test]
async fn words_that_are_wrong() {
    let sim = start().await;
    let garbage = ask_with(&sim, "garbage", &talk()).await.events();
    assert!(garbage.contains(&json!("<<< this is not JSON >>>")));
    assert_eq!(content(&garbage), "one two three four five six seven eight");
    let invalid = ask_with(&sim, "invalid-json", &talk()).await.events();
    assert_eq!(invalid.iter().filter(|event| event.is_string()).count(), 2, "the broken one and [DONE]");
    for spec in ["garbage", "invalid-json"] {
        let plain = ask_with(&sim, spec, &chat("x")).await;
        assert!(serde_json::from_str::<Value>(&plain.text()).is_err());
        assert!(!plain.broken);
    }
    let events = ask_with(&sim, "no-role", &talk()).await.events();
    assert!(events.iter().all(|event| event["choices"][0]["delta"].get("role").is_none()));
    let events = ask_with(&sim, "no-finish-key", &talk()).await.events();
    let keys = events.iter().filter(|event| event["choices"][0].get("finish_reason").is_some()).count();
    assert_eq!(keys, 1);
    let usage = with(talk(), "stream_options", json!({"include_usage": true}));
    let events = ask_with(&sim, "no-usage", &usage).await.events();
    assert!(events.iter().all(|event| event.get("usage").is_none()));
    assert!(ask_with(&sim, "no-usage", &chat("x")).await.json().get("usage").is_none());
    let events = ask_with(&sim, "usage-in-last", &usage).await.events();
    let last = &events[events.len() - 2];
    assert_eq!(
        (&last["choices"][0]["finish_reason"], &last["usage"]["completion_tokens"]),
        (&json!("stop"), &json!(8))
    );
}

#[tokio::test]
async fn tool_calls_that_are_wrong() {
    let sim = start().await;
    let deltas = tool_deltas(&ask_with(&sim, "repeat-tool-id", &tool()).await);
    assert!(deltas.len() > 2);
    assert!(deltas.iter().all(|delta| delta["id"] == deltas[0]["id"] && delta["function"]["name"] == "f"));
    let deltas = tool_deltas(&ask_with(&sim, "tool-index-from-1", &tool()).await);
    assert!(deltas.iter().all(|delta| delta["index"] == 1));
    let deltas = tool_deltas(&ask_with(&sim, "no-tool-index", &tool()).await);
    assert!(deltas.iter().all(|delta| delta.get("index").is_none()));
}

#[tokio::test]
async fn framings_that_are_odd_and_legal() {
    let sim = start().await;
    let body = streamed(chat("sim:say héllo 🌍 wörld"));
    let expected = ask(&sim, &body, &[]).await.events();
    for spec in ["tear", "crlf", "bom", "comments", "tear;crlf;bom;comments", "pace=0", "slow=1"] {
        let answer = ask_with(&sim, spec, &body).await;
        assert_eq!(answer.events(), expected, "{spec}");
        let text = answer.text();
        assert_eq!(text.contains("\r\n\r\n"), spec.contains("crlf"), "{spec}");
        assert_eq!(text.starts_with('\u{feff}'), spec.contains("bom"), "{spec}");
        assert_eq!(text.contains(": keep-alive"), spec.contains("comments"), "{spec}");
        if spec.contains("tear") {
            assert!(answer.frames.iter().all(|frame| frame.len() <= 7));
            assert!(answer.frames.iter().any(|frame| std::str::from_utf8(frame).is_err()));
        }
    }
    let plain = ask_with(&sim, "tear", &chat("sim:say héllo 🌍")).await;
    assert_eq!(plain.json()["choices"][0]["message"]["content"], "héllo 🌍");
}
