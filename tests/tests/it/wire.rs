//! The proxy between raw peers: what leaves byte for byte, which headers stay on their side, what breaks off.

use std::io::Write;

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use llm_layers_testkit::peer::{Conversation, RawClient, RawServer};
use llm_layers_tests::KEY;

use crate::wire_support::{Client, PROVIDER_KEY, answer, ask, call, front_of, raw, shaped};

/// White space, members, numbers and escapes as no serialiser would write them.
const ODD: &str = concat!(
    "\r\n\t{ \"messages\" :[ {\"role\":\"user\" ,\"content\":\"\\u00e4\\ud83d\\ude00 ä😀 \\/ \\u0041\"} ]\n,",
    "\"temperature\":1.0,\"big\":12345678901234567890123,\"e\":1e5,\"E\":-0.0E+10 , \"model\" : \"MODEL\" ",
    ",\"x-unknown\":{\"b\":null,\"a\":[ ],\"b\":1 } ,\"\":\"\",\"stop\":null }\n\n"
);

const PLAIN: &str = "\n{\"id\": \"x\" ,\t\"object\":\"chat.completion\",\"created\":1.0e9,\"model\":\"m\",\"odd\":1E2 ,\
    \"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"\\u0041 ä\",\"refusal\":null},\
    \"finish_reason\":\"stop\"}] } \r\n";

/// What leaves of it for who asked for `mapped`: the name, and not a byte else.
fn plain_for(asked: &str) -> String {
    PLAIN.replace("\"m\"", &format!("\"{asked}\""))
}

fn odd(model: &str) -> String {
    ODD.replace("MODEL", model)
}

