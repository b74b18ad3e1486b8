//! Streams: read as they pass, cut anywhere, left at any time.

use std::{future::poll_fn, pin::Pin, time::Duration};

use http::{Request, Response};
use http_body::Body as _;
use llm_layers_accounts::{Known, Outcome};
use llm_layers_core::{
    Body, BoxError, End, Operation,
    metering::{self, Metering, Reading},
};
use llm_layers_testkit::{body::Script, split::for_every_split};
use llm_layers_wire::json::Limits;
use tower::{Layer, ServiceExt};

use crate::support::{cost, events, header, layer, over, post, send, streamed, text};

const HI: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"12345678\"}}]}\n\n";
const USAGE: &str = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1000,\"completion_tokens\":500}}\n\n";
const DONE: &str = "data: [DONE]\n\n";

fn script(events: &[&str]) -> Script {
    events.iter().fold(Script::new(), |script, event| script.data((*event).to_owned()).pending())
}

#[test]
fn usage_is_asked_for_read_and_hidden_however_the_stream_is_cut() {
    for_every_split([HI, USAGE, DONE].concat(), |pieces| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let (layer, entries) = layer();
            let script = pieces.iter().fold(Script::new(), |script, piece| script.data(piece.clone()).pending());
            let service = over(&layer, move |request: Request<Body>| {
                let object = request.body().as_object().unwrap();
                assert_eq!(object.get("stream_options"), Some(&br#"{"include_usage":true}"#[..]));
                events(&script)
            });
            let mut response = send(&service, streamed("small", "")).await;
            assert_eq!(header(response.headers(), "x-llm-cost-usd"), None);
            assert_eq!(text(&mut response).await, [HI, DONE].concat());
            let entry = entries.one();
            assert_eq!((cost(&entry).unwrap().as_str(), entry.known), ("0.002", Known::Computed));
            assert_eq!(entry.outcome, Outcome::Complete);
        });
    });
}

