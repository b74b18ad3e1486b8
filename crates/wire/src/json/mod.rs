//! JSON objects split at their top level and no deeper.
//!
//! A layer needs one or two members of a body: `model`, `messages`, `stream`. Building a tree of the
//! whole body to read them costs several times what forwarding the body costs. Here the text is
//! validated and split in one pass; members stay raw slices of the buffer that came off the wire, a
//! layer deserialises just the member that it looks at, and what nobody touched is written out byte
//! for byte, white space included.
//!
//! ```
//! use bytes::Bytes;
//! use llm_layers_wire::json::Object;
//!
//! let body = Bytes::from_static(br#"{ "model": "cheap", "x-unknown": 1.0, "n":1 }"#);
//! let mut object = Object::parse(body)?;
//! assert_eq!(object.read::<String>("model")?.as_deref(), Some("cheap"));
//!
//! object.set("model", "gpt-5-mini");
//! assert_eq!(object.to_bytes(), r#"{ "model": "gpt-5-mini", "x-unknown": 1.0, "n":1 }"#);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Who wants but one member, to read it or to put another in its place, asks [`find`] where it stands: it stops there.
//!
//! # What is checked
//!
//! The whole text of an [`Object`] is held to RFC 8259: grammar, escapes, numbers, UTF-8, nothing after the closing
//! brace. So whatever a layer reads later can fail by its type, and never by its syntax. A `\u`
//! escape may name a lone surrogate, as RFC 8259 allows; reading such a string as a Rust string is
//! a type error.
//!
//! # What is limited
//!
//! [`Limits`] bound the size, the depth and the number of members, and say what happens to a member
//! that is named twice: a parser may take the first or the last, so a text that names `messages`
//! twice could show one prompt to a layer and another to the provider. It is refused by default.

mod array;
mod edit;
mod error;
mod find;
mod limits;
mod object;
mod scan;
mod strings;
mod text;
mod walk;

pub use array::Array;
pub(crate) use array::for_each_item;
pub use error::{Error, ErrorKind, ReadError};
pub use find::find;
pub use limits::{Duplicates, Limits};
pub use object::Object;
pub(crate) use scan::Scanner;
pub use text::text;
pub use walk::{Items, Members, items, members};
