use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use llm_layers_core::{Body, BoxError};

use crate::{Limit, call::Call};

/// A body of any other kind, which breaks off when a limit runs out: half an answer must not look like a whole one.
#[derive(Debug)]
pub(crate) struct TimedFrames {
    body: Body,
    call: Call,
}

impl TimedFrames {
    pub(crate) const fn new(body: Body, call: Call) -> Self {
        Self { body, call }
    }

    fn expire(&mut self, limit: Limit) -> Option<Result<Frame<Bytes>, BoxError>> {
        self.body = Body::empty();
        Some(Err(self.call.expired(limit).into()))
    }
}

impl HttpBody for TimedFrames {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        if let Some(limit) = this.call.watch.overdue()
            && !this.body.is_end_stream()
        {
            return Poll::Ready(this.expire(limit));
        }
        match Pin::new(&mut this.body).poll_frame(cx) {
            Poll::Ready(frame) => {
                this.call.watch.piece();
                Poll::Ready(frame)
            }
            Poll::Pending => this.call.watch.poll_expired(cx).map(|limit| this.expire(limit)),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
