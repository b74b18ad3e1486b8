//! What is answered twice, as what, and to whom.

use std::sync::Arc;

use http::{Request, Response};
use llm_layers_cache::{Admission, CacheLayer, MemoryStore, Purge};
use llm_layers_core::{Approval, Attempts, Body, Caller, Cost};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::support::{
    Model, ask, completion, event_stream, events, json_response, over, plain, post, send, stream, with,
};

#[tokio::test]
async fn the_same_question_is_asked_once() {
    let (layer, model) = (CacheLayer::default(), Model::counting());
    let service = over(&layer, model.clone());
    let first = send(&service, ask("Hi", &json!({}))).await;
    assert_eq!((first.outcome(), first.told("age"), first.told("x-llm-cost-usd")), ("miss", None, None));
    // The order of members, the white space and what changes no answer are others.
    let again =
        r#"{ "user":"u2", "messages":[{"content":"H\u0069","role":"user"}], "model":"m", "metadata":{"a":"b"} }"#;
    let again = Request::post("/v1/chat/completions").body(Body::from(again)).unwrap();
    let hit = send(&service, again).await;
    assert_eq!((model.calls(), hit.outcome(), hit.told("age")), (1, "hit", Some("0")));
    assert_eq!(hit.told("x-llm-cost-usd"), Some("0"));
    assert_eq!(hit.told("x-llm-cache-saved-usd"), Some("0.25"));
    assert_eq!(hit.told("x-llm-cache-key"), first.told("x-llm-cache-key"));
    assert_eq!(hit.told("content-type"), Some("application/json"));
    assert_eq!(hit.extensions.get(), Some(&Attempts(0)));
    assert_eq!(hit.extensions.get(), Some(&Cost(Decimal::ZERO)));
    let mut expected = completion("answer 1");
    expected["usage"]["cost"] = json!(0);
    assert_eq!(hit.json(), expected, "the same, for nothing");
    assert_eq!(send(&service, ask("Ho", &json!({}))).await.text(), "answer 2");
    let stats = layer.handle().stats();
    assert_eq!((stats.hits, stats.misses, stats.stored, stats.saved_input_tokens), (1, 2, 2, 9));
    assert_eq!((stats.saved_output_tokens, stats.saved_usd), (2, Decimal::new(25, 2)));
    assert_eq!(stats.size.map(|size| size.entries), Some(2));
}

#[tokio::test]
async fn a_plain_answer_answers_a_stream_and_a_stream_a_plain_call() {
    for first_streams in [false, true] {
        let (layer, model) = (CacheLayer::default().piece_chars(3), Model::counting());
        let service = over(&layer, model.clone());
        assert_eq!(send(&service, ask("Hi", &json!({ "stream": first_streams }))).await.text(), "answer 1");
        let plain = send(&service, ask("Hi", &json!({}))).await;
        assert_eq!((plain.outcome(), plain.text()), ("hit", "answer 1".to_owned()));
        assert_eq!(plain.json()["usage"]["total_tokens"], 11, "although the client had not asked for usage");
        let streamed = send(&service, ask("Hi", &json!({ "stream": true }))).await;
        assert_eq!((streamed.outcome(), streamed.text()), ("hit", "answer 1".to_owned()));
        assert_eq!(streamed.told("content-type"), Some("text/event-stream"));
        let events: Vec<_> = streamed.body.split_terminator("\n\n").collect();
        assert!(events[0].contains("\"role\":\"assistant\"") && events[1].contains("\"ans\""), "{events:?}");
        assert!(
            events[events.len() - 2].contains("\"finish_reason\":\"stop\"") && !streamed.body.contains("prompt_tokens")
        );
        assert_eq!(events.last(), Some(&"data: [DONE]"));
        let usage = json!({ "stream": true, "stream_options": { "include_usage": true } });
        let with_usage = send(&service, ask("Hi", &usage)).await;
        let events: Vec<_> = with_usage.body.split_terminator("\n\n").collect();
        assert!(events[events.len() - 2].contains("\"choices\":[]") && events[events.len() - 2].contains("\"cost\":0"));
        assert_eq!(model.calls(), 1);
    }
}

#[tokio::test]
async fn a_stream_passes_as_it_came_but_for_usage_that_nobody_asked_for() {
    let model = Model::counting();
    let service = over(&CacheLayer::default(), model.clone());
    let usage = json!({ "stream": true, "stream_options": { "include_usage": true } });
    assert_eq!(send(&service, ask("a", &usage)).await.body, events("answer 1"));
    let hidden = send(&service, ask("b", &json!({ "stream": true }))).await;
    assert_eq!(model.last().1["stream_options"], json!({ "include_usage": true }));
    assert!(!hidden.body.contains("usage"), "{}", hidden.body);
    assert_eq!((hidden.text(), hidden.outcome()), ("answer 2".to_owned(), "miss"));
}

