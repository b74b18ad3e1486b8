//! What callers see, request by request, on a clock that stands still.

use std::time::Duration;

use http::{Request, Response, StatusCode};
use llm_layers_core::{Attempts, Body, BoxError, Deployment, Rejection};
use llm_layers_rate_limit::{Limits, RateLimitLayer, Rule, Tokens};
use tokio::time::advance;
use tower::{Layer, ServiceExt};

use crate::support::{chat, from, header, json, levels, over, send, text, usage};

fn ok(_: Request<Body>) -> Response<Body> {
    Response::new(Body::from("hello"))
}

fn rpm(number: u32) -> Limits {
    Limits::new().requests_per_minute(number)
}

#[tokio::test(start_paused = true)]
async fn requests_are_refused_in_openais_words() {
    let service = over(&RateLimitLayer::new().rule(Rule::per_caller(rpm(3))), ok);
    for remaining in [2, 1, 0] {
        let answer = send(&service, from("team-a", chat(1, 1))).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(levels(&answer, "requests").unwrap().0, 3);
        assert_eq!(levels(&answer, "requests").unwrap().1, remaining);
        assert_eq!(levels(&answer, "tokens"), None, "tokens are not limited");
    }
    let mut refused = send(&service, from("team-a", chat(1, 1))).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.extensions().get(), Some(&Rejection::Limited));
    assert_eq!(header(refused.headers(), "retry-after"), Some("20"));
    assert_eq!(header(refused.headers(), "retry-after-ms"), Some("20000"));
    assert_eq!(levels(&refused, "requests"), Some((3, 0, "1m0s".to_owned())));
    assert_eq!(
        text(&mut refused).await,
        r#"{"error":{"message":"Rate limit reached for caller `team-a` on requests per min (RPM): Limit 3, Used 3, Requested 1. Please try again in 20s.","type":"requests","param":null,"code":"rate_limit_exceeded"}}"#
    );
    assert_eq!(send(&service, from("team-b", chat(1, 1))).await.status(), 200, "another caller");
    assert_eq!(send(&service, chat(1, 1)).await.status(), 200, "one without a name");

    advance(Duration::from_millis(19_999)).await;
    let refused = send(&service, from("team-a", chat(1, 1))).await;
    assert_eq!((refused.status().as_u16(), header(refused.headers(), "retry-after-ms")), (429, Some("1")));
    advance(Duration::from_millis(1)).await;
    assert_eq!(send(&service, from("team-a", chat(1, 1))).await.status(), 200);
    assert_eq!(send(&service, from("team-a", chat(1, 1))).await.status(), 429);
}

#[tokio::test(start_paused = true)]
async fn tokens_are_reserved_and_settled_by_the_usage() {
    let layer = RateLimitLayer::new().rule(Rule::per_caller(Limits::new().tokens_per_minute(6000)));
    // Each answer tells as many tokens as the request's own header says.
    let service = over(&layer, |request| {
        assert_eq!(request.headers()["accept-encoding"], "identity");
        json(usage(request.headers()["x-used"].to_str().unwrap().parse().unwrap()))
    });
    let call = async |prompt, max_tokens, used: u64| {
        let mut request = chat(prompt, max_tokens);
        request.headers_mut().insert("x-used", used.into());
        send(&service, request).await
    };
    let mut answer = call(1000, 3000, 500).await;
    assert_eq!(levels(&answer, "tokens"), Some((6000, 2000, "40s".to_owned())), "4,000 are reserved");
    text(&mut answer).await;
    let mut answer = call(1000, 3000, 5500).await;
    assert_eq!(levels(&answer, "tokens").unwrap().1, 1500, "500 were used");
    text(&mut answer).await;

    // 6,000 used of 6,000.
    let mut refused = call(1, 2000, 0).await;
    assert_eq!(refused.status(), 429);
    assert_eq!(header(refused.headers(), "retry-after"), Some("21"));
    assert_eq!(
        text(&mut refused).await,
        r#"{"error":{"message":"Rate limit reached for callers without a name on tokens per min (TPM): Limit 6000, Used 6000, Requested 2001. Please try again in 20.01s.","type":"tokens","param":null,"code":"rate_limit_exceeded"}}"#
    );
    advance(Duration::from_secs(30)).await;
    let mut answer = call(1000, 1000, 9000).await;
    assert_eq!(levels(&answer, "tokens").unwrap().1, 1000);
    text(&mut answer).await;
    // 6,000 are owed beyond what there was: a minute until the first of them is there again.
    let refused = call(1, 1, 0).await;
    assert_eq!(header(refused.headers(), "retry-after-ms"), Some("60020"));
}

