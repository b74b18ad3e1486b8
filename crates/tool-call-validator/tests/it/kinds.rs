//! Answers whose head says something else than what they are: clients go by what they have asked for.

use http::{Request, Response, header::CONTENT_TYPE};
use llm_layers_core::Body;
use llm_layers_tool_call_validator::ValidateLayer;
use serde_json::json;

use crate::support::{Got, calls_text, chat, exchange, stream_text, streamed_calls};

const RIGHT: &str = r#"{"city":"Paris","days":3}"#;
const WRONG: &str = r#"{"days":"secret-words"}"#;

fn answer(kind: Option<&'static str>, body: impl Into<Vec<u8>>) -> Response<Body> {
    let mut response = Response::builder();
    if let Some(kind) = kind {
        response = response.header(CONTENT_TYPE, kind);
    }
    response.body(Body::from(body.into())).unwrap()
}

fn streamed() -> Request<Body> {
    chat(&json!({"stream": true}))
}

async fn got(request: Request<Body>, answer: Response<Body>) -> Got {
    exchange(&ValidateLayer::default(), request, [answer]).await.1
}

const KINDS: [Option<&str>; 5] =
    [None, Some("text/plain"), Some("application/json"), Some("text/html; charset=utf-8"), Some("text/event-stream")];

#[tokio::test]
async fn a_stream_is_checked_whatever_it_is_called() {
    for kind in KINDS {
        for request in [streamed, || chat(&json!({}))] {
            let got = got(request(), answer(kind, stream_text(&streamed_calls(WRONG, 9)))).await;
            assert!(
                got.body.contains("invalid_tool_call") && !got.body.contains("secret-words"),
                "{kind:?} {}",
                got.body
            );
        }
        for head in ["", ": hello\n\n", "\u{feff}", "\r\n", "event: message\n", "retry: 1\n\n", "id\n"] {
            let right = format!("{head}{}", stream_text(&streamed_calls(RIGHT, 9)));
            let got = got(streamed(), answer(kind, right.clone())).await;
            assert_eq!((got.status, got.body), (200, right), "{kind:?}");
        }
    }
}

#[tokio::test]
async fn a_plain_answer_is_checked_whatever_it_is_called() {
    for kind in KINDS {
        for lead in ["", "\u{feff}", " \n", "\u{feff} \t"] {
            let got_wrong = got(chat(&json!({})), answer(kind, format!("{lead}{}", calls_text(WRONG, 9)))).await;
            assert_eq!((got_wrong.status, got_wrong.code().as_str()), (502, "invalid_tool_call"), "{kind:?} {lead:?}");
            let right = format!("{lead}{}", calls_text(RIGHT, 9));
            let got_right = got(chat(&json!({})), answer(kind, right.clone())).await;
            assert_eq!((got_right.status, got_right.body), (200, right), "{kind:?} {lead:?}");
        }
    }
    // To who has asked for a stream as well, unless it calls itself one.
    for kind in &KINDS[..4] {
        let got = got(streamed(), answer(*kind, calls_text(WRONG, 9))).await;
        assert_eq!((got.status, got.code().as_str()), (502, "invalid_tool_call"), "{kind:?}");
    }
}

#[tokio::test]
async fn json_among_events_is_not_handed_on() {
    let (json, events) = (calls_text(WRONG, 9), stream_text(&streamed_calls(RIGHT, 9)));
    let pretty = json.replace(',', ",\n");
    for body in [
        json.clone(),
        format!("\u{feff}{json}"),
        format!(" \r\n{json}"),
        format!("{pretty}\n\n"),
        format!("[{json}]\n\n"),
        format!("data: {{\"choices\":[]}}\n{json}\n\n{events}"),
        format!("{events}{json}"),
        format!(": {{}}\n\n\n\n{json}\n\n{events}"),
    ] {
        let got = got(streamed(), answer(Some("text/event-stream"), body)).await;
        assert!(got.body.contains("unreadable_answer") && !got.body.contains("secret-words"), "{}", got.body);
    }
    // What is no JSON among events harms nobody.
    let odd = format!("hello\n\nodd: {{}}\n\n{events}[DONE]\n\n");
    let got = got(streamed(), answer(Some("text/event-stream"), odd.clone())).await;
    assert_eq!(got.body, odd);
}

#[tokio::test]
async fn what_nobody_knows_is_not_handed_on_where_calls_may_be_in_it() {
    let utf16 = |big: bool| -> Vec<u8> {
        let units = calls_text(RIGHT, 9).encode_utf16().collect::<Vec<_>>();
        units.iter().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    };
    let marked = |big: bool| [if big { &[0xfe, 0xff] } else { &[0xff, 0xfe] }, &utf16(big)[..]].concat();
    let unknown = [
        utf16(true),
        utf16(false),
        marked(true),
        marked(false),
        format!(")]}}\n{}", calls_text(RIGHT, 9)).into(),
        format!(" data: {}", calls_text(RIGHT, 9)).into(),
        format!("<pre>{}</pre>", calls_text(RIGHT, 9)).into(),
        format!("\u{feff}\u{feff}{}", calls_text(RIGHT, 9)).into(),
        format!("{}{}", calls_text(RIGHT, 9), calls_text(RIGHT, 9)).into(),
    ];
    for body in unknown {
        for kind in KINDS {
            let got = got(chat(&json!({})), answer(kind, body.clone())).await;
            assert_eq!((got.status, got.code().as_str()), (502, "unreadable_answer"), "{kind:?} {body:?}");
        }
    }
    for harmless in
        ["Not found", "<html><body>Not found</body></html>", r#"[{"error": {"message": "no"}}]"#, r#""{""#, " "]
    {
        for kind in KINDS {
            let got = got(chat(&json!({})), answer(kind, harmless)).await;
            assert_eq!((got.status, got.body.as_str()), (200, harmless), "{kind:?}");
        }
    }
}