#[tokio::test]
async fn tenants_and_namespaces_never_meet() {
    let (layer, model) = (CacheLayer::default(), Model::counting());
    let service = over(&layer, model.clone());
    let called = |name: &str| {
        let mut request = ask("Hi", &json!({}));
        request.extensions_mut().insert(Caller::new(name));
        request
    };
    let requests: [fn(Request<Body>) -> Request<Body>; 5] = [
        |request| request,
        |request| with(request, "authorization", "Bearer a"),
        |request| with(request, "authorization", "Bearer b"),
        |request| with(request, "x-api-key", "a"),
        |request| with(request, "x-llm-cache-namespace", "n"),
    ];
    for turn in 0..2 {
        for (at, dress) in requests.iter().enumerate() {
            let got = send(&service, dress(ask("Hi", &json!({})))).await;
            assert_eq!((got.text(), got.outcome()), (format!("answer {}", at + 1), ["miss", "hit"][turn]));
        }
    }
    assert!(!model.last().0.contains_key("x-llm-cache-namespace"), "what is for the cache goes no further");
    for name in ["team-a", "team-b", "team-a"] {
        send(&service, with(called(name), "authorization", "Bearer same")).await;
    }
    assert_eq!(model.calls(), 7);
    // Shared is what is said to be.
    let shared = over(&CacheLayer::default().shared(), model.clone());
    for name in ["team-a", "team-b"] {
        send(&shared, called(name)).await;
    }
    assert_eq!(model.calls(), 8);
    let nobody = over(&CacheLayer::default().tenant_by(|_| None), model.clone());
    for _ in 0..2 {
        assert_eq!(send(&nobody, ask("Hi", &json!({}))).await.outcome(), "bypass");
    }
    assert_eq!(model.calls(), 10);
}

#[tokio::test]
async fn what_is_no_good_answer_is_not_kept() {
    let with_choice = |change: fn(&mut Value)| {
        let mut answer = completion("x");
        change(&mut answer["choices"][0]);
        json_response(&answer)
    };
    let call = |arguments: &str| json!([{ "id": "c", "type": "function", "function": { "name": "f", "arguments": arguments } }]);
    let cut = |text: &str| event_stream(events(text).split_once("\"finish_reason\":\"stop\"").unwrap().0.to_owned());
    let with_calls = move |arguments: &'static str| {
        let mut answer = completion("x");
        answer["choices"][0]["message"]["tool_calls"] = call(arguments);
        answer["choices"][0]["finish_reason"] = json!("tool_calls");
        json_response(&answer)
    };
    let failed = || {
        let mut response = json_response(&json!({ "error": { "message": "no" } }));
        *response.status_mut() = http::StatusCode::BAD_REQUEST;
        response
    };
    type Case = (&'static str, Box<dyn Fn() -> Response<Body> + Send + Sync>);
    let cases: Vec<Case> = vec![
        ("an error", Box::new(failed)),
        ("an error under 200", Box::new(|| json_response(&json!({ "error": { "message": "no" } })))),
        ("a filter", Box::new(move || with_choice(|choice| choice["finish_reason"] = json!("content_filter")))),
        ("a refusal", Box::new(move || with_choice(|choice| choice["message"]["refusal"] = json!("No.")))),
        ("no end", Box::new(move || with_choice(|choice| choice["finish_reason"] = json!(null)))),
        ("broken arguments", Box::new(move || with_calls("{\"a\":"))),
        ("no choices", Box::new(|| json_response(&json!({ "object": "chat.completion", "choices": [] })))),
        ("no JSON", Box::new(|| Response::new(Body::from("hello")))),
        ("a cut stream", Box::new(move || cut("x y z"))),
        (
            "a stream with an error",
            Box::new(|| event_stream(events("x").replace("data: [DONE]", "data: {\"error\":{\"message\":\"no\"}}"))),
        ),
    ];
    for (name, answer) in cases {
        let model = Model::new(move |_, _| answer());
        let service = over(&CacheLayer::default(), model.clone());
        let tools = json!({ "tools": [{ "type": "function", "function": { "name": "f" } }], "stream": true });
        for _ in 0..2 {
            let response = tower::ServiceExt::oneshot(service.clone(), ask("Hi", &tools)).await.unwrap();
            let (_, mut body) = response.into_parts();
            // A stream that was cut ends in an error, or just so.
            let _ = body.bytes(1 << 20).await;
        }
        assert_eq!(model.calls(), 2, "{name}");
    }
}

