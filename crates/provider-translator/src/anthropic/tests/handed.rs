//! What an answer's message holds in `native`, and what becomes of it in the next request.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// An answer of everything that a chat message has no one place for.
fn mixed() -> Value {
    json!([
        {"type": "thinking", "thinking": "Where do crabs live?", "signature": "s1"},
        {"type": "text", "text": "Let me lök. \u{1f600}"},
        {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "crabs", "n": 1.50}},
        {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "caller": {"type": "direct"},
         "content": [{"type": "web_search_result", "url": "https://a.example", "title": "A", "encrypted_content": "e1"}]},
        {"type": "redacted_thinking", "data": "d1"},
        {"type": "text", "text": "In the sea.", "citations": [
            {"type": "web_search_result_location", "url": "https://a.example", "title": "A", "cited_text": "c", "encrypted_index": "i"}]},
        {"type": "text", "text": " Also on land."},
        {"type": "mcp_tool_use", "id": "mcptoolu_1", "name": "echo", "server_name": "s", "input": {}},
        {"type": "mcp_tool_result", "tool_use_id": "mcptoolu_1", "is_error": false, "content": [{"type": "text", "text": "x"}]},
        {"type": "container_upload", "file_id": "file_1"},
        {"type": "thinking", "thinking": "", "signature": "s2"},
        {"type": "tool_use", "id": "toolu_1", "name": "add", "input": {"a": 1},
         "caller": {"type": "code_execution_20260120", "tool_id": "srvtoolu_9"}, "toolset_name": "t"},
        {"type": "bash_code_execution_tool_result", "tool_use_id": "srvtoolu_9", "content": {"stdout": "\n"}},
        {"type": "tool_use", "id": "toolu_2", "name": "add", "input": {}},
    ])
}

fn answer(content: &Value, stop_reason: &str) -> Value {
    json!({"id": "msg_1", "type": "message", "model": "m", "content": content, "stop_reason": stop_reason})
}

/// The message of a whole answer.
fn message(content: &Value, stop_reason: &str) -> Value {
    whole(&with(&json!({})), &answer(content, stop_reason))["choices"][0]["message"].clone()
}

/// The request that hands a message back, its calls answered.
fn next(message: &Value) -> Value {
    let mut list = vec![json!({"role": "user", "content": "q"}), message.clone()];
    for call in message["tool_calls"].as_array().into_iter().flatten() {
        list.push(json!({"role": "tool", "tool_call_id": call["id"], "content": "r"}));
    }
    messages(&json!(list))
}

/// The content of the assistant's turn, as it is sent.
fn handed_back(message: &Value) -> Value {
    sent(&next(message)).0["messages"][1]["content"].clone()
}

#[test]
fn every_block_goes_back_to_where_it_stood() {
    let message = message(&mixed(), "tool_use");
    assert_eq!(message["content"], "Let me lök. \u{1f600}In the sea. Also on land.");
    let without_noise = |mut blocks: Value| {
        blocks.as_array_mut().expect("blocks").iter_mut().for_each(|block| {
            if block["citations"].is_null() {
                block.as_object_mut().expect("a block").remove("citations");
            }
        });
        blocks
    };
    assert_eq!(handed_back(&message), without_noise(mixed()));
    let spelled = run(&next(&message), &options(MODEL)).expect("a request").body;
    assert!(String::from_utf8_lossy(&spelled).contains("\"n\":1.5"), "numbers keep their value");
}

#[test]
fn a_text_that_came_in_parts_is_cut_all_the_same() {
    let mut message = message(&mixed(), "tool_use");
    let mark = json!({"type": "ephemeral"});
    message["content"] = json!([
        {"type": "text", "text": "Let me l"},
        {"type": "text", "text": "ök. \u{1f600}In the sea. Also on \"land\".", "cache_control": mark},
    ]);
    message["native"]["content"][6]["length"] = json!(16);
    let mut expected = mixed();
    expected[6] = json!({"type": "text", "text": " Also on \"land\".", "cache_control": mark});
    assert_eq!(handed_back(&message), expected);
}