fn json_ok() -> Vec<u8> {
    answer("200 OK", "application/json", PLAIN)
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_arrives_byte_for_byte() {
    // What is asked for, and what the provider knows it by. Escapes in a name that is right already stay.
    let names = [("mapped", "real-model"), ("same", "same"), ("raw/org/m", "org/m"), (r"s\u0061me", r"s\u0061me")];
    for (asked, known) in names {
        for chunked in [false, true] {
            let (server, front) = raw(Conversation::answer(json_ok())).await;
            let mut client = RawClient::connect(front).await;
            let body = odd(asked);
            if chunked {
                let whole = String::from_utf8(call("", "")).unwrap();
                let head = whole.replace("content-length: 0", "Transfer-Encoding: chunked");
                let (a, b) = body.split_at(body.len() / 3);
                let body =
                    format!("{head}{:x}\r\n{a}\r\n{:X};x=y\r\n{b}\r\n0\r\nx-trailer: 1\r\n\r\n", a.len(), b.len());
                let cuts: Vec<_> = (head.len() - 3..body.len()).step_by(5).collect();
                client.write_torn(body, cuts).await;
            } else {
                client.write(call("", &body)).await;
            }
            let got = client.read_response().await;
            let request = server.request(0).await;
            assert_eq!(request.start_line(), "POST /v1/chat/completions HTTP/1.1");
            assert_eq!(request.body(), odd(known), "{asked}");
            assert_eq!(request.header_lines("content-length"), [odd(known).len().to_string()], "{asked}");
            assert!(request.header_lines("transfer-encoding").is_empty());
            // Who asks for a model by its provider's id, or by provider and id, is told what the provider says.
            let told = if asked == "mapped" { plain_for(asked) } else { PLAIN.to_owned() };
            assert_eq!(got.data(), told);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_arrives_byte_for_byte() {
    let (a, b) = PLAIN.split_at(40);
    let head = "HTTP/1.1 200 Fine\r\ncontent-type: application/json; charset=utf-8\r\nx-custom: kept\r\n";
    let sized = format!("{head}content-length: {}\r\n\r\n{PLAIN}", PLAIN.len());
    let chunked = format!(
        "{head}transfer-encoding: chunked\r\n\r\n{:x}\r\n{a}\r\n{:x};e\r\n{b}\r\n0\r\nt: 1\r\n\r\n",
        a.len(),
        b.len()
    );
    let until_close = format!("{head}\r\n{PLAIN}");
    for wire in [sized, chunked, until_close] {
        let length = wire.len();
        let script = Conversation::new().read_request().write_torn(wire.clone(), (0..length).step_by(3));
        let (_server, front) = raw(script).await;
        let mut client = RawClient::connect(front).await;
        client.write(call("", odd("same"))).await;
        let got = client.read_response().await;
        assert_eq!(got.start_line(), "HTTP/1.1 200 Fine");
        assert_eq!(got.data(), PLAIN, "{wire}");
        assert_eq!(got.header_lines("content-type"), ["application/json; charset=utf-8"]);
        assert_eq!(got.header_lines("x-custom"), ["kept"]);
        assert_eq!(got.header_lines("x-request-id").len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_and_connections_stay_on_their_side() {
    let response = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nset-cookie: __cf=1\r\nset-cookie: b=2\r\n\
         openai-organization: org-x\r\nopenai-project: p\r\nalt-svc: h3\r\nstrict-transport-security: max-age=1\r\n\
         x-request-id: req_theirs\r\nopenai-processing-ms: 12\r\nx-ratelimit-remaining-tokens: 5\r\n\
         Connection: keep-alive, X-Hop\r\nconnection: x-hop-too\r\nx-hop: 1\r\nx-hop-too: 1\r\nkeep-alive: timeout=5\r\n\
         proxy-authenticate: Basic\r\ncontent-length: {}\r\n\r\n{PLAIN}",
        PLAIN.len()
    );
    let (server, front) = raw(Conversation::answer(response)).await;
    let mut client = RawClient::connect(front).await;
    let mine = "Cookie: session=1\r\nx-api-key: sk-other\r\napi-key: k\r\nx-goog-api-key: k\r\nX-Stainless-Lang: python\r\n\
        x-stainless-retry-count: 1\r\nOpenAI-Organization: org-mine\r\nOpenAI-Project: mine\r\nx-forwarded-for: 10.0.0.1\r\n\
        forwarded: for=10.0.0.1\r\nvia: 1.1 x\r\norigin: http://o\r\nreferer: http://r\r\nx-real-ip: 10.0.0.1\r\n\
        x-llm-anything: 1\r\nConnection: keep-alive, X-Hop\r\nconnection: x-hop-too , content-length\r\nX-Hop: 1\r\n\
        x-hop-too: 1\r\nkeep-alive: 5\r\nte: trailers\r\nproxy-authorization: Basic x\r\nupgrade: h2c\r\n\
        accept-encoding: gzip, br\r\nidempotency-key: kept\r\nx-custom: kept\r\n";
    client.write(call(mine, odd("mapped"))).await;
    let got = client.read_response().await;

    let request = server.request(0).await;
    assert_eq!(request.header_lines("authorization"), [format!("Bearer {PROVIDER_KEY}")]);
    assert_eq!(request.header_lines("host"), [server.addr().to_string()]);
    assert_eq!(request.header_lines("accept-encoding"), ["identity"]);
    assert_eq!(request.header_lines("idempotency-key"), ["kept"]);
    assert_eq!(request.header_lines("x-custom"), ["kept"]);
    assert_eq!(request.header_lines("content-length"), [odd("real-model").len().to_string()]);
    let mut names: Vec<String> = request.head().lines().skip(1).map(|line| line.to_ascii_lowercase()).collect();
    names.retain(|line| !line.is_empty());
    let names: Vec<_> = names.iter().filter_map(|line| Some(line.split_once(':')?.0)).collect();
    let known =
        ["authorization", "host", "accept-encoding", "idempotency-key", "x-custom", "content-length", "content-type"];
    let others: Vec<_> = names.iter().filter(|name| !known.contains(name)).collect();
    assert!(others.is_empty(), "{others:?}");
    for secret in [KEY, "sk-other", "session=1", "10.0.0.1"] {
        assert!(!request.head().contains(secret), "{secret}");
    }

    assert_eq!(got.data(), plain_for("mapped"));
    for name in [
        "set-cookie",
        "openai-organization",
        "openai-project",
        "alt-svc",
        "strict-transport-security",
        "connection",
        "x-hop",
        "x-hop-too",
        "keep-alive",
        "proxy-authenticate",
    ] {
        assert!(got.header_lines(name).is_empty(), "{name}: {}", got.head());
    }
    assert_eq!(got.header_lines("x-llm-layers-upstream-request-id"), ["req_theirs"]);
    assert_eq!(got.header_lines("x-request-id").len(), 1);
    assert_ne!(got.header_lines("x-request-id"), ["req_theirs"]);
    assert_eq!(got.header_lines("openai-processing-ms"), ["12"]);
    assert_eq!(got.header_lines("x-ratelimit-remaining-tokens"), ["5"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn compressed_answers() {
    let zipped = gzip(PLAIN.as_bytes());
    let encoded = |status: &str, body: &[u8]| answer(status, "application/json\r\ncontent-encoding: gzip", body);
    // Not asked for, and nobody here has to read it.
    let (_server, front) = raw(Conversation::answer(encoded("200 OK", &zipped))).await;
    let got = Client::new(front).chat(&ask("mapped", "x", false), &[]).await;
    assert_eq!((got.status, got.header("content-encoding")), (200, Some("gzip")));
    assert_eq!(got.body, zipped);
    // An error has to be read.
    let error = br#"{"error":{"message":"Slow down.","type":"requests","param":null,"code":"rate_limit_exceeded"}}"#;
    for status in ["429 Too Many Requests", "500 Oops"] {
        let (_server, front) = raw(Conversation::answer(encoded(status, &gzip(error)))).await;
        let got = Client::new(front).chat(&ask("mapped", "x", false), &[]).await;
        assert_eq!(got.header("content-encoding"), None);
        let error = got.error(if status.starts_with("429") { 429 } else { 502 });
        assert_eq!((&error["message"], &error["provider"]), (&"Slow down.".into(), &"raw".into()));
    }
    // An error that cannot be read has its status still.
    let (_server, front) = raw(Conversation::answer(encoded("429 Too Many Requests", &zipped[..20]))).await;
    let error = Client::new(front).chat(&ask("mapped", "x", false), &[]).await.error(429);
    assert_eq!(error["code"], "rate_limit_exceeded");
}

#[tokio::test(flavor = "multi_thread")]
async fn compressed_requests() {
    let (server, front) = raw(Conversation::answer(json_ok())).await;
    let client = Client::new(front);
    client.post(gzip(odd("same").as_bytes()), &[("content-encoding", "gzip")]).await;
    let request = server.request(0).await;
    assert_eq!(request.body(), odd("same"));
    assert_eq!(request.header_lines("content-length"), [odd("same").len().to_string()]);
    assert!(request.header_lines("content-encoding").is_empty());

    let bomb = gzip(&[b"{\"model\":\"same\"", &vec![b' '; 17 << 20][..], b"}"].concat());
    assert!(bomb.len() < 64 << 10);
    let error = client.post(bomb, &[("content-encoding", "gzip")]).await.error(413);
    assert_eq!(error["code"], "request_too_large");
    client.post(gzip(b"{}")[..12].to_vec(), &[("content-encoding", "gzip")]).await.error(415);
    client.post(odd("same"), &[("content-encoding", "br")]).await.error(415);
    assert_eq!(server.connections().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_does_not_answer_is_a_502() {
    let page = answer("200 OK", "Text/HTML; charset=utf-8", "<html>Please log in</html>");
    let (_server, front) = raw(Conversation::answer(page)).await;
    for stream in [false, true] {
        let error = Client::new(front).chat(&ask("mapped", "x", stream), &[]).await.error(502);
        if !stream {
            assert_eq!(error["code"], "upstream_protocol_error");
            assert!(!error["message"].as_str().unwrap().contains("log in"));
        }
    }
    let scripts = [
        Conversation::new().read_request().reset(),
        Conversation::new().read_request(),
        Conversation::answer("HTTP/1.1 200"),
        Conversation::answer("SSH-2.0-OpenSSH_9.6\r\n\r\n"),
        Conversation::answer("HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx"),
    ];
    for script in scripts {
        let (_server, front) = raw(script.clone()).await;
        let error = Client::new(front).chat(&ask("mapped", "x", false), &[]).await.error(502);
        assert_eq!((&error["type"], &error["code"]), (&"api_error".into(), &"upstream_error".into()), "{script:?}");
    }
    let gone = RawServer::start([]).await;
    let addr = gone.addr();
    drop(gone);
    let front = front_of(addr).await;
    let error = Client::new(front).chat(&ask("mapped", "x", true), &[]).await.error(502);
    assert_eq!(error["code"], "upstream_error");
    assert!(!error["message"].as_str().unwrap().contains("127.0.0.1"), "no addresses: {error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn half_an_answer_is_a_broken_one() {
    let short = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n{PLAIN}");
    let chunked =
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"id\"\r\n";
    for wire in [short.as_str(), chunked] {
        for h2 in [false, true] {
            let (_server, front) = raw(Conversation::answer(wire.to_owned())).await;
            let client = if h2 { Client::h2(front) } else { Client::new(front) };
            let got = client.chat(&ask("mapped", "x", false), &[]).await;
            // It is looked at before anything of it is sent, and can still be told in words.
            assert_eq!(got.error(502)["code"], "upstream_error", "h2 {h2}: {got:?}");
        }
    }
    // An error that breaks off has its status, which says enough.
    let (_server, front) =
        raw(Conversation::answer("HTTP/1.1 529 Overloaded\r\ncontent-length: 99\r\n\r\n{\"error\"")).await;
    let error = Client::new(front).chat(&ask("mapped", "x", false), &[]).await.error(503);
    assert_eq!(error["upstream_status"], 529);
}

#[tokio::test(flavor = "multi_thread")]
async fn own_endpoints() {
    let (server, front) = raw(Conversation::answer(json_ok())).await;
    let client = Client::new(front);
    let alive = client.get("HEAD", "/healthz").await;
    assert_eq!((alive.status, alive.body.len(), alive.header("content-length")), (200, 0, Some("3")));
    assert_eq!(client.get("GET", "/readyz").await.text(), "ready\n");
    let metrics = client.get("GET", "/metrics").await;
    assert_eq!(metrics.status, 200);
    assert!(metrics.header("content-type").is_some_and(|kind| kind.starts_with("text/plain; version=0.0.4")));

    for (method, path, allow) in [
        ("POST", "/healthz", "GET"),
        ("GET", "/v1/chat/completions", "POST"),
        ("DELETE", "/v1/embeddings", "POST"),
        ("POST", "/v1/models", "GET"),
    ] {
        let got = client.get(method, path).await;
        assert_eq!(got.header("allow"), Some(allow), "{method} {path}");
        assert_eq!(got.error(405)["code"], "method_not_supported");
    }
    let error = client.get("POST", "/v1/x").await.error(404);
    assert_eq!(error["message"], "Invalid URL (POST /v1/x)");
    assert_eq!((&error["type"], &error["code"]), (&"invalid_request_error".into(), &serde_json::Value::Null));
    // A method that only a raw client sends: a HEAD of what is no endpoint has no body to be misread.
    assert_eq!(client.get("HEAD", "/v1/x").await.status, 404);

    // The body is asked for before it is sent.
    let body = odd("same");
    let whole = call("Expect: 100-continue\r\n", &body);
    let mut client = RawClient::connect(front).await;
    client.write(&whole[..whole.len() - body.len()]).await;
    assert_eq!(client.read_head().await.start_line(), "HTTP/1.1 100 Continue");
    client.write(&body).await;
    assert_eq!(client.read_response().await.data(), PLAIN);
    let request = server.request(0).await;
    assert_eq!(request.body(), Bytes::from(body));
    assert!(request.header_lines("expect").is_empty());

    // Refused before it is sent: the caller need not send it at all.
    let mut client = RawClient::connect(front).await;
    client
        .write("POST /v1/chat/completions HTTP/1.1\r\nhost: p\r\nexpect: 100-continue\r\ncontent-length: 999\r\n\r\n")
        .await;
    let refused = client.read_response().await;
    assert_eq!(refused.start_line(), "HTTP/1.1 401 Unauthorized");
    shaped(&serde_json::from_slice::<serde_json::Value>(&refused.data()).unwrap()["error"]);
}
