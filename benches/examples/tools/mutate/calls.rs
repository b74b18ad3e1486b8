//! Calls whose arguments are right, and something else is not: the name, the id, how many there are.

use super::{Maker, members::spellings};
use crate::{
    case::{
        Case, Choice,
        Label::{Lossless, Never, Valid},
        Meant, Said,
    },
    json::{Json, Style},
};

pub(super) fn add(maker: &mut Maker<'_>) {
    names(maker);
    ids(maker);
    choices(maker);
    several(maker);
    written(maker);
}

fn names(maker: &mut Maker<'_>) {
    let name = maker.tool.name.clone();
    let mut near = spellings(&name);
    near.extend(["functions.", "tools.", "default_api."].map(|prefix| format!("{prefix}{name}")));
    near.push(name.replace('_', "."));
    near.push(format!("functions.{}", name.replace('_', "-")));
    near.retain(|other| *other != name);
    for other in near {
        maker.add_call("tool in other case", Lossless, |case| case.said[0].name = other);
    }
    for other in [
        format!("{name}s"),
        name[1..].to_owned(),
        String::new(),
        "python".to_owned(),
        format!("{name}{name}"),
        format!("other.{name}"),
    ] {
        maker.add_call("unknown tool", Never, |case| case.said[0].name = other);
    }
}

fn ids(maker: &mut Maker<'_>) {
    for id in [None, Some(String::new())] {
        maker.add_call("missing id", Lossless, |case| case.said[0].id = id);
    }
    let second = |case: &mut Case<'_>, arguments: Json, id: Option<&str>| {
        let id = id.map(str::to_owned).or_else(|| case.said[0].id.clone());
        case.said.push(Said { id, arguments: arguments.compact(), ..case.said[0].clone() });
        case.meant.push(Meant { arguments, ..case.meant[0].clone() });
    };
    let call = maker.call;
    maker.add_call("the same call twice under one id", Never, |case| second(case, call.clone(), None));
    if let Some(other) = maker.tool.calls.iter().find(|other| !other.is(call)) {
        maker.add_call("repeated id", Lossless, |case| second(case, other.clone(), None));
        maker.add_call("valid: two calls", Valid, |case| second(case, other.clone(), Some("call_2")));
        maker.add_call("two calls where one is allowed", Never, |case| {
            second(case, other.clone(), Some("call_2"));
            case.is_parallel = false;
        });
    }
}

fn choices(maker: &mut Maker<'_>) {
    for (choice, label) in
        [(Choice::Required, Valid), (Choice::Tool, Valid), (Choice::None, Never), (Choice::Other, Never)]
    {
        let kind = if label == Valid { "valid: as tool_choice says" } else { "not as tool_choice says" };
        maker.add_call(kind, label, |case| case.choice = choice);
    }
    for choice in [Choice::Required, Choice::Tool] {
        maker.add_call("no call where one must be", Never, |case| {
            case.choice = choice;
            case.said.clear();
            case.meant.clear();
        });
    }
    maker.add_call("valid: one call where one is allowed", Valid, |case| case.is_parallel = false);
}

/// A good call and a bad one: the answer as a whole cannot be passed on.
fn several(maker: &mut Maker<'_>) {
    let call = maker.call;
    if call.members().is_empty() {
        return;
    }
    let text = call.compact();
    for (kind, label, other) in [
        ("a good call and a broken one", Never, text[..text.len() / 2].to_owned()),
        (
            "a good call and one to mend",
            Lossless,
            Style { trailing: ",", bare_names: true, ..Style::PRETTY }.write(call),
        ),
    ] {
        for is_first in [true, false] {
            maker.add_call(kind, label, |case| {
                let mut second = case.said[0].clone();
                second.id = Some("call_2".to_owned());
                let broken = if is_first { &mut case.said[0] } else { &mut second };
                broken.arguments.clone_from(&other);
                case.said.push(second);
                case.meant.push(case.meant[0].clone());
            });
        }
    }
}

/// Calls that stand in the text.
fn written(maker: &mut Maker<'_>) {
    let name = &maker.tool.name;
    let text = maker.call.compact();
    let whole = format!("{{\"name\": \"{name}\", \"arguments\": {text}}}");
    let ways = [
        format!("<tool_call>\n{whole}\n</tool_call>"),
        format!("Let me see.\n<tool_call>{whole}</tool_call>"),
        format!("```json\n{whole}\n```"),
        format!("<function={name}>{text}</function>"),
        format!("[TOOL_CALLS] [{whole}]"),
    ];
    for way in ways {
        maker.add_call("call written into the text", Lossless, |case| {
            case.said.clear();
            case.written = Some(way);
        });
    }
}
