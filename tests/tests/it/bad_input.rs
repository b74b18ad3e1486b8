//! What no client should send: each is told what is wrong with it, no provider hears of it, and the proxy lives on.

use std::sync::LazyLock;

use bytes::Bytes;
use futures_util::future::join_all;
use llm_layers_testkit::peer::{Conversation, RawClient, RawServer};
use llm_layers_tests::KEY;
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::wire_support::{Answer, Client, PROVIDER_KEY, answer, ask, front_of, raw, shaped};

const INVALID: &str = "invalid_request_error";

fn ok() -> Vec<u8> {
    answer("200 OK", "application/json", ask("m", "said", false).to_string())
}

/// A provider that answers this many calls, one on each connection.
async fn answering(calls: usize) -> RawServer {
    RawServer::start(vec![Conversation::answer(ok()); calls]).await
}

/// The error of an answer, which has what an error has and nothing else.
#[track_caller]
fn refused(answer: &Answer, status: u16) -> Value {
    let error = answer.error(status);
    let whole = answer.json();
    assert_eq!(whole.as_object().map(serde_json::Map::len), Some(1), "{whole}");
    let mut names: Vec<_> = error.as_object().expect("an object").keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["code", "message", "param", "type"], "{whole}");
    assert_eq!(answer.header("content-length"), Some(answer.body.len().to_string().as_str()));
    assert!(!answer.text().contains(PROVIDER_KEY) && !answer.text().contains(KEY), "{whole}");
    error
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_no_json_object() {
    let provider = answering(1).await;
    let front = front_of(provider.addr()).await;
    let client = Client::new(front);
    let deep = |levels: usize| format!("{{\"model\":\"same\",\"x\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
    let too_deep = deep(200);
    let where_too_deep = too_deep.find('[').unwrap() + 126;
    let cases: &[(&[u8], usize, &str)] = &[
        (b"", 0, "ends too early"),
        (b"  \r\n\t", 5, "ends too early"),
        (b"{", 1, "ends too early"),
        (br#"{"model":"same""#, 15, "ends too early"),
        (br#"{"model":"sa"#, 12, "ends too early"),
        (br#"{"model":"same",}"#, 16, "expected"),
        (br#"{"model" "same"}"#, 9, "expected"),
        (br"{model:1}", 1, "expected"),
        (br#"{"model":'same'}"#, 9, "expected"),
        (br#"{"model":"same","x":NaN}"#, 20, "expected"),
        (br#"{"model":"same","x":[1,]}"#, 23, "expected"),
        (br#"{"model":"same","x":01}"#, 21, "invalid number"),
        (br#"{"model":"same","x":"\q"}"#, 22, "invalid escape"),
        (b"{\"model\":\"same\",\"x\":\"\n\"}", 21, "control character"),
        (br#"{"model":"same"} x"#, 17, "after the value"),
        (br#"{"model":"same"}{}"#, 16, "after the value"),
        (b"{\"model\":\"same\",\"x\":\"\xff\"}", 21, "invalid UTF-8"),
        (b"{\"model\":\"same\",\"x\":\"\xed\xa0\x80\"}", 21, "invalid UTF-8"),
        (b"\xef\xbb\xbf{\"model\":\"same\"}", 0, "expected"),
        (br#"{"model":"same","x":1,"model":"other"}"#, 22, r#""model" is named twice"#),
        (br#"{"model":"same","mod\u0065l":"other"}"#, 16, r#""model" is named twice"#),
        (b"[]", 0, "expected"),
        (b"\"same\"", 0, "expected"),
        (b"null", 0, "expected"),
        (b"5", 0, "expected"),
        (too_deep.as_bytes(), where_too_deep, "nested deeper than 127 levels"),
    ];
    let answers = join_all(cases.iter().map(|(body, ..)| client.post(body.to_vec(), &[]))).await;
    for ((body, offset, what), answer) in cases.iter().zip(answers) {
        let error = refused(&answer, 400);
        let message = error["message"].as_str().unwrap();
        let shown = body.escape_ascii();
        assert!(message.ends_with(&format!(" at byte {offset}.")) && message.contains(what), "{shown}: {message}");
        assert_eq!((&error["type"], &error["code"]), (&json!(INVALID), &json!("invalid_json")), "{shown}");
        assert_eq!(error["param"], Value::Null, "{shown}");
    }
    assert!(provider.connections().is_empty());
    // As deep as it may be is no error.
    assert_eq!(client.post(deep(126), &[]).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn members_that_are_wrong() {
    let provider = answering(0).await;
    let front = front_of(provider.addr()).await;
    let client = Client::new(front);
    let long = "x".repeat(10_000);
    for (body, status, param, code) in [
        (json!({}), 400, "model", Some("missing_required_parameter")),
        (json!({"messages": []}), 400, "model", Some("missing_required_parameter")),
        (json!({"model": null}), 400, "model", Some("missing_required_parameter")),
        (json!({"model": 5}), 400, "model", Some("invalid_type")),
        (json!({"model": ["same"]}), 400, "model", Some("invalid_type")),
        (json!({"model": {"same": "same"}}), 400, "model", Some("invalid_type")),
        (json!({"model": "nobody-s"}), 404, "model", Some("model_not_found")),
        (json!({"model": ""}), 404, "model", Some("model_not_found")),
        (json!({"model": "Same"}), 404, "model", Some("model_not_found")),
        (json!({"model": "other/same"}), 404, "model", Some("model_not_found")),
        (json!({"model": long}), 404, "model", Some("model_not_found")),
        (json!({"model": "same\r\nx: y\u{0}"}), 404, "model", Some("model_not_found")),
        (json!({"model": "same", "stream": "yes"}), 400, "stream", Some("invalid_type")),
        (json!({"model": "same", "stream": 1}), 400, "stream", Some("invalid_type")),
    ] {
        let answer = client.chat(&body, &[]).await;
        let error = refused(&answer, status);
        assert_eq!((error["param"].as_str(), error["code"].as_str()), (Some(param), code), "{error}");
        assert_eq!(error["type"], INVALID, "{error}");
        assert!(answer.body.len() < 1000, "what the client sent is cut short: {}", answer.body.len());
    }
    assert!(provider.connections().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_too_long() {
    let provider = answering(1).await;
    let front = front_of(provider.addr()).await;
    let mut long = br#"{"model":"same","messages":[]"#.to_vec();
    long.resize((17 << 20) - 1, b' ');
    long.push(b'}');
    let long = Bytes::from(long);
    for h2 in [false, true] {
        let client = if h2 { Client::h2(front) } else { Client::new(front) };
        let error = refused(&client.post(long.clone(), &[]).await, 413);
        assert_eq!((&error["type"], &error["code"]), (&json!(INVALID), &json!("request_too_large")), "h2 {h2}");
        assert!(error["message"].as_str().unwrap().contains("16777216"), "{error}");
    }

    let mut client = RawClient::connect(front).await;
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: p\r\nauthorization: Bearer {KEY}\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    client.write(head).await;
    for piece in long.chunks(1 << 20) {
        client.write([format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat()).await;
    }
    client.write("0\r\n\r\n").await;
    let refused = client.read_response().await;
    assert_eq!(refused.start_line(), "HTTP/1.1 413 Payload Too Large");
    assert_eq!(refused.header_lines("content-type"), ["application/json"]);
    assert_eq!(refused.header_lines("x-request-id").len(), 1);
    let error: Value = serde_json::from_slice(&refused.data()).unwrap();
    assert_eq!(shaped(&error["error"])["code"], "request_too_large");
    assert!(provider.connections().is_empty());
    // A byte less than too long is none too long.
    let most = long.slice(..(16 << 20) - 1);
    assert_eq!(Client::new(front).post([&most[..], b"}"].concat(), &[]).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys() {
    let provider = answering(4).await;
    let front = front_of(provider.addr()).await;
    let client = Client::new(front);
    let body = ask("same", "x", false);
    let almost = [&format!("Bearer {KEY}x"), &format!("Bearer {}", &KEY[..KEY.len() - 1]), &format!("Basic {KEY}")];
    let wrong = almost.map(String::as_str).into_iter();
    for value in wrong.chain(["", "Bearer", "Bearer ", "Bearer sk-nobody", PROVIDER_KEY, "Bearer sk-provider", KEY]) {
        let error = refused(&client.chat(&body, &[("authorization", value)]).await, 401);
        assert_eq!(error["type"], "authentication_error", "{value:?}");
        assert_eq!(error["code"], "invalid_api_key", "{value:?}");
        assert!(!error["message"].as_str().unwrap().contains("sk-"), "{error}");
    }
    // Who calls is asked before what is called for.
    for (method, path) in [("POST", "/v1/chat/completions"), ("POST", "/v1/embeddings"), ("GET", "/v1/models/same")] {
        assert_eq!(refused(&client.get(method, path).await, 401)["code"], "invalid_api_key", "{path}");
    }
    assert!(provider.connections().is_empty());

    let mine = format!("Bearer {KEY}");
    let calls: [&[(&str, &str)]; 4] = [
        &[("authorization", &mine)],
        &[("authorization", "bearer  sk-other")],
        &[("authorization", ""), ("x-api-key", "sk-other")],
        &[("authorization", "Bearer sk-other"), ("x-api-key", "sk-nobody")],
    ];
    for (index, headers) in calls.into_iter().enumerate() {
        assert_eq!(client.chat(&body, headers).await.status, 200, "{headers:?}");
        let request = provider.request(index).await;
        assert_eq!(request.header_lines("authorization"), [format!("Bearer {PROVIDER_KEY}")]);
        let seen = String::from_utf8_lossy(request.bytes());
        assert!(![KEY, "sk-other", "sk-nobody"].iter().any(|key| seen.contains(key)), "{seen}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn urls_and_methods() {
    let provider = answering(0).await;
    let client = Client::new(front_of(provider.addr()).await);
    for (method, path) in [("GET", "/"), ("PUT", "/v1/%ff?x=y")] {
        let error = refused(&client.get(method, path).await, 404);
        let path = path.split('?').next().unwrap();
        assert_eq!(error["message"], format!("Invalid URL ({method} {path})"));
        assert_eq!(error["type"], INVALID);
    }
    let long = format!("/v1/{}", "x".repeat(5000));
    assert!(client.get("GET", &long).await.body.len() < 1000);
    for (method, path, allow) in [
        ("GET", "/v1/chat/completions", "POST"),
        ("PATCH", "/v1/chat/completions?x", "POST"),
        ("PUT", "/v1/models/same", "GET"),
        ("DELETE", "/metrics", "GET"),
    ] {
        let got = client.get(method, path).await;
        assert_eq!(refused(&got, 405)["code"], "method_not_supported");
        assert_eq!(got.header("allow"), Some(allow), "{method} {path}");
    }
    assert!(provider.connections().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_at_once() {
    let (provider, front) = raw(Conversation::answer(ok())).await;
    let client = &Client::new(front);
    join_all((0..200).map(|number| async move {
        match number % 4 {
            0 => refused(&client.post(format!("{{\"n\":{number}"), &[]).await, 400),
            1 => refused(&client.chat(&json!({"model": number}), &[]).await, 400),
            2 => refused(&client.chat(&ask("nobody-s", "x", true), &[]).await, 404),
            _ => refused(&client.chat(&ask("same", "x", true), &[("authorization", "Bearer x")]).await, 401),
        }
    }))
    .await;
    assert!(provider.connections().is_empty());
    let good = client.chat(&ask("same", "x", false), &[]).await;
    assert_eq!((good.status, good.json()), (200, ask("m", "said", false)));
}

/// One proxy for all cases.
static SERVED: LazyLock<(Runtime, Client)> = LazyLock::new(|| {
    let runtime = Runtime::new().expect("a runtime");
    let client = runtime.block_on(async {
        let nobody = answering(0).await;
        Client::new(front_of(nobody.addr()).await)
    });
    (runtime, client)
});

/// A right body with a few bytes put wrong, or cut off. Its model is nobody's.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let good = br#"{"model":"nobody-s","messages":[{"role":"user","content":"\u00e4 x"}],"n":-1.5e3,"stream":true}"#;
    let edits = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
    (edits, 0..=good.len()).prop_map(move |(edits, end)| {
        let mut bytes = good.to_vec();
        edits.iter().for_each(|(at, byte)| bytes[at.index(good.len())] = *byte);
        bytes.truncate(end);
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_at_all(body in prop_oneof![prop::collection::vec(any::<u8>(), 0..200), damaged()]) {
        let (runtime, client) = &*SERVED;
        let (got, alive) = runtime.block_on(async { (client.post(body, &[]).await, client.get("GET", "/readyz").await) });
        prop_assert!((400..500).contains(&got.status), "{got:?}");
        refused(&got, got.status);
        prop_assert_eq!(alive.status, 200);
    }
}
