use super::*;

#[test]
fn what_stands_whole_in_an_event_is_shown() {
    for (operation, row) in [
        (Operation::Response, r#"{"type":"response.output_text.done","output_index":0,"content_index":0,"text":"§"}"#),
        (
            Operation::Response,
            r#"{"type":"response.function_call_arguments.done","output_index":0,"arguments":"{\"a\":\"§\"}"}"#,
        ),
        (
            Operation::Response,
            r#"{"type":"response.output_item.done","output_index":0,"item":{"type":"message","content":[{"type":"output_text","text":"§"}]}}"#,
        ),
        (Operation::Response, r#"{"type":"response.content_part.done","part":{"type":"refusal","refusal":"§"}}"#),
        (
            Operation::Response,
            r#"{"type":"response.output_text.annotation.added","annotation":{"type":"url_citation","title":"§"}}"#,
        ),
        (Operation::Response, r#"{"type":"response.created","response":{"id":"r","instructions":"§","output":[]}}"#),
        (
            Operation::Response,
            r#"{"type":"response.completed","response":{"output":[{"type":"function_call","arguments":"[\"§\"]"}]}}"#,
        ),
        (Operation::Response, r#"{"type":"response.invented.delta","delta":"§"}"#),
        (Operation::Response, r#"{"type":"error","message":"§"}"#),
        (
            Operation::Message,
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"f","input":{"a":"§"}}}"#,
        ),
        (
            Operation::Message,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"citations_delta","citation":{"cited_text":"§"}}}"#,
        ),
        (Operation::Message, r#"{"type":"message_delta","delta":{"stop_reason":"stop_sequence","stop_sequence":"§"}}"#),
        (Operation::Message, r#"{"type":"message_start","message":{"content":[{"type":"text","text":"§"}]}}"#),
        (Operation::Message, r#"{"type":"error","error":{"type":"e","message":"§"}}"#),
        (Operation::ChatCompletion, r#"{"error":{"message":"§"}}"#),
        (Operation::ChatCompletion, r#"{"choices":7,"x":"§"}"#),
        (Operation::ChatCompletion, r#"{"choices":[7],"x":"§"}"#),
        (Operation::ChatCompletion, r#"{"choices":[{"index":0,"delta":{"content":[{"type":"text","text":"§"}]}}]}"#),
        (
            Operation::ChatCompletion,
            r#"{"choices":[{"index":0,"delta":{"annotations":[{"url_citation":{"title":"§"}}]}}]}"#,
        ),
        (Operation::ChatCompletion, r#"{"choices":[{"index":0,"delta":{},"invented":"§"}]}"#),
        (Operation::ChatCompletion, r#"{"choices":[{"index":0,"message":{"content":"§"}}]}"#),
        (Operation::ChatCompletion, r#"{"choices":[],"citations":["https://a.example/§"]}"#),
        (Operation::ChatCompletion, "no JSON: §"),
        // Beside the pieces of running texts, and in their place.
        (
            Operation::ChatCompletion,
            r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":{"to":"§"}}}]}}]}"#,
        ),
        (
            Operation::ChatCompletion,
            r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"extra_content":{"google":{"note":"§"}},"function":{"arguments":"§ §"}}]}}]}"#,
        ),
        (
            Operation::ChatCompletion,
            r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"custom":{"name":"f","input":"§","invented":"§"}}]}}]}"#,
        ),
        (
            Operation::ChatCompletion,
            r#"{"choices":[{"index":0,"delta":{"tool_calls":{"function":{"arguments":"§"}}}}]}"#,
        ),
        (
            Operation::ChatCompletion,
            r#"{"choices":[{"index":0,"delta":{"function_call":{"name":"f","arguments":["§"]}}}]}"#,
        ),
        (
            Operation::ChatCompletion,
            r#"{"choices":[{"index":0,"delta":{"audio":{"data":"PEVNQUlM","transcript":"§","invented":"§"}}}]}"#,
        ),
        (
            Operation::ChatCompletion,
            r#"{"choices":[{"index":0,"delta":{"content":[{"type":"text","text":"§","invented":["§"]},{"type":"reference","title":"§"}]}}]}"#,
        ),
    ] {
        assert_eq!(sent(operation, &[row], &[TOKEN]), [row.replace('§', VALUE)], "{row}");
    }
}

#[test]
fn what_will_be_signed_goes_by() {
    for (operation, row) in [
        (
            Operation::Message,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"§"}}"#,
        ),
        (
            Operation::Message,
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"§","signature":""}}"#,
        ),
        (
            Operation::ChatCompletion,
            r#"{"choices":[{"index":0,"delta":{"reasoning_details":[{"type":"reasoning.text","text":"§"}]}}]}"#,
        ),
        (
            Operation::ChatCompletion,
            r#"{"id":"§","choices":[{"index":0,"delta":{},"logprobs":{"content":[{"token":"§"}]}}]}"#,
        ),
        (Operation::Response, r#"{"type":"response.audio.delta","delta":"§"}"#),
    ] {
        assert_eq!(sent(operation, &[row], &[TOKEN]), [row.replace('§', TOKEN)], "{row}");
    }
}

#[test]
fn what_will_be_signed_is_shown_piece_by_piece() {
    let cases: [(Operation, &[&str]); 3] = [
        (
            Operation::Message,
            &[
                r#"{"type":"content_block_start","index":3,"content_block":{"type":"thinking","thinking":"","signature":""}}"#,
                r#"{"type":"content_block_delta","index":3,"delta":{"type":"thinking_delta","thinking":"§"}}"#,
                r#"{"type":"content_block_delta","index":3,"delta":{"type":"signature_delta","signature":"EqQB"}}"#,
                r#"{"type":"content_block_stop","index":3}"#,
            ],
        ),
        (
            Operation::ChatCompletion,
            &[
                r#"{"choices":[{"index":0,"delta":{"reasoning_details":[{"type":"reasoning.text","text":"§","index":3},{"type":"reasoning.encrypted","data":"EqQB","index":4}]}}]}"#,
                r#"{"choices":[{"index":0,"delta":{"reasoning_details":[{"type":"reasoning.text","signature":"EqQB","index":3}]}}]}"#,
            ],
        ),
        (
            Operation::ChatCompletion,
            &[
                r#"{"choices":[{"index":0,"delta":{"thinking_blocks":[{"type":"thinking","thinking":"§","signature":""}]}}]}"#,
                r#"{"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}]}"#,
            ],
        ),
    ];
    for (operation, rows) in cases {
        for pieces in every_cut("a <EMAIL_7f3a> <EM") {
            let came = stream(rows, &pieces);
            let mut holder = Holder::default();
            let (_, sent) = run(operation, &came, &mut holder);
            assert_eq!(sent, came);
            let shown: Vec<_> = holder.sealed.values().cloned().collect();
            assert_eq!(shown, ["a <EMAIL_7f3a> <EM"]);
            let ended: Vec<_> = holder.ended.iter().filter(|(channel, _)| channel.is_sealed()).collect();
            assert_eq!(ended.len(), 1);
        }
    }
}
