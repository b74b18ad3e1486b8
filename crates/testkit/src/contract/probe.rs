use super::{
    ProbeError, ProbeHandle,
    future::ProbeFuture,
    rule::{Breach, Rule},
    state::{Readiness, Shared},
};
use crate::body::TestBody;
use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use std::{
    error::Error,
    sync::Arc,
    task::{Context, Poll},
};
use tower_service::Service;

/// The innermost service of a test: it reads each request to its end, answers as it is told, and watches
/// over how it is used.
///
/// Called without being ready it panics with the rule that was broken and what to do about it. It takes
/// requests with any body of `Bytes`, and answers with a [`TestBody`]. A [`ProbeHandle`] tells it what to do
/// and what it has seen; clones of a probe share it.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use http::{Request, StatusCode};
/// use http_body_util::Full;
/// use llm_layers_testkit::contract::Probe;
/// use tower::{ServiceBuilder, ServiceExt};
///
/// let probe = Probe::new();
/// let handle = probe.handle();
/// let service = ServiceBuilder::new()/* .layer(YourLayer) */.service(probe);
///
/// let response = service.oneshot(Request::new(Full::from("{}"))).await.unwrap();
/// assert_eq!(response.status(), StatusCode::OK);
/// assert_eq!(handle.requests()[0].body, "{}");
/// # });
/// ```
#[derive(Debug, Default)]
pub struct Probe {
    shared: Arc<Shared>,
    stand: Stand,
}

/// Where one instance stands between readiness and call.
#[derive(Debug, Default)]
enum Stand {
    #[default]
    Fresh,
    /// A clone of an instance that was ready: looks ready to whoever forgets that readiness is not cloned.
    CloneOfReady,
    TurnedAway,
    Failed,
    Ready {
        _counted: Readied,
    },
    Called,
}

/// Counts one readied instance for as long as it is there.
#[derive(Debug)]
struct Readied(Arc<Shared>);

impl Probe {
    /// A probe that is always ready and answers 200 with a short body.
    pub fn new() -> Self {
        Self::default()
    }

    /// What tells the probe and its clones what to do, and what they have seen.
    pub fn handle(&self) -> ProbeHandle {
        ProbeHandle::new(Arc::clone(&self.shared))
    }

    fn breach(&self) -> Option<Breach> {
        let (rule, seen) = match self.stand {
            Stand::Ready { .. } => return None,
            Stand::Fresh => (Rule::ReadyBeforeCall, "the inner service was called without `poll_ready`"),
            Stand::CloneOfReady => (
                Rule::ReadyBeforeCall,
                "the service called is a clone of the readied one, and was never readied itself: readiness \
                 is not cloned",
            ),
            Stand::TurnedAway => (
                Rule::ReadinessPending,
                "the inner service was called although its `poll_ready` had returned `Pending`",
            ),
            Stand::Failed => {
                (Rule::ReadinessError, "the inner service was called although its `poll_ready` had failed")
            }
            Stand::Called => (Rule::ReadyAgain, "the inner service was called a second time on one readiness"),
        };
        Some(Breach::new(rule, seen))
    }
}

impl Clone for Probe {
    fn clone(&self) -> Self {
        let stand = match self.stand {
            Stand::Ready { .. } | Stand::CloneOfReady => Stand::CloneOfReady,
            _ => Stand::Fresh,
        };
        Self { shared: Arc::clone(&self.shared), stand }
    }
}

impl<B> Service<Request<B>> for Probe
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Response = Response<TestBody>;
    type Error = ProbeError;
    type Future = ProbeFuture;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), ProbeError>> {
        // Once ready it stays so until it is called, whatever the others are told since.
        if matches!(self.stand, Stand::Ready { .. }) {
            return Poll::Ready(Ok(()));
        }
        let readiness = self.shared.change(|state| {
            if state.readiness == Readiness::Closed {
                state.turned_away += 1;
                state.ready_wakers.push(cx.waker().clone());
            }
            state.readiness
        });
        match readiness {
            Readiness::Open => {
                self.stand = Stand::Ready { _counted: Readied::new(&self.shared) };
                Poll::Ready(Ok(()))
            }
            Readiness::Closed => {
                self.stand = Stand::TurnedAway;
                Poll::Pending
            }
            Readiness::Fails => {
                self.stand = Stand::Failed;
                Poll::Ready(Err(ProbeError::Readiness))
            }
        }
    }

    fn call(&mut self, request: Request<B>) -> ProbeFuture {
        if let Some(breach) = self.breach() {
            // Noted as well: a panic inside a spawned task or a `catch_unwind` would be lost.
            self.shared.change(|state| state.breaches.push(breach.clone()));
            panic!("{breach}");
        }
        self.stand = Stand::Called;
        ProbeFuture::new(Arc::clone(&self.shared), request)
    }
}

impl Readied {
    fn new(shared: &Arc<Shared>) -> Self {
        shared.change(|state| state.readied += 1);
        Self(Arc::clone(shared))
    }
}

impl Drop for Readied {
    fn drop(&mut self) {
        self.0.change(|state| state.readied -= 1);
    }
}