#[test]
fn a_plain_answer_has_nothing_to_hand_back() {
    let thinking = json!({"type": "thinking", "thinking": "h", "signature": "s"});
    let text = json!({"type": "text", "text": "a"});
    let call = json!({"type": "tool_use", "id": "t", "name": "f", "input": {}, "caller": {"type": "direct"}});
    let cited = json!({"type": "text", "text": "a", "citations": [{"type": "web_search_result_location", "url": "u"}]});
    for content in [json!([text]), json!([thinking, text, text, call, call]), json!([thinking, thinking, cited])] {
        assert_eq!(message(&content, "end_turn").get("native"), None, "{content}");
    }
    let unsealed = json!({"type": "thinking", "thinking": "h", "signature": ""});
    assert_eq!(message(&json!([text, unsealed, text]), "end_turn").get("native"), None, "it cannot be handed back");
    for content in [json!([text, thinking, text]), json!([call, text])] {
        let message = message(&content, "end_turn");
        assert_eq!(message["native"]["content"].as_array().map(Vec::len), content.as_array().map(Vec::len));
        let mut expected = content;
        for block in expected.as_array_mut().expect("blocks") {
            block.as_object_mut().expect("a block").remove("caller");
        }
        assert_eq!(handed_back(&message), expected);
    }
    let document = json!({"type": "char_location", "document_index": 0, "cited_text": "c"});
    let content = json!([{"type": "text", "text": "a", "citations": [document]}]);
    let message = message(&content, "end_turn");
    assert_eq!(message["native"]["content"], json!([{"type": "text", "length": 1, "citations": [document]}]));
}

