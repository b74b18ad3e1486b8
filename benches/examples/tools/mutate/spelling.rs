//! The arguments are there, in a spelling that is nearly JSON.

use super::{
    Maker, some,
    tokens::{Token, splice, tokens},
};
use crate::{
    case::Label::{self, Lossless, Never, Open},
    json::{Json, Strings, Style},
};

pub(super) fn add(maker: &mut Maker<'_>) {
    let call = maker.call;
    if call.members().is_empty() {
        return;
    }
    commas(maker);
    quotes(maker);
    for style in [Style::default(), Style::PRETTY, Style::SPACED] {
        maker.add("names without quotes", Lossless, Style { bare_names: true, ..style }.write(call));
    }
    comments(maker);
    literals(maker);
    escapes(maker);
    numbers(maker);
    lost_signs(maker);
}

/// Both spellings of the call, with their signs.
fn spellings(maker: &Maker<'_>) -> [(String, Vec<Token>); 2] {
    [Style::default(), Style::PRETTY].map(|style| {
        let text = style.write(maker.call);
        let signs = tokens(&text);
        (text, signs)
    })
}

fn commas(maker: &mut Maker<'_>) {
    let call = maker.call;
    for (style, trailing) in [(Style::default(), ","), (Style::PRETTY, ","), (Style::SPACED, " , ")] {
        maker.add("trailing comma", Lossless, Style { trailing, ..style }.write(call));
    }
    for (text, signs) in spellings(maker) {
        for closer in some(signs.iter().filter(|sign| sign.closes() && sign.within > 0).collect(), 4) {
            maker.add("trailing comma", Lossless, splice(&text, closer.at.start..closer.at.start, ","));
        }
        for comma in some(signs.iter().filter(|sign| sign.sign == ',').collect(), 4) {
            // Something may have stood between them.
            maker.add("two commas", Never, splice(&text, comma.at.clone(), ",,"));
        }
    }
}

fn quotes(maker: &mut Maker<'_>) {
    let call = maker.call;
    let spelled = |strings: Strings, python: bool| Style { strings, python, ..Style::SPACED }.write(call);
    maker.add("single quotes", Lossless, spelled(Strings::Single, false));
    maker.add("single quotes", Lossless, Style { strings: Strings::Single, ..Style::PRETTY }.write(call));
    maker.add("Python's repr", Lossless, spelled(Strings::Repr, true));
    let unescaped = spelled(Strings::SingleUnescaped, false);
    if unescaped != spelled(Strings::Single, false) {
        maker.add("unescaped apostrophe in single quotes", Never, unescaped);
    }
    let unescaped = spelled(Strings::Unescaped, false);
    if unescaped != Style::SPACED.write(call) {
        maker.add("unescaped quote", Never, unescaped);
    }
    for (open, close) in [('“', '”'), ('„', '“'), ('`', '`')] {
        let (text, signs) = &spellings(maker)[0];
        let curly = signs.iter().rev().filter(|sign| sign.sign == '"').fold(text.clone(), |text, sign| {
            let inner = &text[sign.at.start + 1..sign.at.end - 1];
            let quoted = format!("{open}{inner}{close}");
            splice(&text, sign.at.clone(), &quoted)
        });
        maker.add("typographic quotes", Never, curly);
    }
    // As it is in a text that quotes what it says: which quote ends it?
    let texts = call.places().into_iter().filter_map(|(path, place)| match place {
        Json::Text(text) if !text.is_empty() => Some((path, text.clone())),
        _ => None,
    });
    for (path, text) in some(texts.collect(), 3) {
        let marked = call.with(&path, Json::Text(format!("\u{1}a \u{1}b\u{1} c {text}"))).compact();
        let broken = marked.replacen("\\u0001", "", 1).replace("\\u0001", "\"");
        maker.add("unescaped quote", Never, broken);
    }
}

