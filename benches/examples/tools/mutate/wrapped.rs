//! The arguments are right, and something is around them: a fence, words, quotes, an array, the whole call.

use serde_json::to_string;

use super::Maker;
use crate::{
    case::Label::{Lossless, Never, Open},
    json::{Json, Style},
};

pub(super) fn add(maker: &mut Maker<'_>) {
    let texts = [maker.call.compact(), Style::PRETTY.write(maker.call)];
    // Another valid call of the tool: which of the two is meant?
    let other = maker.tool.calls.iter().find(|call| !call.is(maker.call)).map(Json::compact);
    for text in &texts {
        fences(maker, text, other.as_deref());
        prose(maker, text, other.as_deref());
        twice(maker, text, other.as_deref());
        encoded(maker, text, other.as_deref());
        envelope(maker, text);
    }
    empty(maker);
}

fn fences(maker: &mut Maker<'_>, text: &str, other: Option<&str>) {
    let kind = "fence";
    maker.add(kind, Lossless, format!("```json\n{text}\n```"));
    maker.add(kind, Lossless, format!("```\n{text}\n```\n"));
    maker.add(kind, Lossless, format!("Here is what I call:\n\n```json\n{text}\n```\n\nThat should do."));
    maker.add(kind, Open, format!("```json\n{text}"));
    maker.add(kind, Open, format!("```json\n{text}\n```\n```json\n{text}\n```"));
    if let Some(other) = other {
        maker.add("two fences of different calls", Never, format!("```json\n{text}\n```\n```json\n{other}\n```"));
    }
}

fn prose(maker: &mut Maker<'_>, text: &str, other: Option<&str>) {
    let kind = "prose around";
    let name = &maker.tool.name;
    let lossless = [
        format!("Sure! Here are the arguments: {text}"),
        format!("{text}\n\nI hope this helps."),
        format!("I'll call \"{name}\" now, as you said:\n{text}\nDone; it's 100 % what you wanted."),
        format!("json\n{text}"),
        format!("{name}({text})"),
    ];
    for text in lossless {
        maker.add(kind, Lossless, text);
    }
    maker.add(kind, Open, format!("<arguments>{text}</arguments>"));
    let never = "prose with brackets";
    maker.add(never, Never, format!("As in [1], I call it with {text}"));
    maker.add(never, Never, format!("{text} and fill in {{name}} later"));
    if let Some(other) = other {
        maker.add("prose between different calls", Never, format!("First {text}, then {other}"));
        maker.add("prose between different calls", Never, format!("{text}\nor rather\n{other}"));
    }
}

fn twice(maker: &mut Maker<'_>, text: &str, other: Option<&str>) {
    if maker.call.members().is_empty() {
        return;
    }
    for between in ["", "\n", " "] {
        maker.add("the object twice", Lossless, format!("{text}{between}{text}"));
        if let Some(other) = other {
            maker.add("two different objects", Never, format!("{text}{between}{other}"));
        }
    }
    maker.add("the object twice", Open, format!("{text}{}", Style::SPACED.write(maker.call)));
    maker.add("the object twice", Open, format!("{text},{text}"));
    maker.add("the object twice", Open, format!("{text}{text}{text}"));
}

fn encoded(maker: &mut Maker<'_>, text: &str, other: Option<&str>) {
    let quoted = |text: &str| to_string(text).expect("a string");
    let (once, twice) = (quoted(text), quoted(&quoted(text)));
    maker.add("encoded twice", Lossless, once.as_str());
    maker.add("encoded twice", Lossless, format!(" {once}\n"));
    maker.add("encoded twice", Lossless, twice.as_str());
    maker.add("encoded four times", Never, quoted(&twice));
    maker.add("in an array", Lossless, format!("[{text}]"));
    maker.add("in an array", Lossless, format!("[\n {text}\n]"));
    maker.add("in an array", Open, format!("[[{text}]]"));
    maker.add("in an array", Open, quoted(&format!("[{text}]")));
    if let Some(other) = other {
        maker.add("two in an array", Never, format!("[{text},{other}]"));
        maker.add("two in an array", Never, quoted(&format!("[{text},{other}]")));
    }
    if !maker.call.members().is_empty() {
        maker.add("in an array with something else", Never, format!("[{text},1]"));
        maker.add("in an array with something else", Never, format!("[\"{}\",{text}]", maker.tool.name));
    }
}

fn envelope(maker: &mut Maker<'_>, text: &str) {
    let root = maker.tool.root();
    for member in ["arguments", "parameters", "input"] {
        // Where the tool itself has such members they are its own.
        let is_own = ["name", member].iter().any(|name| root.declared().contains(name));
        let label = if is_own { Never } else { Lossless };
        let name = &maker.tool.name;
        let texts = [
            ("the whole call", label, format!("{{\"name\":\"{name}\",\"{member}\":{text}}}")),
            ("the whole call", label, format!("{{\"{member}\":{text},\"name\":\"{name}\"}}")),
            ("another call within", Never, format!("{{\"name\":\"another_tool\",\"{member}\":{text}}}")),
            (
                "the whole call and more",
                if is_own { Never } else { Open },
                format!("{{\"name\":\"{name}\",\"{member}\":{text},\"id\":\"call_1\",\"type\":\"function\"}}"),
            ),
        ];
        for (kind, label, text) in texts {
            let before = maker.cases.len();
            maker.add(kind, label, text);
            // The arguments alone do not say what the tool is called.
            maker.cases[before..].iter_mut().for_each(|case| case.is_about_call = true);
        }
    }
}

fn empty(maker: &mut Maker<'_>) {
    let is_empty = maker.tool.root().declared().is_empty();
    for text in ["", "null", "\"\""] {
        maker.add("nothing", if is_empty { Lossless } else { Never }, text);
    }
    for text in [" \n", "None", "[]", "```json\n```", "undefined"] {
        maker.add("nothing", if is_empty { Open } else { Never }, text);
    }
}
