use std::io::Write;

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use futures_util::stream;
use http::{HeaderMap, StatusCode};
use llm_layers_core::FailureKind;

use super::*;

const JSON: &str = r#"{"id":"c1","choices":[]}"#;

/// Two passengers of a flight that brings this; with the answers that have landed.
async fn fly(max_bytes: usize, response: Option<Response<Body>>) -> ([Landed; 2], usize) {
    let (flights, landings) = (Flights::default(), Arc::new(AtomicUsize::new(0)));
    let (mut response, landed) = (Some(response), Arc::clone(&landings));
    let bounds = Bounds { max_bytes, ..BOUNDS };
    let first = flights.board(key(1), bounds, || {
        let landing = move |_| _ = landed.fetch_add(1, Ordering::SeqCst);
        (Box::pin(std::future::ready(response.take().unwrap())), Box::new(landing))
    });
    let second = flights.board(key(1), bounds, || unreachable!("there is a flight"));
    let (second, first) = tokio::join!(second.landed(), first.landed());
    assert_eq!(flights.len(), 0);
    ([first, second], landings.load(Ordering::SeqCst))
}

fn json(body: impl Into<Body>) -> Response<Body> {
    Response::builder().header("content-type", "application/json; charset=utf-8").body(body.into()).unwrap()
}

/// As it comes off the wire: in pieces, of unknown length.
fn pieces(text: &'static [u8]) -> Body {
    struct Pieces(stream::Iter<std::slice::Chunks<'static, u8>>);
    impl http_body::Body for Pieces {
        type Data = Bytes;
        type Error = BoxError;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
        ) -> Poll<Option<Result<http_body::Frame<Bytes>, BoxError>>> {
            let piece = self.0.poll_next_unpin(cx);
            piece.map(|piece| {
                piece.map(|piece| match piece {
                    b"!" => Err("cut off".into()),
                    piece => Ok(http_body::Frame::data(Bytes::from_static(piece))),
                })
            })
        }
    }
    Body::new(Pieces(stream::iter(text.chunks(7))))
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn whole(landed: Landed) -> (StatusCode, HeaderMap, String) {
    let Landed::Whole(response) = landed else { panic!("not whole") };
    let (head, object) = response.into_parts();
    (head.status, head.headers, String::from_utf8(object.to_bytes().to_vec()).unwrap())
}

#[tokio::test]
async fn a_whole_answer_is_for_all() {
    for body in [Body::from(JSON), pieces(JSON.as_bytes()), Body::from(Object::parse(JSON).unwrap())] {
        let (landed, landings) = fly(JSON.len(), Some(json(body))).await;
        assert_eq!(landings, 1);
        for landed in landed {
            assert_eq!(whole(landed).2, JSON);
        }
    }
}

#[tokio::test]
async fn an_error_is_for_all_who_wait_and_does_not_land() {
    let mut response = json(r#"{"error":{}}"#);
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    let (landed, landings) = fly(99, Some(response)).await;
    assert_eq!(landings, 0);
    for landed in landed {
        let (status, _, text) = whole(landed);
        assert_eq!((status, &text[..]), (StatusCode::TOO_MANY_REQUESTS, r#"{"error":{}}"#));
    }
}

#[tokio::test]
async fn what_is_compressed_is_read() {
    let mut response = json(gzip(JSON));
    response.headers_mut().insert("content-encoding", "gzip".parse().unwrap());
    response.headers_mut().insert("content-length", "999".parse().unwrap());
    let (landed, landings) = fly(99, Some(response)).await;
    assert_eq!(landings, 1);
    for landed in landed {
        let (_, headers, text) = whole(landed);
        assert_eq!((&text[..], headers.get("content-encoding")), (JSON, None));
        assert_eq!(headers["content-length"], JSON.len().to_string());
    }
}

#[tokio::test]
async fn what_cannot_be_shared_is_for_one_and_all_there() {
    let gzipped = gzip(&" ".repeat(4096));
    let with = |name: &'static str, value: &'static str, body: Body| {
        let mut response = json(body);
        response.headers_mut().insert(name, value.parse().unwrap());
        response
    };
    for (response, bytes) in [
        (
            json(pieces(br#"{"a":"too long, and by far more than a piece"}"#)),
            &br#"{"a":"too long, and by far more than a piece"}"#[..],
        ),
        (json(r#"{"a":"too long, and known to be so"}"#), br#"{"a":"too long, and known to be so"}"#),
        (
            json(Object::parse(r#"{"a":"too long, and split already"}"#).unwrap()),
            br#"{"a":"too long, and split already"}"#,
        ),
        (json("[1]"), b"[1]"),
        (json(""), b""),
        (json(r#"{"a":"#), br#"{"a":"#),
        (with("content-type", "text/plain", Body::from(JSON)), JSON.as_bytes()),
        (with("content-type", "audio/mpeg", pieces(b"\x00\x01")), b"\x00\x01"),
        (with("content-encoding", "br", Body::from("{}")), b"{}"),
        (with("content-encoding", "gzip", Body::from(gzipped.clone())), &gzipped),
        (with("content-encoding", "gzip", Body::from(gzip("[]"))), &gzip("[]")),
    ] {
        let is_encoded = response.headers().contains_key("content-encoding");
        let (landed, landings) = fly(30.max(if is_encoded { gzipped.len() } else { 0 }), Some(response)).await;
        assert_eq!(landings, 0);
        let [Landed::Alone(mut response), Landed::Nothing] = landed else { panic!("shared: {bytes:?}") };
        assert_eq!(response.body_mut().bytes(1 << 20).await.unwrap(), bytes);
        assert_eq!(response.headers().contains_key("content-encoding"), is_encoded);
    }
    // A stream of events that cannot be read as it comes.
    let mut response = with("content-encoding", "gzip", Body::from(gzip("data: [DONE]\n\n")));
    response.headers_mut().insert("content-type", "text/event-stream".parse().unwrap());
    assert!(matches!(fly(99, Some(response)).await.0, [Landed::Alone(_), Landed::Nothing]));
}

#[tokio::test]
async fn what_breaks_off_is_an_error_for_all() {
    let mut response = json(pieces(br#"{"id":"c1","a"!"#));
    response.headers_mut().insert("x-request-id", "r1".parse().unwrap());
    response.headers_mut().insert("content-length", "50".parse().unwrap());
    let (landed, landings) = fly(99, Some(response)).await;
    assert_eq!(landings, 0);
    for landed in landed {
        let Landed::Whole(response) = landed else { panic!("not whole") };
        assert_eq!(response.status(), StatusCode::BAD_GATEWAY);
        assert_eq!(response.extensions().get(), Some(&FailureKind::Unreachable));
        assert_eq!(response.headers()["x-request-id"], "r1");
        assert_eq!(response.headers()["content-length"], response.body().text_len().to_string());
    }
}

#[tokio::test]
async fn of_nothing_everybody_gets_nothing() {
    assert!(matches!(fly(99, None).await, ([Landed::Nothing, Landed::Nothing], 0)));
}

#[tokio::test]
async fn what_is_for_one_goes_to_another_when_who_began_has_left() {
    let flights = Flights::default();
    let first = flights.board(key(1), BOUNDS, || (Box::pin(std::future::ready(Some(json("[]")))), Box::new(drop)));
    let others = [(); 2].map(|()| flights.board(key(1), BOUNDS, || unreachable!("there is a flight")));
    drop(first);
    let [second, third] = others;
    assert!(matches!(second.landed().await, Landed::Alone(_)));
    assert!(matches!(third.landed().await, Landed::Nothing));
}
