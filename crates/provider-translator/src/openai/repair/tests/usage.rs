use super::*;

fn null(chunk: String) -> String {
    with(&chunk, r#""usage":null"#)
}

fn used(chunk: &str) -> String {
    with(chunk, &format!(r#""usage":{USAGE}"#))
}

#[test]
fn asked_for_it_comes_on_a_chunk_of_its_own_behind_all_else() {
    let own = used(&chunk(""));
    let nulls = [null(role()), null(text()), null(stop())];
    let plain = [role(), text(), stop()];
    let whole = |events: &[String]| [events, &[own.clone(), done()]].concat();
    check("on a chunk of its own", true, &whole(&nulls), &whole(&nulls));
    check("without nulls before", true, &whole(&plain), &whole(&plain));

    let last = [null(role()), null(text()), used(&stop()), done()];
    check("on the last chunk", true, &last, &whole(&nulls));
    let every = [used(&role()), used(&text()), used(&stop()), done()];
    check("on every chunk", true, &every, &whole(&nulls));
    let every = [used(&role()), used(&text()), used(&stop()), own.clone(), done()];
    check("on every chunk and its own", true, &every, &whole(&nulls));
    let early = [null(role()), own.clone(), null(text()), null(stop()), done()];
    check("before the end", true, &early, &whole(&nulls));
    let ended = [role(), text(), null(stop())];
    check("with an open choice", true, &[role(), text(), own.clone(), done()], &whole(&ended));
    let late = [role(), text(), stop(), used(&delta("{}")), done()];
    let moved = [role(), text(), stop(), own.clone(), done()];
    check("on a chunk behind the end", true, &late, &moved);
    check("never", true, &[role(), text(), stop(), done()], &[role(), text(), stop(), done()]);
}

#[test]
fn not_asked_for_it_never_comes() {
    let plain = [role(), text(), stop(), done()];
    let own = used(&chunk(""));
    check("on a chunk of its own", false, &[role(), text(), stop(), own.clone(), done()], &plain);
    check("on the last chunk", false, &[role(), text(), used(&stop()), done()], &plain);
    check("on every chunk", false, &[used(&role()), used(&text()), used(&stop()), done()], &plain);
    check("null", false, &[null(role()), null(text()), null(stop()), own, done()], &plain);
}

#[test]
fn the_last_one_counts() {
    let other = r#""usage":{"prompt_tokens":9,"completion_tokens":9,"total_tokens":18}"#;
    let events = [with(&role(), other), used(&stop()), done()];
    check("growing", true, &events, &[null(role()), null(stop()), used(&chunk("")), done()]);
}

#[test]
fn it_is_found_where_providers_put_it() {
    let plain = [role(), text(), stop()];
    let own = used(&chunk(""));
    let moonshot = chunk(&format!(r#"{{"index":0,"delta":{{}},"finish_reason":"stop","usage":{USAGE}}}"#));
    check(
        "in the choice",
        true,
        &[role(), text(), moonshot.clone(), done()],
        &[&plain[..], &[own.clone(), done()]].concat(),
    );
    check(
        "in the choice, not asked for",
        false,
        &[role(), text(), moonshot, done()],
        &[&plain[..], &[done()]].concat(),
    );
    let groq = with(&stop(), &format!(r#""x_groq":{{"id":"r","usage":{USAGE}}}"#));
    check("in x_groq", true, &[role(), text(), groq.clone(), done()], &[role(), text(), groq, own, done()]);
}

#[test]
fn it_is_counted_as_openai_does() {
    let deepseek = r#"{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11,"prompt_cache_hit_tokens":8}"#;
    let ours = deepseek.replace('}', r#","prompt_tokens_details":{"cached_tokens":8}}"#);
    let own = |usage: &str| with(&chunk(""), &format!(r#""usage":{usage}"#));
    let last = with(&stop(), &format!(r#""usage":{deepseek}"#));
    let end = [own(&ours), done()];
    check(
        "on the last chunk",
        true,
        &[role(), text(), last, done()],
        &[&[role(), text(), null(stop())], &end[..]].concat(),
    );
    check(
        "alone",
        true,
        &[role(), text(), stop(), own(deepseek), done()],
        &[&[role(), text(), stop()], &end[..]].concat(),
    );
}

#[test]
fn not_asked_for_it_takes_nothing_else_with_it() {
    let both = with(&used(&chunk("")), r#""x":1"#);
    let rest = with(&chunk(""), r#""x":1"#);
    check("x", false, &[role(), text(), stop(), both, done()], &[role(), text(), stop(), rest, done()]);
}
