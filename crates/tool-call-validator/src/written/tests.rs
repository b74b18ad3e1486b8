use super::*;

fn found(text: &str) -> Option<(String, Vec<(String, String)>)> {
    find_of(text, |name| matches!(name, "get_weather" | "now")).map(|written| (written.text, written.calls))
}

#[test]
fn calls_are_found_as_models_write_them() {
    let weather = ("get_weather", r#"{"city":"Paris"}"#);
    let now = ("now", "{}");
    for (text, left, calls) in [
        (
            "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Paris\"}}\n</tool_call>",
            "",
            &[weather][..],
        ),
        ("<tool_call>{\"name\":\"now\",\"arguments\":{}}", "", &[now]),
        (
            "I look.\n<tool_call>{\"name\":\"now\",\"arguments\":{}}</tool_call>\n<tool_call>{\"arguments\":{\"city\":\"Paris\"},\"name\":\"get_weather\"}</tool_call>\n",
            "I look.\n",
            &[now, weather],
        ),
        (
            "<tool_call>[{\"name\":\"now\",\"arguments\":{}},{\"name\":\"now\",\"arguments\":{}}]</tool_call>",
            "",
            &[now, now],
        ),
        ("<tool_call>{'name': 'now', 'arguments': {},}</tool_call> Then?", " Then?", &[now]),
        (r#"<tool_call>{"name":"now","arguments":"{}"}</tool_call>"#, "", &[now]),
        (
            r#"<tool_call>{"name":"get_weather","arguments":{"city":"</tool_call>"}}</tool_call>"#,
            "",
            &[("get_weather", r#"{"city":"</tool_call>"}"#)],
        ),
        ("a < b [c] <function=get_weather>{\"city\": \"Paris\"}</function>", "a < b [c] ", &[weather]),
        (
            "[TOOL_CALLS] [{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Paris\"}, \"id\": \"x\"}]",
            "",
            &[weather],
        ),
        ("[TOOL_CALLS]get_weather[ARGS]{\"city\": \"Paris\"}[TOOL_CALLS]now{}", "", &[weather, now]),
        ("```json\n{\"name\": \"get_weather\", \"parameters\": {\"city\": \"Paris\"}}\n```\n", "", &[weather]),
        (" ```\n[ {\"name\": \"now\", \"parameters\": {}} ]```", "", &[now]),
        ("{\"type\": \"function\", \"name\": \"get_weather\", \"parameters\": {\"city\": \"Paris\"}}", "", &[weather]),
        // What the tool is given is judged elsewhere.
        (r#"<function=now>{"a": 1, "b": 1e400}</function>"#, "", &[("now", r#"{"a":1,"b":1e400}"#)]),
    ] {
        let calls = calls.iter().map(|(name, arguments)| ((*name).to_owned(), (*arguments).to_owned())).collect();
        assert_eq!(found(text), Some((left.to_owned(), calls)), "{text}");
    }
}

#[test]
fn what_is_no_call_stays_text() {
    for text in [
        "",
        "Use <tool_call> tags, as in <tool_call>…</tool_call>.",
        "<tool_call>",
        "<tool_call>{\"name\":\"unknown\",\"arguments\":{}}</tool_call>",
        "<tool_call>{\"name\":\"now\",\"arguments\":{}}</tool_call><tool_call>{\"name\":\"unknown\",\"arguments\":{}}</tool_call>",
        "<tool_call>{\"name\":\"now\",\"arguments\":{}</tool_call>",
        "<tool_call>{\"name\":\"now\"}</tool_call>",
        "<tool_call>{\"name\":\"now\",\"arguments\":{},\"why\":\"x\"}</tool_call>",
        "<tool_call>{\"name\":\"now\",\"arguments\":{},\"parameters\":{}}</tool_call>",
        "<tool_call>{\"name\":\"now\",\"arguments\":[]}</tool_call>",
        "<tool_call>{\"name\":\"now\",\"arguments\":{}} or so</tool_call>",
        "<tool_call>[]</tool_call>",
        "<function=now>no</function>",
        "<function=>{}</function>",
        "<function=unknown>{}</function>",
        "<function=now>{}</tool_call>",
        "[TOOL_CALLS] none",
        "[TOOL_CALLS]unknown[ARGS]{}",
        "Call it so:\n```json\n{\"name\": \"now\", \"parameters\": {}}\n```",
        "```json\n{\"name\": \"now\", \"parameters\": {}}\n```\nThat was it.",
        "```json\n{\"name\": \"now\", \"age\": 5}\n```",
        "{\"name\": \"now\", \"parameters\": {}",
        "{\"name\": \"now\", \"parameters\": {}} {}",
    ] {
        assert_eq!(found(text), None, "{text}");
    }
    let many = "<function=now>{}</function>";
    assert!(found(&many.repeat(128)).is_some() && found(&many.repeat(129)).is_none());
}

#[test]
fn what_may_become_a_call_is_kept_back() {
    for (text, settled_text) in [
        ("Hello", "Hello"),
        ("Hello <", "Hello "),
        ("Hello <tool_ca", "Hello "),
        ("Hello <tool_call>\n", "Hello "),
        ("Hello <tool_call>{\"name", "Hello "),
        ("Hello <tool_call>{} and more", "Hello "),
        ("Hello <b>, <tool_call> is a tag", "Hello <b>, <tool_call> is a tag"),
        ("<function=get", ""),
        ("<function=get_weather> ", ""),
        ("<function=get weather", "<function=get weather"),
        ("a [TOOL_CALLS]", "a "),
        ("a [TOOL_CALLS]now[AR", "a "),
        ("a [TOOL", "a "),
        ("a [1]", "a [1]"),
        ("  ", ""),
        ("``", ""),
        ("```js", ""),
        ("```json\n{\"na", ""),
        ("```json\n{\"x\"", "```json\n{\"x\""),
        ("```sh\nls", "```sh\nls"),
        ("So:\n```json\n{\"name\"", "So:\n```json\n{\"name\""),
        ("{", ""),
        ("{ \"name\": \"now\", ", ""),
        ("{ \"city\"", "{ \"city\""),
        ("[{", ""),
        ("[1", "[1"),
    ] {
        assert_eq!(&text[..settled(text)], settled_text, "{text}");
    }
    // What nobody waits through.
    for text in
        [" ".repeat(1000), format!("<function={}", "a".repeat(1000)), format!("<tool_call>{}", " ".repeat(1000))]
    {
        assert_eq!(settled(&text), text.len());
    }
}

#[test]
fn what_was_let_go_is_never_a_part_of_a_call() {
    for text in [
        "I look.\n <tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>\n",
        "a < b [c] <function=now>{}</function> [TOOL_CALLS]now[ARGS]{}",
        "é[TOOL_CALLS] [{\"name\": \"now\", \"arguments\": {}}]",
        " ```json\n{\"name\": \"now\", \"parameters\": {}}\n```\n",
        " {\"name\": \"now\", \"parameters\": {}}",
    ] {
        let (left, _) = found(text).expect("a call");
        let mut let_go = 0;
        for end in (0..=text.len()).filter(|end| text.is_char_boundary(*end)) {
            let settled = settled(&text[..end]);
            assert!(settled >= let_go && left.starts_with(&text[..settled]), "{}", &text[..end]);
            let_go = settled;
        }
    }
}
