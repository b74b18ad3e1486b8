use super::*;

fn count(operation: Operation, provider: &str, model: &str, body: &str) -> Prompt {
    let object = Object::parse(body.to_owned()).expect("an object");
    prompt(operation, &object, Tokenizer::of(provider, model))
}

fn chat(body: &str) -> Prompt {
    count(Operation::ChatCompletion, "openai", "gpt-4o", body)
}

/// Text, tools, images, audio and framing.
fn parts(prompt: Prompt) -> [u64; 5] {
    [prompt.text, prompt.tools, prompt.images, prompt.audio, prompt.framing]
}

/// The example of OpenAI's cookbook "How to count tokens with tiktoken", section 6, with the counts that its API told.
#[test]
fn messages_count_as_openai_bills_them() {
    let body = r#"{"messages":[
        {"role":"system","content":"You are a helpful, pattern-following assistant that translates corporate jargon into plain English."},
        {"role":"system","name":"example_user","content":"New synergies will help drive top-line growth."},
        {"role":"system","name":"example_assistant","content":"Things working well together will increase revenue."},
        {"role":"system","name":"example_user","content":"Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage."},
        {"role":"system","name":"example_assistant","content":"Let's talk later when we're less busy about how to do better."},
        {"role":"user","content":"This late pivot means we don't have time to boil the ocean for the client deliverable."}]}"#;
    for (model, expected) in [("gpt-3.5-turbo", 129), ("gpt-4", 129), ("gpt-4o", 124), ("gpt-4o-mini", 124)] {
        let prompt = count(Operation::ChatCompletion, "openai", model, body);
        assert_eq!(prompt.total(), expected, "{model}");
        assert!(prompt.is_exact);
    }
}

/// The same cookbook, section 7: tools.
#[test]
fn tools_count_as_openai_bills_them() {
    let body = r#"{"messages":[
        {"role":"system","content":"You are a helpful assistant that can answer to questions about the weather."},
        {"role":"user","content":"What's the weather like in San Francisco?"}],
      "tools":[{"type":"function","function":{"name":"get_current_weather","description":"Get the current weather in a given location",
        "parameters":{"type":"object","properties":{
          "location":{"type":"string","description":"The city and state, e.g. San Francisco, CA"},
          "unit":{"type":"string","description":"The unit of temperature to return","enum":["celsius","fahrenheit"]}},
        "required":["location"]}}}]}"#;
    for (model, expected) in [("gpt-3.5-turbo", 105), ("gpt-4", 105), ("gpt-4o", 101), ("gpt-4o-mini", 101)] {
        let prompt = count(Operation::ChatCompletion, "openai", model, body);
        assert!(prompt.total().abs_diff(expected) <= 2, "{model}: {} and not {expected}", prompt.total());
        assert!(!prompt.is_exact);
    }
}

