use llm_layers_wire::{json::Object, sse::Event};
use serde_json::json;

use super::{
    super::items::{Item, edit},
    kind,
};
use crate::answer::nested::parse;

/// Writes an event of a mended block anew: its beginning with another name, and all of its text in one piece.
pub(super) fn event(mut event: Event, item: &mut Item, out: &mut Vec<Event>) {
    let Some(Ok(Some(mut object))) = event.data_bytes().map(parse) else { return };
    match &*kind(&event, &object) {
        "content_block_start" => {
            let whole = (!item.has_pieces).then(|| delta(&event, &object, item));
            edit(&mut object, "content_block", |block| begin(block, item));
            event.set_data(object.to_bytes());
            out.push(event);
            if let Some(whole) = whole {
                item.is_told = true;
                out.push(whole);
            }
        }
        "content_block_delta" if item.is_told => {}
        "content_block_delta" => {
            item.is_told = true;
            edit(&mut object, "delta", |delta| delta.set(member(item), item.text()));
            event.set_data(object.to_bytes());
            out.push(event);
        }
        _ => out.push(event),
    }
}

fn begin(block: &mut Object, item: &Item) {
    if item.call().is_none() {
        return block.set("text", "");
    }
    for (member, new) in [("id", item.new_id()), ("name", item.new_name())] {
        if let Some(new) = new {
            block.set(member, new);
        }
    }
    if block.get("input") != Some(b"{}") {
        // It is JSON.
        let _ = block.set_raw("input", "{}");
    }
}

/// An event with all of a block's text, behind the one that begins it.
fn delta(begin: &Event, object: &Object, item: &Item) -> Event {
    let kind = if item.call().is_some() { "input_json_delta" } else { "text_delta" };
    let index: u64 = object.read("index").ok().flatten().unwrap_or_default();
    let delta = json!({ "type": kind, member(item): item.text() });
    let data = json!({ "type": "content_block_delta", "index": index, "delta": delta });
    let event = Event::new(data.to_string());
    if begin.name().is_some() { event.with_name("content_block_delta") } else { event }
}

fn member(item: &Item) -> &'static str {
    if item.call().is_some() { "partial_json" } else { "text" }
}
