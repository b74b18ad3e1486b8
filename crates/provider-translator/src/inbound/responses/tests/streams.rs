//! Streams: every cut, every end, every order.

use llm_layers_testkit::split::for_every_split;
use serde_json::{Value, json};

use super::{DONE, chunk, input, kinds, sse, streamed, with};

fn hi() -> Value {
    input(&json!("Hi"))
}

/// A stream of deltas, and how it ends.
fn of(deltas: &[Value], finish: &str) -> String {
    let mut chunks: Vec<Value> = deltas.iter().map(|delta| chunk(delta, &Value::Null)).collect();
    chunks.push(chunk(&json!({}), &finish.into()));
    sse(&chunks) + DONE
}

fn call(index: u32, id: &str, arguments: &str) -> Value {
    json!({"tool_calls": [{"index": index, "id": id, "type": "function",
                           "function": {"name": "f", "arguments": arguments}}]})
}

#[test]
fn no_cut_changes_what_is_told() {
    let stream = of(
        &[
            json!({"role": "assistant", "content": ""}),
            json!({"reasoning_content": "é"}),
            json!({"content": "😀"}),
            call(0, "c", "{}"),
        ],
        "tool_calls",
    );
    let events = for_every_split(stream, |pieces| {
        let mut events = streamed(&hi(), pieces);
        // The clock goes on.
        events.iter_mut().for_each(|event| {
            if let Some(response) = event.get_mut("response") {
                response["completed_at"] = Value::Null;
            }
        });
        events
    });
    assert_eq!(events.last().expect("events")["type"], "response.completed");
}

#[test]
fn each_item_ends_before_another_begins_but_calls() {
    let stream = of(
        &[json!({"reasoning_content": "Hm"}), json!({"content": "Hi"}), call(0, "a", "{"), call(1, "b", "{}")],
        "tool_calls",
    );
    let events = streamed(&hi(), &[stream]);
    assert_eq!(
        kinds(&events),
        [
            "response.created",
            "response.in_progress",
            "response.output_item.added",
            "response.reasoning_summary_part.added",
            "response.reasoning_summary_text.delta",
            "response.reasoning_summary_text.done",
            "response.reasoning_summary_part.done",
            "response.output_item.done",
            "response.output_item.added",
            "response.content_part.added",
            "response.output_text.delta",
            "response.output_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.output_item.added",
            "response.function_call_arguments.delta",
            "response.output_item.added",
            "response.function_call_arguments.delta",
            "response.function_call_arguments.done",
            "response.output_item.done",
            "response.function_call_arguments.done",
            "response.output_item.done",
            "response.completed",
        ]
    );
}

/// The last event, and the status and the error's code that it tells.
fn end(stream: &str) -> (String, Value, Value) {
    let events = streamed(&hi(), &[stream]);
    let last = events.last().expect("events").clone();
    let told =
        events.iter().filter(|event| event["response"]["status"] != "in_progress" && !event["response"].is_null());
    assert_eq!(told.count(), 1, "one end");
    let response = &last["response"];
    (last["type"].as_str().expect("a kind").to_owned(), response["status"].clone(), response["error"]["code"].clone())
}

#[test]
fn a_stream_that_breaks_off_has_failed() {
    let some = sse(&[chunk(&json!({"content": "Hi"}), &Value::Null)]);
    let finished = sse(&[chunk(&json!({"content": "Hi"}), &"stop".into())]);
    let error = |error: Value| format!("{some}data: {}\n\n", json!({"error": error}));
    let failed = |code: &str| ("response.failed".to_owned(), json!("failed"), json!(code));
    assert_eq!(end(""), failed("server_error"));
    assert_eq!(end(&some), failed("server_error"));
    assert_eq!(end(DONE), failed("server_error"));
    assert_eq!(end(&format!("{some}data: nonsense\n\n")), failed("server_error"));
    assert_eq!(end(&format!("{some}data: {{\"choices\":[{{\"ind")), failed("server_error"));
    let limited = json!({"message": "m", "type": "rate_limit_error", "code": "rate_limit_exceeded", "provider": "p"});
    assert_eq!(end(&error(limited)), failed("rate_limit_exceeded"));
    assert_eq!(end(&error(json!({"message": "m", "type": "invalid_request_error"}))), failed("invalid_prompt"));
    assert_eq!(end(&error(json!({"message": "m", "code": "x"}))), failed("server_error"));
    // Only the farewell is missing.
    assert_eq!(end(&finished), ("response.completed".into(), json!("completed"), Value::Null));
    assert_eq!(end(&(finished.clone() + DONE)), ("response.completed".into(), json!("completed"), Value::Null));
    // Whoever says that it failed has failed.
    let mut out = Vec::new();
    let mut answer = super::answer_to(&hi());
    let event = llm_layers_wire::sse::Event::new(chunk(&json!({}), &"stop".into()).to_string());
    answer.event(event, &mut out);
    answer.end(Some("reset".into()), &mut out);
    assert_eq!(super::told(&out).last().expect("events")["type"], "response.failed");
}

