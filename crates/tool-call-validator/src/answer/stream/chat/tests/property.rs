use proptest::prelude::*;

use super::*;

/// A piece of a valid answer.
#[derive(Clone, Debug)]
enum Part {
    Text(String),
    Thought(String),
    /// Of a call: its tool, the value, and where its text is cut.
    Call(bool, String, Vec<usize>),
    Comment,
}

fn part() -> impl Strategy<Value = Part> {
    prop_oneof![
        "[ -~é😀\n]{0,12}".prop_map(Part::Text),
        "[a-z]{1,8}".prop_map(Part::Thought),
        (any::<bool>(), "[ -~é😀\n]{0,12}", prop::collection::vec(0usize..40, 0..5))
            .prop_map(|(first, value, cuts)| Part::Call(first, value, cuts)),
        Just(Part::Comment),
    ]
}

/// The stream of a valid answer.
fn answer(parts: &[Part]) -> String {
    let (mut text, mut calls) = (chunk(0, ROLE, ""), 0);
    for part in parts {
        match part {
            Part::Text(content) => text.push_str(&chunk(0, &json!({"content": content}).to_string(), "")),
            Part::Thought(thought) => text.push_str(&chunk(0, &json!({"reasoning_content": thought}).to_string(), "")),
            Part::Comment => text.push_str(": alive\n\n"),
            Part::Call(first, value, cuts) => {
                let (name, member) = if *first { ("get_weather", "city") } else { ("send_mail", "to") };
                let arguments: Vec<char> = json!({member: value}).to_string().chars().collect();
                let mut cuts: Vec<_> = cuts.iter().map(|cut| (*cut).min(arguments.len())).collect();
                cuts.sort_unstable();
                text.push_str(&chunk(0, &opens(calls, name, ""), ""));
                let mut from = 0;
                for to in cuts.into_iter().chain([arguments.len()]) {
                    let piece: String = arguments[from..to].iter().collect();
                    text.push_str(&chunk(0, &more(calls, &piece), ""));
                    from = to;
                }
                calls += 1;
            }
        }
    }
    let finish = if calls > 0 { "tool_calls" } else { "stop" };
    format!("{text}{}data: [DONE]\n\n", chunk(0, "{}", finish))
}

proptest! {
    /// What comes out assembles to what went in, and is the same byte for byte where no text comes behind a call.
    #[test]
    fn valid_streams_come_out_as_they_went_in(parts in prop::collection::vec(part(), 0..8), reasks in 0u32..2, cut in any::<prop::sample::Index>()) {
        let text = answer(&parts);
        let case = Case::tools().policy(Policy::new().max_reasks(reasks));
        let bytes = Bytes::from(text.clone());
        let cut = cut.index(bytes.len());
        let (became, outcome) = case.run_pieces(&[bytes.slice(..cut), bytes.slice(cut..)]);
        prop_assert_eq!(&became.end, &Ended::Well);
        prop_assert_eq!((outcome.invalid, outcome.repaired.len()), (0, 0));
        prop_assert_eq!(Client::of(&became.text), Client::of(&text));
        let first_call = parts.iter().position(|part| matches!(part, Part::Call(..))).unwrap_or(parts.len());
        let is_said_behind = parts[first_call..].iter().any(|part| !matches!(part, Part::Call(..)));
        let is_quiet = reasks == 0 || !parts.iter().any(|part| matches!(part, Part::Comment));
        if !is_said_behind && is_quiet {
            prop_assert_eq!(became.text, text);
        }
    }

    /// No bytes make it panic, and nothing is made of a stream that says nothing of a call.
    #[test]
    fn any_events_are_survived(lines in prop::collection::vec("[ -~]{0,40}", 0..6)) {
        let text: String = lines.iter().map(|line| format!("data: {line}\n\n")).collect();
        let (became, _) = Case::tools().run_pieces(&[Bytes::from(text.clone())]);
        prop_assert!(text.starts_with(&became.text));
    }

    /// Fragments in any order and with any members lead to an error or to calls that are valid.
    #[test]
    fn nothing_invalid_comes_out(
        fragments in prop::collection::vec((0u64..3, prop::option::of("[ab]"), prop::option::of("get_weather|send_mail|x"), "[{}\":a-c]{0,4}|\\{\"to\":\"a\"\\}"), 0..8),
        repairs in any::<bool>(),
    ) {
        let mut text = String::new();
        for (index, id, name, arguments) in fragments {
            let mut item = json!({"function": {"arguments": arguments}});
            if index < 2 { item["index"] = json!(index); }
            if let Some(id) = id { item["id"] = json!(id); }
            if let Some(name) = name { item["function"]["name"] = json!(name); }
            text.push_str(&chunk(0, &json!({"tool_calls": [item]}).to_string(), ""));
        }
        text.push_str(&chunk(0, "{}", "tool_calls"));
        let case = Case::tools().policy(Policy::new().repair(repairs));
        let (became, _) = case.run_pieces(&[Bytes::from(text)]);
        if became.end == Ended::Well {
            for call in Client::joined(&became.text, repairs).calls {
                let (head, arguments) = call.split_once('(').unwrap();
                let (arguments, name) = (arguments.strip_suffix(')').unwrap(), head.rsplit(' ').next().unwrap());
                let value: Value = serde_json::from_str(arguments).unwrap();
                let member = if name == "get_weather" { "city" } else { "to" };
                prop_assert!(value[member].is_string(), "{}", call);
            }
        }
    }
}
