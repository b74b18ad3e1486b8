use super::*;

#[test]
fn missing_null_or_empty_it_is_said_first() {
    let end = [stop(), done()];
    let out = [role(), text(), stop(), done()];
    check("missing", false, &[&[text()], &end[..]].concat(), &out);
    for none in ["null", r#""""#] {
        let first = delta(&format!(r#"{{"role":{none},"content":"Hi"}}"#));
        check(none, false, &[&[first], &end[..]].concat(), &out);
    }
}

#[test]
fn it_is_said_once() {
    let again = delta(r#"{"role":"assistant","content":"Hi"}"#);
    let with_end = of(0, r#"{"role":"assistant"}"#, r#""stop""#);
    check("repeated", false, &[role(), again, with_end, done()], &[role(), text(), stop(), done()]);
    let null = delta(r#"{"content":"Hi","role":null}"#);
    check("null later on", false, &[role(), null, stop(), done()], &[role(), text(), stop(), done()]);
}

#[test]
fn each_choice_has_its_own() {
    let hi = |index| of(index, r#"{"content":"Hi"}"#, "null");
    let end = |index| of(index, "{}", r#""stop""#);
    let first = |index| of(index, ROLE, "null");
    check(
        "interleaved",
        false,
        &[first(0), hi(1), hi(0), hi(1), end(1), hi(0), end(0), done()],
        &[first(0), first(1), hi(1), hi(0), hi(1), end(1), hi(0), end(0), done()],
    );
    let item = |index| format!(r#"{{"index":{index},"delta":{{"content":"Hi"}},"finish_reason":null}}"#);
    let both = chunk(&[item(0), item(1)].join(","));
    check("in one chunk", false, &[both.clone(), end(0), done()], &[first(0), first(1), both, end(0), end(1), done()]);
}
