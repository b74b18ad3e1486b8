//! Wire formats of LLM traffic, sans IO: bytes and values in, values and bytes out.
//!
//! A proxy that parses each call into a tree and writes it out again spends most of its time on that,
//! and loses what it does not know. This crate is for code that looks at little and changes less:
//!
//! - [`json`] splits an object at its top level and validates it in the same pass; members stay slices
//!   of the buffer that came off the wire, and what nobody touched is written out byte for byte;
//! - [`sse`] decodes an event stream, cut anywhere, and keeps each event's bytes until it is changed;
//! - [`openai`] are views on the two: requests, completions, chunks, usage, errors, embeddings;
//! - [`assemble`] joins a stream's chunks into a completion, and splits a completion into chunks.
//!
//! There is no `http`, no `tower`, no async runtime here and no `unsafe`, and everything that comes
//! from outside is bounded by limits. The crate `llm-layers-core` puts these types into HTTP bodies.
//!
//! # Change one member of a request
//!
//! ```
//! use bytes::Bytes;
//! use llm_layers_wire::{json::Object, openai::ChatRequest};
//!
//! let body = Bytes::from_static(br#"{"model":"cheap", "messages":[{"role":"user","content":"Hi"}], "x-new":1e3}"#);
//! let mut object = Object::parse(body)?;
//! if ChatRequest::new(&object).model()?.as_deref() == Some("cheap") {
//!     object.set("model", "gpt-5-mini");
//! }
//! // What this crate has never heard of leaves as it came, down to the spelling of its numbers.
//! assert_eq!(
//!     object.to_bytes(),
//!     r#"{"model":"gpt-5-mini", "messages":[{"role":"user","content":"Hi"}], "x-new":1e3}"#
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Read a stream while it is passed on
//!
//! ```
//! use bytes::{Bytes, BytesMut};
//! use llm_layers_wire::{assemble::Assembler, sse::Decoder};
//!
//! let stream = Bytes::from_static(
//!     b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hel\"}}]}\r\n\r\n\
//!       data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"lo\"},\"finish_reason\":\"stop\"}]}\n\n\
//!       data: [DONE]\n\n",
//! );
//! let (mut decoder, mut assembler, mut out) = (Decoder::default(), Assembler::new(), BytesMut::new());
//! for piece in stream.chunks(7) {
//!     decoder.push(Bytes::copy_from_slice(piece));
//!     while let Some(event) = decoder.next()? {
//!         if let Some(chunk) = event.chunk() {
//!             assembler.push(chunk)?;
//!         }
//!         event.encode(&mut out);
//!     }
//! }
//! assert_eq!(out, stream);
//! let answer = assembler.finish()?.to_bytes();
//! assert!(answer.windows(17).any(|text| text == br#""content":"Hello""#));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Portability
//!
//! Strings are scanned by the portable vectors of the crate `wide`: SSE2 on x86-64, NEON on Arm, plain
//! integers elsewhere. There is no code here for one architecture, so all take the tested path.

pub mod assemble;
pub mod json;
pub mod openai;
pub mod sse;
