use bytes::Bytes;

use super::{Channel, Deltas};

/// The running texts that have begun and not ended, each with the data of its last event, in whose shape the next can be
/// made.
#[derive(Default)]
pub(super) struct Open {
    list: Vec<(Channel, Bytes)>,
}

/// What is held back of a running text that is over.
pub(super) struct Left {
    pub(super) channel: Channel,
    pub(super) text: String,
    /// The data of its last event.
    pub(super) last: Bytes,
}

impl Open {
    /// More running texts at once than any answer has. Beyond, the oldest is taken to be over.
    const MOST: usize = 1024;

    /// A piece of the text has come with these data. Gives what is left of another that had to end for it.
    pub(super) fn goes_on(&mut self, channel: Channel, data: Bytes, deltas: &mut impl Deltas) -> Option<Left> {
        match self.list.iter_mut().find(|(open, _)| *open == channel) {
            Some((_, last)) => {
                *last = data;
                None
            }
            None => {
                self.list.push((channel, data));
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
        self.list.retain_mut(|(channel, last)| {
            let over = is_over(*channel);
            if over {
                let text = deltas.end(*channel);
                if !text.is_empty() {
                    left.push(Left { channel: *channel, text, last: std::mem::take(last) });
                }
            }
            !over
        });
        left
    }
}
