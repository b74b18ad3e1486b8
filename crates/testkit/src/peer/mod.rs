//! Peers that speak raw bytes over real sockets, for what no HTTP library would send.
//!
//! A stale `content-length`, two `Connection` lines, a chunk torn in its size, an answer that breaks off: a
//! proper client or server cannot make them, and a proxy meets them each day.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! use llm_layers_testkit::peer::{Conversation, RawClient, RawServer};
//!
//! let server = RawServer::start([
//!     Conversation::answer("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").wait_for_close(),
//! ])
//! .await;
//!
//! // Your proxy stands between the two.
//! let mut client = RawClient::connect(server.addr()).await;
//! client.write("POST / HTTP/1.1\r\nconnection: x-a\r\nconnection: x-b\r\ncontent-length: 2\r\n\r\n{}").await;
//!
//! assert_eq!(client.read_response().await.data(), "ok");
//! let request = server.request(0).await;
//! assert_eq!(request.header_lines("connection"), ["x-a", "x-b"]);
//! drop(client);
//! assert!(server.finished(0).await.closed_by_peer);
//! # });
//! ```
//!
//! # Limits
//!
//! - HTTP/1.1 alone. Only the end of a message is parsed, and no message is refused: of two lengths the first
//!   counts, and all bytes are kept for the test to judge.
//! - A message of more than 16 MiB is an error: a panic in the client, [`Connection::broken`] in the server.
//! - Whatever waits panics after 30 seconds of the wall clock, also where the test has paused tokio's: a paused
//!   clock runs ahead while the kernel is at work. Do not pause it where sockets are.
//! - TCP joins and divides writes as it likes. What must arrive apart is parted by a [`Signal`].

mod client;
mod conversation;
mod framing;
mod message;
mod server;
mod signal;
mod wire;

use crate::safety_net::wall_net;
use std::{future::Future, time::Duration};

pub use self::{
    client::RawClient,
    conversation::Conversation,
    message::RawMessage,
    server::{Connection, RawServer},
    signal::Signal,
};

async fn net<T>(what: &str, work: impl Future<Output = T>) -> T {
    wall_net(Duration::from_secs(30), &format!("raw peer: {what}"), work).await
}
