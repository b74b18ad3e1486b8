//! A broken layer for each rule: a check that cannot fail is worth less than none.

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use llm_layers_testkit::{
    body::{Script, TestBody},
    contract::{LayerContract, Probe, ProbeError, Rule},
};
use std::{
    error::Error,
    future::{Future, ready},
    mem,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};
use tower::{Service, ServiceExt, layer::layer_fn};

type Body = Full<Bytes>;
type BoxError = Box<dyn Error + Send + Sync>;
type Answer<RB = TestBody> = Pin<Box<dyn Future<Output = Result<Response<RB>, BoxError>> + Send>>;
type Ready = Poll<Result<(), BoxError>>;

/// A layer made of its two functions.
struct Made<RB = TestBody> {
    inner: Probe,
    ready: fn(&mut Self, &mut Context<'_>) -> Ready,
    call: fn(&mut Self, Request<Body>) -> Answer<RB>,
    was_ready: bool,
    stash: Arc<Mutex<Vec<Probe>>>,
    lock: Arc<tokio::sync::Mutex<()>>,
}

impl<RB> Clone for Made<RB> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), stash: Arc::clone(&self.stash), lock: Arc::clone(&self.lock), ..*self }
    }
}

impl<RB> Service<Request<Body>> for Made<RB> {
    type Response = Response<RB>;
    type Error = BoxError;
    type Future = Answer<RB>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Ready {
        (self.ready)(self, cx)
    }

    fn call(&mut self, request: Request<Body>) -> Answer<RB> {
        (self.call)(self, request)
    }
}

async fn check<RB>(
    rule: Rule,
    ready: fn(&mut Made<RB>, &mut Context<'_>) -> Ready,
    call: fn(&mut Made<RB>, Request<Body>) -> Answer<RB>,
) where
    RB: http_body::Body<Data = Bytes> + Send + 'static,
    RB::Error: Into<BoxError>,
{
    let stash = Arc::default();
    let lock = Arc::default();
    let make = || {
        layer_fn(|inner| Made {
            inner,
            ready,
            call,
            was_ready: false,
            stash: Arc::clone(&stash),
            lock: Arc::clone(&lock),
        })
    };
    LayerContract::new(make, || Request::new(Full::from("{}"))).check_rule(rule).await;
}

fn empty() -> TestBody {
    Script::new().body()
}

fn inner_ready<RB>(this: &mut Made<RB>, cx: &mut Context<'_>) -> Ready {
    poll_inner(&mut this.inner, cx)
}

fn poll_inner(inner: &mut Probe, cx: &mut Context<'_>) -> Ready {
    Service::<Request<Body>>::poll_ready(inner, cx).map_err(Into::into)
}

fn always_ready<RB>(_: &mut Made<RB>, _: &mut Context<'_>) -> Ready {
    Poll::Ready(Ok(()))
}

/// As it ought to be.
fn swap_and_call(this: &mut Made, request: Request<Body>) -> Answer {
    let mut inner = take(this);
    Box::pin(async move { Ok(inner.call(request).await?) })
}

fn take<RB>(this: &mut Made<RB>) -> Probe {
    let clone = this.inner.clone();
    mem::replace(&mut this.inner, clone)
}

#[tokio::test(start_paused = true)]
async fn a_sound_layer_keeps_all_rules() {
    for rule in Rule::ALL {
        check(rule, inner_ready, swap_and_call).await;
    }
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "rule `ready-before-call`: the service called is a clone of the readied one")]
async fn clone_without_swap() {
    check(Rule::ReadyBeforeCall, inner_ready, |this: &mut Made, request| {
        let mut inner = this.inner.clone();
        Box::pin(async move { Ok(inner.call(request).await?) })
    })
    .await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "rule `ready-before-call`: the inner service was called without `poll_ready`")]
async fn never_readied() {
    check(Rule::ReadyBeforeCall, always_ready, swap_and_call).await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "rule `ready-before-call`")]
