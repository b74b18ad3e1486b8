//! What we read one way, and a client may read another.

use serde_json::{Value, json};

use super::{call, case, custom, events, message, numbered, response, structured, weather};

/// A member that we do not take, and other readers do.
const ODD: &str = "\"\\ud800\":1,";

#[test]
fn an_object_that_is_read_elsewhere_alone_ends_the_stream() {
    let wrong = || weather(&["{\"days\":3}"]);
    for place in ["\"item\":{", "\"response\":{", "\"output\":[{"] {
        for end in ["completed", "failed"] {
            let stream = response(vec![wrong()], end);
            let broken = stream.replace(place, &place.replacen('{', &format!("{{{ODD}"), 1));
            assert_ne!(broken, stream, "{place}");
            let checked = case().once(&broken);
            assert_eq!(checked.error.as_deref(), Some("unreadable_answer"), "{place}");
            assert!(!checked.text.contains("days"), "{place}");
        }
    }
    // The last alone.
    let stream = response(vec![wrong()], "failed");
    let (before, last) = stream.split_at(stream.rfind("\"response\":{").unwrap());
    let broken = format!("{before}{}", last.replacen('{', "{\"\\ud800\":1,", 1));
    let checked = case().check(&broken);
    assert!(checked.error.is_some() && !checked.text.contains("days"), "{}", checked.text);
    let stream = response(vec![message(&["{\"m\":1}"])], "completed");
    for place in ["\"part\":{", "\"content\":[{"] {
        let broken = stream.replace(place, &place.replacen('{', "{\"\\ud800\":1,", 1));
        let held = structured().set(|settings| settings.hold_text = true);
        assert_eq!(held.check(&broken).error.as_deref(), Some("unreadable_answer"), "{place}");
    }
}

#[test]
fn an_index_is_the_same_for_everyone() {
    for index in [json!(-1), json!(0.5), json!("0"), json!([0]), json!(4_294_967_296_u64)] {
        for event in 2..7 {
            let mut odd = events(vec![weather(&["{\"city\":\"Paris\"}"])], "completed");
            odd.insert(5, odd[3].clone());
            odd[event]["output_index"] = index.clone();
            let checked = case().check(&numbered(&odd));
            assert_eq!(checked.error.as_deref(), Some("unreadable_answer"), "{event}");
        }
    }
}

#[test]
fn a_call_stays_what_it_is() {
    let both = |from: fn() -> Vec<Value>, change: &dyn Fn(&mut Vec<Value>)| {
        let mut events = from();
        change(&mut events);
        let checked = case().check(&numbered(&events));
        assert_eq!(checked.error.as_deref(), Some("unreadable_answer"), "{}", checked.text);
        assert!(!checked.text.contains("function_call"), "{}", checked.text);
    };
    let text = || events(vec![custom(&["ls"])], "completed");
    let function = json!({"type": "function_call", "call_id": "call_c", "name": "run", "arguments": "ls"});
    both(text, &|events| events[5]["item"] = function.clone());
    both(text, &|events| events[6]["response"]["output"][0] = function.clone());
    both(text, &|events| events[3]["type"] = json!("response.function_call_arguments.delta"));
    both(text, &|events| {
        events[4]["type"] = json!("response.function_call_arguments.done");
        events[4]["arguments"] = json!("ls");
    });
}

#[test]
fn calls_are_not_looked_for_among_any_number() {
    let many = |count: usize| {
        let calls = (0..count).map(|index| call(&format!("call_{index}"), "now", &[]));
        response(calls.collect(), "completed")
    };
    let case = case().set(|settings| settings.max_held = usize::MAX);
    assert_eq!(case.once(&many(1025)).error.as_deref(), Some("unreadable_answer"));
    assert!(case.once(&many(1024)).error.is_none());
}
