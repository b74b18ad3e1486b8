//! Bodies that play a script, and a conformance suite for everything that wraps a body.
//!
//! A wrapper of a body is polled by hyper, which trusts what it says: a `size_hint` wrong by one byte
//! becomes a wrong `content-length`, an `is_end_stream` that is true too early cuts the last frame off. The
//! suite reads the wrapper in every situation that the wire knows, and asks for `size_hint` and
//! `is_end_stream` before and after each frame:
//!
//! ```
//! use http_body_util::{BodyExt, combinators::MapErr};
//! use llm_layers_testkit::body::{Conformance, TestBody, TestError};
//!
//! // What your layer does with a body:
//! fn wrap(body: TestBody) -> MapErr<TestBody, fn(TestError) -> TestError> {
//!     body.map_err(|error| error)
//! }
//!
//! Conformance::new(wrap).transparent(true).run();
//! ```
//!
//! In a test file it is one line, which makes a test of each case:
//!
//! ```
//! # fn wrap<B>(body: B) -> B { body }
//! llm_layers_testkit::body_conformance!(wrap);
//! # fn main() {}
//! ```
//!
//! [`TestBody`] serves by itself wherever a test needs a body that pauses, fails or falls silent:
//!
//! ```
//! use llm_layers_testkit::body::Script;
//!
//! let body = Script::new().data("half an ans").error("connection reset").body();
//! let inner = body.handle();
//! assert_eq!((inner.polls(), inner.is_dropped()), (0, false));
//! ```
//!
//! # Limits
//!
//! - The suite polls by hand, inside a tokio runtime that is entered but not turned: a wrapper may make
//!   timers; one that leans on a spawned task to go on is reported as asleep, which in a layer it is: a
//!   pump has lost backpressure.
//! - Timers do not fire. What a body does after a timeout is for a test of its own.
//! - Frames may be joined or divided on the way: data are compared as a whole.

mod case;
mod conformance;
mod error;
mod flag;
mod handle;
mod macros;
mod observe;
mod script;
mod test_body;
mod verify;

pub use self::{
    case::Case,
    conformance::Conformance,
    error::TestError,
    handle::BodyHandle,
    script::{Hint, Script, Step},
    test_body::TestBody,
};