#[tokio::test(start_paused = true)]
async fn who_asks_for_usage_sees_it_and_who_asks_for_cost_sees_both() {
    let told = USAGE.replace("500}", "500,\"cost\":0.002}");
    for (asked, expected) in [
        ("", [HI, DONE].concat()),
        (r#","stream_options":{"include_usage":true}"#, [HI, USAGE, DONE].concat()),
        (r#","usage":{"include":true}"#, [HI, &told, DONE].concat()),
        (r#","usage":{"include":true},"stream_options":{"include_usage":true}"#, [HI, &told, DONE].concat()),
        (r#","usage":{"include":false}"#, [HI, DONE].concat()),
    ] {
        let (layer, entries) = layer();
        let service = over(&layer, |request: Request<Body>| {
            assert!(!request.body().as_object().unwrap().contains("usage"));
            events(&script(&[HI, USAGE, DONE]))
        });
        let mut response = send(&service, streamed("small", asked)).await;
        assert_eq!(text(&mut response).await, expected, "{asked}");
        assert_eq!(cost(&entries.one()).unwrap(), "0.002");
    }
}

#[tokio::test(start_paused = true)]
async fn cost_stands_in_the_last_telling_only() {
    let running = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":1}}\n\n";
    let last = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1000,\"completion_tokens\":500}}\n\n";
    let (layer, _) = layer();
    let service = over(&layer, move |_| events(&script(&[running, last, DONE])));
    let mut response = send(&service, streamed("small", r#","usage":{"include":true}"#)).await;
    let told = last.replace("500}", "500,\"cost\":0.002}");
    assert_eq!(text(&mut response).await, [running, &told, DONE].concat());

    let priceless = send(&service, streamed("priceless", r#","usage":{"include":true}"#)).await;
    assert_eq!(text(&mut { priceless }).await, [running, last, DONE].concat());
}

#[tokio::test(start_paused = true)]
async fn messages_and_responses_tell_in_their_own_way() {
    let messages = [
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":1000,\"output_tokens\":1}}}\n\n",
        "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":500}}\n\n",
        "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
    ];
    let responses = [
        "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"Hi\"}\n\n",
        "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"usage\":{\"input_tokens\":1000,\"output_tokens\":500}}}\n\n",
    ];
    for (path, sent) in [("/v1/messages", &messages[..]), ("/v1/responses", &responses[..])] {
        for asks in [false, true] {
            let (layer, entries) = layer();
            let include = if asks { r#","usage":{"include":true}"# } else { "" };
            let request =
                post(path, format!(r#"{{"model":"small","messages":[],"input":"x","stream":true{include}}}"#));
            let script = script(sent);
            let mut response = send(&over(&layer, move |_| events(&script)), request).await;
            let expected = sent.concat();
            let expected = if asks {
                expected.replace("\"output_tokens\":500", "\"output_tokens\":500,\"cost\":0.002")
            } else {
                expected
            };
            assert_eq!(text(&mut response).await, expected, "{path}");
            let entry = entries.one();
            assert_eq!((cost(&entry).unwrap().as_str(), entry.known), ("0.002", Known::Computed), "{path}");
        }
    }
}

/// Reads so many frames, and hangs up.
async fn leave_after(sent: &[&str], frames: usize) -> llm_layers_accounts::Entry {
    let (layer, entries) = layer();
    let script = script(sent);
    let request = streamed("small", r#","stream_options":{"include_usage":true},"max_tokens":99"#);
    let mut response = send(&over(&layer, move |_| events(&script)), request).await;
    for _ in 0..frames {
        poll_fn(|cx| Pin::new(response.body_mut()).poll_frame(cx)).await.unwrap().unwrap();
    }
    drop(response);
    entries.one()
}

#[tokio::test(start_paused = true)]
async fn a_hang_up_is_billed_by_what_was_seen() {
    for (frames, output) in [(0, 0), (1, 2), (2, 4)] {
        let entry = leave_after(&[HI, HI, USAGE, DONE], frames).await;
        assert_eq!((entry.outcome, entry.known), (Outcome::Cancelled, Known::Estimated), "{frames}");
        assert_eq!(entry.tokens.output, Some(output));
        assert!(entry.tokens.input.unwrap() < 20, "{entry:?}");
    }
    let entry = leave_after(&[HI, HI, USAGE, DONE], 3).await;
    assert_eq!(
        (entry.outcome, entry.known, cost(&entry).unwrap().as_str()),
        (Outcome::Cancelled, Known::Computed, "0.002")
    );
    assert_eq!(leave_after(&[HI, HI, USAGE, DONE], 4).await.outcome, Outcome::Complete, "all of it was there");
    // Anthropic tells 1 at the beginning.
    let start = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":1000,\"output_tokens\":1}}}\n\n";
    let delta = "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"1234567890123456\"}}\n\n";
    let entry = leave_after(&[start, delta, delta], 2).await;
    assert_eq!((entry.tokens.input, entry.tokens.output), (Some(1000), Some(4)));
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_breaks_costs_what_was_seen() {
    let (layer, entries) = layer();
    let broken = script(&[HI, HI]).error("reset");
    let mut response = send(&over(&layer, move |_| events(&broken)), streamed("small", "")).await;
    response.body_mut().bytes(1 << 20).await.unwrap_err();
    let entry = entries.one();
    assert_eq!((entry.outcome, entry.known, entry.tokens.output), (Outcome::Failed, Known::Estimated, Some(4)));

    // Before the first word it costs nothing.
    let broken = Script::new().pending().error("reset");
    let mut response = send(&over(&layer, move |_| events(&broken)), streamed("small", "")).await;
    response.body_mut().bytes(1 << 20).await.unwrap_err();
    let entry = entries.one();
    assert_eq!((entry.outcome, cost(&entry).unwrap().as_str()), (Outcome::Failed, "0"));

    let told = script(&[HI, "data: {\"error\":{\"message\":\"m\"}}\n\n"]);
    let mut response = send(&over(&layer, move |_| events(&told)), streamed("small", "")).await;
    text(&mut response).await;
    let entry = entries.one();
    assert_eq!((entry.outcome, entry.tokens.output), (Outcome::Failed, Some(2)));
}

#[tokio::test(start_paused = true)]
async fn who_leaves_before_there_is_an_answer_has_asked_all_the_same() {
    let (layer, entries) = layer();
    let silent = tower::service_fn(|_: Request<Body>| std::future::pending::<Result<Response<Body>, BoxError>>());
    let request =
        post("/v1/chat/completions", r#"{"model":"small","messages":[{"role":"user","content":"Hello there"}]}"#);
    let call = layer.layer(silent).oneshot(request);
    tokio::time::timeout(Duration::from_secs(3), call).await.unwrap_err();
    let entry = entries.one();
    assert_eq!((entry.outcome, entry.known, entry.status), (Outcome::Cancelled, Known::Estimated, None));
    assert_eq!((entry.tokens.output, entry.took), (Some(0), Duration::from_secs(3)));
    assert!(entry.tokens.input.unwrap() > 0);
}

#[tokio::test(start_paused = true)]
async fn times_are_those_of_the_words() {
    let (layer, entries) = layer();
    let body = slow(&[(1, ": hello\n\n"), (2, HI), (4, DONE)]);
    let cell = std::sync::Arc::new(std::sync::Mutex::new(Some(body)));
    let service = over(&layer, move |_| {
        Response::builder()
            .header("content-type", "text/event-stream")
            .body(cell.lock().unwrap().take().unwrap())
            .unwrap()
    });
    text(&mut send(&service, streamed("small", "")).await).await;
    let entry = entries.one();
    assert_eq!((entry.first_word, entry.took), (Some(Duration::from_secs(3)), Duration::from_secs(7)));
}

/// A body whose frames come so many seconds after each other.
fn slow(frames: &'static [(u64, &'static str)]) -> Body {
    struct Slow {
        frames: std::slice::Iter<'static, (u64, &'static str)>,
        sleep: Option<(Pin<Box<tokio::time::Sleep>>, &'static str)>,
    }
    impl http_body::Body for Slow {
        type Data = bytes::Bytes;
        type Error = BoxError;
        fn poll_frame(
            mut self: Pin<&mut Self>,
            cx: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<http_body::Frame<bytes::Bytes>, BoxError>>> {
            if self.sleep.is_none() {
                let Some((seconds, text)) = self.frames.next() else { return std::task::Poll::Ready(None) };
                self.sleep = Some((Box::pin(tokio::time::sleep(Duration::from_secs(*seconds))), text));
            }
            let (sleep, text) = self.sleep.as_mut().unwrap();
            std::task::ready!(std::future::Future::poll(sleep.as_mut(), cx));
            let frame = http_body::Frame::data(bytes::Bytes::from_static(text.as_bytes()));
            self.sleep = None;
            std::task::Poll::Ready(Some(Ok(frame)))
        }
    }
    Body::new(Slow { frames: frames.iter(), sleep: None })
}

/// As limiters and routers do.
#[tokio::test(start_paused = true)]
async fn a_layer_above_that_asks_for_usage_itself_hides_no_cost() {
    let told = USAGE.replace("500}", "500,\"cost\":0.002}");
    for (asked, expected) in [("", [HI, DONE].concat()), (r#","usage":{"include":true}"#, [HI, &told, DONE].concat())] {
        let (layer, _) = layer();
        let service = over(&layer, |_| events(&script(&[HI, USAGE, DONE])));
        let mut request = streamed("small", asked);
        let object = request.body_mut().object(&Limits::DEFAULT).await.unwrap();
        let hides = metering::ask_for_usage(Some(Operation::ChatCompletion), object);
        assert!(object.is_edited());
        let response = send(&service, request).await;
        let ignored = |_: &Reading, _: End| {};
        let mut response = metering::meter(response, &Metering::new().hides_usage(hides), ignored);
        assert_eq!(text(&mut response).await, expected, "{asked}");
    }
}