#[test]
fn every_operation_has_its_own_shape() {
    let hello = "Hello, world!"; // Four tokens of o200k.
    for (operation, body, expected) in [
        (
            Operation::ChatCompletion,
            format!(r#"{{"messages":[{{"role":"user","content":"{hello}"}}]}}"#),
            [4, 0, 0, 0, 7],
        ),
        (
            Operation::ChatCompletion,
            format!(
                r#"{{"messages":[{{"content":[{{"type":"text","text":"{hello}"}},{{"type":"refusal","refusal":"{hello}"}}]}}]}}"#
            ),
            [8, 0, 0, 0, 7],
        ),
        (
            Operation::ChatCompletion,
            format!(
                r#"{{"messages":[{{"role":"assistant","content":null,"reasoning_content":"{hello}","tool_calls":[{{"id":"a","type":"function","function":{{"name":"{hello}","arguments":"{hello}"}}}}]}}]}}"#
            ),
            [12, 0, 0, 0, 11],
        ),
        (Operation::Completion, format!(r#"{{"prompt":"{hello}","suffix":"{hello}"}}"#), [8, 0, 0, 0, 0]),
        (Operation::Completion, format!(r#"{{"prompt":["{hello}","{hello}"]}}"#), [8, 0, 0, 0, 0]),
        (Operation::Completion, r#"{"prompt":[ 1 , 23,456]}"#.into(), [3, 0, 0, 0, 0]),
        (Operation::Embedding, r#"{"input":[[1,2,3],[4,5]]}"#.into(), [5, 0, 0, 0, 0]),
        (Operation::Embedding, format!(r#"{{"input":"{hello}"}}"#), [4, 0, 0, 0, 0]),
        (Operation::Response, format!(r#"{{"instructions":"{hello}","input":"{hello}"}}"#), [8, 0, 0, 0, 11]),
        (
            Operation::Response,
            format!(
                r#"{{"input":[{{"role":"user","content":[{{"type":"input_text","text":"{hello}"}}]}},{{"type":"function_call","call_id":"c","name":"{hello}","arguments":"{hello}"}},{{"type":"function_call_output","call_id":"c","output":"{hello}"}},{{"type":"reasoning","summary":[{{"type":"summary_text","text":"{hello}"}}]}}]}}"#
            ),
            [20, 0, 0, 0, 15],
        ),
        (
            Operation::Message,
            format!(
                r#"{{"system":[{{"type":"text","text":"{hello}"}}],"messages":[{{"role":"user","content":"{hello}"}},{{"role":"assistant","content":[{{"type":"thinking","thinking":"{hello}","signature":"AAAA"}},{{"type":"tool_use","id":"t","name":"{hello}","input":{{}}}}]}},{{"role":"user","content":[{{"type":"tool_result","tool_use_id":"t","content":[{{"type":"text","text":"{hello}"}}]}},{{"type":"document","source":{{"type":"text","data":"{hello}"}}}}]}}]}}"#
            ),
            [25, 0, 0, 0, 27],
        ),
        (Operation::Models, "{}".into(), [0; 5]),
    ] {
        let prompt = count(operation, "openai", "gpt-4o", &body);
        assert_eq!(parts(prompt), expected, "{body}");
    }
}

#[test]
fn escapes_are_what_they_stand_for() {
    let plain = chat(r#"{"messages":[{"role":"user","content":"naïve 你好\nz"}]}"#);
    let escaped = chat(r#"{"messages":[{"role":"user","content":"na\u00efve \u4f60\u597d\nz"}]}"#);
    assert_eq!(plain, escaped);
    assert!(chat(r#"{"messages":[{"role":"user","content":"\ud83d \ude00"}]}"#).text > 0, "surrogates alone");
}

#[test]
fn pictures_recordings_and_files_count_by_their_kind() {
    let png = "iVBORw0KGgoAAAANSUhEUgAAAoAAAAHgCAYAAAA"; // 640 × 480.
    for (operation, model, body, expected) in [
        (
            Operation::ChatCompletion,
            "gpt-4o",
            format!(r#"{{"type":"image_url","image_url":{{"url":"data:image/png;base64,{png}"}}}}"#),
            [0, 0, 425, 0, 7],
        ),
        (
            Operation::ChatCompletion,
            "gpt-4o",
            format!(r#"{{"type":"image_url","image_url":{{"url":"data:image\/png;base64,{png}","detail":"low"}}}}"#),
            [0, 0, 85, 0, 7],
        ),
        (
            Operation::ChatCompletion,
            "gpt-4o",
            r#"{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}"#.into(),
            [0, 0, 765, 0, 7],
        ),
        (
            Operation::Message,
            "claude-sonnet-5",
            format!(r#"{{"type":"image","source":{{"type":"base64","media_type":"image/png","data":"{png}"}}}}"#),
            [0, 0, 414, 0, 7],
        ),
        (
            Operation::Message,
            "claude-sonnet-5",
            r#"{"type":"image","source":{"type":"url","url":"https://example.com/a.png"}}"#.into(),
            [0, 0, 1369, 0, 7],
        ),
        (
            Operation::ChatCompletion,
            "gpt-4o",
            format!(r#"{{"type":"input_audio","input_audio":{{"format":"mp3","data":"{}"}}}}"#, "A".repeat(640_000)),
            [0, 0, 0, 300, 7],
        ),
        (Operation::ChatCompletion, "gpt-4o", r#"{"type":"file","file":{"file_id":"f"}}"#.into(), [9000, 0, 0, 0, 7]),
        (
            Operation::Message,
            "gemini-3-pro",
            format!(r#"{{"type":"document","source":{{"type":"base64","data":"{}"}}}}"#, "A".repeat(100_000)),
            [516, 0, 0, 0, 7],
        ),
    ] {
        let body = format!(r#"{{"messages":[{{"role":"user","content":[{body}]}}]}}"#);
        let prompt = count(operation, "", model, &body);
        assert_eq!(parts(prompt), expected, "{model} {}", body.get(..200).unwrap_or(&body));
        assert!(!prompt.is_exact);
    }
    let body = format!(
        r#"{{"input":[{{"role":"user","content":[{{"type":"input_image","image_url":"data:image/png;base64,{png}","detail":"low"}}]}}]}}"#
    );
    assert_eq!(parts(count(Operation::Response, "openai", "gpt-5", &body)), [0, 0, 70, 0, 7]);
}

#[test]
fn schemas_and_tools_of_other_providers_count_by_their_json() {
    let tool =
        r#"{"name":"f","description":"Look up","input_schema":{"type":"object","properties":{"q":{"type":"string"}}}}"#;
    let body = format!(r#"{{"messages":[],"tools":[{tool}]}}"#);
    let claude = count(Operation::Message, "anthropic", "claude-sonnet-4-5", &body);
    assert!((366..390).contains(&claude.tools), "{claude:?}");
    let schema = chat(
        r#"{"messages":[],"response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{"type":"object"}}}}"#,
    );
    assert_eq!(parts(schema), [0, 5, 0, 0, 3]);
}

#[test]
fn deep_nests_of_properties_end() {
    let mut schema = String::from(r#"{"type":"string"}"#);
    for _ in 0..50 {
        schema = format!(r#"{{"type":"object","properties":{{"p":{schema}}}}}"#);
    }
    let prompt =
        chat(&format!(r#"{{"tools":[{{"type":"function","function":{{"name":"f","parameters":{schema}}}}}]}}"#));
    assert!(prompt.tools > 100, "{prompt:?}");
}

#[test]
fn any_shape_has_a_count() {
    for body in [
        "{}",
        r#"{"messages":null,"tools":null,"system":null,"input":null,"prompt":null,"instructions":null}"#,
        r#"{"messages":7,"tools":7,"system":7,"input":7,"prompt":7,"instructions":7}"#,
        r#"{"messages":"x","tools":"x","system":{},"input":{},"prompt":{}}"#,
        r#"{"messages":[null,1,"x",[],[[]],{}],"tools":[null,1,"x",[],{}],"input":[null,1,[],{}],"prompt":[null,{},[[1]]]}"#,
        r#"{"messages":[{"content":[null,1,"x",[],{},{"type":null},{"type":7},{"type":"text"},{"type":"image"},{"type":"tool_result"}]}]}"#,
        r#"{"messages":[{"content":{"type":"image_url","image_url":{"url":7,"detail":[]}},"tool_calls":{},"function_call":[]}]}"#,
        r#"{"input":[{"type":"message"},{"type":"reasoning","summary":7},{"type":"function_call_output"},{"type":"x"}]}"#,
        r#"{"tools":[{"function":{"name":7,"parameters":{"properties":{"a":7,"b":{"enum":7,"items":7,"properties":[]}}}}}]}"#,
    ] {
        for operation in [
            Operation::ChatCompletion,
            Operation::Completion,
            Operation::Embedding,
            Operation::Response,
            Operation::Message,
        ] {
            for model in ["gpt-4o", "claude-sonnet-5", "gemini-3-pro"] {
                let prompt = count(operation, "", model, body);
                assert!(prompt.total() < 2000, "{body} {prompt:?}");
            }
        }
    }
}

#[test]
fn what_is_text_alone_is_told_of_estimates_too() {
    use Operation::{ChatCompletion, Response};
    for (operation, body, is_text) in [
        (ChatCompletion, r#"{"messages":[{"role":"user","content":"Hello"}]}"#, true),
        (ChatCompletion, r#"{"messages":[{"role":"user","content":[{"type":"text","text":"Hello"}]}]}"#, true),
        (
            ChatCompletion,
            r#"{"messages":[{"content":[{"type":"image_url","image_url":{"url":"https://a.example"}}]}]}"#,
            false,
        ),
        (ChatCompletion, r#"{"messages":[{"content":[{"type":"file","file":{"file_id":"f"}}]}]}"#, false),
        (ChatCompletion, r#"{"messages":[],"tools":[{"type":"function","function":{"name":"now"}}]}"#, false),
        (Response, r#"{"input":"Hello"}"#, true),
        (Response, r#"{"input":"Hello","previous_response_id":"r"}"#, false),
    ] {
        for model in ["gpt-4o", "claude-sonnet-5", "gemini-3-pro"] {
            assert_eq!(count(operation, "", model, body).is_text, is_text, "{model} {body}");
        }
    }
}

proptest::proptest! {
    #[test]
    fn no_json_panics(text in r#"(\{"(type|content|text|image_url|source|data|tools|function|name|properties|enum)":|\[|\]|\}|,|"image"|"text"|"a\\u00e9"|7|null){0,30}"#) {
        for member in ["messages", "input", "tools", "prompt", "system"] {
            let Ok(object) = Object::parse(format!(r#"{{"{member}":{text}}}"#)) else { continue };
            for operation in [Operation::ChatCompletion, Operation::Response, Operation::Message, Operation::Embedding] {
                let _ = prompt(operation, &object, Tokenizer::of("openai", "gpt-4o")).total();
            }
        }
    }
}
