use super::*;

#[test]
fn every_text_that_began_is_ended_once() {
    for (operation, rows) in ALL {
        let mut holder = Holder::default();
        let (out, _) = run(operation, &stream(rows, &["a<EM"]), &mut holder);
        assert!(holder.held.is_empty());
        let mut ended: Vec<_> = holder.ended.iter().map(|(channel, _)| *channel).collect();
        let count = ended.len();
        ended.sort();
        ended.dedup();
        assert_eq!(count, ended.len(), "{:?}", holder.ended);
        assert!(out.len() > rows.len() - 2);
    }
}

#[test]
fn what_is_held_comes_before_the_end_and_in_its_shape() {
    assert_eq!(
        sent(Operation::ChatCompletion, &CHAT, &["a <E"]),
        [
            CHAT[0].to_owned(),
            CHAT[1].replace('§', "a "),
            r#"{"id":"c","model":"m","choices":[{"delta":{"content":"<E"},"finish_reason":null,"index":0}],"usage":null}"#.to_owned(),
            CHAT[2].to_owned(),
            CHAT[3].to_owned(),
            CHAT[4].to_owned(),
        ]
    );
    // In the event that ends the choice, where that has a piece of the text.
    let rows = [r#"{"choices":[{"index":0,"delta":{"content":"§"},"finish_reason":"length"}]}"#];
    assert_eq!(sent(Operation::ChatCompletion, &rows, &["a <E"]), [rows[0].replace('§', "a <E")]);
    assert_eq!(
        sent(Operation::Message, &MESSAGES[3..5], &["a <E"]),
        [
            MESSAGES[3].replace('§', "a "),
            r#"{"delta":{"text":"<E","type":"text_delta"},"index":0,"type":"content_block_delta"}"#.to_owned(),
            MESSAGES[4].to_owned(),
        ]
    );
    assert_eq!(
        sent(Operation::Completion, &COMPLETIONS[..1], &["<E"]),
        [
            r#"{"id":"c","object":"text_completion","choices":[{"finish_reason":null,"index":0,"logprobs":null,"text":"<E"}]}"#
        ]
    );
}

#[test]
fn a_reason_that_is_empty_is_none() {
    let row = r#"{"choices":[{"index":0,"delta":{"content":"§"},"finish_reason":""}]}"#;
    let sent = sent(Operation::ChatCompletion, &[row], &["a <EM", "AIL_7f3a>"]);
    assert_eq!(sent, [row.replace('§', "a "), row.replace('§', VALUE)]);
}

#[test]
fn numbers_of_events_go_up() {
    let row = r#"{"type":"response.output_text.delta","sequence_number":№,"output_index":0,"content_index":0,"delta":"§","logprobs":[],"obfuscation":"x"}"#;
    let done =
        r#"{"type":"response.output_text.done","sequence_number":№,"output_index":0,"content_index":0,"text":"b"}"#;
    let numbers = |pieces: &[&str]| -> Vec<u64> {
        let sent = sent(Operation::Response, &[row, done, done, done], pieces);
        assert!(sent.iter().filter(|event| event.contains("delta\"")).all(|event| event.contains("\"logprobs\":[]")));
        sent.iter()
            .map(|event| serde_json::from_str::<Value>(event).unwrap()["sequence_number"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(numbers(&["a", "b"]), [0, 1, 2, 3, 4]);
    // One was put in, and those after it moved.
    assert_eq!(numbers(&["a", "b<E"]), [0, 1, 2, 3, 4, 5]);
    // One was left out, and the one that was put in took its number.
    assert_eq!(numbers(&["a", "<E"]), [0, 1, 2, 3, 4]);
    // Two were left out, and those after them moved.
    assert_eq!(numbers(&["a", "<E", "MAIL", "_7f3a>"]), [0, 1, 2, 3, 4]);
    // The first of all was left out, or the first two.
    assert_eq!(numbers(&["<E"]), [0, 1, 2, 3]);
    assert_eq!(numbers(&["<E", "MA"]), [0, 1, 2, 3]);
}

#[test]
fn a_thought_is_over_when_the_answer_begins() {
    let events = sent(Operation::ChatCompletion, &REASONING[..2], &["a<"]);
    let kinds: Vec<_> = events.iter().map(|event| event.contains("reasoning_content")).collect();
    assert_eq!(kinds, [true, true, false, false]);
    let json = Channel { of: 0, kind: Kind::Arguments, part: 0 };
    assert!(json.is_json() && !Channel { kind: Kind::CustomInput, ..json }.is_json());
}

#[test]
fn more_texts_than_an_answer_has_are_not_remembered() {
    let rows: String = (0..3000)
        .map(|index| format!("data: {{\"choices\":[{{\"index\":{index},\"delta\":{{\"content\":\"<E\"}}}}]}}\n\n"))
        .collect();
    let mut holder = Holder::default();
    let mut walk = Stream::new(Operation::ChatCompletion);
    let mut out = Vec::new();
    for event in events(&rows) {
        walk.event(event, &mut holder, &mut out);
        assert!(holder.held.len() <= 129);
    }
    assert_eq!(out.len(), 3000 - 128);
    walk.finish(&mut holder, &mut out);
    assert_eq!(out.len(), 3000);
}

#[test]
fn the_next_number_goes_on_from_the_last() {
    let mut stream = Stream::new(Operation::Response);
    let mut next = |data: &str| {
        let mut out = Vec::new();
        stream.event(Event::new(data.to_owned()), &mut Holder::default(), &mut out);
        (out.len(), stream.next_number())
    };
    // A provider may begin with 1, and has comments and events without a number.
    assert_eq!(next(r#"{"type":"response.created","sequence_number":1}"#), (1, 2));
    assert_eq!(next(r#"{"type":"invented"}"#), (1, 2));
    let held = r#"{"type":"response.output_text.delta","sequence_number":2,"output_index":0,"delta":"<E"}"#;
    assert_eq!(next(held), (0, 2));
    assert_eq!(next(r#"{"type":"response.in_progress","sequence_number":3}"#), (1, 3));
}

const TEXT: &str = r#"{"type":"response.output_text.delta","output_index":1,"content_index":0,"delta":"§"}"#;

#[test]
fn a_call_that_is_over_ends_no_text() {
    for kind in [
        "response.web_search_call.completed",
        "response.file_search_call.completed",
        "response.image_generation_call.completed",
        "response.mcp_call.failed",
        "response.mcp_list_tools.completed",
        "response.queued",
        "response.in_progress",
    ] {
        let between = format!(r#"{{"type":"{kind}","output_index":0}}"#);
        let rows = [TEXT.replace('§', "a <EM"), between.clone(), TEXT.replace('§', "AIL_7f3a>")];
        let sent = sent(Operation::Response, &rows.each_ref().map(String::as_str), &[]);
        assert_eq!(sent, [TEXT.replace('§', "a "), between, TEXT.replace('§', VALUE)]);
    }
}

#[test]
fn what_is_held_comes_before_the_end_of_a_response() {
    for end in [
        r#"{"type":"response.completed"}"#,
        r#"{"type":"response.incomplete"}"#,
        r#"{"type":"response.failed"}"#,
        r#"{"type":"response.cancelled"}"#,
        r#"{"type":"error","message":"x"}"#,
        "[DONE]",
    ] {
        let sent = sent(Operation::Response, &[TEXT, end], &["<EM"]);
        assert_eq!(sent, [TEXT.replace('§', "<EM"), end.to_owned()]);
    }
}

#[test]
fn what_a_client_needs_to_connect_again_is_not_left_out() {
    let chat = |text: &str| format!(r#"data: {{"choices":[{{"index":0,"delta":{{"content":"{text}"}}}}]}}"#);
    let done = "data: [DONE]";
    let message = |text: &str| {
        format!(r#"data: {{"type":"content_block_delta","index":0,"delta":{{"type":"text_delta","text":"{text}"}}}}"#)
    };
    let response = |text: &str| format!("data: {}", TEXT.replace('§', text));
    type Row<'a> = (Operation, &'a dyn Fn(&str) -> String);
    let rows: [Row<'_>; 3] =
        [(Operation::ChatCompletion, &chat), (Operation::Message, &message), (Operation::Response, &response)];
    for (operation, data) in rows {
        let sent = |came: &str| run(operation, came, &mut Holder::default()).1;
        // With the next piece, and not where that has its own.
        let came = format!("id: 1\nretry: 50\n{}\n\nid: 2\n{}\n\n{}\n\n", data("<EM"), data("AI"), data("L_7f3a>"));
        assert_eq!(sent(&came), format!("id: 2\nretry: 50\n{}\n\n", data(VALUE)));
        let came = format!("id: 1\n{}\n\nid: 2\n{}\n\n", data("<EM"), data("AIL_7f3a>"));
        assert_eq!(sent(&came), format!("id: 2\n{}\n\n", data(VALUE)));
        // With what was held back, at the end or before.
        let came = format!("id: 1\n{}\n\n{done}\n\n", data("<EM"));
        assert!(sent(&came).starts_with("id: 1\n") && sent(&came).ends_with(&format!("\n\n{done}\n\n")));
        assert!(sent(&format!("id: 1\n{}\n\n", data("<EM"))).starts_with("id: 1\n"));
        // With an event that is not changed.
        let came = format!("id: 1\n{}\n\n: still here\n\n{}\n\n", data("<EM"), r#"data: {"type":"error"}"#);
        assert!(sent(&came).contains("id: 1\n"));
    }
}
