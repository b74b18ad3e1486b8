use super::*;

#[test]
fn a_choice_that_ends_by_an_error_is_a_failure() {
    let events = repaired(false, &[role(), text(), of(0, "{}", r#""error""#), done()]);
    assert_eq!(events.len(), 3, "{events:?}");
    assert!(events[2].contains(r#""code":"upstream_error""#), "{events:?}");
}

#[test]
fn what_ended_for_want_of_capacity_is_overload() {
    for (reason, code) in [
        ("insufficient_system_resource", "server_is_overloaded"),
        ("network_error", "upstream_error"),
        ("abort", "upstream_error"),
    ] {
        let events = repaired(false, &[role(), text(), of(0, "{}", &format!("{reason:?}")), done()]);
        assert!(events.len() == 3 && events[2].contains(&format!(r#""code":"{code}""#)), "{reason}: {events:?}");
    }
}

#[test]
fn errors_that_hide_are_found() {
    for (theirs, said) in [
        (r#"{"id":"c","choices":null,"base_resp":{"status_code":1002,"status_msg":"m"}}"#, "rate_limit_exceeded"),
        (r#"{"id":"c","choices":[],"x_groq":{"id":"r","error":"m"}}"#, "upstream_error"),
        (r#"{"error":{"message":"m","http_status_code":422}}"#, "null"),
        (r#"[{"error":{"code":503,"message":"m","status":"UNAVAILABLE"}}]"#, "server_is_overloaded"),
    ] {
        let got = repaired(false, &[role(), text(), theirs.into(), stop(), done()]);
        assert!(got.len() == 3 && got[2].contains(&format!(r#""code":{}"#, quoted(said))), "{theirs}: {got:?}");
    }
    let fine = with(&text(), r#""base_resp":{"status_code":0,"status_msg":""}"#);
    check("success", false, &[role(), fine.clone(), stop(), done()], &[role(), fine, stop(), done()]);
    let field = format!("{}error: {{\"code\":503,\"message\":\"m\"}}\n\n", stream(&[role(), text()]));
    let (_, bytes) = send(false, Body::from(field));
    assert!(data(&bytes)[2].contains("server_is_overloaded"), "{bytes:?}");
}

fn quoted(code: &str) -> String {
    if code == "null" { code.into() } else { format!("{code:?}") }
}

#[test]
fn more_choices_than_any_model_gives_are_refused() {
    let events: Vec<_> = (0..2000).map(|index| of(index, r#"{"role":"assistant","content":"a"}"#, "null")).collect();
    let said = repaired(false, &events);
    assert!(said.len() < 1100 && said.last().is_some_and(|last| last.contains("too many choices")));
}

fn raw(stream: &str) -> (u16, String) {
    let (status, bytes) = send(false, Body::from(stream.to_owned()));
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}

#[test]
fn done_is_added_where_the_answer_is_whole() {
    check("missing", false, &[role(), text(), stop()], &[role(), text(), stop(), done()]);
}

#[test]
fn an_answer_that_is_not_whole_ends_with_an_error() {
    check("cut", false, &[role(), text()], &[role(), text(), INCOMPLETE.into()]);
    let other = of(1, r#"{"content":"Hi"}"#, "null");
    let opener = of(1, ROLE, "null");
    check("one of two", false, &[role(), other.clone(), stop()], &[role(), opener, other, stop(), INCOMPLETE.into()]);
}

#[test]
fn a_connection_that_breaks_is_an_end_like_any_other() {
    let broken = |events: &[String]| {
        let script = Script::new().data(stream(events)).error("connection reset");
        let (status, bytes) = send(false, Body::new(script.body()));
        assert_eq!(status, 200);
        data(&bytes)
    };
    assert_eq!(broken(&[role(), text()]), [role(), text(), INCOMPLETE.into()]);
    assert_eq!(broken(&[role(), text(), stop()]), [role(), text(), stop(), done()]);
    let (status, _) = send(false, Body::new(Script::new().data(stream(&[role()])).error("reset").body()));
    assert_eq!(status, 502, "nothing had been said");
}

#[test]
fn nothing_follows_done() {
    let whole = [role(), text(), stop(), done()];
    check("data", false, &[&whole[..], &[text(), done()]].concat(), &whole);
    let upstream = Script::new().data(stream(&whole)).never().body();
    let handle = upstream.handle();
    let (_, bytes) = send(false, Body::new(upstream));
    assert_eq!(data(&bytes), whole);
    assert!(handle.is_dropped(), "a provider that does not hang up is not waited for");
}

#[test]
fn the_last_event_may_lack_its_blank_line() {
    let whole = stream(&[role(), text(), stop(), done()]);
    for cut in ["", "\n"] {
        let unterminated = format!("{}{cut}", whole.trim_end());
        assert_eq!(raw(&unterminated), (200, whole.clone()));
    }
    let unterminated = stream(&[role(), text(), stop()]);
    assert_eq!(raw(unterminated.trim_end()), (200, whole.clone()));
}

#[test]
fn the_last_event_may_be_cut() {
    let begun = stream(&[role(), text()]);
    let cut = format!("{begun}data: {}", &stop()[..20]);
    assert_eq!(raw(&cut), (200, format!("{begun}data: {INCOMPLETE}\n\n")));
    let over = stream(&[role(), text(), stop()]);
    for cut in ["data: [DON", "dat", ": PROCESS", "event: x", "retry: 1"] {
        assert_eq!(raw(&format!("{over}{cut}")), (200, format!("{over}data: [DONE]\n\n")), "{cut}");
        assert_eq!(raw(&format!("{begun}{cut}")), (200, format!("{begun}data: {INCOMPLETE}\n\n")), "{cut}");
    }
}

#[test]
fn comments_pass_and_empty_data_do_not() {
    let events = |between: &str| {
        let [a, b, c, d] = [role(), text(), stop(), done()].map(|event| stream(&[event]));
        [between, &a, between, &b, between, &c, between, &d].concat()
    };
    assert_eq!(raw(&events(": keep-alive\n\n")), (200, events(": keep-alive\n\n")));
    assert_eq!(raw(&events("data:\n\n")), (200, events("")));
    assert_eq!(raw(&events("data: \n\n")), (200, events("")));
    assert_eq!(raw(&events("\n")), (200, events("\n")));
}

#[test]
fn a_chunk_without_choices_in_the_midst_passes() {
    let bare = with(&chunk(""), r#""moderation":{}"#);
    let events = [bare.clone(), role(), bare.clone(), text(), bare, stop(), done()];
    check("bare", false, &events, &events);
}

#[test]
fn an_error_is_the_last_event() {
    for (theirs, said) in [
        (r#"{"error":{"message":"m","type":"t","code":"c"}}"#, r#""code":"c""#),
        (r#"{"error":{"message":"m","code":429}}"#, r#""code":"rate_limit_exceeded""#),
        (r#"{"error":"m","error_type":"overloaded"}"#, r#""code":"server_is_overloaded""#),
        (r#"{"object":"error","message":"m","type":"t","code":500}"#, r#""code":"upstream_error""#),
        (r#"{"type":"error","message":"m"}"#, r#""code":"upstream_error""#),
        (
            r#"{"id":"c","error":{"message":"m"},"choices":[{"index":0,"delta":{},"finish_reason":"error"}]}"#,
            r#""code":"upstream_error""#,
        ),
    ] {
        let got = repaired(false, &[role(), text(), theirs.into(), text(), stop(), done()]);
        assert_eq!(got[..2], [role(), text()]);
        assert_eq!(got.len(), 3, "{theirs}: {got:?}");
        assert!(got[2].starts_with(r#"{"error":{"message":"m","type":"#) && got[2].contains(said), "{}", got[2]);
    }
    let named = format!("{}event: error\ndata: {{\"message\":\"m\"}}\n\n", stream(&[role(), text()]));
    let (_, bytes) = send(false, Body::from(named));
    assert!(data(&bytes)[2].starts_with(r#"{"error":{"message":"m""#));
    let none = with(&text(), r#""error":null"#);
    check("null is none", false, &[role(), none.clone(), stop(), done()], &[role(), none, stop(), done()]);
}

#[test]
fn garbage_is_an_error() {
    for garbage in ["ping", "[1]", "{", "1", r#"{"choices":[1]}"#, r#"{"choices":[{"delta":"x"}]}"#] {
        check(garbage, false, &[role(), text(), garbage.into(), done()], &[role(), text(), GARBAGE.into()]);
    }
}

#[test]
fn what_fails_before_it_says_anything_has_a_status() {
    let incomplete = (502, "upstream_incomplete_stream".into());
    assert_eq!(refused(""), incomplete, "empty");
    assert_eq!(refused("data: [DONE]\n\n"), incomplete, "nothing but the end");
    assert_eq!(refused(stream(&[chunk(""), done()])), incomplete, "no choices");
    assert_eq!(refused(stream(&[role()])), incomplete, "a role and no more");
    assert_eq!(refused(stream(&["{}".into(), role()])), incomplete);
    assert_eq!(refused("data: nonsense\n\n"), (502, "upstream_protocol_error".into()));
    let error = |error: &str| refused(stream(&[chunk(""), role(), format!(r#"{{"error":{error}}}"#)]));
    assert_eq!(error(r#"{"message":"m","code":429}"#), (429, "rate_limit_exceeded".into()));
    assert_eq!(error(r#"{"message":"m","type":"overloaded_error"}"#), (503, "server_is_overloaded".into()));
    assert_eq!(error(r#"{"message":"m"}"#), (502, "upstream_error".into()));
}

#[test]
fn comments_do_not_hide_an_error_and_do_not_wait_for_ever() {
    let error = stream(&[r#"{"error":{"message":"m","code":429}}"#.into()]);
    let after = |comments: usize| format!("{}{error}", ": OPENROUTER PROCESSING\n\n".repeat(comments));
    assert_eq!(refused(after(1)), (429, "rate_limit_exceeded".into()));
    assert_eq!(refused(after(3)), (429, "rate_limit_exceeded".into()));
    assert_eq!(refused(format!("{}{}", stream(&[role()]), after(1))), (429, "rate_limit_exceeded".into()));
    let (status, said) = raw(&after(4));
    assert!(status == 200 && said.starts_with(": OPENROUTER") && said.contains("rate_limit_exceeded"), "{said}");
}
