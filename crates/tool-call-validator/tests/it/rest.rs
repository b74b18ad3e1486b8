//! The end of a stream that has been judged: who answers, and those below, see that all of it was wanted.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use llm_layers_core::{Body, End};
use llm_layers_testkit::body::Script;
use llm_layers_tool_call_validator::{Policy, ValidateLayer};
use serde_json::json;
use tokio::time::Instant;

use crate::support::{chat, exchange, open_stream, raw_stream, stream, stream_text, streamed_calls};

const RIGHT: &str = r#"{"city":"Paris","days":3}"#;
const WRONG: &str = r#"{"days":3}"#;

/// A response that remembers how its body has ended.
fn heard(response: http::Response<Body>) -> (http::Response<Body>, Arc<Mutex<Option<End>>>) {
    let heard = Arc::new(Mutex::new(None));
    let end = Arc::clone(&heard);
    (response.map(|body| body.on_end(move |how| *end.lock().unwrap() = Some(how))), heard)
}

fn said(text: &str) -> String {
    json!({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": null}]}).to_string()
}

#[tokio::test]
async fn a_stream_that_is_refused_at_its_end_is_read_to_its_end() {
    let text = stream_text(&streamed_calls(WRONG, 9));
    let frames =
        text.split_inclusive("\n\n").fold(Script::new(), |script, event| script.data(event.to_owned()).pending());
    let (answer, end) = heard(raw_stream(String::new()).map(|_| Body::new(frames.body())));
    let (_, got) = exchange(&ValidateLayer::default(), chat(&json!({"stream": true})), [answer]).await;
    assert!(got.body.contains("invalid_tool_call") && !got.body.contains("usage"), "{}", got.body);
    assert_eq!(*end.lock().unwrap(), Some(End::Complete), "its usage comes behind the verdict");
}

#[tokio::test]
async fn a_stream_that_is_refused_in_the_middle_is_cut_off() {
    let format = json!({"stream": true, "tools": [], "response_format": {"type": "json_object"}});
    let (answer, end) = heard(open_stream(format!("data: {}\n\n", said("No"))));
    let (_, got) = exchange(&ValidateLayer::default(), chat(&format), [answer]).await;
    assert!(got.body.contains("invalid_structured_output"), "{}", got.body);
    assert_eq!(*end.lock().unwrap(), Some(End::Cancelled), "nothing more is paid for");
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_kept_open_is_not_waited_for() {
    let begun = Instant::now();
    let open = || open_stream(stream_text(&streamed_calls(WRONG, 9)));
    let (_, got) = exchange(&ValidateLayer::default(), chat(&json!({"stream": true})), [open()]).await;
    assert!(got.body.contains("invalid_tool_call"), "{}", got.body);

    let layer = ValidateLayer::new(Policy::new().max_reasks(1));
    let answers = [open(), stream(&streamed_calls(RIGHT, 9))];
    let (seen, got) = exchange(&layer, chat(&json!({"stream": true})), answers).await;
    assert_eq!(seen.len(), 2);
    assert!(got.body.ends_with("data: [DONE]\n\n"), "{}", got.body);
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn nor_are_pings_without_an_end() {
    let pings = ": ping\n\n".repeat(9_999);
    let open = open_stream(format!("{}{pings}", stream_text(&streamed_calls(WRONG, 9))));
    let layer = ValidateLayer::new(Policy::new().max_reasks(1));
    let answers = [open, stream(&streamed_calls(RIGHT, 9))];
    let (seen, got) = exchange(&layer, chat(&json!({"stream": true})), answers).await;
    assert_eq!((seen.len(), got.body.matches("ping").count()), (2, 0));
}
