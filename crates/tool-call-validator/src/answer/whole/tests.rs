use llm_layers_core::Operation::{self, ChatCompletion as Chat, Message, Response};
use llm_layers_wire::json::Object;

use super::*;
use crate::{
    Policy, Repair,
    contract::{Contract, ToolChoice, Tools},
    judge::{CallKind, End, Mended, Verdict},
};

fn contract(operation: Operation, wants_json: bool) -> Contract {
    Contract {
        operation,
        tools: Tools::default(),
        is_open: true,
        choice: ToolChoice::Auto,
        parallel: true,
        text: if wants_json { Text::JsonObject } else { Text::Any },
        choices: 1,
    }
}

fn answer(operation: Operation, text: &str, wants_json: bool) -> Box<dyn Answer> {
    let object = Object::parse_with(text.to_owned(), &llm_layers_wire::json::Limits::LENIENT).unwrap();
    read(&object, &contract(operation, wants_json), &Settings::default()).unwrap().unwrap_or_else(|| panic!("{text}"))
}

fn mended(id: Option<&str>, name: Option<&str>, text: Option<&str>) -> Verdict {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    Verdict::Mended(Mended { id: owned(id), name: owned(name), text: owned(text), repairs: vec![Repair::Prose] })
}

fn of_calls(calls: Vec<Verdict>) -> Judgement {
    Judgement { calls, ..Judgement::default() }
}

fn of_text(text: &str) -> Judgement {
    Judgement { text: Some(mended(None, None, Some(text))), ..Judgement::default() }
}

/// Told as `id name arguments kind`, call by call.
fn calls(answer: &dyn Answer) -> Vec<String> {
    let turns = answer.turns();
    let calls = turns.iter().flat_map(|turn| &turn.calls);
    calls.map(|call| format!("{} {} {} {:?}", call.id, call.name, call.arguments, call.kind)).collect()
}

#[test]
fn calls_are_read_in_every_shape() {
    let cases = [
        (
            Chat,
            r#"{"choices":[{"message":{"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{\"x\":1}"}},
                {"id":"b","type":"custom","custom":{"name":"g","input":"any"}}]}},
                {"message":{"content":null,"function_call":{"name":"h","arguments":"{}"}}}]}"#,
            vec!["a f {\"x\":1} Function", "b g any Custom", " h {} Legacy"],
        ),
        // What is missing, or is something else, is empty, and never an error here: it is judged.
        (
            Chat,
            r#"{"choices":[{"message":{"tool_calls":[7,{},{"function":null},{"function":{"name":7,"arguments":{"x": 1}}}]}}]}"#,
            vec!["   Function", "   Function", "   Function", "  {\"x\": 1} Function"],
        ),
        (Chat, r#"{"choices":[{"message":null},{},{"message":{"tool_calls":null,"function_call":null}}]}"#, vec![]),
        (
            Message,
            r#"{"content":[{"type":"text","text":"Hm"},{"type":"tool_use","id":"t","name":"f","input":{"x": 1}},
                {"type":"server_tool_use","id":"s","name":"web_search","input":{}},7]}"#,
            vec!["t f {\"x\": 1} Function"],
        ),
        (Message, r#"{"content":[{"type":"tool_use","input":"{\"x\":1}"}]}"#, vec!["  \"{\\\"x\\\":1}\" Function"]),
        (
            Response,
            r#"{"output":[{"type":"reasoning"},{"type":"function_call","id":"fc","call_id":"c","name":"f","arguments":"{}"},
                {"type":"web_search_call"},{"type":"custom_tool_call","call_id":"d","name":"g","input":"any"}]}"#,
            vec!["c f {} Function", "d g any Custom"],
        ),
    ];
    for (operation, text, expected) in cases {
        assert_eq!(calls(&*answer(operation, text, false)), expected, "{text}");
    }
}

