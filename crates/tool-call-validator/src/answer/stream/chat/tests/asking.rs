use super::*;

const USAGE: &str = "data: {\"id\":\"c\",\"choices\":[],\"usage\":{\"prompt_tokens\":2,\"completion_tokens\":3,\"total_tokens\":5}}\n\n";

fn wrong(before: &[(&str, &str)]) -> String {
    let open = opens(0, "get_weather", r#"{"days":1}"#);
    let deltas: Vec<_> = before.iter().copied().chain([(open.as_str(), ""), ("{}", "tool_calls")]).collect();
    stream(&deltas).replace("data: [DONE]", &format!("{USAGE}data: [DONE]"))
}

fn asks() -> Case {
    Case::tools().policy(Policy::new().max_reasks(1))
}

#[test]
fn a_wrong_call_is_asked_for_again() {
    let (became, _) = asks().run(&wrong(&[(ROLE, "")]));
    let usage = r#"{"prompt_tokens":2,"completion_tokens":3,"total_tokens":5}"#;
    let said = vec![r#"get_weather({"days":1})"#.to_owned()];
    assert_eq!(became, Became { text: String::new(), end: Ended::Asked(said, Some(usage.into())) });
    // Comments go on, which keep the connection alive.
    let (became, _) = asks().run(&wrong(&[(ROLE, "")]).replacen("\n\n", "\n\n: alive\n\n", 1));
    assert_eq!(became.text, ": alive\n\n");
    // In a stream without its last event.
    let (became, _) = asks().run(wrong(&[]).strip_suffix("data: [DONE]\n\n").unwrap());
    assert!(matches!(became.end, Ended::Asked(..)));
    // With words in the very chunk that ends it: nothing has gone out.
    let whole = opens(0, "get_weather", "{}").replacen('{', r#"{"content":"I look.","#, 1);
    let (became, _) = asks().run(&stream(&[(&whole, "tool_calls")]));
    assert!(matches!(became.end, Ended::Asked(..)) && became.text.is_empty());
    // For want of a call.
    let required = Case::of(&format!("{TOOLS},\"tool_choice\":\"required\"")).policy(Policy::new().max_reasks(1));
    let (became, _) = required.run(&stream(&[(ROLE, ""), ("{}", "stop")]));
    assert_eq!(became.end, Ended::Asked(Vec::new(), None));
}

#[test]
fn nobody_is_asked_again_once_something_was_said() {
    for said in [r#"{"content":"I"}"#, r#"{"reasoning_content":"I"}"#, r#"{"refusal":"I"}"#] {
        let (became, outcome) = asks().run(&wrong(&[(ROLE, ""), (said, "")]));
        assert_eq!(became.end, Ended::Stopped("invalid_tool_call".into()), "{said}");
        assert_eq!(became.text, stream(&[(ROLE, ""), (said, "")]).replace("data: [DONE]\n\n", ""));
        assert_eq!(outcome.invalid, 1);
    }
    // Often enough, and among several choices.
    let often = Case { reasks: 1, ..asks() };
    assert_eq!(often.run(&wrong(&[])).0.end, Ended::Stopped("invalid_tool_call".into()));
    let two = Case::of(&format!("{TOOLS},\"n\":2")).policy(Policy::new().max_reasks(1));
    assert_eq!(two.run(&wrong(&[])).0.end, Ended::Stopped("invalid_tool_call".into()));
}

#[test]
fn what_is_not_offered_is_not_waited_for() {
    let with = |tool: &str| {
        Case::tools().set(|settings| {
            settings.tools.insert(tool.into(), Policy::new().max_reasks(1));
        })
    };
    let seen = |case: Case| {
        let mut out = Vec::new();
        let _ = case.shape().event(events(&[chunk(0, ROLE, "").into()]).remove(0), &mut out);
        out.len()
    };
    assert_eq!((seen(with("get_weather")), seen(with("search"))), (0, 1));
    let text = |body: &str| Case::of(body).set(|settings| settings.text_policy = Some(Policy::new().max_reasks(1)));
    assert_eq!((seen(text(FORMAT)), seen(text(TOOLS))), (0, 1));
}

#[test]
fn a_call_that_comes_too_late_to_be_judged_is_not_passed_on() {
    let case = asks().policy(Policy::new().max_reasks(1).on_invalid(OnInvalid::Report));
    let late = chunk(0, &opens(1, "send_mail", "{}"), "");
    let text = wrong(&[(ROLE, "")]).replace(USAGE, &format!("{late}{USAGE}"));
    let (mut shape, mut out) = (case.shape(), Vec::new());
    let flows: Vec<_> = events(&[text.into()]).into_iter().map(|event| shape.event(event, &mut out)).collect();
    assert!(matches!(flows.last(), Some(Flow::Ask(_))) && out.is_empty());
    assert!(matches!(shape.otherwise(&mut out), Flow::Stop(_)) && out.is_empty());
}

#[test]
fn a_right_answer_comes_with_its_greeting() {
    let case = asks();
    case.passes(&weather(r#"{"city":"#, "\"a\"}", "tool_calls"));
    let filters = "data: {\"choices\":[],\"prompt_filter_results\":[]}\n\n";
    let text = stream(&[(ROLE, ""), (r#"{"content":"Hi"}"#, ""), (r#"{"content":"!"}"#, ""), ("{}", "stop")]);
    case.passes(&format!("{filters}{text}"));
    case.passes(&stream(&[(ROLE, ""), ("{}", "stop")]));
    case.passes(filters);
}

#[test]
fn what_else_is_to_be_done_is_done_where_nobody_answers() {
    let otherwise = |policy: Policy| {
        let case = asks().policy(policy.max_reasks(1));
        let (mut shape, mut out) = (case.shape(), Vec::new());
        let mut last = Flow::On;
        for event in events(&[wrong(&[(ROLE, "")]).into()]) {
            last = shape.event(event, &mut out);
        }
        assert!(matches!(last, Flow::Ask(_)) && out.is_empty());
        let flow = shape.otherwise(&mut out);
        (became(&out, flow), shape.outcome())
    };
    let (became, outcome) = otherwise(Policy::new());
    assert_eq!(became, Became { text: String::new(), end: Ended::Stopped("invalid_tool_call".into()) });
    assert_eq!(outcome.invalid, 1);
    let (became, outcome) = otherwise(Policy::new().on_invalid(OnInvalid::Report));
    let marked = wrong(&[(ROLE, "")]).replace("data: [DONE]", ": x-llm-tool-calls: invalid=1\n\ndata: [DONE]");
    assert_eq!((became, outcome.invalid), (Became { text: marked, end: Ended::Well }, 1));
}

#[test]
fn what_was_used_is_summed() {
    let case = Case {
        spent: Some(Bytes::from_static(br#"{"prompt_tokens":10,"completion_tokens":1,"total_tokens":11}"#)),
        ..Case::tools()
    };
    let text = stream(&[(r#"{"content":"Hi"}"#, "stop")]).replace("data: [DONE]", &format!("{USAGE}data: [DONE]"));
    let (became, _) = case.run(&text);
    let client = Client::of(&became.text);
    assert_eq!(client.usage.unwrap()["total_tokens"], 16);
    assert!(became.text.starts_with(&chunk(0, r#"{"content":"Hi"}"#, "stop")));
    assert!(client.is_done);
}
