//! What we read one way, and a client may read another.

use serde_json::{Value, json};

use super::{call, case, message, structured, text, weather};
use crate::{OnInvalid, Policy};

/// A member that we do not take, and other readers do.
const ODD: &str = "\"\\ud800\":1,";

#[test]
fn an_object_that_is_read_elsewhere_alone_ends_the_stream() {
    let stream = message(&[&weather(&["{\"days\":3}"])], "tool_use");
    for place in ["\"content_block\":{", "\"delta\":{\"partial_json\"", "\"delta\":{\"stop_reason\"", "\"message\":{"] {
        let broken = stream.replacen(place, &place.replacen('{', &format!("{{{ODD}"), 1), 1);
        assert_ne!(broken, stream, "{place}");
        let checked = case().once(&broken);
        assert_eq!(checked.error.as_deref(), Some("unreadable_answer"), "{place}");
        assert!(!checked.text.contains("days"), "{place}");
        let report = case().policy(Policy::new().repair(false).on_invalid(OnInvalid::Report));
        assert!(report.once(&broken).text.contains("message_stop"), "{place}");
    }
    let begun = stream.replace("\"content\":[]", "\"\\u0063ontent\":[{\"type\":\"tool_use\"}]");
    assert_eq!(case().check(&begun).error.as_deref(), Some("unreadable_answer"));
    // Text alone does not wait, but ends there.
    let broken = message(&[&text(&["{\"n\":1}"])], "end_turn").replace("\"delta\":{", "\"delta\":{\"\\ud800\":1,");
    assert_eq!(structured().check(&broken).error.as_deref(), Some("unreadable_answer"));
}

#[test]
fn input_is_that_of_the_same_block_for_everyone() {
    let (hm, now, paris) = (text(&["Hm"]), call("toolu_1", "now", &[]), weather(&["{\"city\":\"Paris\"}"]));
    let refuse = |stream: &str| {
        let checked = case().check(stream);
        assert_eq!(checked.error.as_deref(), Some("unreadable_answer"), "{stream}");
        assert!(!checked.text.contains("partial_json"), "{}", checked.text);
    };
    // With more input at the end, for the block at this index.
    let with_input = |stream: &str, index: Value| {
        let delta = json!({"type": "content_block_delta", "index": index,
            "delta": {"type": "input_json_delta", "partial_json": "{}"}});
        stream.replace("event: message_delta", &format!("data: {delta}\n\nevent: message_delta"))
    };
    let calls = message(&[&hm, &now], "tool_use");
    for index in [json!(-1), json!(0), json!(7), json!(1.5), json!("1"), json!([1]), json!(4_294_967_296_u64)] {
        refuse(&with_input(&calls, index));
    }
    case().assert_same(&with_input(&calls, json!(1)));
    // Two blocks of one index.
    refuse(&message(&[&now, &paris], "tool_use").replace("\"index\":1", "\"index\":0"));
    refuse(&message(&[&hm, &now, &hm, &paris], "tool_use").replace("\"index\":3", "\"index\":1"));
    // Servers that count from 1, or not at all.
    let one = message(&[&paris, &hm], "tool_use");
    let from_one = |stream: &str| stream.replace("\"index\":1", "\"index\":2").replace("\"index\":0", "\"index\":1");
    case().assert_same(&from_one(&one));
    case().assert_same(&message(&[&paris], "tool_use").replace("\"index\":0,", ""));
    // Here a client that counts takes another block.
    refuse(&with_input(&from_one(&message(&[&now, &hm], "tool_use")), json!(1)));
}

#[test]
fn calls_are_not_looked_for_among_any_number() {
    let many = vec![call("", "now", &[]); 1025];
    let many: Vec<_> = many.iter().map(Vec::as_slice).collect();
    let case = case().set(|settings| settings.max_held = usize::MAX);
    assert_eq!(case.once(&message(&many, "tool_use")).error.as_deref(), Some("unreadable_answer"));
    assert!(case.once(&message(&many[1..], "tool_use")).error.is_none());
}