fn comments(maker: &mut Maker<'_>) {
    let pretty = Style::PRETTY.write(maker.call);
    let signs = tokens(&pretty);
    // At the end of a line, which ends some of them.
    let ends = signs.iter().filter(|sign| ",{[".contains(sign.sign)).map(|sign| sign.at.end);
    let places: Vec<usize> = ends.filter(|at| pretty[*at..].starts_with('\n')).collect();
    for at in some(places, 4) {
        for comment in [" // the user's own", " # as asked, {\"x\": [1]", " /* \"a\": 1, */"] {
            maker.add("comment", Lossless, splice(&pretty, at..at, comment));
        }
        maker.add("comment without an end", Never, splice(&pretty, at..at, " /* "));
    }
    maker.add("comment", Lossless, format!("/* the arguments */ {pretty}"));
    maker.add("comment", Lossless, format!("{pretty} // done"));
}

fn literals(maker: &mut Maker<'_>) {
    let call = maker.call;
    let places: Vec<_> = call.places().into_iter().filter(|(_, place)| matches!(place, Json::Plain(_))).collect();
    let has_literals = places.iter().any(|(_, place)| !place.is_number());
    if has_literals {
        for style in [Style::default(), Style::PRETTY] {
            maker.add("Python literals", Lossless, Style { python: true, ..style }.write(call));
        }
    }
    for (path, _) in some(places, 3) {
        for word in ["NaN", "Infinity", "undefined", "nil", "TRUE", "Truest", "yes", "..."] {
            maker.add("other literals", Never, call.with(&path, Json::Plain(word.to_owned())).compact());
        }
    }
    // A value in no quotes at all.
    let is_bare = |text: &str| !text.is_empty() && Json::read(text).is_none();
    let texts = call.places().into_iter().filter(|(_, place)| matches!(place, Json::Text(text) if is_bare(text)));
    for (path, place) in some(texts.collect(), 3) {
        if let Json::Text(text) = place {
            maker.add("string without quotes", Never, call.with(&path, Json::Plain(text.clone())).compact());
        }
    }
}

fn escapes(maker: &mut Maker<'_>) {
    let call = maker.call;
    let plain = Style::SPACED.write(call);
    let mut odd = |kind: &'static str, strings: Strings| {
        let text = Style { strings, ..Style::SPACED }.write(call);
        if text != plain {
            maker.add(kind, Lossless, text);
        }
    };
    odd("raw line break or tab", Strings::RawControl);
    odd("escaped apostrophe", Strings::EscapedApostrophe);
    let (text, signs) = &spellings(maker)[0];
    let texts =
        signs.windows(2).filter(|pair| pair[0].sign == '"' && pair[1].sign != ':').map(|pair| pair[0].at.start + 1);
    for at in some(texts.collect(), 3) {
        for escape in ["\\d", "\\.", "\\x41", "\\u12 ", "\\ "] {
            maker.add("unknown escape", Never, splice(text, at..at, escape));
        }
    }
}

fn numbers(maker: &mut Maker<'_>) {
    let call = maker.call;
    let all = call.places().into_iter().filter_map(|(path, place)| match place {
        Json::Plain(text) if place.is_number() => Some((path, text.clone())),
        _ => None,
    });
    for (path, number) in some(all.collect(), 3) {
        let mut spellings = vec![format!("{number}."), format!("{number} km"), format!("1_{number}")];
        if !number.starts_with('-') {
            spellings.extend([format!("+{number}"), format!("0{number}"), format!(".{number}"), "0x1F".to_owned()]);
        }
        for spelling in spellings {
            maker.add("number that JSON does not know", Never, call.with(&path, Json::Plain(spelling)).compact());
        }
    }
}

/// A sign that holds the text together is not there, or is another.
fn lost_signs(maker: &mut Maker<'_>) {
    for (text, signs) in spellings(maker) {
        let mut swap = |sign: char, kind: &'static str, label: Label, with: &str| {
            for found in some(signs.iter().filter(|found| found.sign == sign).collect(), 3) {
                maker.add(kind, label, splice(&text, found.at.clone(), with));
            }
        };
        swap(',', "missing comma", Never, " ");
        swap(',', "other separator", Never, ";");
        swap(':', "missing colon", Never, " ");
        swap(':', "other separator", Never, "=");
        let strings = || signs.iter().filter(|sign| sign.sign == '"').map(|sign| sign.at.clone());
        for at in some(strings().collect(), 4) {
            maker.add("missing quote", Never, splice(&text, at.start..at.start + 1, ""));
            maker.add("missing quote", Never, splice(&text, at.end - 1..at.end, ""));
        }
        maker.add("words within", Open, splice(&text, 1..1, " and so on "));
    }
}
