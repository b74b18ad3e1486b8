use bytes::Bytes;
use llm_layers_wire::json::{Limits, Object};

use super::{Channel, Deltas};

/// The running texts that have begun and not ended, each with the shape of its last event, in which the next can be
/// made.
#[derive(Default)]
pub(super) struct Open {
    list: Vec<(Channel, Bytes)>,
}

/// What is held back of a running text that is over.
pub(super) struct Left {
    pub(super) channel: Channel,
    pub(super) text: String,
    /// The data of its last event, without what is long in them.
    pub(super) shape: Bytes,
}

impl Open {
    /// More running texts at once than any answer has. Beyond, the oldest is taken to be over.
    const MOST: usize = 128;

    /// A piece of the text has come with these data. Gives what is left of another that had to end for it.
    pub(super) fn goes_on(&mut self, channel: Channel, data: &[u8], deltas: &mut impl Deltas) -> Option<Left> {
        let shape = if channel.is_sealed() { Bytes::new() } else { shape(data) };
        match self.list.iter_mut().find(|(open, _)| *open == channel) {
            Some((_, last)) => {
                *last = shape;
                None
            }
            None => {
                self.list.push((channel, shape));
                let oldest = self.list.first().filter(|_| self.list.len() > Self::MOST)?.0;
                self.end(|open| open == oldest, deltas).pop()
            }
        }
    }

    /// The text is over, and what is left of it is seen to.
    pub(super) fn forget(&mut self, channel: Channel) {
        self.list.retain(|(open, _)| *open != channel);
    }

    /// Ends some, and gives what is left of them, in the order in which they began.
    pub(super) fn end(&mut self, is_over: impl Fn(Channel) -> bool, deltas: &mut impl Deltas) -> Vec<Left> {
        let mut left = Vec::new();
        self.list.retain_mut(|(channel, shape)| {
            let over = is_over(*channel);
            if over {
                let text = deltas.end(*channel);
                if !text.is_empty() && !channel.is_sealed() {
                    left.push(Left { channel: *channel, text, shape: std::mem::take(shape) });
                }
            }
            !over
        });
        left
    }
}

/// An event's data, in memory of their own, without what is long. An event may be of megabytes, and a stream may have
/// many texts at once.
fn shape(data: &[u8]) -> Bytes {
    const MOST: usize = 4096;
    const MOST_OF_ONE: usize = 256;
    const MOST_MEMBERS: usize = 64;
    if data.len() <= MOST {
        return Bytes::copy_from_slice(data);
    }
    let object = Object::parse_with(data.to_vec(), &Limits::LENIENT).ok();
    let Some(mut object) = object.filter(|object| object.member_count() <= MOST_MEMBERS) else { return Bytes::new() };
    let long = object.iter().filter(|(name, value)| name.len() + value.len() > MOST_OF_ONE);
    let long: Vec<String> = long.map(|(name, _)| name.into_owned()).collect();
    for name in long {
        object.remove(&name);
    }
    let short = object.to_bytes();
    if short.len() > MOST { Bytes::new() } else { short }
}

#[cfg(test)]
mod tests {
    use llm_layers_core::Operation;
    use llm_layers_pii::Text;
    use llm_layers_wire::sse::Event;

    use super::*;
    use crate::places::{
        Place, Visit,
        stream::{Kind, Stream},
    };

    /// Holds everything back.
    struct Miser;

    impl Visit for Miser {
        fn text(&mut self, _: &Text<'_>, _: Place) -> Option<String> {
            None
        }
    }

    impl Deltas for Miser {
        fn delta(&mut self, _: Channel, _: &str) -> Option<String> {
            Some(String::new())
        }

        fn end(&mut self, _: Channel) -> String {
            "held".to_owned()
        }
    }

    #[test]
    fn little_is_kept_of_a_large_stream() {
        let mut open = Open::default();
        let short = r#"{"id":"c","choices":[]}"#;
        let long = format!(r#"{{"id":"c","delta":"{}"}}"#, "x".repeat(1 << 20));
        let many: String = (0..10_000).map(|at| format!(r#""{at}":1,"#)).collect();
        let many = format!(r#"{{{many}"id":"c"}}"#);
        for (of, data) in (0..300).zip([short, &long, &many, "no JSON", short].into_iter().cycle()) {
            let _ = open.goes_on(Channel::new(Kind::Text, of, 0), data.as_bytes(), &mut Miser);
            assert!(open.list.len() <= 128);
        }
        let kept: Vec<_> = open.list.iter().map(|(_, shape)| shape.len()).collect();
        assert!(kept.iter().all(|kept| *kept < 100), "{kept:?}");
        assert!(open.list.iter().any(|(_, shape)| shape == r#"{"id":"c"}"#));
    }

    #[test]
    fn what_is_left_can_be_sent_without_its_shape() {
        let long = "x".repeat(5000);
        for (operation, data, left) in [
            (
                Operation::ChatCompletion,
                format!(r#"{{"id":"c","x":null,"choices":[{{"index":0,"delta":{{"content":"{long}"}}}}]}}"#),
                r#"{"id":"c","choices":[{"delta":{"content":"held"},"finish_reason":null,"index":0}]}"#,
            ),
            (
                Operation::Response,
                format!(
                    r#"{{"type":"response.output_text.delta","item_id":"i","output_index":1,"content_index":2,"delta":"{long}"}}"#
                ),
                r#"{"type":"response.output_text.delta","item_id":"i","output_index":1,"content_index":2,"delta":"held"}"#,
            ),
            (
                Operation::Response,
                format!(
                    r#"{{{}"type":"response.output_text.delta","output_index":1,"content_index":2,"delta":"x"}}"#,
                    (0..900).map(|at| format!(r#""{at}":1,"#)).collect::<String>()
                ),
                r#"{"type":"response.output_text.delta","output_index":1,"content_index":2,"delta":"held"}"#,
            ),
        ] {
            let (mut stream, mut out) = (Stream::new(operation), Vec::new());
            stream.event(Event::new(data), &mut Miser, &mut out);
            assert!(out.is_empty());
            stream.finish(&mut Miser, &mut out);
            let sent: Vec<_> = out.iter().map(|event| str::from_utf8(event.data().unwrap()).unwrap()).collect();
            assert_eq!(sent, [left]);
        }
    }
}