#[tokio::test(start_paused = true)]
async fn what_can_never_fit_is_told_so() {
    let limits = Limits::new().tokens_per_minute(6000).token_burst(1000);
    let service = over(&RateLimitLayer::new().rule(Rule::per_caller(limits)), ok);
    let mut refused = send(&service, from("a", chat(1, 1000))).await;
    assert_eq!(refused.status(), 429);
    assert_eq!(header(refused.headers(), "x-should-retry"), Some("false"));
    assert_eq!(header(refused.headers(), "retry-after"), None);
    assert_eq!(refused.extensions().get(), Some(&Rejection::Limited));
    assert_eq!(
        text(&mut refused).await,
        r#"{"error":{"message":"Request too large for caller `a` on tokens per min (TPM): Limit 6000, at once 1000, Requested 1001. The prompt or the bound of the answer (max_tokens) must be reduced in order to run successfully.","type":"tokens","param":null,"code":"rate_limit_exceeded"}}"#
    );
    assert_eq!(send(&service, from("a", chat(1, 999))).await.status(), 200, "nothing was taken");

    for limits in [rpm(0), Limits::new().tokens_per_minute(0), Limits::new().concurrent(0)] {
        let service = over(&RateLimitLayer::new().rule(Rule::global(limits)), ok);
        let refused = send(&service, chat(0, 0)).await;
        assert_eq!((refused.status().as_u16(), header(refused.headers(), "x-should-retry")), (429, Some("false")));
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_one_rule_refuses_counts_for_none() {
    let both = Limits::new().requests_per_minute(2).tokens_per_minute(6000).concurrent(5);
    let layer = RateLimitLayer::new()
        .rule(Rule::per_caller(both))
        .rule(Rule::per_deployment(rpm(1)))
        .rule(Rule::global(rpm(100)));
    let service = over(&layer, ok);
    let call = async |deployment: &'static str| {
        let mut request = from("a", chat(100, 100));
        request.extensions_mut().insert(Deployment::new(deployment, "p", "m"));
        send(&service, request).await
    };
    let answer = call("one").await;
    assert_eq!(levels(&answer, "requests").unwrap().1, 0, "the strictest of all");
    for _ in 0..20 {
        let mut refused = call("one").await;
        assert!(text(&mut refused).await.contains("for deployment `one` on requests per min (RPM): Limit 1, Used 1"));
    }
    let answer = call("two").await;
    assert_eq!(answer.status(), 200, "the caller's second request, not his twenty-second");
    assert_eq!(levels(&answer, "tokens").unwrap().1, 6000 - 400, "nor its tokens");
    let mut refused = call("three").await;
    assert!(text(&mut refused).await.contains("for caller `a`"));
}

#[tokio::test(start_paused = true)]
async fn a_refused_call_holds_no_place() {
    let limits = Limits::new().requests_per_minute(2).tokens_per_minute(6000).concurrent(1);
    let service = over(&RateLimitLayer::new().rule(Rule::per_caller(limits)), |_| json(usage(0)));
    let status = async |tokens| {
        let mut answer = send(&service, chat(1, tokens)).await;
        text(&mut answer).await;
        answer.status().as_u16()
    };
    let held = send(&service, chat(1, 4999)).await;
    assert_eq!(status(1).await, 429, "no place");
    drop(held);
    // The prompt is used; of the rest there is too little for this one.
    assert_eq!(status(5999).await, 429, "too few tokens");
    assert_eq!([status(1).await, status(1).await, status(1).await], [200, 429, 429], "too few requests");
    advance(Duration::from_secs(60)).await;
    assert_eq!(status(5000).await, 200, "all is back");
}

#[tokio::test(start_paused = true)]
async fn keys_and_limits_by_closures() {
    let key = |request: &http::request::Parts| Some(header(&request.headers, "x-team")?.to_owned());
    let teams = Rule::per("team", key).limits(rpm(1)).limits_for(|team| match team {
        "large" => Some(rpm(3)),
        "free" => Some(Limits::new()),
        _ => None,
    });
    let service = over(&RateLimitLayer::new().rule(teams), ok);
    let admitted = async |team: Option<&'static str>| {
        let mut admitted = 0;
        for _ in 0..5 {
            let mut request = chat(1, 1);
            if let Some(team) = team {
                request.headers_mut().insert("x-team", team.parse().unwrap());
            }
            let mut answer = send(&service, request).await;
            if answer.status() == 200 {
                admitted += 1;
            } else {
                let told = text(&mut answer).await;
                assert!(told.contains("for this team on requests") && !told.contains(team.unwrap()), "{told}");
            }
        }
        admitted
    };
    assert_eq!(admitted(Some("sk-secret")).await, 1);
    assert_eq!(admitted(Some("large")).await, 3);
    assert_eq!(admitted(Some("free")).await, 5);
    assert_eq!(admitted(None).await, 5, "a request without a key");
}

