use bytes::Bytes;
use llm_layers_wire::json::Object;

use super::{
    calls::Call,
    choice::Choice,
    delta::string,
    edit::{Change, Changes},
};
use crate::{
    judge::{CallKind, Judgement, Mended, Verdict},
    layer::Settings,
};

/// What becomes of what is held of a choice, once it is judged.
pub(super) fn changes(choice: &Choice, judgement: &Judgement, settings: &Settings) -> Changes {
    let calls = choice.calls.list().iter().zip(&judgement.calls).enumerate();
    let calls = calls.map(|(at, (call, verdict))| change(call, choice.calls.number(at), verdict, settings)).collect();
    let mut changes = Changes { calls, ..Changes::default() };
    if let Some(Verdict::Mended(mended)) = &judgement.text
        && let Some(text) = &mended.text
    {
        changes.text = Change::Whole(string(text.as_bytes()));
    }
    // One that is not right stays the text that it was.
    let is_right = || !judgement.calls.iter().any(|verdict| matches!(verdict, Verdict::Invalid(_)));
    if let Some(written) = choice.written.as_ref().filter(|_| is_right()) {
        let verdicts = judgement.calls.iter().skip(choice.calls.list().len());
        let (calls, mut number) = (written.calls.iter().zip(verdicts), choice.calls.number(usize::MAX));
        for ((name, arguments), verdict) in calls {
            changes.written.push(written_item(name, arguments, verdict, number));
            number += 1;
        }
        if changes.text.is_keep() {
            changes.text = match rest(choice, &written.text) {
                "" => Change::Gone,
                rest => Change::Whole(string(rest.as_bytes())),
            };
        }
        changes.finish = Some("tool_calls");
    }
    changes
}

/// What becomes of a call.
pub(super) fn change(call: &Call, number: u64, verdict: &Verdict, settings: &Settings) -> Change {
    let is_rewritten = is_rewritten(call, settings);
    match (verdict, &call.released) {
        // All of it has gone out.
        (Verdict::Mended(_), Some(_)) => Change::Gone,
        (_, Some(released)) if is_rewritten => match call.text().get(released.length..).unwrap_or_default() {
            "" => Change::Gone,
            rest => Change::Whole(item("", call.kind(), "", rest, number).to_bytes()),
        },
        (_, Some(_)) => Change::Keep,
        (Verdict::Mended(mended), None) => Change::Whole(whole(call, mended, number)),
        (_, None) if is_rewritten => Change::Whole(whole(call, &Mended::default(), number)),
        (Verdict::Valid | Verdict::Invalid(_), None) => Change::Keep,
    }
}

/// Whether its pieces are joined here, as clients would join them to something else.
pub(super) fn is_rewritten(call: &Call, settings: &Settings) -> bool {
    call.is_odd && settings.policy(Some(call.first_name())).repair
}

/// What is left to be said of a text that has calls in it.
fn rest<'a>(choice: &Choice, left: &'a str) -> &'a str {
    let flowed = choice.text.as_str().get(..choice.flowed).unwrap_or_default();
    left.strip_prefix(flowed).unwrap_or_default()
}

/// A call as one item of `tool_calls`, or as a `function_call`.
fn whole(call: &Call, mended: &Mended, number: u64) -> Bytes {
    let name = mended.name.as_deref().unwrap_or(call.name());
    let text = mended.text.as_deref().unwrap_or(call.text());
    let (id, kind) = (mended.id.as_deref().unwrap_or(call.id()), call.kind());
    let mut item = item(id, kind, name, text, number);
    if kind != CallKind::Legacy {
        for (name, value) in call.more() {
            // It was read as JSON.
            let _ = item.set_raw(name, value.clone());
        }
    }
    item.to_bytes()
}

fn written_item(name: &str, arguments: &str, verdict: &Verdict, number: u64) -> Bytes {
    let none = Mended::default();
    let mended = if let Verdict::Mended(mended) = verdict { mended } else { &none };
    let (name, text) = (mended.name.as_deref().unwrap_or(name), mended.text.as_deref().unwrap_or(arguments));
    item(mended.id.as_deref().unwrap_or_default(), CallKind::Function, name, text, number).to_bytes()
}

fn item(id: &str, kind: CallKind, name: &str, text: &str, number: u64) -> Object {
    let mut called = Object::new();
    if !name.is_empty() {
        called.set("name", name);
    }
    called.set(if kind == CallKind::Custom { "input" } else { "arguments" }, text);
    if kind == CallKind::Legacy {
        return called;
    }
    let mut item = Object::new();
    let kind = if kind == CallKind::Custom { "custom" } else { "function" };
    item.set("index", &number);
    if !id.is_empty() {
        item.set("id", id);
    }
    item.set("type", kind);
    // An object as it was written.
    let _ = item.set_raw(kind, called.to_bytes());
    item
}
