//! What is written down, and what clients are told, answer by answer.

use std::time::{Duration, UNIX_EPOCH};

use http::{
    Request, Response, StatusCode,
    header::{CONTENT_LENGTH, CONTENT_TYPE},
};
use llm_layers_accounts::{AccountsLayer, Known, MemoryLedger, Outcome};
use llm_layers_catalogue::ServiceTier;
use llm_layers_core::{
    Alias, Body, BoxError, Clock, Cost, Deployment, Failure, Operation, Rejection, Usage, opening::Opened,
};
use llm_layers_testkit::body::Script;
use rust_decimal::Decimal;
use tower::{Layer, ServiceExt};

use crate::support::{self, chat, cost, events, from, header, json, layer, over, post, send, text, to, usage};

#[tokio::test(start_paused = true)]
async fn an_attempt_is_an_entry() {
    let (layer, entries) = layer();
    let at = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let layer = layer.clock(Clock::starting_at(at));
    let service = over(&layer, |_| {
        let mut response = json(usage(1000, 500));
        response.headers_mut().insert("x-request-id", "req_1".try_into().unwrap());
        response
    });
    let deployment = Deployment::new("eu-small", "p", "small");
    let mut request = to(&deployment, from("team-a", chat("cheap")));
    request.extensions_mut().insert(Alias::new("cheap"));
    let mut response = send(&service, request).await;
    assert_eq!(header(response.headers(), "x-llm-cost-usd"), Some("0.002"));
    assert_eq!(response.extensions().get(), Some(&Cost(Decimal::new(2, 3))));
    assert_eq!(response.extensions().get(), Some(&Usage::new(1000, 500)));
    assert!(response.extensions().get::<Opened>().is_some(), "layers above need not wait again");
    assert_eq!(text(&mut response).await, usage(1000, 500), "not a byte of it has changed");

    let entry = entries.one();
    assert_eq!((entry.caller.as_ref().unwrap().name(), entry.alias.as_ref().unwrap().name()), ("team-a", "cheap"));
    assert_eq!((&entry.deployment, entry.operation), (&deployment, Operation::ChatCompletion));
    assert_eq!((entry.at, entry.day().to_string().as_str()), (at, "2027-01-15"));
    assert_eq!((entry.tokens.input, entry.tokens.output), (Some(1000), Some(500)));
    assert_eq!((cost(&entry).unwrap().as_str(), entry.known), ("0.002", Known::Computed));
    assert_eq!((entry.outcome, entry.status), (Outcome::Complete, Some(200)));
    assert_eq!((entry.service_tier, entry.request_id.as_deref()), (ServiceTier::Standard, Some("req_1")));
    assert_eq!((entry.first_word, entry.took), (Some(Duration::ZERO), Duration::ZERO));
}

