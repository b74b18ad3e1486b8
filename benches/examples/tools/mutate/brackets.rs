//! A bracket too few or too many, and texts that stop in the middle.

use super::{
    Maker, some,
    tokens::{Token, splice, tokens},
};
use crate::{
    case::Label::{self, Lossless, Never, Open},
    json::Style,
};

pub(super) fn add(maker: &mut Maker<'_>) {
    for style in [Style::default(), Style::PRETTY] {
        let text = style.write(maker.call);
        let signs = tokens(&text);
        missing(maker, &text, &signs);
        extra(maker, &text, &signs);
        cut(maker, &text, &signs);
    }
}

fn missing(maker: &mut Maker<'_>, text: &str, signs: &[Token]) {
    for (at, closer) in signs.iter().enumerate().filter(|(_, sign)| sign.closes()) {
        let broken = splice(text, closer.at.clone(), "");
        if at + 1 == signs.len() {
            let label = end_label(maker, text, signs);
            maker.add("missing closer at the end", label, broken.trim_end());
            maker.add("missing closer at the end", label, broken);
            // Two brackets missing: never mended, however much is there.
            if signs[at - 1].closes() {
                maker.add("two closers missing", Never, &text[..signs[at - 1].at.start]);
            }
        } else if signs[at + 1..].iter().all(|sign| sign.sign == closer.sign) {
            // The same text as without the last one.
        } else {
            maker.add("missing closer within", within_label(signs, at), broken);
        }
    }
}

/// Nothing can be lost where all that the schema declares is there, and the last thing is no number.
fn end_label(maker: &Maker<'_>, text: &str, signs: &[Token]) -> Label {
    let root = maker.tool.root();
    let is_whole = !root.has_patterns() && root.declared().iter().all(|name| maker.call.get(name).is_some());
    let Some(last) = signs.len().checked_sub(2).map(|at| &signs[at]) else { return Never };
    let is_number = last.sign == '0' && text[last.at.clone()].ends_with(|end: char| end.is_ascii_digit());
    match (is_whole, is_number, last.sign) {
        (false, ..) => Never,
        // White space behind a number says that it is whole.
        (_, true, _) => {
            if text.ends_with("\n}") {
                Open
            } else {
                Never
            }
        }
        (_, _, '{') => Open,
        _ => Lossless,
    }
}

/// A closer that is missing in the middle has one place only before a closer of the other kind, or of the same kind
/// where what is closed last could not have ended earlier.
fn within_label(signs: &[Token], at: usize) -> Label {
    let (closer, next) = (&signs[at], &signs[at + 1]);
    let before = &signs[at - 1];
    if next.closes() {
        return match () {
            // `[[1,2],[3,4}`: the last one may have been `[3],4`.
            () if before.sign == closer.sign && before.within > 1 => Open,
            () if next.sign == closer.sign || closer.within == 0 => Open,
            () => Lossless,
        };
    }
    let is_name = signs.get(at + 3).is_some_and(|sign| sign.sign == ':');
    match closer.sign {
        // Its last members may be those of what is around it.
        '}' if is_name => Never,
        // `["a","b","name":`, `{"a":1,{`: a comma that cannot be one of what is open.
        '}' => Open,
        ']' if is_name => Open,
        _ => Never,
    }
}

fn extra(maker: &mut Maker<'_>, text: &str, signs: &[Token]) {
    for more in ["}", "]", "\n}", " ] "] {
        maker.add("extra closer at the end", Lossless, format!("{text}{more}"));
    }
    for more in ["}}", "]]", "}]", "}} "] {
        maker.add("two extra closers", Never, format!("{text}{more}"));
    }
    let inner = signs.iter().enumerate().filter(|(at, sign)| sign.closes() && at + 1 < signs.len());
    for (at, closer) in some(inner.collect(), 4) {
        let is_at_end = signs[at..].iter().all(|sign| sign.sign == '}');
        if !is_at_end {
            let label = if closer.sign == '}' && signs[at + 1].sign == ',' { Never } else { Open };
            maker.add(
                "extra closer within",
                label,
                splice(text, closer.at.clone(), &text[closer.at.clone()].repeat(2)),
            );
        }
        let wrong = if closer.sign == '}' { "]" } else { "}" };
        maker.add("wrong closer", Open, splice(text, closer.at.clone(), wrong));
    }
}

fn cut(maker: &mut Maker<'_>, text: &str, signs: &[Token]) {
    let end = signs.last().map_or(0, |last| last.at.start);
    // Behind signs, where a reader would be content, and anywhere else.
    let behind = signs[..signs.len() - 1].iter().map(|sign| sign.at.end).filter(|at| *at < end);
    let behind = some(behind.collect(), 12);
    let anywhere = some((1..end).filter(|at| text.is_char_boundary(*at)).collect(), 12);
    for at in behind.into_iter().chain(anywhere) {
        let before = maker.cases.len();
        // One sign short of the end is what `missing` does, if white space alone is lost.
        if !text[at..end].trim().is_empty() {
            maker.add("stops in the middle", Never, &text[..at]);
        }
        maker.add("cut off by a limit", Never, &text[..at]);
        if let Some(last) = maker.cases[before..].last_mut() {
            last.is_cut_off = true;
        }
    }
    // What was whole before the limit came, and what has another mistake besides. Of `{}` nobody can tell: Anthropic says
    // so of what was cut at its very beginning, too.
    let is_empty = signs.len() == 2;
    for (label, text) in [
        (Label::Valid, text.to_owned()),
        (Never, text[..end].to_owned()),
        (Never, format!("```json\n{text}\n```")),
        (Never, format!("{text}}}")),
        (Never, text[..end].trim_end().to_owned() + ",}"),
    ] {
        if is_empty && label == Label::Valid {
            continue;
        }
        maker.add("cut off by a limit", label, text);
        if let Some(last) = maker.cases.last_mut() {
            last.is_cut_off = true;
        }
    }
}