#[tokio::test(start_paused = true)]
async fn headers_of_the_provider_are_replaced_on_success_and_kept_on_failure() {
    let theirs = |status: u16| {
        move |_| {
            Response::builder()
                .status(status)
                .header("x-ratelimit-remaining-requests", "7777")
                .header("x-ratelimit-reset-tokens", "7s")
                .body(Body::from("x"))
                .unwrap()
        }
    };
    let layer = RateLimitLayer::new().rule(Rule::per_caller(rpm(60)));
    let answer = send(&over(&layer, theirs(200)), chat(1, 1)).await;
    assert_eq!(levels(&answer, "requests"), Some((60, 59, "1s".to_owned())));
    assert_eq!(header(answer.headers(), "x-ratelimit-reset-tokens"), None);
    let answer = send(&over(&layer, theirs(429)), chat(1, 1)).await;
    assert_eq!(header(answer.headers(), "x-ratelimit-remaining-requests"), Some("7777"));
    assert_eq!(header(answer.headers(), "x-ratelimit-limit-requests"), None);

    let answer = send(&over(&layer.clone().headers(false), theirs(200)), chat(1, 1)).await;
    assert_eq!(header(answer.headers(), "x-ratelimit-remaining-requests"), Some("7777"));
}

#[tokio::test(start_paused = true)]
async fn failures_use_no_tokens_but_are_requests() {
    let limits = Limits::new().requests_per_minute(100).tokens_per_minute(6000).concurrent(1);
    let layer = RateLimitLayer::new().rule(Rule::per_caller(limits));
    let failing = over(&layer, |_| {
        let mut response = json("{}");
        *response.status_mut() = StatusCode::BAD_GATEWAY;
        response
    });
    for requests in [99, 98, 97] {
        let answer = send(&failing, chat(100, 900)).await;
        assert_eq!((answer.status().as_u16(), levels(&answer, "requests").unwrap().1), (502, requests));
        assert_eq!(levels(&answer, "tokens").unwrap().1, 5000, "given back each time");
    }
    let broken =
        layer.layer(tower::service_fn(async |_: Request<Body>| Err::<Response<Body>, _>(BoxError::from("gone"))));
    for _ in 0..3 {
        assert_eq!(broken.clone().oneshot(chat(100, 900)).await.unwrap_err().to_string(), "gone");
    }
    let answer = send(&over(&layer, ok), chat(100, 900)).await;
    assert_eq!((levels(&answer, "requests").unwrap().1, levels(&answer, "tokens").unwrap().1), (93, 5000));
}

