//! The provider as a server: counters, records, stopping, load.

use std::time::Duration;

use http_body_util::BodyExt;
use llm_layers_sim::Sim;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::common::{self, ask, chat, client, finish, h2_client, post, request, soon, streamed, with};

#[tokio::test]
async fn a_client_that_hangs_up_is_counted() {
    let sim = Sim::openai().pace(Duration::from_millis(1)).start().await.unwrap();
    let url = format!("{}/chat/completions", sim.base_url());
    let body = streamed(chat("sim:words 20000")).to_string();
    for (round, http) in [client(), h2_client()].into_iter().enumerate() {
        let mut stream = soon(http.request(request(&url, body.as_bytes(), &[]))).await.unwrap().into_body();
        assert!(soon(stream.frame()).await.unwrap().is_ok());
        drop(stream);
        let counts = soon(sim.wait_for(|counts| counts.cancelled == round as u64 + 1)).await;
        assert_eq!((counts.requests, counts.in_flight, counts.completed), (round as u64 + 1, 0, 0));
    }
    soon(sim.cancelled()).await;
}

#[tokio::test]
async fn a_request_that_breaks_off_is_counted() {
    let sim = Sim::openai().start().await.unwrap();
    let mut socket = tokio::net::TcpStream::connect(sim.addr()).await.unwrap();
    socket.write_all(b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{").await.unwrap();
    soon(sim.wait_for(|counts| counts.in_flight == 1)).await;
    drop(socket);
    assert_eq!(soon(sim.cancelled()).await.requests, 1);
}

#[tokio::test]
async fn requests_are_recorded_within_limits() {
    let sim = Sim::openai().record(2).record_body_limit(10).start().await.unwrap();
    for prompt in ["one", "two", "three"] {
        ask(&sim, &chat(prompt), &[("x-test", prompt)]).await;
    }
    let received = sim.received();
    assert_eq!(received.iter().map(|r| r.header("x-test").unwrap()).collect::<Vec<_>>(), ["two", "three"]);
    assert!(received.iter().all(|r| r.body.len() == 10 && r.path == "/v1/chat/completions" && r.method == "POST"));
    assert!(received[0].arrived <= received[1].arrived);
    assert!(!format!("{:?}", received[0]).contains("two"), "records do not print what they hold");
    sim.clear_received();
    assert!(sim.received().is_empty());
    assert_eq!(soon(sim.idle()).await.completed, 3);

    let silent = Sim::openai().record(0).start().await.unwrap();
    ask(&silent, &chat("x"), &[]).await;
    assert!(silent.received().is_empty());
}

#[tokio::test]
async fn too_large_a_body_is_refused_at_its_head() {
    let sim = Sim::openai().start().await.unwrap();
    let mut socket = tokio::net::TcpStream::connect(sim.addr()).await.unwrap();
    socket
        .write_all(b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999\r\n\r\n{")
        .await
        .unwrap();
    let mut head = [0; 12];
    soon(socket.read_exact(&mut head)).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 413");
}

#[tokio::test]
async fn stopping_lets_answers_end_and_refuses_new_ones() {
    let sim = Sim::openai().pace(Duration::from_millis(1)).start().await.unwrap();
    let (addr, url) = (sim.addr(), format!("{}/chat/completions", sim.base_url()));
    let http = client();
    let body = streamed(chat("sim:words 100")).to_string();
    let running = soon(http.request(request(&url, body.as_bytes(), &[]))).await.unwrap();
    let hanging = tokio::spawn(http.request(request(&url, body.as_bytes(), &[("x-sim-fault", "hang")])));
    soon(sim.wait_for(|counts| counts.in_flight == 2)).await;
    let (answer, ()) = soon(async { tokio::join!(finish(running), sim.stop()) }).await;
    assert!(!answer.broken);
    assert_eq!(answer.events().last().unwrap(), "[DONE]");
    assert!(soon(hanging).await.unwrap().is_err());
    assert!(tokio::net::TcpStream::connect(addr).await.is_err());
}

#[tokio::test]
async fn killing_breaks_answers_off() {
    let sim = Sim::openai().start().await.unwrap();
    let url = format!("{}/chat/completions", sim.base_url());
    let body = streamed(chat("hi")).to_string();
    let running = soon(client().request(request(&url, body.as_bytes(), &[("x-sim-fault", "stall=1")]))).await.unwrap();
    soon(sim.kill()).await;
    assert!(soon(finish(running)).await.broken);
}

#[tokio::test]
async fn the_bench_model_answers_by_size() {
    let sim = Sim::openai().start().await.unwrap();
    let body = with(chat("x"), "model", json!("bench"));
    assert_eq!(ask(&sim, &body, &[]).await.frames.concat().len(), 1024);
    let large = ask(&sim, &body, &[("x-sim-bytes", "200000")]).await;
    assert_eq!(large.frames.concat().len(), 200_000);
    assert_eq!(large.json()["choices"][0]["finish_reason"], "stop");
    let stream = |extra: Value| with(streamed(body.clone()), "stream_options", extra);
    let events = ask(&sim, &streamed(body.clone()), &[("x-sim-chunks", "7")]).await.events();
    assert_eq!(events.len(), 7 + 3);
    let events = ask(&sim, &stream(json!({"include_usage": true})), &[("x-sim-pace-us", "0")]).await.events();
    assert_eq!(events.len(), 50 + 4);
    assert!(events[events.len() - 2]["usage"]["total_tokens"].is_u64());
    assert!(sim.received().is_empty());
    assert_eq!(soon(sim.idle()).await.completed, 4);

    let claude = Sim::anthropic().start().await.unwrap();
    let events = common::send(&claude, &streamed(body), &[("x-sim-chunks", "2")]).await.events();
    assert_eq!((events.len(), &events[0]["type"]), (7, &json!("message_start")));
}

#[tokio::test]
async fn http_2_with_prior_knowledge() {
    let sim = Sim::openai().start().await.unwrap();
    let http = h2_client();
    let url = format!("{}/chat/completions", sim.base_url());
    let answers = (0..8).map(|n| {
        let (http, url) = (http.clone(), url.clone());
        async move { post(&http, &url, &streamed(chat(&format!("call {n}"))), &[]).await }
    });
    let answers: Vec<_> = answers.map(tokio::spawn).collect();
    for (n, answer) in answers.into_iter().enumerate() {
        assert_eq!(common::content(&answer.await.unwrap().events()), format!("You said: call {n}"));
    }
    assert_eq!(sim.counts().requests, 8);
}

#[tokio::test]
async fn hostile_bytes_are_answered_or_dropped() {
    let sim = Sim::both().start().await.unwrap();
    let http = client();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for body in [deep.as_bytes(), b"\xff\xfe", b"null", b"{\"model\":1}", b"{\"model\":\"sim-small\",\"messages\":[1]}"]
    {
        for path in ["chat/completions", "completions", "embeddings", "messages"] {
            let request = request(&format!("{}/{path}", sim.base_url()), body, &[common::V2023]);
            let answer = soon(async { finish(http.request(request).await.unwrap()).await }).await;
            assert!(answer.status.is_client_error(), "{path} {}", answer.status);
        }
    }
    let mut socket = tokio::net::TcpStream::connect(sim.addr()).await.unwrap();
    socket.write_all(b"\x16\x03\x01 this is no HTTP\r\n\r\n").await.unwrap();
    soon(socket.read_to_end(&mut Vec::new())).await.ok();
    assert_eq!(ask(&sim, &chat("still there?"), &[]).await.status, 200);
}
