//! Bytes cut at every place, for decoders that are fed piece by piece.
//!
//! TCP cuts where it likes: between `\r` and `\n`, in the middle of an emoji, after the first byte. A decoder
//! that works on whole frames works on the desk and fails in the field. [`for_every_split`] asserts that no
//! cut changes the result, and shows the cut that does:
//!
//! ```should_panic
//! use llm_layers_testkit::split::for_every_split;
//!
//! // A decoder that takes each piece for a line:
//! for_every_split("one\ntwo\n", |pieces| pieces.len());
//! // a split changes the result: 8 bytes, cut at 1 "o✂ne\ntwo\n"
//! //   whole: 1
//! //   split: 2
//! ```
//!
//! A [`Split`] also comes as a body ([`Split::script`]) and as a stream ([`Split::stream`]).
//!
//! # Limits
//!
//! Every cut in two of *n* bytes feeds *n²* bytes. [`Splits::work`] bounds it: for wholes of more than about
//! 2,800 bytes the beginning, the end and random places between are tried; [`Splits::iter`] says how. What is
//! fed in all is never more than twice the work and 140 times the whole.

mod cut;
mod driver;
mod plan;

pub use self::{
    cut::{Pieces, Split},
    driver::{assert_same, assert_same_async, for_every_split},
    plan::Splits,
};