#[test]
fn a_paused_turn_goes_on_as_it_is() {
    let used = json!({"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {}});
    let text = json!({"type": "text", "text": "So far "});
    for content in [json!([text, used]), json!([used]), json!([used, text]), json!([text])] {
        let paused = whole(&with(&json!({})), &answer(&content, "pause_turn"));
        assert_eq!(paused["choices"][0]["finish_reason"], "stop");
        assert_eq!(paused["native"]["stop_reason"], "pause_turn");
        let message = &paused["choices"][0]["message"];
        assert_eq!(message["native"]["stop_reason"], "pause_turn");
        for model in [MODEL, "claude-opus-5"] {
            for effort in ["none", "high"] {
                let mut request = next(message);
                request["reasoning_effort"] = json!(effort);
                let (body, warnings) = sent_with(&request, &options(model));
                let turns = body["messages"].as_array().expect("messages");
                assert_eq!((turns.len(), &turns[1]["content"]), (2, &content), "{model} {effort}");
                assert_eq!(warnings, "", "{model} {effort}");
            }
        }
    }
    let (body, _) = sent_with(&next(&message(&json!([text]), "end_turn")), &options("claude-opus-5"));
    assert_eq!(body["messages"][2]["role"], "user", "what has ended does not go on");
}

#[test]
fn what_a_client_has_changed_counts() {
    let said = message(&mixed(), "tool_use");
    let kinds = |message: &Value| -> Vec<String> {
        let blocks = handed_back(message);
        let text = |block: &Value| {
            block["text"].as_str().unwrap_or_else(|| block["type"].as_str().expect("a type")).to_owned()
        };
        blocks.as_array().expect("blocks").iter().map(text).collect()
    };
    let all = kinds(&said);
    assert_eq!(all.len(), 14);

    let mut shortened = said.clone();
    shortened["content"] = json!("Short.");
    let mut expected = all.clone();
    expected[6] = "Short.".into();
    expected.remove(5);
    expected.remove(1);
    assert_eq!(kinds(&shortened), expected, "the text stands where the last of it was");

    let mut silent = said.clone();
    silent["content"] = Value::Null;
    let mut expected = all.clone();
    for at in [6, 5, 1] {
        expected.remove(at);
    }
    assert_eq!(kinds(&silent), expected);

    let mut forgetful = said.clone();
    forgetful.as_object_mut().expect("a message").remove("reasoning_details");
    assert!(!kinds(&forgetful).iter().any(|kind| kind.contains("thinking")));

    let mut other_call = said.clone();
    other_call["tool_calls"][0]["id"] = json!("toolu_7");
    let blocks = handed_back(&other_call);
    assert_eq!((&blocks[12]["id"], &blocks[12]["caller"]), (&json!("toolu_7"), &Value::Null));

    let mut foreign = said.clone();
    for detail in foreign["reasoning_details"].as_array_mut().expect("details") {
        detail["format"] = json!("gemini-v1");
    }
    assert!(!kinds(&foreign).iter().any(|kind| kind.contains("thinking")));

    let mut without = said;
    without.as_object_mut().expect("a message").remove("native");
    let text = "Let me lök. \u{1f600}In the sea. Also on land.";
    assert_eq!(kinds(&without), ["thinking", "redacted_thinking", "thinking", text, "tool_use", "tool_use"]);
}

#[test]
fn what_is_no_such_thing_is_refused_by_its_place() {
    let long = "x".repeat(65);
    let table = [
        (json!("x"), "native", "invalid_type"),
        (json!([]), "native", "invalid_type"),
        (json!({"stop_reason": 1}), "native.stop_reason", "invalid_type"),
        (json!({"content": {}}), "native.content", "invalid_type"),
        (json!({"content": ["x"]}), "native.content[0]", "invalid_type"),
        (json!({"content": [{"type": "x"}, {}]}), "native.content[1].type", "missing_required_parameter"),
        (json!({"content": [{"type": 1}]}), "native.content[0].type", "invalid_type"),
        (json!({"content": [{"type": ""}]}), "native.content[0].type", "invalid_value"),
        (json!({"content": [{"type": "Wéb"}]}), "native.content[0].type", "invalid_value"),
        (json!({"content": [{"type": long}]}), "native.content[0].type", "invalid_value"),
        (json!({"content": [{"type": "tool_result", "tool_use_id": "a"}]}), "native.content[0].type", "invalid_value"),
        (json!({"content": [{"type": "document"}]}), "native.content[0].type", "invalid_value"),
        (json!({"content": [{"type": "text", "text": "x"}]}), "native.content[0].length", "missing_required_parameter"),
        (json!({"content": [{"type": "text", "length": -1}]}), "native.content[0].length", "invalid_type"),
        (
            json!({"content": [{"type": "text", "length": 1, "citations": {}}]}),
            "native.content[0].citations",
            "invalid_type",
        ),
        (
            json!({"content": [{"type": "text", "length": 1, "citations": [{}, 1]}]}),
            "native.content[0].citations[1]",
            "invalid_type",
        ),
        (json!({"content": [{"type": "tool_use"}]}), "native.content[0].id", "missing_required_parameter"),
        (
            json!({"content": [{"type": "tool_use", "id": "a", "caller": "x"}]}),
            "native.content[0].caller",
            "invalid_type",
        ),
        (
            json!({"content": [{"type": "tool_use", "id": "a", "toolset_name": 1}]}),
            "native.content[0].toolset_name",
            "invalid_type",
        ),
        (json!({"content": vec![json!({"type": "thinking"}); 20_000]}), "native.content", "invalid_value"),
        (json!({"content": [{"type": "x", "x": "y".repeat(5 << 20)}]}), "native.content", "invalid_value"),
    ];
    for (native, place, code) in table {
        let refused = refused(&next(&json!({"role": "assistant", "content": "a", "native": native})));
        assert_eq!((refused.0.as_str(), refused.1.as_str()), (format!("messages[1].{place}").as_str(), code));
    }
    for nothing in [json!(null), json!({}), json!({"content": null}), json!({"content": []}), json!({"trace": 1})] {
        let blocks = handed_back(&json!({"role": "assistant", "content": "a", "native": nothing}));
        assert_eq!(blocks, json!([{"type": "text", "text": "a"}]));
    }
}

#[test]
fn a_turn_does_not_end_with_reasoning() {
    let content = json!([{"type": "text", "text": "a"}, {"type": "thinking", "thinking": "h", "signature": "s"}]);
    let message = message(&content, "max_tokens");
    assert_eq!(handed_back(&message), json!([{"type": "text", "text": "a"}]));
}

#[test]
fn what_is_too_long_is_told_so_and_the_rest_of_it_is_left_out_too() {
    let used = |id: usize| json!({"type": "server_tool_use", "id": id.to_string(), "name": "f", "input": {"x": "y".repeat(300 << 10)}});
    let text = json!({"type": "text", "text": "a"});
    let three = message(&json!([used(1), used(2), used(3), text]), "end_turn");
    assert_eq!(three["native"]["content"].as_array().map(Vec::len), Some(4));
    let four = message(&json!([used(1), used(2), used(3), used(4), text]), "end_turn");
    assert_eq!((&four["content"], &four["native"]), (&json!("a"), &json!({"left_out": ["content"]})));
}

#[test]
fn what_is_too_long_while_it_comes_is_not_kept_either() {
    let half = "x".repeat(500 << 10);
    let start = json!({"type": "message_start", "message": {"id": "msg_1", "model": "m"}});
    let open = |block: Value| json!({"type": "content_block_start", "index": 0, "content_block": block});
    let delta = |delta: Value| json!({"type": "content_block_delta", "index": 0, "delta": delta});
    let input = |json: &str| delta(json!({"type": "input_json_delta", "partial_json": json}));
    let citation = delta(json!({"type": "citations_delta", "citation": {"type": "char_location", "cited_text": half}}));
    let text = delta(json!({"type": "text_delta", "text": "a"}));
    let used = open(json!({"type": "server_tool_use", "id": "s", "name": "f", "input": {}}));
    for (begun, grown) in [
        (used, vec![input("{\"x\":\""), input(&half), input(&half), input(&half), input("\"}")]),
        (open(json!({"type": "text", "text": ""})), vec![text, citation.clone(), citation]),
    ] {
        let mut events = vec![start.clone(), begun];
        events.extend(grown);
        events.push(json!({"type": "content_block_stop", "index": 0}));
        events.push(json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}}));
        events.push(json!({"type": "message_stop"}));
        let (data, end) = streamed(&with(&json!({"stream": true})), &[sse(&events).as_bytes()]);
        end.expect("it is whole");
        let told = data.iter().find(|data| data.contains("native")).expect("a chunk");
        let told: Value = serde_json::from_str(told).expect("JSON");
        assert_eq!(told["choices"][0]["delta"]["native"], json!({"left_out": ["content"]}));
    }
}

/// What grows with the square of its size would take minutes here.
#[test]
fn many_pieces_of_a_long_text_are_no_feast() {
    let many = 16_000;
    let text = "\u{1f600}\n".repeat(many * 40);
    let content: Vec<Value> = vec![json!({"type": "text", "length": 80}); many];
    let blocks = handed_back(&json!({"role": "assistant", "content": text, "native": {"content": content}}));
    assert_eq!(blocks.as_array().map(Vec::len), Some(many));
}

proptest! {
    #[test]
    fn any_pieces(lengths in prop::collection::vec(0..9_usize, 0..9), text in "[ aé\u{1f600}]{0,30}") {
        let mut content: Vec<Value> = lengths.iter().map(|length| json!({"type": "text", "length": length})).collect();
        content.insert(content.len() / 2, json!({"type": "server_tool_use", "id": "a"}));
        let blocks = handed_back(&json!({"role": "assistant", "content": text, "native": {"content": content}}));
        let texts: String = blocks.as_array().expect("blocks").iter().filter_map(|block| block["text"].as_str()).collect();
        prop_assert_eq!(texts.replace(' ', ""), text.replace(' ', ""), "no letter is lost");
    }
}