#[tokio::test(start_paused = true)]
async fn what_comes_from_a_cache_uses_no_tokens_but_is_a_request() {
    let layer =
        RateLimitLayer::new().rule(Rule::per_caller(Limits::new().requests_per_minute(9).tokens_per_minute(6000)));
    let cached = over(&layer, |_| {
        let mut response = json(usage(900));
        response.extensions_mut().insert(Attempts(0));
        response
    });
    for requests in [8, 7] {
        let mut answer = send(&cached, chat(100, 900)).await;
        assert_eq!((levels(&answer, "requests").unwrap().1, levels(&answer, "tokens").unwrap().1), (requests, 5000));
        text(&mut answer).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_no_json_object_passes_and_counts_by_its_bytes() {
    let layer = RateLimitLayer::new().rule(Rule::per_caller(Limits::new().tokens_per_minute(6000)));
    let service = over(&layer, |request| Response::new(request.into_body()));
    for (body, gzip, tokens) in [("not json, 16 byt", false, 4), ("[]", false, 1), ("", false, 0), ("zzzz", true, 1)] {
        let mut request = Request::post("/v1/chat/completions").body(Body::from(body)).unwrap();
        if gzip {
            request.headers_mut().insert("content-encoding", "gzip".parse().unwrap());
        }
        let mut answer = send(&service, request).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(levels(&answer, "tokens").unwrap().1, 6000 - tokens, "{body}");
        assert_eq!(text(&mut answer).await, body, "as it came");
        advance(Duration::from_secs(60)).await;
    }
    let small = over(&layer.clone().max_request(10), ok);
    let answer = send(&small, chat(10, 1)).await;
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer.extensions().get(), Some(&Rejection::TooLarge));
}

#[tokio::test(start_paused = true)]
async fn an_estimate_of_ones_own() {
    let layer = RateLimitLayer::new().rule(Rule::per_caller(Limits::new().tokens_per_minute(6000))).estimate(
        |_: &http::request::Parts, body: &llm_layers_wire::json::Object| Tokens {
            input: body.read("model").ok().flatten().map_or(0, |model: String| model.len() as u64),
            output: 100,
        },
    );
    let answer = send(&over(&layer, ok), chat(1000, 1000)).await;
    assert_eq!(levels(&answer, "tokens").unwrap().1, 6000 - 101);
}

#[tokio::test(start_paused = true)]
async fn what_is_no_call_of_a_model_is_not_limited() {
    let service = over(&RateLimitLayer::new().rule(Rule::global(rpm(0))), ok);
    for request in [Request::get("/v1/models"), Request::get("/v1/files"), Request::post("/v1/uploads")] {
        let answer = send(&service, request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status(), 200);
        assert!(answer.headers().is_empty());
    }
    for path in ["/v1/chat/completions", "/v1/embeddings", "/v1/messages", "/v1/responses", "/v1/completions"] {
        assert_eq!(send(&service, Request::post(path).body(Body::empty()).unwrap()).await.status(), 429, "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn rules_of_one_name_count_apart() {
    let layer = RateLimitLayer::new().rule(Rule::per_caller(rpm(2))).rule(Rule::per_caller(rpm(3)));
    assert!(format!("{layer:?}").contains("caller-2"));
    let service = over(&layer, ok);
    assert_eq!(send(&service, chat(1, 1)).await.status(), 200);
    assert_eq!(levels(&send(&service, chat(1, 1)).await, "requests").unwrap().1, 0);
    assert_eq!(send(&service, chat(1, 1)).await.status(), 429);
}

/// The limits of the name of a key are found by all of it, though it is counted by its digest.
#[tokio::test(start_paused = true)]
async fn a_long_name_has_limits_of_its_own() {
    let long = "team-".repeat(50);
    let own = long.clone();
    let rule = Rule::per_caller(rpm(1)).limits_for(move |caller| (caller == own).then(|| rpm(3)));
    let service = over(&RateLimitLayer::new().rule(rule), ok);
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(send(&service, from(&long, chat(1, 1))).await.status().as_u16());
    }
    assert_eq!(statuses, [200, 200, 200, 429]);
}

#[tokio::test(start_paused = true)]
async fn without_headers_a_refusal_tells_no_levels_either() {
    let layer = RateLimitLayer::new().rule(Rule::per_deployment(rpm(1))).headers(false);
    let service = over(&layer, ok);
    send(&service, chat(1, 1)).await;
    let refused = send(&service, chat(1, 1)).await;
    assert_eq!((refused.status().as_u16(), header(refused.headers(), "retry-after")), (429, Some("60")));
    assert_eq!(levels(&refused, "requests"), None);
}

#[tokio::test(start_paused = true)]
async fn anthropics_headers_are_its_accounts_too() {
    let theirs = |_| {
        let header = ("anthropic-ratelimit-tokens-remaining", "7");
        Response::builder().header(header.0, header.1).body(Body::from("x")).unwrap()
    };
    let service = over(&RateLimitLayer::new().rule(Rule::per_caller(rpm(60))), theirs);
    let answer = send(&service, Request::post("/v1/messages").body(Body::from("{}")).unwrap()).await;
    assert_eq!(header(answer.headers(), "anthropic-ratelimit-tokens-remaining"), None);
}

#[tokio::test(start_paused = true)]
async fn all_requests_are_limited_where_that_is_wanted() {
    let limits = Limits::new().requests_per_minute(3).tokens_per_minute(10).concurrent(1);
    let layer = RateLimitLayer::new().rule(Rule::per_caller(limits));
    let (chats, all) = (over(&layer, |_| json("{}")), over(&layer.clone().all_requests(true), ok));
    let native = || Request::post("/providers/claude/v1/messages").body(Body::from("x".repeat(99))).unwrap();
    let answer = send(&all, native()).await;
    assert_eq!(levels(&answer, "requests").unwrap().1, 2);
    assert_eq!(levels(&answer, "tokens"), None, "nobody can tell them");
    drop(answer);
    // The same counters, whichever way.
    assert_eq!(levels(&send(&chats, chat(1, 1)).await, "requests").unwrap().1, 1);
    let open = over(&layer.clone().all_requests(true), |_| {
        Response::new(Body::new(llm_layers_testkit::body::Script::new().data("x").never().body()))
    });
    let held = send(&open, native()).await;
    assert_eq!(send(&chats, chat(1, 1)).await.status(), 429, "it runs");
    drop(held);
    let mut refused = send(&all, native()).await;
    assert_eq!(refused.status(), 429);
    assert!(text(&mut refused).await.contains("on requests per min (RPM): Limit 3, Used 3"));
    let models = Request::get("/v1/models").body(Body::empty()).unwrap();
    assert_eq!(send(&all, models).await.status(), 200, "lists are free");
    let only_tokens = RateLimitLayer::new().rule(Rule::per_caller(Limits::new().tokens_per_minute(1)));
    assert_eq!(send(&over(&only_tokens.all_requests(true), ok), native()).await.status(), 200);
}

#[tokio::test(start_paused = true)]
async fn other_rules_may_count_on_where_these_have_come_to() {
    let before = RateLimitLayer::new().rule(Rule::per_caller(rpm(2)));
    for _ in 0..2 {
        send(&over(&before, ok), from("a", chat(1, 1))).await;
    }
    let after = RateLimitLayer::new().rule(Rule::per_caller(rpm(4))).counting_on(&before);
    let answer = send(&over(&after, ok), from("a", chat(1, 1))).await;
    // A minute's worth was used of the old limit: of the new one, all four in a minute.
    assert_eq!(answer.status(), 429);
    advance(Duration::from_secs(15)).await;
    assert_eq!(send(&over(&after, ok), from("a", chat(1, 1))).await.status(), 200);
}

#[tokio::test(start_paused = true)]
async fn an_error_with_a_good_status_has_used_nothing() {
    let layer = RateLimitLayer::new().rule(Rule::per_caller(Limits::new().tokens_per_minute(6000)));
    let mut answer = send(&over(&layer, |_| json(r#"{"error":{"message":"overloaded"}}"#)), chat(100, 900)).await;
    text(&mut answer).await;
    let answer = send(&over(&layer, ok), chat(0, 0)).await;
    assert!(levels(&answer, "tokens").unwrap().1 >= 5999, "{answer:?}");
}

#[tokio::test]
async fn by_one_line_in_an_axum_router() {
    use axum::{Router, routing::post};
    let app = Router::new()
        .route("/v1/chat/completions", post(async |body: String| body))
        .layer(RateLimitLayer::new().rule(Rule::global(Limits::new().requests_per_minute(1).tokens_per_minute(1000))));
    let request = || {
        let body = axum::body::Body::from(r#"{"messages":[]}"#);
        Request::post("/v1/chat/completions").body(body).unwrap()
    };
    let response = app.clone().oneshot(request()).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(Body::new(response.into_body()).bytes(99).await.unwrap(), r#"{"messages":[]}"#);
    assert_eq!(app.oneshot(request()).await.unwrap().status(), 429);
}
