//! Each way in which providers break the rules, and what leaves instead.

use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use http::{Request, Response, header::CONTENT_TYPE};
use llm_layers_core::{Body, BoxError, Clock, Rng};
use llm_layers_testkit::{body::Script, split};
use llm_layers_wire::{json::Object, sse::Decoder};
use proptest::prelude::*;
use serde_json::Value;
use tower::{Layer, ServiceExt, service_fn};

use crate::{Provider, TranslatorLayer};

/// Sends a stream through the layer: its status and bytes.
fn send(include_usage: bool, upstream: Body) -> (u16, Bytes) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let provider = Provider::openai("http://p.example/v1").unwrap().with_name("p");
        let layer = TranslatorLayer::new(provider)
            .clock(Clock::starting_at(UNIX_EPOCH + Duration::from_secs(5)))
            .rng(Rng::seeded(1));
        let upstream = std::sync::Mutex::new(Some(upstream));
        let upstream = std::sync::Arc::new(upstream);
        let service = layer.layer(service_fn(move |_: Request<Body>| {
            let body = upstream.lock().unwrap().take().unwrap();
            let response = Response::builder().header(CONTENT_TYPE, "text/event-stream").body(body).unwrap();
            async { Ok::<_, BoxError>(response) }
        }));
        let request = format!(
            r#"{{"model":"m","stream":true,"stream_options":{{"include_usage":{include_usage}}},"messages":[]}}"#
        );
        let request = Request::post("/v1/chat/completions").body(Body::from(request)).unwrap();
        let mut response = service.oneshot(request).await.unwrap();
        let bytes = response.body_mut().bytes(1 << 24).await.unwrap();
        (response.status().as_u16(), bytes)
    })
}

/// The data of all events.
fn data(bytes: &Bytes) -> Vec<String> {
    let mut decoder = Decoder::default();
    decoder.push(bytes.clone());
    let mut data = Vec::new();
    while let Some(event) = decoder.next().unwrap() {
        data.extend(event.data().map(|data| String::from_utf8(data.to_vec()).unwrap()));
    }
    assert!(!decoder.is_mid_event(), "what leaves ends with a whole event: {bytes:?}");
    data
}

fn stream(events: &[String]) -> String {
    events.iter().map(|event| format!("data: {event}\n\n")).collect()
}

/// What comes of a stream that becomes an answer of status 200.
fn repaired(include_usage: bool, events: &[String]) -> Vec<String> {
    let (status, bytes) = send(include_usage, Body::from(stream(events)));
    assert_eq!(status, 200, "{bytes:?}");
    data(&bytes)
}

/// What comes of a stream that fails before it says anything: status and code.
fn refused(stream: impl Into<String>) -> (u16, String) {
    let (status, bytes) = send(false, Body::from(stream.into()));
    let answer: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(answer["error"]["provider"], "p");
    (status, answer["error"]["code"].as_str().unwrap().into())
}

#[track_caller]
fn check(what: &str, include_usage: bool, events: &[String], expected: &[String]) {
    let got = repaired(include_usage, events);
    assert_eq!(got, expected, "{what}");
}

