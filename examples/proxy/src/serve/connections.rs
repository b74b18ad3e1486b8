//! The connections that are open, and how each comes to its end.
//!
//! hyper's timer for request heads and hyper-util's `GracefulShutdown` would do the same, and are asked with every poll
//! of a connection. Here a connection is told when there is something to tell, and one task looks after all of them.

use std::{
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_util::task::AtomicWaker;
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper_util::server::graceful::GracefulConnection;
use llm_layers_core::{Body, BoxError};
use slab::Slab;
use tokio::sync::Notify;

/// How often connections are looked after.
const ROUND: Duration = Duration::from_secs(5);

/// So many rounds without a call, and a connection is closed: nobody uses it, or its client sends a head byte by byte.
/// 75 s are longer than the 60 for which load balancers keep theirs, lest they use one as it is closed.
const IDLE_ROUNDS: u32 = 15;

/// All connections of a server. Cloning it shares them.
#[derive(Clone, Default)]
pub(super) struct Connections {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    open: Mutex<Open>,
    closed: Notify,
}

#[derive(Default)]
struct Open {
    links: Slab<Arc<Link>>,
    is_stopping: bool,
}

impl Shared {
    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a connection shares with those who look after it.
#[derive(Default)]
pub(super) struct Link {
    /// Calls that run, from the request's head to the end of the answer's body.
    running: AtomicU32,
    /// Rounds since the last call began or was seen to run.
    idle_rounds: AtomicU32,
    /// One of the orders below.
    order: AtomicU32,
    waker: AtomicWaker,
}

const SERVE: u32 = 0;
/// Take no more requests, and end with the calls that run.
const FINISH: u32 = 1;
/// End now.
const CLOSE: u32 = 2;

impl Link {
    /// Counts a call, until what is given back is dropped.
    pub(super) fn begin(self: &Arc<Self>) -> Running {
        self.running.fetch_add(1, Ordering::Relaxed);
        self.idle_rounds.store(0, Ordering::Relaxed);
        Running { link: Arc::clone(self) }
    }

    fn tell(&self, order: u32) {
        self.order.store(order, Ordering::Release);
        self.waker.wake();
    }

    fn look_after(&self) {
        if self.running.load(Ordering::Relaxed) > 0 {
            return self.idle_rounds.store(0, Ordering::Relaxed);
        }
        match self.order.load(Ordering::Relaxed) {
            // It had a round's time for it: what keeps it is half a head.
            FINISH => self.tell(CLOSE),
            SERVE if self.idle_rounds.fetch_add(1, Ordering::Relaxed) >= IDLE_ROUNDS => self.tell(FINISH),
            _ => {}
        }
    }
}

/// A call that runs.
pub(super) struct Running {
    link: Arc<Link>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.link.running.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Connections {
    /// Serves a connection to its end.
    ///
    /// # Errors
    /// The connection's own.
    pub(super) async fn serve<C>(&self, connect: impl FnOnce(Arc<Link>) -> C) -> Result<(), C::Error>
    where
        C: GracefulConnection,
    {
        let link = Arc::new(Link::default());
        let key = {
            let mut open = self.shared.open();
            link.order.store(if open.is_stopping { FINISH } else { SERVE }, Ordering::Relaxed);
            open.links.insert(Arc::clone(&link))
        };
        let _entry = Entry { shared: &self.shared, key };
        let connection = std::pin::pin!(connect(Arc::clone(&link)));
        Served { connection, link, is_finishing: false, is_watched: false }.await
    }

    /// Closes the connections that nobody uses, for as long as it is polled.
    pub(super) async fn look_after(self) {
        loop {
            tokio::time::sleep(ROUND).await;
            self.shared.open().links.iter().for_each(|(_, link)| link.look_after());
        }
    }

    /// Lets no connection take another request, and waits for the calls that run.
    pub(super) async fn finish(&self) {
        {
            let mut open = self.shared.open();
            open.is_stopping = true;
            open.links.iter().for_each(|(_, link)| link.tell(FINISH));
        }
        loop {
            let closed = self.shared.closed.notified();
            if self.shared.open().links.is_empty() {
                return;
            }
            closed.await;
        }
    }
}

/// A connection's place among the open ones.
struct Entry<'a> {
    shared: &'a Shared,
    key: usize,
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        self.shared.open().links.try_remove(self.key);
        self.shared.closed.notify_waiters();
    }
}

struct Served<'a, C> {
    connection: Pin<&'a mut C>,
    link: Arc<Link>,
    is_finishing: bool,
    /// Whether the link knows whom to wake: a task's waker stays the same.
    is_watched: bool,
}

