//! The views on OpenAI's shapes: what they read, and that what they do not know survives.

use llm_layers_wire::{
    json::Object,
    openai::{ChatRequest, Chunk, ChunkChoice, Completion, Usage},
};
use serde_json::json;

fn object(text: &'static str) -> Object {
    Object::parse(text).expect("an object")
}

#[test]
fn a_request_is_read() {
    let body = object(
        r#"{"model":"m\u002d1","messages":[{"role":"user","content":"Hi"},{}],"stream":true,"n":3,"user":"u","max_tokens":5,
            "max_completion_tokens":7,"tools":[{"type":"function"}],"stream_options":{"include_usage":true,"x":1}}"#,
    );
    let request = ChatRequest::new(&body);
    assert_eq!(request.model().expect("text").as_deref(), Some("m-1"));
    assert!(request.is_stream().expect("a boolean"));
    assert!(request.include_usage().expect("options"));
    assert_eq!(request.choices().expect("a number"), 3);
    assert_eq!(request.max_tokens().expect("a number"), Some(7), "the newer name wins");
    assert_eq!(request.user().as_deref(), Some("u"));
    assert_eq!(request.messages().expect("an array").get(0).expect("a message"), r#"{"role":"user","content":"Hi"}"#);
    assert_eq!(request.tools().expect("an array").len(), 1);
}