async fn never_readied_in_a_task_that_swallows_the_panic() {
    check(Rule::ReadyBeforeCall, always_ready, |this: &mut Made, request| {
        let mut inner = this.inner.clone();
        #[allow(clippy::disallowed_methods, reason = "a broken layer")]
        let task = tokio::spawn(async move { inner.call(request).await });
        Box::pin(async move {
            match task.await {
                Ok(answer) => Ok(answer?),
                Err(_) => Ok(Response::new(empty())),
            }
        })
    })
    .await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "rule `ready-before-call`: the inner service was never called")]
async fn never_reached() {
    check(Rule::ReadyBeforeCall, inner_ready, |_: &mut Made, _| Box::pin(ready(Ok(Response::new(empty()))))).await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "rule `readiness-pending`: the inner service was called although its `poll_ready`")]
async fn pending_ignored() {
    let ready = |this: &mut Made, cx: &mut Context<'_>| {
        let _ = inner_ready(this, cx);
        Poll::Ready(Ok(()))
    };
    check(Rule::ReadinessPending, ready, swap_and_call).await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "the wake-up is lost")]
async fn pending_with_a_lost_waker() {
    let ready = |this: &mut Made, _: &mut Context<'_>| {
        poll_inner(&mut this.inner, &mut Context::from_waker(std::task::Waker::noop()))
    };
    check(Rule::ReadinessPending, ready, swap_and_call).await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "rule `readiness-pending`: the layer failed with")]
async fn pending_made_an_error() {
    let ready = |this: &mut Made, cx: &mut Context<'_>| match inner_ready(this, cx) {
        Poll::Pending => Poll::Ready(Err("not ready".into())),
        ready => ready,
    };
    check(Rule::ReadinessPending, ready, swap_and_call).await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "rule `readiness-error`: the inner service was called although its `poll_ready` had")]
async fn readiness_error_ignored() {
    let ready = |this: &mut Made, cx: &mut Context<'_>| match inner_ready(this, cx) {
        Poll::Ready(_) => Poll::Ready(Ok(())),
        Poll::Pending => Poll::Pending,
    };
    check(Rule::ReadinessError, ready, swap_and_call).await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "rule `readiness-error`: the inner readiness failed, and the layer answered 200")]
async fn readiness_error_made_a_success() {
    check(Rule::ReadinessError, always_ready, |this: &mut Made, request| {
        let inner = this.inner.clone();
        Box::pin(async move {
            let ok = || Response::new(empty());
            Ok(inner.oneshot(request).await.unwrap_or_else(|_| ok()))
        })
    })
    .await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "rule `ready-again`: the inner service was called a second time on one readiness")]
async fn ready_once_for_all() {
    let ready = |this: &mut Made, cx: &mut Context<'_>| {
        if this.was_ready {
            return Poll::Ready(Ok(()));
        }
        this.was_ready = true;
        inner_ready(this, cx)
    };
    check(Rule::ReadyAgain, ready, |this: &mut Made, request| {
        let call = this.inner.call(request);
        Box::pin(async move { Ok(call.await?) })
    })
    .await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "rule `ready-again`: the inner service was called a second time on one readiness")]
async fn retry_without_readiness() {
    check(Rule::ReadyAgain, inner_ready, |this: &mut Made, request| {
        let mut inner = take(this);
        Box::pin(async move {
            let again = request.clone();
            let answer = inner.call(request).await?;
            if answer.status() == StatusCode::SERVICE_UNAVAILABLE {
                return Ok(inner.call(again).await?);
            }
            Ok(answer)
        })
    })
    .await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "rule `concurrent`: of 3 calls by clones, some wait until others are done")]
async fn a_lock_across_the_call() {
    check(Rule::Concurrent, inner_ready, |this: &mut Made, request| {
        let (mut inner, lock) = (take(this), Arc::clone(&this.lock));
        Box::pin(async move {
            let _held = lock.lock().await;
            Ok(inner.call(request).await?)
        })
    })
    .await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "rule `drop-before-call`: a service was readied and dropped, and 1 readied")]
