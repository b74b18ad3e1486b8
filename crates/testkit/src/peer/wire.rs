//! A socket with what was read from it and not yet used.

use super::framing::{Kind, Progress, find, progress};
use bytes::{Bytes, BytesMut};
use socket2::SockRef;
use std::{io, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::yield_now,
};

/// A message, or the bytes between two marks, past which something has gone wrong.
pub(super) const LIMIT: usize = 16 << 20;

#[derive(Debug)]
pub(super) struct Wire {
    stream: TcpStream,
    unread: BytesMut,
}

/// What a read came to.
pub(super) type Read = io::Result<Bytes>;

impl Wire {
    pub(super) fn new(stream: TcpStream) -> io::Result<Self> {
        // Else Nagle joins what the script tears apart.
        stream.set_nodelay(true)?;
        Ok(Self { stream, unread: BytesMut::new() })
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await?;
        self.stream.flush().await
    }

    /// A write for each piece, and between two a turn for whoever shares this runtime.
    pub(super) async fn write_torn(&mut self, pieces: &[Bytes]) -> io::Result<()> {
        for piece in pieces {
            self.write(piece).await?;
            yield_now().await;
        }
        Ok(())
    }

    pub(super) async fn half_close(&mut self) -> io::Result<()> {
        self.stream.shutdown().await
    }

    /// Closes by RST in place of FIN.
    pub(super) fn reset(self) -> io::Result<()> {
        // Of the socket's own, since tokio's method changed its name between versions.
        SockRef::from(&self.stream).set_linger(Some(Duration::ZERO))
    }

    pub(super) async fn message(&mut self, kind: Kind) -> Read {
        loop {
            match progress(&self.unread, kind) {
                Progress::Whole(len) => return Ok(self.unread.split_to(len).freeze()),
                Progress::UntilClose => return self.rest().await,
                Progress::Partial => self.more().await?,
            }
        }
    }

    pub(super) async fn until(&mut self, pattern: &[u8]) -> Read {
        loop {
            if let Some(at) = find(&self.unread, pattern) {
                return Ok(self.unread.split_to(at + pattern.len()).freeze());
            }
            self.more().await?;
        }
    }

    pub(super) async fn exactly(&mut self, count: usize) -> Read {
        while self.unread.len() < count {
            self.more().await?;
        }
        Ok(self.unread.split_to(count).freeze())
    }

    /// Until the peer closes, be it with an error: what came before it counts.
    pub(super) async fn rest(&mut self) -> Read {
        while self.more().await.is_ok() {}
        Ok(self.unread.split().freeze())
    }

    /// What was read and not used.
    pub(super) fn unread(&self) -> Bytes {
        Bytes::copy_from_slice(&self.unread)
    }

    async fn more(&mut self) -> io::Result<()> {
        if self.unread.len() > LIMIT {
            return Err(io::Error::other(format!("more than {LIMIT} bytes came, and not what was waited for")));
        }
        // Few large reads: what has come is looked through anew after each.
        self.unread.reserve(64 << 10);
        if self.stream.read_buf(&mut self.unread).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }
}
