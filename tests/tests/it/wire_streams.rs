//! Streams on the wire: odd framing, cuts, hang-ups, slow readers, HTTP/2.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use llm_layers_testkit::peer::{Conversation, RawClient, Signal};
use llm_layers_tests::Stage;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    time::timeout,
};

use crate::wire_support::{Client, ask, call, check, front_of, raw};

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";

/// Legal in every line, and like nobody's: a byte order mark, all three line ends, comments, fields that no one asked
/// for, `data` without a space and over two lines.
const ODD: &str = "\u{feff}: hello\r\n\r\n\
    data:{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\r\n\r\n\
    event: message\rid: 7\rretry: 10\rdata: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Gr\u{fc}\u{df} \u{6f22}\u{1f600}\"},\"finish_reason\":null,\"x\":1.50}]}\r\r\
    : keep-alive\n\n\n\
    data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\ndata: \"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n\
    data: [DONE]\n\n";

#[tokio::test(flavor = "multi_thread")]
async fn odd_framing_is_forwarded_byte_for_byte() {
    let (_provider, front) = raw(Conversation::new().read_request().write([HEAD, ODD].concat()).half_close()).await;
    let answer = Client::new(front).chat(&ask("same", "hi", true), &[]).await;
    assert_eq!(answer.text(), ODD);
}

/// The provider sends a part, and the next one only once the first is on its way.
#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_forwarded_byte_for_byte_wherever_it_is_cut() {
    let event = |from: &str| ODD.find(from).unwrap();
    // Within a multi-byte character; between CR and LF; within a field's name.
    for cut in [event("漢") + 1, event("\r\nevent") + 1, event("ata: [DONE]")] {
        let (sent, rest) = (Signal::new(), Signal::new());
        let conversation = Conversation::new()
            .read_request()
            .write(HEAD)
            .write(ODD.as_bytes()[..cut].to_vec())
            .tell(&sent)
            .wait(&rest)
            .write(ODD.as_bytes()[cut..].to_vec())
            .half_close();
        let (_provider, front) = raw(conversation).await;
        let mut client = RawClient::connect(front).await;
        client.write(call("", ask("same", "hi", true).to_string())).await;
        sent.given().await;
        // The comment that leads is forwarded at once: the head is here before the rest is sent.
        client.read_until(": hello").await;
        rest.give();
        let mut all = client.read_until("[DONE]").await.to_vec();
        all.extend(client.read_until("0\r\n\r\n").await);
        let data = unchunked(&[b": hello", &all[..]].concat());
        // What is left behind the data is the end of the last chunk, of no length.
        assert_eq!(data.strip_suffix("\r\n"), Some(&ODD["\u{feff}".len()..]), "cut at {cut}");
    }
}

/// The data of chunks of which the first has been begun: what stands between their sizes.
fn unchunked(bytes: &[u8]) -> String {
    // Sizes are hexadecimal digits on lines of their own, framed by CRLF; no line of `ODD` looks like that.
    let mut data = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest.windows(2).position(|pair| pair == b"\r\n") {
        let tail = &rest[at + 2..];
        let size = tail.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        let framed = size > 0 && tail[size..].starts_with(b"\r\n");
        data.extend_from_slice(&rest[..if framed { at } else { at + 2 }]);
        rest = if framed { &tail[size + 2..] } else { tail };
    }
    data.extend_from_slice(rest);
    String::from_utf8(data).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hang_up_before_the_head_closes_the_providers_connection() {
    let asked = Signal::new();
    let (provider, front) = raw(Conversation::new().read_request().tell(&asked).wait_for_close()).await;
    let mut client = RawClient::connect(front).await;
    client.write(call("", ask("same", "hi", false).to_string())).await;
    asked.given().await;
    drop(client);
    assert!(provider.finished(0).await.closed_by_peer);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hang_up_in_mid_stream_closes_the_providers_connection() {
    let begun = &ODD[..ODD.find(": keep-alive").unwrap()];
    let (provider, front) =
        raw(Conversation::new().read_request().write([HEAD, begun].concat()).wait_for_close()).await;
    let mut client = RawClient::connect(front).await;
    client.write(call("", ask("same", "hi", true).to_string())).await;
    client.read_until("retry: 10").await;
    drop(client);
    assert!(provider.finished(0).await.closed_by_peer);
}

/// A provider that never stops, and a client that never reads: what lies between them is bounded.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reader_holds_the_provider_back() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let provider = listener.local_addr().unwrap();
    let written = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&written);
    let endless = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 65536]).await.unwrap();
        stream.write_all(HEAD.as_bytes()).await.unwrap();
        let chunk = format!(
            "data: {{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{{\"index\":0,\"delta\":{{\"role\":\"assistant\",\"content\":\"{}\"}},\"finish_reason\":null}}]}}\n\n",
            "x".repeat(8000)
        );
        // Until a write waits for so long that nobody can be reading: then it tells, and waits for the end.
        while let Ok(sent) = timeout(Duration::from_secs(1), stream.write_all(chunk.as_bytes())).await {
            sent.unwrap();
            assert!(count.fetch_add(chunk.len(), Ordering::Relaxed) < 64 << 20, "nothing holds the provider back");
        }
        stream
    });
    let front = front_of(provider).await;
    let mut client = RawClient::connect(front).await;
    client.write(call("", ask("same", "hi", true).to_string())).await;
    client.read_until("content").await;
    let mut stream = endless.await.unwrap();
    // The kernel's own buffers of both connections take most of it.
    assert!(written.load(Ordering::Relaxed) < 24 << 20, "{} bytes", written.load(Ordering::Relaxed));
    drop(client);
    let gone = async { while stream.write_all(b": still there\n\n").await.is_ok() {} };
    timeout(Duration::from_secs(10), gone).await.expect("the hang-up reaches the provider");
}

#[tokio::test(flavor = "multi_thread")]
async fn http2_clients_are_served_two_calls_at_once_on_one_connection() {
    let stage = Stage::start().await;
    let client = Client::h2(stage.addr());
    for model in ["small", "claude"] {
        let (plain, stream) = (ask(model, "sim:say over h2", false), ask(model, "sim:say over h2", true));
        let (plain, stream) = tokio::join!(client.chat(&plain, &[]), client.chat(&stream, &[]));
        assert_eq!(plain.version, http::Version::HTTP_2);
        assert_eq!(plain.json()["choices"][0]["message"]["content"], "over h2");
        assert!(!stream.broken);
        check(&stream.body, false);
    }
}
