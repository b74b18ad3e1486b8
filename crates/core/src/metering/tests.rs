use std::sync::{Arc, Mutex};

use http::{Response, header::CONTENT_TYPE};
use http_body::Body as _;
use llm_layers_testkit::{
    body::{Conformance, Script, TestBody},
    body_conformance,
    split::for_every_split,
};
use llm_layers_wire::{json::Object, sse::Event};

use super::*;
use crate::Operation;

const EXPECTED: Expected = Expected { input: 100, output: 1000 };

fn stream(events: &[(&str, &str)], end: End) -> u64 {
    read(events).billed(EXPECTED, end).tokens.total()
}

fn read(events: &[(&str, &str)]) -> Reading {
    let mut reading = Reading::default();
    for (name, data) in events {
        let event = Event::new((*data).to_owned());
        reading.event(&if name.is_empty() { event } else { event.with_name((*name).to_owned()) });
    }
    reading
}

fn whole(body: &str) -> Reading {
    Reading::of(&Object::parse(body.to_owned()).expect("an object"))
}

#[test]
fn whole_answers_tell() {
    for (body, used) in [
        (r#"{"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}"#, 7),
        (r#"{"usage":{"prompt_tokens":3,"total_tokens":3}}"#, 3),
        (r#"{"usage":{"total_tokens":9}}"#, 9),
        (r#"{"usage":{"input_tokens":3,"output_tokens":4,"total_tokens":7}}"#, 7),
        (
            r#"{"usage":{"input_tokens":3,"cache_read_input_tokens":10,"cache_creation_input_tokens":20,"output_tokens":4}}"#,
            37,
        ),
        (r#"{"usage":null}"#, 1100),
        (r#"{"usage":[]}"#, 1100),
        (r#"{"usage":{"prompt_tokens":"3","completion_tokens":-1}}"#, 1100),
        (r#"{"usage":{"prompt_tokens":18446744073709551615,"completion_tokens":9}}"#, u64::MAX),
        (r#"{"usage":{"prompt_tokens":1e3,"completion_tokens":1.5}}"#, 1100),
        ("{}", 1100),
        // Nobody has told, and eight bytes are there.
        (r#"{"choices":[{"message":{"content":"12345678"},"usage":{"total_tokens":123456789}}]}"#, 102),
        (r#"{"data":[{"b64_json":"QUJDREVGR0hJSktMTU5PUA=="}]}"#, 1100),
        (r#"{"error":{"message":"no"}}"#, 0),
        (r#"{"error":{"message":"no"},"usage":{"prompt_tokens":3,"completion_tokens":0}}"#, 3),
    ] {
        assert_eq!(whole(body).billed(EXPECTED, End::Complete).tokens.total(), used, "{body}");
    }
}

#[test]
fn kinds_are_told_in_many_words() {
    let kinds = |body: &str| whole(body).tokens();
    let openai = kinds(
        r#"{"usage":{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,
            "prompt_tokens_details":{"cached_tokens":60,"audio_tokens":7,"image_tokens":3,"cache_write_tokens":5},
            "completion_tokens_details":{"reasoning_tokens":20,"audio_tokens":2,"accepted_prediction_tokens":1}}}"#,
    );
    assert_eq!((openai.input, openai.output), (Some(100), Some(50)));
    assert_eq!((openai.cached_input, openai.cache_write, openai.audio_input), (Some(60), Some(5), Some(7)));
    assert_eq!((openai.image_input, openai.reasoning, openai.audio_output), (Some(3), Some(20), Some(2)));
    assert_eq!((openai.cache_write_1h, openai.image_output), (None, None), "unknown is not zero");

    let responses = kinds(
        r#"{"usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":4},"output_tokens":6,
            "output_tokens_details":{"reasoning_tokens":5},"total_tokens":16}}"#,
    );
    assert_eq!((responses.input, responses.cached_input), (Some(10), Some(4)));
    assert_eq!((responses.output, responses.reasoning), (Some(6), Some(5)));

    let anthropic = kinds(
        r#"{"usage":{"input_tokens":5,"cache_creation_input_tokens":30,"cache_read_input_tokens":20,
            "cache_creation":{"ephemeral_5m_input_tokens":10,"ephemeral_1h_input_tokens":20},
            "output_tokens":7,"output_tokens_details":{"thinking_tokens":3},"service_tier":"batch"}}"#,
    );
    assert_eq!((anthropic.input, anthropic.cached_input), (Some(55), Some(20)));
    assert_eq!((anthropic.cache_write, anthropic.cache_write_1h), (Some(30), Some(20)));
    assert_eq!((anthropic.output, anthropic.reasoning), (Some(7), Some(3)));

    let deepseek = kinds(r#"{"usage":{"prompt_tokens":9,"completion_tokens":1,"prompt_cache_hit_tokens":8}}"#);
    assert_eq!((deepseek.input, deepseek.cached_input), (Some(9), Some(8)));
    let moonshot = kinds(r#"{"usage":{"prompt_tokens":9,"completion_tokens":1,"cached_tokens":6}}"#);
    assert_eq!(moonshot.cached_input, Some(6));
    // Reasoning that only the total counts.
    let beside = kinds(
        r#"{"usage":{"prompt_tokens":9,"completion_tokens":1,"total_tokens":60,
            "completion_tokens_details":{"reasoning_tokens":50}}}"#,
    );
    assert_eq!((beside.output, beside.reasoning), (Some(51), Some(50)));
}

#[test]
fn usage_is_written_in_openais_words() {
    let usage = whole(
        r#"{"usage":{"input_tokens":5,"cache_read_input_tokens":20,"output_tokens":7,"output_tokens_details":{"thinking_tokens":3}}}"#,
    )
    .usage()
    .expect("usage");
    assert_eq!((usage.prompt_tokens, usage.completion_tokens, usage.total_tokens), (25, 7, 32));
    assert_eq!((usage.cached_tokens(), usage.reasoning_tokens()), (20, 3));
    assert_eq!(whole("{}").usage(), None);
    let plain = whole(r#"{"usage":{"prompt_tokens":1,"completion_tokens":1}}"#).usage().expect("usage");
    assert_eq!((plain.prompt_tokens_details, plain.completion_tokens_details), (None, None));
}

#[test]
fn costs_are_numbers_or_nothing() {
    let cost = |cost: &str| {
        whole(&format!(r#"{{"usage":{{"prompt_tokens":1,"cost":{cost}}}}}"#)).cost().map(|cost| cost.to_string())
    };
    assert_eq!(cost("0.00014").as_deref(), Some("0.00014"));
    assert_eq!(cost("0").as_deref(), Some("0"));
    assert_eq!(cost("1.4e-05").as_deref(), Some("0.000014"));
    for nothing in ["null", "\"0.1\"", "{\"total_cost\":1}", "-0.1", "1e99", "[]", "true"] {
        assert_eq!(cost(nothing), None, "{nothing}");
    }
}

#[test]
fn names_and_reasons_are_read_and_bounded() {
    let reasons = |reading: &Reading| reading.finish_reasons().map(str::to_owned).collect::<Vec<_>>().join(" ");
    let chat = whole(
        r#"{"model":"m-1","service_tier":"flex","choices":[{"finish_reason":"stop","message":{"content":"a"}},
            {"finish_reason":"length"},{"finish_reason":"stop"},{"finish_reason":null}]}"#,
    );
    assert_eq!((chat.model(), chat.service_tier(), &*reasons(&chat)), (Some("m-1"), Some("flex"), "stop length"));
    assert_eq!(reasons(&whole(r#"{"type":"message","stop_reason":"max_tokens"}"#)), "max_tokens");
    let response = r#"{"object":"response","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"}}"#;
    assert_eq!(reasons(&whole(response)), "max_output_tokens");
    assert_eq!(reasons(&whole(r#"{"object":"response","status":"completed","incomplete_details":null}"#)), "completed");

    let many: Vec<_> = (0..1000).map(|n| format!(r#"{{"finish_reason":"r{n}"}}"#)).collect();
    assert_eq!(whole(&format!(r#"{{"choices":[{}]}}"#, many.join(","))).finish_reasons().count(), 8);
    let long = "x".repeat(300);
    let long =
        whole(&format!(r#"{{"model":"{long}","service_tier":"{long}","choices":[{{"finish_reason":"{long}"}}]}}"#));
    assert_eq!((long.model(), long.service_tier(), long.finish_reasons().count()), (None, None, 0));
    for nonsense in [r#"{"choices":7,"model":[],"service_tier":{}}"#, r#"{"choices":[7,null]}"#] {
        assert_eq!(whole(nonsense).finish_reasons().count(), 0, "{nonsense}");
    }
}

#[test]
fn streams_of_chat_tell_at_the_end_or_show() {
    let text = r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":"12345678"}}],"usage":null}"#;
    let usage = r#"{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}"#;
    assert_eq!(stream(&[("", text), ("", text), ("", usage), ("", "[DONE]")], End::Complete), 7);
    assert_eq!(stream(&[("", text), ("", text), ("", "[DONE]")], End::Complete), 100 + 4);
    assert_eq!(stream(&[("", text)], End::Cancelled), 100 + 2);
    assert_eq!(stream(&[("", text)], End::Failed), 100 + 2);
    assert_eq!(stream(&[], End::Cancelled), 100);
    assert_eq!(stream(&[], End::Failed), 0);
    assert_eq!(stream(&[("", "[DONE]")], End::Complete), 1100, "it has shown nothing");
    let call = r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}}]}"#;
    assert_eq!(stream(&[("", call)], End::Cancelled), 100 + 1);
    let sound =
        format!(r#"{{"choices":[{{"delta":{{"audio":{{"data":"{}","transcript":"Hi"}}}}}}]}}"#, "QUJD".repeat(999));
    assert_eq!(stream(&[("", &sound)], End::Cancelled), 100 + 1, "a second of it is no 16,000 tokens of text");
    let old = r#"{"object":"text_completion","choices":[{"text":"12345678"}]}"#;
    assert_eq!(stream(&[("", old)], End::Cancelled), 100 + 2);
    let running = r#"{"choices":[{"delta":{"content":"x"}}],"usage":{"prompt_tokens":5,"completion_tokens":2}}"#;
    assert_eq!(stream(&[("", running)], End::Cancelled), 7, "told with each chunk");
    let last = r#"{"model":"m","choices":[{"delta":{},"finish_reason":"length"}]}"#;
    let reading = read(&[("", text), ("", last)]);
    assert_eq!((reading.model(), reading.finish_reasons().collect::<Vec<_>>()), (Some("m"), vec!["length"]));
    assert!(!reading.is_over() && read(&[("", "[DONE]")]).is_over());
}

#[test]
fn what_each_event_tells_is_kept_once() {
    let event =
        |tier: &str| Event::new(format!(r#"{{"service_tier":"{tier}","choices":[{{"delta":{{"content":"a"}}}}]}}"#));
    let mut reading = Reading::default();
    reading.event(&event("flex"));
    let kept = reading.service_tier().map(str::as_ptr);
    reading.event(&event("flex"));
    assert_eq!(reading.service_tier().map(str::as_ptr), kept, "an event costs no allocation");
    reading.event(&event("priority"));
    assert_eq!(reading.service_tier(), Some("priority"));
}

#[test]
fn streams_of_messages_and_responses() {
    let start = r#"{"type":"message_start","message":{"model":"c","usage":{"input_tokens":7,"cache_read_input_tokens":3,"output_tokens":1}}}"#;
    let text = r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"12345678"}}"#;
    let end = r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5}}"#;
    for names in [["message_start", "content_block_delta", "message_delta", "message_stop"], [""; 4]] {
        let (start, text) = ((names[0], start), (names[1], text));
        let stop = (names[3], r#"{"type":"message_stop"}"#);
        assert_eq!(stream(&[start, text, (names[2], end), stop], End::Complete), 15);
        assert_eq!(stream(&[start, text, text], End::Cancelled), 10 + 4);
        let call = r#"{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t","name":"now","input":{}}}"#;
        let arguments = r#"{"type":"content_block_delta","delta":{"type":"input_json_delta","partial_json":"{}"}}"#;
        let name = if names[0].is_empty() { "" } else { "content_block_start" };
        assert_eq!(read(&[start, (name, call), (names[1], arguments)]).shown(), 3 + 32 + 2 + 2);
        let reading = read(&[start, text, (names[2], end), stop]);
        assert_eq!((reading.model(), reading.tokens().cached_input), (Some("c"), Some(3)));
        assert!(reading.is_over() && reading.finish_reasons().eq(["end_turn"]));
    }

    let delta = r#"{"type":"response.output_text.delta","delta":"12345678"}"#;
    let done = r#"{"type":"response.completed","response":{"object":"response","status":"completed","model":"g","service_tier":"priority",
        "usage":{"input_tokens":7,"output_tokens":5,"total_tokens":12}}}"#;
    for names in [["response.output_text.delta", "response.completed"], [""; 2]] {
        assert_eq!(stream(&[(names[0], delta), (names[1], done)], End::Complete), 12);
        assert_eq!(stream(&[(names[0], delta), (names[0], delta)], End::Cancelled), 104);
        let sound = r#"{"type":"response.audio.delta","delta":"QUJDREVGR0hJSktM"}"#;
        let name = if names[0].is_empty() { "" } else { "response.audio.delta" };
        assert_eq!(stream(&[(name, sound)], End::Cancelled), 100);
        let reading = read(&[(names[0], delta), (names[1], done)]);
        assert_eq!((reading.model(), reading.service_tier()), (Some("g"), Some("priority")));
        assert!(reading.is_over() && reading.finish_reasons().eq(["completed"]));
    }
}

#[test]
fn nonsense_tells_nothing() {
    for data in ["", "{", "null", "[]", r#"{"choices":7,"delta":7,"message":7,"response":"{"}"#, r#"{"delta":{}}"#] {
        for name in ["content_block_delta", "message_start", "response.completed", ""] {
            assert_eq!(stream(&[(name, data)], End::Cancelled), 100, "{name} {data}");
        }
    }
}

#[test]
fn usage_is_asked_for_once() {
    let asked = |body: &str| {
        let mut request = Object::parse(body.to_owned()).expect("an object");
        let asked = ask_for_usage(Some(Operation::ChatCompletion), &mut request);
        (asked, String::from_utf8(request.to_bytes().to_vec()).expect("text"))
    };
    let wanted = r#"{"stream":true,"stream_options":{"include_usage":true}}"#;
    assert_eq!(asked(r#"{"stream":true}"#), (true, wanted.into()));
    assert_eq!(asked(r#"{"stream":true,"stream_options":null}"#), (true, wanted.into()));
    assert_eq!(asked(r#"{"stream":true,"stream_options":{"include_usage":false}}"#), (true, wanted.into()));
    let told = r#"{"stream":true,"usage":{"include":true},"stream_options":{"include_usage":true}}"#;
    assert_eq!(asked(r#"{"stream":true,"usage":{"include":true}}"#), (false, told.into()), "asked for, and shown");
    let hidden = r#"{"stream":true,"usage":{"include":false},"stream_options":{"include_usage":true}}"#;
    assert_eq!(asked(r#"{"stream":true,"usage":{"include":false}}"#), (true, hidden.into()));
    for as_it_was in [wanted, r#"{"stream":false}"#, "{}", r#"{"stream":true,"stream_options":7}"#] {
        assert_eq!(asked(as_it_was), (false, as_it_was.into()));
    }
}

type Told = Arc<Mutex<Vec<(u64, End)>>>;

fn observer(told: &Told) -> impl Observe + use<> {
    let told = Arc::clone(told);
    move |reading: &Reading, end: End| {
        told.lock().expect("a lock").push((reading.billed(EXPECTED, end).tokens.total(), end));
    }
}

fn answer(media_type: &str, body: Body) -> Response<Body> {
    Response::builder().header(CONTENT_TYPE, media_type).body(body).expect("a response")
}

async fn drain(body: &mut Body) -> String {
    String::from_utf8(body.bytes(1 << 20).await.expect("a body").to_vec()).expect("text")
}

const CHAT: &str = concat!(
    "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}],\"usage\":null}\n\n",
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}\n\n",
    "data: [DONE]\n\n",
);

#[test]
fn a_stream_is_read_and_its_usage_hidden_however_it_is_cut() {
    let hidden = "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\ndata: [DONE]\n\n";
    for_every_split(CHAT, |pieces| {
        let told = Told::default();
        let script = pieces.iter().fold(Script::new(), |script, piece| script.data(piece.clone()).pending());
        let metering = Metering::new().hides_usage(true);
        let mut response = meter(answer("text/event-stream", Body::new(script.body())), &metering, observer(&told));
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        assert_eq!(runtime.block_on(drain(response.body_mut())), hidden);
        assert_eq!(*told.lock().expect("a lock"), [(7, End::Complete)]);
    });
}

#[tokio::test]
async fn what_was_announced_goes_where_a_stream_is_edited() {
    for (hides, edits, length) in [(false, false, true), (true, false, false), (false, true, false)] {
        let mut response = answer("text/event-stream", Body::from(CHAT));
        response.headers_mut().insert(CONTENT_LENGTH, CHAT.len().into());
        let metering = Metering::new().hides_usage(hides).edits_events(edits);
        let response = meter(response, &metering, |_: &Reading, _: End| {});
        assert_eq!(response.headers().contains_key(CONTENT_LENGTH), length);
    }
}

/// Waits for so many frames, and hangs up.
async fn hang_up(media_type: &str, script: Script, frames: usize) -> Vec<(u64, End)> {
    let told = Told::default();
    let mut response = meter(answer(media_type, Body::new(script.body())), &Metering::new(), observer(&told));
    for _ in 0..frames {
        let frame = std::future::poll_fn(|cx| std::pin::Pin::new(response.body_mut()).poll_frame(cx)).await;
        frame.expect("a frame").expect("no error");
    }
    drop(response);
    std::mem::take(&mut *told.lock().expect("a lock"))
}

#[tokio::test]
async fn who_hangs_up_has_had_what_was_shown() {
    let script = || {
        let events: Vec<_> = CHAT.split_inclusive("\n\n").collect();
        events.iter().fold(Script::new(), |script, event| script.data((*event).to_owned()).pending())
    };
    assert_eq!(hang_up("text/event-stream", script(), 0).await, [(100, End::Cancelled)]);
    assert_eq!(hang_up("text/event-stream", script(), 1).await, [(101, End::Cancelled)]);
    assert_eq!(hang_up("text/event-stream", script(), 2).await, [(7, End::Cancelled)]);
    assert_eq!(hang_up("text/event-stream", script(), 3).await, [(7, End::Complete)], "all of it was said");
    let whole = Script::new().data("{\"usage\":").pending().data("{\"total_tokens\":9}}");
    assert_eq!(
        hang_up("application/json", whole.clone(), 1).await,
        [(1100, End::Cancelled)],
        "it was made before it was sent"
    );
    assert_eq!(hang_up("text/plain", whole.clone(), 1).await, [(1100, End::Cancelled)]);
    let broken = Script::new().data("{\"choices\":").error("reset");
    let told = Told::default();
    let response = answer("application/json", Body::new(broken.body()));
    let mut response = meter(response, &Metering::new(), observer(&told));
    response.body_mut().bytes(99).await.expect_err("it breaks off");
    assert_eq!(*told.lock().expect("a lock"), [(1100, End::Failed)]);
    assert_eq!(hang_up("application/json", whole, 2).await, [(9, End::Complete)]);
}

#[tokio::test]
async fn errors_end_it() {
    let told = Told::default();
    let events = "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\ndata: {\"error\":{\"message\":\"m\"}}\n\n";
    let mut response = meter(answer("text/event-stream", Body::from(events)), &Metering::new(), observer(&told));
    assert_eq!(drain(response.body_mut()).await, events);
    assert_eq!(*told.lock().expect("a lock"), [(101, End::Failed)]);

    let told = Told::default();
    let mut failure = answer("application/json", Body::from(r#"{"error":{"message":"m"}}"#));
    *failure.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
    let mut failure = meter(failure, &Metering::new(), observer(&told));
    drain(failure.body_mut()).await;
    assert_eq!(*told.lock().expect("a lock"), [(0, End::Failed)]);

    // Its status says enough, whoever reads the rest of it.
    for body in [Body::from("{}"), Body::from("<html>"), Body::new(Script::new().data("{").pending().body())] {
        let told = Told::default();
        let mut failure = answer("application/json", body);
        *failure.status_mut() = http::StatusCode::BAD_GATEWAY;
        let mut failure = meter(failure, &Metering::new(), observer(&told));
        let _ = std::future::poll_fn(|cx| std::pin::Pin::new(failure.body_mut()).poll_frame(cx)).await;
        drop(failure);
        assert_eq!(*told.lock().expect("a lock"), [(0, End::Failed)]);
    }
}

#[tokio::test]
async fn what_is_too_long_or_no_json_is_let_through_unread() {
    let long = format!(r#"{{"usage":{{"total_tokens":9}},"x":"{}"}}"#, "x".repeat(100));
    let mut metering = Metering::new();
    metering.max_remembered = 100;
    for (media_type, text) in [("application/json", &*long), ("application/json", "<html>"), ("text/plain", "hello")] {
        let told = Told::default();
        let mut response = meter(answer(media_type, Body::from(text.to_owned())), &metering, observer(&told));
        assert_eq!(drain(response.body_mut()).await, text);
        assert_eq!(*told.lock().expect("a lock"), [(1100, End::Complete)], "{media_type}");
    }
}

fn metered(media_type: &'static str) -> impl Fn(TestBody) -> Body + Clone {
    move |body| meter(answer(media_type, Body::new(body)), &Metering::new(), |_: &Reading, _: End| {}).into_body()
}

body_conformance!(whole_answer = Conformance::new(metered("application/json")));
body_conformance!(other_answer = Conformance::new(metered("text/plain")));
