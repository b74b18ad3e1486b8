//! The answer's body: prepared frames, the pause between them, and the way in which it ends.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::time::Sleep;

use super::io::Control;
use crate::counts::Ticket;
use crate::reply::Ready;

/// What lies between the last byte and a reset: long enough for the bytes to have left, since a reset throws
/// away what is still in a send queue.
const RESET_LAG: Duration = Duration::from_millis(5);

type Waiting = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What follows the last frame.
pub(super) enum Ending {
    /// The clean end of the message.
    Clean,
    /// Nothing, until the future resolves (which it does when the provider is told to stop).
    Stall(Waiting),
    /// RST of the connection; over HTTP/2, of the stream.
    Reset(Option<Arc<Control>>),
}

pub(super) struct SimBody {
    frames: Arc<[Bytes]>,
    next: usize,
    /// Bytes that are announced and not yet sent.
    announced: Option<u64>,
    pace: Option<Duration>,
    /// Whether the pause before the next frame is over.
    rested: bool,
    sleep: Option<Pin<Box<Sleep>>>,
    ending: Ending,
    /// Given back when the body is at its end; dropped before, it counts as cancelled.
    ticket: Option<Ticket>,
}

impl SimBody {
    pub(super) fn new(ready: &Ready, pace: Option<Duration>, ending: Ending, ticket: Ticket) -> Self {
        let mut body = Self {
            frames: ready.frames.clone(),
            next: 0,
            announced: ready.announced,
            pace,
            rested: true,
            sleep: None,
            ending,
            ticket: Some(ticket),
        };
        // hyper may never ask for a frame of an empty body.
        body.settle();
        body
    }

    /// Completes the ticket when a clean answer has handed out all it has. A later poll may never come:
    /// hyper stops at the announced length.
    fn settle(&mut self) {
        if self.next == self.frames.len() && matches!(self.ending, Ending::Clean) {
            self.complete();
        }
    }

    fn complete(&mut self) {
        if let Some(mut ticket) = self.ticket.take() {
            ticket.complete();
        }
    }

    fn poll_pause(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(pace) = self.pace else {
            return Poll::Ready(());
        };
        if self.rested {
            return Poll::Ready(());
        }
        if pace.is_zero() {
            // Pending for one turn: hyper flushes what it has.
            self.rested = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        ready!(self.poll_sleep(pace, cx));
        self.rested = true;
        Poll::Ready(())
    }

    fn poll_sleep(&mut self, time: Duration, cx: &mut Context<'_>) -> Poll<()> {
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep(time)));
        ready!(sleep.as_mut().poll(cx));
        self.sleep = None;
        Poll::Ready(())
    }
}

impl http_body::Body for SimBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let this = &mut *self;
        if this.next < this.frames.len() {
            ready!(this.poll_pause(cx));
            let frame = this.frames.get(this.next).cloned().unwrap_or_default();
            this.next += 1;
            this.rested = false;
            if let Some(left) = &mut this.announced {
                *left = left.saturating_sub(frame.len() as u64);
            }
            this.settle();
            return Poll::Ready(Some(Ok(Frame::data(frame))));
        }
        match &mut this.ending {
            Ending::Clean => Poll::Ready(None),
            Ending::Stall(stopped) => {
                ready!(stopped.as_mut().poll(cx));
                Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into())))
            }
            Ending::Reset(_) => {
                ready!(this.poll_sleep(RESET_LAG, cx));
                this.complete();
                if let Ending::Reset(Some(control)) = &this.ending {
                    control.reset_on_close();
                }
                Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.next == self.frames.len() && matches!(self.ending, Ending::Clean)
    }

    fn size_hint(&self) -> SizeHint {
        self.announced.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
