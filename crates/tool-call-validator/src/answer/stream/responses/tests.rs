mod hostile;
mod torn;

use llm_layers_core::Operation;
use serde_json::{Value, json};

use super::super::items::testing::{Case, Checked, stream};
use crate::{OnInvalid, Policy, Reason};

fn case() -> Case {
    let city = json!({"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["city"], "additionalProperties": false});
    Case::new(
        Operation::Response,
        &json!({"model": "m", "input": "?", "stream": true, "tools": [
            {"type": "function", "name": "get_weather", "parameters": city},
            {"type": "function", "name": "now", "parameters": {"type": "object", "properties": {}}},
            {"type": "custom", "name": "run"},
            {"type": "web_search"}]}),
    )
}

fn structured() -> Case {
    let schema = json!({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"],
        "additionalProperties": false});
    Case::new(
        Operation::Response,
        &json!({"model": "m", "input": "?", "stream": true,
            "text": {"format": {"type": "json_schema", "name": "n", "schema": schema}}}),
    )
}

/// An item, and the events between its first and its last.
struct Item {
    begun: Value,
    events: Vec<Value>,
    done: Value,
}

/// A response of these items. The shapes are those of openai 3.54.0 for Python (`types/responses`).
fn response(items: Vec<Item>, end: &str) -> String {
    numbered(&events(items, end))
}

fn events(items: Vec<Item>, end: &str) -> Vec<Value> {
    let response = |status: &str, output: &[Value]| json!({"id": "resp_1", "object": "response", "status": status, "output": output, "usage": null});
    let mut events = vec![
        json!({"type": "response.created", "response": response("in_progress", &[])}),
        json!({"type": "response.in_progress", "response": response("in_progress", &[])}),
    ];
    let mut output = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        events.push(json!({"type": "response.output_item.added", "output_index": index, "item": item.begun}));
        for mut event in item.events {
            event["output_index"] = json!(index);
            events.push(event);
        }
        events.push(json!({"type": "response.output_item.done", "output_index": index, "item": item.done}));
        output.push(item.done);
    }
    let mut last = response(end, &output);
    last["usage"] = json!({"input_tokens": 10, "output_tokens": 34, "total_tokens": 44});
    events.push(json!({"type": format!("response.{end}"), "response": last}));
    events
}

fn numbered(events: &[Value]) -> String {
    let number = |(number, event): (usize, &Value)| {
        let mut event = event.clone();
        event["sequence_number"] = json!(number);
        event
    };
    stream(&events.iter().enumerate().map(number).collect::<Vec<_>>())
}

fn call(id: &str, name: &str, pieces: &[&str]) -> Item {
    let item = |arguments: &str, status: &str| {
        json!({"type": "function_call", "id": format!("fc_{id}"), "call_id": id, "name": name,
            "arguments": arguments, "status": status})
    };
    let delta = |piece: &&str| {
        json!({"type": "response.function_call_arguments.delta", "item_id": format!("fc_{id}"), "delta": piece,
            "obfuscation": "Xy"})
    };
    let whole = json!({"type": "response.function_call_arguments.done", "item_id": format!("fc_{id}"), "name": name,
        "arguments": pieces.concat()});
    let events = pieces.iter().map(delta).chain([whole]).collect();
    Item { begun: item("", "in_progress"), events, done: item(&pieces.concat(), "completed") }
}

fn weather(pieces: &[&str]) -> Item {
    call("call_1", "get_weather", pieces)
}

fn custom(pieces: &[&str]) -> Item {
    let item = |input: &str| json!({"type": "custom_tool_call", "id": "ctc_1", "call_id": "call_c", "name": "run", "input": input});
    let delta =
        |piece: &&str| json!({"type": "response.custom_tool_call_input.delta", "item_id": "ctc_1", "delta": piece});
    let whole = json!({"type": "response.custom_tool_call_input.done", "item_id": "ctc_1", "input": pieces.concat()});
    Item { begun: item(""), events: pieces.iter().map(delta).chain([whole]).collect(), done: item(&pieces.concat()) }
}

fn message(pieces: &[&str]) -> Item {
    let part = |text: &str| json!({"type": "output_text", "text": text, "annotations": [], "logprobs": []});
    let item = |content: &[Value]| json!({"type": "message", "id": "msg_1", "role": "assistant", "content": content});
    let delta = |piece: &&str| {
        json!({"type": "response.output_text.delta", "content_index": 0, "delta": piece,
            "logprobs": [{"token": piece, "logprob": -0.1}]})
    };
    let whole = pieces.concat();
    let mut events = vec![json!({"type": "response.content_part.added", "content_index": 0, "part": part("")})];
    events.extend(pieces.iter().map(delta));
    events.push(json!({"type": "response.output_text.done", "content_index": 0, "text": whole, "logprobs": []}));
    events.push(json!({"type": "response.content_part.done", "content_index": 0, "part": part(&whole)}));
    Item { begun: item(&[]), events, done: item(&[part(&whole)]) }
}

fn refusal() -> Item {
    let part = json!({"type": "refusal", "refusal": "No."});
    let events = vec![json!({"type": "response.refusal.delta", "content_index": 0, "delta": "No."})];
    let item = |content: &[Value]| json!({"type": "message", "id": "msg_1", "role": "assistant", "content": content});
    Item { begun: item(&[]), events, done: item(&[part]) }
}

fn reasoning() -> Item {
    let item = json!({"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "c2ln"});
    Item { begun: item.clone(), events: Vec::new(), done: item }
}

fn search() -> Item {
    let item = json!({"type": "web_search_call", "id": "ws_1", "status": "completed"});
    Item { begun: item.clone(), events: vec![json!({"type": "response.web_search_call.searching"})], done: item }
}

fn in_passing(mut item: Item) -> Item {
    item.begun["phase"] = json!("commentary");
    item.done["phase"] = json!("commentary");
    item
}

/// All the ways in which a client reads the arguments of a call: pieces, the whole of them, the item, and the response.
fn told(checked: &Checked, place: usize) -> Vec<String> {
    let mut pieces = String::new();
    let mut told = Vec::new();
    for event in checked.data() {
        let is_here = event["output_index"] == place;
        match event["type"].as_str().unwrap() {
            "response.function_call_arguments.delta" if is_here => pieces.push_str(event["delta"].as_str().unwrap()),
            "response.function_call_arguments.done" if is_here => told.push(event["arguments"].clone()),
            "response.output_item.done" if is_here => told.push(event["item"]["arguments"].clone()),
            "response.completed" => told.push(event["response"]["output"][place]["arguments"].clone()),
            _ => {}
        }
    }
    let told = told.into_iter().map(|told| told.as_str().unwrap_or_default().to_owned());
    [pieces].into_iter().chain(told).collect()
}

fn assert_numbers_rise(checked: &Checked) {
    let numbers: Vec<_> = checked.data().iter().map(|event| event["sequence_number"].as_u64().unwrap()).collect();
    assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "{numbers:?}");
}

#[test]
fn what_is_right_goes_on_as_it_came() {
    let paris = || weather(&["{\"city\":", "\"Paris\"}"]);
    let rome = || call("call_2", "get_weather", &["{\"city\":\"Rome\"}"]);
    for items in [
        vec![message(&["Let me ", "see."]), paris()],
        vec![reasoning(), paris(), rome()],
        vec![search(), custom(&["ls", " -l"]), paris(), message(&["and"])],
        vec![refusal()],
        vec![],
    ] {
        case().assert_same(&response(items, "completed"));
    }
    case().assert_same(&response(vec![paris()], "incomplete"));
    structured().assert_same(&response(vec![reasoning(), message(&["{\"n\"", ": 1}"])], "completed"));
    structured().assert_same(&response(vec![in_passing(message(&["Hm"])), message(&["{\"n\":1}"])], "completed"));
    structured().assert_same(&response(vec![refusal()], "completed"));
    // Calls that are told piece by piece in turn.
    let mut mixed = events(vec![paris(), rome()], "completed");
    mixed.swap(6, 7);
    mixed.swap(5, 6);
    case().assert_same(&numbered(&mixed));
}

#[test]
fn text_flows_and_calls_wait_until_they_are_complete() {
    let items = || vec![message(&["Hm"]), weather(&["{\"city\"", ":\"Paris\"}"]), custom(&["ls"])];
    let stream = response(items(), "completed");
    // Two greetings; six events of the message; five of the call, four of the other, and the end.
    assert_eq!(case().steps(&stream), [1, 2, 3, 4, 5, 6, 7, 8, 8, 8, 8, 8, 13, 13, 13, 13, 17, 18]);
    let asking = case().policy(Policy::new().max_reasks(1));
    let silent = response(vec![reasoning(), weather(&["{\"city\":\"Paris\"}"])], "completed");
    assert_eq!(asking.steps(&silent), [0, 0, 0, 0, 0, 0, 0, 0, 9]);
    assert_eq!(asking.steps(&stream)[..8], [0, 0, 0, 0, 5, 6, 7, 8]);
}

#[test]
fn a_mended_call_is_mended_wherever_it_stands() {
    let wrong = call("call_1", "getWeather", &["{'city': ", "'Paris', 'days':", " '3',}"]);
    let right = call("call_2", "get_weather", &["{\"city\":", "\"Rome\"}"]);
    let checked = case().check_all(&response(vec![message(&["Hm"]), wrong, right], "completed"));
    assert_eq!(told(&checked, 1), vec!["{\"city\":\"Paris\",\"days\":3}"; 4]);
    assert_eq!(told(&checked, 2), vec!["{\"city\":\"Rome\"}"; 4]);
    assert!(!checked.text.contains("getWeather"), "{}", checked.text);
    assert_eq!(checked.text.matches("function_call_arguments.delta\n").count(), 3);
    assert_numbers_rise(&checked);
    assert_eq!((checked.outcome.calls, checked.outcome.repaired.len()), (2, 1));
}

#[test]
fn a_mended_call_without_pieces_is_told_in_one() {
    let checked = case().check(&response(vec![message(&["Hm"]), call("call_1", "now", &[])], "completed"));
    assert_eq!(told(&checked, 1), vec!["{}"; 4]);
    let data = checked.data();
    let piece = data.iter().position(|event| event["type"] == "response.function_call_arguments.delta").unwrap();
    let (begin, piece) = (&data[piece - 1], &data[piece]);
    assert_eq!(begin["type"], "response.output_item.added");
    assert_eq!((&piece["item_id"], &piece["sequence_number"]), (&begin["item"]["id"], &begin["sequence_number"]));
    // A piece that says nothing is one.
    let checked = case().check(&response(vec![call("call_1", "now", &[""])], "completed"));
    assert_eq!(told(&checked, 0), vec!["{}"; 4]);
    assert_numbers_rise(&checked);
    // What begins with all of it needs none.
    let mut whole = call("call_1", "Now", &[]);
    for item in [&mut whole.begun, &mut whole.done] {
        item["arguments"] = json!("{}");
    }
    whole.events.clear();
    let checked = case().check(&response(vec![whole], "completed"));
    assert!(checked.error.is_none() && !checked.text.contains("delta"), "{}", checked.text);
}

#[test]
fn an_id_is_the_same_wherever_it_stands() {
    let twice = || call("call_1", "get_weather", &["{\"city\":\"Rome\"}"]);
    let checked = case().once(&response(vec![weather(&["{\"city\":\"Paris\"}"]), twice()], "completed"));
    let ids: Vec<_> =
        checked.data().iter().filter_map(|event| event["item"]["call_id"].as_str().map(str::to_owned)).collect();
    assert_eq!((&*ids[0], &ids[2]), ("call_1", &ids[3]));
    assert_ne!(ids[0], ids[2]);
    let last = checked.data().pop().unwrap();
    assert_eq!(last["response"]["output"][0]["call_id"], "call_1");
    assert_eq!(last["response"]["output"][1]["call_id"], json!(ids[2]));
}

#[test]
fn what_only_the_response_tells_is_judged_too() {
    let only = |arguments: &str| {
        let all = events(vec![weather(&[arguments])], "completed");
        numbered(&[all[0].clone(), all.last().unwrap().clone()])
    };
    case().assert_same(&only("{\"city\":\"Paris\"}"));
    let checked = case().check(&only("{'city':'Paris'}"));
    assert_eq!(checked.data()[1]["response"]["output"][0]["arguments"], "{\"city\":\"Paris\"}");
    assert_eq!(case().check(&only("{}")).error.as_deref(), Some("invalid_tool_call"));
}

#[test]
fn nothing_of_a_wrong_call_is_seen() {
    let wrong = || weather(&["{\"days\":", "3}"]);
    for (case, items) in [
        (case(), vec![wrong(), message(&["and"])]),
        (case(), vec![call("call_1", "get_time", &["{}"])]),
        (case().policy(Policy::new().max_reasks(1)), vec![message(&["Hm"]), wrong()]),
    ] {
        let checked = case.check(&response(items, "completed"));
        assert_eq!(checked.error.as_deref(), Some("invalid_tool_call"), "{}", checked.text);
        assert!(!checked.text.contains("function_call") && !checked.text.contains("completed"), "{}", checked.text);
        assert_numbers_rise(&checked);
        assert_eq!((checked.outcome.calls, checked.outcome.invalid), (1, 1));
    }
}

#[test]
fn what_is_only_reported_goes_on_with_a_mark() {
    let stream = response(vec![weather(&["{\"days\":", "3}"])], "completed");
    let marked =
        stream.replace("event: response.completed", ": x-llm-tool-calls: invalid=1\n\nevent: response.completed");
    for repair in [true, false] {
        let checked = case().policy(Policy::new().repair(repair).on_invalid(OnInvalid::Report)).check(&stream);
        assert_eq!(checked.text, marked);
    }
}

#[test]
fn what_was_cut_off_is_never_mended() {
    let stream = response(vec![weather(&["{'city':'Paris'}"])], "incomplete");
    let checked = case().check(&stream);
    assert_eq!(checked.error.as_deref(), Some("invalid_tool_call"));
    assert_eq!(checked.outcome.faults[0].reason, Reason::CutOff);
}

#[test]
fn an_answer_that_fails_keeps_what_has_no_verdict() {
    let mut failed = events(vec![message(&["Hm"]), weather(&["{\"days\":3}"])], "failed");
    failed.remove(failed.len() - 2);
    let checked = case().check(&numbered(&failed));
    assert!(checked.error.is_none() && checked.text.contains("event: response.failed"), "{}", checked.text);
    assert!(!checked.text.contains("function_call") && !checked.text.contains("days"), "{}", checked.text);
    assert_numbers_rise(&checked);
    let right = response(vec![message(&["Hm"]), weather(&["{\"city\":\"Paris\"}"])], "failed");
    assert_eq!(case().check(&right).text, right);
    let whole = response(vec![message(&["Hm"]), weather(&["{\"city\":\"Paris\"}"])], "completed");
    let cut = &whole[..whole.rfind("event: response.output_item.done").unwrap()];
    assert_eq!(case().broken(cut).text, &whole[..whole.rfind("event: response.output_item.added").unwrap()]);
}

#[test]
fn the_model_is_asked_again_if_it_has_said_nothing_yet() {
    let asking = case().policy(Policy::new().max_reasks(1));
    let stream = response(vec![reasoning(), weather(&["{\"days\":3}"])], "completed");
    let checked = asking.check(&stream);
    let again = checked.asks.expect("to be asked");
    assert_eq!((&*checked.text, &*again.turn.calls[0].id), ("", "call_1"));
    assert_eq!(again.usage.unwrap(), r#"{"input_tokens":10,"output_tokens":34,"total_tokens":44}"#);
    let checked = asking.otherwise(&stream);
    assert!(checked.error.is_some() && checked.text.contains("\"sequence_number\":0"), "{}", checked.text);
    let report = case().policy(Policy::new().max_reasks(1).on_invalid(OnInvalid::Report));
    let marked =
        stream.replace("event: response.completed", ": x-llm-tool-calls: invalid=1\n\nevent: response.completed");
    assert_eq!(report.otherwise(&stream).text, marked);
}

#[test]
fn usage_is_summed_into_the_answer() {
    let stream = response(vec![weather(&["{\"city\":\"Paris\"}"])], "completed");
    let spent = r#"{"input_tokens":5,"output_tokens":7,"total_tokens":12}"#;
    let checked = case().after(1, spent).check(&stream);
    let usage = json!({"input_tokens": 15, "output_tokens": 41, "total_tokens": 56});
    assert_eq!(checked.data().last().unwrap()["response"]["usage"], usage);
}

#[test]
fn structured_output_flows_or_is_held() {
    let wrong = response(vec![message(&["{\"n\":", "\"x\"}"])], "completed");
    let checked = structured().check(&wrong);
    assert_eq!(checked.error.as_deref(), Some("invalid_structured_output"), "{}", checked.text);
    // It ends at the first fault.
    assert!(
        !checked.text.contains("output_text.done") && !checked.text.contains("\"delta\":\"\\\"x"),
        "{}",
        checked.text
    );
    let held = structured().set(|settings| settings.hold_text = true);
    let checked = held.check(&response(vec![message(&["```json\n", "{\"n\":1,}", "\n```"])], "completed"));
    let data = checked.data();
    assert_eq!(data.iter().filter(|event| event["type"] == "response.output_text.delta").count(), 1);
    for (kind, place) in [
        ("response.output_text.delta", "/delta"),
        ("response.output_text.done", "/text"),
        ("response.content_part.done", "/part/text"),
        ("response.output_item.done", "/item/content/0/text"),
        ("response.completed", "/response/output/0/content/0/text"),
    ] {
        let event = data.iter().find(|event| event["type"] == kind).unwrap();
        assert_eq!(event.pointer(place), Some(&json!("{\"n\":1}")), "{kind}");
    }
    assert!(!checked.text.contains("```"), "{}", checked.text);
    assert_numbers_rise(&checked);
    let asking = held.policy(Policy::new().max_reasks(1));
    assert!(asking.check(&response(vec![message(&["{}"])], "completed")).asks.is_some());
}

#[test]
fn what_is_held_is_bounded() {
    let bounded = case().set(|settings| settings.max_held = 4 << 10);
    let many = || (0..9).map(|_| weather(&["{'city':'Paris'}"])).collect::<Vec<_>>();
    let long = weather(&[&format!("{{\"city\":\"{}\"}}", "x".repeat(8 << 10))]);
    for items in [vec![long], many()] {
        let checked = bounded.check(&response(items, "completed"));
        assert_eq!(checked.error.as_deref(), Some("invalid_tool_call"));
        assert_eq!(checked.outcome.faults[0].reason, Reason::TooLong);
        assert!(!checked.text.contains("function_call"));
    }
}

#[test]
fn what_cannot_be_read_ends_the_stream() {
    let stream = response(vec![weather(&["{\"city\":\"Paris\"}"])], "completed");
    for (from, to) in [
        ("\"obfuscation\":\"Xy\"", "\"obfuscation\":NaN"),
        ("\"delta\":\"{\\\"city\\\":\\\"Paris\\\"}\"", "\"delta\":{}"),
    ] {
        let broken = stream.replace(from, to);
        assert_ne!(broken, stream, "{from}");
        assert_eq!(case().check(&broken).error.as_deref(), Some("unreadable_answer"), "{to}");
    }
    case().assert_same(&format!("{stream}data: [DONE]\n\n"));
    // Nothing is said after the end.
    let behind = response(vec![weather(&["{\"days\":3}"])], "completed");
    assert!(!case().check(&format!("{stream}{behind}")).text.contains("days"));
}
