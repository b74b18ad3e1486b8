use super::*;

#[test]
fn a_token_cut_anywhere_is_put_back() {
    for (operation, rows) in ALL {
        for text in ["to <EMAIL_7f3a>, ok", "<EMAIL_7f3a><EMAIL_7f3a>", "é <EMAIL_7f", "<EMAIL_7f3a>\n<"] {
            for pieces in every_cut(text) {
                let came = stream(rows, &pieces);
                let (_, sent) = run(operation, &came, &mut Holder::default());
                let mut expected = client(operation, &came);
                expected.values_mut().for_each(|text| *text = text.replace(TOKEN, VALUE));
                assert_eq!(client(operation, &sent), expected, "{pieces:?}\n{came}\n{sent}");
            }
        }
    }
}

#[test]
fn what_changes_nothing_leaves_every_byte() {
    for (operation, rows) in ALL {
        let came = stream(rows, &["a ", "é\n{} \"", "", "b"]).replace("data: {", ": ping\nid: 7\ndata:  {");
        let mut holder = Holder::default();
        let (_, sent) = run(operation, &came, &mut holder);
        assert_eq!(sent, came);
    }
}

#[test]
fn escapes_in_pieces_are_read_and_written() {
    let row = r#"{"choices":[{"index":0,"delta":{"content":"\u003cEMAIL\u005f7f3a> \ud800\n"}}]}"#;
    assert_eq!(
        sent(Operation::ChatCompletion, &[row], &[]),
        ["{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"anna@posteo.example \u{200b}\\n\"}}]}"]
    );
}

#[test]
fn an_event_that_holds_nothing_more_is_left_out() {
    let rows = [r#"{"choices":[{"index":0,"delta":{"content":"§"}}]}"#];
    assert_eq!(
        sent(Operation::ChatCompletion, &rows, &["<EM", "AIL", "_7f3a>"]),
        [r#"{"choices":[{"index":0,"delta":{"content":"anna@posteo.example"}}]}"#]
    );
    // The role, the end, the usage, the name of a call and probabilities stay.
    for (row, emptied) in [
        (r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":"§"}}]}"#, 1),
        (r#"{"choices":[{"index":0,"delta":{"content":"§"}}],"usage":{"total_tokens":1}}"#, 1),
        (r#"{"choices":[{"index":0,"delta":{"content":"§"},"logprobs":{"content":[]}}]}"#, 1),
        (
            r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"§"}}]}}]}"#,
            1,
        ),
        (r#"{"choices":[{"index":0,"delta":{"content":"§"}},{"index":1,"delta":{"content":"x"}}]}"#, 1),
        (r#"{"choices":[{"index":0,"delta":{"content":"§"}},{"index":1,"delta":{}}]}"#, 0),
        (r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"§"}}]}}]}"#, 0),
    ] {
        let sent = sent(Operation::ChatCompletion, &[row], &["<EM"]);
        assert_eq!(sent.len(), 1 + emptied, "{sent:?}");
        if emptied == 1 {
            assert_eq!(sent[0], row.replace('§', ""));
        }
    }
}
