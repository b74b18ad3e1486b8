use super::{RawMessage, framing::Kind, net, wire::Wire};
use crate::split::Split;
use bytes::Bytes;
use std::{fmt::Display, io, net::SocketAddr};
use tokio::net::TcpSocket;

/// A client of raw bytes. Every method that waits panics after the safety net of 30 seconds.
#[derive(Debug)]
pub struct RawClient {
    wire: Wire,
}

impl RawClient {
    /// Connects.
    ///
    /// # Panics
    ///
    /// When nobody listens at `addr`.
    pub async fn connect(addr: SocketAddr) -> Self {
        Self::open(addr, None).await
    }

    /// Connects with a receive buffer of about `bytes`, so that a server that writes to this slow reader
    /// feels it soon.
    ///
    /// # Panics
    ///
    /// As [`connect`](Self::connect).
    pub async fn connect_slow(addr: SocketAddr, bytes: u32) -> Self {
        Self::open(addr, Some(bytes)).await
    }

    async fn open(addr: SocketAddr, bytes: Option<u32>) -> Self {
        let connect = async {
            let socket = match addr {
                SocketAddr::V4(_) => TcpSocket::new_v4()?,
                SocketAddr::V6(_) => TcpSocket::new_v6()?,
            };
            if let Some(bytes) = bytes {
                socket.set_recv_buffer_size(bytes)?;
            }
            Wire::new(socket.connect(addr).await?)
        };
        let wire = net("connecting", connect).await;
        Self { wire: sound(wire, format!("cannot connect to {addr}")) }
    }

    /// Writes bytes as they are.
    ///
    /// # Panics
    ///
    /// When the peer has closed; [`try_write`](Self::try_write) says so without.
    pub async fn write(&mut self, bytes: impl AsRef<[u8]>) {
        sound(self.try_write(bytes).await, "cannot write");
    }

    /// Writes bytes as they are, to a peer that may have closed.
    ///
    /// # Errors
    ///
    /// What the socket says.
    pub async fn try_write(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        net("writing", self.wire.write(bytes.as_ref())).await
    }

    /// Writes bytes torn apart before each of the positions `cuts`, flushed one by one. TCP may join them.
    ///
    /// # Panics
    ///
    /// When the peer has closed.
    pub async fn write_torn(&mut self, bytes: impl Into<Bytes>, cuts: impl IntoIterator<Item = usize>) {
        let pieces = Split::at(bytes, cuts).pieces();
        sound(net("writing", self.wire.write_torn(&pieces)).await, "cannot write");
    }

    /// Reads exactly `count` bytes.
    ///
    /// # Panics
    ///
    /// When the peer closes before, with what came until then.
    pub async fn read_exact(&mut self, count: usize) -> Bytes {
        let read = net(&format!("reading {count} bytes"), self.wire.exactly(count)).await;
        self.whole(read, format!("{count} bytes"))
    }

    /// Reads until `pattern` has come, and gives all up to its end. What is behind is left for the next read.
    ///
    /// # Panics
    ///
    /// When the peer closes before, with what came until then.
    pub async fn read_until(&mut self, pattern: impl AsRef<[u8]>) -> Bytes {
        let pattern = pattern.as_ref();
        let what = format!("\"{}\"", pattern.escape_ascii());
        let read = net(&format!("reading until {what}"), self.wire.until(pattern)).await;
        self.whole(read, what)
    }

    /// Reads a head alone: of an answer to HEAD, or before something that is to be read with care.
    ///
    /// # Panics
    ///
    /// When the peer closes before, with what came until then.
    pub async fn read_head(&mut self) -> RawMessage {
        RawMessage::new(self.read_until("\r\n\r\n").await)
    }

    /// Reads one response to the end that its head tells: 1xx, 204 and 304 have no body, else by chunks, by
    /// `content-length`, or until the peer closes. An answer to HEAD is for [`read_head`](Self::read_head).
    ///
    /// # Panics
    ///
    /// When the peer closes before, with what came until then.
    pub async fn read_response(&mut self) -> RawMessage {
        let read = net("reading a response", self.wire.message(Kind::Response)).await;
        RawMessage::new(self.whole(read, "a whole response"))
    }

    /// Reads until the peer closes or resets, and gives what is left.
    ///
    /// # Panics
    ///
    /// When the peer does not close.
    pub async fn read_to_close(&mut self) -> Bytes {
        let read = net("reading until the peer closes", self.wire.rest()).await;
        self.whole(read, "the end")
    }

    /// Closes the writing side; reading goes on.
    ///
    /// # Panics
    ///
    /// When the peer has reset the connection.
    pub async fn half_close(&mut self) {
        sound(self.wire.half_close().await, "cannot close the writing side");
    }

    /// Resets the connection (RST). To close it in order, drop the client.
    ///
    /// # Panics
    ///
    /// When the system refuses the option.
    pub fn reset(self) {
        sound(self.wire.reset(), "cannot reset");
    }

    fn whole(&self, read: io::Result<Bytes>, wanted: impl Display) -> Bytes {
        let so_far = self.wire.unread();
        sound(read, format!("{wanted} did not come, only \"{}\"", so_far.escape_ascii()))
    }
}

fn sound<T>(outcome: io::Result<T>, what: impl Display) -> T {
    match outcome {
        Ok(value) => value,
        Err(error) => panic!("raw client: {what}: {error}"),
    }
}
