use super::{
    RawMessage,
    conversation::{Act, Conversation},
    framing::Kind,
    net,
    wire::Wire,
};
use bytes::Bytes;
use std::{
    future::pending,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{
    net::{TcpListener, TcpSocket},
    sync::watch,
    task::JoinSet,
};

/// A server of raw bytes on `127.0.0.1`, which plays a [`Conversation`] on each connection and keeps what it
/// received. Dropping it closes all its connections.
#[derive(Debug)]
pub struct RawServer {
    addr: SocketAddr,
    log: Log,
    _tasks: JoinSet<()>,
}

/// What came on one connection, and how it ended.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Connection {
    /// The requests, in order.
    pub requests: Vec<RawMessage>,
    /// All bytes that were read, requests included, and those behind them that no step asked for: with a
    /// stale `content-length`, what would be taken for the next request.
    pub received: Bytes,
    /// Whether the script was played to its end.
    pub is_over: bool,
    /// The peer closed or reset in the middle of a step: which error it gave.
    pub broken: Option<io::ErrorKind>,
    /// The peer closed while the script waited for it to.
    pub closed_by_peer: bool,
}

#[derive(Clone, Debug)]
struct Log {
    connections: Arc<Mutex<Vec<Connection>>>,
    changed: watch::Sender<()>,
}

impl RawServer {
    /// Starts with one conversation for each connection, in the order in which they are accepted; a
    /// connection more is closed at once.
    ///
    /// # Panics
    ///
    /// When no port can be had.
    pub async fn start(conversations: impl IntoIterator<Item = Conversation>) -> Self {
        Self::start_with_buffer(conversations, None).await
    }

    /// As [`start`](Self::start), with a receive buffer of about `bytes`, so that a peer that writes to a
    /// slow reader feels it soon.
    ///
    /// # Panics
    ///
    /// As [`start`](Self::start).
    pub async fn start_slow(conversations: impl IntoIterator<Item = Conversation>, bytes: u32) -> Self {
        Self::start_with_buffer(conversations, Some(bytes)).await
    }

    #[allow(clippy::unused_async, reason = "says that a runtime is needed, and leaves room")]
    async fn start_with_buffer(conversations: impl IntoIterator<Item = Conversation>, bytes: Option<u32>) -> Self {
        let listener = match listen(bytes) {
            Ok(listener) => listener,
            Err(error) => panic!("raw server: no port on 127.0.0.1: {error}"),
        };
        let addr = match listener.local_addr() {
            Ok(addr) => addr,
            Err(error) => panic!("raw server: its port is not known: {error}"),
        };
        let log = Log::new();
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, conversations.into_iter().collect(), log.clone()));
        Self { addr, log, _tasks: tasks }
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// `http://127.0.0.1:PORT` with `path` behind.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    /// All connections so far, as they stand.
    pub fn connections(&self) -> Vec<Connection> {
        self.log.lock().clone()
    }

    /// Waits for request number `index`, counted from 0 over all connections.
    ///
    /// # Panics
    ///
    /// When it does not come within the safety net of 30 seconds.
    pub async fn request(&self, index: usize) -> RawMessage {
        let nth = |all: &[Connection]| {
            let mut requests = all.iter().flat_map(|connection| &connection.requests);
            requests.nth(index).cloned()
        };
        net(&format!("waiting for request {index}"), self.log.until(nth)).await
    }

    /// Waits until the script of connection `index` is over, or its peer broke it off.
    ///
    /// # Panics
    ///
    /// When it is not over within the safety net of 30 seconds.
    pub async fn finished(&self, index: usize) -> Connection {
        let over = |all: &[Connection]| {
            let connection = all.get(index)?;
            (connection.is_over || connection.broken.is_some()).then(|| connection.clone())
        };
        net(&format!("waiting for the end of connection {index}"), self.log.until(over)).await
    }
}

fn listen(bytes: Option<u32>) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    if let Some(bytes) = bytes {
        // Accepted sockets inherit it; afterwards it would be too late for the window.
        socket.set_recv_buffer_size(bytes)?;
    }
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
    socket.listen(1024)
}

/// The connections are tasks of this one, and end with it.
async fn accept(listener: TcpListener, conversations: Vec<Conversation>, log: Log) {
    let mut conversations = conversations.into_iter();
    let mut playing = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let Some(conversation) = conversations.next() else {
            continue;
        };
        let index = log.open();
        let log = log.clone();
        playing.spawn(async move {
            let outcome = match Wire::new(stream) {
                Ok(wire) => play(wire, conversation, index, &log).await,
                Err(error) => Err(error),
            };
            log.change(index, |connection| match outcome {
                Ok(()) => connection.is_over = true,
                Err(error) => connection.broken = Some(error.kind()),
            });
        });
    }
}

async fn play(mut wire: Wire, conversation: Conversation, index: usize, log: &Log) -> io::Result<()> {
    for act in conversation.acts {
        let read = match act {
            Act::ReadRequest => wire.message(Kind::Request).await.inspect(|bytes| {
                let request = RawMessage::new(bytes.clone());
                log.change(index, |connection| connection.requests.push(request));
            }),
            Act::Read(count) => wire.exactly(count).await,
            Act::WaitForClose => wire.rest().await.inspect(|_| {
                log.change(index, |connection| connection.closed_by_peer = true);
            }),
            Act::Write(bytes) => wire.write(&bytes).await.map(|()| Bytes::new()),
            Act::WriteTorn(pieces) => wire.write_torn(&pieces).await.map(|()| Bytes::new()),
            Act::HalfClose => wire.half_close().await.map(|()| Bytes::new()),
            Act::Tell(signal) => {
                signal.give();
                Ok(Bytes::new())
            }
            Act::Wait(signal) => {
                signal.wait().await;
                Ok(Bytes::new())
            }
            Act::Reset => {
                log.received(index, &wire.unread());
                return wire.reset();
            }
            Act::Hang => {
                log.received(index, &wire.unread());
                pending::<io::Result<Bytes>>().await
            }
        };
        match read {
            Ok(bytes) => log.received(index, &bytes),
            Err(error) => {
                log.received(index, &wire.unread());
                return Err(error);
            }
        }
    }
    log.received(index, &wire.unread());
    Ok(())
}

impl Log {
    fn new() -> Self {
        Self { connections: Arc::default(), changed: watch::Sender::new(()) }
    }

    fn open(&self) -> usize {
        let mut connections = self.lock();
        connections.push(Connection::default());
        connections.len() - 1
    }

    fn change(&self, index: usize, change: impl FnOnce(&mut Connection)) {
        if let Some(connection) = self.lock().get_mut(index) {
            change(connection);
        }
        self.changed.send_replace(());
    }

    fn received(&self, index: usize, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.change(index, |connection| {
                connection.received = [&connection.received, bytes].concat().into();
            });
        }
    }

    async fn until<T>(&self, look: impl Fn(&[Connection]) -> Option<T>) -> T {
        let mut changed = self.changed.subscribe();
        loop {
            if let Some(found) = look(&self.lock()) {
                return found;
            }
            if changed.changed().await.is_err() {
                return pending().await;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Connection>> {
        // A panicking test must not hide its message behind a second panic.
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