#[test]
fn null_in_a_request_is_absent() {
    let nulls = object(
        r#"{"model":null,"messages":null,"stream":null,"stream_options":null,"n":null,"max_completion_tokens":null,"max_tokens":4,"tools":null,"user":null}"#,
    );
    for (body, max_tokens) in [(&nulls, Some(4)), (&Object::new(), None)] {
        let request = ChatRequest::new(body);
        assert_eq!(request.model().expect("absent"), None);
        assert!(!request.is_stream().expect("absent") && !request.include_usage().expect("absent"));
        assert_eq!(request.choices().expect("absent"), 1);
        assert_eq!(request.max_tokens().expect("absent"), max_tokens);
        assert!(request.messages().is_none() && request.tools().is_none() && request.user().is_none());
    }
    let options = object(r#"{"stream_options":{"include_usage":null}}"#);
    assert!(!ChatRequest::new(&options).include_usage().expect("null"));
}

#[test]
fn a_request_of_wrong_types_names_the_member() {
    let body = object(r#"{"model":5,"stream":"yes","n":-1,"max_tokens":"7","stream_options":[]}"#);
    let request = ChatRequest::new(&body);
    assert_eq!(request.model().expect_err("a number").member(), "model");
    assert_eq!(request.is_stream().expect_err("a string").member(), "stream");
    assert_eq!(request.choices().expect_err("negative").member(), "n");
    assert_eq!(request.max_tokens().expect_err("a string").member(), "max_tokens");
    // An empty array is a sequence of no members to serde, and so is no error.
    let _ = request.include_usage();
}

const CHUNK: &str = r#" { "id":"a" , "new":1.50, "choices" :[ {"index":0,"delta":{"content":"Hi","x":[1 ]},"y":null} ,{"delta":null,"z":2}], "usage":null } "#;

#[test]
fn a_chunk_is_read_and_left_alone() {
    let mut chunk = Chunk::parse(CHUNK).expect("a chunk");
    assert_eq!(chunk.choices().len(), 2);
    assert_eq!((chunk.choices()[0].index(), chunk.choices()[1].index()), (Some(0), None));
    assert_eq!(chunk.choices()[1].delta().member_count(), 0);
    assert_eq!(chunk.choices()[0].finish_reason(), None);
    for choice in chunk.choices_mut() {
        assert!(!choice.delta_mut().remove("absent") && !choice.object_mut().remove("absent"));
    }
    assert!(!chunk.is_edited());
    assert_eq!(chunk.to_bytes(), CHUNK);
}

#[test]
fn each_edit_of_a_chunk_leaves_the_rest() {
    let edited = |edit: fn(&mut Chunk)| {
        let mut chunk = Chunk::parse(CHUNK).expect("a chunk");
        edit(&mut chunk);
        assert!(chunk.is_edited());
        let text = chunk.to_bytes();
        assert_eq!(Chunk::parse(text.clone()).expect("still a chunk").to_bytes(), text);
        String::from_utf8(text.to_vec()).expect("UTF-8")
    };
    let choices = r#"[{"index":0,"delta":{"content":"Hi","x":[1 ]},"y":null},{"delta":null,"z":2}]"#;
    let with_choices = |choices: &str| format!(r#" {{ "id":"a" , "new":1.50, "choices" :{choices}, "usage":null }} "#);

    assert_eq!(
        edited(|chunk| chunk.object_mut().set("id", "b")),
        CHUNK.replace(r#""a""#, r#""b""#),
        "choices not rewritten"
    );
    assert_eq!(edited(|chunk| assert!(chunk.object_mut().remove("usage"))), CHUNK.replace(r#", "usage":null"#, ""));
    assert_eq!(
        edited(|chunk| chunk.choices_mut()[0].delta_mut().set("content", "Ho")),
        with_choices(&choices.replace("Hi", "Ho"))
    );
    assert_eq!(
        edited(|chunk| chunk.choices_mut()[1].delta_mut().set("a", &1)),
        with_choices(&choices.replace(r#""delta":null"#, r#""delta":{"a":1}"#))
    );
    assert_eq!(
        edited(|chunk| chunk.choices_mut()[1].object_mut().set("index", &1)),
        with_choices(&choices.replace(r#""z":2}"#, r#""z":2,"index":1}"#))
    );
    assert_eq!(edited(|chunk| chunk.set_choices(Vec::new())), with_choices("[]"));
    assert_eq!(
        edited(|chunk| {
            chunk.object_mut().set("id", "b");
            let choice = &mut chunk.choices_mut()[0];
            choice.object_mut().set("finish_reason", "stop");
            choice.delta_mut().remove("x");
        }),
        with_choices(&choices.replace(r#","x":[1 ]"#, "").replace(r#""y":null"#, r#""y":null,"finish_reason":"stop""#))
            .replace(r#""a""#, r#""b""#)
    );
}

#[test]
fn of_members_named_twice_the_last_counts_in_a_chunk() {
    let chunk = |text: &'static str| Chunk::parse(text).expect("a chunk");
    assert!(chunk(r#"{"choices":[{"delta":{"content":"a"}}],"choices":null}"#).choices().is_empty());
    assert_eq!(chunk(r#"{"choices":[{}],"choices":[{},{}]}"#).choices().len(), 2);
    let twice = chunk(r#"{"choices":[{"delta":{"content":"a"},"delta":null}]}"#);
    assert_eq!(twice.choices()[0].delta().member_count(), 0);
}

#[test]
fn a_chunk_can_be_made() {
    let mut choice = Object::new();
    choice.set("index", &0);
    let mut delta = Object::new();
    delta.set("content", "Hi");
    let mut head = Object::new();
    head.set("id", "a");
    let mut chunk = Chunk::new(head, vec![ChunkChoice::new(choice, delta)]);
    assert_eq!(chunk.to_bytes(), r#"{"id":"a","choices":[{"index":0,"delta":{"content":"Hi"}}]}"#);
    chunk.choices_mut()[0].delta_mut().set("content", "Ho");
    assert_eq!(chunk.to_bytes(), r#"{"id":"a","choices":[{"index":0,"delta":{"content":"Ho"}}]}"#);
}

#[test]
fn chunks_that_are_errors_or_none() {
    let is_error = |text: &'static str| Chunk::parse(text).expect("a chunk").is_error();
    assert!(is_error(r#"{"error":{"message":"m"}}"#) && is_error(r#"{"error":"m"}"#));
    assert!(!is_error("{}") && !is_error(r#"{"error":null,"choices":[]}"#) && !is_error(r#"{"error":{}}"#));
    assert!(Chunk::parse(r#"{"choices":null}"#).expect("no choices").choices().is_empty());
    for broken in ["[]", r#"{"choices":[1]}"#, r#"{"choices":[{"delta":"x"}]}"#] {
        assert!(Chunk::parse(broken).is_err(), "{broken}");
    }
}

#[test]
fn a_raw_value_is_set_without_the_white_space_around_it() {
    let mut object = Object::new();
    object.set_raw("a", " \"x\"\n").expect("JSON");
    object.set_raw("b", " null ").expect("JSON");
    assert_eq!(object.text("a").as_deref(), Some("x"));
    assert_eq!(object.read::<u8>("b").expect("null is absent"), None);
    assert_eq!(object.to_bytes(), r#"{"a":"x","b":null}"#);
}

#[test]
fn a_completion_is_read() {
    let text = r#"{"id":"c","choices":[{"index":1,"message":{"role":"assistant","content":"Hi","x":{"y":1}},"finish_reason":"stop","z":1},{}],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}"#;
    let completion = Completion::parse(text).expect("a completion");
    let [first, second] = completion.choices() else { panic!("two choices") };
    assert_eq!((first.index(), first.finish_reason().as_deref()), (Some(1), Some("stop")));
    assert_eq!(first.message().text("content").as_deref(), Some("Hi"));
    assert_eq!(first.message().get("x"), Some(&br#"{"y":1}"#[..]));
    assert_eq!((second.index(), second.finish_reason(), second.message().member_count()), (None, None, 0));
    assert_eq!(completion.usage(), Some(Usage::new(3, 4)));
    assert_eq!(completion.object().to_bytes(), text);
    assert_eq!(Completion::parse(r#"{"usage":{"prompt_tokens":"3"}}"#).expect("a completion").usage(), None);
    assert!(Completion::parse(r#"{"choices":[{"message":[]}]}"#).is_err());
    assert!(!format!("{completion:?}").contains("Hi"), "answers stay out of logs");
}

#[test]
fn a_message_that_is_null_is_none() {
    let completion = Completion::parse(r#"{"choices":[{"message":null}]}"#).expect("a completion");
    assert_eq!(completion.choices()[0].message().member_count(), 0);
}

#[test]
fn usage_keeps_what_it_does_not_know() {
    let text = json!({"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14, "cost": 0.25,
        "prompt_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 2, "video_tokens": 1},
        "completion_tokens_details": {"reasoning_tokens": 3, "x": {"y": []}}});
    let usage: Usage = serde_json::from_value(text.clone()).expect("usage");
    assert_eq!((usage.cached_tokens(), usage.cache_write_tokens(), usage.reasoning_tokens()), (4, 2, 3));
    assert_eq!(serde_json::to_value(&usage).expect("JSON"), text);

    let nulls: Usage =
        serde_json::from_value(json!({"prompt_tokens": null, "completion_tokens": 2, "prompt_tokens_details": null}))
            .expect("usage");
    assert_eq!((nulls.prompt_tokens, nulls.completion_tokens, nulls.cached_tokens()), (0, 2, 0));
    assert_eq!(Usage::new(u64::MAX, 1).total_tokens, u64::MAX);
}
