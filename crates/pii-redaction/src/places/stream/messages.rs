use llm_layers_wire::{
    json::{Limits, Object},
    sse::Event,
};
use serde_json::json;

use super::{Channel, Deltas, Kind, index_of, object, open::Open, show_data, show_whole, text_of};
use crate::places::shape::Shape;

/// Anthropic's events.
///
/// Thoughts (`thinking_delta`) are shown and go by as they are: their signature comes at the end, and the client has to
/// send them back as they were signed.
#[derive(Default)]
pub(super) struct Messages {
    open: Open,
    is_named: bool,
}

/// A piece of a running text: the member that holds it, and the member in that.
struct Piece {
    within: &'static str,
    member: &'static str,
    channel: Channel,
}

impl Messages {
    pub(super) fn event(&mut self, mut event: Event, deltas: &mut impl Deltas, out: &mut Vec<Event>) {
        let Some(mut object) = object(&event) else {
            show_data(&mut event, deltas);
            return out.push(event);
        };
        self.is_named = event.name().is_some();
        let index = index_of(object.get("index")).unwrap_or_default();
        let kind = text_of(object.get("type").unwrap_or_default()).unwrap_or_default().into_owned();
        let within = match kind.as_str() {
            "ping" => return out.push(event),
            "content_block_start" => Some("content_block"),
            "content_block_delta" => Some("delta"),
            "content_block_stop" => {
                self.end(|channel| channel.of == index, deltas, out);
                None
            }
            "message_delta" | "message_stop" | "error" => {
                self.end(|_| true, deltas, out);
                None
            }
            _ => None,
        };
        let inner = within.and_then(|within| {
            let inner = Object::parse_with(object.get_bytes(within)?, &Limits::LENIENT).ok()?;
            Some((within, inner))
        });
        let Some((within, mut inner)) = inner else {
            show_whole(&mut event, &mut object, Shape::Event, deltas);
            return out.push(event);
        };
        let (member, kind) = match inner.get("type") {
            Some(br#""text""# | br#""text_delta""#) => ("text", Kind::Text),
            Some(br#""input_json_delta""#) => ("partial_json", Kind::Arguments),
            Some(br#""thinking""# | br#""thinking_delta""#) => ("thinking", Kind::Thought),
            Some(br#""signature_delta""#) => return out.push(event),
            _ => {
                show_whole(&mut event, &mut object, Shape::Event, deltas);
                return out.push(event);
            }
        };
        let piece = Piece { within, member, channel: Channel::new(kind, index, 0) };
        if self.goes_on(&piece, &mut object, &mut inner, deltas, out) {
            if object.is_edited() {
                event.set_data(object.to_bytes());
            }
            out.push(event);
        }
    }

    /// Takes a piece of a running text; whether its event is still worth sending.
    fn goes_on(
        &mut self,
        piece: &Piece,
        object: &mut Object,
        inner: &mut Object,
        deltas: &mut impl Deltas,
        out: &mut Vec<Event>,
    ) -> bool {
        let Some(text) = inner.get(piece.member).and_then(text_of).filter(|text| !text.is_empty()) else {
            return true;
        };
        let replaced = deltas.delta(piece.channel, &text);
        // The index is all that another event needs of this.
        if let Some(left) = self.open.goes_on(piece.channel, &[], deltas) {
            out.push(self.extra(left.channel, &left.text));
        }
        let Some(replaced) = replaced.filter(|_| !piece.channel.is_sealed()) else { return true };
        inner.set(piece.member, replaced.as_str());
        // JSON that was set is JSON.
        let _ = object.set_raw(piece.within, inner.to_bytes());
        !replaced.is_empty() || piece.within == "content_block"
    }

    pub(super) fn finish(&mut self, deltas: &mut impl Deltas, out: &mut Vec<Event>) {
        self.end(|_| true, deltas, out);
    }

    fn end(&mut self, is_over: impl Fn(Channel) -> bool, deltas: &mut impl Deltas, out: &mut Vec<Event>) {
        let left = self.open.end(is_over, deltas);
        out.extend(left.into_iter().map(|left| self.extra(left.channel, &left.text)));
    }

    fn extra(&self, channel: Channel, text: &str) -> Event {
        let delta = match channel.kind {
            Kind::Arguments => json!({ "type": "input_json_delta", "partial_json": text }),
            _ => json!({ "type": "text_delta", "text": text }),
        };
        let data = json!({ "type": "content_block_delta", "index": channel.of, "delta": delta });
        let event = Event::new(data.to_string());
        if self.is_named { event.with_name("content_block_delta") } else { event }
    }
}
