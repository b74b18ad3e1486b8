use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use futures_core::Stream;
use llm_layers_core::{Events, Operation};
use llm_layers_wire::json::{Limits, Object, items, members};
use tokio::time::Sleep;

/// So long the end of an answer that has said all is waited for: some servers keep the connection open.
const PATIENCE: Duration = Duration::from_secs(1);
/// So many events may come by then.
const MOST: usize = 256;

/// The rest of an answer of which the client hears no more, let come to its end: cut off, it would look as if the client
/// had gone, and nobody would hear what it has used.
pub(super) struct Rest {
    events: Events,
    left: usize,
    patience: Option<Pin<Box<Sleep>>>,
}

impl Rest {
    pub(super) const fn new(events: Events) -> Self {
        Self { events, left: MOST, patience: None }
    }
}

impl Future for Rest {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        while this.left > 0 {
            match Pin::new(&mut this.events).poll_next(cx) {
                Poll::Ready(Some(Ok(_))) => this.left -= 1,
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => {
                    let patience = this.patience.get_or_insert_with(|| Box::pin(tokio::time::sleep(PATIENCE)));
                    return patience.as_mut().poll(cx);
                }
            }
        }
        Poll::Ready(())
    }
}

/// Whether the model has said all when it says this: little is to come but the usage.
pub(super) fn is_the_end(operation: Operation, data: &[u8]) -> bool {
    if operation == Operation::ChatCompletion && data.starts_with(b"[DONE]") {
        return true;
    }
    let Ok(object) = Object::parse_with(data.to_vec(), &Limits::LENIENT) else { return false };
    let kind = object.text("type");
    match operation {
        Operation::ChatCompletion => {
            let reasons = items(object.get("choices").unwrap_or_default()).flat_map(members);
            let mut reasons = reasons.filter(|(name, _)| *name == b"finish_reason");
            reasons.any(|(_, reason)| reason.len() > 2 && reason != b"null")
        }
        Operation::Message => matches!(kind.as_deref(), Some("message_delta" | "message_stop")),
        _ => matches!(kind.as_deref(), Some("response.completed" | "response.incomplete" | "response.cancelled")),
    }
}

#[cfg(test)]
mod tests {
    use llm_layers_core::Operation::{ChatCompletion as Chat, Message, Response};

    use super::*;

    #[test]
    fn the_end_is_known_in_every_shape() {
        for (operation, data, expected) in [
            (Chat, "[DONE]", true),
            (Chat, r#"{"choices":[{"delta":{}},{"finish_reason":"tool_calls"}]}"#, true),
            (Chat, r#"{"choices":[{"finish_reason":null},{"finish_reason":""}]}"#, false),
            (Chat, r#"{"choices":[],"usage":{}}"#, false),
            (Message, r#"{"type":"message_delta"}"#, true),
            (Message, r#"{"type":"content_block_stop"}"#, false),
            (Response, r#"{"type":"response.completed"}"#, true),
            (Response, r#"{"type":"response.output_item.done"}"#, false),
            (Response, "ping", false),
        ] {
            assert_eq!(is_the_end(operation, data.as_bytes()), expected, "{data}");
        }
    }
}