#[tokio::test]
async fn a_layer_above_says_what_is_kept() {
    let model = Model::counting();
    let service = over(&CacheLayer::default(), model.clone());
    let judged = |question: &str, approval: &Approval| {
        let mut request = ask(question, &json!({}));
        request.extensions_mut().insert(approval.clone());
        request
    };
    let (given, refused, open) = (Approval::new(), Approval::new(), Approval::new());
    for (question, approval) in [("given", &given), ("refused", &refused), ("open", &open)] {
        send(&service, judged(question, approval)).await;
    }
    given.give();
    refused.refuse();
    drop(open);
    for (question, outcome) in [("given", "hit"), ("refused", "miss"), ("open", "miss")] {
        assert_eq!(send(&service, ask(question, &json!({}))).await.outcome(), outcome, "{question}");
    }
}

#[tokio::test]
async fn some_requests_have_no_part_in_it() {
    let model = Model::counting();
    let service = over(&CacheLayer::default().admission(Admission::new().max_temperature(0.5)), model.clone());
    let bodies = [json!({}), json!({ "temperature": 0.6 }), json!({ "temperature": 0, "web_search_options": {} })];
    for body in bodies {
        for _ in 0..2 {
            assert_eq!(send(&service, ask("Hi", &body)).await.outcome(), "bypass");
        }
    }
    let twice = r#"{"model":"m","temperature":0,"messages":[{"role":"user","content":"a","content":"b"}]}"#;
    let twice = || Request::post("/v1/chat/completions").body(Body::from(twice)).unwrap();
    for _ in 0..2 {
        assert_eq!(send(&service, twice()).await.outcome(), "bypass", "two readers could make two things of it");
    }
    assert_eq!(model.calls(), 8);
    let other = Request::post("/v1/files").body(Body::from("{}")).unwrap();
    assert!(send(&service, other).await.told("x-llm-cache").is_none(), "what is no call of a model passes unread");
}

#[tokio::test]
async fn entries_are_forgotten_by_key_namespace_and_tenant() {
    let (layer, model) = (CacheLayer::default(), Model::counting());
    let service = over(&layer, model);
    let cache = layer.handle();
    let request = |key: &'static str, namespace: &'static str| {
        let request = with(ask("Hi", &json!({})), "authorization", key);
        with(request, "x-llm-cache-namespace", namespace)
    };
    let all = [("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")];
    let outcomes = async || {
        let mut outcomes = Vec::new();
        for (key, namespace) in all {
            outcomes.push(send(&service, request(key, namespace)).await.outcome().to_owned());
        }
        outcomes
    };
    assert_eq!(outcomes().await, ["miss"; 4]);
    let tenant = |key| cache.tenant_of(&request(key, "x").into_parts().0).unwrap();
    let namespace = cache.namespace("x");
    assert_eq!(cache.purge(Purge::Namespace(tenant("a"), namespace)).await, Ok(Some(1)));
    assert_eq!(outcomes().await, ["miss", "hit", "hit", "hit"]);
    assert_eq!(cache.purge(Purge::Tenant(tenant("b"))).await, Ok(Some(2)));
    assert_eq!(outcomes().await, ["hit", "hit", "miss", "miss"]);
    let told = send(&service, request("a", "x")).await.told("x-llm-cache-key").unwrap().to_owned();
    let wrong = cache.key(tenant("b"), namespace, &told).unwrap();
    assert_eq!(cache.purge(Purge::Key(wrong)).await, Ok(Some(0)), "somebody else's");
    let key = cache.key(tenant("a"), namespace, &told).unwrap();
    assert_eq!(cache.purge(Purge::Key(key)).await, Ok(Some(1)));
    assert_eq!(outcomes().await, ["miss", "hit", "hit", "hit"]);
    assert_eq!(cache.purge(Purge::All).await, Ok(Some(4)));
    assert_eq!(outcomes().await, ["miss"; 4]);
}

