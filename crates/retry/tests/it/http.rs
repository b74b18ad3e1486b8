//! Connections that fail in the ways that connections do, over real sockets.

use std::time::Duration;

use http::Request;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use llm_layers_core::{Body, ErrorToResponseLayer, FailureKind};
use llm_layers_retry::RetryLayer;
use llm_layers_testkit::peer::{Conversation, RawServer};
use tower::{Layer, ServiceExt};

use crate::support::{DONE, GREETING, WORD, attempts, read};

fn at_once() -> RetryLayer {
    RetryLayer::new().base_delay(Duration::ZERO).without_budget()
}

fn request(url: &str) -> Request<Body> {
    // As a client sends it that does not know the length of what it sends.
    let body = llm_layers_testkit::body::Script::new().data(r#"{"model":"#).data(r#""m"}"#);
    let body = body.hint(llm_layers_testkit::body::Hint::Unknown).body();
    Request::post(url).body(Body::new(body)).unwrap()
}

fn stream(events: &[&str]) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n{}", events.concat())
}

fn good() -> Conversation {
    Conversation::answer(stream(&[GREETING, WORD, DONE]))
}

#[tokio::test]
async fn whatever_breaks_before_the_first_word_is_asked_for_again() {
    let plain = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{\"choices\":[";
    for broken in [
        Conversation::new().read_request().reset(),
        Conversation::new().read_request(),
        Conversation::answer("HTTP/1.1 200 OK\r\ncontent-ty"),
        Conversation::answer("nonsense\r\n\r\n"),
        Conversation::answer(stream(&[])),
        Conversation::answer(stream(&[GREETING])).reset(),
        Conversation::answer(plain),
        Conversation::answer("HTTP/1.1 529 Overloaded\r\ncontent-length: 0\r\n\r\n"),
    ] {
        for answers_errors in [true, false] {
            let server = RawServer::start([broken.clone(), broken.clone(), good()]).await;
            let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build_http();
            let request = request(&server.url("/v1/chat/completions"));
            let response = match answers_errors {
                true => at_once().layer(ErrorToResponseLayer::new().layer(client)).oneshot(request).await.unwrap(),
                false => at_once().layer(client).oneshot(request).await.unwrap(),
            };
            assert_eq!((response.status().as_u16(), attempts(&response)), (200, Some(3)));
            assert_eq!(read(response.into_body()).await, ([GREETING, WORD, DONE].concat().into_bytes(), false));
            for attempt in 0..3 {
                let seen = server.request(attempt).await;
                assert_eq!(
                    (seen.header_lines("content-length"), &seen.data()[..]),
                    (vec!["13"], &br#"{"model":"m"}"#[..])
                );
            }
        }
    }
}

#[tokio::test]
async fn what_breaks_behind_it_is_broken() {
    let chunked = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    let word = format!("{chunked}{:x}\r\n{WORD}\r\n", WORD.len());
    let server = RawServer::start([Conversation::answer(word), good()]).await;
    let client = Client::builder(TokioExecutor::new()).build_http();
    let request = request(&server.url("/v1/chat/completions"));
    let response = at_once().layer(client).oneshot(request).await.unwrap();
    assert_eq!((response.status().as_u16(), attempts(&response)), (200, Some(1)));
    assert_eq!(read(response.into_body()).await, (WORD.as_bytes().to_vec(), true));
    assert_eq!(server.connections().len(), 1);
}

#[tokio::test]
async fn a_port_that_nobody_listens_on() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let client = ErrorToResponseLayer::new().layer(Client::builder(TokioExecutor::new()).build_http());
    let request = request(&format!("http://{free}/v1/chat/completions"));
    let response = at_once().layer(client).oneshot(request).await.unwrap();
    assert_eq!((response.status().as_u16(), attempts(&response)), (502, Some(3)));
    assert_eq!(FailureKind::of(&response), Some(FailureKind::Unreachable));
}
