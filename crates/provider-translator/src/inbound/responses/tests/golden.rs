//! Pairs of what goes in and what comes out, whole.

use serde_json::Value;

use super::{DONE, sent, sse, streamed, whole};

fn read(fixture: &str) -> Value {
    let fixture: Value = serde_json::from_str(fixture).expect("a fixture");
    assert!(fixture["source"].is_string());
    fixture
}

fn chunks(fixture: &Value) -> String {
    sse(fixture["chunks"].as_array().expect("chunks"))
}

#[test]
fn requests() {
    for fixture in [
        include_str!("golden/requests/plain.json"),
        include_str!("golden/requests/agent.json"),
        include_str!("golden/requests/everything.json"),
    ] {
        let fixture = read(fixture);
        let (chat, warnings) = sent(&fixture["request"]);
        assert_eq!(chat, fixture["chat"]);
        assert_eq!(warnings, fixture["warnings"]);
    }
}

#[tokio::test(start_paused = true)]
async fn answers_whole_and_streamed() {
    for fixture in [
        include_str!("golden/answers/agent.json"),
        include_str!("golden/answers/custom.json"),
        include_str!("golden/answers/cut_off.json"),
        include_str!("golden/answers/cut_off_call.json"),
        include_str!("golden/answers/logprobs_and_sources.json"),
        include_str!("golden/answers/refusal.json"),
        include_str!("golden/answers/text.json"),
    ] {
        let fixture = read(fixture);
        let request = &fixture["request"];
        assert_eq!(whole(request, &fixture["completion"]), fixture["response"]);
        let events = streamed(request, &[chunks(&fixture) + DONE]);
        assert_eq!(Value::from(events.clone()), fixture["events"]);
        assert_eq!(events.last().expect("events")["response"], fixture["response"]);
    }
}

#[tokio::test(start_paused = true)]
async fn streams_that_no_whole_answer_is_like() {
    for (fixture, farewell) in [
        (include_str!("golden/streams/broken_off.json"), ""),
        (include_str!("golden/streams/failed.json"), ""),
        (include_str!("golden/streams/late.json"), DONE),
    ] {
        let fixture = read(fixture);
        let events = streamed(&fixture["request"], &[chunks(&fixture) + farewell]);
        assert_eq!(Value::from(events), fixture["events"]);
    }
}
