//! Several mistakes at once, each of which has one reading.

use super::{
    Maker,
    members::{all_renamed, is_closed_throughout},
    values::stringified,
};
use crate::{
    case::Label::Lossless,
    json::{Path, Strings, Style},
};

pub(super) fn add(maker: &mut Maker<'_>) {
    let call = maker.call;
    if call.members().is_empty() {
        return;
    }
    let kind = "several mistakes at once";
    let python = Style { strings: Strings::Repr, python: true, trailing: ",", ..Style::SPACED };
    let script = Style { strings: Strings::Single, bare_names: true, trailing: ",", ..Style::PRETTY };
    let raw = Style { strings: Strings::RawControl, trailing: ",", bare_names: true, ..Style::default() };
    let strings = stringified(maker, call, &mut Path::new());
    let camel = if is_closed_throughout(maker) { all_renamed(maker, call, &mut Path::new()) } else { call.clone() };
    let texts = [
        format!("```python\n{}\n```", python.write(call)),
        format!("Here you are: {}", script.write(call)),
        format!("```js\n{}\n``` // done", script.write(call).replacen('\n', " // the arguments\n", 1)),
        format!("```json\n{}\n```", strings.compact()),
        format!("[{}]", camel.compact()),
        script.write(&strings),
        raw.write(&camel),
        serde_json::to_string(&strings.compact()).expect("a string"),
        format!("{}}}", python.write(call)),
    ];
    for text in texts {
        maker.add(kind, Lossless, text);
    }
}
