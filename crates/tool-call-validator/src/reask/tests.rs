use std::borrow::Cow;

use llm_layers_core::Operation::{self, ChatCompletion as Chat, Message, Response};
use llm_layers_wire::json::Object;
use serde_json::{Value, json};

use super::request;
use crate::{
    Fault, Reason,
    judge::{Call, CallKind, Judgement, Mended, Turn, Verdict},
};

fn fault(tool: Option<&str>, reason: Reason, path: &str, message: &str) -> Fault {
    Fault { choice: 0, tool: tool.map(Into::into), reason, path: path.into(), message: message.into() }
}

fn invalid() -> Verdict {
    Verdict::Invalid(vec![fault(Some("f"), Reason::Required, "/city", "is required")])
}

fn call(id: &'static str, name: &'static str, arguments: &'static str, kind: CallKind) -> Call<'static> {
    Call { id: Cow::Borrowed(id), name: Cow::Borrowed(name), arguments: Cow::Borrowed(arguments), kind }
}

fn turn(calls: Vec<Call<'static>>) -> Turn<'static> {
    Turn { calls, ..Turn::default() }
}

fn judged(calls: Vec<Verdict>) -> Judgement {
    Judgement { calls, ..Judgement::default() }
}

fn asked(operation: Operation, body: &str, turn: &Turn<'_>, judgement: &Judgement) -> String {
    let object = Object::parse(body.to_owned()).unwrap();
    let next = request(operation, &object, turn, judgement).expect("it can be asked");
    String::from_utf8(next.to_bytes().to_vec()).unwrap()
}

const TOLD: &str = "Invalid. Nothing was carried out:\n- /city: is required\nCall it again, put right.";
const HELD: &str = "Not carried out, because another call of this answer was invalid. Repeat it.";

#[test]
fn a_chat_goes_on_with_the_call_and_what_is_wrong_with_it() {
    let turn = turn(vec![
        call("a", "f", "{'x':1", CallKind::Function),
        call("b", "g", "any", CallKind::Custom),
        call("c", "f", "{ \"x\" : 1 }", CallKind::Function),
    ]);
    let mended = Mended { name: Some("h".into()), text: Some("{}".into()), ..Mended::default() };
    let judgement = judged(vec![invalid(), Verdict::Valid, Verdict::Mended(mended)]);
    let body = r#"{"model" : "m", "messages" : [ {"role":"user","content":"\u00e4 1.0"} ], "tools":[1]}"#;
    let next = asked(Chat, body, &turn, &judgement);
    assert!(next.starts_with(r#"{"model" : "m", "messages" : [{"role":"user","content":"\u00e4 1.0"},{"#), "{next}");
    assert!(next.ends_with(r#"], "tools":[1]}"#), "{next}");
    let messages: Value = serde_json::from_str::<Value>(&next).unwrap()["messages"].take();
    assert_eq!(
        messages.as_array().unwrap()[1..],
        [
            json!({"role": "assistant", "content": null, "tool_calls": [
                {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{'x':1"}},
                {"id": "b", "type": "custom", "custom": {"name": "g", "input": "any"}},
                {"id": "c", "type": "function", "function": {"name": "h", "arguments": "{}"}},
            ]}),
            json!({"role": "tool", "tool_call_id": "a", "content": TOLD}),
            json!({"role": "tool", "tool_call_id": "b", "content": HELD}),
            json!({"role": "tool", "tool_call_id": "c", "content": HELD}),
        ]
    );
}

#[test]
fn a_function_call_is_answered_by_a_function() {
    let turn = turn(vec![call("", "f", "{", CallKind::Legacy)]);
    let next: Value =
        serde_json::from_str(&asked(Chat, r#"{"messages":[]}"#, &turn, &judged(vec![invalid()]))).unwrap();
    assert_eq!(
        next["messages"],
        json!([
            {"role": "assistant", "content": null, "function_call": {"name": "f", "arguments": "{"}},
            {"role": "function", "name": "f", "content": TOLD},
        ])
    );
}

#[test]
fn a_text_and_a_call_that_is_not_there_are_answered_by_the_user() {
    let missing = Judgement {
        faults: vec![fault(None, Reason::MissingCall, "", "a tool must be called")],
        ..Judgement::default()
    };
    let text = Judgement {
        text: Some(Verdict::Invalid(vec![fault(None, Reason::NotJson, "", "is no JSON")])),
        ..Judgement::default()
    };
    let said = Turn { text: Some("{".into()), ..Turn::default() };
    let told =
        |what: &str| format!("Invalid. Your answer is not what was asked for:\n- {what}\nAnswer again, put right.");
    let (no_call, no_json) = (told("a tool must be called"), told("is no JSON"));
    let cases = [
        (Chat, "messages", &turn(vec![]), &missing, json!([{"role": "user", "content": no_call}])),
        (
            Chat,
            "messages",
            &said,
            &text,
            json!([
            {"role": "assistant", "content": "{"}, {"role": "user", "content": no_json}]),
        ),
        (
            Message,
            "messages",
            &turn(vec![]),
            &missing,
            json!([
            {"role": "user", "content": [{"type": "text", "text": no_call}]}]),
        ),
        (
            Message,
            "messages",
            &said,
            &text,
            json!([
            {"role": "assistant", "content": [{"type": "text", "text": "{"}]},
            {"role": "user", "content": [{"type": "text", "text": no_json}]}]),
        ),
        (
            Response,
            "input",
            &said,
            &text,
            json!([
            {"type": "message", "role": "assistant", "content": "{"},
            {"type": "message", "role": "user", "content": no_json}]),
        ),
    ];
    for (operation, member, turn, judgement, expected) in cases {
        let body = format!(r#"{{"{member}":[]}}"#);
        let next: Value = serde_json::from_str(&asked(operation, &body, turn, judgement)).unwrap();
        assert_eq!(next[member], expected);
    }
}

#[test]
fn a_message_repeats_objects_alone_and_results_come_first() {
    let turn = turn(vec![
        call("t1", "f", "{\"x\": 1.0}", CallKind::Function),
        call("t2", "f", "\"{\"", CallKind::Function),
        call("t3", "f", "{", CallKind::Function),
    ]);
    let mut judgement = judged(vec![Verdict::Valid, invalid(), invalid()]);
    judgement.faults.push(fault(None, Reason::ParallelCalls, "", "one call may be made"));
    let body = r#"{"thinking":{"type":"enabled","budget_tokens":1024},"messages":[{"role":"user","content":"Hi"}]}"#;
    let next = asked(Message, body, &turn, &judgement);
    assert!(next.contains(r#""input":{"x": 1.0}"#), "spelled as the model has spelled it: {next}");
    let next: Value = serde_json::from_str(&next).unwrap();
    assert!(next.get("thinking").is_none(), "what was thought is gone");
    let content = |index: usize| next["messages"][index]["content"].as_array().unwrap().clone();
    let inputs: Vec<_> = content(1).iter().map(|block| block["input"].clone()).collect();
    assert_eq!(inputs, [json!({"x": 1.0}), json!({}), json!({})]);
    let told = content(2);
    assert_eq!(told[0], json!({"type": "tool_result", "tool_use_id": "t1", "content": HELD, "is_error": true}));
    assert_eq!(told[2], json!({"type": "tool_result", "tool_use_id": "t3", "content": TOLD, "is_error": true}));
    assert_eq!((told.len(), &told[3]["type"]), (4, &json!("text")));

    let adaptive = r#"{"thinking":{"type":"adaptive"},"messages":[]}"#;
    assert!(asked(Message, adaptive, &turn, &judgement).contains("adaptive"));
}

#[test]
fn a_response_goes_on_from_text_and_from_items() {
    let turn = turn(vec![call("c", "f", "{", CallKind::Function), call("d", "g", "any", CallKind::Custom)]);
    let judgement = judged(vec![invalid(), Verdict::Valid]);
    let next: Value = serde_json::from_str(&asked(Response, r#"{"input":"H\u00e4"}"#, &turn, &judgement)).unwrap();
    assert_eq!(
        next["input"],
        json!([
            {"type": "message", "role": "user", "content": "H\u{e4}"},
            {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{"},
            {"type": "custom_tool_call", "call_id": "d", "name": "g", "input": "any"},
            {"type": "function_call_output", "call_id": "c", "output": TOLD},
            {"type": "custom_tool_call_output", "call_id": "d", "output": HELD},
        ])
    );
    let next = asked(Response, r#"{"input":[ {"role":"user"} ],"conversation":null}"#, &turn, &judgement);
    assert!(next.starts_with(r#"{"input":[{"role":"user"},{"type":"function_call","#), "{next}");
    for body in [r#"{"input":[],"conversation":"c"}"#, r#"{"input":[],"background":true}"#, "{}", r#"{"input":7}"#] {
        assert!(request(Response, &Object::parse(body).unwrap(), &turn, &judgement).is_none(), "{body}");
    }
}

#[test]
fn ids_and_names_are_such_as_providers_take() {
    let turn = turn(vec![
        call("", "f", "{}", CallKind::Function),
        call("x", "no such/t\u{f6}\u{f6}l", "{}", CallKind::Function),
        call("x", "", "{}", CallKind::Function),
    ]);
    let next: Value =
        serde_json::from_str(&asked(Chat, r#"{"messages":[]}"#, &turn, &judged(vec![invalid(); 3]))).unwrap();
    let calls = next["messages"][0]["tool_calls"].as_array().unwrap().clone();
    let told: Vec<_> = calls.iter().map(|call| format!("{} {}", call["id"], call["function"]["name"])).collect();
    assert_eq!(told, [r#""call_reasked_0" "f""#, r#""x" "no_such_t__l""#, r#""call_reasked_2" "unnamed""#,]);
    assert_eq!(next["messages"][3]["tool_call_id"], "call_reasked_2");
}

#[test]
fn the_words_are_two_kilobytes_at_most() {
    let long = fault(Some("f"), Reason::Schema, "/\u{e4}", &"\u{e4}".repeat(250));
    for calls in [1, 5, 32] {
        let turn = turn(vec![call("", "f", "{}", CallKind::Function); calls]);
        for verdict in [Verdict::Invalid(vec![long.clone(); 16]), Verdict::Valid] {
            let mut judgement = judged(vec![verdict; calls]);
            judgement.faults = vec![long.clone(); 16];
            let next: Value = serde_json::from_str(&asked(Chat, r#"{"messages":[]}"#, &turn, &judgement)).unwrap();
            let told =
                next["messages"].as_array().unwrap()[1..].iter().map(|message| message["content"].as_str().unwrap());
            let told: Vec<_> = told.collect();
            assert!(told.iter().all(|words| !words.is_empty()));
            let length: usize = told.iter().map(|words| words.len()).sum();
            assert!(length <= 2048, "{calls}: {length}");
        }
    }
    let many = turn(vec![call("", "f", "{}", CallKind::Function); 33]);
    let body = Object::parse(r#"{"messages":[]}"#).unwrap();
    assert!(request(Chat, &body, &many, &judged(vec![invalid(); 33])).is_none());
}
