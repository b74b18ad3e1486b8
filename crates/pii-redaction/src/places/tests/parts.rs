use super::*;

#[test]
fn signed_thoughts_are_seen_and_stay() {
    for thought in [
        format!(r#"{{"type":"thinking","thinking":"{CANARY}","signature":"EqQB+/=="}}"#),
        format!(r#"{{"signature":"EqQB","thinking":"{CANARY}","type":"thinking"}}"#),
    ] {
        let body = format!(
            r#"{{"messages":[{{"role":"assistant","content":[{thought},{{"type":"redacted_thinking","data":"EmwK+/=="}}],"thinking_blocks":[{thought}]}}]}}"#
        );
        let mut object = parse(&body);
        let mut replacer = Replacer::default();
        assert_eq!(request(Operation::Message, &mut object, &mut replacer), Ok(false));
        assert_eq!(text_of(&object), body);
        assert_eq!(replacer.sealed, [CANARY, CANARY]);
    }
}

#[test]
fn parts_that_follow_each_other_are_shown_together() {
    let (head, tail) = CANARY.split_at(9);
    for body in [
        format!(
            r#"{{"messages":[{{"role":"user","content":[{{"type":"text","text":"a {head}"}},{{"type":"text","text":"{tail} b"}}]}}]}}"#
        ),
        format!(
            r#"{{"system":[{{"text":"{head}","cache_control":{{"type":"ephemeral"}},"x":"y"}}, {{"text":"{tail}"}}]}}"#
        ),
        format!(
            r#"{{"input":[{{"content":[{{"type":"input_text","text":"{head}"}},{{"type":"input_text","text":"{tail}"}}]}}]}}"#
        ),
    ] {
        assert!(leak(&body).is_none() || body.contains("leak.example"));
        let seen = assert_no_leak(Operation::ChatCompletion, &body, Body::Request);
        assert_eq!(seen.seen.len(), 2);
    }
    // What stands between two parts, or between two messages, parts them.
    for body in [
        r#"{"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"https://a.example"}},{"type":"text","text":"b"}]}]}"#,
        r#"{"messages":[{"role":"user","content":[{"type":"text","text":"a"}]},{"role":"user","content":[{"type":"text","text":"b"}]}]}"#,
        r#"{"messages":[{"role":"user","content":[{"type":"tool_result","content":[{"type":"text","text":"a"}]},{"type":"text","text":"b"}]}]}"#,
        r#"{"prompt":["a","b"]}"#,
        r#"{"prompt":{"variables":{"a":{"type":"input_text","text":"a"},"b":{"type":"input_text","text":"b"}}}}"#,
    ] {
        #[derive(Default)]
        struct Together(usize);
        impl Visit for Together {
            fn text(&mut self, _: &Text<'_>, _: Place) -> Option<String> {
                None
            }
            fn texts(&mut self, _: &[Text<'_>], _: Place) -> Vec<(usize, String)> {
                self.0 += 1;
                Vec::new()
            }
        }
        let mut together = Together::default();
        assert_eq!(request(Operation::Message, &mut parse(body), &mut together), Ok(false));
        assert_eq!(together.0, 0, "{body}");
    }
}
