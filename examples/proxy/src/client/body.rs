use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::{
    body::Incoming,
    rt::{Read, Write},
};

use super::{connection::Connection, host::Host};

/// A connection, and where it goes back to.
type Lent<T> = (Box<Connection<T>>, Arc<Host<T>>);

/// An answer's body. Dropped before its end, it closes the connection, unless a task drives that.
pub(crate) struct ClientBody<T: Read + Write + Unpin + Send + 'static> {
    incoming: Incoming,
    /// What it comes on, if no task drives that, until it has come.
    lent: Option<Lent<T>>,
}

impl<T: Read + Write + Unpin + Send + 'static> ClientBody<T> {
    pub(super) fn new(incoming: Incoming, connection: Box<Connection<T>>, host: Arc<Host<T>>) -> Self {
        let mut body = Self { incoming, lent: Some((connection, host)) };
        body.give_back_at_end();
        body
    }

    /// The body of an answer whose connection has a task of its own.
    pub(super) const fn shared(incoming: Incoming) -> Self {
        Self { incoming, lent: None }
    }

    fn give_back_at_end(&mut self) {
        if self.incoming.is_end_stream() {
            self.give_back();
        }
    }

    fn give_back(&mut self) {
        if let Some((connection, host)) = self.lent.take() {
            host.keep(connection);
        }
    }
}

impl<T: Read + Write + Unpin + Send + 'static> HttpBody for ClientBody<T> {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Self { incoming, lent } = &mut *self;
        let polled = match lent {
            Some((connection, _)) => connection.drive(cx, |cx| Pin::new(&mut *incoming).poll_frame(cx)),
            None => return Pin::new(incoming).poll_frame(cx),
        };
        match &polled {
            Poll::Ready(Some(Ok(_))) => self.give_back_at_end(),
            Poll::Ready(None) => self.give_back(),
            Poll::Ready(Some(Err(_))) => self.lent = None,
            Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

/// Readers of events stop at the last one, and what ends the body stands behind it.
impl<T: Read + Write + Unpin + Send + 'static> Drop for ClientBody<T> {
    fn drop(&mut self) {
        let Self { incoming, lent } = self;
        if let Some((connection, _)) = lent
            && connection.is_at_end(incoming)
        {
            self.give_back();
        }
    }
}
