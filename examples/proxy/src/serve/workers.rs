//! The threads that serve connections.
//!
//! Each has a runtime of one thread, and upstream connections of its own: a call never crosses from one thread to
//! another, so that nothing of it waits for another core to wake, and no lock is fought for. It is how nginx and Envoy
//! do it; against one runtime of all threads it saves a quarter of what forwarding 1 KB costs. The price is that a
//! connection stays with its thread, however busy that is; so each new one goes to the thread that has the fewest, and
//! what takes long and waits for nothing belongs on a thread of its own.

use std::{
    io,
    net::TcpStream as StdStream,
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::sync_channel,
    },
    thread,
};

use tokio::{
    net::TcpStream,
    runtime::Builder,
    sync::{
        mpsc::{UnboundedReceiver, UnboundedSender, error::SendError, unbounded_channel},
        oneshot, watch,
    },
    task::JoinSet,
};

/// Threads that serve connections for as long as this lives.
pub(super) struct Workers {
    workers: Vec<Worker>,
    /// Where the search for the least busy begins: of those that are alike each has its turn.
    next: usize,
    /// Closed when the threads are to end.
    _end: watch::Sender<()>,
}

struct Worker {
    /// What it is to serve. When it is closed, whatever is served is cut off.
    connections: UnboundedSender<(StdStream, Open)>,
    open: Arc<AtomicUsize>,
    /// All that was served is over.
    is_idle: oneshot::Receiver<()>,
}

/// What a thread is told, and tells.
struct Orders {
    connections: UnboundedReceiver<(StdStream, Open)>,
    idle: oneshot::Sender<()>,
    end: watch::Receiver<()>,
}

/// A connection that counts as open.
struct Open(Arc<AtomicUsize>);

impl Workers {
    /// Starts so many threads, which serve each connection as they are told to.
    pub(super) fn start<S, F>(count: NonZeroUsize, serve: S) -> io::Result<Self>
    where
        S: Fn(TcpStream) -> F + Clone + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let (_end, end) = watch::channel(());
        let start = |number| {
            let (connections, incoming) = unbounded_channel();
            let (idle, is_idle) = oneshot::channel();
            let orders = Orders { connections: incoming, idle, end: end.clone() };
            let (built, is_built) = sync_channel(1);
            let serve = serve.clone();
            thread::Builder::new().name(format!("worker-{number}")).spawn(move || {
                match Builder::new_current_thread().enable_all().build() {
                    Ok(runtime) => {
                        let _ = built.send(Ok(()));
                        runtime.block_on(run(orders, serve));
                        // Names that are being looked up are not waited for.
                        runtime.shutdown_background();
                    }
                    Err(error) => drop(built.send(Err(error))),
                }
            })?;
            is_built.recv().map_err(io::Error::other)??;
            Ok(Worker { connections, open: Arc::default(), is_idle })
        };
        let workers = (0..count.get()).map(start).collect::<io::Result<_>>()?;
        Ok(Self { workers, next: 0, _end })
    }

    /// Gives a connection to the thread that has the fewest.
    ///
    /// # Errors
    /// No thread is left.
    pub(super) fn serve(&mut self, stream: TcpStream) -> io::Result<()> {
        // It leaves this thread's runtime, to be taken up by another.
        let mut stream = match stream.into_std() {
            Ok(stream) => stream,
            Err(error) => {
                tracing::error!(%error, "cannot serve a connection");
                return Ok(());
            }
        };
        self.next = self.next.wrapping_add(1);
        while let Some((at, worker)) = self.least_busy() {
            match worker.connections.send((stream, Open::new(&worker.open))) {
                Ok(()) => return Ok(()),
                Err(SendError((back, _))) => stream = back,
            }
            tracing::error!("a thread that serves connections has ended");
            self.workers.swap_remove(at);
        }
        Err(io::Error::other("no thread is left to serve connections"))
    }

    fn least_busy(&self) -> Option<(usize, &Worker)> {
        let turn = self.next.checked_rem(self.workers.len())?;
        let all = || self.workers.iter().enumerate();
        all().skip(turn).chain(all().take(turn)).min_by_key(|(_, worker)| worker.open.load(Ordering::Relaxed))
    }

    /// Cuts off whatever is still served, and waits until that is over: what a call owes when it is dropped has then
    /// been paid. The threads live on, for what they do for others.
    pub(super) async fn cut_off(&mut self) {
        let mut idle = Vec::new();
        for worker in self.workers.drain(..) {
            drop(worker.connections);
            idle.push(worker.is_idle);
        }
        for is_idle in idle {
            let _ = is_idle.await;
        }
    }
}

