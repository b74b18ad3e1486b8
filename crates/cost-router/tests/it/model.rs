//! The name of the model in answers, whatever their shape and wherever the wire cuts; and the headers beside it.

use std::{
    convert::Infallible,
    future::ready,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use futures_util::FutureExt;
use http::{Request, Response};
use llm_layers_core::{Body, Deployment};
use llm_layers_cost_router::{RouterLayer, Routes};
use llm_layers_testkit::{body::Script, split::for_every_split};
use tower::{Layer, ServiceExt, service_fn};

use crate::support::{self, DONE, Fleet, any, chat, events, header, json, layer, post, read, request, word};

/// The real model by the header, and the text, of what comes of an answer in these pieces.
fn through(layer: &RouterLayer, model: &str, path: &str, kind: &'static str, pieces: &[Bytes]) -> (String, String) {
    let script = pieces.iter().fold(Script::new(), |script, piece| script.data(piece.clone()));
    let body = Arc::new(Mutex::new(Some(Body::new(script.body()))));
    let service = service_fn(move |_: Request<Body>| {
        let body = body.lock().unwrap().take().unwrap();
        let mut response = Response::builder().header("content-type", kind);
        if let Some(length) = body.content_length() {
            response = response.header("content-length", length);
        }
        ready(Ok::<_, Infallible>(response.body(body).unwrap()))
    });
    let request = post(path, format!(r#"{{"model":"{model}"}}"#));
    let response = layer.layer(service).oneshot(request).now_or_never().unwrap().unwrap();
    let told = header(&response, "x-llm-model").to_owned();
    let length = response.headers().get("content-length").map(|length| length.to_str().unwrap().to_owned());
    let text = read(response.into_body()).now_or_never().unwrap().0;
    assert!(length.is_none_or(|length| length == text.len().to_string()), "a stale length");
    (told, text)
}

const SHAPES: [(&str, &str, &str); 8] = [
    (
        "/v1/chat/completions",
        "application/json",
        r#"{"id":"é", "model" : "real","choices":[{"message":{"content":"\"model\":\"real\""}}],"n":1.0}"#,
    ),
    ("/v1/completions", "application/json", r#"{"choices":[{"text":"x"}],"model":"real"}"#),
    (
        "/v1/embeddings",
        "application/json; charset=utf-8",
        r#"{"object":"list","data":[{"embedding":[0.1,-2e-3]}],"model":"real","usage":{"prompt_tokens":1}}"#,
    ),
    ("/v1/responses", "application/json", r#"{"id":"r","object":"response","model":"real","output":[]}"#),
    (
        "/v1/messages",
        "application/json",
        r#"{"type":"message","model":"real","content":[{"type":"text","text":"real"}]}"#,
    ),
    (
        "/v1/chat/completions",
        "text/event-stream",
        ": hi\n\ndata: {\"model\":\"real\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\"}}]}\r\n\r\ndata: {\"choices\":[{\"delta\":{\"content\":\"\u{e9}\"}}], \"model\": \"real\"}\n\ndata: {\"model\":\"real\",\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n",
    ),
    (
        "/v1/responses",
        "text/event-stream",
        "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"r\",\"model\":\"real\"}}\n\nevent: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"real\"}\n\nevent: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"model\":\"real\",\"usage\":{\"input_tokens\":1,\"output_tokens\":2}}}\n\n",
    ),
    (
        "/v1/messages",
        "text/event-stream",
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"model\":\"real\",\"content\":[]}}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"real\"}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
    ),
];

fn renamed(text: &str, name: &str) -> String {
    let text = text.replace(r#""model":"real""#, &format!(r#""model":"{name}""#));
    let text = text.replace(r#""model" : "real""#, &format!(r#""model" : "{name}""#));
    text.replace(r#""model": "real""#, &format!(r#""model": "{name}""#))
}

#[test]
fn every_shape_is_restored_at_every_split() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let _entered = runtime.enter();
    let layer = layer(any());
    for (path, kind, text) in SHAPES {
        let expected = renamed(text, "any");
        let data = |text: &str| text.replace("\r\n", "\n");
        let seen = for_every_split(text, |pieces| through(&layer, "any", path, kind, pieces));
        assert_eq!((seen.0.as_str(), data(&seen.1)), ("real", data(&expected)), "{path} {kind}");
        // And where a deployment was asked for, whose name it is.
        let expected = renamed(text, "d");
        let seen = for_every_split(text, |pieces| through(&layer, "d", path, kind, pieces));
        assert_eq!((seen.0.as_str(), data(&seen.1)), ("real", data(&expected)), "{path} {kind}");
    }
}

#[test]
fn what_says_so_already_keeps_its_bytes() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let _entered = runtime.enter();
    for (path, kind, text) in SHAPES {
        for model in ["any", "d"] {
            let text = renamed(text, model);
            let (told, said) = through(&layer(any()), model, path, kind, &[text.clone().into()]);
            assert_eq!((told.as_str(), said), (model, text), "{path} {kind}");
        }
    }
    // Nor is it touched where nobody wants it to be.
    for (path, kind, text) in SHAPES {
        let layer = layer(any()).restore_model(false);
        let (told, said) = through(&layer, "any", path, kind, &[text.into()]);
        assert_eq!((told.as_str(), said.as_str()), ("real", text), "{path} {kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_deployment_has_the_name_that_it_was_given() {
    let routes = Routes::new()
        .deployment(Deployment::new("mine", "openai", "gpt-4o"))
        .deployment(Deployment::new("gpt-4o", "openai", "gpt-4o"));
    let layer = RouterLayer::new(routes).unwrap().resolve_others(|name| {
        let (provider, model) = name.split_once('/')?;
        (provider == "openai").then(|| Deployment::new(name, provider, model))
    });
    let dated = || Ok(chat("gpt-4o-2024-08-06"));
    // Who asks for a model by its own id is told its version, as the provider has it.
    for (model, by, said, told) in [
        ("mine", "mine", "mine", "gpt-4o-2024-08-06"),
        ("gpt-4o", "gpt-4o", "gpt-4o-2024-08-06", "gpt-4o"),
        // The first that is this model of this provider.
        ("openai/gpt-4o", "mine", "gpt-4o-2024-08-06", "gpt-4o"),
        ("openai/gpt-4.1", "openai/gpt-4.1", "gpt-4o-2024-08-06", "gpt-4.1"),
    ] {
        let fleet = Fleet::new().on(by, dated);
        let response = fleet.ask(&layer, request(model)).await;
        assert_eq!((header(&response, "x-llm-model"), header(&response, "x-llm-deployment")), (told, by));
        assert!(!response.headers().contains_key("x-llm-route"));
        assert!(read(response.into_body()).await.0.contains(&format!(r#""model":"{said}""#)), "{model}");
        assert_eq!((fleet.asked(), fleet.seen(|seen| seen.alias.clone())), (vec![by.to_owned()], vec![None]));
    }
    let response = Fleet::new().ask(&layer, request("other/gpt-4o")).await;
    assert_eq!(response.status(), 404);
}

#[tokio::test(start_paused = true)]
async fn headers_say_who_and_why_or_nothing() {
    let fleet = Fleet::new().on("a", || Ok(support::error(429, "c")));
    let response = fleet.ask(&layer(any()), request("any")).await;
    assert_eq!(header(&response, "x-llm-deployment"), "b");
    assert_eq!(header(&response, "x-llm-model"), "real-model");
    assert_eq!(header(&response, "x-llm-route"), "policy=ordered; rank=2; of=3; why=policy; after=rate_limit");
    // Where the provider does not say, it is the model that was asked for.
    let fleet = Fleet::new().on("a", || Ok(json(200, "{}"))).on("d", || Ok(json(200, "{}")));
    for (asked, told) in [("any", "model-a"), ("d", "model-d")] {
        assert_eq!(header(&fleet.ask(&layer(any()), request(asked)).await, "x-llm-model"), told);
    }
    for asked in ["any", "d"] {
        let response = Fleet::new().ask(&layer(any()).headers(false), request(asked)).await;
        assert!(response.headers().keys().all(|name| !name.as_str().starts_with("x-llm-")), "{asked}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_long_plain_answer_is_waited_for_and_a_longer_one_keeps_its_name() {
    for (megabytes, model, by, said) in
        [(3, "any", "a", "any"), (33, "any", "a", "real"), (3, "d", "d", "d"), (33, "d", "d", "real")]
    {
        let fleet = Fleet::new().on(by, move || {
            let space = bytes::Bytes::from(vec![b' '; 1 << 20]);
            let script = (0..megabytes).fold(Script::new().data("{"), |script, _| script.data(space.clone()));
            let body = Body::new(script.data(r#""model":"real"}"#).body());
            Ok(Response::builder().header("content-type", "application/json").body(body).unwrap())
        });
        let response = fleet.ask(&layer(any()), request(model)).await;
        let (text, broke) = read(response.into_body()).await;
        assert!(!broke && text.len() > megabytes << 20);
        assert!(text.ends_with(&format!(r#""model":"{said}"}}"#)), "{megabytes}");
    }
}

#[test]
fn the_answer_of_a_deployment_is_renamed_whatever_its_length() {
    let layer = layer(any());
    for length in [100, 8000, 8150, 8160, 8170, 9000, 200_000] {
        let text = format!(r#"{{"id":"c","model":"real","text":"{}"}}"#, "x".repeat(length));
        let cut = text.len() / 2;
        for pieces in [vec![text.clone().into()], vec![text[..cut].to_owned().into(), text[cut..].to_owned().into()]] {
            let (told, said) = through(&layer, "d", "/v1/chat/completions", "application/json", &pieces);
            assert_eq!((told.as_str(), said), ("real", renamed(&text, "d")), "{length}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_somebody_has_split_is_renamed_too() {
    let fleet = Fleet::new().on("d", || {
        let object = llm_layers_wire::json::Object::parse(r#"{"n":1,"model":"real"}"#)?;
        Ok(json(200, object))
    });
    let response = fleet.ask(&layer(any()), request("d")).await;
    assert_eq!((header(&response, "x-llm-model"), header(&response, "content-length")), ("real", "19"));
    assert_eq!(read(response.into_body()).await.0, r#"{"n":1,"model":"d"}"#);
}

#[tokio::test(start_paused = true)]
async fn compressed_answers_pass_as_they_are() {
    let kinds = ["application/json", "text/event-stream"].into_iter();
    for (kind, (model, by)) in kinds.flat_map(|kind| [("any", "a"), ("d", "d")].map(|asked| (kind, asked))) {
        let fleet = Fleet::new().on(by, move || {
            let response = Response::builder().header("content-type", kind).header("content-encoding", "br");
            Ok(response.body(Body::from("{\"model\":\"real\"}")).unwrap())
        });
        let response = fleet.ask(&layer(any()), request(model)).await;
        assert_eq!(header(&response, "content-encoding"), "br");
        assert_eq!(read(response.into_body()).await.0, "{\"model\":\"real\"}");
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_is_asked_for_a_compressed_answer_that_is_to_be_read() {
    let routes = Routes::new().deployment(Deployment::new("mine", "p", "m")).deployment(Deployment::new("m", "p", "m"));
    let layer =
        RouterLayer::new(routes.alias(llm_layers_cost_router::Alias::new("any").deployments(["mine"]))).unwrap();
    for (model, accepted) in [("any", "identity"), ("mine", "identity"), ("m", "gzip")] {
        let fleet = Fleet::new();
        let mut request = request(model);
        request.headers_mut().insert("accept-encoding", "gzip".parse().unwrap());
        fleet.ask(&layer, request).await;
        assert_eq!(fleet.seen(|seen| seen.headers["accept-encoding"].clone()), [accepted], "{model}");
    }
}

#[tokio::test(start_paused = true)]
async fn streams_of_strangers_pass_in_all_their_strangeness() {
    let strange = "id: 7\nretry: 10\nevent: odd\ndata: {\ndata: \"model\": \"x\"}\n\n: bye\n\ndata: [1,2]\n\ndata";
    let fleet = Fleet::new().on("a", move || Ok(events(Script::new().data(word("any")).data(strange).data(DONE))));
    let response = fleet.ask(&layer(any()), request("any")).await;
    let (text, broke) = read(response.into_body()).await;
    assert!(!broke && text.starts_with(&word("any")) && text.contains("[1,2]"), "{text}");
    assert!(text.contains(r#""model": "any""#) && text.contains("id: 7") && text.contains("retry: 10"), "{text}");
}
