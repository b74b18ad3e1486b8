use super::*;

#[test]
fn a_stream_of_text_event_by_event() {
    let role = delta(&json!({"role": "assistant", "content": ""}));
    let stream = data(&[role, delta(&json!({"content": "Hi"})), delta(&json!({"content": "!"}))]) + &ends("stop");
    let (events, _) = streamed(&stream);
    let zero =
        json!({"input_tokens": 0, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 0});
    assert_eq!(
        Value::from(events),
        json!([
            {"type": "message_start", "message": {"id": "msg_1", "type": "message", "role": "assistant", "model": "m",
                "content": [], "stop_reason": null, "stop_sequence": null, "usage": zero}},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi"}},
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "!"}},
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": null},
                "usage": {"input_tokens": 5, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 7}},
            {"type": "message_stop"},
        ])
    );
}

#[test]
fn thinking_is_told_as_it_comes_and_signed_when_it_is() {
    let sealed = |text: &str| {
        delta(
            &json!({"reasoning_details": [{"type": "reasoning.text", "index": 0, "text": text, "signature": "c2ln", "format": "anthropic-v1"}]}),
        )
    };
    let thinks = |text: &str| delta(&json!({"reasoning_content": text}));
    let says = delta(&json!({"content": "Hi"}));
    let with = |chunks: &[Value]| blocks(&(data(chunks) + &ends("stop")));
    assert_eq!(
        with(&[thinks("h"), thinks("m"), sealed("hm"), thinks("so"), says.clone()]),
        [
            "+thinking",
            "thinking:h",
            "thinking:m",
            "signature:c2ln",
            "-",
            "+thinking",
            "thinking:so",
            "-",
            "+text",
            "text:Hi",
            "-"
        ]
    );
    // Told with its seal only; or sealed without a text, as Claude does when it keeps its thoughts to itself.
    assert_eq!(
        with(&[sealed("hm"), says.clone()]),
        ["+thinking", "thinking:hm", "signature:c2ln", "-", "+text", "text:Hi", "-"]
    );
    assert_eq!(with(&[sealed(""), says.clone()]), ["+thinking", "signature:c2ln", "-", "+text", "text:Hi", "-"]);
    let redacted = delta(&json!({"reasoning_details": [{"type": "reasoning.encrypted", "index": 0, "data": "eA"}]}));
    assert_eq!(with(&[redacted, says.clone()]), ["+redacted_thinking", "-", "+text", "text:Hi", "-"]);
    // As OpenRouter tells it: twice in each chunk, the seal in the last.
    let twice = |text: &str, signature: Value| {
        delta(
            &json!({"reasoning": text, "reasoning_details": [{"type": "reasoning.text", "index": 0, "text": text, "signature": signature}]}),
        )
    };
    assert_eq!(
        with(&[twice("h", Value::Null), twice("m", Value::Null), twice("", json!("c2ln")), says]),
        ["+thinking", "thinking:h", "thinking:m", "signature:c2ln", "-", "+text", "text:Hi", "-"]
    );
}

#[test]
fn calls_one_after_the_other_are_told_as_they_come() {
    let chunks = [
        delta(&json!({"content": "Well"})),
        opens(0, ""),
        fragment(0, "{\"a\":"),
        fragment(0, "\"}\"}"),
        opens(1, ""),
        fragment(1, "{"),
        fragment(1, "}"),
    ];
    let stream = data(&chunks) + &ends("tool_calls");
    assert_eq!(
        blocks(&stream),
        [
            "+text",
            "text:Well",
            "-",
            "+tool_use",
            "input_json:{\"a\":",
            "input_json:\"}\"}",
            "-",
            "+tool_use",
            "input_json:{",
            "input_json:}",
            "-"
        ]
    );
    let (events, _) = streamed(&stream);
    assert_eq!(
        events[4],
        json!({"type": "content_block_start", "index": 1, "content_block": {"type": "tool_use", "id": "call_0", "name": "f0", "input": {}}})
    );
    // Nothing waits for the end: the second call begins as soon as it is named.
    let (_, short) = streamed(&data(&chunks[..5]));
    assert_eq!(short.iter().filter(|event| *event == "+tool_use").count(), 2);
}

/// Every order in which the fragments of three calls can come gives the same blocks.
#[test]
fn calls_that_interleave_are_put_one_after_the_other() {
    let inputs = [["{\"a\":1", ",\"b\":2}"], ["{", "}"], ["{\"c\":[", "]}"]];
    let mut orders = 0;
    let mut order = vec![0, 0, 1, 1, 2, 2];
    permutations(&mut order, 0, &mut |order| {
        orders += 1;
        let mut told = [0; 3];
        let mut chunks = Vec::new();
        for call in order {
            let at = told[*call];
            told[*call] += 1;
            let index = *call as u64;
            chunks.push(if at == 0 { opens(index, inputs[*call][0]) } else { fragment(index, inputs[*call][1]) });
        }
        let (events, _) = streamed(&(data(&chunks) + &ends("tool_calls")));
        assert_eq!(calls(&events), [0, 1, 2].map(|call| inputs[call].concat()), "{order:?}");
    });
    assert_eq!(orders, 720);
}

