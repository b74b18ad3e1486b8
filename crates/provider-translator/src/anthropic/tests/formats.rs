//! Answers that are bound to a schema, by models that have no member for it.

use llm_layers_testkit::split::for_every_split;
use serde_json::{Value, json};

use super::*;

const OLD: &str = "claude-3-5-sonnet-20241022";

fn shaped(schema: &Value) -> Value {
    with(&json!({"response_format": {"type": "json_schema", "json_schema": {"name": "p", "schema": schema}}}))
}

fn person() -> Value {
    json!({"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}, "required": ["n"]})
}

fn answer(request: &Value) -> Answer {
    run(request, &options(OLD)).expect("it is translated").answer
}

#[test]
fn older_models_answer_by_a_tool_that_they_must_call() {
    let (body, warnings) = sent_with(&shaped(&person()), &options(OLD));
    assert_eq!(
        body["tools"],
        json!([{"name": "answer", "description": "Gives the answer to the user.", "input_schema": person()}])
    );
    assert_eq!(body["tool_choice"], json!({"type": "tool", "name": "answer", "disable_parallel_tool_use": true}));
    assert_eq!(body.get("output_config"), None);
    assert_eq!(warnings, "emulated;param=response_format;reason=forced_tool");

    let (body, warnings) = sent(&shaped(&person()));
    assert_eq!((body.get("tools"), &*warnings), (None, ""));
    assert_eq!(body["output_config"]["format"]["type"], "json_schema");
}

#[test]
fn a_history_of_calls_does_not_stand_in_the_way() {
    let mut request = shaped(&person());
    request["messages"] = json!([
        {"role": "user", "content": "q"},
        {"role": "assistant", "tool_calls": [
            {"id": "a", "type": "function", "function": {"name": "answer", "arguments": "{}"}},
            {"id": "b", "type": "function", "function": {"name": "f", "arguments": "{}"}},
        ]},
        {"role": "tool", "tool_call_id": "a", "content": "1"},
        {"role": "tool", "tool_call_id": "b", "content": "2"},
        {"role": "assistant", "content": "So"},
    ]);
    let (body, _) = sent_with(&request, &options(OLD));
    let names: Vec<&str> =
        body["tools"].as_array().expect("tools").iter().map(|tool| tool["name"].as_str().expect("a name")).collect();
    assert_eq!(names, ["f", "answer"]);
    // An answer that is bound begins anew.
    assert_eq!(body["messages"][4], json!({"role": "user", "content": [{"type": "text", "text": "Continue."}]}));
}

#[test]
fn a_schema_beside_tools_is_refused_for_older_models() {
    let mut request = shaped(&person());
    request["tools"] = json!([{"type": "function", "function": {"name": "f"}}]);
    let failure = run(&request, &options(OLD)).map(|_| ()).expect_err("it is refused");
    assert_eq!((failure.status().as_u16(), failure.error().param.as_deref()), (400, Some("response_format")));
    assert!(run(&request, &options(MODEL)).is_ok());
}

#[test]
fn older_models_know_no_strict_tools() {
    let tools = json!([{"type": "function", "function": {"name": "f", "strict": true, "parameters": person()}}]);
    let (body, warnings) = sent_with(&with(&json!({"tools": tools})), &options(OLD));
    assert_eq!(body["tools"], json!([{"name": "f", "input_schema": person()}]));
    assert_eq!(warnings, "dropped;param=tools.strict;reason=unsupported_by_model");
}

#[test]
fn what_the_tool_is_called_with_is_the_answer() {
    let list = json!({"type": "array", "items": {"type": "integer"}});
    for (schema, input, text) in [
        (person(), json!({"n": 1}), "{\"n\":1}"),
        (person(), json!({}), "{}"),
        (list, json!({"value": [1, 2]}), "[1,2]"),
    ] {
        let message = json!({
            "id": "msg_1", "type": "message", "model": "c", "stop_reason": "tool_use",
            "content": [{"type": "tool_use", "id": "t", "name": "answer", "input": input}],
        });
        let whole = Box::new(answer(&shaped(&schema))).whole(message.to_string().into()).expect("an answer");
        let whole: Value = serde_json::from_slice(&whole).expect("JSON");
        let choice = &whole["choices"][0];
        assert_eq!((&choice["message"]["content"], &choice["finish_reason"]), (&json!(text), &json!("stop")));
        assert_eq!(choice["message"].get("tool_calls"), None);
    }
}

#[test]
fn it_is_the_answer_of_a_stream_too() {
    let delta = |json: &str| json!({"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": json}});
    let stream = sse(&[
        json!({"type": "message_start", "message": {"id": "msg_1", "model": "c"}}),
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "tool_use", "id": "t", "name": "answer", "input": {}}}),
        delta("{\"value\":"),
        delta(" [1]}"),
        json!({"type": "content_block_stop", "index": 0}),
        json!({"type": "message_delta", "delta": {"stop_reason": "tool_use"}}),
        json!({"type": "message_stop"}),
    ]);
    let request = shaped(&json!({"type": "array", "items": {}}));
    for_every_split(stream, |pieces| {
        let pieces: Vec<&[u8]> = pieces.iter().map(AsRef::as_ref).collect();
        let (data, end) = run_stream(answer(&request), &pieces);
        end.expect("a whole answer");
        let chunks: Vec<Value> = data
            .iter()
            .filter(|data| *data != "[DONE]")
            .map(|data| serde_json::from_str(data).expect("JSON"))
            .collect();
        let text: String = chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str()).collect();
        assert_eq!(text.trim(), "[1]");
        assert!(chunks.iter().all(|chunk| chunk["choices"][0]["delta"].get("tool_calls").is_none()));
        assert_eq!(chunks.last().expect("an end")["choices"][0]["finish_reason"], "stop");
    });
}
