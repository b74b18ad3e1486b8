//! What the end-to-end tests stand on: the proxy and simulated providers on real sockets, and the
//! interpreters that real clients run in.

mod cases;
mod client;
mod dialects;
mod stage;

pub use cases::{passes, reaches_the_provider, succeeds};
pub use client::{node, python};
pub use dialects::Dialects;
pub use stage::{KEY, Stage, proxy, proxy_on_this_thread};
