//! Raw server and raw client against each other.

use llm_layers_testkit::peer::{Conversation, RawClient, RawServer, Signal};
use std::io::ErrorKind;

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

#[tokio::test]
async fn what_was_received_is_kept_byte_for_byte() {
    let chunked = "POST /a HTTP/1.1\r\nConnection: a\r\nTransfer-Encoding: chunked\r\nconnection: b\r\n\r\n\
                   3\r\nabc\r\n2;x\r\nde\r\n0\r\nt: v\r\n\r\n";
    let server = RawServer::start([Conversation::answer(OK).read_request().write(OK)]).await;
    let mut client = RawClient::connect(server.addr()).await;
    client.write_torn(chunked, [1, 30, chunked.len() - 3]).await;
    assert_eq!(client.read_response().await.data(), "ok");
    // The same connection once more, with a stale length.
    client.write("POST /b HTTP/1.1\r\ncontent-length: 5\r\n\r\nhello, world").await;
    assert_eq!(client.read_to_close().await, OK);

    let first = server.request(0).await;
    assert_eq!(first.bytes(), chunked);
    assert_eq!(first.start_line(), "POST /a HTTP/1.1");
    assert_eq!(first.header_lines("CONNECTION"), ["a", "b"]);
    assert_eq!(first.data(), "abcde");
    assert!(first.body().ends_with(b"0\r\nt: v\r\n\r\n"));
    assert_eq!(server.request(1).await.body(), "hello");
    let connection = server.finished(0).await;
    assert!(connection.is_over && connection.broken.is_none());
    assert!(connection.received.ends_with(b"hello, world"));
}

#[tokio::test]
async fn signals_part_what_must_arrive_apart() {
    let (read, written) = (Signal::new(), Signal::new());
    let conversation = Conversation::new()
        .read_request()
        .write("HTTP/1.1 100 Continue\r\n\r\n")
        .tell(&written)
        .wait(&read)
        .write_torn(OK, 1..OK.len());
    let server = RawServer::start([conversation]).await;
    let mut client = RawClient::connect(server.addr()).await;
    client.write("GET / HTTP/1.1\r\n\r\n").await;
    written.given().await;
    assert_eq!(client.read_response().await.start_line(), "HTTP/1.1 100 Continue");
    read.give();
    assert_eq!(client.read_until("\r\n").await, "HTTP/1.1 200 OK\r\n");
    assert_eq!(client.read_head().await.body(), "");
    assert_eq!(client.read_exact(1).await, "o");
    assert_eq!(client.read_to_close().await, "k");
}

#[tokio::test]
async fn answers_without_a_body_and_until_close() {
    let server = RawServer::start([
        Conversation::answer("HTTP/1.1 204 No Content\r\ncontent-length: 7\r\n\r\n").hang(),
        Conversation::answer("HTTP/1.1 200 OK\r\n\r\nuntil close"),
        Conversation::answer("HTTP/1.1 200 OK\r\n\r\nhalf").half_close().wait_for_close(),
    ])
    .await;
    let mut open = Vec::new();
    for expected in ["", "until close", "half"] {
        let mut client = RawClient::connect(server.addr()).await;
        client.write("GET / HTTP/1.1\r\n\r\n").await;
        assert_eq!(client.read_response().await.data(), expected);
        open.push(client);
    }
    assert!(!server.connections()[0].is_over);
    assert!(!server.connections()[2].is_over);
    drop(open);
    assert!(server.finished(2).await.closed_by_peer);
}

#[tokio::test]
async fn a_reset_is_an_error_and_not_an_end() {
    let server = RawServer::start([
        Conversation::new().read_request().write("HTTP/1.1 200 OK\r\n").reset(),
        Conversation::new().read_request(),
    ])
    .await;
    let mut plain = tokio::net::TcpStream::connect(server.addr()).await.unwrap();
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    plain.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let error = plain.read_to_end(&mut Vec::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);

    let mut client = RawClient::connect(server.addr()).await;
    client.write("GET / HT").await;
    client.reset();
    let connection = server.finished(1).await;
    assert_eq!(connection.broken, Some(ErrorKind::ConnectionReset));
    assert!(!connection.is_over);
}

#[tokio::test]
async fn an_early_hang_up_is_told_with_what_had_come() {
    let server = RawServer::start([Conversation::answer(OK)]).await;
    let mut client = RawClient::connect(server.addr()).await;
    client.write("POST / HTTP/1.1\r\ncontent-length: 9\r\n\r\nhalf").await;
    client.half_close().await;
    let connection = server.finished(0).await;
    assert_eq!(connection.broken, Some(ErrorKind::UnexpectedEof));
    assert!(connection.received.ends_with(b"half") && connection.requests.is_empty());
}

#[tokio::test]
async fn a_slow_reader_is_felt() {
    let go_on = Signal::new();
    let slow = Conversation::new().read(1).wait(&go_on).wait_for_close();
    let server = RawServer::start_slow([slow], 4 << 10).await;
    let much = vec![b'x'; 12 << 20];
    let mut client = RawClient::connect_slow(server.addr(), 4 << 10).await;
    {
        let mut write = std::pin::pin!(client.write(&much));
        // Not by time: the first poll that finds no room shows it.
        let polled = std::future::poll_fn(|cx| std::task::Poll::Ready(write.as_mut().poll(cx))).await;
        assert!(polled.is_pending());
        go_on.give();
        write.await;
    }
    drop(client);
    assert_eq!(server.finished(0).await.received.len(), much.len());
}

#[tokio::test]
#[should_panic(expected = "raw client: a whole response did not come, only \"HTTP/1.1 200 OK\\r\\nco\"")]
async fn an_answer_cut_off_is_shown() {
    let server = RawServer::start([Conversation::answer("HTTP/1.1 200 OK\r\nco")]).await;
    let mut client = RawClient::connect(server.addr()).await;
    client.write("GET / HTTP/1.1\r\n\r\n").await;
    client.read_response().await;
}

#[tokio::test(start_paused = true)]
async fn a_paused_clock_does_not_set_off_the_safety_net() {
    let server = RawServer::start([Conversation::answer(OK)]).await;
    let mut client = RawClient::connect(server.addr()).await;
    client.write("GET / HTTP/1.1\r\n\r\n").await;
    assert_eq!(client.read_response().await.data(), "ok");
}