#[test]
fn what_failed_keeps_what_was_said() {
    let stream =
        sse(&[chunk(&json!({"reasoning_content": "Hm"}), &Value::Null), chunk(&call(0, "c", "{\"a"), &Value::Null)]);
    let events = streamed(
        &hi(),
        &[stream + "data: {\"error\":{\"message\":\"m\",\"type\":\"t\",\"code\":\"c\",\"provider\":\"p\"}}\n\n"],
    );
    let response = &events.last().expect("events")["response"];
    assert_eq!(response["output"][0]["status"], "completed");
    assert_eq!(response["output"][1]["status"], "incomplete");
    assert_eq!(response["output"][1]["arguments"], "{\"a");
    let error = json!({"code": "server_error", "message": "m", "param": null, "type": "t", "upstream_code": "c", "provider": "p"});
    assert_eq!(response["error"], error);
}

#[test]
fn signs_of_life_pass() {
    let mut answer = super::answer_to(&hi());
    let mut decoder = llm_layers_wire::sse::Decoder::default();
    decoder.push(bytes::Bytes::from_static(b": keep-alive\n\n"));
    let event = decoder.next().expect("within limits").expect("a comment");
    let mut out = Vec::new();
    answer.event(event, &mut out);
    assert_eq!(out.len(), 1);
    assert_eq!(out[0].to_bytes(), ": keep-alive\n\n");
}

#[test]
fn a_pair_of_surrogates_cut_in_two_is_whole_again() {
    let half = |half: &str| format!(r#"data: {{"choices":[{{"index":0,"delta":{{"content":"{half}"}}}}]}}"#) + "\n\n";
    let stream = half(r"\ud83d") + &half(r"\ude00") + &sse(&[chunk(&json!({}), &"stop".into())]) + DONE;
    // Half a pair is no text, but its event is one in JSON's grammar.
    let mut answer = super::answer_to(&hi());
    let mut decoder = llm_layers_wire::sse::Decoder::default();
    decoder.push(bytes::Bytes::from(stream));
    let mut out = Vec::new();
    while let Some(event) = decoder.next().expect("within limits") {
        answer.event(event, &mut out);
    }
    let last: Value = serde_json::from_slice(out.last().and_then(|event| event.data()).expect("data")).expect("JSON");
    assert_eq!(last["response"]["output"][0]["content"][0]["text"], "😀");
}

#[test]
fn an_answer_that_says_nothing_has_no_items() {
    let events = streamed(&hi(), &[of(&[json!({"role": "assistant", "content": ""})], "stop")]);
    assert_eq!(kinds(&events), ["response.created", "response.in_progress", "response.completed"]);
    assert_eq!(events[2]["response"]["output"], json!([]));
}

#[test]
fn only_the_first_choice_counts() {
    let mut other = chunk(&json!({"content": "Not this"}), &"stop".into());
    other["choices"][0]["index"] = 1.into();
    let events = streamed(&hi(), &[sse(&[other]) + &of(&[json!({"content": "This"})], "stop")]);
    let output = &events.last().expect("events")["response"]["output"];
    assert_eq!(output.as_array().map(Vec::len), Some(1));
    assert_eq!(output[0]["content"][0]["text"], "This");
}

#[test]
fn a_tier_that_openai_does_not_have_is_not_told() {
    for (tier, told) in [("on_demand", Value::Null), ("priority", json!("priority"))] {
        let mut last = chunk(&json!({}), &"stop".into());
        last["service_tier"] = tier.into();
        let events = streamed(&with(&json!({"service_tier": "auto"})), &[sse(&[last]) + DONE]);
        assert_eq!(events.last().expect("events")["response"]["service_tier"], told);
    }
}
