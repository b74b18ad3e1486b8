use llm_layers_wire::{json::Object, sse::Event};

use super::{
    super::items::{Item, edit, text},
    Responses,
    output::{arguments, call_kind, is_answer, text_of},
};
use crate::{
    answer::nested::{list, parse},
    judge::CallKind,
};

/// The items that an event tells of, in its order.
struct Items<'a> {
    touched: std::slice::Iter<'a, usize>,
    items: &'a [Item],
    wants_text: bool,
}

impl<'a> Items<'a> {
    fn next(&mut self) -> Option<&'a Item> {
        self.touched.next().and_then(|index| self.items.get(*index))
    }
}

/// Writes an event anew: what was told in pieces in one, and all that was told as a whole.
pub(super) fn event(wire: &Responses, mut event: Event, touched: &[usize], all: &mut [Item], out: &mut Vec<Event>) {
    let Some(Ok(Some(mut object))) = event.data_bytes().map(parse) else { return };
    let kind = text(&object, "type");
    let kind = kind.strip_prefix("response.").unwrap_or(&kind);
    let is_begin = kind.ends_with(".added");
    let mut behind = None;
    if kind.ends_with(".delta") {
        let Some(item) = touched.first().and_then(|index| all.get_mut(*index)).filter(|item| !item.is_told) else {
            return;
        };
        item.is_told = true;
        put_text(&mut object, "delta", item.text());
    } else {
        let mut items = Items { touched: touched.iter(), items: all, wants_text: wire.wants_text };
        match kind {
            "output_item.added" | "output_item.done" => {
                edit(&mut object, "item", |item| spell(item, is_begin, &mut items));
                let call =
                    touched.first().and_then(|index| all.get(*index)).filter(|call| is_begin && is_piece_missing(call));
                behind = call.and_then(|call| piece(&event, &object, call));
            }
            "content_part.added" | "content_part.done" => {
                edit(&mut object, "part", |part| spell_part(part, is_begin, &mut items));
            }
            "output_text.done" => whole(&mut object, "text", &mut items),
            "function_call_arguments.done" => whole(&mut object, "arguments", &mut items),
            "custom_tool_call_input.done" => whole(&mut object, "input", &mut items),
            _ => edit(&mut object, "response", |response| {
                each(response, "output", |item| spell(item, false, &mut items));
            }),
        }
    }
    if object.is_edited() {
        event.set_data(object.to_bytes());
    }
    out.push(event);
    out.extend(behind);
}

/// Whether no event tells a piece of what is now told of a call.
fn is_piece_missing(call: &Item) -> bool {
    call.is_changed() && !call.has_pieces && !call.text().is_empty()
}

/// All of a call's arguments as a piece, behind the event that begins the call: there are clients that read pieces alone.
/// Numbers are given out by the provider, so that this event can but share one.
fn piece(begin: &Event, object: &Object, call: &Item) -> Option<Event> {
    let item = parse(object.get_bytes("item")?).ok()??;
    let kind = call_kind(&item)?;
    if item.get(arguments(kind)) != Some(b"\"\"") {
        return None;
    }
    let name = match kind {
        CallKind::Custom => "response.custom_tool_call_input.delta",
        CallKind::Function | CallKind::Legacy => "response.function_call_arguments.delta",
    };
    let mut data = Object::new();
    data.set("type", name);
    for (from, member, new) in [
        (object, "sequence_number", "sequence_number"),
        (&item, "id", "item_id"),
        (object, "output_index", "output_index"),
    ] {
        if let Some(value) = from.get_bytes(member) {
            // It was split from JSON.
            let _ = data.set_raw(new, value);
        }
    }
    data.set("delta", call.text());
    let event = Event::new(data.to_bytes());
    Some(if begin.name().is_some() { event.with_name(name) } else { event })
}

/// An item, which may be one that is not told of here.
fn spell(item: &mut Object, is_begin: bool, items: &mut Items<'_>) {
    let Some(kind) = call_kind(item) else {
        if items.wants_text && is_answer(item) {
            each(item, "content", |part| spell_part(part, is_begin, items));
        }
        return;
    };
    let Some(call) = items.next().filter(|item| item.is_changed()) else { return };
    for (member, new) in [("call_id", call.new_id()), ("name", call.new_name())] {
        if let Some(new) = new {
            item.set(member, new);
        }
    }
    let is_first = is_begin && (call.has_pieces || item.get(arguments(kind)) == Some(b"\"\""));
    item.set(arguments(kind), if is_first { "" } else { call.text() });
}

fn spell_part(part: &mut Object, is_begin: bool, items: &mut Items<'_>) {
    if text_of(part).is_none() {
        return;
    }
    if let Some(item) = items.next().filter(|item| item.is_changed()) {
        let is_first = is_begin && (item.has_pieces || part.get("text") == Some(b"\"\""));
        put_text(part, "text", if is_first { "" } else { item.text() });
    }
}

/// All of an item in an event of its own.
fn whole(object: &mut Object, member: &str, items: &mut Items<'_>) {
    let Some(item) = items.next().filter(|item| item.is_changed()) else { return };
    put_text(object, member, item.text());
    if let Some(name) = item.new_name().filter(|_| object.contains("name")) {
        object.set("name", name);
    }
}

/// Another text, without what was told of the pieces of the one that stood there.
fn put_text(object: &mut Object, member: &str, text: &str) {
    object.set(member, text);
    object.remove("obfuscation");
    if object.contains("logprobs") {
        // It is JSON.
        let _ = object.set_raw("logprobs", "[]");
    }
}

/// Changes the objects of a list.
fn each(outer: &mut Object, member: &str, mut change: impl FnMut(&mut Object)) {
    // It has been read before.
    let Ok(Some(mut array)) = list(outer, member) else { return };
    let mut is_edited = false;
    let objects: Vec<_> = array.iter().map(parse).enumerate().collect();
    for (index, object) in objects {
        let Ok(Some(mut object)) = object else { continue };
        change(&mut object);
        if object.is_edited() {
            is_edited = true;
            // What was split from JSON, and changed by member, is JSON.
            let _ = array.set(index, object.to_bytes());
        }
    }
    if is_edited {
        let _ = outer.set_raw(member, array.to_bytes());
    }
}
