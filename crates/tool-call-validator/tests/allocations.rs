//! What a call without tools costs: allocations are counted for the whole process, hence a binary of its own.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests are tests")]

use std::{
    convert::Infallible,
    future::{Ready, ready},
    task::{Context, Poll, Waker},
};

use cap::Cap;
use http::{Request, Response, header::CONTENT_TYPE};
use llm_layers_core::Body;
use llm_layers_tool_call_validator::ValidateLayer;
use tower::{Layer, Service, service_fn};

#[global_allocator]
static ALLOCATOR: Cap<std::alloc::System> = Cap::new(std::alloc::System, usize::MAX);

const CHAT: &str =
    r#"{"model":"m","stream":true,"messages":[{"role":"user","content":"What is a tool? Say it as JSON."}]}"#;

fn provider(request: Request<Body>) -> Ready<Result<Response<Body>, Infallible>> {
    drop(request);
    ready(Ok(Response::new(Body::from("data: [DONE]\n\n"))))
}

/// Bytes that a call through this service allocates; the service, the request and the waker are there before.
fn call<S>(service: &mut S, path: &'static str) -> usize
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    let request = Request::post(path).header(CONTENT_TYPE, "application/json").body(Body::from(CHAT)).unwrap();
    let mut context = Context::from_waker(Waker::noop());
    let before = ALLOCATOR.total_allocated();
    assert!(service.poll_ready(&mut context).is_ready());
    let future = std::pin::pin!(service.call(request));
    let Poll::Ready(Ok(response)) = future.poll(&mut context) else { panic!("it is ready") };
    let allocated = ALLOCATOR.total_allocated() - before;
    assert_eq!(response.status(), 200);
    allocated
}

#[test]
fn a_call_without_tools_passes_without_an_allocation() {
    let mut bare = service_fn(provider);
    let mut checked = ValidateLayer::default().layer(service_fn(provider));
    for path in ["/v1/chat/completions", "/v1/responses", "/v1/messages", "/v1/embeddings"] {
        // What is made once, on the first call, is no call's own.
        call(&mut checked, path);
        assert_eq!(call(&mut checked, path), call(&mut bare, path), "{path}");
    }
}
