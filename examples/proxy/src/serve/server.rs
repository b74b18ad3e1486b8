use std::{convert::Infallible, io, sync::Arc, time::Duration};

use http::Request;
use hyper::{
    body::Incoming,
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use llm_layers_core::Body;
use tokio::{net::TcpStream, sync::watch};

use super::{
    Front,
    connections::{Connections, Counted, Link},
};

type Error = Box<dyn std::error::Error + Send + Sync>;

/// How long a client may take to say which version of HTTP it speaks.
const PREFACE: Duration = Duration::from_secs(30);

/// What serves a connection: the two versions of HTTP, each with its settings, and who answers. Cloning it shares them.
#[derive(Clone)]
pub(super) struct Server {
    http: Arc<Http>,
    front: Front,
    connections: Connections,
    /// Closed when no more is to be begun.
    stopping: watch::Receiver<()>,
}

struct Http {
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
}

impl Server {
    pub(super) fn new(front: Front, connections: Connections, stopping: watch::Receiver<()>) -> Self {
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2.timer(TokioTimer::new()).keep_alive_interval(Duration::from_secs(60));
        Self { http: Arc::new(Http { http1: http1::Builder::new(), http2 }), front, connections, stopping }
    }

    /// Serves one connection to its end.
    pub(super) async fn serve(mut self, stream: TcpStream) {
        // A connection that has said nothing yet has nothing to come to an end.
        let said = tokio::select! {
            said = tokio::time::timeout(PREFACE, is_http2(&stream)) => said,
            _ = self.stopping.changed() => return,
        };
        let Ok(Ok(is_http2)) = said else { return };
        if let Err(error) = self.connection(stream, is_http2).await {
            tracing::debug!(error, "connection ended");
        }
    }

    async fn connection(self, stream: TcpStream, is_http2: bool) -> Result<(), Error> {
        let Self { http, front, connections, .. } = self;
        // The chunks of a stream are small and must not wait for each other's acknowledgement.
        stream.set_nodelay(true)?;
        let stream = TokioIo::new(stream);
        let service = |link: Arc<Link>| {
            service_fn(move |request: Request<Incoming>| {
                let running = link.begin();
                let answer = front.answer(request.map(Body::new));
                async move { Ok::<_, Infallible>(answer.await.map(|body| Counted::new(body, running))) }
            })
        };
        if is_http2 {
            connections.serve(|link| http.http2.serve_connection(stream, service(link))).await?;
        } else {
            connections.serve(|link| http.http1.serve_connection(stream, service(link))).await?;
        }
        Ok(())
    }
}

/// Whether a client speaks HTTP/2 without TLS: it then begins with `PRI `, which no request of HTTP/1 does.
///
/// hyper-util's `auto` finds out too, and then stands between connection and socket for as long as both live.
async fn is_http2(stream: &TcpStream) -> io::Result<bool> {
    const BEGINNING: [u8; 4] = *b"PRI ";
    loop {
        let mut first = [0; BEGINNING.len()];
        let length = stream.peek(&mut first).await?;
        let begun = first.get(..length).unwrap_or_default();
        if length == 0 || begun != BEGINNING.get(..length).unwrap_or_default() {
            return Ok(false);
        }
        if length == BEGINNING.len() {
            return Ok(true);
        }
        // It has begun like one and stopped short: nothing tells when more is there but another look.
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
