use super::*;

#[test]
fn a_choice_without_an_index_has_its_place() {
    let bare = |delta: &str| format!(r#"{{"delta":{delta},"finish_reason":null}}"#);
    let made = |index: u64, delta: &str| format!(r#"{{"delta":{delta},"finish_reason":null,"index":{index}}}"#);
    check(
        "missing",
        false,
        &[chunk(&[bare(ROLE), bare(ROLE)].join(",")), stop(), of(1, "{}", r#""stop""#), done()],
        &[chunk(&[made(0, ROLE), made(1, ROLE)].join(",")), stop(), of(1, "{}", r#""stop""#), done()],
    );
    let null = chunk(&format!(r#"{{"index":null,"delta":{ROLE},"finish_reason":null}}"#));
    check("null", false, &[null, text(), stop(), done()], &[role(), text(), stop(), done()]);
}

#[test]
fn a_choice_without_a_delta_adds_nothing() {
    let bare = chunk(r#"{"index":0,"finish_reason":"stop"}"#);
    let made = chunk(r#"{"index":0,"finish_reason":"stop","delta":{}}"#);
    check("missing", false, &[role(), text(), bare, done()], &[role(), text(), made, done()]);
    let null = of(0, "null", r#""stop""#);
    check("null", false, &[role(), text(), null, done()], &[role(), text(), stop(), done()]);
}

#[test]
fn what_is_constant_is_taken_from_the_first_chunk() {
    let bare = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
    let made = with(bare, r#""id":"c","object":"chat.completion.chunk","created":1,"model":"m""#);
    check("missing later on", false, &[role(), bare.into(), done()], &[role(), made, done()]);
    let null = role().replace(r#""id":"c""#, r#""id":null"#);
    let id = crate::ids::completion(&Rng::seeded(1));
    let made = role().replace(r#""id":"c""#, &format!(r#""id":"{id}""#));
    let end = stop().replace(r#""id":"c""#, &format!(r#""id":"{id}""#));
    check("null at first", false, &[null, stop(), done()], &[made.clone(), end.clone(), done()]);
    let empty = role().replace(r#""id":"c""#, r#""id":"""#);
    check("empty at first", false, &[empty, stop(), done()], &[made, end, done()]);
    let other = stop().replace(r#""id":"c""#, r#""id":"d""#).replace(r#""created":1"#, r#""created":2"#);
    check("another later on", false, &[role(), other, done()], &[role(), stop(), done()]);
    let unnamed = role().replace(r#""model":"m""#, r#""model":"""#);
    check(
        "a model that is told late",
        false,
        &[unnamed.clone(), text(), stop(), done()],
        &[unnamed, text(), stop(), done()],
    );
    let whole = stop().replace("chat.completion.chunk", "chat.completion");
    check("the object of a whole answer", false, &[role(), whole, done()], &[role(), stop(), done()]);
    let bare = r#"{"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}"#;
    let head = format!(r#""id":"{id}","object":"chat.completion.chunk","created":5,"model":"""#);
    let opener = format!(r#"{{{head},"choices":[{{"index":0,"delta":{ROLE},"finish_reason":null}}]}}"#);
    check("missing all along", false, &[bare.into(), done()], &[opener, with(bare, &head), done()]);
}

#[test]
fn choices_are_an_array() {
    for (bad, made) in [
        (r#""x":1"#, r#""x":1,"choices":[]"#),
        (r#""choices":null,"x":1"#, r#""choices":[],"x":1"#),
        (r#""choices":{},"x":1"#, r#""choices":[],"x":1"#),
    ] {
        let head = r#"{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","#;
        let chunk = |members: &str| format!("{head}{members}}}");
        check(
            bad,
            false,
            &[role(), chunk(bad), text(), stop(), done()],
            &[role(), chunk(made), text(), stop(), done()],
        );
    }
}

#[test]
fn what_says_nothing_does_not_leave() {
    let whole = [role(), text(), stop(), done()];
    for nothing in [chunk(""), with(&chunk(""), r#""system_fingerprint":"f""#), with(&chunk(""), r#""x":null"#)] {
        check("in the midst", false, &[role(), nothing.clone(), text(), stop(), done()], &whole);
        check("behind the end", false, &[role(), text(), stop(), nothing, done()], &whole);
    }
    let filters = of(0, "{}", "null").replace(r#""delta""#, r#""content_filter_results":{},"delta""#);
    let told = [role(), text(), stop(), filters, done()];
    check("what is said behind the end stays", false, &told, &told);
}

/// Azure's first chunk: of the prompt, without choices, and with an empty id that would become that of the stream.
#[test]
fn what_comes_before_there_is_an_id_is_told_with_the_first_choice() {
    let early =
        r#"{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0}]}"#;
    let first = with(&role(), r#""prompt_filter_results":[{"prompt_index":0}]"#);
    check("azure", false, &[early.into(), role(), text(), stop(), done()], &[first, text(), stop(), done()]);
    let ping = r#"{"type":"ping"}"#;
    check("a ping", false, &[ping.into(), role(), text(), stop(), done()], &[role(), text(), stop(), done()]);
}

/// Perplexity repeats all that was said in each chunk, `MiniMax` in the last.
#[test]
fn a_message_is_not_said_twice() {
    let message =
        |chunk: String| chunk.replace(r#""delta""#, r#""message":{"role":"assistant","content":"Hi"},"delta""#);
    let events = [message(role()), message(text()), message(stop()), done()];
    check("beside the delta", false, &events, &[role(), text(), stop(), done()]);
    let last = r#"{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}"#;
    check("in place of it", false, &[role(), text(), stop(), chunk(last), done()], &[role(), text(), stop(), done()]);
    let made = r#"{"index":0,"finish_reason":"stop","delta":{"role":"assistant","content":"Hi"}}"#;
    check("whole in one event", false, &[chunk(last), done()], &[chunk(made), done()]);
}

#[test]
fn what_is_said_is_text_and_thoughts_have_one_name() {
    for (theirs, ours) in [
        (r#"{"reasoning":"h"}"#, r#"{"reasoning_content":"h"}"#),
        (
            r#"{"content":[{"type":"thinking","thinking":[{"type":"text","text":"h"}]},{"type":"text","text":"a"}]}"#,
            r#"{"content":"a","reasoning_content":"h"}"#,
        ),
    ] {
        check(theirs, false, &[role(), delta(theirs), stop(), done()], &[role(), delta(ours), stop(), done()]);
    }
}
