use super::*;

fn each_place(operation: Operation, rows: &[&str]) {
    for row in rows {
        assert_no_leak(operation, &row.replace('§', CANARY), Body::Answer);
    }
}

#[test]
fn chat_completions() {
    each_place(
        Operation::ChatCompletion,
        &[
            r#"{"id":"c","created":1795225404,"choices":[{"index":0,"message":{"role":"assistant","content":"§"},"finish_reason":"stop"}]}"#,
            r#"{"choices":[{"message":{"content":"a"}},{"message":{"content":"§"}}]}"#,
            r#"{"choices":[{"message":{"content":[{"type":"text","text":"§"}]}}]}"#,
            r#"{"choices":[{"message":{"content":null,"refusal":"§"}}]}"#,
            r#"{"choices":[{"message":{"content":"a","reasoning":"§"}}]}"#,
            r#"{"choices":[{"message":{"content":"a","reasoning_content":"§"}}]}"#,
            r#"{"choices":[{"message":{"content":"a","reasoning_details":[{"type":"reasoning.summary","summary":"§"}]}}]}"#,
            r#"{"choices":[{"message":{"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{\"a\":\"§\"}"}}]}}]}"#,
            r#"{"choices":[{"message":{"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{\"a\":\"§"}}]},"finish_reason":"length"}]}"#,
            r#"{"choices":[{"message":{"function_call":{"name":"f","arguments":"{\"a\":\"§\"}"}}}]}"#,
            r#"{"choices":[{"message":{"content":"a","annotations":[{"type":"url_citation","url_citation":{"url":"https://a.example/§","title":"t","start_index":0}}]}}]}"#,
            r#"{"choices":[{"message":{"content":"a","annotations":[{"type":"url_citation","url_citation":{"title":"§"}}]}}]}"#,
            r#"{"choices":[{"message":{"content":null,"audio":{"id":"a","data":"//8=","transcript":"§"}}}]}"#,
            r#"{"error":{"message":"§"}}"#,
        ],
    );
    each_place(Operation::Completion, &[r#"{"choices":[{"text":"§","index":0}]}"#]);
}

#[test]
fn responses() {
    each_place(
        Operation::Response,
        &[
            r#"{"id":"r","output":[{"type":"message","content":[{"type":"output_text","text":"§","annotations":[]}]}]}"#,
            r#"{"output":[{"type":"message","content":[{"type":"refusal","refusal":"§"}]}]}"#,
            r#"{"output":[{"type":"function_call","name":"f","call_id":"c","arguments":"{\"a\":\"§\"}"}]}"#,
            r#"{"output":[{"type":"custom_tool_call","input":"§"}]}"#,
            r#"{"output":[{"type":"reasoning","summary":[{"type":"summary_text","text":"§"}]}]}"#,
            r#"{"output":[{"type":"mcp_call","arguments":"{}","output":"§"}]}"#,
            r#"{"output_text":"§","output":[]}"#,
            r#"{"output":[],"instructions":"§"}"#,
            r#"{"output":[],"instructions":[{"role":"user","content":"§"}]}"#,
            r#"{"output":[],"input":[{"role":"user","content":"§"}]}"#,
            r#"{"output":[],"metadata":{"a":"§"}}"#,
            r#"{"output":[],"tools":[{"type":"function","name":"f","description":"§"}]}"#,
            r#"{"output":[],"prompt":{"id":"p","variables":{"a":"§"}}}"#,
            r#"{"output":[],"user":"§"}"#,
        ],
    );
}

#[test]
fn messages() {
    each_place(
        Operation::Message,
        &[
            r#"{"id":"msg_1","type":"message","content":[{"type":"text","text":"§"}]}"#,
            r#"{"content":[{"type":"tool_use","id":"t","name":"f","input":{"a":["§"]}}]}"#,
            r#"{"content":[{"type":"text","text":"a","citations":[{"cited_text":"§"}]}]}"#,
            r#"{"content":[{"type":"thinking","thinking":"§"}]}"#,
            r#"{"content":[],"stop_reason":"stop_sequence","stop_sequence":"§"}"#,
        ],
    );
}

#[test]
fn what_is_the_providers_is_not_shown() {
    let body = r#"{"id":"chatcmpl-1234567890","object":"chat.completion","created":1795225404,"model":"m x",
        "choices":[{"index":0,"message":{"role":"assistant","content":"-","audio":{"id":"a","expires_at":1795225404}},
            "logprobs":{"content":[{"token":"a b","bytes":[1234567890]}]},"finish_reason":"stop"}],
        "usage":{"total_tokens":1234567890},"invented":{"at":1795225404},"completed_at":1795225404,
        "output":[{"id":"a","type":"file_search_call","results":[{"score":0.123456789012}]}]}"#;
    let mut idle = Idle::default();
    assert_eq!(answer(Operation::ChatCompletion, &mut parse(body), &mut idle), Ok(false));
    assert_eq!(idle.seen, ["-"]);

    let body = r#"{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.12345678901,-2]},
        {"object":"embedding","index":1,"embedding":"q6urPzMz M78="}],"model":"m","usage":{"total_tokens":1234567890}}"#;
    assert_eq!(answer(Operation::Embedding, &mut parse(body), &mut idle), Ok(false));
    assert_eq!(idle.seen, ["-"]);
}

#[test]
fn embeddings_have_errors_too() {
    each_place(
        Operation::Embedding,
        &[
            r#"{"error":{"message":"no such input: §","type":"invalid_request_error"}}"#,
            r#"{"data":[{"embedding":[0.1],"invented":"§"}]}"#,
            r#"{"detail":"§"}"#,
        ],
    );
}

#[test]
fn a_namesake_hides_nothing() {
    assert_no_leak(
        Operation::ChatCompletion,
        &format!(
            r#"{{"choices":[{{"message":{{"content":"{CANARY}","content":"{CANARY}"}}}}],"error":"{CANARY}","error":"b"}}"#
        ),
        Body::Answer,
    );
}
