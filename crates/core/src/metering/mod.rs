//! What answers tell of their usage, read as they pass, and told at their end.
//!
//! A limiter, a ledger and a router all want to know what a call has used, and it is known only when the last byte of
//! the answer has passed. [`meter`] looks at an answer on its way, in the shape of chat completions, completions,
//! embeddings, responses or messages, streamed or whole, and calls an observer once, when the answer is over.
//!
//! ```
//! use http::{Response, header::CONTENT_TYPE};
//! use llm_layers_core::{Body, End, metering::{self, Metering, Reading}};
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let (ended, end) = std::sync::mpsc::channel();
//! let answer = r#"{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}"#;
//! let response = Response::builder().header(CONTENT_TYPE, "application/json").body(Body::from(answer))?;
//! let mut response = metering::meter(response, &Metering::new(), move |reading: &Reading, how: End| {
//!     ended.send((reading.tokens().total(), how)).expect("a receiver");
//! });
//! response.body_mut().bytes(1024).await?;
//! assert_eq!(end.recv()?, (7, End::Complete));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Nothing is held back: frames and events go on at once. Of a whole answer the frames are remembered, up to
//! [`Metering::max_remembered`] bytes; of a stream nothing is. What others have parsed of an event, and will, is parsed
//! once.
//!
//! Of several layers that look at the same whole answer in memory the lowest reads it, and leaves its reading among the
//! extensions of the response: who puts another answer in its place makes a new response.
//!
//! Streams of chat completions tell their usage only when asked: see [`ask_for_usage`].
//!
//! Sources: OpenAI's reference and the types of its Python SDK 3.52.0, Anthropic's Messages API, DeepSeek's and
//! Moonshot's references of the chat completion's usage, OpenRouter's "usage accounting"; all as of November 2026.

mod ask;
mod events;
mod observe;
mod read;
mod reading;
mod reasons;
mod shown;
#[cfg(test)]
mod tests;
mod tokens;
mod usage;
mod whole;

use std::{borrow::Borrow, sync::Arc};

use http::{Response, header::CONTENT_LENGTH};
use llm_layers_wire::sse;

pub use ask::{ask_for_usage, hide_usage};
pub use observe::Observe;
pub use reading::{BYTES_PER_TOKEN, Billed, Expected, Reading, Shape};
pub use tokens::Tokens;

use crate::{Body, End};
use observe::Watch;

/// How an answer is looked at.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Metering {
    /// Bounds on the lines and events of a stream.
    pub sse_limits: sse::Limits,
    /// A longer whole answer is not remembered for its usage. Default 4 MiB.
    pub max_remembered: usize,
    /// Takes off a stream what [`ask_for_usage`] has asked for, after it was read. Default `false`.
    pub hides_usage: bool,
    /// The observer changes events: their length is no longer what the provider has announced. Default `false`.
    pub edits_events: bool,
}

impl Metering {
    /// The defaults.
    #[must_use]
    pub const fn new() -> Self {
        Self { sse_limits: sse::Limits::DEFAULT, max_remembered: 4 << 20, hides_usage: false, edits_events: false }
    }

    /// Sets the bounds on the lines and events of a stream.
    #[must_use]
    pub const fn sse_limits(mut self, limits: sse::Limits) -> Self {
        self.sse_limits = limits;
        self
    }

    /// Sets whether usage is taken off a stream.
    #[must_use]
    pub const fn hides_usage(mut self, yes: bool) -> Self {
        self.hides_usage = yes;
        self
    }

    /// Sets whether the observer changes events.
    #[must_use]
    pub const fn edits_events(mut self, yes: bool) -> Self {
        self.edits_events = yes;
        self
    }
}

impl Default for Metering {
    fn default() -> Self {
        Self::new()
    }
}

/// Lets an answer go on its way, and tells the observer what it has used, once, when it is over.
///
/// Compressed answers and those of other media types are not looked into: only their end is told.
#[must_use]
pub fn meter<O: Observe>(mut response: Response<Body>, metering: &Metering, observer: O) -> Response<Body> {
    let reading = Reading::begun(&response);
    match reading.shape {
        Shape::Stream => {
            if metering.hides_usage || metering.edits_events {
                // What leaves is of another length than what was announced.
                response.headers_mut().remove(CONTENT_LENGTH);
            }
            response.map(|body| events::metered(body, metering, Watch::new(observer, reading)))
        }
        Shape::Whole => {
            if let Some(reading) = read_whole(&mut response) {
                return response.map(|body| until_end(body, Watch::new(observer, reading)));
            }
            response.map(|body| whole::metered(body, metering.max_remembered, Watch::new(observer, reading)))
        }
        Shape::Unread | Shape::Awaited => response.map(|body| until_end(body, Watch::new(observer, reading))),
    }
}

/// What a whole answer tells that is in memory and [parsed](Body::as_object), read by the first who asks; nothing of any
/// other.
pub fn read_whole(response: &mut Response<Body>) -> Option<Arc<Reading>> {
    let object = response.body().as_object()?;
    if let Some(AlreadyRead(reading)) = response.extensions().get() {
        return Some(Arc::clone(reading));
    }
    let mut reading = Reading::begun(response);
    reading.whole(object);
    let reading = Arc::new(reading);
    response.extensions_mut().insert(AlreadyRead(Arc::clone(&reading)));
    Some(reading)
}

/// What a layer below has read of the same whole answer.
#[derive(Clone)]
struct AlreadyRead(Arc<Reading>);

/// An answer of which only the end matters from here on.
fn until_end<O, R>(body: Body, mut watch: Watch<O, R>) -> Body
where
    O: Observe,
    R: Borrow<Reading> + Send + 'static,
{
    body.on_end(move |how| match how {
        // Dropping the watch tells of it.
        End::Cancelled => {}
        how => watch.end(how),
    })
}