/// A chunk of these choices.
fn chunk(choices: &str) -> String {
    format!(r#"{{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{choices}]}}"#)
}

/// The same with something behind `choices`.
fn with(chunk: &str, member: &str) -> String {
    format!("{},{member}}}", &chunk[..chunk.len() - 1])
}

fn delta(delta: &str) -> String {
    of(0, delta, "null")
}

fn of(index: u64, delta: &str, finish: &str) -> String {
    chunk(&format!(r#"{{"index":{index},"delta":{delta},"finish_reason":{finish}}}"#))
}

fn calls(calls: &str) -> String {
    delta(&format!(r#"{{"tool_calls":[{calls}]}}"#))
}

fn role() -> String {
    delta(ROLE)
}

fn text() -> String {
    delta(r#"{"content":"Hi"}"#)
}

fn stop() -> String {
    of(0, "{}", r#""stop""#)
}

fn done() -> String {
    "[DONE]".into()
}

const ROLE: &str = r#"{"role":"assistant","content":""}"#;
const USAGE: &str = r#"{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}"#;
const INCOMPLETE: &str = r#"{"error":{"message":"The provider's stream ended before the answer did.","type":"api_error","param":null,"code":"upstream_incomplete_stream","provider":"p"}}"#;
const GARBAGE: &str = r#"{"error":{"message":"The provider answered with an event that is no chunk.","type":"api_error","param":null,"code":"upstream_protocol_error","provider":"p"}}"#;

mod roles {
    use super::*;

    #[test]
    fn missing_null_or_empty_it_is_said_first() {
        let end = [stop(), done()];
        let out = [role(), text(), stop(), done()];
        check("missing", false, &[&[text()], &end[..]].concat(), &out);
        for none in ["null", r#""""#] {
            let first = delta(&format!(r#"{{"role":{none},"content":"Hi"}}"#));
            check(none, false, &[&[first], &end[..]].concat(), &out);
        }
    }

    #[test]
    fn it_is_said_once() {
        let again = delta(r#"{"role":"assistant","content":"Hi"}"#);
        let with_end = of(0, r#"{"role":"assistant"}"#, r#""stop""#);
        check("repeated", false, &[role(), again, with_end, done()], &[role(), text(), stop(), done()]);
        let null = delta(r#"{"content":"Hi","role":null}"#);
        check("null later on", false, &[role(), null, stop(), done()], &[role(), text(), stop(), done()]);
    }

    #[test]
    fn each_choice_has_its_own() {
        let hi = |index| of(index, r#"{"content":"Hi"}"#, "null");
        let end = |index| of(index, "{}", r#""stop""#);
        let first = |index| of(index, ROLE, "null");
        check(
            "interleaved",
            false,
            &[first(0), hi(1), hi(0), hi(1), end(1), hi(0), end(0), done()],
            &[first(0), first(1), hi(1), hi(0), hi(1), end(1), hi(0), end(0), done()],
        );
        let item = |index| format!(r#"{{"index":{index},"delta":{{"content":"Hi"}},"finish_reason":null}}"#);
        let both = chunk(&[item(0), item(1)].join(","));
        check(
            "in one chunk",
            false,
            &[both.clone(), end(0), done()],
            &[first(0), first(1), both, end(0), end(1), done()],
        );
    }
}

mod finishes {
    use super::*;

    #[test]
    fn the_key_is_always_there() {
        let bare = |delta: &str| chunk(&format!(r#"{{"index":0,"delta":{delta}}}"#));
        let events = [bare(ROLE), bare(r#"{"content":"Hi"}"#), stop(), done()];
        check("missing", false, &events, &[role(), text(), stop(), done()]);
        let empty = |delta: &str| of(0, delta, r#""""#);
        let events = [empty(ROLE), empty(r#"{"content":"Hi"}"#), empty("{}"), done()];
        check("empty", false, &events, &[role(), text(), delta("{}"), stop(), done()]);
    }

    #[test]
    fn each_is_one_of_openais() {
        for (theirs, ours) in [
            ("stop", "stop"),
            ("length", "length"),
            ("tool_calls", "tool_calls"),
            ("content_filter", "content_filter"),
            ("function_call", "function_call"),
            ("eos", "stop"),
            ("eos_token", "stop"),
            ("end_turn", "stop"),
            ("stop_sequence", "stop"),
            ("max_tokens", "length"),
            ("model_length", "length"),
            ("tool_use", "tool_calls"),
            ("safety", "content_filter"),
            ("refusal", "content_filter"),
            ("never heard of it", "stop"),
        ] {
            let end = |reason: &str| of(0, "{}", &format!("{reason:?}"));
            check(theirs, false, &[role(), text(), end(theirs), done()], &[role(), text(), end(ours), done()]);
        }
        let object = of(0, "{}", r#"{"type":"stop","matched":2}"#);
        check("an object", false, &[role(), text(), object, done()], &[role(), text(), stop(), done()]);
    }

    #[test]
    fn a_choice_is_over_once() {
        let late = of(0, r#"{"content":"Ho"}"#, r#""stop""#);
        check(
            "twice",
            false,
            &[role(), text(), stop(), stop(), late, done()],
            &[role(), text(), stop(), delta("{}"), delta(r#"{"content":"Ho"}"#), done()],
        );
    }

    #[test]
    fn what_done_leaves_open_is_closed() {
        check("text", false, &[role(), text(), done()], &[role(), text(), stop(), done()]);
        let call = calls(r#"{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}"#);
        let end = of(0, "{}", r#""tool_calls""#);
        check("tool calls", false, &[role(), call.clone(), done()], &[role(), call, end, done()]);
    }
}

mod members {
    use super::*;

    #[test]
    fn a_choice_without_an_index_has_its_place() {
        let bare = |delta: &str| format!(r#"{{"delta":{delta},"finish_reason":null}}"#);
        let made = |index: u64, delta: &str| format!(r#"{{"delta":{delta},"finish_reason":null,"index":{index}}}"#);
        check(
            "missing",
            false,
            &[chunk(&[bare(ROLE), bare(ROLE)].join(",")), stop(), of(1, "{}", r#""stop""#), done()],
            &[chunk(&[made(0, ROLE), made(1, ROLE)].join(",")), stop(), of(1, "{}", r#""stop""#), done()],
        );
        let null = chunk(&format!(r#"{{"index":null,"delta":{ROLE},"finish_reason":null}}"#));
        check("null", false, &[null, text(), stop(), done()], &[role(), text(), stop(), done()]);
    }

    #[test]
    fn a_choice_without_a_delta_adds_nothing() {
        let bare = chunk(r#"{"index":0,"finish_reason":"stop"}"#);
        let made = chunk(r#"{"index":0,"finish_reason":"stop","delta":{}}"#);
        check("missing", false, &[role(), text(), bare, done()], &[role(), text(), made, done()]);
        let null = of(0, "null", r#""stop""#);
        check("null", false, &[role(), text(), null, done()], &[role(), text(), stop(), done()]);
    }

    #[test]
    fn what_is_constant_is_taken_from_the_first_chunk() {
        let bare = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
        let made = with(bare, r#""id":"c","object":"chat.completion.chunk","created":1,"model":"m""#);
        check("missing later on", false, &[role(), bare.into(), done()], &[role(), made, done()]);
        let null = role().replace(r#""id":"c""#, r#""id":null"#);
        let rng = Rng::seeded(1);
        let id = format!("chatcmpl-{:016x}{:08x}", rng.next_u64(), rng.next_u64() >> 32);
        let made = role().replace(r#""id":"c""#, &format!(r#""id":"{id}""#));
        check("null at first", false, &[null, stop(), done()], &[made, stop(), done()]);
        let bare = r#"{"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}"#;
        let head = format!(r#""id":"{id}","object":"chat.completion.chunk","created":5,"model":"""#);
        let opener = format!(r#"{{{head},"choices":[{{"index":0,"delta":{ROLE},"finish_reason":null}}]}}"#);
        check("missing all along", false, &[bare.into(), done()], &[opener, with(bare, &head), done()]);
    }

    #[test]
    fn choices_are_an_array() {
        for (bad, made) in [
            (
                r#"{"id":"c","object":"o","created":1,"model":"m"}"#,
                r#"{"id":"c","object":"o","created":1,"model":"m","choices":[]}"#,
            ),
            (
                r#"{"id":"c","choices":null,"object":"o","created":1,"model":"m"}"#,
                r#"{"id":"c","choices":[],"object":"o","created":1,"model":"m"}"#,
            ),
        ] {
            check(
                bad,
                false,
                &[role(), bad.into(), text(), stop(), done()],
                &[role(), made.into(), text(), stop(), done()],
            );
        }
    }
}

mod usage {
    use super::*;

    fn null(chunk: String) -> String {
        with(&chunk, r#""usage":null"#)
    }

    fn used(chunk: &str) -> String {
        with(chunk, &format!(r#""usage":{USAGE}"#))
    }

    #[test]
    fn asked_for_it_comes_on_a_chunk_of_its_own_behind_all_else() {
        let own = used(&chunk(""));
        let nulls = [null(role()), null(text()), null(stop())];
        let plain = [role(), text(), stop()];
        let whole = |events: &[String]| [events, &[own.clone(), done()]].concat();
        check("on a chunk of its own", true, &whole(&nulls), &whole(&nulls));
        check("without nulls before", true, &whole(&plain), &whole(&plain));

        let last = [null(role()), null(text()), used(&stop()), done()];
        check("on the last chunk", true, &last, &whole(&nulls));
        let every = [used(&role()), used(&text()), used(&stop()), done()];
        check("on every chunk", true, &every, &whole(&nulls));
        let every = [used(&role()), used(&text()), used(&stop()), own.clone(), done()];
        check("on every chunk and its own", true, &every, &whole(&nulls));
        let early = [null(role()), own.clone(), null(text()), null(stop()), done()];
        check("before the end", true, &early, &whole(&nulls));
        let ended = [role(), text(), null(stop())];
        check("with an open choice", true, &[role(), text(), own.clone(), done()], &whole(&ended));
        let late = [role(), text(), stop(), used(&delta("{}")), done()];
        let moved = [role(), text(), stop(), null(delta("{}")), own.clone(), done()];
        check("on a chunk behind the end", true, &late, &moved);
        check("never", true, &[role(), text(), stop(), done()], &[role(), text(), stop(), done()]);
    }

    #[test]
    fn not_asked_for_it_never_comes() {
        let plain = [role(), text(), stop(), done()];
        let own = used(&chunk(""));
        check("on a chunk of its own", false, &[role(), text(), stop(), own.clone(), done()], &plain);
        check("on the last chunk", false, &[role(), text(), used(&stop()), done()], &plain);
        check("on every chunk", false, &[used(&role()), used(&text()), used(&stop()), done()], &plain);
        check("null", false, &[null(role()), null(text()), null(stop()), own, done()], &plain);
    }

    #[test]
    fn the_last_one_counts() {
        let other = r#""usage":{"prompt_tokens":9,"completion_tokens":9,"total_tokens":18}"#;
        let events = [with(&role(), other), used(&stop()), done()];
        check("growing", true, &events, &[null(role()), null(stop()), used(&chunk("")), done()]);
    }
}

mod tool_calls {
    use super::*;

    fn open(index: &str, id: &str, name: &str) -> String {
        calls(&format!(r#"{{{index}"id":"{id}","type":"function","function":{{"name":"{name}","arguments":""}}}}"#))
    }

    fn more(index: u64, arguments: &str) -> String {
        calls(&format!(r#"{{"index":{index},"function":{{"arguments":"{arguments}"}}}}"#))
    }

    fn end() -> [String; 2] {
        [of(0, "{}", r#""tool_calls""#), done()]
    }

    #[track_caller]
    fn check_calls(what: &str, events: &[String], expected: &[String]) {
        let whole = |events: &[String]| [&[role()], events, &end()].concat();
        check(what, false, &whole(events), &whole(expected));
    }

    #[test]
    fn healthy() {
        let events = [
            open(r#""index":0,"#, "a", "f"),
            more(0, "{"),
            open(r#""index":1,"#, "b", "g"),
            more(1, "}"),
            more(0, "}"),
        ];
        check_calls("interleaved", &events, &events);
    }

    #[test]
    fn an_index_that_is_missing_is_made() {
        let bare = |arguments: &str| calls(&format!(r#"{{"function":{{"arguments":"{arguments}"}}}}"#));
        let moved = |index: u64, arguments: &str| {
            calls(&format!(r#"{{"function":{{"arguments":"{arguments}"}},"index":{index}}}"#))
        };
        let opened = |index: u64, id: &str, name: &str| {
            calls(&format!(
                r#"{{"id":"{id}","type":"function","function":{{"name":"{name}","arguments":""}},"index":{index}}}"#
            ))
        };
        check_calls(
            "missing",
            &[open("", "a", "f"), bare("{"), bare("}"), open("", "b", "g"), bare("{}")],
            &[opened(0, "a", "f"), moved(0, "{"), moved(0, "}"), opened(1, "b", "g"), moved(1, "{}")],
        );
        let by_id = |id: &str| calls(&format!(r#"{{"id":"{id}","function":{{"arguments":"x"}}}}"#));
        check_calls(
            "missing, by id",
            &[open("", "a", "f"), open("", "b", "g"), by_id("a"), by_id("b")],
            &[opened(0, "a", "f"), opened(1, "b", "g"), moved(0, "x"), moved(1, "x")],
        );
    }

    #[test]
    fn indexes_are_dense_from_0() {
        let at = |index: u64| format!(r#""index":{index},"#);
        check_calls(
            "sparse",
            &[open(&at(1), "a", "f"), more(1, "x"), open(&at(5), "b", "g"), more(5, "y"), more(1, "z")],
            &[open(&at(0), "a", "f"), more(0, "x"), open(&at(1), "b", "g"), more(1, "y"), more(0, "z")],
        );
        check_calls(
            "all zero",
            &[open(&at(0), "a", "f"), more(0, "x"), open(&at(0), "b", "g"), more(0, "y")],
            &[open(&at(0), "a", "f"), more(0, "x"), open(&at(1), "b", "g"), more(1, "y")],
        );
        let by_id = |id: &str, arguments: &str| {
            calls(&format!(r#"{{"index":0,"id":"{id}","function":{{"arguments":"{arguments}"}}}}"#))
        };
        check_calls(
            "all zero, fragments by id",
            &[open(&at(0), "a", "f"), open(&at(0), "b", "g"), by_id("a", "x"), by_id("b", "y")],
            &[open(&at(0), "a", "f"), open(&at(1), "b", "g"), more(0, "x"), more(1, "y")],
        );
        let item = |index: u64, id: &str| {
            format!(r#"{{"index":{index},"id":"{id}","type":"function","function":{{"name":"f","arguments":"{{}}"}}}}"#)
        };
        check_calls(
            "all zero in one chunk",
            &[calls(&[item(0, "a"), item(0, "b")].join(","))],
            &[calls(&[item(0, "a"), item(1, "b")].join(","))],
        );
    }

    #[test]
    fn what_is_joined_is_said_once() {
        let again = |id: &str, name: &str| {
            calls(&format!(
                r#"{{"index":0,"id":"{id}","type":"function","function":{{"name":"{name}","arguments":"x"}}}}"#
            ))
        };
        let first = open(r#""index":0,"#, "a", "f");
        check_calls("repeated", &[first.clone(), again("a", "f")], &[first.clone(), more(0, "x")]);
        check_calls("empty", &[first.clone(), again("", "")], &[first, more(0, "x")]);
    }

    #[test]
    fn arguments_are_a_string() {
        let call = |arguments: &str| {
            calls(&format!(r#"{{"index":0,"id":"a","type":"function","function":{{"name":"f"{arguments}}}}}"#))
        };
        let right = |arguments: &str| [call(&format!(r#","arguments":"{arguments}""#))];
        check_calls("an object", &[call(r#","arguments":{"a":"b\n"}"#)], &right(r#"{\"a\":\"b\\n\"}"#));
        check_calls("null", &[call(r#","arguments":null"#)], &right(""));
        check_calls("missing", &[call("")], &right(""));
    }

    #[test]
    fn ids_and_types_are_made_where_they_are_missing() {
        let rng = Rng::seeded(1);
        let id = format!("call_{:016x}{:08x}", rng.next_u64(), rng.next_u64() >> 32);
        let bare = |id: &str| calls(&format!(r#"{{"index":0,{id}"function":{{"name":"f","arguments":""}}}}"#));
        let ending = format!(r#","id":"{id}","type":"function"}}]"#);
        let made = bare("").replace("}}]", &format!("}}{ending}"));
        check_calls("missing", &[bare(""), more(0, "x")], &[made, more(0, "x")]);
        let made = bare(&format!(r#""id":"{id}","#)).replace("}}]", r#"},"type":"function"}]"#);
        check_calls("empty", &[bare(r#""id":"","#), more(0, "x")], &[made, more(0, "x")]);
        let custom = calls(r#"{"index":0,"id":"a","custom":{"name":"f","input":""}}"#);
        let made = custom.replace("}}]", r#"},"type":"custom"}]"#);
        check_calls("custom", &[custom], &[made]);
    }

    #[test]
    fn each_choice_counts_its_own() {
        let call = |choice, index: u64| {
            of(
                choice,
                &format!(
                    r#"{{"tool_calls":[{{"index":{index},"id":"a{choice}","type":"function","function":{{"name":"f","arguments":"{{}}"}}}}]}}"#
                ),
                "null",
            )
        };
        let end = |choice| of(choice, "{}", r#""tool_calls""#);
        check(
            "n = 2",
            false,
            &[role(), of(1, ROLE, "null"), call(1, 4), call(0, 7), end(0), done()],
            &[role(), of(1, ROLE, "null"), call(1, 0), call(0, 0), end(0), end(1), done()],
        );
    }

    #[test]
    fn the_legacy_function_call_passes() {
        let events = [
            delta(r#"{"role":"assistant","content":null}"#),
            delta(r#"{"function_call":{"name":"f","arguments":""}}"#),
            delta(r#"{"function_call":{"arguments":"{}"}}"#),
            of(0, "{}", r#""function_call""#),
            done(),
        ];
        check("function_call", false, &events, &events);
    }
}

mod endings {
    use super::*;

    #[test]
    fn a_choice_that_ends_by_an_error_is_a_failure() {
        let events = repaired(false, &[role(), text(), of(0, "{}", r#""error""#), done()]);
        assert_eq!(events.len(), 3, "{events:?}");
        assert!(events[2].contains(r#""code":"upstream_error""#), "{events:?}");
    }

    #[test]
    fn more_choices_than_any_model_gives_are_refused() {
        let events: Vec<_> =
            (0..2000).map(|index| of(index, r#"{"role":"assistant","content":"a"}"#, "null")).collect();
        let said = repaired(false, &events);
        assert!(said.len() < 1100 && said.last().is_some_and(|last| last.contains("too many choices")));
    }

    fn raw(stream: &str) -> (u16, String) {
        let (status, bytes) = send(false, Body::from(stream.to_owned()));
        (status, String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[test]
    fn done_is_added_where_the_answer_is_whole() {
        check("missing", false, &[role(), text(), stop()], &[role(), text(), stop(), done()]);
    }

    #[test]
    fn an_answer_that_is_not_whole_ends_with_an_error() {
        check("cut", false, &[role(), text()], &[role(), text(), INCOMPLETE.into()]);
        let other = of(1, r#"{"content":"Hi"}"#, "null");
        let opener = of(1, ROLE, "null");
        check(
            "one of two",
            false,
            &[role(), other.clone(), stop()],
            &[role(), opener, other, stop(), INCOMPLETE.into()],
        );
    }

    #[test]
    fn a_connection_that_breaks_is_an_end_like_any_other() {
        let broken = |events: &[String]| {
            let script = Script::new().data(stream(events)).error("connection reset");
            let (status, bytes) = send(false, Body::new(script.body()));
            assert_eq!(status, 200);
            data(&bytes)
        };
        assert_eq!(broken(&[role(), text()]), [role(), text(), INCOMPLETE.into()]);
        assert_eq!(broken(&[role(), text(), stop()]), [role(), text(), stop(), done()]);
        let (status, _) = send(false, Body::new(Script::new().data(stream(&[role()])).error("reset").body()));
        assert_eq!(status, 502, "nothing had been said");
    }

    #[test]
    fn nothing_follows_done() {
        let whole = [role(), text(), stop(), done()];
        check("data", false, &[&whole[..], &[text(), done()]].concat(), &whole);
        let upstream = Script::new().data(stream(&whole)).never().body();
        let handle = upstream.handle();
        let (_, bytes) = send(false, Body::new(upstream));
        assert_eq!(data(&bytes), whole);
        assert!(handle.is_dropped(), "a provider that does not hang up is not waited for");
    }

    #[test]
    fn the_last_event_may_lack_its_blank_line() {
        let whole = stream(&[role(), text(), stop(), done()]);
        for cut in ["", "\n"] {
            let unterminated = format!("{}{cut}", whole.trim_end());
            assert_eq!(raw(&unterminated), (200, whole.clone()));
        }
        let unterminated = stream(&[role(), text(), stop()]);
        assert_eq!(raw(unterminated.trim_end()), (200, whole.clone()));
    }

    #[test]
    fn the_last_event_may_be_cut() {
        let begun = stream(&[role(), text()]);
        let cut = format!("{begun}data: {}", &stop()[..20]);
        assert_eq!(raw(&cut), (200, format!("{begun}data: {INCOMPLETE}\n\n")));
        let over = stream(&[role(), text(), stop()]);
        for cut in ["data: [DON", "dat", ": PROCESS", "event: x", "retry: 1"] {
            assert_eq!(raw(&format!("{over}{cut}")), (200, format!("{over}data: [DONE]\n\n")), "{cut}");
            assert_eq!(raw(&format!("{begun}{cut}")), (200, format!("{begun}data: {INCOMPLETE}\n\n")), "{cut}");
        }
    }

    #[test]
    fn comments_pass_and_empty_data_do_not() {
        let events = |between: &str| {
            let [a, b, c, d] = [role(), text(), stop(), done()].map(|event| stream(&[event]));
            [between, &a, between, &b, between, &c, between, &d].concat()
        };
        assert_eq!(raw(&events(": keep-alive\n\n")), (200, events(": keep-alive\n\n")));
        assert_eq!(raw(&events("data:\n\n")), (200, events("")));
        assert_eq!(raw(&events("data: \n\n")), (200, events("")));
        assert_eq!(raw(&events("\n")), (200, events("\n")));
    }

    #[test]
    fn a_chunk_without_choices_in_the_midst_passes() {
        let bare = with(&chunk(""), r#""moderation":{}"#);
        let events = [bare.clone(), role(), bare.clone(), text(), bare, stop(), done()];
        check("bare", false, &events, &events);
    }

    #[test]
    fn an_error_is_the_last_event() {
        for (theirs, said) in [
            (r#"{"error":{"message":"m","type":"t","code":"c"}}"#, r#""code":"c""#),
            (r#"{"error":{"message":"m","code":429}}"#, r#""code":"rate_limit_exceeded""#),
            (r#"{"error":"m","error_type":"overloaded"}"#, r#""code":"upstream_error""#),
            (r#"{"object":"error","message":"m","type":"t","code":500}"#, r#""code":"upstream_error""#),
            (r#"{"type":"error","message":"m"}"#, r#""code":"upstream_error""#),
            (
                r#"{"id":"c","error":{"message":"m"},"choices":[{"index":0,"delta":{},"finish_reason":"error"}]}"#,
                r#""code":"upstream_error""#,
            ),
        ] {
            let got = repaired(false, &[role(), text(), theirs.into(), text(), stop(), done()]);
            assert_eq!(got[..2], [role(), text()]);
            assert_eq!(got.len(), 3, "{theirs}: {got:?}");
            assert!(got[2].starts_with(r#"{"error":{"message":"m","type":"#) && got[2].contains(said), "{}", got[2]);
        }
        let named = format!("{}event: error\ndata: {{\"message\":\"m\"}}\n\n", stream(&[role(), text()]));
        let (_, bytes) = send(false, Body::from(named));
        assert!(data(&bytes)[2].starts_with(r#"{"error":{"message":"m""#));
        let none = with(&text(), r#""error":null"#);
        check("null is none", false, &[role(), none.clone(), stop(), done()], &[role(), none, stop(), done()]);
    }

    #[test]
    fn garbage_is_an_error() {
        for garbage in ["ping", "[1]", "{", "1", r#"{"choices":[1]}"#, r#"{"choices":[{"delta":"x"}]}"#] {
            check(garbage, false, &[role(), text(), garbage.into(), done()], &[role(), text(), GARBAGE.into()]);
        }
    }

    #[test]
    fn what_fails_before_it_says_anything_has_a_status() {
        let incomplete = (502, "upstream_incomplete_stream".into());
        assert_eq!(refused(""), incomplete, "empty");
        assert_eq!(refused("data: [DONE]\n\n"), incomplete, "nothing but the end");
        assert_eq!(refused(stream(&[chunk(""), done()])), incomplete, "no choices");
        assert_eq!(refused(stream(&[role()])), incomplete, "a role and no more");
        assert_eq!(refused(stream(&["{}".into(), role()])), incomplete);
        assert_eq!(refused("data: nonsense\n\n"), (502, "upstream_protocol_error".into()));
        let error = |error: &str| refused(stream(&[chunk(""), role(), format!(r#"{{"error":{error}}}"#)]));
        assert_eq!(error(r#"{"message":"m","code":429}"#), (429, "rate_limit_exceeded".into()));
        assert_eq!(error(r#"{"message":"m","type":"overloaded_error"}"#), (503, "server_is_overloaded".into()));
        assert_eq!(error(r#"{"message":"m"}"#), (502, "upstream_error".into()));
    }
}

/// Streams as they came from providers.
mod recorded {
    use super::*;

    const OPENAI: &str = include_str!("recorded/openai.sse");
    const BROKEN: &str = include_str!("recorded/broken.sse");

    #[test]
    fn a_healthy_stream_leaves_byte_for_byte_wherever_it_is_cut() {
        for line_end in ["\n", "\r\n", "\r"] {
            let stream = OPENAI.replace('\n', line_end);
            let whole = split::for_every_split(stream.clone(), |pieces| {
                let script: Script = pieces.iter().cloned().collect();
                let (status, bytes) = send(true, Body::new(script.body()));
                assert_eq!(status, 200);
                // The LF of the last CRLF comes behind the end, if it comes by itself.
                bytes.strip_suffix(b"\n").unwrap_or(&bytes).to_vec()
            });
            assert_eq!(whole, stream.strip_suffix('\n').unwrap_or(&stream).as_bytes());
        }
    }

    #[test]
    fn a_broken_stream_is_repaired_the_same_wherever_it_is_cut() {
        let whole = split::for_every_split(BROKEN, |pieces| {
            let script: Script = pieces.iter().cloned().collect();
            send(true, Body::new(script.body()))
        });
        assert_eq!(whole.0, 200);
        obeys(true, &data(&whole.1)).unwrap();
        let crlf = BROKEN.replace('\n', "\r\n");
        let same = split::for_every_split(crlf, |pieces| {
            let script: Script = pieces.iter().cloned().collect();
            data(&send(true, Body::new(script.body())).1)
        });
        assert_eq!(same, data(&whole.1));
    }
}

/// Holds what leaves to the rules of OpenAI's streams.
fn obeys(include_usage: bool, events: &[String]) -> Result<(), String> {
    struct Seen {
        index: u64,
        finished: bool,
        calls: u64,
    }
    let (last, events) = events.split_last().ok_or("no events at all")?;
    let done = last == "[DONE]";
    if !done && Object::parse(last.clone()).map_or(true, |last| !last.contains("error")) {
        return Err(format!("the last event is neither the end nor an error: {last}"));
    }
    let mut seen: Vec<Seen> = Vec::new();
    let mut used = false;
    for event in events {
        let broken = |rule: &str| Err(format!("{rule}: {event}"));
        let Ok(value) = serde_json::from_str::<Value>(event) else { return broken("no JSON") };
        if !value["error"].is_null() {
            return broken("an error before the end");
        }
        if ["id", "object", "created", "model"].iter().any(|name| value[name].is_null()) {
            return broken("a member is missing");
        }
        let Some(choices) = value["choices"].as_array() else { return broken("no choices") };
        match &value["usage"] {
            Value::Null if include_usage || value.get("usage").is_none() => {}
            Value::Object(_) if include_usage && choices.is_empty() && !used && done => used = true,
            _ => return broken("usage"),
        }
        if used && !choices.is_empty() {
            return broken("a chunk behind the usage");
        }
        for choice in choices {
            let Some(index) = choice["index"].as_u64() else { return broken("no index") };
            let Some(delta) = choice["delta"].as_object() else { return broken("no delta") };
            let role = delta.get("role").is_some();
            let at = seen.iter().position(|seen| seen.index == index);
            if role != at.is_none() {
                return broken("the role comes first, and once");
            }
            if role && delta["role"] != "assistant" {
                return broken("no role");
            }
            let at = at.unwrap_or_else(|| {
                seen.push(Seen { index, finished: false, calls: 0 });
                seen.len() - 1
            });
            let seen = &mut seen[at];
            match choice.get("finish_reason") {
                Some(Value::Null) => {}
                Some(Value::String(reason)) if !reason.is_empty() && !seen.finished => seen.finished = true,
                _ => return broken("finish_reason"),
            }
            for call in delta.get("tool_calls").and_then(Value::as_array).into_iter().flatten() {
                let index = call["index"].as_u64();
                if index == Some(seen.calls) {
                    if call["id"].as_str().is_none_or(str::is_empty) || call["type"] != "function" {
                        return broken("a call opens with id and type");
                    }
                    seen.calls += 1;
                } else if index.is_none_or(|index| index > seen.calls) {
                    return broken("indexes of calls are dense");
                } else if ["id", "type"].iter().any(|once| call.get(once).is_some())
                    || call["function"].get("name").is_some()
                {
                    return broken("said twice");
                }
                if call.get("function").is_some_and(|function| !function["arguments"].is_string()) {
                    return broken("arguments");
                }
            }
        }
    }
    if done && (seen.is_empty() || seen.iter().any(|seen| !seen.finished)) {
        return Err("the end came before a finish".into());
    }
    Ok(())
}

/// A member that is missing, or has one of these values.
fn member(name: &'static str, values: &'static [&'static str]) -> impl Strategy<Value = Option<String>> {
    proptest::option::weighted(0.8, proptest::sample::select(values))
        .prop_map(move |value| value.map(|value| format!("{name:?}:{value}")))
}

fn object(members: Vec<Option<String>>) -> String {
    format!("{{{}}}", members.into_iter().flatten().collect::<Vec<_>>().join(","))
}

fn array(items: &[String]) -> String {
    format!("[{}]", items.join(","))
}

fn any_call() -> impl Strategy<Value = String> {
    let function = (
        member("name", &[r#""f""#, r#""""#, "null"]),
        member("arguments", &[r#""{""#, r#""""#, "{}", "null", r#"{"a":[1]}"#]),
    );
    let function =
        proptest::option::weighted(0.9, function.prop_map(|(name, arguments)| object(vec![name, arguments])));
    (
        member("index", &["0", "1", "2", "7", "null", r#""0""#, "-1"]),
        member("id", &[r#""a""#, r#""b""#, r#""""#, "null"]),
        member("type", &[r#""function""#, "null"]),
        function,
    )
        .prop_map(|(index, id, kind, function)| {
            object(vec![index, id, kind, function.map(|function| format!(r#""function":{function}"#))])
        })
}

fn any_delta() -> impl Strategy<Value = Option<String>> {
    let calls = proptest::option::weighted(0.4, proptest::collection::vec(any_call(), 0..3));
    let delta =
        (member("role", &[r#""assistant""#, r#""""#, "null"]), member("content", &[r#""Hi""#, r#""""#, "null"]), calls)
            .prop_map(|(role, content, calls)| {
                object(vec![role, content, calls.map(|calls| format!(r#""tool_calls":{}"#, array(&calls)))])
            });
    prop_oneof![8 => delta.prop_map(Some), 1 => Just(None), 1 => Just(Some("null".into()))]
}

fn any_chunk() -> impl Strategy<Value = String> {
    let choice = (
        member("index", &["0", "0", "1", "3", "null", r#""1""#]),
        any_delta(),
        member("finish_reason", &["null", "null", r#""""#, r#""stop""#, r#""eos""#, r#""length""#, "false"]),
    )
        .prop_map(|(index, delta, finish)| {
            object(vec![index, delta.map(|delta| format!(r#""delta":{delta}"#)), finish])
        });
    let choices = prop_oneof![
        8 => proptest::collection::vec(choice, 0..3).prop_map(|choices| Some(array(&choices))),
        1 => Just(None),
        1 => Just(Some("null".into())),
    ];
    let head = (
        member("id", &[r#""c""#, "null"]),
        member("object", &[r#""chat.completion.chunk""#, "null"]),
        member("created", &["1"]),
        member("model", &[r#""m""#, "null"]),
        member("usage", &["null", USAGE]),
        member("x", &["[1]"]),
    );
    (head, choices).prop_map(|((id, kind, created, model, usage, other), choices)| {
        object(vec![id, kind, created, choices.map(|choices| format!(r#""choices":{choices}"#)), model, usage, other])
    })
}

fn any_event() -> impl Strategy<Value = String> {
    prop_oneof![
        24 => any_chunk().prop_map(|chunk| format!("data: {chunk}\n\n")),
        4 => (text_of_choice(), any::<bool>()).prop_map(|(chunk, crlf)| {
            format!("data: {chunk}{}", if crlf { "\r\n\r\n" } else { "\n\n" })
        }),
        2 => Just(": keep-alive\n\n".to_owned()),
        1 => Just("data:\n\n".to_owned()),
        1 => Just("event: ping\n\n".to_owned()),
        1 => Just("data: [DONE]\n\n".to_owned()),
        1 => Just("data: garbage\n\n".to_owned()),
        1 => Just("data: {\"error\":{\"message\":\"m\"}}\n\n".to_owned()),
    ]
}

fn text_of_choice() -> impl Strategy<Value = String> {
    (0..2_u64, proptest::sample::select(&["null", r#""stop""#][..]))
        .prop_map(|(index, finish)| of(index, r#"{"content":"Hi"}"#, finish))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_comes_what_leaves_obeys_the_rules(
        events in proptest::collection::vec(any_event(), 0..16),
        include_usage in any::<bool>(),
        cut in proptest::option::of(0..40_usize),
        done in any::<bool>(),
    ) {
        let mut stream = events.concat();
        if done {
            stream.push_str("data: [DONE]\n\n");
        }
        stream.truncate(stream.len() - cut.unwrap_or(0).min(stream.len()));
        let (status, bytes) = send(include_usage, Body::from(stream));
        if status == 200 {
            obeys(include_usage, &data(&bytes)).map_err(TestCaseError::fail)?;
        } else {
            let answer: Value = serde_json::from_slice(&bytes).unwrap();
            prop_assert!(status >= 400 && answer["error"]["message"].is_string());
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        send(false, Body::from([b"data: {\"choices\":[", &bytes[..]].concat()));
    }
}
