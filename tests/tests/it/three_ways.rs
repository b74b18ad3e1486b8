//! A layer is put into use in three ways: over a whole axum router beside other people's layers, on one of its
//! routes, and over a hyper client served by hyper. The same trivial layer goes into all of them.

use std::task::{Context, Poll};

use axum::{Router, routing::post};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::Body as HttpBody;
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::Client,
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
    service::TowerToHyperService,
};
use llm_layers_core::{Body, BoxError, ErrorToResponseLayer};
use llm_layers_sim::Sim;
use tokio::net::TcpListener;
use tower::{Layer, Service, ServiceBuilder, ServiceExt};
use tower_http::trace::TraceLayer;

/// Counts the bytes of each request, and tells them in a header of the answer. Bodies go through as they are.
#[derive(Clone, Copy)]
struct TrivialLayer;

#[derive(Clone)]
struct Trivial<S> {
    inner: S,
}

impl<S> Layer<S> for TrivialLayer {
    type Service = Trivial<S>;

    fn layer(&self, inner: S) -> Trivial<S> {
        Trivial { inner }
    }
}

impl<S, B, RB> Service<Request<B>> for Trivial<S>
where
    S: Service<Request<Body>, Response = Response<RB>> + Clone + Send + 'static,
    S::Future: Send,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
    RB: HttpBody<Data = Bytes> + Send + 'static,
    RB::Error: Into<BoxError>,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = futures_util::future::BoxFuture<'static, Result<Response<Body>, S::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let mut request = request.map(Body::new);
        Box::pin(async move {
            let length = request.body_mut().bytes(1 << 20).await.map_or(0, |bytes| bytes.len());
            let mut response = inner.call(request).await?.map(Body::new);
            response.headers_mut().insert("x-llm-seen", length.into());
            Ok(response)
        })
    }
}

async fn echo(body: Bytes) -> Bytes {
    body
}

async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

async fn ask(url: &str, http2: bool, body: &'static str) -> (StatusCode, Option<String>, Bytes) {
    let client = Client::builder(TokioExecutor::new()).http2_only(http2).build_http();
    let request = Request::post(url).body(Full::new(Bytes::from_static(body.as_bytes()))).unwrap();
    let response = client.request(request).await.unwrap();
    let seen = response.headers().get("x-llm-seen").map(|seen| seen.to_str().unwrap().to_owned());
    (response.status(), seen, response.into_body().collect().await.unwrap().to_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn over_a_whole_router_beside_a_trace_layer() {
    let router = Router::new()
        .route("/echo", post(echo))
        .layer(TrivialLayer)
        .layer(TraceLayer::new_for_http())
        .layer(TrivialLayer);
    let url = serve(router).await + "/echo";
    for http2 in [false, true] {
        assert_eq!(ask(&url, http2, "{ \"a\":1 }").await, (StatusCode::OK, Some("9".into()), "{ \"a\":1 }".into()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_one_route() {
    let router = Router::new().route("/with", post(echo).layer(TrivialLayer)).route("/without", post(echo));
    let url = serve(router).await;
    assert_eq!(ask(&(url.clone() + "/with"), false, "four").await.1.as_deref(), Some("4"));
    assert_eq!(ask(&(url + "/without"), false, "four").await.1, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn over_a_hyper_client_served_by_hyper() {
    let sim = Sim::openai().any_model().start().await.unwrap();
    let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
    let upstream = sim.base_url() + "/chat/completions";
    let service = ServiceBuilder::new()
        .layer(TrivialLayer)
        .layer(ErrorToResponseLayer::new())
        .map_request(move |mut request: Request<Body>| {
            *request.uri_mut() = upstream.parse().unwrap();
            // The client asked this server by a version of its own.
            *request.version_mut() = http::Version::HTTP_11;
            request.headers_mut().remove("host");
            request
        })
        .service(client);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let service = TowerToHyperService::new(service.clone());
            tokio::spawn(async move {
                let server = auto::Builder::new(TokioExecutor::new());
                let _ = server.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    let body = r#"{"model":"m","messages":[{"role":"user","content":"sim:say hello"}]}"#;
    for http2 in [false, true] {
        let (status, seen, answer) = ask(&format!("http://{address}/v1/chat/completions"), http2, body).await;
        assert_eq!((status, seen.as_deref()), (StatusCode::OK, Some("68")));
        assert!(String::from_utf8_lossy(&answer).contains(r#""content":"hello""#));
    }
    let received = sim.received();
    assert!(received.iter().all(|request| request.body == body), "byte for byte");
}

/// Layers of ours in any number hand the same body on: none wraps it again.
#[tokio::test]
async fn ten_layers_keep_one_body() {
    let inner = tower::service_fn(async |request: Request<Body>| {
        assert!(request.body().try_clone().is_some(), "read once by the first layer, and still whole");
        Ok::<_, BoxError>(Response::new(request.into_body()))
    });
    let mut service = tower::util::BoxCloneService::new(inner);
    for _ in 0..10 {
        service = tower::util::BoxCloneService::new(TrivialLayer.layer(service));
    }
    let request = Request::post("/").body(Full::new(Bytes::from_static(b"whole"))).unwrap();
    let mut response = service.oneshot(request.map(Body::new)).await.unwrap();
    assert_eq!(response.body_mut().bytes(99).await.unwrap(), "whole");
}
