//! What requests may be, and what is answered to those that may not.

use std::{
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, Request, Response, request::Parts};
use llm_layers_catalogue::Model;
use llm_layers_core::{Body, Clock, Deployment, Operation, Rejection};
use llm_layers_cost_router::{
    Alias, Bands, Candidate, Class, Constraints, Engine, Hours, RouterLayer, Routes, Weights,
};
use llm_layers_testkit::body::Script;
use llm_layers_wire::json::Object;
use serde_json::Value;

use crate::support::{self, Fleet, any, header, json, layer, post, read, request, routes};

/// The status, and the error's code, param and message.
async fn refused(layer: &RouterLayer, request: Request<Body>) -> (u16, String, String, String) {
    let fleet = Fleet::new();
    let response = fleet.ask(layer, request).await;
    assert!(fleet.asked().is_empty(), "somebody was asked");
    assert!(response.extensions().get::<Rejection>().is_some(), "no refusal");
    told(response).await
}

async fn told(response: Response<Body>) -> (u16, String, String, String) {
    let status = response.status().as_u16();
    let error: Value = serde_json::from_str(&read(response.into_body()).await.0).unwrap();
    let text = |name: &str| error["error"][name].as_str().unwrap_or_default().to_owned();
    (status, text("code"), text("param"), text("message"))
}

