#![allow(clippy::disallowed_methods, reason = "hosts run beside the client")]

use std::{
    convert::Infallible,
    io,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_util::future::join_all;
use http::{Request, Response, Uri, Version};
use http_body::Body as _;
use http_body_util::BodyExt;
use hyper::{body::Incoming, server::conn::http2, service::service_fn};
use hyper_util::{
    client::legacy::connect::{Connected, Connection, HttpConnector},
    rt::{TokioExecutor, TokioIo},
};
use llm_layers_core::Body;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream},
    net::{TcpListener, TcpStream},
    time::timeout,
};

use super::{Client, Error};

/// A host that treats each connection in a way; gives its URL, and counts the connections.
async fn host<F>(serve: impl Fn(TcpStream, usize) -> F + Send + 'static) -> (String, Arc<AtomicUsize>)
where
    F: Future<Output = io::Result<()>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/v1/chat?x=y", listener.local_addr().expect("an address"));
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, counted.fetch_add(1, Ordering::SeqCst)));
        }
    });
    (url, count)
}

/// Reads a request's head, and gives it.
async fn head(stream: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

fn client() -> Client<HttpConnector> {
    Client::new(HttpConnector::new())
}

async fn get(client: &Client<HttpConnector>, url: &str) -> Result<Bytes, Error> {
    let response = client.send(Request::get(url).body(Body::empty()).expect("a request")).await?;
    Ok(response.into_body().collect().await.map_err(Error::Exchange)?.to_bytes())
}

#[tokio::test]
async fn calls_go_by_one_connection_in_turn_and_by_several_at_once() {
    let (url, count) = host(|mut stream, _| async move {
        loop {
            let head = head(&mut stream).await?;
            assert!(head.starts_with("GET /v1/chat?x=y HTTP/1.1\r\nhost: 127.0.0.1:"), "{head}");
            tokio::time::sleep(Duration::from_millis(5)).await;
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi").await?;
        }
    })
    .await;
    let client = client();
    for _ in 0..3 {
        assert_eq!(get(&client, &url).await.expect("an answer"), "hi");
    }
    assert_eq!(count.load(Ordering::SeqCst), 1);
    for _ in 0..2 {
        for answer in join_all((0..8).map(|_| get(&client, &url))).await {
            assert_eq!(answer.expect("an answer"), "hi");
        }
        assert_eq!(count.load(Ordering::SeqCst), 8);
    }
}

#[tokio::test]
async fn an_answer_without_a_body_gives_the_connection_back_at_once() {
    let (url, count) = host(|mut stream, _| async move {
        loop {
            head(&mut stream).await?;
            stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await?;
        }
    })
    .await;
    let client = client();
    let mut held = Vec::new();
    for _ in 0..3 {
        let request = Request::get(&url).body(Body::empty()).expect("a request");
        held.push(client.send(request).await.expect("an answer"));
    }
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_connection_that_the_host_has_closed_is_not_used() {
    let (url, count) = host(|mut stream, _| async move {
        head(&mut stream).await?;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi").await
    })
    .await;
    let client = client();
    for asked in 1..=5 {
        assert_eq!(get(&client, &url).await.expect("an answer"), "hi");
        assert_eq!(count.load(Ordering::SeqCst), asked);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn an_answer_that_ends_with_its_connection_is_whole() {
    let (url, count) = host(|mut stream, _| async move {
        head(&mut stream).await?;
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nall of ").await?;
        tokio::time::sleep(Duration::from_millis(5)).await;
        stream.write_all(b"it").await
    })
    .await;
    let client = client();
    for asked in 1..=2 {
        assert_eq!(get(&client, &url).await.expect("an answer"), "all of it");
        assert_eq!(count.load(Ordering::SeqCst), asked);
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_an_error_and_so_is_none() {
    let (url, _) = host(|mut stream, number| async move {
        head(&mut stream).await?;
        if number == 0 { stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf").await } else { Ok(()) }
    })
    .await;
    let client = client();
    for _ in 0..2 {
        assert!(matches!(get(&client, &url).await, Err(Error::Exchange(_))));
    }
    let gone = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address");
    assert!(matches!(get(&client, &format!("http://{gone}/")).await, Err(Error::Connect(_))));
    assert!(matches!(get(&client, "/v1").await, Err(Error::NoHost)));
}

#[tokio::test]
async fn each_chunk_comes_when_it_is_said_and_a_dropped_answer_closes() {
    let (closed, is_closed) = tokio::sync::oneshot::channel();
    let closed = std::sync::Mutex::new(Some(closed));
    let (url, _) = host(move |mut stream, _| {
        let closed = closed.lock().expect("a lock").take();
        async move {
            head(&mut stream).await?;
            stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await?;
            for _ in 0..3 {
                tokio::time::sleep(Duration::from_millis(20)).await;
                stream.write_all(b"5\r\nhello\r\n").await?;
            }
            assert_eq!(stream.read(&mut [0]).await?, 0, "the client has gone");
            closed.expect("one connection").send(()).expect("somebody who waits");
            Ok(())
        }
    })
    .await;
    let request = Request::get(&url).body(Body::empty()).expect("a request");
    let mut response = client().send(request).await.expect("an answer");
    for _ in 0..3 {
        let frame = timeout(Duration::from_secs(5), response.frame()).await.expect("in time");
        assert_eq!(frame.expect("a frame").expect("no error").into_data().expect("data"), "hello");
    }
    assert!(timeout(Duration::from_millis(50), response.frame()).await.is_err(), "nothing more is said");
    drop(response);
    timeout(Duration::from_secs(5), is_closed).await.expect("in time").expect("closed");
}

#[tokio::test]
async fn much_passes_both_ways_at_once() {
    const LENGTH: usize = 4 << 20;
    let (url, count) = host(|mut stream, _| async move {
        loop {
            let head = head(&mut stream).await?;
            assert!(head.contains(&format!("content-length: {LENGTH}\r\n")), "{head}");
            stream.write_all(format!("HTTP/1.1 200 OK\r\ncontent-length: {LENGTH}\r\n\r\n").as_bytes()).await?;
            let (mut left, mut piece) = (LENGTH, vec![0; 50_000]);
            while left > 0 {
                let length = stream.read(&mut piece).await?;
                stream.write_all(&piece[..length]).await?;
                left -= length;
            }
        }
    })
    .await;
    let client = client();
    let sent: Vec<u8> = (0..LENGTH).map(|at| (at / 1000) as u8).collect();
    for _ in 0..2 {
        let request = Request::post(&url).body(Body::from(sent.clone())).expect("a request");
        let answer = client.send(request).await.expect("an answer").into_body().collect().await.expect("a body");
        assert!(answer.to_bytes() == sent, "what comes is what was sent");
    }
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn one_task_may_send_and_another_read() {
    let (url, _) = host(|mut stream, _| async move {
        head(&mut stream).await?;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhe").await?;
        tokio::time::sleep(Duration::from_millis(20)).await;
        stream.write_all(b"llo").await
    })
    .await;
    let request = Request::get(&url).body(Body::empty()).expect("a request");
    let response = client().send(request).await.expect("an answer");
    assert_eq!(response.body().size_hint().exact(), Some(5));
    let read = tokio::spawn(async { response.into_body().collect().await.map(|body| body.to_bytes()) });
    assert_eq!(read.await.expect("no panic").expect("a body"), "hello");
}

/// Connects to a host within this process.
#[derive(Clone)]
struct Within {
    is_http2: bool,
    connections: Arc<AtomicUsize>,
    open: Arc<()>,
}

/// One end of a connection, which may say that it speaks HTTP/2.
struct End(TokioIo<DuplexStream>, bool);

impl tower_service::Service<Uri> for Within {
    type Response = End;
    type Error = Infallible;
    type Future = std::future::Ready<Result<End, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        self.connections.fetch_add(1, Ordering::SeqCst);
        let (ours, theirs) = tokio::io::duplex(1 << 10);
        let (is_http2, open) = (self.is_http2, Arc::clone(&self.open));
        tokio::spawn(async move {
            let service = service_fn(|request: Request<Incoming>| async move {
                let expected = if request.version() == Version::HTTP_2 { "https://host:1/a" } else { "/a" };
                assert_eq!(request.uri().to_string(), expected);
                Ok::<_, Infallible>(Response::new(Body::from("hi")))
            });
            let theirs = TokioIo::new(theirs);
            if is_http2 {
                let _ = http2::Builder::new(TokioExecutor::new()).serve_connection(theirs, service).await;
            } else {
                let _ = hyper::server::conn::http1::Builder::new().serve_connection(theirs, service).await;
            }
            drop(open);
        });
        std::future::ready(Ok(End(TokioIo::new(ours), is_http2)))
    }
}

impl Connection for End {
    fn connected(&self) -> Connected {
        if self.1 { Connected::new().negotiated_h2() } else { Connected::new() }
    }
}

impl hyper::rt::Read for End {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: hyper::rt::ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl hyper::rt::Write for End {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

#[tokio::test(start_paused = true)]
async fn what_nobody_uses_is_closed() {
    for is_http2 in [false, true] {
        let within = Within { is_http2, connections: Arc::default(), open: Arc::default() };
        let (connections, open) = (Arc::clone(&within.connections), Arc::clone(&within.open));
        let client = Client::new(within);
        let ask = async || {
            let request = Request::get("https://host:1/a").body(Body::empty()).expect("a request");
            let response = client.send(request).await.expect("an answer");
            assert_eq!(response.into_body().collect().await.expect("a body").to_bytes(), "hi");
        };
        // The connector holds one, too.
        let is_open = || Arc::strong_count(&open) - 2;
        for _ in 0..3 {
            ask().await;
            tokio::time::sleep(Duration::from_secs(60)).await;
        }
        assert_eq!((connections.load(Ordering::SeqCst), is_open()), (1, 1), "HTTP/2: {is_http2}");
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert_eq!(is_open(), 0, "HTTP/2: {is_http2}");
        ask().await;
        assert_eq!((connections.load(Ordering::SeqCst), is_open()), (2, 1), "HTTP/2: {is_http2}");
    }
}

#[tokio::test]
async fn calls_at_once_share_a_connection_that_can_be_shared() {
    let within = Within { is_http2: true, connections: Arc::default(), open: Arc::default() };
    let connections = Arc::clone(&within.connections);
    let client = Client::new(within);
    let ask = async || {
        let request = Request::get("https://host:1/a").body(Body::empty()).expect("a request");
        client.send(request).await.expect("an answer").into_body().collect().await.expect("a body").to_bytes()
    };
    assert_eq!(ask().await, "hi");
    assert!(join_all((0..32).map(|_| ask())).await.iter().all(|answer| answer == "hi"));
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn connections_that_are_closed_while_nobody_looks_cost_no_call() {
    let (url, _) = host(|mut stream, _| async move {
        head(&mut stream).await?;
        tokio::time::sleep(Duration::from_millis(20)).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi").await?;
        tokio::time::sleep(Duration::from_millis(50)).await;
        Ok(())
    })
    .await;
    let client = client();
    for _ in 0..3 {
        let answers = timeout(Duration::from_secs(5), join_all((0..20).map(|_| get(&client, &url)))).await;
        assert!(answers.expect("in time").into_iter().all(|answer| answer.is_ok_and(|text| text == "hi")));
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
}

#[tokio::test]
async fn readers_that_stop_at_the_last_event_do_not_close_the_connection() {
    let (url, count) = host(|mut stream, _| async move {
        let answer = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6\r\n[DONE]\r\n0\r\n\r\n";
        loop {
            head(&mut stream).await?;
            stream.write_all(answer).await?;
        }
    })
    .await;
    let client = client();
    for _ in 0..3 {
        let request = Request::get(&url).body(Body::empty()).expect("a request");
        let mut response = client.send(request).await.expect("an answer");
        assert!(response.frame().await.is_some());
    }
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

/// tokio gives a task so much to do at a time, and then has it wait, wherever it happens to be.
#[tokio::test]
async fn a_task_that_has_done_much_is_woken_again() {
    let (url, _) = host(|mut stream, _| async move {
        loop {
            head(&mut stream).await?;
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi").await?;
        }
    })
    .await;
    let client = client();
    get(&client, &url).await.expect("an answer");
    for left in 0..16 {
        // The host has answered before it is asked how it goes on.
        let request = Request::get(&url).body(Body::empty()).expect("a request");
        let mut sent = Box::pin(client.send(request));
        let begun = std::future::poll_fn(|cx| Poll::Ready(sent.as_mut().poll(cx).is_pending()));
        assert!(begun.await, "the host has not answered yet");
        tokio::time::sleep(Duration::from_millis(5)).await;
        let mut to_spend = 128 - left;
        let response = std::future::poll_fn(|cx| {
            for _ in 0..std::mem::take(&mut to_spend) {
                let _ = pin!(tokio::task::coop::consume_budget()).poll(cx);
            }
            sent.as_mut().poll(cx)
        });
        let response = timeout(Duration::from_secs(5), response).await.unwrap_or_else(|_| panic!("{left} left"));
        response.expect("an answer").into_body().collect().await.expect("a body");
    }
}