#[test]
fn what_is_no_answer_is_none() {
    for (operation, text) in [
        (Chat, r#"{"error":{"message":"no"}}"#),
        (Chat, r#"{"choices":null}"#),
        (Chat, r#"{"choices":7}"#),
        (Message, r#"{"type":"error","error":{}}"#),
        (Message, r#"{"content":"text"}"#),
        (Response, r#"{"error":null}"#),
        (Response, r#"{"status":"queued","output":null}"#),
        (Operation::Embedding, r#"{"choices":[]}"#),
    ] {
        let object = Object::parse(text).unwrap();
        assert!(read(&object, &contract(operation, false), &Settings::default()).unwrap().is_none(), "{text}");
    }
}

#[test]
fn ends_and_texts_are_read() {
    let cases = [
        (
            Chat,
            r#"{"choices":[{"message":{"content":"{}"},"finish_reason":"stop"}]}"#,
            Some("{}"),
            End::Complete,
            false,
        ),
        (Chat, r#"{"choices":[{"message":{"content":"{"},"finish_reason":"length"}]}"#, Some("{"), End::CutOff, false),
        (Chat, r#"{"choices":[{"message":{},"finish_reason":"content_filter"}]}"#, Some(""), End::CutOff, false),
        (
            Chat,
            r#"{"choices":[{"message":{"content":[{"type":"text","text":"{"},{"type":"text","text":"}"}]}}]}"#,
            Some("{}"),
            End::Complete,
            false,
        ),
        (Chat, r#"{"choices":[{"message":{"content":null,"refusal":"No."}}]}"#, None, End::Complete, true),
        (Chat, r#"{"choices":[{"message":{"content":"Hm","tool_calls":[{}]}}]}"#, None, End::Complete, false),
        (
            Message,
            r#"{"content":[{"type":"text","text":"{"},{"type":"text","text":"}"}],"stop_reason":"end_turn"}"#,
            Some("{}"),
            End::Complete,
            false,
        ),
        (Message, r#"{"content":[],"stop_reason":"max_tokens"}"#, Some(""), End::CutOff, false),
        (Message, r#"{"content":[],"stop_reason":"model_context_window_exceeded"}"#, Some(""), End::CutOff, false),
        (Message, r#"{"content":[],"stop_reason":"refusal"}"#, None, End::CutOff, true),
        (Message, r#"{"content":[],"stop_reason":"pause_turn"}"#, None, End::Complete, true),
        (Message, r#"{"content":[{"type":"text","text":"Hm"}],"stop_reason":"compaction"}"#, None, End::Complete, true),
        (Message, r#"{"content":[],"stop_reason":"what_nobody_knows"}"#, Some(""), End::CutOff, false),
        (Message, r#"{"content":[],"stop_reason":null}"#, Some(""), End::Complete, false),
        (
            Response,
            r#"{"status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"{}"}]}]}"#,
            Some("{}"),
            End::Complete,
            false,
        ),
        (
            Response,
            r#"{"status":"incomplete","output":[{"type":"message","content":[{"type":"output_text","text":"{"}]}]}"#,
            Some("{"),
            End::CutOff,
            false,
        ),
        (
            Response,
            r#"{"output":[{"type":"message","content":[{"type":"refusal","refusal":"No."}]}]}"#,
            None,
            End::Complete,
            true,
        ),
        (
            Response,
            r#"{"output":[{"type":"message","phase":"commentary","content":[{"type":"output_text","text":"Hm"}]},
            {"type":"message","phase":"final_answer","content":[{"type":"output_text","text":"{}"}]}]}"#,
            Some("{}"),
            End::Complete,
            false,
        ),
    ];
    for (operation, text, expected, end, is_refusal) in cases {
        let answer = answer(operation, text, true);
        let turns = answer.turns();
        assert_eq!(
            (turns[0].text.as_deref(), turns[0].end, turns[0].is_refusal),
            (expected, end, is_refusal),
            "{text}"
        );
    }
    for status in ["failed", "cancelled", "queued", "in_progress"] {
        let text = format!(r#"{{"status":"{status}","output":[{{"type":"function_call","name":"f"}}]}}"#);
        let with_call = answer(Response, &text, true);
        assert_eq!((with_call.turns()[0].end, with_call.turns()[0].calls.len()), (End::CutOff, 1), "{status}");
        let empty = answer(Response, &format!(r#"{{"status":"{status}","output":[]}}"#), true);
        assert!(empty.turns()[0].text.is_none(), "{status}");
    }
    let answer = answer(Chat, r#"{"choices":[{"message":{"content":"Hi"}}]}"#, false);
    assert!(answer.turns()[0].text.is_none(), "nobody has asked for JSON");
}

#[test]
fn only_what_was_mended_changes() {
    let fixed = || mended(None, None, Some(r#"{"x":1}"#));
    let all = || mended(Some("new"), Some("f"), Some(r#"{"x":1}"#));
    let cases = [
        (
            Chat,
            r#"{ "id": 1.0, "choices": [ {"message": {"content": null , "tool_calls": [ {"id":"a", "function": {"name":"f", "arguments":"{}"}},  {"index" : 1,"id":"b","function":{"name":"F","arguments":"{x:1}"} }] }, "finish_reason":"tool_calls" } ], "u": [1, 2] }"#,
            vec![of_calls(vec![Verdict::Valid, all()])],
            r#"{ "id": 1.0, "choices": [ {"message": {"content": null , "tool_calls": [ {"id":"a", "function": {"name":"f", "arguments":"{}"}},  {"index" : 1,"id":"new","function":{"name":"f","arguments":"{\"x\":1}"} }] }, "finish_reason":"tool_calls" } ], "u": [1, 2] }"#,
        ),
        (
            Chat,
            r#"{"choices":[{"message":{"tool_calls":[{"id":"a","custom":{"name":"G","input":"t"}}]}},{"message":{"function_call":{"name":"f","arguments":"{x:1}" }}}]}"#,
            vec![of_calls(vec![mended(None, Some("g"), None)]), of_calls(vec![fixed()])],
            r#"{"choices":[{"message":{"tool_calls":[{"id":"a","custom":{"name":"g","input":"t"}}]}},{"message":{"function_call":{"name":"f","arguments":"{\"x\":1}" }}}]}"#,
        ),
        // Invalid beside mended: told, and left.
        (
            Chat,
            r#"{"choices":[{"message":{"tool_calls":[{"id":"a","function":{"name":"f","arguments":{"y":[]}}},{"id":"b","function":{"name":"f","arguments":"{x:1}"}}]}}]}"#,
            vec![of_calls(vec![Verdict::Invalid(vec![]), fixed()])],
            r#"{"choices":[{"message":{"tool_calls":[{"id":"a","function":{"name":"f","arguments":{"y":[]}}},{"id":"b","function":{"name":"f","arguments":"{\"x\":1}"}}]}}]}"#,
        ),
        (
            Chat,
            r#"{"choices":[{"index":0,"message":{"role":"assistant","content":"```{}```"}}],"usage":{"total_tokens": 7}}"#,
            vec![of_text("{}")],
            r#"{"choices":[{"index":0,"message":{"role":"assistant","content":"{}"}}],"usage":{"total_tokens": 7}}"#,
        ),
        (
            Message,
            r#"{"content": [{"type":"thinking","signature":"s"}, {"type":"tool_use","id":"t","name":"F","input":"{\"x\":1}", "z":1}],"stop_reason":"tool_use"}"#,
            vec![of_calls(vec![all()])],
            r#"{"content": [{"type":"thinking","signature":"s"}, {"type":"tool_use","id":"new","name":"f","input":{"x":1}, "z":1}],"stop_reason":"tool_use"}"#,
        ),
        (
            Message,
            r#"{"content":[{"type":"text","text":"a","citations":null},{"type":"text","text":"b"}]}"#,
            vec![of_text("{}")],
            r#"{"content":[{"type":"text","text":"{}","citations":null},{"type":"text","text":""}]}"#,
        ),
        (
            Response,
            r#"{"output":[{"type":"function_call","id":"fc","call_id":"","name":"F","arguments":"{x:1}","status":"completed"}], "status": "completed"}"#,
            vec![of_calls(vec![all()])],
            r#"{"output":[{"type":"function_call","id":"fc","call_id":"new","name":"f","arguments":"{\"x\":1}","status":"completed"}], "status": "completed"}"#,
        ),
        (
            Response,
            r#"{"output":[{"type":"reasoning","x": 1},{"type":"message","content":[{"type":"output_text","text":"a", "logprobs":[]}]}]}"#,
            vec![of_text("{}")],
            r#"{"output":[{"type":"reasoning","x": 1},{"type":"message","content":[{"type":"output_text","text":"{}", "logprobs":[]}]}]}"#,
        ),
    ];
    for (operation, text, judgements, expected) in cases {
        let wants_json = judgements[0].text.is_some();
        let mended = answer(operation, text, wants_json).mended(&judgements);
        assert_eq!(std::str::from_utf8(&mended.to_bytes()).unwrap(), expected);
        let valid: Vec<_> = judgements.iter().map(|of| of_calls(vec![Verdict::Valid; of.calls.len()])).collect();
        let same = answer(operation, text, wants_json);
        assert_eq!(same.mended(&valid).to_bytes(), text, "what is right stays as it came");
    }
}

#[test]
fn arguments_that_are_no_string_become_one() {
    let text =
        r#"{"choices":[{"message":{"tool_calls":[{"id":"a","function":{"name":"f","arguments":{"x": 1.0}}}]}}]}"#;
    let settled = |policy: Policy, verdict| {
        let mut settings = Settings::default();
        settings.default_policy = policy;
        let (answer, mut judgements) = (answer(Chat, text, false), [of_calls(vec![verdict])]);
        answer.settle(&mut judgements, &settings);
        (answer.mended(&judgements).to_bytes(), judgements[0].calls[0].clone())
    };
    let (mended, verdict) = settled(Policy::new(), Verdict::Valid);
    let expected =
        r#"{"choices":[{"message":{"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{\"x\": 1.0}"}}]}}]}"#;
    assert_eq!(mended, expected);
    assert_eq!(verdict, Verdict::Mended(Mended { repairs: vec![Repair::Shape], ..Mended::default() }), "it is told");
    // Where nothing may be mended it is another call to clients; what they are told is up to the policy.
    let (same, verdict) = settled(Policy::new().repair(false), Verdict::Valid);
    let Verdict::Invalid(faults) = verdict else { panic!("{verdict:?}") };
    assert_eq!((same.as_ref(), faults[0].tool.as_deref()), (text.as_bytes(), Some("f")));
    assert_eq!(settled(Policy::new(), Verdict::Invalid(vec![])).0, text);
    let beside = Mended { id: Some("b".into()), repairs: vec![Repair::Id], ..Mended::default() };
    let (both, verdict) = settled(Policy::new(), Verdict::Mended(beside));
    let Verdict::Mended(mended) = verdict else { panic!("{verdict:?}") };
    assert_eq!(
        (both, mended.repairs),
        (expected.replace(r#""id":"a""#, r#""id":"b""#).into(), vec![Repair::Shape, Repair::Id])
    );
}

#[test]
fn an_input_of_nothing_before_a_cut_is_no_input() {
    let message = |reason: &str, input: &str, more: &str| {
        let text = format!(
            r#"{{"content":[{{"type":"tool_use","id":"t","name":"f","input":{input}}}{more}],"stop_reason":"{reason}"}}"#
        );
        answer(Message, &text, false).turns()[0].calls[0].arguments.clone().into_owned()
    };
    assert_eq!(message("max_tokens", "{ }", ""), "");
    assert_eq!(message("tool_use", "{ }", ""), "{ }");
    assert_eq!(message("max_tokens", r#"{"x":1}"#, ""), r#"{"x":1}"#);
    assert_eq!(message("max_tokens", "{}", r#",{"type":"text","text":"Hm"}"#), "{}", "it was over");
}

#[test]
fn members_named_twice_are_read_as_clients_read_them() {
    let text = r#"{"choices":[],"choices":[{"message":{"tool_calls":[],"tool_calls":[{"id":"a","id":"b","function":{"name":"f","arguments":"1","arguments":"2"}}]}}]}"#;
    assert_eq!(calls(&*answer(Chat, text, false)), ["b f 2 Function"]);
    assert_eq!(answer(Chat, text, false).turns()[0].calls[0].kind, CallKind::Function);
}

#[test]
fn what_may_hold_calls_that_nobody_sees_is_no_answer() {
    for (operation, text) in [
        (Chat, r#"{"choices":[{"message":{"\ud800":1,"tool_calls":[{}]}}]}"#),
        (Chat, r#"{"choices":[7,{"\ud800":1,"message":{"tool_calls":[{}]}}]}"#),
        (Chat, r#"{"choices":[{"message":{"tool_calls":[{"\ud800":1}]}}]}"#),
        (Chat, r#"{"choices":[{"message":{"tool_calls":[{"function":{"\ud800":1}}]}}]}"#),
        (Chat, r#"{"choices":[{"message":{"function_call":{"\ud800":1}}}]}"#),
        (Message, r#"{"content":[{"\ud800":1,"type":"tool_use"}]}"#),
        (Response, r#"{"output":[{"\ud800":1,"type":"function_call"}]}"#),
        (Response, r#"{"output":[{"type":"message","content":[{"\ud800":1}]}]}"#),
    ] {
        let object = Object::parse(text).unwrap();
        assert!(read(&object, &contract(operation, false), &Settings::default()).is_err(), "{text}");
    }
}

#[test]
fn there_is_no_number_beyond_which_calls_are_not_read() {
    let call = r#"{"id":"a","function":{"name":"f","arguments":"{}"}}"#;
    let many = format!("{}{call}", format!("{call},").repeat(70_000));
    let text = format!(r#"{{"choices":[{{"message":{{"tool_calls":[{many}]}}}}]}}"#);
    assert_eq!(answer(Chat, &text, false).turns()[0].calls.len(), 70_001);
}