#[tokio::test(start_paused = true)]
async fn what_is_no_request_is_refused_in_openais_words() {
    let layer = layer(any());
    let long = format!(r#"{{"model":"{}"}}"#, "x".repeat(100_000));
    for (body, status, code, param) in [
        ("{}", 400, "missing_required_parameter", "model"),
        (r#"{"model":null}"#, 400, "missing_required_parameter", "model"),
        (r#"{"model":7}"#, 400, "invalid_type", "model"),
        (r#"{"model":"none"}"#, 404, "model_not_found", "model"),
        (r#"{"model":""}"#, 404, "model_not_found", "model"),
        (r#"{"model":"any","model":"any"}"#, 400, "invalid_json", ""),
        (r#"{"model":"any""#, 400, "invalid_json", ""),
        ("[]", 400, "invalid_json", ""),
        ("", 400, "invalid_json", ""),
        (&long, 404, "model_not_found", "model"),
    ] {
        let got = refused(&layer, post("/v1/chat/completions", body.to_owned())).await;
        assert_eq!((got.0, &*got.1, &*got.2), (status, code, param), "{}", &body[..body.len().min(40)]);
        assert!(got.3.len() < 300);
    }
    let broken = Body::new(Script::new().data(r#"{"model":"#).error("reset").body());
    assert_eq!(refused(&layer, post("/v1/chat/completions", broken)).await.0, 400);
}

#[tokio::test(start_paused = true)]
async fn compressed_requests_are_decoded() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    std::io::Write::write_all(&mut encoder, br#"{"model":"any"}"#).unwrap();
    let bytes = encoder.finish().unwrap();
    let mut request = post("/v1/chat/completions", bytes);
    request.headers_mut().insert("content-encoding", "gzip".parse().unwrap());
    let fleet = Fleet::new();
    assert_eq!(fleet.ask(&layer(any()), request).await.status(), 200);
    let seen = fleet.seen(|seen| (seen.body.clone(), seen.headers.clone())).remove(0);
    assert_eq!(seen.0, r#"{"model":"any"}"#);
    assert_eq!((seen.1.get("content-encoding"), seen.1["content-length"].to_str().unwrap()), (None, "15"));
    let mut request = post("/v1/chat/completions", "nonsense");
    request.headers_mut().insert("content-encoding", "br".parse().unwrap());
    assert_eq!(refused(&layer(any()), request).await.0, 415);
}

fn with(model: &str, name: &'static str, value: &'static str) -> Request<Body> {
    let mut request = request(model);
    request.headers_mut().insert(name, value.parse().unwrap());
    request
}

#[tokio::test(start_paused = true)]
async fn a_request_may_say_who_may_answer() {
    let in_the_eu = Candidate::new(Deployment::new("e", "provider-e", "m")).region("eu-central-1");
    let alias = Alias::new("any").deployments(["a", "b", "c", "e"]);
    let layer = RouterLayer::new(routes().deployment(in_the_eu).alias(alias))
        .unwrap()
        .resolve_others(|name| name.split_once('/').map(|(provider, model)| Deployment::new(name, provider, model)));
    for (model, name, value, by) in [
        ("any", "x-llm-providers", "provider-c, provider-b", "b"),
        ("any", "x-llm-region", "eu", "e"),
        ("any", "x-llm-provider", "provider-c", "c"),
        ("a", "x-llm-providers", "provider-a", "a"),
        ("e", "x-llm-region", "us, eu", "e"),
        ("x/y", "x-llm-providers", "x", "x/y"),
    ] {
        let fleet = Fleet::new();
        let response = fleet.ask(&layer, with(model, name, value)).await;
        assert_eq!((response.status().as_u16(), header(&response, "x-llm-deployment")), (200, by), "{model} {value}");
        assert!(fleet.seen(|seen| seen.headers.contains_key(name)).iter().all(|is_there| !is_there));
    }
    // Fallbacks are bound by it, too.
    let fleet = Fleet::new().on("b", || Ok(support::error(503, "c")));
    let response = fleet.ask(&layer, with("any", "x-llm-providers", "provider-b")).await;
    assert_eq!((response.status().as_u16(), fleet.asked()), (503, vec!["b".to_owned()]));
    for (model, name, value) in [
        ("any", "x-llm-providers", "nobody"),
        ("any", "x-llm-region", "mars"),
        ("a", "x-llm-providers", "provider-b"),
        ("a", "x-llm-region", "eu"),
        ("x/y", "x-llm-region", "eu"),
    ] {
        let (status, code, param, _) = refused(&layer, with(model, name, value)).await;
        assert_eq!((status, &*code, &*param), (400, "no_deployment_available", "model"), "{model} {value}");
    }
    for (name, value) in [("x-llm-priority", "urgent"), ("x-llm-region", ""), ("x-llm-providers", "a b")] {
        for model in ["any", "a"] {
            let (status, code, param, _) = refused(&layer, with(model, name, value)).await;
            assert_eq!((status, &*code, &*param), (400, "invalid_header", name), "{model} {value}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_configured_of_a_model_holds_by_whatever_name_it_is_asked_for() {
    let late = Hours::new("UTC", "22:00", "23:00").unwrap();
    let routes = Routes::new()
        .deployment(Candidate::new(Deployment::new("eu", "p", "org/m")).region("eu"))
        .deployment(Candidate::new(Deployment::new("late", "p", "n")).hours(late));
    let known = |deployment: &Deployment| {
        let mut model = Model::new("", "");
        model.regions = vec![deployment.model().into()];
        Some(Arc::new(model))
    };
    let layer = RouterLayer::of(Engine::builder().facts(known).build(&routes).unwrap())
        .clock(Clock::starting_at(UNIX_EPOCH + Duration::from_secs(3600)))
        .resolve_others(|name| {
            name.split_once('/').map(|(provider, model)| Deployment::named_by_client(provider, model))
        });
    for (model, region, by) in [
        ("p/org/m", "eu", Some("eu")),
        ("p/org/m", "us", None),
        ("p/us", "us", Some("p/us")),
        ("p/us", "eu", None),
        ("q/org/m", "eu", None),
        ("p/n", "n", None),
    ] {
        let fleet = Fleet::new();
        let response = fleet.ask(&layer, with(model, "x-llm-region", region)).await;
        let answered = response.status().is_success().then(|| header(&response, "x-llm-deployment"));
        assert_eq!((answered, fleet.asked().len()), (by, usize::from(by.is_some())), "{model} {region}");
        // What is no chat goes the same ways.
        let selection_headers = &mut with(model, "x-llm-region", region).headers().clone();
        let selection = layer.select(selection_headers).unwrap();
        let found = selection.of_model(model, |_| true).unwrap();
        assert_eq!(found.as_ref().ok().map(Deployment::name), by, "{model} {region}");
    }
    let closed = refused(&layer, request("p/n")).await;
    assert_eq!(closed.0, 503, "its hours hold without a header, too");
}

#[tokio::test(start_paused = true)]
async fn no_model_has_a_name_without_end() {
    let of = |name: &str| Some(Deployment::named_by_client("p", name));
    let long = "z".repeat(257);
    let routes = Routes::new().deployment(Deployment::new(long.as_str(), "p", "m"));
    let layer = RouterLayer::new(routes).unwrap().resolve_others(of);
    let ask = async |name: &str| refused(&layer, request(name)).await;
    let (status, code, param, message) = ask(&"y".repeat(257)).await;
    assert_eq!((status, &*code, &*param), (404, "model_not_found", "model"));
    assert!(message.len() < 256, "{message}");
    assert_eq!(ask(&"y".repeat(3 << 20)).await.0, 404);
    assert!(layer.select(&mut HeaderMap::new()).unwrap().of_model(&"y".repeat(257), |_| true).is_none());
    for name in [&long, &"y".repeat(256)] {
        assert_eq!(Fleet::new().ask(&layer, request(name)).await.status(), 200);
    }
}

#[tokio::test(start_paused = true)]
async fn what_names_no_model_goes_to_the_first_that_may_answer() {
    let layer = layer(any());
    let alone = |name: &str| Deployment::new(name, name, "");
    let select = |name: &'static str, value: &'static str| {
        let mut request = with("any", name, value);
        let selection = layer.select(request.headers_mut()).unwrap();
        assert!(name == "x-other" || !request.headers().contains_key(name));
        let found = selection.of_these(["one", "two", "three"].map(alone));
        (
            found.map(|deployment| deployment.name().to_owned()).map_err(|failure| failure.status().as_u16()),
            selection.names_providers(),
        )
    };
    assert_eq!(select("x-other", "a"), (Ok("one".into()), false));
    assert_eq!(select("x-llm-provider", "three, two"), (Ok("two".into()), true));
    assert_eq!(select("x-llm-providers", "four"), (Err(400), true));
    assert_eq!(select("x-llm-region", "eu"), (Err(400), false), "nobody knows where they are");
    let mut bad = with("any", "x-llm-priority", "silly");
    assert!(layer.select(bad.headers_mut()).is_err());
}

fn small(name: &str) -> Candidate {
    let row = r#"{"id":"m","price":{"input":"1","output":"1"},"context_window":4000,"capabilities":["streaming"],"source":"https://example.com","date":"2026-11-21"}"#;
    let catalogue = llm_layers_catalogue::Catalogue::read("p", row).unwrap();
    let model: Arc<Model> = Arc::clone(catalogue.find("p", "m").unwrap());
    Candidate::new(Deployment::new(name, "p", "m")).model(model)
}

#[tokio::test(start_paused = true)]
async fn what_leaves_nothing_says_which_constraint_removed_whom() {
    // 1970 began on a Thursday, at midnight.
    let clock = Clock::starting_at(UNIX_EPOCH + Duration::from_secs(3600));
    let routes = Routes::new()
        .deployment(small("plain"))
        .deployment(small("nightly").hours(Hours::new("UTC", "22:00", "23:00").unwrap()))
        .deployment(small("batch").only_for(Class::Batch))
        .alias(Alias::new("all").deployments(["plain", "batch"]))
        .alias(Alias::new("night").deployments(["nightly"]))
        .alias(Alias::new("private").deployments(["plain"]).constraints(Constraints::new().no_training()));
    let layer = RouterLayer::new(routes).unwrap().clock(clock);
    let tools = r#"{"model":"all","messages":[],"tools":[{"type":"function","function":{"name":"f"}}]}"#;
    let long = format!(r#"{{"model":"all","messages":[{{"role":"user","content":"{}"}}]}}"#, "word ".repeat(9000));
    for (body, status, says) in [
        (tools, 400, &["`plain`: it lacks tools", "`batch`: "][..]),
        (&long, 400, &["`plain`: ", "context window of 4000"]),
        (r#"{"model":"night","messages":[]}"#, 503, &["`nightly`: it is not its hour"]),
        (r#"{"model":"private","messages":[]}"#, 400, &["`plain`: it is not known not to train on prompts"]),
    ] {
        let got = refused(&layer, post("/v1/chat/completions", body.to_owned())).await;
        assert_eq!((got.0, &*got.1, &*got.2), (status, "no_deployment_available", "model"), "{}", got.3);
        for says in says {
            assert!(got.3.contains(says), "{}", got.3);
        }
        assert!(!got.3.contains("word word"), "no text of the prompt");
    }
    let fleet = Fleet::new();
    let batch = with("all", "x-llm-priority", "batch");
    assert_eq!(header(&fleet.ask(&layer, batch).await, "x-llm-route"), "policy=ordered; rank=1; of=2; why=policy");
    assert_eq!(
        header(&fleet.ask(&layer, request("all")).await, "x-llm-route"),
        "policy=ordered; rank=1; of=1; why=policy"
    );
}

#[tokio::test(start_paused = true)]
async fn whom_a_deployment_is_kept_for_holds_where_it_is_asked_for_by_its_name() {
    let nights = Hours::new("UTC", "22:00", "06:00").unwrap();
    let routes = Routes::new()
        .deployment(Candidate::new(Deployment::new("batch", "p", "m")).only_for(Class::Batch))
        .deployment(Candidate::new(Deployment::new("nights", "p", "m")).hours(nights));
    let engine = Engine::new(&routes).unwrap();
    let at = |hour: u64| {
        let clock = Clock::starting_at(UNIX_EPOCH + Duration::from_secs(hour * 3600));
        RouterLayer::of(engine.clone()).clock(clock)
    };
    let (code, param) = ("no_deployment_available".to_owned(), "model".to_owned());
    let message = "`batch` may not answer this request: it takes no interactive calls.";
    assert_eq!(refused(&at(12), request("batch")).await, (400, code.clone(), param.clone(), message.into()));
    let message = "`nights` may not answer this request: it is not its hour.";
    assert_eq!(refused(&at(12), request("nights")).await, (503, code, param, message.into()));
    for (layer, request) in [(at(12), with("batch", "x-llm-priority", "batch")), (at(23), request("nights"))] {
        assert_eq!(Fleet::new().ask(&layer, request).await.status(), 200);
    }
}

#[tokio::test(start_paused = true)]
async fn what_nobody_is_chosen_for_goes_on_without_what_is_for_the_router() {
    for (method, path) in [("GET", "/v1/models"), ("POST", "/v1/files")] {
        let fleet = Fleet::new();
        let request = Request::builder().method(method).uri(path);
        let request = request.header("x-llm-region", "eu").header("x-llm-priority", "odd").header("x-own", "1");
        fleet.ask(&layer(any()), request.body(Body::empty()).unwrap()).await;
        let seen = fleet.seen(|seen| seen.headers.keys().map(|name| name.to_string()).collect::<Vec<_>>());
        assert_eq!(seen, [["x-own"]], "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn whose_soft_budget_is_spent_gets_the_cheapest() {
    let priced = |name: &str, usd: &str| {
        let row = format!(
            r#"{{"id":"m","price":{{"input":"{usd}","output":"{usd}"}},"source":"https://example.com","date":"2026-11-21"}}"#
        );
        let catalogue = llm_layers_catalogue::Catalogue::read("p", &row).unwrap();
        Candidate::new(Deployment::new(name, "p", "m")).model(Arc::clone(catalogue.find("p", "m").unwrap()))
    };
    let routes = Routes::new()
        .deployment(priced("dear", "10"))
        .deployment(priced("cheap", "1"))
        .alias(Alias::new("any").deployments(["dear", "cheap"]));
    let layer = RouterLayer::new(routes).unwrap().thrifty(|head| head.headers.contains_key("x-spent"));
    let fleet = Fleet::new();
    assert_eq!(header(&fleet.ask(&layer, request("any")).await, "x-llm-deployment"), "dear");
    let response = fleet.ask(&layer, with("any", "x-spent", "1")).await;
    assert_eq!(header(&response, "x-llm-deployment"), "cheap");
    assert_eq!(header(&response, "x-llm-route"), "policy=cheapest; rank=1; of=2; why=budget");
}

#[tokio::test(start_paused = true)]
async fn who_cannot_be_called_is_asked_last() {
    let engine = Engine::builder().available(|deployment| deployment.name() != "a");
    let layer = RouterLayer::of(engine.build(&routes().alias(any())).unwrap());
    let fleet = Fleet::new().on("b", || Ok(support::error(503, "c"))).on("c", || Ok(support::error(503, "c")));
    let response = fleet.ask(&layer, request("any")).await;
    assert_eq!((response.status().as_u16(), fleet.asked()), (200, vec!["b".into(), "c".into(), "a".into()]));
    assert_eq!(header(&response, "x-llm-route"), "policy=ordered; rank=3; of=3; why=unavailable; after=overloaded");
}

/// Bodies that mean no good: odd shapes in every member that anybody reads, deep and wide ones, broken text.
fn hostile() -> Vec<String> {
    let values = [
        "null",
        "true",
        "-1",
        "1e999",
        "18446744073709551616",
        "\"\"",
        "\"\\ud800\"",
        "\"\\u0000\"",
        "[]",
        "{}",
        "[null]",
        "[[[[]]]]",
        "[{}]",
        "[{\"role\":7}]",
        "[{\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,AAAA\"}}]}]",
        "[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":null}]}]",
        "{\"type\":\"json_schema\"}",
        "{\"a\":{\"a\":{}}}",
    ];
    let members = [
        "messages",
        "prompt",
        "input",
        "tools",
        "functions",
        "response_format",
        "max_tokens",
        "max_completion_tokens",
        "stream",
        "user",
        "metadata",
        "service_tier",
        "reasoning",
    ];
    let mut bodies: Vec<String> = members
        .iter()
        .flat_map(|member| values.iter().map(move |value| format!(r#"{{"model":"any","{member}":{value}}}"#)))
        .collect();
    bodies.push(format!(r#"{{"model":"any","messages":{}1{}}}"#, "[".repeat(120), "]".repeat(120)));
    bodies.push(format!(r#"{{"model":"any","messages":[{{"content":"{}"}}]}}"#, " ".repeat(1 << 20)));
    bodies.push(format!(r#"{{"model":"any","messages":[{}1]}}"#, "1,".repeat(100_000)));
    bodies.push(format!(r#"{{"model":"any","messages":{}1{}}}"#, "[".repeat(9000), "]".repeat(9000)));
    bodies
}

#[tokio::test(start_paused = true)]
async fn hostile_bodies_have_answers() {
    let bodies = hostile();
    assert!(bodies.len() > 200);
    let alias = || Alias::new("any").policy(llm_layers_cost_router::Cheapest).deployments(["plain", "a"]);
    let layer = RouterLayer::new(routes().deployment(small("plain")).alias(alias())).unwrap();
    for body in bodies {
        for path in ["/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/responses", "/v1/messages"] {
            let response = Fleet::new().ask(&layer, post(path, body.clone())).await;
            let status = response.status().as_u16();
            assert!([200, 400].contains(&status), "{status} {path} {}", &body[..body.len().min(80)]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn hostile_answers_pass() {
    for body in hostile().into_iter().chain(["{".into(), "nonsense".into(), String::new(), "\u{0}".into()]) {
        let fleet = Fleet::new().on("a", {
            let body = body.clone();
            move || Ok(json(200, body))
        });
        let response = fleet.ask(&layer(any()), request("any")).await;
        assert_eq!(response.status(), 200);
        let is_object = body.contains(r#""model":"any""#);
        assert!(!is_object || read(response.into_body()).await.0 == body, "{}", &body[..body.len().min(80)]);
        let fleet = Fleet::new().on("a", {
            let stream = format!("data: {body}\n\ndata: [DONE]\n\n");
            move || Ok(support::events(Script::new().data(stream)))
        });
        let response = fleet.ask(&layer(any()), request("any")).await;
        assert_eq!(response.status(), 200);
        read(response.into_body()).await;
    }
}

#[tokio::test(start_paused = true)]
async fn hard_prompts_go_to_the_large_and_a_header_says_how_hard() {
    let bands = || Bands::new().up_to(0.3, ["a"]).above(["b"]);
    let layer = || layer(any().complexity(bands()));
    let hard = "Prove that there are infinitely many primes, then analyse and compare three proofs, step by step.";
    let ask = |text: &str| {
        let body = format!(r#"{{"model":"any","messages":[{{"role":"user","content":"{text}"}}]}}"#);
        post("/v1/chat/completions", body)
    };
    let told = |response: &Response<Body>| {
        let (deployment, route) = (header(response, "x-llm-deployment"), header(response, "x-llm-route"));
        let (route, complexity) = route.split_once("; complexity=").unwrap();
        assert_eq!(route, "policy=ordered; rank=1; of=3; why=complexity");
        (deployment.to_owned(), complexity.parse::<f32>().unwrap())
    };
    let (by, easy) = told(&Fleet::new().ask(&layer(), ask("Hello!")).await);
    assert!(by == "a" && easy <= 0.3, "{by} {easy}");
    let (by, difficult) = told(&Fleet::new().ask(&layer(), ask(hard)).await);
    assert!(by == "b" && difficult > 0.5, "{by} {difficult}");
    // Those that are meant for others are the last resort.
    let fleet = Fleet::new().on("b", || Ok(support::error(503, "c")));
    fleet.ask(&layer(), ask(hard)).await;
    assert_eq!(fleet.asked(), ["b", "a"]);

    let says = |said: Option<f32>| move |_: &Parts, _: Operation, _: &Object| async move { said };
    for (said, by) in
        [(Some(0.9), "b"), (Some(0.0), "a"), (Some(f32::INFINITY), "b"), (Some(f32::NAN), "a"), (None, "a")]
    {
        let response = Fleet::new().ask(&layer().classify(says(said)), ask("Hello!")).await;
        assert_eq!(told(&response).0, by, "{said:?}");
    }
    // Whoever says nothing in time is not waited for.
    let never = |_: &Parts, _: Operation, _: &Object| std::future::pending::<Option<f32>>();
    let started = tokio::time::Instant::now();
    let slow = layer().classify(never).classify_within(Duration::from_millis(300));
    assert_eq!(told(&Fleet::new().ask(&slow, ask("Hello!")).await).0, "a");
    assert_eq!(started.elapsed().as_millis(), 300);
    // So do other weights.
    let mut weights = Weights::default();
    weights.bias = 100.0;
    assert_eq!(told(&Fleet::new().ask(&layer().weights(weights), ask("Hello!")).await), ("b".to_owned(), 1.0));
    // A spent budget goes before it.
    let response = Fleet::new().ask(&layer().thrifty(|_| true), ask(hard)).await;
    assert!(header(&response, "x-llm-route").ends_with("why=budget"));
    assert!(RouterLayer::new(routes().alias(any().complexity(Bands::new().above(["d"])))).is_err());
}