fn permutations(order: &mut Vec<usize>, from: usize, visit: &mut impl FnMut(&[usize])) {
    if from == order.len() {
        return visit(order);
    }
    for at in from..order.len() {
        order.swap(from, at);
        permutations(order, from + 1, visit);
        order.swap(from, at);
    }
}

/// The inputs of the calls, by their names; blocks must not overlap.
fn calls(events: &[Value]) -> [String; 3] {
    let mut inputs: [Option<String>; 3] = Default::default();
    let mut open = None;
    for event in events {
        match event["type"].as_str().expect("a type") {
            "content_block_start" => {
                assert!(open.is_none());
                let name = event["content_block"]["name"].as_str().expect("a call");
                let call: usize = name[1..].parse().expect("a number");
                assert!(inputs[call].is_none(), "a call has one block");
                inputs[call] = Some(String::new());
                open = Some(call);
            }
            "content_block_delta" => {
                let call = open.expect("an open block");
                inputs[call]
                    .as_mut()
                    .expect("begun")
                    .push_str(event["delta"]["partial_json"].as_str().expect("a fragment"));
            }
            "content_block_stop" => open = None,
            _ => {}
        }
    }
    inputs.map(|input| input.expect("every call is told"))
}

#[test]
fn text_in_the_middle_of_a_call_waits_for_its_end() {
    let chunks = [
        opens(0, "{\"a\":"),
        delta(&json!({"content": "by "})),
        delta(&json!({"reasoning_content": "hm"})),
        delta(&json!({"content": "the way"})),
        fragment(0, "1}"),
    ];
    assert_eq!(
        blocks(&(data(&chunks) + &ends("tool_calls"))),
        [
            "+tool_use",
            "input_json:{\"a\":",
            "input_json:1}",
            "-",
            "+text",
            "text:by ",
            "-",
            "+thinking",
            "thinking:hm",
            "-",
            "+text",
            "text:the way",
            "-"
        ]
    );
}

#[test]
fn calls_without_arguments_are_told_all_the_same() {
    let chunks = [opens(0, ""), opens(1, "{}")];
    assert_eq!(blocks(&(data(&chunks) + &ends("tool_calls"))), ["+tool_use", "-", "+tool_use", "input_json:{}", "-"]);
}

#[test]
fn comments_are_pings_and_other_choices_nobodys() {
    let other = json!({"id": "c", "choices": [{"index": 1, "delta": {"content": "no"}}]});
    let stream =
        format!(": early\n\n{}: keep-alive\n\n{}", data(&[delta(&json!({"content": "Hi"})), other]), ends("stop"));
    let mut answer = answer();
    let mut decoder = Decoder::default();
    decoder.push(Bytes::from(stream));
    let mut out = Vec::new();
    while let Some(event) = decoder.next().expect("within limits") {
        answer.event(event, &mut out);
    }
    let names: Vec<_> = out.iter().map(|event| event.name().map(String::from_utf8_lossy).unwrap_or_default()).collect();
    assert_eq!(
        names,
        [
            "",
            "message_start",
            "content_block_start",
            "content_block_delta",
            "ping",
            "content_block_stop",
            "message_delta",
            "message_stop"
        ]
    );
}

#[test]
fn a_stream_without_a_farewell_is_whole_by_its_finish() {
    let stream = data(&[delta(&json!({"content": "Hi"})), chunk(&json!({}), &json!("length"))]);
    let (events, short) = streamed(&stream);
    assert_eq!(short.last().map(String::as_str), Some("message_stop"));
    assert_eq!(events[events.len() - 2]["delta"]["stop_reason"], "max_tokens");
}

#[test]
fn a_pair_of_surrogates_cut_in_two_is_handed_on_as_it_is() {
    let half = |half: &str| delta(&json!({"content": "HALF"})).to_string().replace("HALF", half);
    let stream = format!("data: {}\n\ndata: {}\n\n{}", half(r"\ud83d"), half(r"\ude42"), ends("stop"));
    let mut answer = answer();
    let mut decoder = Decoder::default();
    decoder.push(Bytes::from(stream));
    let mut out = Vec::new();
    while let Some(event) = decoder.next().expect("within limits") {
        answer.event(event, &mut out);
    }
    let said: Vec<_> =
        out.iter().filter_map(|event| std::str::from_utf8(event.data()?).ok()?.split(r#""text":""#).nth(1)).collect();
    assert_eq!(said, [r#""}}"#, r#"\ud83d"}}"#, r#"\ude42"}}"#]);
}

#[test]
fn a_call_with_half_a_character_still_finds_its_end() {
    let arguments = json!({"tool_calls": [{"index": 0, "function": {"arguments": "HALF"}}]});
    let half = delta(&arguments).to_string().replace("HALF", r#"{\"a\":\"\ud83d\"}"#);
    let stream = format!("{}data: {half}\n\n{}", data(&[opens(0, "")]), data(&[opens(1, "{}")]));
    let mut answer = answer();
    let mut decoder = Decoder::default();
    decoder.push(Bytes::from(stream));
    let mut out = Vec::new();
    while let Some(event) = decoder.next().expect("within limits") {
        answer.event(event, &mut out);
    }
    let starts = out.iter().filter(|event| event.name() == Some(b"content_block_start")).count();
    assert_eq!(starts, 2);
}
