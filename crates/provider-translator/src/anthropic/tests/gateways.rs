//! What other gateways got wrong and no other test here covers: `anthropic.md`, section 9.

use serde_json::json;

use super::*;

/// 4: the second turn of a loop of calls, by the very message that the first has answered with.
#[test]
fn an_answer_can_be_handed_back_as_it_came() {
    let question = json!({"role": "user", "content": "q"});
    let first = messages(&json!([question]));
    let content = json!([
        {"type": "thinking", "thinking": "", "signature": "sealed"},
        {"type": "redacted_thinking", "data": "d"},
        {"type": "text", "text": "Let me see."},
        {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"a": 1.5}},
    ]);
    let answer = whole(&first, &json!({"id": "msg_1", "content": content, "stop_reason": "tool_use"}));
    let echoed = answer["choices"][0]["message"].clone();
    let (body, warnings) =
        sent(&messages(&json!([question, echoed, {"role": "tool", "tool_call_id": "toolu_1", "content": "r"}])));
    assert_eq!(body["messages"][1]["content"], content);
    assert_eq!(body["messages"][2]["content"][0]["tool_use_id"], "toolu_1");
    assert_eq!(warnings, "");
}

/// 8: an instruction in the middle stays there, also between a call and its result.
#[test]
fn an_instruction_between_call_and_result_parts_them_not() {
    let (body, _) = sent(&messages(&json!([
        {"role": "user", "content": "q"},
        {"role": "assistant", "tool_calls": [{"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
        {"role": "developer", "content": "s"},
        {"role": "tool", "tool_call_id": "a", "content": "r"},
    ])));
    let kinds: Vec<_> =
        body["messages"][2]["content"].as_array().expect("blocks").iter().map(|block| block["type"].clone()).collect();
    assert_eq!(kinds, ["tool_result", "text"]);
    assert!(body.get("system").is_none());
}

/// 17: a ping is no content, wherever it comes.
#[test]
fn pings_say_nothing() {
    let ping = json!({"type": "ping"});
    let (data, end) = streamed(&with(&json!({"stream": true})), &[sse(&[ping.clone(), ping]).as_bytes()]);
    assert!(data.is_empty() && end.is_err());
}
