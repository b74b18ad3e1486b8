use super::*;

const TOOLS: &str = r#"{"model":"m","tools":[{"type":"function","function":{"name":"add","parameters":{}}},
    {"type":"custom","custom":{"name":"shell"}}],"functions":[{"name":"old"}]}"#;
const NONE: &str = r#"{"model":"m","tools":[]}"#;

fn chat(message: &str, reason: &str) -> String {
    format!(
        r#"{{"object":"chat.completion","choices":[{{"index":0,"message":{message},"finish_reason":{reason}}}],"usage":{{}}}}"#
    )
}

fn calls(calls: &str) -> String {
    chat(&format!(r#"{{"role":"assistant","content":null,"tool_calls":{calls}}}"#), r#""tool_calls""#)
}

fn call(name: &str, arguments: &str) -> String {
    let arguments = serde_json::to_string(arguments).expect("a string");
    calls(&format!(r#"[{{"id":"c","type":"function","function":{{"name":"{name}","arguments":{arguments}}}}}]"#))
}

#[track_caller]
fn is(shape: Shape, answer: &str, request: &str, expected: Result<(), Unfit>) {
    assert_eq!(shape.check(&object(answer.to_owned()), &object(request.to_owned())), expected, "{answer}");
}

#[test]
fn chats_by_their_ends() {
    let said = r#"{"role":"assistant","content":"Hi","refusal":null}"#;
    for (reason, expected) in [
        (r#""stop""#, Ok(())),
        (r#""length""#, Ok(())),
        (r#""st\u006fp""#, Ok(())),
        (r#""tool_calls""#, Err(Unfit::Unfinished)),
        (r#""function_call""#, Err(Unfit::Unfinished)),
        (r#""content_filter""#, Err(Unfit::Refused)),
        ("null", Err(Unfit::Unfinished)),
        (r#""""#, Err(Unfit::Unfinished)),
        (r#""error""#, Err(Unfit::Unfinished)),
        (r#"{"type":"stop"}"#, Err(Unfit::Malformed)),
    ] {
        is(Shape::Chat, &chat(said, reason), NONE, expected);
    }
    for (answer, expected) in [
        (r#"{"error":{"message":"no"}}"#.to_owned(), Err(Unfit::Malformed)),
        (chat(said, r#""stop""#).replace(r#""usage":{}"#, r#""error":{"message":"no"}"#), Err(Unfit::Malformed)),
        (chat(said, r#""stop""#).replace(r#""usage":{}"#, r#""error":null"#), Ok(())),
        (chat(said, r#""stop""#).replace("chat.completion", "error"), Err(Unfit::Malformed)),
        (r#"{"object":"chat.completion","choices":[]}"#.to_owned(), Err(Unfit::Malformed)),
        (r#"{"object":"chat.completion","choices":{}}"#.to_owned(), Err(Unfit::Malformed)),
        (r#"{"object":"chat.completion","choices":[7]}"#.to_owned(), Err(Unfit::Malformed)),
        (r#"{"object":"chat.completion"}"#.to_owned(), Err(Unfit::Malformed)),
        (chat("null", r#""stop""#), Err(Unfit::Malformed)),
        (chat(said, r#""stop","finish_reason":"content_filter""#), Err(Unfit::Malformed)),
        (chat(said, r#""stop"},{"index":1,"message":{"content":"x"},"finish_reason":null"#), Err(Unfit::Unfinished)),
        (chat(r#"{"content":null,"refusal":"I will not."}"#, r#""stop""#), Err(Unfit::Refused)),
        (chat(r#"{"content":"Hi","refusal":""}"#, r#""stop""#), Ok(())),
    ] {
        is(Shape::Chat, &answer, NONE, expected);
    }
}

#[test]
fn calls_by_what_is_offered() {
    let invalid = Err(Unfit::InvalidCall);
    let open = r#"{"tools":[{"type":"web_search"}]}"#;
    let custom = |name: &str| calls(&format!(r#"[{{"type":"custom","custom":{{"name":"{name}","input":"not {{"}}}}]"#));
    let old = |arguments: &str| {
        chat(&format!(r#"{{"content":null,"function_call":{{"name":"old","arguments":{arguments}}}}}"#), r#""stop""#)
    };
    for (answer, request, expected) in [
        (call("add", r#"{"a":1}"#), TOOLS, Ok(())),
        (call("add", " {} "), TOOLS, Ok(())),
        (call(r"\u0061dd", "{}"), TOOLS, Ok(())),
        (call("old", "{}"), TOOLS, Ok(())),
        (call("sub", "{}"), TOOLS, invalid),
        (call("shell", "{}"), TOOLS, invalid),
        (call("add", r#"{"a":"#), TOOLS, invalid),
        (call("add", "[1]"), TOOLS, invalid),
        (call("add", ""), TOOLS, invalid),
        (call("add", "{}{}"), TOOLS, invalid),
        (call("add", "{}"), NONE, invalid),
        (call("add", "{}"), "{}", invalid),
        (call("anything", "{}"), open, Ok(())),
        (call("anything", "{"), open, invalid),
        (calls("[]"), NONE, Err(Unfit::Unfinished)),
        (calls("null"), NONE, Err(Unfit::Unfinished)),
        (calls("{}"), TOOLS, invalid),
        (calls("[7]"), TOOLS, invalid),
        (calls(r#"[{"id":"c"}]"#), TOOLS, invalid),
        (calls(r#"[{"id":"c"}]"#), open, Ok(())),
        (calls(r#"[{"function":{"name":"add","arguments":{"a":1}}}]"#), TOOLS, invalid),
        (calls(r#"[{"function":{"name":"add"}}]"#), TOOLS, invalid),
        (custom("shell"), TOOLS, Ok(())),
        (custom("add"), TOOLS, invalid),
        (old(r#""{}""#), TOOLS, Ok(())),
        (old(r#""{""#), TOOLS, invalid),
        (old("7"), TOOLS, invalid),
    ] {
        is(Shape::Chat, &answer, request, expected);
    }
}

#[test]
fn chats_that_say_nothing() {
    let unfinished = Err(Unfit::Unfinished);
    for (message, expected) in [
        ("{}", unfinished),
        (r#"{"content":null}"#, unfinished),
        (r#"{"content":"","refusal":null,"reasoning_content":"Hm"}"#, unfinished),
        (r#"{"content":[ ],"tool_calls":[]}"#, unfinished),
        (r#"{"content":" "}"#, Ok(())),
        (r#"{"content":[{"type":"text","text":"Hi"}]}"#, Ok(())),
        (r#"{"content":null,"audio":{"id":"a"}}"#, Ok(())),
        (r#"{"content":"","images":[{"type":"image_url"}]}"#, Ok(())),
        (r#"{"content":"","images":[]}"#, unfinished),
    ] {
        for reason in [r#""stop""#, r#""length""#] {
            is(Shape::Chat, &chat(message, reason), NONE, expected);
        }
    }
    let called = call("add", "{}").replace(r#""finish_reason":"tool_calls""#, r#""finish_reason":"stop""#);
    is(Shape::Chat, &called, TOOLS, Ok(()));
}

/// Of three that were asked for one has come: the others were lost with the rest of their stream.
#[test]
fn answers_without_all_of_their_choices() {
    let (unfinished, malformed) = (Err(Unfit::Unfinished), Err(Unfit::Malformed));
    let told = |indexes: &[&str]| {
        let choices = indexes.iter().map(|index| {
            let index = if index.is_empty() { String::new() } else { format!(r#""index":{index},"#) };
            format!(r#"{{{index}"message":{{"content":"Hi"}},"text":"Hi","finish_reason":"stop"}}"#)
        });
        format!(r#"{{"choices":[{}]}}"#, choices.collect::<Vec<_>>().join(","))
    };
    for (indexes, request, expected) in [
        (&["0"][..], "{}", Ok(())),
        (&["0"], r#"{"n":null}"#, Ok(())),
        (&["0"], r#"{"n":1}"#, Ok(())),
        (&["0"], r#"{"n":3}"#, unfinished),
        (&["0", "2"], r#"{"n":3}"#, unfinished),
        (&["0", "1", "2"], r#"{"n":3}"#, Ok(())),
        (&["2", "0", "1"], r#"{"n":3.0}"#, Ok(())),
        (&["0", "1"], "{}", Ok(())),
        (&["0"], r#"{"n":"3"}"#, unfinished),
        (&["0", "0", "1"], r#"{"n":3}"#, malformed),
        (&["0", "0"], "{}", malformed),
        (&["", ""], r#"{"n":2}"#, Ok(())),
        (&["1", ""], r#"{"n":2}"#, malformed),
    ] {
        for shape in [Shape::Chat, Shape::Text] {
            is(shape, &told(indexes), request, expected);
        }
    }
    for (prompt, count) in [
        (r#""a, [b]""#, 1),
        (r#"["a", "b"]"#, 2),
        (r#"["a"]"#, 1),
        ("[1, 2, 3]", 1),
        ("[[1, 2], [3]]", 2),
        ("[]", 1),
        ("null", 1),
    ] {
        let request = format!(r#"{{"prompt":{prompt},"n":2}}"#);
        let indexes = ["0", "1", "2", "3"];
        is(Shape::Text, &told(&indexes[..2 * count]), &request, Ok(()));
        is(Shape::Text, &told(&indexes[..2 * count - 1]), &request, unfinished);
    }
}

#[test]
fn texts() {
    let text = |text: &str, reason: &str| {
        format!(r#"{{"object":"text_completion","choices":[{{"text":{text},"index":0,"finish_reason":{reason}}}]}}"#)
    };
    for (answer, expected) in [
        (text(r#""Hi""#, r#""stop""#), Ok(())),
        (text(r#""""#, r#""length""#), Ok(())),
        (text("null", r#""stop""#), Err(Unfit::Malformed)),
        (text(r#""Hi""#, r#""content_filter""#), Err(Unfit::Refused)),
        (text(r#""Hi""#, "null"), Err(Unfit::Unfinished)),
        (chat("{}", r#""stop""#), Err(Unfit::Malformed)),
        (r#"{"error":{"message":"no"},"choices":[]}"#.to_owned(), Err(Unfit::Malformed)),
    ] {
        is(Shape::Text, &answer, NONE, expected);
    }
}