/// Requests, answers and what they cost at 10 dollars for a million tokens of input, 50 of output, and other kinds.
#[tokio::test(start_paused = true)]
async fn every_shape_and_kind_is_billed() {
    let cases = [
        ("/v1/chat/completions", r#"{"usage":{"prompt_tokens":1000,"completion_tokens":100}}"#, "0.015"),
        // 600 of 1000 cached, 60 of 100 reasoning: 400*10 + 600*1 + 40*50 + 60*60 millionths.
        (
            "/v1/chat/completions",
            r#"{"usage":{"prompt_tokens":1000,"completion_tokens":100,"prompt_tokens_details":{"cached_tokens":600},
                "completion_tokens_details":{"reasoning_tokens":60}}}"#,
            "0.0102",
        ),
        // 100 audio in, 10 audio out: 900*10 + 100*100 + 90*50 + 10*200.
        (
            "/v1/chat/completions",
            r#"{"usage":{"prompt_tokens":1000,"completion_tokens":100,"prompt_tokens_details":{"audio_tokens":100},
                "completion_tokens_details":{"audio_tokens":10}}}"#,
            "0.0255",
        ),
        ("/v1/completions", r#"{"usage":{"prompt_tokens":10,"completion_tokens":10,"total_tokens":20}}"#, "0.0006"),
        ("/v1/embeddings", r#"{"data":[],"usage":{"prompt_tokens":8,"total_tokens":8}}"#, "0.00008"),
        ("/v1/embeddings", r#"{"data":[],"usage":{"prompt_tokens":8}}"#, "0.00008"),
        (
            "/v1/responses",
            r#"{"object":"response","usage":{"input_tokens":100,"input_tokens_details":{"cached_tokens":50},
                "output_tokens":10,"output_tokens_details":{"reasoning_tokens":10}}}"#,
            "0.00115",
        ),
        // 10*10 + 100*1 + 20*12.5 + 30*20 + 5*50.
        (
            "/v1/messages",
            r#"{"type":"message","usage":{"input_tokens":10,"cache_read_input_tokens":100,
                "cache_creation_input_tokens":50,
                "cache_creation":{"ephemeral_5m_input_tokens":20,"ephemeral_1h_input_tokens":30},"output_tokens":5}}"#,
            "0.0013",
        ),
    ];
    for (path, body, expected) in cases {
        let (layer, entries) = layer();
        let request = post(path, r#"{"model":"kinds","messages":[],"input":"x","prompt":"x"}"#);
        let response = send(&over(&layer, move |_| json(body)), request).await;
        assert_eq!(header(response.headers(), "x-llm-cost-usd"), Some(expected), "{body}");
        let entry = entries.one();
        assert_eq!((cost(&entry).unwrap().as_str(), entry.known), (expected, Known::Computed), "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_tier_is_the_answers_else_the_requests() {
    for (asked, told, tier, expected) in [
        ("", "", ServiceTier::Standard, "0.01"),
        (r#","service_tier":"flex""#, "", ServiceTier::Flex, "0.005"),
        (r#","service_tier":"flex""#, r#","service_tier":"default""#, ServiceTier::Standard, "0.01"),
        (r#","service_tier":"auto""#, r#","service_tier":"flex""#, ServiceTier::Flex, "0.005"),
        (r#","service_tier":"auto""#, r#","service_tier":"what""#, ServiceTier::Standard, "0.01"),
    ] {
        let (layer, entries) = layer();
        let body = format!(r#"{{"usage":{{"prompt_tokens":1000,"completion_tokens":0}}{told}}}"#);
        let request = post("/v1/chat/completions", format!(r#"{{"model":"kinds","messages":[]{asked}}}"#));
        send(&over(&layer, move |_| json(body.clone())), request).await;
        let entry = entries.one();
        assert_eq!((entry.service_tier, cost(&entry).unwrap().as_str()), (tier, expected), "{asked} {told}");
    }
}

#[tokio::test(start_paused = true)]
async fn unknown_prices_are_unknown_and_never_zero() {
    let audio = r#"{"usage":{"prompt_tokens":10,"completion_tokens":1,"prompt_tokens_details":{"audio_tokens":5}}}"#;
    for (model, body, reason) in [
        ("nobody-knows", usage(10, 1), "unknown model"),
        ("priceless", usage(10, 1), "unknown price"),
        ("small", audio.into(), "unknown price of audio_input"),
    ] {
        let (layer, entries) = layer();
        let response = send(&over(&layer, move |_| json(body.clone())), chat(model)).await;
        assert_eq!(header(response.headers(), "x-llm-cost-usd"), None, "{model}");
        assert!(response.extensions().get::<Cost>().is_none() && response.extensions().get::<Usage>().is_some());
        assert_eq!(cost(&entries.one()), Err(reason.to_owned()), "{model}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_provider_says_that_it_costs_counts() {
    let (layer, entries) = layer();
    let body = r#"{"usage":{"prompt_tokens":10,"completion_tokens":1,"cost":1.5e-4}}"#;
    let response = send(&over(&layer, move |_| json(body)), chat("nobody-knows")).await;
    assert_eq!(header(response.headers(), "x-llm-cost-usd"), Some("0.00015"));
    let entry = entries.one();
    assert_eq!((cost(&entry).unwrap().as_str(), entry.known), ("0.00015", Known::Reported));
}

#[tokio::test(start_paused = true)]
async fn answers_that_tell_nothing_are_estimated() {
    let (layer, entries) = layer();
    let body = r#"{"choices":[{"message":{"content":"12345678901234567890"}}]}"#;
    let service = over(&layer, move |_| json(body));
    send(&service, chat("small")).await;
    let entry = entries.one();
    assert_eq!((entry.known, entry.tokens.output), (Known::Estimated, Some(5)), "a token for every four bytes");
    assert!((1..50).contains(&entry.tokens.input.unwrap()), "{entry:?}");

    // Nothing to go by: the request's bound, and none for embeddings.
    let bounded = r#"{"model":"small","messages":[],"max_tokens":77}"#;
    send(&over(&layer, |_| json("{}")), post("/v1/chat/completions", bounded)).await;
    assert_eq!(entries.one().tokens.output, Some(77));
    send(&over(&layer, |_| json("{}")), post("/v1/embeddings", r#"{"model":"embedder","input":"some text"}"#)).await;
    assert_eq!(entries.one().tokens.output, Some(0));
}

#[tokio::test(start_paused = true)]
async fn failures_cost_nothing_unless_they_say_so() {
    let (layer, entries) = layer();
    let failure = |body: &'static str| {
        move |_: Request<Body>| {
            let mut response = json(body);
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            response
        }
    };
    let mut response = send(&over(&layer, failure(r#"{"error":{"message":"m"}}"#)), chat("small")).await;
    assert_eq!((header(response.headers(), "x-llm-cost-usd"), entries.take().len()), (None, 0), "it is not over");
    text(&mut response).await;
    let entry = entries.one();
    assert_eq!((entry.outcome, entry.status, cost(&entry).unwrap().as_str()), (Outcome::Failed, Some(503), "0"));

    let told = r#"{"error":{"message":"m"},"usage":{"prompt_tokens":1000,"completion_tokens":0}}"#;
    text(&mut send(&over(&layer, failure(told)), chat("small")).await).await;
    let entry = entries.one();
    assert_eq!((entry.outcome, cost(&entry).unwrap().as_str()), (Outcome::Failed, "0.001"));

    // An error under a status of success becomes what it is.
    let hidden = send(&over(&layer, |_| json(r#"{"error":{"message":"m","code":503}}"#)), chat("small")).await;
    assert!(!hidden.status().is_success());
    drop(hidden);
    let entry = entries.one();
    assert_eq!((entry.outcome, cost(&entry).unwrap().as_str()), (Outcome::Failed, "0"));

    let broken = tower::service_fn(|_: Request<Body>| async { Err::<Response<Body>, BoxError>("reset".into()) });
    layer.layer(broken).oneshot(chat("small")).await.unwrap_err();
    let entry = entries.one();
    assert_eq!((entry.outcome, entry.status, cost(&entry).unwrap().as_str()), (Outcome::Failed, None, "0"));
}

#[tokio::test(start_paused = true)]
async fn what_asked_no_provider_is_no_attempt() {
    let (layer, entries) = layer();
    let refused = |_: Request<Body>| Failure::not_found("m").with_rejection(Rejection::CircuitOpen).into_response();
    let mut response = send(&over(&layer, refused), chat("small")).await;
    text(&mut response).await;
    send(&over(&layer, |_| json("{}")), Request::get("/v1/models").body(Body::empty()).unwrap()).await;
    send(&over(&layer, |_| json("{}")), post("/v1/files", "{}")).await;
    assert_eq!(entries.take(), []);
}

#[tokio::test(start_paused = true)]
async fn cost_is_put_into_the_answer_when_asked_for() {
    let asking = r#"{"model":"small","messages":[],"usage":{"include":true}}"#;
    for (asked, told) in [
        (asking, true),
        (r#"{"model":"small","messages":[]}"#, false),
        (r#"{"model":"small","messages":[],"usage":{"include":false}}"#, false),
    ] {
        let (layer, _) = layer();
        let service = over(&layer, |request| {
            let sent = sent(&request);
            assert_eq!(sent, r#"{"model":"small","messages":[]}"#, "other providers do not know the member");
            let mut response = json(usage(1000, 0));
            let length = usage(1000, 0).len();
            response.headers_mut().insert(CONTENT_LENGTH, length.into());
            response
        });
        let mut response = send(&service, post("/v1/chat/completions", asked)).await;
        let length: usize = header(response.headers(), "content-length").unwrap().parse().unwrap();
        let body = text(&mut response).await;
        let expected = if told {
            usage(1000, 0).replace("\"total_tokens\":1000", "\"total_tokens\":1000,\"cost\":0.001")
        } else {
            usage(1000, 0)
        };
        assert_eq!((body.as_str(), length), (expected.as_str(), body.len()), "{asked}");
    }
}

/// What a provider gets.
fn sent(request: &Request<Body>) -> String {
    let object = request.body().as_object().unwrap();
    String::from_utf8(object.to_bytes().to_vec()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn openrouter_is_asked_itself_and_its_cost_stays() {
    let (layer, entries) = layer();
    let asking = r#"{"model":"small","messages":[],"usage":{"include":true}}"#;
    let body = r#"{"usage":{"prompt_tokens":1,"completion_tokens":1,"cost":0.5}}"#;
    let service = over(&layer, move |request| {
        assert_eq!(sent(&request), asking);
        json(body)
    });
    let request = to(&Deployment::new("or", "openrouter", "small"), post("/v1/chat/completions", asking));
    assert_eq!(text(&mut send(&service, request).await).await, body);
    assert_eq!(entries.one().known, Known::Reported);
}

/// What a provider says of the cost, and what the client is told then: what is in the ledger.
#[tokio::test(start_paused = true)]
async fn what_is_not_believed_is_not_told() {
    for (model, says, told) in [
        ("small", "1e+28", Some("0.00001")),
        ("small", "-1", Some("0.00001")),
        ("small", "0.5", Some("0.00001")),
        ("small", "null", Some("0.00001")),
        ("priceless", "1e+28", None),
        ("priceless", "-1", None),
        ("priceless", "0.25", Some("0.25")),
    ] {
        let usage = format!(r#""usage":{{"prompt_tokens":10,"completion_tokens":0,"cost":{says}}}"#);
        let (plain, last) = (format!("{{{usage}}}"), format!("data: {{\"choices\":[],{usage}}}\n\n"));
        for streams in [false, true] {
            let (layer, entries) = layer();
            let script = Script::new().data(last.clone()).data("data: [DONE]\n\n");
            let plain = plain.clone();
            let service = over(&layer, move |_| if streams { events(&script) } else { json(plain.clone()) });
            let asking =
                format!(r#"{{"model":"{model}","messages":[],"stream":{streams},"usage":{{"include":true}}}}"#);
            let mut response = send(&service, post("/v1/chat/completions", asking)).await;
            let in_head = header(response.headers(), "x-llm-cost-usd").map(str::to_owned);
            let body = text(&mut response).await;
            let told_in_body = match told {
                Some(told) => body.contains(&format!("\"cost\":{told}}}")),
                None => !body.contains("cost"),
            };
            assert!(told_in_body, "{model} {says}: {body}");
            assert!(streams || in_head.as_deref() == told, "{model} {says}: {in_head:?}");
            assert_eq!(cost(&entries.one()).ok().as_deref(), told, "{model} {says}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn unknown_costs_are_not_put_into_answers() {
    let (layer, _) = layer();
    let asking = r#"{"model":"priceless","messages":[],"usage":{"include":true}}"#;
    let service = over(&layer, |_| json(usage(1, 1)));
    assert_eq!(text(&mut send(&service, post("/v1/chat/completions", asking)).await).await, usage(1, 1));
}

#[tokio::test(start_paused = true)]
async fn what_is_switched_off_is_off() {
    let (layer, entries) = layer();
    let layer = layer.header(false).usage_cost(false).ask_for_usage(false);
    let asking = r#"{"model":"small","messages":[],"usage":{"include":true},"stream":true}"#;
    let service = over(&layer, move |request| {
        assert_eq!(sent(&request), asking);
        json(usage(1000, 0))
    });
    let mut response = send(&service, post("/v1/chat/completions", asking)).await;
    assert_eq!(header(response.headers(), "x-llm-cost-usd"), None);
    assert_eq!(text(&mut response).await, usage(1000, 0));
    assert_eq!(cost(&entries.one()).unwrap(), "0.001");
}

#[tokio::test(start_paused = true)]
async fn nobody_elses_header_gets_through() {
    let (layer, _) = layer();
    let service = over(&layer, |_| {
        let mut response = json(usage(1, 1));
        response.headers_mut().insert("x-llm-cost-usd", "99".try_into().unwrap());
        response
    });
    assert_eq!(header(send(&service, chat("priceless")).await.headers(), "x-llm-cost-usd"), None);
}

#[tokio::test(start_paused = true)]
async fn longer_and_other_answers_are_written_down_at_their_end() {
    let (layer, entries) = layer();
    let padded = format!("{}{}", usage(1000, 0), " ".repeat(1000));
    let layer = layer.max_plain(100);
    let body = padded.clone();
    let mut response = send(&over(&layer, move |_| streamed_json(&body)), chat("small")).await;
    assert_eq!((header(response.headers(), "x-llm-cost-usd"), entries.take().len()), (None, 0));
    assert_eq!(text(&mut response).await, padded);
    assert_eq!(cost(&entries.one()).unwrap(), "0.001");

    for (media_type, encoding) in [("text/plain", ""), ("application/json", "br")] {
        let service = over(&layer, move |_| {
            let response = Response::builder().header(CONTENT_TYPE, media_type);
            let response = if encoding.is_empty() { response } else { response.header("content-encoding", encoding) };
            response.body(Body::from("what it is nobody knows")).unwrap()
        });
        text(&mut send(&service, chat("small")).await).await;
        assert_eq!(entries.one().known, Known::Estimated, "{media_type}");
    }
}

fn streamed_json(body: &str) -> Response<Body> {
    let (begin, end) = body.split_at(body.len() / 2);
    let script = Script::new().data(begin.to_owned()).pending().data(end.to_owned());
    json(Body::new(script.body()))
}

#[tokio::test(start_paused = true)]
async fn requests_that_cannot_be_read() {
    let (layer, entries) = layer();
    let layer = layer.max_request(100);
    let service = over(&layer, |_| json(usage(10, 1)));
    let long = post("/v1/chat/completions", format!(r#"{{"model":"{}"}}"#, "m".repeat(100)));
    let response = send(&service, long).await;
    assert_eq!((response.status().as_u16(), response.extensions().get()), (413, Some(&Rejection::TooLarge)));
    assert_eq!(entries.take(), []);
    // What is no JSON is for others to refuse, and somebody may yet answer it.
    for body in ["{", "[]", "", "null", r#"{"model":7}"#] {
        assert_eq!(send(&service, post("/v1/chat/completions", body)).await.status(), 200);
        let entry = entries.one();
        assert_eq!((entry.deployment.model(), cost(&entry)), ("", Err("unknown model".to_owned())), "{body}");
    }
    let mut encoded = chat("small");
    encoded.headers_mut().insert("content-encoding", "gzip".try_into().unwrap());
    send(&service, to(&Deployment::new("d", "p", "small"), encoded)).await;
    assert_eq!(cost(&entries.one()).unwrap(), "0.000012");
}

#[tokio::test(start_paused = true)]
async fn hostile_usage_neither_panics_nor_earns() {
    let max = u64::MAX;
    for (usage, expected) in [
        // Details beyond their total are cut down to it: 10 cached, none else.
        (
            format!(
                r#"{{"prompt_tokens":10,"completion_tokens":0,"prompt_tokens_details":{{"cached_tokens":{max},"audio_tokens":{max}}}}}"#
            ),
            Some("0.00001"),
        ),
        (r#"{"prompt_tokens":-1,"completion_tokens":"x"}"#.into(), None),
        (format!(r#"{{"prompt_tokens":{max},"completion_tokens":{max}}}"#), None),
        (format!(r#"{{"input_tokens":{max},"cache_read_input_tokens":{max},"output_tokens":{max}}}"#), None),
        (r#"{"prompt_tokens":99999999999999999999999,"completion_tokens":1e400}"#.into(), None),
        (r#"{"prompt_tokens":1,"completion_tokens":0,"cost":-5}"#.into(), Some("0.00001")),
        (r#"{"prompt_tokens":1,"completion_tokens":0,"cost":1e28}"#.into(), Some("0.00001")),
        (r#"{"prompt_tokens":1,"completion_tokens":0,"cost":NaN}"#.into(), None),
    ] {
        let (layer, entries) = layer();
        let body = format!(r#"{{"usage":{usage}}}"#);
        let response = send(&over(&layer, move |_| json(body.clone())), chat("kinds")).await;
        drop(response);
        let cost = cost(&entries.one()).unwrap();
        assert!(!cost.starts_with('-'), "{cost}");
        if let Some(expected) = expected {
            assert_eq!(cost, expected, "{usage}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn two_callers_have_their_own_totals() {
    let ledger = MemoryLedger::new();
    let layer = AccountsLayer::new().provider("p").facts(support::facts()).ledger(ledger.clone());
    let service = over(&layer, |_| json(usage(1000, 500)));
    for (caller, calls) in [("a", 3), ("b", 1)] {
        for _ in 0..calls {
            send(&service, from(caller, chat("small"))).await;
        }
    }
    let of = |caller: &'static str| ledger.totals(move |row| &*row.caller == caller);
    assert_eq!((of("a").calls, of("a").cost.normalize().to_string().as_str()), (3, "0.006"));
    assert_eq!((of("b").calls, of("b").tokens.input, of("b").tokens.output), (1, 1000, 500));
    assert_eq!(ledger.totals(|row| &*row.deployment == "small").calls, 4);
    assert_eq!(ledger.rows().len(), 2);
}
