//! What every dialect does to an answer, seen from the service.

use bytes::Bytes;
use llm_layers_core::{BoxError, Failure};
use llm_layers_wire::sse::Event;

/// Turns a provider's answer into OpenAI's, whole or event by event.
///
/// One value serves one answer.
pub(crate) trait Translate: Send + 'static {
    /// A whole answer of a successful status.
    fn whole(self: Box<Self>, body: Bytes) -> Result<Bytes, Failure>;

    /// One event of a stream. What goes to the client is added to `out`.
    fn event(&mut self, event: Event, out: &mut Vec<Event>) -> Flow;

    /// The provider's stream is over, with an error if it broke off: [`Flow::Over`] if the answer was whole, else
    /// [`Flow::Failed`]. Not called after either of them.
    fn end(&mut self, error: Option<BoxError>, out: &mut Vec<Event>) -> Flow;

    /// The event by which a client is told of a failure within a stream, the last one: no `[DONE]` follows an error.
    fn told(&self, failure: &Failure) -> Event {
        Event::new(failure.error().to_bytes())
    }
}

/// Whether a stream goes on.
#[derive(Debug)]
pub(crate) enum Flow {
    /// More may come. Nothing was said yet that a client would miss if the call were tried again.
    Opening,
    /// More may come, and something that matters has been said.
    Going,
    /// It is over; what else the provider sends does not count.
    Over,
    /// The provider reports an error. If nothing that matters has been sent this becomes the answer,
    /// with a status of its own; else an error event, the last one.
    Failed(Failure),
}
