use std::borrow::Cow;

use crate::judge::{Call, Turn};

/// What the model has said, in memory of its own.
pub(super) fn owned(turn: Turn<'_>) -> Turn<'static> {
    let Turn { choice, calls, text, is_refusal, end } = turn;
    let own = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
    let calls = calls.into_iter();
    let calls = calls.map(|Call { id, name, arguments, kind }| Call {
        id: own(id),
        name: own(name),
        arguments: own(arguments),
        kind,
    });
    Turn { choice, calls: calls.collect(), text: text.map(own), is_refusal, end }
}