async fn run<S, F>(orders: Orders, serve: S)
where
    S: Fn(TcpStream) -> F,
    F: Future<Output = ()> + Send + 'static,
{
    let Orders { mut connections, idle, mut end } = orders;
    let mut served = JoinSet::new();
    loop {
        tokio::select! {
            connection = connections.recv() => match connection {
                Some((stream, open)) => match TcpStream::from_std(stream) {
                    Ok(stream) => {
                        let connection = serve(stream);
                        served.spawn(async move {
                            connection.await;
                            drop(open);
                        });
                    }
                    Err(error) => tracing::error!(%error, "cannot serve a connection"),
                },
                None => break,
            },
            Some(_) = served.join_next() => {}
        }
    }
    served.shutdown().await;
    let _ = idle.send(());
    // Nothing is ever sent.
    let _ = end.changed().await;
}

impl Open {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(count))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    /// Workers that say the name of their thread, and end with the client.
    fn telling(count: usize) -> Workers {
        let serve = |mut stream: TcpStream| async move {
            let name = thread::current().name().expect("a name").to_owned();
            let _ = stream.write_all(name.as_bytes()).await;
            let _ = stream.read(&mut [0]).await;
        };
        Workers::start(NonZeroUsize::new(count).expect("some"), serve).expect("threads")
    }

    async fn connect(listener: &TcpListener, workers: &mut Workers) -> (TcpStream, String) {
        let client = TcpStream::connect(listener.local_addr().expect("an address"));
        let (client, accepted) = tokio::join!(client, listener.accept());
        workers.serve(accepted.expect("a connection").0).expect("a worker");
        let mut client = client.expect("a connection");
        let mut name = [0; 8];
        client.read_exact(&mut name).await.expect("a name");
        (client, String::from_utf8(name.to_vec()).expect("text"))
    }

    #[tokio::test]
    async fn a_connection_goes_where_the_fewest_are() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let mut workers = telling(3);
        let mut open = Vec::new();
        for _ in 0..6 {
            open.push(connect(&listener, &mut workers).await);
        }
        let of = |open: &[(TcpStream, String)], name: &str| open.iter().filter(|(_, of)| of == name).count();
        for name in ["worker-0", "worker-1", "worker-2"] {
            assert_eq!(of(&open, name), 2, "{name}");
        }
        open.retain(|(_, name)| name != "worker-1");
        while workers.workers[1].open.load(Ordering::Relaxed) > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        for _ in 0..2 {
            open.push(connect(&listener, &mut workers).await);
        }
        assert_eq!(of(&open, "worker-1"), 2);
    }

    #[tokio::test]
    async fn what_is_cut_off_is_over_and_the_threads_live_on() {
        struct Owes(Arc<AtomicUsize>);
        impl Drop for Owes {
            fn drop(&mut self) {
                self.0.fetch_add(1, Ordering::SeqCst);
            }
        }
        let (paid, mut workers) = {
            let paid = Arc::new(AtomicUsize::new(0));
            let counted = Arc::clone(&paid);
            let serve = move |_: TcpStream| {
                let owes = Owes(Arc::clone(&counted));
                async move {
                    std::future::pending::<()>().await;
                    drop(owes);
                }
            };
            (paid, Workers::start(NonZeroUsize::new(2).expect("some"), serve).expect("threads"))
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let mut clients = Vec::new();
        for _ in 0..100 {
            let client = TcpStream::connect(listener.local_addr().expect("an address"));
            let (client, accepted) = tokio::join!(client, listener.accept());
            workers.serve(accepted.expect("a connection").0).expect("a worker");
            clients.push(client.expect("a connection"));
        }
        tokio::time::timeout(Duration::from_secs(5), workers.cut_off()).await.expect("in time");
        assert_eq!(paid.load(Ordering::SeqCst), 100);
        let client = TcpStream::connect(listener.local_addr().expect("an address"));
        let (_, accepted) = tokio::join!(client, listener.accept());
        assert!(workers.serve(accepted.expect("a connection").0).is_err(), "nobody serves any more");
    }

    #[tokio::test]
    async fn threads_end_with_their_workers() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let alive = Arc::new(());
        let held = Arc::clone(&alive);
        let serve = move |_: TcpStream| {
            let held = Arc::clone(&held);
            async move {
                std::future::pending::<()>().await;
                drop(held);
            }
        };
        let mut workers = Workers::start(NonZeroUsize::MIN, serve).expect("a thread");
        let client = TcpStream::connect(listener.local_addr().expect("an address"));
        let (client, accepted) = tokio::join!(client, listener.accept());
        workers.serve(accepted.expect("a connection").0).expect("a worker");
        drop(workers);
        assert_eq!(client.expect("a connection").read(&mut [0]).await.expect("an end"), 0, "the connection is closed");
        while Arc::strong_count(&alive) > 1 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}
