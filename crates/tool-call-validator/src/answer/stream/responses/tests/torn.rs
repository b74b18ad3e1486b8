//! Items that are told in several ways.

use serde_json::json;

use super::{case, events, message, numbered, response, structured, told, weather};
use crate::{OnInvalid, Policy, Repair};

#[test]
fn what_is_told_in_several_ways_is_told_in_one() {
    let paris = || events(vec![weather(&["{\"city\":", "\"Paris\"}"])], "completed");
    let other = json!("{\"days\":3}");
    for (event, place) in [
        (5, "/arguments"),
        (3, "/delta"),
        (6, "/item/arguments"),
        (7, "/response/output/0/arguments"),
        (2, "/item/arguments"),
    ] {
        let mut torn = paris();
        *torn[event].pointer_mut(place).unwrap() = other.clone();
        let checked = case().check(&numbered(&torn));
        // Either all are right, or nothing is seen of it.
        if checked.error.is_none() {
            assert_eq!(told(&checked, 0), vec!["{\"city\":\"Paris\"}"; 4], "{event}");
        } else {
            assert!(!checked.text.contains("function_call"), "{}", checked.text);
        }
        assert!(!checked.text.contains("days"), "{}", checked.text);
    }
    // Some servers say less.
    for missing in [vec![3, 4], vec![5], vec![3, 4, 5], vec![2]] {
        let events = paris();
        let kept =
            events.iter().enumerate().filter(|(index, _)| !missing.contains(index)).map(|(_, event)| event.clone());
        case().assert_same(&numbered(&kept.collect::<Vec<_>>()));
    }
    // An object is no string of JSON.
    let mut object = paris();
    for (event, place) in [(6, "/item/arguments"), (7, "/response/output/0/arguments")] {
        *object[event].pointer_mut(place).unwrap() = json!({"city": "Paris"});
    }
    assert_eq!(told(&case().check(&numbered(&object)), 0), vec!["{\"city\":\"Paris\"}"; 4]);
}

#[test]
fn what_is_told_in_several_ways_is_told_to_have_been() {
    let torn = |place: usize, member: &str, other: &str| {
        let mut events = events(vec![weather(&["{\"city\":\"Paris\"}"])], "completed");
        events[place][member] = json!(other);
        numbered(&events)
    };
    let stream = torn(3, "delta", "{\"days\":3}");
    let checked = case().check(&stream);
    assert_eq!(told(&checked, 0), vec!["{\"city\":\"Paris\"}"; 4]);
    assert_eq!(*checked.outcome.repaired[0].repairs, [Repair::Shape]);
    // Where nothing may be changed it is wrong.
    let strict = case().policy(Policy::new().repair(false));
    let checked = strict.check(&stream);
    assert_eq!(checked.error.as_deref(), Some("invalid_tool_call"), "{}", checked.text);
    assert!(!checked.text.contains("days"), "{}", checked.text);
    let report = case().policy(Policy::new().repair(false).on_invalid(OnInvalid::Report));
    let marked = |stream: &str| {
        stream.replace("event: response.completed", ": x-llm-tool-calls: invalid=1\n\nevent: response.completed")
    };
    assert_eq!(report.check(&stream).text, marked(&stream));
    // White space says nothing.
    case().assert_same(&torn(4, "arguments", " {\"city\":\"Paris\"}\n"));
    // Nor may text that has gone out be another at its end.
    let text = response(vec![message(&["{\"n\":1}"])], "completed");
    let other = |whole: &str| text.replace("\"text\":\"{\\\"n\\\":1}\"", &format!("\"text\":\"{whole}\""));
    assert_ne!(other("x"), text);
    assert_eq!(structured().check(&other("{\\\"n\\\":2}")).error.as_deref(), Some("invalid_structured_output"));
    structured().assert_same(&other("{\\\"n\\\":1}\\n"));
}