async fn a_readied_service_kept() {
    let ready = |this: &mut Made, cx: &mut Context<'_>| {
        let readied = inner_ready(this, cx);
        let service = take(this);
        this.stash.lock().unwrap().push(service);
        readied
    };
    check(Rule::DropBeforeCall, ready, |this: &mut Made, request| {
        let mut inner = this.stash.lock().unwrap().pop().unwrap();
        Box::pin(async move { Ok(inner.call(request).await?) })
    })
    .await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "rule `drop-future`: the response future was dropped, and the inner future goes on")]
async fn a_task_for_the_call() {
    check(Rule::DropFuture, inner_ready, |this: &mut Made, request| {
        let mut inner = take(this);
        #[allow(clippy::disallowed_methods, reason = "a broken layer")]
        let task = tokio::spawn(async move { inner.call(request).await });
        Box::pin(async move { Ok(task.await??) })
    })
    .await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "rule `drop-body`: the response body was dropped, and the inner body was not")]
async fn a_task_for_the_body() {
    use http_body_util::{BodyExt, channel::Channel};
    check(Rule::DropBody, inner_ready, |this: &mut Made<Channel<Bytes>>, request| {
        let mut inner = take(this);
        Box::pin(async move {
            let (parts, mut body) = inner.call(request).await?.into_parts();
            let (mut sender, channel) = Channel::new(8);
            #[allow(clippy::disallowed_methods, reason = "a broken layer")]
            tokio::spawn(async move {
                while let Some(Ok(frame)) = body.frame().await {
                    let _ = sender.send(frame).await;
                }
            });
            Ok(Response::from_parts(parts, channel))
        })
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_layer_that_buffers_the_body_keeps_the_rule_when_it_is_dropped() {
    use http_body_util::BodyExt;
    check(Rule::DropBody, inner_ready, |this: &mut Made<Body>, request| {
        let mut inner = take(this);
        Box::pin(async move {
            let (parts, body) = inner.call(request).await?.into_parts();
            #[allow(clippy::disallowed_methods, reason = "a test body")]
            let whole = body.collect().await?.to_bytes();
            Ok(Response::from_parts(parts, Full::new(whole)))
        })
    })
    .await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "rule `error-passed-on`: the inner call failed with `ProbeError::Call`, and the layer with")]
async fn an_error_replaced() {
    check(Rule::ErrorPassedOn, inner_ready, |this: &mut Made, request| {
        let mut inner = take(this);
        Box::pin(async move { inner.call(request).await.map_err(|error: ProbeError| error.to_string().into()) })
    })
    .await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "rule `error-passed-on`: the inner call failed, and the layer answered 502")]
async fn an_error_answered_without_a_word() {
    check(Rule::ErrorPassedOn, inner_ready, |this: &mut Made, request| {
        let mut inner = take(this);
        Box::pin(async move {
            Ok(inner.call(request).await.unwrap_or_else(|_| {
                let mut answer = Response::new(empty());
                *answer.status_mut() = StatusCode::BAD_GATEWAY;
                answer
            }))
        })
    })
    .await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "rule `request-kept`: the request lost an extension")]
async fn a_request_built_anew() {
    check(Rule::RequestKept, inner_ready, |this: &mut Made, request| {
        let mut inner = take(this);
        let mut anew = Request::new(Full::from("{}"));
        *anew.headers_mut() = request.headers().clone();
        Box::pin(async move { Ok(inner.call(anew).await?) })
    })
    .await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "rule `request-kept`: the request lost values of a header")]
async fn headers_copied_by_insert() {
    check(Rule::RequestKept, inner_ready, |this: &mut Made, mut request| {
        let mut inner = take(this);
        for (name, value) in request.headers().clone().iter() {
            request.headers_mut().insert(name, value.clone());
        }
        Box::pin(async move { Ok(inner.call(request).await?) })
    })
    .await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "rule `response-kept`: the response lost an extension")]
async fn a_response_built_anew() {
    check(Rule::ResponseKept, inner_ready, |this: &mut Made, request| {
        let mut inner = take(this);
        Box::pin(async move { Ok(Response::new(inner.call(request).await?.into_body())) })
    })
    .await;
}
