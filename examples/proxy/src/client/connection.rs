use std::{
    future::poll_fn,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, Waker},
};

use http::{Request, Response};
use hyper::{
    client::conn::{
        TrySendError,
        http1::{Connection as Driver, SendRequest},
    },
    rt::{Read, Write},
};
use llm_layers_core::Body;

use super::{body::ClientBody, host::Host, wake::Wake};

/// How often a connection is driven before others have their turn.
const ROUNDS: u32 = 8;

/// A connection of HTTP/1.1, and hyper's end of it, which moves only when it is driven.
pub(super) struct Connection<T: Read + Write + 'static> {
    sender: SendRequest<Body>,
    driver: Driver<T, Body>,
    is_over: bool,
    wake: Arc<Wake>,
    /// Wakes by `wake`.
    waker: Waker,
}

impl<T: Read + Write + Unpin + Send + 'static> Connection<T> {
    /// Boxed, for it is handed on with every call.
    pub(super) fn new(sender: SendRequest<Body>, driver: Driver<T, Body>) -> Box<Self> {
        let wake = Arc::new(Wake::default());
        let waker = Waker::from(Arc::clone(&wake));
        Box::new(Self { sender, driver, is_over: false, wake, waker })
    }

    /// Sends a request, and waits for the answer's head.
    pub(super) async fn send(
        mut self: Box<Self>,
        host: &Arc<Host<T>>,
        mut request: Request<Body>,
    ) -> Result<Response<ClientBody<T>>, TrySendError<Request<Body>>> {
        host.address(&mut request);
        let mut answer = pin!(self.sender.try_send_request(request));
        let response = poll_fn(|cx| self.drive(cx, |cx| answer.as_mut().poll(cx))).await?;
        Ok(response.map(|body| ClientBody::new(body, self, Arc::clone(host))))
    }

    /// Polls what comes of this connection, and drives it as long as that wants more.
    ///
    /// What is polled need wake nobody: nothing comes of it but by driving.
    pub(super) fn drive<P>(&mut self, cx: &Context<'_>, mut poll: impl FnMut(&mut Context<'_>) -> Poll<P>) -> Poll<P> {
        let mut unwoken = Context::from_waker(Waker::noop());
        self.wake.register(cx.waker());
        let mut polled = poll(&mut unwoken);
        for _ in 0..ROUNDS {
            if polled.is_ready() {
                break;
            }
            self.wake.begin();
            self.step();
            polled = poll(&mut unwoken);
            if !self.wake.is_due() {
                break;
            }
        }
        if self.wake.end() && polled.is_pending() {
            cx.waker().wake_by_ref();
        }
        polled
    }

    fn step(&mut self) {
        if self.is_over {
            return;
        }
        let driven = Pin::new(&mut self.driver).poll(&mut Context::from_waker(&self.waker));
        self.is_over = driven.is_ready();
        if let Poll::Ready(Err(error)) = driven {
            tracing::debug!(%error, "a connection to a provider ended");
        }
    }

    /// Whether another request may be sent. Nobody is woken by it any more.
    pub(super) fn is_free(&mut self) -> bool {
        self.wake.forget();
        self.step();
        !self.is_over && self.sender.is_ready()
    }
}