#[tokio::test]
async fn all_shapes_of_answers_are_kept_for_both_ways() {
    let message = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "m",
        "content": [{ "type": "text", "text": "Hello" }], "stop_reason": "end_turn", "stop_sequence": null,
        "usage": { "input_tokens": 3, "output_tokens": 2 }
    });
    let response = json!({
        "id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "error": null,
        "incomplete_details": null, "model": "m",
        "output": [{ "type": "message", "id": "m1", "status": "completed", "role": "assistant",
            "content": [{ "type": "output_text", "text": "Hello", "annotations": [], "logprobs": [] }] }],
        "usage": { "input_tokens": 3, "output_tokens": 2, "total_tokens": 5 }
    });
    let text = json!({
        "id": "cmpl-1", "object": "text_completion", "created": 1, "model": "m",
        "choices": [{ "text": "Hello", "index": 0, "logprobs": null, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5 }
    });
    for (path, answer, end) in [
        ("/v1/messages", message, "event: message_stop"),
        ("/v1/responses", response, "event: response.completed"),
        ("/v1/completions", text, "data: [DONE]"),
    ] {
        let kept = answer.clone();
        let model = Model::new(move |_, _| json_response(&kept));
        let service = over(&CacheLayer::default(), model.clone());
        let request = |stream: bool| {
            let mut request = post(&json!({ "model": "m", "max_tokens": 9, "input": "Hi", "stream": stream,
                "stream_options": { "include_usage": true } }));
            *request.uri_mut() = path.parse().unwrap();
            request
        };
        assert_eq!(send(&service, request(false)).await.outcome(), "miss");
        let plain = send(&service, request(false)).await;
        assert_eq!((plain.outcome(), plain.json()), ("hit", answer));
        let streamed = send(&service, request(true)).await;
        assert_eq!(streamed.outcome(), "hit");
        assert!(streamed.body.contains("Hello") && streamed.body.contains(end), "{path}: {}", streamed.body);
        // What is recorded of that stream is the answer again.
        let body = streamed.body.clone();
        let model = Model::new(move |_, _| event_stream(body.clone()));
        let service = over(&CacheLayer::default(), model);
        send(&service, request(true)).await;
        let again = send(&service, request(false)).await;
        assert_eq!((again.outcome(), again.json()), ("hit", plain.json()), "{path}");
    }
}

#[tokio::test]
async fn a_small_store_keeps_what_fits() {
    let model = Model::new(|_, _| plain(&"long ".repeat(1000)));
    let service = over(&CacheLayer::new(MemoryStore::new(100_000)).max_entry(1000), model.clone());
    for _ in 0..2 {
        assert_eq!(send(&service, ask("Hi", &json!({}))).await.outcome(), "miss", "longer than an entry may be");
    }
    let model = Model::new(|_, request| if request["stream"] == true { stream("a b") } else { plain("a b") });
    let service = over(&CacheLayer::new(MemoryStore::new(0)), model);
    for _ in 0..2 {
        assert_eq!(send(&service, ask("Hi", &json!({}))).await.outcome(), "miss", "nothing fits");
    }
}

#[tokio::test]
async fn what_nobody_judges_takes_no_memory() {
    // The store lives as long as whatever still waits to be kept in it.
    let store = Arc::new(());
    let layer = CacheLayer::default().tenant_by({
        let held = Arc::clone(&store);
        move |_| {
            let _ = &held;
            Some("t".into())
        }
    });
    let service = over(&layer, Model::counting());
    for question in ["a", "b", "c"] {
        let approval = Approval::new();
        let mut request = ask(question, &json!({}));
        request.extensions_mut().insert(approval.clone());
        send(&service, request).await;
    }
    drop((service, layer));
    assert_eq!(Arc::strong_count(&store), 1, "an answer waits for leave that nobody will give");
}

#[tokio::test]
async fn usage_that_is_asked_for_in_other_words_is_told() {
    let service = over(&CacheLayer::default(), Model::counting());
    for expected in ["miss", "hit"] {
        let got = send(&service, ask("Hi", &json!({ "stream": true, "usage": { "include": true } }))).await;
        assert_eq!(got.outcome(), expected);
        assert!(got.body.contains("prompt_tokens"), "{}", got.body);
    }
}

#[cfg(feature = "serde")]
#[tokio::test]
async fn which_members_count_is_a_setting() {
    let config: llm_layers_cache::Config = toml::from_str("ignore = ['seed']\nheed = ['user']").unwrap();
    let service = over(&CacheLayer::try_from(config).unwrap(), Model::counting());
    let members = [json!({ "seed": 1 }), json!({ "seed": 2 }), json!({ "user": "a" }), json!({ "user": "b" })];
    let mut outcomes = Vec::new();
    for members in &members {
        outcomes.push(send(&service, ask("Hi", members)).await.outcome().to_owned());
    }
    assert_eq!(outcomes, ["miss", "hit", "miss", "miss"]);
}
