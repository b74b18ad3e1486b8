use super::*;

const CALL: &str = r#"{"city":"Paris"}"#;

#[test]
fn text_flows_at_once() {
    let case = Case::tools();
    let open = opens(0, "get_weather", CALL);
    let text = stream(&[
        (ROLE, ""),
        (r#"{"content":"I "}"#, ""),
        (&open, ""),
        (r#"{"content":"look."}"#, ""),
        ("{}", "tool_calls"),
    ]);
    let (mut shape, mut out) = (case.shape(), Vec::new());
    let mut seen = Vec::new();
    for event in events(&[text.clone().into()]) {
        let _ = shape.event(event, &mut out);
        seen.push(out.len());
    }
    assert_eq!(seen, [1, 2, 2, 3, 5, 6]);
    let (became, _) = case.run(&text);
    assert_eq!(Client::of(&became.text), Client::of(&text));
    // Streams without a call go on as they came, whatever else is in them.
    for delta in [
        r#"{"content":"x","reasoning_content":"y"}"#,
        r#"{"reasoning_details":[{"text":"z"}]}"#,
        r#"{"audio":{"data":"AA"}}"#,
        r#"{"refusal":"no"}"#,
        r#"{"content":[{"type":"text","text":"x"}]}"#,
        r#"{"content":"","tool_calls":[],"function_call":null}"#,
    ] {
        case.passes(&stream(&[(ROLE, ""), (delta, ""), ("{}", "stop")]));
        case.passes(&stream(&[(delta, "stop")]));
    }
}

#[test]
fn text_and_a_call_in_one_chunk_are_parted() {
    let both = opens(0, "get_weather", r#"{"city":"#).replacen(
        '{',
        r#"{"role":"assistant","content":"I look.","reasoning":"hm","#,
        1,
    );
    let text = |end: &str| stream(&[(&both, ""), (&more(0, end), ""), ("{}", "tool_calls")]);
    let case = Case::tools();
    let (became, _) = case.run(&text("\"a\"}"));
    assert_eq!(Client::of(&became.text), Client::of(&text("\"a\"}")));
    let client = case.stops(&text("[]}"), &[Reason::Type]);
    assert_eq!((client.text(), &*client.texts["0 reasoning"], &client.calls[..]), ("I look.", "hm", &[][..]));
    // With all of it in one chunk there is nothing to part.
    case.passes(&stream(&[(&both.replace(r#"{\"city\":"#, r#"{\"city\":\"a\"}"#), "tool_calls")]));
}

#[test]
fn structured_output_is_judged_at_its_end() {
    let case = Case::of(FORMAT);
    let text = |first: &str, second: &str, finish: &str| {
        let content = |text: &str| json!({"content": text}).to_string();
        stream(&[(ROLE, ""), (&content(first), ""), (&content(second), ""), ("{}", finish)])
    };
    assert_eq!(case.passes(&text("{\"n\":", "1}", "stop")).calls, 1);
    for (second, finish, reason) in [
        ("\"x\"}", "stop", Reason::Type),
        ("1,}", "stop", Reason::NotJson),
        ("1", "length", Reason::CutOff),
        ("1", "", Reason::CutOff),
    ] {
        let text = text("{\"n\":", second, finish);
        let (became, outcome) = case.run(&text);
        assert_eq!(became.end, Ended::Stopped("invalid_structured_output".into()), "{text}");
        assert_eq!(outcome.faults[0].reason, reason);
        assert!(!became.text.contains("finish_reason\":\"") && became.text.contains("\\\"n\\\":"));
        // What is certainly wrong does not go out.
        assert_eq!(Client::of(&became.text).text().len(), if finish == "stop" { 5 } else { 6 });
    }
    // Where a call may come, what is said before it need not be JSON.
    let tools = Case::of(&format!("{TOOLS},{FORMAT}"));
    let open = opens(0, "get_weather", CALL);
    tools.passes(&stream(&[(r#"{"content":"I look."}"#, ""), (&open, ""), ("{}", "tool_calls")]));
    // Half a pair of surrogates in each piece.
    let json = Case::of(r#""response_format":{"type":"json_object"}"#);
    json.passes(&stream(&[(r#"{"content":"{\"a\":\"\ud83d"}"#, ""), (r#"{"content":"\ude00\"}"}"#, "stop")]));
    // Half a pair without the other is no JSON, for whoever has all of the text.
    let held = |case: &Case| case.clone().set(|settings| settings.hold_text = true);
    for case in [&json, &held(&json)] {
        let (became, _) = case.run(&stream(&[(r#"{"content":"{}"}"#, ""), (r#"{"content":"\ud83d"}"#, "stop")]));
        assert_eq!(became.end, Ended::Stopped("invalid_structured_output".into()));
    }
    // Reported only.
    let reports = case.set(|settings| settings.text_policy = Some(Policy::new().on_invalid(OnInvalid::Report)));
    let (became, outcome) = reports.run(&text("{", "}", "stop"));
    assert_eq!((became.end, outcome.invalid), (Ended::Well, 1));
    assert_eq!(Client::of(&became.text).comments, [": x-llm-tool-calls: invalid=1"]);
}

#[test]
fn structured_output_that_is_held_can_be_mended() {
    let case = Case::of(FORMAT).set(|settings| settings.hold_text = true);
    let text = |second: &str| {
        let content = |text: &str| json!({"content": text}).to_string();
        let thought = r#"{"reasoning_content":"hm"}"#;
        stream(&[(ROLE, ""), (thought, ""), (&content("{\"n\":"), ""), (&content(second), ""), ("{}", "stop")])
    };
    case.passes(&text("1}"));
    let client = case.mends(&text("'1',}"), &[Repair::SingleQuotes, Repair::TrailingComma, Repair::StringToValue]);
    assert_eq!((client.text(), &*client.texts["0 reasoning_content"]), (r#"{"n":1}"#, "hm"));
    let (became, _) = case.run(&text("\"x\"}"));
    assert_eq!(became.end, Ended::Stopped("invalid_structured_output".into()));
    let client = Client::of(&became.text);
    assert_eq!((client.text(), &*client.texts["0 reasoning_content"]), ("", "hm"));
    // A call in place of the text.
    let both = Case::of(&format!("{TOOLS},{FORMAT}")).set(|settings| settings.hold_text = true);
    both.passes(&weather(CALL, "", "tool_calls"));
}

#[test]
fn calls_that_are_written_become_calls() {
    let case = Case::tools().set(|settings| settings.written_calls = true);
    let content = |text: &str| json!({"content": text}).to_string();
    let text = |end: &str| {
        stream(&[
            (ROLE, ""),
            (&content("I look. "), ""),
            (&content("<tool_"), ""),
            (&content("call>\n{\"name\":\"get_weather\",\"arguments\":{\"city\":"), ""),
            (&content(end), ""),
            ("{}", "stop"),
        ])
    };
    let client = case.mends(&text("\"Paris\"}}\n</tool_call>"), &[Repair::WrittenCall]);
    assert_eq!(client.calls, [format!("0.0 call_new get_weather({CALL})")]);
    assert_eq!((client.text().trim(), &*client.finish[&0]), ("I look.", "tool_calls"));
    // All in one chunk.
    let one = stream(&[(
        &content("<tool_call>{\"name\":\"get_weather\",\"arguments\":{\"city\":\"Paris\"}}</tool_call>"),
        "stop",
    )]);
    let client = case.mends(&one, &[Repair::WrittenCall]);
    assert_eq!((client.text(), client.calls.len()), ("", 1));
    // Not one of them.
    for other in ["<tool>", "1}</x>"] {
        case.passes(&text(other));
    }
    case.passes(&text("\"Paris\"}}\n</tool_call>").replace("\"stop\"", "\"length\""));
    case.passes(&stream(&[(ROLE, ""), (&content("a < b"), ""), (&content(" and c"), ""), ("{}", "stop")]));
    // A fence behind words is none.
    let (mut shape, mut out) = (case.shape(), Vec::new());
    for (at, said) in ["So: ", "```json\n", "{\"name\": 1}", "\n```"].into_iter().enumerate() {
        let _ = shape.event(Event::new(format!(r#"{{"choices":[{{"delta":{}}}]}}"#, content(said))), &mut out);
        assert_eq!(out.len(), at + 1);
    }
    // Only where the switch is on, and calls are allowed.
    Case::tools().passes(&text("\"Paris\"}}\n</tool_call>"));
    case.clone().policy(Policy::new().repair(false)).passes(&text("\"Paris\"}}\n</tool_call>"));
    let none = Case::of(&format!("{TOOLS},\"tool_choice\":\"none\"")).set(|settings| settings.written_calls = true);
    none.passes(&text("\"Paris\"}}\n</tool_call>"));
    // A wrong one.
    let client = case.stops(&text("[]}}\n</tool_call>"), &[Reason::Type]);
    assert_eq!(client.text(), "I look. ");
}

#[test]
fn texts_that_are_searched_keep_their_order() {
    let case = Case::tools().set(|settings| settings.written_calls = true);
    let content = |text: &str| json!({"content": text}).to_string();
    let open = opens(0, "get_weather", CALL);
    let both = open.replacen('{', r#"{"content":"c","#, 1);
    let deltas = [content("a "), content("<tool_"), both, content("<"), content("d")];
    let deltas: Vec<_> = deltas.iter().map(|delta| (delta.as_str(), "")).chain([("{}", "tool_calls")]).collect();
    let (became, outcome) = case.run(&stream(&deltas));
    assert_eq!((became.end, outcome.invalid), (Ended::Well, 0));
    assert_eq!(Client::of(&became.text), Client::of(&stream(&deltas)));
    assert_eq!(Client::of(&became.text).text(), "a <tool_c<d");
}

#[test]
fn a_text_too_long_to_be_searched_flows() {
    let case = Case::tools().set(|settings| (settings.written_calls, settings.max_held) = (true, 2000));
    let long = "<tool_call>".to_owned() + &"x".repeat(3000);
    let text = stream(&[
        (&json!({"content": long}).to_string(), ""),
        (&opens(0, "get_weather", CALL), ""),
        ("{}", "tool_calls"),
    ]);
    case.passes(&text);
}
