use super::*;

const CALL: &str = r#"{"city":"Paris"}"#;

#[test]
fn what_breaks_off_is_never_let_go() {
    let case = Case::tools();
    let (open, piece) = (opens(0, "get_weather", r#"{"city":"#), more(0, "\"Par"));
    let half = [chunk(0, ROLE, ""), chunk(0, &open, ""), chunk(0, &piece, "")].concat();
    // By an error of the connection: it is passed on behind what came before.
    let (mut shape, mut out) = (case.shape(), Vec::new());
    for event in events(&[half.clone().into()]) {
        let _ = shape.event(event, &mut out);
    }
    shape.broken(&mut out);
    assert_eq!(became(&out, Flow::On).text, chunk(0, ROLE, ""));
    assert_eq!(shape.outcome().calls, 0);
    // By an error of the provider.
    let error = "data: {\"error\":{\"message\":\"m\",\"type\":\"t\",\"param\":null,\"code\":null}}\n\n";
    let (became, _) = case.run(&format!("{half}{error}{}data: [DONE]\n\n", chunk(0, &more(0, "is\"}"), "tool_calls")));
    assert_eq!(became, Became { text: format!("{}{error}", chunk(0, ROLE, "")), end: Ended::Well });
    // In the middle of an event.
    for cut in 1..half.len() {
        let (became, _) = case.run_pieces(&[Bytes::copy_from_slice(&half.as_bytes()[..half.len() - cut])]);
        assert!(!became.text.contains("tool_calls"), "{became:?}");
    }
}

#[test]
fn no_call_comes_with_an_error() {
    let case = Case::tools();
    let call = chunk(0, &opens(0, "get_weather", "{}"), "tool_calls");
    let with = |error: &str| call.replace("data: {", &format!("data: {{{error},"));
    // OpenAI's clients take these for chunks.
    for text in [
        with(r#""error":0"#),
        with(r#""error":-0.0e7"#),
        with(r#""error":[ ]"#),
        with(r#""error":{ }"#),
        with(r#""type":"error""#),
        format!("event: error\n{call}"),
    ] {
        case.stops(&text, &[Reason::Required]);
        case.passes(&text.replace(r#""{}""#, r#""{\"city\":\"a\"}""#));
    }
    // And these for errors: whoever does not, sees no call.
    for error in [r#""error":{"message":"m"}"#, r#""error":7"#, r#""error":"x""#, r#""error":[1]"#, r#""error":true"#] {
        let (became, outcome) = case.run(&with(error));
        assert_eq!((became.end, outcome.calls), (Ended::Well, 0), "{error}");
        assert_eq!(became.text, format!("data: {{{error},\"id\":\"c\",\"choices\":[]}}\n\n"));
    }
    // As OpenRouter tells them.
    let told = chunk(0, r#"{"content":""}"#, "error").replace("data: {", r#"data: {"error":{"message":"m"},"#);
    let (became, _) = case.run(&told);
    assert_eq!(became, Became { text: told, end: Ended::Well });
}

#[test]
fn a_choice_has_one_place() {
    for index in ["\"0\"", "1.0", "-1"] {
        let text = chunk(7, &opens(0, "get_weather", CALL), "").replace("\"index\":7", &format!("\"index\":{index}"));
        assert_eq!(Case::tools().run(&text).0.end, Ended::Stopped("unreadable_answer".into()), "{index}");
    }
}

#[test]
fn a_greeting_that_waits_goes_before_an_error() {
    let case = Case::tools().policy(Policy::new().max_reasks(1));
    let text = format!("{}data: {{\"error\":{{\"message\":\"m\"}}}}\n\n", chunk(0, ROLE, ""));
    assert_eq!(case.run(&text).0, Became { text, end: Ended::Well });
}

#[test]
fn what_a_client_could_read_otherwise_is_an_error() {
    let case = Case::tools();
    for delta in [
        r#"{"tool_calls":{"index":0}}"#,
        r#"{"tool_calls":[null]}"#,
        r#"{"tool_calls":["x"]}"#,
        r#"{"tool_calls":[{"index":0,"function":"f"}]}"#,
        r#"{"tool_calls":[{"index":0,"function":{"name":7}}]}"#,
        r#"{"tool_calls":[{"index":0,"function":{"name":"get_weather","arguments":7}}]}"#,
        r#"{"tool_calls":[{"index":0,"function":{"name":"get_weather","arguments":"\ud83dx"}}]}"#,
        r#"{"function_call":"f"}"#,
    ] {
        let (became, _) = case.run(&stream(&[(delta, ""), ("{}", "tool_calls")]));
        assert_eq!(became, Became { text: String::new(), end: Ended::Stopped("unreadable_answer".into()) }, "{delta}");
    }
    let list = format!("data: [{}]\n\n", chunk(0, &opens(0, "get_weather", "{}"), "").trim().replace("data: ", ""));
    assert_eq!(case.run(&list).0.end, Ended::Stopped("unreadable_answer".into()));
    let deep = format!("data: {{\"x\":{}1{}}}\n\n", "[".repeat(200), "]".repeat(200));
    assert_eq!(case.run(&deep).0.end, Ended::Stopped("unreadable_answer".into()));
    let escaped = weather(r#"{"days":1}"#, "", "tool_calls").replace("tool_calls\":[", "tool\\u005fcalls\":[");
    case.stops(&escaped, &[Reason::Required]);
}

#[test]
fn what_is_no_chunk_goes_on() {
    let text = "data: ping\n\ndata: [ERROR] none\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\nid: 7\n\ndata: {\"choices\":7}\n\ndata: [DONE]\n\n";
    Case::tools().passes(text);
}

#[test]
fn what_is_held_is_bounded() {
    let small = |case: Case| case.set(|settings| settings.max_held = 4000);
    let long: Vec<_> = (0..40).map(|_| more(0, "xxxxxxxxxx")).collect();
    let open = opens(0, "get_weather", "{\"city\":\"");
    let mut deltas = vec![(ROLE, ""), (open.as_str(), "")];
    deltas.extend(long.iter().map(|delta| (delta.as_str(), "")));
    let end = more(0, "\"}");
    deltas.extend([(end.as_str(), ""), ("{}", "tool_calls")]);
    let text = stream(&deltas);
    Case::tools().passes(&text);
    let client = small(Case::tools()).stops(&text, &[Reason::TooLong]);
    assert_eq!(client.calls, [""; 0]);
    // Room is made by calls that go.
    let calls: Vec<_> = (0..40).map(|at| opens(at, "get_weather", CALL)).collect();
    let deltas: Vec<_> = calls.iter().map(|delta| (delta.as_str(), "")).chain([("{}", "tool_calls")]).collect();
    Case::tools().set(|settings| settings.max_held = 12_000).passes(&stream(&deltas));
    // Where nothing is held, what is too long is only told.
    let watches = small(Case::tools().policy(Policy::new().repair(false).on_invalid(OnInvalid::Report)));
    let huge = weather(&"x".repeat(5000), "", "tool_calls");
    let (became, outcome) = watches.run_pieces(&[huge.clone().into()]);
    assert_eq!((became.end, outcome.faults[0].reason), (Ended::Well, Reason::TooLong));
    assert_eq!(became.text, huge.replace("data: [DONE]", ": x-llm-tool-calls: invalid=1\n\ndata: [DONE]"));
    // Greetings without end are let go.
    let greetings = chunk(0, ROLE, "").repeat(100);
    small(Case::tools().policy(Policy::new().max_reasks(1))).passes(&format!("{greetings}data: [DONE]\n\n"));
}

#[test]
fn ends_without_end_do_not_cost_without_end() {
    let call = opens(0, "get_weather", CALL);
    let space = more(0, " ");
    let again: Vec<_> = (0..50).flat_map(|_| [(space.as_str(), ""), ("{}", "tool_calls")]).collect();
    let text = stream(&[&[(call.as_str(), ""), ("{}", "tool_calls")], &again[..]].concat());
    let (became, _) = Case::tools().run_pieces(&[text.into()]);
    assert_eq!(became.end, Ended::Stopped("unreadable_answer".into()));
    let twice = stream(&[(&call, ""), ("{}", "tool_calls"), ("{}", "stop"), ("{}", "stop")]);
    let (became, outcome) = Case::tools().run_pieces(&[twice.clone().into()]);
    assert_eq!((became.text, outcome.calls), (twice, 1));
}

#[test]
fn too_many_calls_or_choices_are_an_error() {
    let calls: String = (0..1100).map(|at| chunk(0, &opens(at, "get_weather", CALL), "")).collect();
    let choices: String = (0..300).map(|at| chunk(at, ROLE, "")).collect();
    for text in [calls, choices] {
        let (became, _) = Case::tools().run_pieces(&[text.into()]);
        assert_eq!(became.end, Ended::Stopped("unreadable_answer".into()));
    }
}

#[test]
fn a_late_call_is_judged_too() {
    let first = opens(0, "get_weather", CALL);
    let text = |late: &str| stream(&[(&first, ""), ("{}", "tool_calls"), (&opens(1, "send_mail", late), "")]);
    let (became, outcome) = Case::tools().run(&text(r#"{"to":"x"}"#));
    assert_eq!((became.end, outcome.calls, became.text), (Ended::Well, 2, text(r#"{"to":"x"}"#)));
    let (became, outcome) = Case::tools().run(&text("{}"));
    assert_eq!(became.end, Ended::Stopped("invalid_tool_call".into()));
    assert_eq!((outcome.calls, outcome.invalid), (2, 1));
}
