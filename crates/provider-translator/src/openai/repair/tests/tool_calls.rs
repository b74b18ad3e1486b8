use super::*;

fn open(index: &str, id: &str, name: &str) -> String {
    calls(&format!(r#"{{{index}"id":"{id}","type":"function","function":{{"name":"{name}","arguments":""}}}}"#))
}

fn more(index: u64, arguments: &str) -> String {
    calls(&format!(r#"{{"index":{index},"function":{{"arguments":"{arguments}"}}}}"#))
}

fn end() -> [String; 2] {
    [of(0, "{}", r#""tool_calls""#), done()]
}

#[track_caller]
fn check_calls(what: &str, events: &[String], expected: &[String]) {
    let whole = |events: &[String]| [&[role()], events, &end()].concat();
    check(what, false, &whole(events), &whole(expected));
}

#[test]
fn healthy() {
    let events =
        [open(r#""index":0,"#, "a", "f"), more(0, "{"), open(r#""index":1,"#, "b", "g"), more(1, "}"), more(0, "}")];
    check_calls("interleaved", &events, &events);
}

#[test]
fn an_index_that_is_missing_is_made() {
    let bare = |arguments: &str| calls(&format!(r#"{{"function":{{"arguments":"{arguments}"}}}}"#));
    let moved = |index: u64, arguments: &str| {
        calls(&format!(r#"{{"function":{{"arguments":"{arguments}"}},"index":{index}}}"#))
    };
    let opened = |index: u64, id: &str, name: &str| {
        calls(&format!(
            r#"{{"id":"{id}","type":"function","function":{{"name":"{name}","arguments":""}},"index":{index}}}"#
        ))
    };
    check_calls(
        "missing",
        &[open("", "a", "f"), bare("{"), bare("}"), open("", "b", "g"), bare("{}")],
        &[opened(0, "a", "f"), moved(0, "{"), moved(0, "}"), opened(1, "b", "g"), moved(1, "{}")],
    );
    let by_id = |id: &str| calls(&format!(r#"{{"id":"{id}","function":{{"arguments":"x"}}}}"#));
    check_calls(
        "missing, by id",
        &[open("", "a", "f"), open("", "b", "g"), by_id("a"), by_id("b")],
        &[opened(0, "a", "f"), opened(1, "b", "g"), moved(0, "x"), moved(1, "x")],
    );
}

#[test]
fn indexes_are_dense_from_0() {
    let at = |index: u64| format!(r#""index":{index},"#);
    check_calls(
        "sparse",
        &[open(&at(1), "a", "f"), more(1, "x"), open(&at(5), "b", "g"), more(5, "y"), more(1, "z")],
        &[open(&at(0), "a", "f"), more(0, "x"), open(&at(1), "b", "g"), more(1, "y"), more(0, "z")],
    );
    check_calls(
        "all zero",
        &[open(&at(0), "a", "f"), more(0, "x"), open(&at(0), "b", "g"), more(0, "y")],
        &[open(&at(0), "a", "f"), more(0, "x"), open(&at(1), "b", "g"), more(1, "y")],
    );
    let by_id = |id: &str, arguments: &str| {
        calls(&format!(r#"{{"index":0,"id":"{id}","function":{{"arguments":"{arguments}"}}}}"#))
    };
    check_calls(
        "all zero, fragments by id",
        &[open(&at(0), "a", "f"), open(&at(0), "b", "g"), by_id("a", "x"), by_id("b", "y")],
        &[open(&at(0), "a", "f"), open(&at(1), "b", "g"), more(0, "x"), more(1, "y")],
    );
    let item = |index: u64, id: &str| {
        format!(r#"{{"index":{index},"id":"{id}","type":"function","function":{{"name":"f","arguments":"{{}}"}}}}"#)
    };
    check_calls(
        "all zero in one chunk",
        &[calls(&[item(0, "a"), item(0, "b")].join(","))],
        &[calls(&[item(0, "a"), item(1, "b")].join(","))],
    );
}

/// SGLang's: a call is opened with the index of its tool, and goes on with its own among the calls.
#[test]
fn an_index_that_changes_is_the_place_of_the_call() {
    let at = |index: u64| format!(r#""index":{index},"#);
    for [first, second] in [[1, 0], [2, 7], [0, 0], [0, 2], [5, 5]] {
        check_calls(
            "changing",
            &[open(&at(first), "a", "f"), more(0, "x"), open(&at(second), "b", "g"), more(1, "y"), more(1, "z")],
            &[open(&at(0), "a", "f"), more(0, "x"), open(&at(1), "b", "g"), more(1, "y"), more(1, "z")],
        );
    }
    let by_id = calls(r#"{"index":0,"id":"a","function":{"arguments":"x"}}"#);
    check_calls("changing, by id", &[open(&at(3), "a", "f"), by_id], &[open(&at(0), "a", "f"), more(0, "x")]);
}

#[test]
fn what_is_joined_is_said_once() {
    let again = |id: &str, name: &str| {
        calls(&format!(r#"{{"index":0,"id":"{id}","type":"function","function":{{"name":"{name}","arguments":"x"}}}}"#))
    };
    let first = open(r#""index":0,"#, "a", "f");
    check_calls("repeated", &[first.clone(), again("a", "f")], &[first.clone(), more(0, "x")]);
    check_calls("empty", &[first.clone(), again("", "")], &[first, more(0, "x")]);
}

#[test]
fn arguments_are_a_string() {
    let call = |arguments: &str| {
        calls(&format!(r#"{{"index":0,"id":"a","type":"function","function":{{"name":"f"{arguments}}}}}"#))
    };
    let right = |arguments: &str| [call(&format!(r#","arguments":"{arguments}""#))];
    check_calls("an object", &[call(r#","arguments":{"a":"b\n"}"#)], &right(r#"{\"a\":\"b\\n\"}"#));
    check_calls("null", &[call(r#","arguments":null"#)], &right(""));
    check_calls("missing", &[call("")], &right(""));
}

#[test]
fn ids_and_types_are_made_where_they_are_missing() {
    let id = crate::ids::call(&Rng::seeded(1));
    let bare = |id: &str| calls(&format!(r#"{{"index":0,{id}"function":{{"name":"f","arguments":""}}}}"#));
    let ending = format!(r#","id":"{id}","type":"function"}}]"#);
    let made = bare("").replace("}}]", &format!("}}{ending}"));
    check_calls("missing", &[bare(""), more(0, "x")], &[made, more(0, "x")]);
    let made = bare(&format!(r#""id":"{id}","#)).replace("}}]", r#"},"type":"function"}]"#);
    check_calls("empty", &[bare(r#""id":"","#), more(0, "x")], &[made.clone(), more(0, "x")]);
    check_calls("the word null", &[bare(r#""id":"null","#), more(0, "x")], &[made.clone(), more(0, "x")]);
    let custom = calls(r#"{"index":0,"id":"a","custom":{"name":"f","input":""}}"#);
    let made = custom.replace("}}]", r#"},"type":"custom"}]"#);
    check_calls("custom", &[custom], &[made]);
}

#[test]
fn each_choice_counts_its_own() {
    let call = |choice, index: u64| {
        of(
            choice,
            &format!(
                r#"{{"tool_calls":[{{"index":{index},"id":"a{choice}","type":"function","function":{{"name":"f","arguments":"{{}}"}}}}]}}"#
            ),
            "null",
        )
    };
    let end = |choice| of(choice, "{}", r#""tool_calls""#);
    check(
        "n = 2",
        false,
        &[role(), of(1, ROLE, "null"), call(1, 4), call(0, 7), end(0), done()],
        &[role(), of(1, ROLE, "null"), call(1, 0), call(0, 0), end(0), end(1), done()],
    );
}

/// Whole calls without ids that all have the index 0: their names and braces tell them apart.
#[test]
fn calls_without_ids_are_told_apart() {
    let whole = |name: &str, arguments: &str| {
        calls(&format!(r#"{{"index":0,"function":{{"name":"{name}","arguments":"{arguments}"}}}}"#))
    };
    let ids = {
        let rng = Rng::seeded(1);
        [crate::ids::call(&rng), crate::ids::call(&rng)]
    };
    let made = |index: usize, name: &str, arguments: &str| {
        let function = format!(r#"{{"name":"{name}","arguments":"{arguments}"}}"#);
        calls(&format!(r#"{{"index":{index},"function":{function},"id":"{}","type":"function"}}"#, ids[index]))
    };
    let object = r#"{\"a\":{}}"#;
    check_calls("by name", &[whole("f", object), whole("g", "{}")], &[made(0, "f", object), made(1, "g", "{}")]);
    check_calls("by braces", &[whole("f", object), whole("f", "{}")], &[made(0, "f", object), made(1, "f", "{}")]);
    let begun = r#"{\"a\":"#;
    check_calls("a name said again", &[whole("f", begun), whole("f", "{}}")], &[made(0, "f", begun), more(0, "{}}")]);
}

#[test]
fn one_call_is_a_list_of_one() {
    let call = r#"{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}"#;
    check_calls("an object", &[delta(&format!(r#"{{"tool_calls":{call}}}"#))], &[calls(call)]);
}

#[test]
fn a_natural_end_behind_calls_is_tool_calls() {
    let call = calls(r#"{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}"#);
    let end = |reason: &str| of(0, "{}", &format!("{reason:?}"));
    for (theirs, ours) in [("stop", "tool_calls"), ("eos", "tool_calls"), ("length", "length"), ("", "tool_calls")] {
        let got = repaired(false, &[role(), call.clone(), end(theirs), done()]);
        assert_eq!(got.iter().filter(|event| **event == end(ours)).count(), 1, "{theirs}: {got:?}");
    }
}

#[test]
fn the_legacy_function_call_is_named_once_and_ends() {
    let first = delta(r#"{"function_call":{"name":"f","arguments":"{"}}"#);
    let again = delta(r#"{"function_call":{"name":"f","arguments":"}"}}"#);
    let more = delta(r#"{"function_call":{"arguments":"}"}}"#);
    let end = of(0, "{}", r#""function_call""#);
    check("named again", false, &[role(), first.clone(), again, done()], &[role(), first, more, end, done()]);
}

#[test]
fn the_legacy_function_call_passes() {
    let events = [
        delta(r#"{"role":"assistant","content":null}"#),
        delta(r#"{"function_call":{"name":"f","arguments":""}}"#),
        delta(r#"{"function_call":{"arguments":"{}"}}"#),
        of(0, "{}", r#""function_call""#),
        done(),
    ];
    check("function_call", false, &events, &events);
}
