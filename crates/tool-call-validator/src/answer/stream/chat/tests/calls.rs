use super::*;

const PARIS: &str = r#"{"city":"Paris"}"#;

#[test]
fn a_call_that_is_right_goes_on_as_it_came() {
    let outcome = Case::tools().passes(&weather(r#"{"city":"#, r#""Paris"}"#, "tool_calls"));
    assert_eq!(outcome.calls, 1);
    // Ended by the chunk with its last piece, or with all of it; by `stop`, as OpenAI has it of a named tool.
    let open = opens(0, "get_weather", "");
    Case::tools().passes(&stream(&[(ROLE, ""), (&open, ""), (&more(0, PARIS), "stop")]));
    Case::tools().passes(&stream(&[(&opens(0, "get_weather", PARIS), "tool_calls")]));
    // In the framing of a server of its own.
    let text = weather(PARIS, "", "tool_calls");
    Case::tools().passes(&text.replace("data: ", "data:").replace("\n\n", "\r\n\r\n"));
    // Comments keep the connection alive, and wait for nothing.
    let (became, _) = Case::tools().run(&text.replace("data: ", ": alive\n\ndata: "));
    assert_eq!(became.text.replace(": alive\n\n", ""), text);
    assert_eq!(became.text.matches(": alive\n\n: alive\n\n: alive\n\n").count(), 1);
}

#[test]
fn nothing_of_a_call_is_seen_before_its_verdict() {
    let case = Case::tools();
    let (mut shape, mut out) = (case.shape(), Vec::new());
    let mut seen = Vec::new();
    for event in events(&[weather(r#"{"city":"#, r#""Paris"}"#, "tool_calls").into()]) {
        assert!(matches!(shape.event(event, &mut out), Flow::On));
        seen.push(out.len());
    }
    assert_eq!(seen, [1, 1, 1, 4, 5]);
}

#[test]
fn a_wrong_call_becomes_an_error() {
    for (first, second, reason) in [
        (r#"{"days":"#, "1}", Reason::Required),
        (r#"{"city":"#, "7.5.1}", Reason::NotJson),
        (r#"{"city":"x","days":"#, r#""many"}"#, Reason::Type),
    ] {
        let client = Case::tools().stops(&weather(first, second, "tool_calls"), &[reason]);
        assert_eq!((&client.calls[..], client.finish.len(), client.is_done), (&[][..], 0, false));
    }
    let unknown = stream(&[(&opens(0, "fly", "{}"), ""), ("{}", "tool_calls")]);
    Case::tools().stops(&unknown, &[Reason::UnknownTool]);
}

#[test]
fn a_mended_call_is_one_event() {
    let case = Case::tools();
    let text = weather("{'city':", "'Paris',}", "tool_calls");
    let client = case.mends(&text, &[Repair::SingleQuotes, Repair::TrailingComma]);
    assert_eq!(client.calls, [r#"0.0 call_0 get_weather({"city":"Paris"})"#]);
    let (became, _) = case.run(&text);
    assert_eq!(became.text.matches("tool_calls\":").count(), 1, "{}", became.text);
    assert_eq!(client.finish[&0], "tool_calls");
    assert!(client.is_done);
    // What else a provider says of a call stays with it, from whichever piece.
    let signed = text.replace(
        r#""index":0,"function":{"arguments":"'P"#,
        r#""index":0,"extra_content":{"s":1},"function":{"arguments":"'P"#,
    );
    assert!(signed.len() > text.len());
    assert!(case.run(&signed).0.text.contains(r#""extra_content":{"s":1}"#));
    // In one chunk with the end.
    let whole = stream(&[(&opens(0, "Get-Weather", PARIS), "tool_calls")]);
    let client = case.mends(&whole, &[Repair::ToolName]);
    assert_eq!(client.calls, [r#"0.0 call_0 get_weather({"city":"Paris"})"#]);
}

#[test]
fn what_was_cut_off_is_not_mended() {
    Case::tools().stops(&weather("{'city':", "'Paris'}", "length"), &[Reason::CutOff]);
    Case::tools().passes(&weather(r#"{"city":"#, r#""Paris"}"#, "length"));
    // Nobody has said that it is the end.
    let open = weather(r#"{"city":"#, r#""Par"#, "");
    Case::tools().stops(&open, &[Reason::CutOff]);
    Case::tools().stops(open.strip_suffix("data: [DONE]\n\n").unwrap(), &[Reason::CutOff]);
}

#[test]
fn parallel_calls_go_one_after_the_other() {
    let (first, second) = (opens(0, "get_weather", r#"{"city":"#), opens(1, "send_mail", r#"{"to":"#));
    let text = stream(&[
        (ROLE, ""),
        (&first, ""),
        (&more(0, "\"a\"}"), ""),
        (&second, ""),
        (&more(1, "\"b\"}"), ""),
        ("{}", "tool_calls"),
    ]);
    let case = Case::tools();
    assert_eq!(case.passes(&text).calls, 2);
    let seen = |case: &Case, text: &str| {
        let (mut shape, mut out) = (case.shape(), Vec::new());
        let count = |event| {
            let _ = shape.event(event, &mut out);
            out.len()
        };
        events(&[text.to_owned().into()]).into_iter().map(count).collect::<Vec<_>>()
    };
    // The first goes as soon as the second begins.
    assert_eq!(seen(&case, &text), [1, 1, 1, 3, 3, 6, 7]);
    // Not where one call is allowed, or the model may be asked again.
    let one = Case::of(&format!("{TOOLS},\"parallel_tool_calls\":false"));
    assert_eq!(seen(&one, &text)[..5], [1, 1, 1, 1, 1]);
    one.stops(&text, &[Reason::ParallelCalls]);
    let asks = Case::tools().policy(Policy::new().max_reasks(1));
    assert_eq!(seen(&asks, &text), [0, 0, 0, 0, 0, 6, 7]);
    // The first is right, and the second is not.
    let wrong = text.replace(r#"{\"to\""#, r#"{\"too\""#);
    let client = case.stops(&wrong, &[Reason::Required]);
    assert_eq!(client.calls, [r#"0.0 call_0 get_weather({"city":"a"})"#]);
}

#[test]
fn parallel_calls_may_come_by_turns() {
    let (first, second) = (opens(0, "get_weather", r#"{"city":"#), opens(1, "send_mail", r#"{"to":"#));
    let by_turns = |end: &str| {
        stream(&[(&first, ""), (&second, ""), (&more(0, "\"a\"}"), ""), (&more(1, end), ""), ("{}", "tool_calls")])
    };
    Case::tools().passes(&by_turns("\"b\"}"));
    let client = Case::tools().mends(&by_turns("\"b\",}"), &[Repair::TrailingComma]);
    assert_eq!(client.calls, [r#"0.0 call_0 get_weather({"city":"a"})"#, r#"0.1 call_1 send_mail({"to":"b"})"#]);
    // Two in one chunk, of which one is mended.
    let two = r#"{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"send_mail","arguments":"{\"to\":\"x\"}"}},
        {"index":1,"id":"b","type":"function","function":{"name":"send_mail","arguments":"{'to':'y'}"}}]}"#.replace('\n', "");
    let client = Case::tools().mends(&stream(&[(&two, ""), ("{}", "tool_calls")]), &[Repair::SingleQuotes]);
    assert_eq!(client.calls, [r#"0.0 a send_mail({"to":"x"})"#, r#"0.1 b send_mail({"to":"y"})"#]);
}

#[test]
fn what_comes_behind_a_call_that_has_gone_makes_it_wrong() {
    let (first, second) = (opens(0, "get_weather", PARIS), opens(1, "send_mail", r#"{"to":"b"}"#));
    let with = |late: &str| stream(&[(&first, ""), (&second, ""), (&more(0, late), ""), ("{}", "tool_calls")]);
    Case::tools().passes(&with(" \n"));
    let client = Case::tools().stops(&with("}"), &[Reason::NotJson]);
    assert_eq!(client.calls, [format!("0.0 call_0 get_weather({PARIS})")]);
}

#[test]
fn fragments_that_clients_join_wrong_are_put_right() {
    let case = Case::tools();
    let expected = [r#"0.0 call_0 get_weather({"city":"a"})"#, r#"0.1 call_1 send_mail({"to":"b"})"#];
    let calls = |f: &dyn Fn(String) -> String| {
        let deltas = [
            opens(0, "get_weather", r#"{"city":"#),
            more(0, "\"a\"}"),
            opens(1, "send_mail", r#"{"to":"#),
            more(1, "\"b\"}"),
        ];
        let deltas: Vec<_> = deltas.into_iter().map(f).collect();
        let deltas: Vec<_> = deltas.iter().map(|delta| (delta.as_str(), "")).chain([("{}", "tool_calls")]).collect();
        stream(&deltas)
    };
    for (what, repairs, text) in [
        ("no index", 2, calls(&|delta| delta.replace(r#""index":0,"#, "").replace(r#""index":1,"#, ""))),
        ("one index for all", 1, calls(&|delta| delta.replace(r#""index":1"#, r#""index":0"#))),
        (
            "from 1",
            2,
            calls(&|delta| delta.replace(r#""index":1"#, r#""index":2"#).replace(r#""index":0"#, r#""index":1"#)),
        ),
        (
            "id and name again",
            2,
            calls(&|delta| {
                delta
                    .replace(
                        r#""index":0,"function":{"#,
                        r#""index":0,"id":"call_0","function":{"name":"get_weather","#,
                    )
                    .replace(r#""index":1,"function":{"#, r#""index":1,"id":"call_1","function":{"name":"send_mail","#)
            }),
        ),
    ] {
        let client = case.mends(&text, &vec![Repair::Shape; repairs]);
        assert_eq!(client.calls, expected, "{what}");
    }
    // Arguments as an object, as Mistral may send them.
    let text = stream(&[(
        &opens(0, "get_weather", "").replace(r#""arguments":"""#, r#""arguments":{"city":"a"}"#),
        "tool_calls",
    )]);
    assert_eq!(case.mends(&text, &[Repair::Shape]).calls, [expected[0]]);
}

#[test]
fn fragments_that_clients_join_wrong_are_wrong_where_nothing_is_mended() {
    let first = opens(0, "get_weather", r#"{"city":"#);
    let (piece, second) = (more(0, "\"a\"}"), opens(1, "send_mail", r#"{"to":"b"}"#));
    let text = |first: &str, piece: &str, second: &str| {
        stream(&[(ROLE, ""), (first, ""), (piece, ""), (second, ""), ("{}", "tool_calls")])
    };
    let keeps = Case::tools().policy(Policy::new().repair(false));
    let wrong: &[Reason] = &[Reason::NotJson];
    for (what, text, reasons) in [
        ("right", text(&first, &piece, &second), &[][..]),
        ("no index", text(&first.replace(r#""index":0,"#, ""), &piece.replace(r#""index":0,"#, ""), &second), wrong),
        // Clients join the two.
        ("one index", text(&first, &piece, &second.replace(":1,", ":0,")), &[Reason::NotJson, Reason::NotJson]),
        ("another name", text(&first, &piece.replace(r#"{"arg"#, r#"{"name":"get_weather","arg"#), &second), wrong),
        ("another id", text(&first, &piece.replace(r#""index":0"#, r#""index":0,"id":"x""#), &second), wrong),
        ("an object", text(&first, &piece, &second.replace(r#""{\"to\":\"b\"}""#, r#"{"to":"b"}"#)), wrong),
        // Clients have the same call, under whatever id, and at whatever place.
        ("the id again", text(&first, &piece.replace(r#""index":0"#, r#""index":0,"id":"call_0""#), &second), &[]),
        ("from 1", text(&first, &piece, &second.replace(r#""index":1"#, r#""index":2"#)), &[]),
    ] {
        let (became, outcome) = keeps.run(&text);
        let found: Vec<_> = outcome.faults.iter().map(|fault| fault.reason).collect();
        assert_eq!(found, reasons, "{what}: {}", became.text);
        if reasons.is_empty() {
            assert_eq!((became.text, became.end), (text, Ended::Well), "{what}");
        } else {
            assert_eq!(became.end, Ended::Stopped("invalid_tool_call".into()), "{what}");
        }
    }
    // A call that may be passed on with a mark is never added to one that may not.
    let policy = Policy::new().repair(false).on_invalid(OnInvalid::Report);
    let mixed = keeps.set(|settings| _ = settings.tools.insert("send_mail".into(), policy));
    mixed.stops(&text(&first, &piece, &second.replace(":1,", ":0,")), &[Reason::NotJson, Reason::NotJson]);
}

#[test]
fn a_wrong_call_that_is_passed_on_is_not_joined_to_a_right_one() {
    let case = Case::tools().policy(Policy::new().on_invalid(OnInvalid::Report));
    let (first, second) = (opens(0, "get_weather", PARIS), opens(1, "send_mail", "{}").replace(":1,", ":0,"));
    let (became, outcome) = case.run(&stream(&[(&first, ""), (&second, ""), ("{}", "tool_calls")]));
    assert_eq!((became.end, outcome.invalid), (Ended::Well, 1));
    let calls = [format!("0.0 call_0 get_weather({PARIS})"), "0.1 call_1 send_mail({})".into()];
    assert_eq!(Client::of(&became.text).calls, calls);
}

#[test]
fn a_call_that_has_gone_stays_what_it_was() {
    let (first, second) = (opens(0, "get_weather", PARIS), opens(1, "send_mail", r#"{"to":"b"}"#));
    let late = |members: &str| format!(r#"{{"tool_calls":[{{"index":0,{members}}}]}}"#);
    let early = |late: &str| stream(&[(&first, ""), (&second, ""), (late, ""), ("{}", "tool_calls")]);
    let behind = |late: &str| stream(&[(&first, ""), (&second, ""), ("{}", "tool_calls"), (late, "")]);
    let (mends, keeps) = (Case::tools(), Case::tools().policy(Policy::new().repair(false)));
    let renamed = late(r#""function":{"name":"_x","arguments":""}"#);
    let half = late(r#""function":{"arguments":"\ud83d"}"#);
    for case in [&mends, &keeps] {
        for wrong in [&renamed, &half] {
            let client = case.stops(&early(wrong), &[Reason::NotJson]);
            assert_eq!(client.calls, [format!("0.0 call_0 get_weather({PARIS})")], "{wrong}");
            assert_eq!(case.stops(&behind(wrong), &[Reason::NotJson]).calls.len(), 2, "{wrong}");
        }
        case.passes(&early(&late(r#""function":{"arguments":" "}"#)));
    }
    // Told again, where it may be left out, and where not.
    for again in [late(r#""id":"call_0","function":{"name":"get_weather","arguments":""}"#), late(r#""id":"x""#)] {
        let (became, outcome) = mends.run(&early(&again));
        assert_eq!((became.end, outcome.invalid), (Ended::Well, 0));
        assert_eq!(became.text, early(&again).replace(&chunk(0, &again, ""), ""));
        keeps.stops(&early(&again), &[Reason::NotJson]);
    }
    // A tool that takes text can take more of it.
    let custom = r#"{"tool_calls":[{"index":0,"id":"a","type":"custom","custom":{"name":"run","input":"ab"}}]}"#;
    let more = r#"{"tool_calls":[{"index":0,"id":"a","custom":{"input":"cd"}}]}"#;
    let (became, _) = mends.run(&stream(&[(custom, ""), (&second, ""), (more, ""), ("{}", "tool_calls")]));
    assert_eq!(Client::of(&became.text).calls, ["0.0 a run(abcd)", r#"0.1 call_1 send_mail({"to":"b"})"#]);
}

#[test]
fn a_call_stands_in_one_member() {
    let (function, custom) =
        (r#""function":{"name":"get_weather","arguments":"{}"}"#, r#""custom":{"name":"run","input":"x"}"#);
    let item = |members: &str| format!(r#"{{"tool_calls":[{{"index":0,"id":"a",{members}}}]}}"#);
    let both = stream(&[(&item(&format!("{function},{custom}")), "tool_calls")]);
    let typed = both.replace(r#""id":"a""#, r#""id":"a","type":"custom""#);
    let by_turns = stream(&[(&item(function), ""), (&item(custom), "tool_calls")]);
    for text in [both, typed, by_turns] {
        assert_eq!(Case::tools().run(&text).0.end, Ended::Stopped("unreadable_answer".into()), "{text}");
    }
    // What is told beside it says nothing.
    let right = opens(0, "get_weather", PARIS);
    for beside in [r#""custom":null"#, r#""custom":{"name":"","input":null}"#] {
        Case::tools().passes(&stream(&[(&right.replace(r#""type""#, &format!(r#"{beside},"type""#)), "tool_calls")]));
    }
    Case::tools().passes(&stream(&[
        (&item(r#""type":"custom""#), ""),
        (&item(custom).replace(r#""id":"a","#, ""), "tool_calls"),
    ]));
    // By its type it would be another, and its only member is judged.
    let other = stream(&[(&item(&format!(r#""type":"custom",{function}"#)), "tool_calls")]);
    Case::tools().stops(&other, &[Reason::Required]);
}

#[test]
fn ids_are_made_where_there_are_none() {
    let text = weather(PARIS, "", "tool_calls").replace(r#""id":"call_0","#, "");
    let client = Case::tools().mends(&text, &[Repair::Id]);
    assert_eq!(client.calls, [format!("0.0 call_new get_weather({PARIS})")]);
}

#[test]
fn the_older_function_call_is_checked_too() {
    let body = r#""functions":[{"name":"f","parameters":{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}}]"#;
    let text = |end: &str| {
        let end = format!(r#"{{"function_call":{{"arguments":{}}}}}"#, json!(end));
        stream(&[
            (ROLE, ""),
            (r#"{"function_call":{"name":"f","arguments":"{\"a\":"}}"#, ""),
            (&end, ""),
            ("{}", "function_call"),
        ])
    };
    assert_eq!(Case::of(body).passes(&text("1}")).calls, 1);
    let client = Case::of(body).mends(&text("\"1\"}"), &[Repair::StringToValue]);
    assert_eq!(client.calls, [r#"0.99  f({"a":1})"#]);
    Case::of(body).stops(&text("null}"), &[Reason::Type]);
}

#[test]
fn custom_tools_take_text() {
    let text = stream(&[
        (r#"{"tool_calls":[{"index":0,"id":"a","type":"custom","custom":{"name":"run","input":""}}]}"#, ""),
        (r#"{"tool_calls":[{"index":0,"custom":{"input":"print('"}}]}"#, ""),
        (r#"{"tool_calls":[{"index":0,"custom":{"input":"x')"}}]}"#, ""),
        ("{}", "tool_calls"),
    ]);
    assert_eq!(Case::tools().passes(&text).calls, 1);
    let client = Case::tools().mends(&text.replace(r#""name":"run""#, r#""name":"Run""#), &[Repair::ToolName]);
    assert_eq!(client.calls, ["0.0 a run(print('x'))"]);
}

#[test]
fn what_is_only_reported_is_not_held() {
    let case = Case::tools().policy(Policy::new().repair(false).on_invalid(OnInvalid::Report));
    let text = weather(r#"{"days":"#, "1}", "tool_calls");
    let (became, outcome) = case.run(&text);
    let marked = text.replace("data: [DONE]", ": x-llm-tool-calls: invalid=1\n\ndata: [DONE]");
    assert_eq!((became.text, became.end), (marked.clone(), Ended::Well));
    assert_eq!((outcome.calls, outcome.invalid), (1, 1));
    let (mut shape, mut out) = (case.shape(), Vec::new());
    for (at, event) in events(&[text.clone().into()]).into_iter().enumerate().take(4) {
        let _ = shape.event(event, &mut out);
        assert_eq!(out.len(), at + 1);
    }
    // Held for the sake of mending, and let go nevertheless.
    let (became, _) = case.policy(Policy::new().on_invalid(OnInvalid::Report)).run(&text);
    assert_eq!(became.text, marked);
}

#[test]
fn choices_are_judged_apart() {
    let case = Case::of(&format!("{TOOLS},\"n\":2"));
    let call = |of: u32, text: &str| chunk(of, &opens(0, "get_weather", text), "");
    let text = |second: &str| {
        [
            chunk(0, ROLE, ""),
            chunk(1, ROLE, ""),
            call(0, r#"{"city":"#),
            call(1, r#"{"city":"#),
            chunk(1, &more(0, second), ""),
            chunk(0, &more(0, "\"a\"}"), ""),
            chunk(0, "{}", "tool_calls"),
            chunk(1, "{}", "tool_calls"),
            "data: [DONE]\n\n".to_owned(),
        ]
        .concat()
    };
    let (became, outcome) = case.run(&text("\"b\"}"));
    assert_eq!((&became.end, outcome.calls), (&Ended::Well, 2));
    assert_eq!(Client::of(&became.text), Client::of(&text("\"b\"}")));
    let client = case.stops(&text("[]}"), &[Reason::Type]);
    assert_eq!(client.calls, [r#"0.0 call_0 get_weather({"city":"a"})"#]);
    // Both in one chunk.
    let both = text("\"b\"}").replace("]}\n\ndata: {\"id\":\"c\",\"choices\":[", ",");
    assert!(both.matches("data: ").count() < 4, "{both}");
    let (became, _) = case.run(&both);
    assert_eq!((&became.end, Client::of(&became.text)), (&Ended::Well, Client::of(&both)));
}

#[test]
fn what_tool_choice_asks_for_must_come() {
    let case = Case::of(&format!("{TOOLS},\"tool_choice\":\"required\""));
    let text = stream(&[(ROLE, ""), (r#"{"content":"No."}"#, ""), ("{}", "stop")]);
    let client = case.stops(&text, &[Reason::MissingCall]);
    assert_eq!((client.text(), client.is_done), ("No.", false));
    case.passes(&text.replace("content\":\"", "refusal\":\""));
    case.passes(&text.replace("\"stop\"", "\"length\""));
    let none = Case::of(&format!("{TOOLS},\"tool_choice\":\"none\""));
    none.stops(&weather(PARIS, "", "tool_calls"), &[Reason::ToolChoice]);
}
