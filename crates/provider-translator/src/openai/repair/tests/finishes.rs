use super::*;

#[test]
fn the_key_is_always_there() {
    let bare = |delta: &str| chunk(&format!(r#"{{"index":0,"delta":{delta}}}"#));
    let events = [bare(ROLE), bare(r#"{"content":"Hi"}"#), stop(), done()];
    check("missing", false, &events, &[role(), text(), stop(), done()]);
    let empty = |delta: &str| of(0, delta, r#""""#);
    let events = [empty(ROLE), empty(r#"{"content":"Hi"}"#), empty("{}"), done()];
    check("empty", false, &events, &[role(), text(), delta("{}"), stop(), done()]);
}

#[test]
fn each_is_one_of_openais() {
    for (theirs, ours) in [
        ("stop", "stop"),
        ("length", "length"),
        ("tool_calls", "tool_calls"),
        ("content_filter", "content_filter"),
        ("function_call", "function_call"),
        ("eos", "stop"),
        ("eos_token", "stop"),
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("max_tokens", "length"),
        ("model_length", "length"),
        ("tool_use", "tool_calls"),
        ("safety", "content_filter"),
        ("sensitive", "content_filter"),
        ("model_context_window_exceeded", "length"),
        ("refusal", "content_filter"),
        ("never heard of it", "stop"),
    ] {
        let end = |reason: &str| of(0, "{}", &format!("{reason:?}"));
        check(theirs, false, &[role(), text(), end(theirs), done()], &[role(), text(), end(ours), done()]);
    }
    let object = of(0, "{}", r#"{"type":"stop","matched":2}"#);
    let cut = of(0, "{}", r#"{"type":"length","length":3}"#);
    let length = of(0, "{}", r#""length""#);
    check("an object that says why", false, &[role(), text(), cut, done()], &[role(), text(), length, done()]);
    check("an object", false, &[role(), text(), object, done()], &[role(), text(), stop(), done()]);
}

#[test]
fn a_choice_is_over_once() {
    let late = of(0, r#"{"content":"Ho"}"#, r#""stop""#);
    check(
        "twice",
        false,
        &[role(), text(), stop(), stop(), late, done()],
        &[role(), text(), stop(), delta(r#"{"content":"Ho"}"#), done()],
    );
}

#[test]
fn what_done_leaves_open_is_closed() {
    check("text", false, &[role(), text(), done()], &[role(), text(), stop(), done()]);
    let call = calls(r#"{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}"#);
    let end = of(0, "{}", r#""tool_calls""#);
    check("tool calls", false, &[role(), call.clone(), done()], &[role(), call, end, done()]);
}
