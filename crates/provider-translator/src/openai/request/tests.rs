//! One table for each switch: what comes, and what leaves. Whatever a table does not name must stay as it is.

use llm_layers_wire::json::Object;

use super::*;
use crate::openai::quirks::{Effort, Formats, Names, Order, Reasoning, Text};

/// What becomes of a request: its text, and the warnings.
fn applied(quirks: &Quirks, request: &str) -> Result<(String, u32, String), Failure> {
    let mut object = Object::parse(request.to_owned()).expect(request);
    let mut warnings = Warnings::new(false);
    let copies = apply(&mut object, quirks, &mut warnings)?;
    let text = String::from_utf8(object.to_bytes().to_vec()).expect("UTF-8");
    let told = warnings.into_header().map(|value| value.to_str().expect("ASCII").to_owned());
    Ok((text, copies, told.unwrap_or_default()))
}

#[track_caller]
fn check(quirks: &Quirks, table: &[(&str, &str, &str)]) {
    for (theirs, ours, told) in table {
        let (text, _, warnings) = applied(quirks, theirs).expect(theirs);
        assert_eq!((text.as_str(), warnings.as_str()), (*ours, *told), "{theirs}");
    }
}

/// The same for messages alone.
#[track_caller]
fn check_messages(quirks: &Quirks, table: &[(&str, &str)]) {
    for (theirs, ours) in table {
        let whole = |messages: &str| format!(r#"{{"model":"m","messages":[{messages}],"x":1e3}}"#);
        let (text, ..) = applied(quirks, &whole(theirs)).expect(theirs);
        assert_eq!(text, whole(ours), "{theirs}");
    }
}

#[track_caller]
fn refused(quirks: &Quirks, request: &str, param: &str) {
    let failure = applied(quirks, request).expect_err(request);
    assert_eq!((failure.status().as_u16(), failure.error().param.as_deref()), (400, Some(param)), "{request}");
}

#[test]
fn nothing_is_touched_without_a_quirk() {
    let request = r#" {"model":"m", "stream":true,"n":3,"seed":null,"messages":[{"role":"developer","name":null}]} "#;
    let mut object = Object::parse(request).expect("an object");
    let before = object.to_bytes();
    let copies = apply(&mut object, &Quirks::NONE, &mut Warnings::new(true)).expect("nothing");
    assert!(!object.is_edited() && copies == 1);
    assert_eq!(object.to_bytes().as_ptr(), before.as_ptr(), "the same buffer");
}

#[test]
fn the_bound_on_tokens_has_one_name() {
    check(
        &Quirks { token_cap: TokenCap::Old, ..Quirks::NONE },
        &[
            (r#"{"max_tokens":1}"#, r#"{"max_tokens":1}"#, ""),
            (r#"{"max_completion_tokens":1}"#, r#"{"max_tokens":1}"#, ""),
            (r#"{"max_tokens":2,"max_completion_tokens":1}"#, r#"{"max_tokens":1}"#, ""),
            (r#"{"max_tokens":2,"max_completion_tokens":null}"#, r#"{"max_tokens":2}"#, ""),
        ],
    );
    check(
        &Quirks { token_cap: TokenCap::New, ..Quirks::NONE },
        &[
            (r#"{"max_tokens":1}"#, r#"{"max_completion_tokens":1}"#, ""),
            (r#"{"max_tokens":2,"max_completion_tokens":1}"#, r#"{"max_completion_tokens":1}"#, ""),
            (r#"{"max_tokens":null}"#, "{}", ""),
        ],
    );
}

#[test]
fn usage_of_streams_is_asked_for_or_may_not_be() {
    let asked = r#"{"stream":true,"stream_options":{"include_usage":true}}"#;
    check(
        &Quirks { stream_options: StreamOptions::Usage, ..Quirks::NONE },
        &[
            (r#"{"stream":true}"#, asked, ""),
            (r#"{"stream":true,"stream_options":null}"#, asked, ""),
            (r#"{"stream":true,"stream_options":{"include_usage":false}}"#, asked, ""),
            (asked, asked, ""),
            (
                r#"{"stream":true,"stream_options":{"include_obfuscation":false}}"#,
                r#"{"stream":true,"stream_options":{"include_obfuscation":false,"include_usage":true}}"#,
                "",
            ),
            (r#"{"stream":false}"#, r#"{"stream":false}"#, ""),
            ("{}", "{}", ""),
        ],
    );
    let unknown = Quirks { stream_options: StreamOptions::Unknown, ..Quirks::NONE };
    check(&unknown, &[(asked, r#"{"stream":true}"#, ""), (r#"{"stream":true}"#, r#"{"stream":true}"#, "")]);
}

#[test]
fn what_is_not_supported_goes_by_what_it_is() {
    const ALL: &[&str] = &[
        "n",
        "logprobs",
        "top_logprobs",
        "logit_bias",
        "seed",
        "stop",
        "user",
        "store",
        "tools",
        "tool_choice",
        "parallel_tool_calls",
        "response_format",
        "frequency_penalty",
        "service_tier",
        "modalities",
        "functions",
    ];
    let quirks = Quirks { unsupported: ALL, ..Quirks::NONE };
    check(
        &quirks,
        &[
            // No more than the default, or without any bearing on the answer.
            (
                r#"{"n":1,"logprobs":false,"top_logprobs":0,"logit_bias":{},"user":"u","store":true,"x":1}"#,
                r#"{"x":1}"#,
                "",
            ),
            (r#"{"tools":[],"tool_choice":"none","parallel_tool_calls":true,"functions":[]}"#, "{}", ""),
            (
                r#"{"response_format":{"type":"text"},"frequency_penalty":0.0,"service_tier":"auto","modalities":["text"]}"#,
                "{}",
                "",
            ),
            (r#"{"seed":null,"n":null,"tools":null,"logprobs":null}"#, "{}", ""),
            // Wishes.
            (r#"{"seed":1}"#, "{}", "dropped;param=seed;reason=unsupported"),
            (
                r#"{"stop":["a"],"frequency_penalty":1}"#,
                "{}",
                "dropped;param=stop;reason=unsupported, dropped;param=frequency_penalty;reason=unsupported",
            ),
            (r#"{"parallel_tool_calls":false}"#, "{}", "dropped;param=parallel_tool_calls;reason=unsupported"),
            (r#"{"logit_bias":{"1":2}}"#, "{}", "dropped;param=logit_bias;reason=unsupported"),
        ],
    );
    for (request, param) in [
        (r#"{"n":2}"#, "n"),
        (r#"{"logprobs":true}"#, "logprobs"),
        (r#"{"tools":[{}]}"#, "tools"),
        (r#"{"tool_choice":"required"}"#, "tool_choice"),
        (r#"{"functions":[{}]}"#, "functions"),
        (r#"{"response_format":{"type":"json_object"}}"#, "response_format"),
        (r#"{"modalities":["audio"]}"#, "modalities"),
    ] {
        refused(&quirks, request, param);
    }
    let mut object = Object::parse(r#"{"seed":1}"#).expect("an object");
    assert!(apply(&mut object, &quirks, &mut Warnings::new(true)).is_err(), "strict");
}

#[test]
fn members_have_other_names() {
    let quirks = Quirks { renamed: &[("seed", "random_seed")], ..Quirks::NONE };
    check(
        &quirks,
        &[
            (r#"{"seed":1.50,"a":1}"#, r#"{"a":1,"random_seed":1.50}"#, ""),
            (r#"{"seed":null}"#, "{}", ""),
            (r#"{"seed":1,"random_seed":2}"#, r#"{"random_seed":2}"#, ""),
        ],
    );
}

#[test]
fn what_openai_does_is_said_unless_the_client_says_otherwise() {
    let quirks = Quirks { preset: &[("behavior", "\"error\"")], ..Quirks::NONE };
    check(
        &quirks,
        &[
            (r#"{"a":1}"#, r#"{"a":1,"behavior":"error"}"#, ""),
            (r#"{"behavior":"truncate"}"#, r#"{"behavior":"truncate"}"#, ""),
        ],
    );
}

#[test]
fn temperature_has_bounds() {
    check(
        &Quirks { temperature: Some((0.01, 1.0)), ..Quirks::NONE },
        &[
            (r#"{"temperature":0.50}"#, r#"{"temperature":0.50}"#, ""),
            (r#"{"temperature":1.7}"#, r#"{"temperature":1.0}"#, "clamped;param=temperature;from=1.7;to=1"),
            (r#"{"temperature":0}"#, r#"{"temperature":0.01}"#, "emulated;param=temperature;reason=lowest"),
            (r#"{"temperature":null}"#, r#"{"temperature":null}"#, ""),
            (r#"{"temperature":"hot"}"#, r#"{"temperature":"hot"}"#, ""),
        ],
    );
}

#[test]
fn several_choices_are_as_many_calls() {
    let quirks = Quirks { one_choice: true, ..Quirks::NONE };
    let of = |request: &str| applied(&quirks, request).map(|(text, copies, _)| (text, copies));
    assert_eq!(of(r#"{"n":3,"a":1}"#).expect("three"), (r#"{"a":1}"#.into(), 3));
    assert_eq!(of(r#"{"n":1}"#).expect("one"), ("{}".into(), 1));
    assert_eq!(of(r#"{"a":1}"#).expect("none said"), (r#"{"a":1}"#.into(), 1));
    refused(&quirks, r#"{"n":9}"#, "n");
    refused(&quirks, r#"{"n":0}"#, "n");
}

#[test]
fn nulls_are_left_out() {
    let quirks = Quirks { no_nulls: true, ..Quirks::NONE };
    check(&quirks, &[(r#"{"a":null,"b":[null],"c":1}"#, r#"{"b":[null],"c":1}"#, "")]);
    check_messages(
        &quirks,
        &[
            (
                r#"{"role":"assistant","content":null,"refusal":null,"tool_calls":[{"id":"a"}]}"#,
                r#"{"role":"assistant","tool_calls":[{"id":"a"}]}"#,
            ),
            (r#"{"role":"user","content":"a"}"#, r#"{"role":"user","content":"a"}"#),
        ],
    );
}

#[test]
fn any_tool_is_any() {
    let named = r#"{"tool_choice":{"type":"function","function":{"name":"f"}}}"#;
    check(
        &Quirks { any_tool: true, ..Quirks::NONE },
        &[
            (r#"{"tool_choice":"required"}"#, r#"{"tool_choice":"any"}"#, ""),
            (r#"{"tool_choice":"auto"}"#, r#"{"tool_choice":"auto"}"#, ""),
            (named, named, ""),
        ],
    );
}

#[test]
fn keywords_of_schemas_go_at_any_depth_and_properties_stay() {
    let quirks = Quirks { schema_keywords: &["$schema", "$id"], function_members: &["strict"], ..Quirks::NONE };
    let tools = |function: &str| format!(r#"{{"tools":[{{"type":"function","function":{function}}}]}}"#);
    for (theirs, ours) in [
        (r#"{"name":"f","strict":true}"#, r#"{"name":"f"}"#),
        (
            r#"{"name":"f","parameters":{"$schema":"s","type":"object"}}"#,
            r#"{"name":"f","parameters":{"type":"object"}}"#,
        ),
        (
            r#"{"parameters":{"properties":{"$id":{"type":"string","$id":"x"}},"anyOf":[{"$id":"y"},{"a":1.0}]}}"#,
            r#"{"parameters":{"properties":{"$id":{"type":"string"}},"anyOf":[{},{"a":1.0}]}}"#,
        ),
        (
            r#"{"parameters":{"default":{"$id":1},"enum":[{"$id":1}]}}"#,
            r#"{"parameters":{"default":{"$id":1},"enum":[{"$id":1}]}}"#,
        ),
        (r#"{"parameters":{"$defs":{"a":{"items":{"$schema":1}}}}}"#, r#"{"parameters":{"$defs":{"a":{"items":{}}}}}"#),
        (r#"{"parameters":true}"#, r#"{"parameters":true}"#),
    ] {
        check(&quirks, &[(&tools(theirs), &tools(ours), "")]);
    }
    check(&quirks, &[(r#"{"tools":[1,{"type":"custom"}]}"#, r#"{"tools":[1,{"type":"custom"}]}"#, "")]);
}

#[test]
fn developers_are_the_system() {
    check_messages(
        &Quirks { no_developer: true, ..Quirks::NONE },
        &[
            (r#"{"role":"developer","content":"a"}"#, r#"{"role":"system","content":"a"}"#),
            (r#"{"content":"developer","role":"user"}"#, r#"{"content":"developer","role":"user"}"#),
        ],
    );
}

#[test]
fn names_are_of_whom_they_may_be() {
    let (user, tool) = (r#"{"role":"user","name":"u"}"#, r#"{"role":"tool","name":"t"}"#);
    check_messages(&Quirks { names: Names::OfTools, ..Quirks::NONE }, &[(user, r#"{"role":"user"}"#), (tool, tool)]);
    let none = Quirks { names: Names::None, ..Quirks::NONE };
    check_messages(&none, &[(user, r#"{"role":"user"}"#), (tool, r#"{"role":"tool"}"#)]);
    let (_, _, told) = applied(&none, &format!(r#"{{"messages":[{user}]}}"#)).expect("lenient");
    assert_eq!(told, "dropped;param=messages.name;reason=unsupported");
}

#[test]
fn messages_have_no_members_but_those_that_are_known() {
    let quirks = Quirks { message_members: Some(&["role", "content", "tool_calls"]), ..Quirks::NONE };
    check_messages(
        &quirks,
        &[
            (
                r#"{"role":"assistant","content":"a","refusal":null,"annotations":[],"reasoning_content":"h","audio":null}"#,
                r#"{"role":"assistant","content":"a"}"#,
            ),
            (r#"{"role":"assistant","content":null,"refusal":"No."}"#, r#"{"role":"assistant","content":"No."}"#),
            (
                r#"{"role":"assistant","tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"},"extra_content":{"google":{}}}]}"#,
                r#"{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]}"#,
            ),
        ],
    );
}

#[test]
fn content_is_one_text_where_it_must_be() {
    let parts = r#"{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}"#;
    let image =
        r#"{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"u"}}]}"#;
    let tool = parts.replace("user", "tool");
    let joined = r#"{"role":"user","content":"a\nb"}"#;
    check_messages(&Quirks { text: Text::All, ..Quirks::NONE }, &[(parts, joined), (image, image)]);
    let of_tools = Quirks { text: Text::OfTools, ..Quirks::NONE };
    check_messages(&of_tools, &[(parts, parts), (&tool, &joined.replace("user", "tool"))]);
}

#[test]
fn ids_of_calls_are_short_and_stay_pairs() {
    let quirks = Quirks { short_ids: true, ..Quirks::NONE };
    let turn = |id: &str| {
        format!(
            r#"{{"role":"assistant","tool_calls":[{{"id":"{id}","type":"function","function":{{"name":"f","arguments":"{{}}"}}}}]}},{{"role":"tool","tool_call_id":"{id}","content":"1"}}"#
        )
    };
    check_messages(&quirks, &[(&turn("abcDEF123"), &turn("abcDEF123"))]);
    let short = |id: &str| {
        let text = applied(&quirks, &format!(r#"{{"messages":[{}]}}"#, turn(id))).expect("ids").0;
        let text = text.split(r#""id":""#).nth(1).and_then(|rest| rest.split('"').next()).expect("an id").to_owned();
        check_messages(&quirks, &[(&turn(id), &turn(&text))]);
        text
    };
    let ids = ["call_1", "call_2", "toolu_01A", "", "abc-EF123", "äbcdefgh"].map(short);
    assert!(ids.iter().all(|id| id.len() == 9 && id.bytes().all(|byte| byte.is_ascii_alphanumeric())), "{ids:?}");
    assert!(ids.iter().all(|id| ids.iter().filter(|other| *other == id).count() == 1), "{ids:?}");
    assert_eq!(short("call_1"), ids[0], "the same in the next turn");
}

#[test]
fn roles_follow_each_other_as_they_must() {
    let bridge = r#"{"role":"assistant","content":"OK."}"#;
    let (tool, user) = (r#"{"role":"tool","content":"1"}"#, r#"{"role":"user","content":"a"}"#);
    let answer = r#"{"role":"assistant","content":"b"}"#;
    let list = |messages: &[&str]| messages.join(",");
    check_messages(
        &Quirks { order: Order::AssistantAfterTool, ..Quirks::NONE },
        &[
            (&list(&[tool, tool, user]), &list(&[tool, tool, bridge, user])),
            (&list(&[tool, answer, user]), &list(&[tool, answer, user])),
            (tool, tool),
        ],
    );
    let parts = r#"{"role":"user","content":[{"type":"text","text":"c"}]}"#;
    let both = r#"{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"c"}]}"#;
    check_messages(
        &Quirks { order: Order::Alternating, ..Quirks::NONE },
        &[
            (&list(&[user, user, answer]), &list(&[r#"{"role":"user","content":"a\n\na"}"#, answer])),
            (&list(&[user, parts]), both),
            (&list(&[user, answer, user]), &list(&[user, answer, user])),
            (
                &list(&[tool.replace('}', r#","tool_call_id":"x"}"#).as_str(), tool]),
                &list(&[tool.replace('}', r#","tool_call_id":"x"}"#).as_str(), tool]),
            ),
        ],
    );
}

#[test]
fn reasoning_goes_back_as_the_provider_wants_it() {
    let said = r#"{"role":"assistant","content":"a","reasoning_content":"h","reasoning":"h","reasoning_details":[]}"#;
    let user = r#"{"role":"user","content":"a","reasoning_content":"kept"}"#;
    let dropped = Quirks { reasoning: Reasoning::Dropped, ..Quirks::NONE };
    check_messages(&dropped, &[(said, r#"{"role":"assistant","content":"a"}"#), (user, user)]);

    let quirks = Quirks { reasoning: Reasoning::WithCalls(&[]), ..Quirks::NONE };
    let call = |more: &str| format!(r#"{{"role":"assistant","tool_calls":[{{"id":"a"}}]{more}}}"#);
    let (with, none) = (call(r#","reasoning_content":"h""#), r#"{"role":"assistant","content":"a"}"#);
    check_messages(
        &quirks,
        &[
            (&with, &with),
            (&call(""), &call(r#","reasoning_content":" ""#)),
            (&call(r#","reasoning":"h""#), &call(r#","reasoning":"h","reasoning_content":"h""#)),
            (none, none),
        ],
    );
    for (model, more, filled) in [
        ("kimi-k2.6", "", true),
        ("moonshot-v1-8k", "", false),
        ("kimi-k2.6", r#","thinking":{"type":"disabled"}"#, false),
        ("kimi-k2.6", r#","reasoning_effort":"none""#, false),
    ] {
        let some = Quirks { reasoning: Reasoning::WithCalls(&["kimi-k2."]), ..Quirks::NONE };
        let request = format!(r#"{{"model":"{model}","messages":[{}]{more}}}"#, call(""));
        let text = applied(&some, &request).expect("fine").0;
        assert_eq!(text.contains("reasoning_content"), filled, "{model} {more}");
    }
}

#[test]
fn what_is_no_conversation_is_left_to_the_provider() {
    let quirks = crate::openai::catalogue::by_name("mistral").expect("known").quirks;
    for messages in
        ["1", "[1]", r#"[{"role":1,"content":[1],"tool_calls":[1,{"id":1,"function":2}]}]"#, "[[]]", "{}", "[]"]
    {
        let request = format!(r#"{{"messages":{messages},"tools":[{{"function":1}},1],"n":1}}"#);
        assert!(applied(&quirks, &request).is_ok(), "{request}");
    }
}

#[test]
fn models_that_think_know_the_newer_bound_only() {
    let quirks = Quirks { token_cap: TokenCap::NewOfThinkers, ..Quirks::NONE };
    for (model, renamed) in [
        ("gpt-5", true),
        ("gpt-5.1-mini", true),
        ("o1", true),
        ("o3-mini", true),
        ("o4-mini-2025-04-16", true),
        ("ft:o4-mini:org::id", true),
        ("gpt-4o", false),
        ("gpt-35-turbo", false),
        ("gpt-50", false),
        ("omni-moderation", false),
        ("o1x", false),
        ("my-deployment", false),
    ] {
        let with = |name: &str| format!(r#"{{"model":"{model}","{name}":7}}"#);
        let newer = with("max_completion_tokens");
        let expected = if renamed { newer.clone() } else { with("max_tokens") };
        check(&quirks, &[(&with("max_tokens"), &expected, ""), (&newer, &newer, "")]);
    }
}

#[test]
fn effort_is_said_in_the_providers_own_words() {
    check(
        &Quirks { effort: Effort::Thinking, ..Quirks::NONE },
        &[
            (r#"{"reasoning_effort":"none"}"#, r#"{"thinking":{"type":"disabled"}}"#, ""),
            (r#"{"reasoning_effort":"high"}"#, r#"{"reasoning_effort":"high","thinking":{"type":"enabled"}}"#, ""),
            (r#"{"thinking":{"type":"enabled"},"reasoning_effort":"none"}"#, r#"{"thinking":{"type":"enabled"}}"#, ""),
            (r#"{"reasoning_effort":null}"#, r#"{"reasoning_effort":null}"#, ""),
            ("{}", "{}", ""),
        ],
    );
    let told = "emulated;param=reasoning_effort;reason=on_or_off";
    check(
        &Quirks { effort: Effort::EnableThinking, ..Quirks::NONE },
        &[
            (r#"{"reasoning_effort":"none"}"#, r#"{"enable_thinking":false}"#, ""),
            (r#"{"reasoning_effort":"low"}"#, r#"{"enable_thinking":true}"#, told),
            (r#"{"enable_thinking":false,"reasoning_effort":"low"}"#, r#"{"enable_thinking":false}"#, told),
        ],
    );
}

#[test]
fn formats_that_a_provider_lacks_are_refused() {
    let object = r#"{"response_format":{"type":"json_object"}}"#;
    let schema = r#"{"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{}}}}"#;
    for (formats, taken, lacking) in [(Formats::NoJsonObject, schema, object), (Formats::NoJsonSchema, object, schema)]
    {
        let quirks = Quirks { formats, ..Quirks::NONE };
        check(&quirks, &[(taken, taken, ""), (r#"{"response_format":null}"#, r#"{"response_format":null}"#, "")]);
        refused(&quirks, lacking, "response_format.type");
    }
}

#[test]
fn of_several_stops_the_first_is_left() {
    check(
        &Quirks { one_stop: true, ..Quirks::NONE },
        &[
            (r#"{"stop":["a","b"]}"#, r#"{"stop":["a"]}"#, "dropped;param=stop;reason=all_but_the_first"),
            (r#"{"stop":["a"]}"#, r#"{"stop":["a"]}"#, ""),
            (r#"{"stop":"a"}"#, r#"{"stop":"a"}"#, ""),
        ],
    );
}

#[test]
fn a_choice_of_tools_that_is_not_heeded_is_told() {
    let told = "dropped;param=tool_choice;reason=unsupported";
    let quirks = Quirks { auto_tool_only: true, ..Quirks::NONE };
    check(
        &quirks,
        &[
            (r#"{"tools":[{}],"tool_choice":"required"}"#, r#"{"tools":[{}]}"#, told),
            (r#"{"tool_choice":{"type":"function","function":{"name":"f"}}}"#, "{}", told),
            (r#"{"tools":[{}],"tool_choice":"auto"}"#, r#"{"tools":[{}],"tool_choice":"auto"}"#, ""),
            (r#"{"tools":[{}],"tool_choice":"none"}"#, "{}", ""),
            (r#"{"tool_choice":null}"#, "{}", ""),
        ],
    );
    let mut object = Object::parse(r#"{"tool_choice":"required"}"#).expect("an object");
    assert!(apply(&mut object, &quirks, &mut Warnings::new(true)).is_err(), "strict");
}

#[test]
fn rows_have_their_switches() {
    let told = |provider: &str, request: &str| {
        let known = crate::openai::catalogue::by_name(provider).expect(provider);
        applied(&known.quirks, request).map(|(_, _, warnings)| warnings)
    };
    for (provider, request, warnings) in [
        ("ollama-v1", r#"{"tool_choice":"required"}"#, "dropped;param=tool_choice;reason=unsupported"),
        ("zai", r#"{"tool_choice":"required"}"#, "dropped;param=tool_choice;reason=unsupported"),
        ("zai", r#"{"stop":["a","b"]}"#, "dropped;param=stop;reason=all_but_the_first"),
        ("zai", r#"{"parallel_tool_calls":false}"#, "dropped;param=parallel_tool_calls;reason=unsupported"),
        ("cerebras", r#"{"frequency_penalty":1}"#, "dropped;param=frequency_penalty;reason=unsupported"),
        ("cerebras", r#"{"presence_penalty":1}"#, "dropped;param=presence_penalty;reason=unsupported"),
        ("cerebras", r#"{"service_tier":"flex"}"#, "dropped;param=service_tier;reason=unsupported"),
        ("dashscope", r#"{"reasoning_effort":"low"}"#, "emulated;param=reasoning_effort;reason=on_or_off"),
    ] {
        assert_eq!(told(provider, request).expect(request), warnings, "{provider} {request}");
    }
    for (provider, kind) in [("lmstudio", "json_object"), ("deepseek", "json_schema")] {
        let failure = told(provider, &format!(r#"{{"response_format":{{"type":"{kind}"}}}}"#)).expect_err(provider);
        assert_eq!(failure.error().param.as_deref(), Some("response_format.type"));
    }
}

#[test]
fn the_newer_bound_is_openais_and_azures() {
    let openai = &crate::openai::catalogue::by_name("openai").expect("a row").quirks;
    let azure = crate::openai::azure::quirks;
    for quirks in [openai, crate::openai::azure::V1, azure("2024-10-21"), azure("2025-04-01-preview")] {
        let (theirs, ours) =
            (r#"{"model":"o4-mini","max_tokens":7}"#, r#"{"model":"o4-mini","max_completion_tokens":7}"#);
        check(quirks, &[(theirs, ours, "")]);
    }
    let old = r#"{"model":"o4-mini","max_tokens":7}"#;
    check(azure("2024-02-01"), &[(old, old, "")]);
}

#[test]
fn a_failure_is_told_where_its_mark_is_not_taken() {
    check_messages(
        &Quirks { message_members: Some(&["role", "content"]), ..Quirks::NONE },
        &[
            (r#"{"role":"tool","content":"no file","is_error":true}"#, r#"{"role":"tool","content":"Error: no file"}"#),
            (r#"{"role":"tool","content":"no file","is_error":false}"#, r#"{"role":"tool","content":"no file"}"#),
        ],
    );
}
