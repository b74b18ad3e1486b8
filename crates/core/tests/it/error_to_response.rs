//! Errors from below become answers, and nothing of their insides gets out.

use std::{
    error::Error,
    fmt, io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response};
use http_body_util::Full;
use llm_layers_core::{Body, BoxError, ErrorToResponse, ErrorToResponseLayer, Rejection};
use llm_layers_testkit::{
    body::Script,
    contract::{LayerContract, Probe},
};
use tower::{Service, ServiceExt, service_fn};

fn request() -> Request<Full<bytes::Bytes>> {
    Request::post("/v1/chat/completions").body(Full::from("{}")).unwrap()
}

#[tokio::test(start_paused = true)]
async fn contract() {
    LayerContract::new(ErrorToResponseLayer::new, request).errors_become_answers(true).check().await;
}

#[tokio::test(start_paused = true)]
async fn contract_with_a_stream() {
    LayerContract::new(ErrorToResponseLayer::new, request)
        .errors_become_answers(true)
        .answer(|| Response::new(Script::new().data("data: {}\n\n").pending().data("data: [DONE]\n\n")))
        .check()
        .await;
}

/// An error with an error inside, as an HTTP client has them.
#[derive(Debug)]
struct Outer(BoxError);

impl fmt::Display for Outer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "connecting to 10.0.0.7:8443 as user-s3cret: {}", self.0)
    }
}

impl Error for Outer {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}

async fn answered(error: impl Fn() -> BoxError + Clone) -> (u16, String) {
    let below = service_fn(move |_: Request<()>| {
        let error = error();
        async { Err::<Response<Body>, _>(error) }
    });
    let Ok(response) = ErrorToResponse::new(below).oneshot(Request::new(())).await;
    read(response).await
}

async fn read(mut response: Response<Body>) -> (u16, String) {
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.extensions().get::<Rejection>(), None, "a provider was asked");
    let bytes = response.body_mut().bytes(1 << 16).await.unwrap();
    (response.status().as_u16(), String::from_utf8(bytes.to_vec()).unwrap())
}

const TIMED_OUT: &str = r#"{"error":{"message":"The provider did not answer in time.","type":"timeout_error","param":null,"code":"upstream_timeout"}}"#;
const BAD_GATEWAY: &str = r#"{"error":{"message":"The provider could not be reached, or broke off before it answered.","type":"api_error","param":null,"code":"upstream_error"}}"#;

#[tokio::test(start_paused = true)]
async fn timeouts_are_504() {
    let io = || io::Error::new(io::ErrorKind::TimedOut, "10.0.0.7 is slow").into();
    assert_eq!(answered(io).await, (504, TIMED_OUT.into()));
    assert_eq!(answered(move || Outer(Outer(io()).into()).into()).await, (504, TIMED_OUT.into()), "however deep");

    let below = service_fn(|_: Request<()>| async {
        tokio::time::timeout(Duration::from_secs(1), std::future::pending::<Result<Response<Body>, BoxError>>()).await?
    });
    let Ok(response) = ErrorToResponse::new(below).oneshot(Request::new(())).await;
    assert_eq!(read(response).await, (504, TIMED_OUT.into()));
}

#[tokio::test]
async fn everything_else_is_502_and_tells_nothing_of_its_insides() {
    for kind in [io::ErrorKind::ConnectionRefused, io::ErrorKind::ConnectionReset, io::ErrorKind::Other] {
        let error = move || Outer(io::Error::new(kind, "10.0.0.7 s3cret").into()).into();
        assert_eq!(answered(error).await, (502, BAD_GATEWAY.into()));
    }
    assert_eq!(answered(|| "timed out, says somebody, in words".into()).await, (502, BAD_GATEWAY.into()));
}

/// Its readiness fails as often as it is told, and a call without readiness is a panic.
#[derive(Clone)]
struct Unready {
    failures: Arc<AtomicUsize>,
    ready: bool,
}

impl Service<Request<()>> for Unready {
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = std::future::Ready<Result<Response<Body>, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        let failed = self.failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        self.ready = !failed;
        let error = || Err(io::Error::new(io::ErrorKind::TimedOut, "no permit at 10.0.0.7").into());
        Poll::Ready(if failed { error() } else { Ok(()) })
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        assert!(std::mem::take(&mut self.ready), "called without being ready");
        std::future::ready(Ok(Response::new(Body::from("hello"))))
    }
}

fn unready(failures: usize) -> ErrorToResponse<Unready> {
    ErrorToResponse::new(Unready { failures: Arc::new(AtomicUsize::new(failures)), ready: false })
}

#[tokio::test]
async fn a_failed_readiness_is_the_answer_to_the_next_call_and_to_no_other() {
    let mut service = unready(1);
    let Ok(response) = service.ready().await.unwrap().call(Request::new(())).await;
    assert_eq!(read(response).await, (504, TIMED_OUT.into()));
    let Ok(mut response) = service.ready().await.unwrap().call(Request::new(())).await;
    assert_eq!(response.body_mut().bytes(9).await.unwrap(), "hello");
}

#[tokio::test]
async fn a_failure_that_is_held_is_not_asked_for_again() {
    let mut service = unready(1);
    service.ready().await.unwrap();
    let Ok(response) = service.ready().await.unwrap().call(Request::new(())).await;
    assert_eq!(response.status(), 504, "the readiness asked for twice fails once");
}

#[tokio::test]
async fn a_clone_does_not_inherit_the_failure() {
    let mut service = unready(1);
    service.ready().await.unwrap();
    let Ok(mut response) = service.clone().oneshot(Request::new(())).await;
    assert_eq!(response.body_mut().bytes(9).await.unwrap(), "hello");
}

#[tokio::test]
async fn an_answer_from_below_is_left_as_it_is() {
    let probe = Probe::new();
    probe.handle().answer_with(|| {
        let mut response = Response::new(Script::new().data("a").error("cut off"));
        *response.status_mut() = http::StatusCode::IM_A_TEAPOT;
        response
    });
    let Ok(mut response) = ErrorToResponse::new(probe).oneshot(request()).await;
    assert_eq!(response.status(), 418);
    let error = response.body_mut().bytes(9).await.unwrap_err();
    assert_eq!(error.source().unwrap().to_string(), "cut off", "a body that breaks off is no answer's business");
}
