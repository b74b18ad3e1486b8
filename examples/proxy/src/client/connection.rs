use std::{
    future::poll_fn,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, Waker},
};

use http::{Request, Response};
use http_body::Body as _;
use hyper::{
    body::Incoming,
    client::conn::{
        TrySendError,
        http1::{Connection as Driver, SendRequest},
    },
    rt::{Read, Write},
};
use llm_layers_core::Body;
use tokio::task::coop::unconstrained;

use super::{body::ClientBody, host::Host, wake::Wake};

/// How often a connection is driven before others have their turn.
const ROUNDS: u32 = 8;

/// A connection of HTTP/1.1, and hyper's end of it, which moves only when it is driven.
pub(super) struct Connection<T: Read + Write + 'static> {
    sender: SendRequest<Body>,
    /// Gone once it is over: a request that it has not taken comes back when it is dropped.
    driver: Option<Driver<T, Body>>,
    wake: Arc<Wake>,
    /// Wakes by `wake`.
    waker: Waker,
}

impl<T: Read + Write + Unpin + Send + 'static> Connection<T> {
    /// Boxed, for it is handed on with every call.
    pub(super) fn new(sender: SendRequest<Body>, driver: Driver<T, Body>) -> Box<Self> {
        let wake = Arc::new(Wake::default());
        let waker = Waker::from(Arc::clone(&wake));
        Box::new(Self { sender, driver: Some(driver), wake, waker })
    }

    /// Sends a request, and waits for the answer's head.
    pub(super) async fn send(
        mut self: Box<Self>,
        host: &Arc<Host<T>>,
        mut request: Request<Body>,
    ) -> Result<Response<ClientBody<T>>, TrySendError<Request<Body>>> {
        host.address(&mut request);
        // Without a budget the channel would have somebody woken later on, and nobody listens to that.
        let mut answer = pin!(unconstrained(self.sender.try_send_request(request)));
        let response = poll_fn(|cx| self.drive(cx, |cx| answer.as_mut().poll(cx))).await?;
        Ok(response.map(|body| ClientBody::new(body, self, Arc::clone(host))))
    }

    /// Polls what comes of this connection, and drives it as long as that wants more.
    ///
    /// What is polled must wake nobody by itself: nothing comes of it but by driving.
    pub(super) fn drive<P>(&mut self, cx: &Context<'_>, mut poll: impl FnMut(&mut Context<'_>) -> Poll<P>) -> Poll<P> {
        let mut unwoken = Context::from_waker(Waker::noop());
        self.wake.register(cx.waker());
        self.wake.begin();
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
        let Some(driver) = &mut self.driver else { return };
        let Poll::Ready(end) = Pin::new(driver).poll(&mut Context::from_waker(&self.waker)) else { return };
        self.driver = None;
        if let Err(error) = end {
            tracing::debug!(%error, "a connection to a provider ended");
        }
    }

    /// Whether another request may be sent. Nobody is woken by it any more.
    pub(super) fn is_free(&mut self) -> bool {
        self.wake.forget();
        self.step();
        self.driver.is_some() && self.sender.is_ready()
    }

    /// Whether nothing is left of a body that nobody wants more of: what ends it may be there already.
    pub(super) fn is_at_end(&mut self, body: &mut Incoming) -> bool {
        self.wake.forget();
        self.step();
        let left = Pin::new(body).poll_frame(&mut Context::from_waker(Waker::noop()));
        matches!(left, Poll::Ready(None))
    }
}