impl<C: GracefulConnection> Future for Served<'_, C> {
    type Output = Result<(), C::Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if !this.is_watched {
            this.link.waker.register(cx.waker());
            this.is_watched = true;
        }
        let mut order = this.link.order.load(Ordering::Acquire);
        if order == FINISH && !this.is_finishing {
            this.is_finishing = true;
            this.connection.as_mut().graceful_shutdown();
            // Whoever wakes takes the waker with him, and may have given the next order meanwhile.
            this.link.waker.register(cx.waker());
            order = this.link.order.load(Ordering::Acquire);
        }
        if order == CLOSE {
            return Poll::Ready(Ok(()));
        }
        this.connection.as_mut().poll(cx)
    }
}

/// The body of an answer whose call runs until it has gone.
pub(super) struct Counted {
    body: Body,
    _running: Running,
}

impl Counted {
    pub(super) const fn new(body: Body, running: Running) -> Self {
        Self { body, _running: running }
    }
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "clients and servers run beside each other")]
mod tests {
    use std::{convert::Infallible, future::pending};

    use http::{Request, Response};
    use hyper::{body::Incoming, server::conn::http1, service::service_fn};
    use hyper_util::rt::TokioIo;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt, DuplexStream},
        task::JoinHandle,
        time::{Instant, timeout},
    };

    use super::*;

    /// A connection whose calls take so long, and the client's end of it.
    fn connection(connections: &Connections, takes: Option<Duration>) -> (DuplexStream, JoinHandle<bool>) {
        let (client, server) = tokio::io::duplex(1 << 10);
        let connections = connections.clone();
        let served = tokio::spawn(async move {
            let served = connections.serve(|link| {
                let service = service_fn(move |_: Request<Incoming>| {
                    let running = link.begin();
                    async move {
                        match takes {
                            Some(takes) => tokio::time::sleep(takes).await,
                            None => pending().await,
                        }
                        Ok::<_, Infallible>(Response::new(Counted::new(Body::from("said"), running)))
                    }
                });
                http1::Builder::new().serve_connection(TokioIo::new(server), service)
            });
            served.await.is_ok()
        });
        (client, served)
    }

    async fn ask(client: &mut DuplexStream) {
        client.write_all(b"GET / HTTP/1.1\r\nhost: h\r\n\r\n").await.expect("a server that reads");
    }

    async fn closes_within(client: &mut DuplexStream, seconds: std::ops::RangeInclusive<u64>) {
        let begun = Instant::now();
        let mut said = Vec::new();
        client.read_to_end(&mut said).await.expect("an end");
        let took = begun.elapsed().as_secs();
        assert!(seconds.contains(&took), "closed after {took} s");
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_nobody_uses_is_closed() {
        let connections = Connections::default();
        tokio::spawn(connections.clone().look_after());
        let (mut silent, _) = connection(&connections, Some(Duration::ZERO));
        closes_within(&mut silent, 75..=85).await;

        let (mut used, _) = connection(&connections, Some(Duration::ZERO));
        for _ in 0..4 {
            tokio::time::sleep(Duration::from_secs(60)).await;
            ask(&mut used).await;
        }
        closes_within(&mut used, 75..=85).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_never_ends_is_not_waited_for() {
        let connections = Connections::default();
        tokio::spawn(connections.clone().look_after());
        let (mut client, _) = connection(&connections, Some(Duration::ZERO));
        client.write_all(b"GET / HTTP/1.1\r\nx: ").await.expect("a server that reads");
        closes_within(&mut client, 75..=90).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_may_take_its_time() {
        let connections = Connections::default();
        tokio::spawn(connections.clone().look_after());
        let (mut client, served) = connection(&connections, None);
        ask(&mut client).await;
        assert!(timeout(Duration::from_secs(3600), client.read_u8()).await.is_err(), "nothing, and no end");
        drop(client);
        let _ = served.await;
        assert!(connections.shared.open().links.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn calls_that_run_are_finished() {
        let connections = Connections::default();
        tokio::spawn(connections.clone().look_after());
        let (mut calls, served) = connection(&connections, Some(Duration::from_secs(20)));
        let (mut idle, _) = connection(&connections, None);
        ask(&mut calls).await;
        tokio::time::sleep(Duration::from_millis(1)).await;
        let begun = Instant::now();
        connections.finish().await;
        assert_eq!(begun.elapsed().as_secs(), 19, "no longer than the call");
        assert!(served.await.expect("no panic"));
        let mut said = String::new();
        calls.read_to_string(&mut said).await.expect("an answer");
        assert!(said.ends_with("said"), "{said}");
        closes_within(&mut idle, 0..=0).await;
    }
}
