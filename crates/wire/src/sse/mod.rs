//! Server-sent events, decoded once and encoded once.
//!
//! [`Decoder`] takes bytes as they come, cut anywhere, and gives [`Event`]s. An event keeps the exact
//! bytes that it came as, so that a stream which nobody changes leaves byte for byte, comments and odd
//! line ends included; and it keeps its parsed [`Chunk`](crate::openai::Chunk) beside them, so that
//! three layers which look into it cost one parse.
//!
//! ```
//! use bytes::Bytes;
//! use llm_layers_wire::sse::Decoder;
//!
//! let mut decoder = Decoder::default();
//! decoder.push(Bytes::from_static(b"data: {\"choices\":[]}\n\nda"));
//! let event = decoder.next()?.expect("a whole event");
//! assert_eq!(event.data(), Some(&b"{\"choices\":[]}"[..]));
//! assert!(decoder.next()?.is_none(), "the second event is not whole yet");
//!
//! decoder.push(Bytes::from_static(b"ta: [DONE]\n\n"));
//! assert!(decoder.next()?.expect("the second event").is_done());
//! # Ok::<(), llm_layers_wire::sse::Error>(())
//! ```
//!
//! The format is that of the WHATWG HTML standard, section 9.2: lines end by LF, CR or CRLF, a byte
//! order mark may lead, several `data` lines are joined by LF. Two things differ on purpose. Blocks
//! without data (comments, `retry`) are events here too, without [`data`](Event::data), because they
//! must be forwarded. And the block that the end of the stream cuts off is given by
//! [`Decoder::finish`], marked as [not terminated](Event::is_terminated), because many servers omit
//! the last blank line.

mod decoder;
mod error;
mod event;
mod limits;

pub use decoder::Decoder;
pub use error::Error;
pub use event::Event;
pub use limits::Limits;
