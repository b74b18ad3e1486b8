use std::{future::poll_fn, pin::pin, sync::Arc};

use bytes::Bytes;
use futures_util::future::{Either, select};
use http::{Request, Response};
use http_body::Body as HttpBody;
use llm_layers_core::{Body, BoxError, Deadline, Deployment, Latencies, Operation};
use tokio::time::{Instant, sleep_until};
use tower_service::Service;

use super::{
    After,
    layer::Settings,
    race::{self, Race},
    series,
};
use crate::{
    attempts,
    call::{open, refusal},
    observe, replay,
};

/// One call, and the same once more if it is slow to begin.
pub(super) async fn call<S, RB>(
    mut inner: S,
    settings: Arc<Settings>,
    operation: Operation,
    mut request: Request<Body>,
) -> Result<Response<Body>, S::Error>
where
    S: Service<Request<Body>, Response = Response<RB>>,
    RB: HttpBody<Data = Bytes> + Send + 'static,
    RB::Error: Into<BoxError>,
{
    if let Err(failure) = replay::read(&mut request, settings.max_replay).await {
        return Ok(refusal(failure));
    }
    settings.budget.deposit();
    let series = match settings.after {
        After::Quantile(_) => Some(settings.series.of(&request)),
        // Nothing need be learned.
        After::Fixed(_) => None,
    };
    let latencies = match &series {
        Some(series) => series.latencies(operation, series::is_stream(request.body_mut()).await),
        None => None,
    };
    let start = Instant::now();
    let second_at = settings.slow_after(latencies).and_then(|after| start.checked_add(after)).filter(|at| {
        let deadline: Option<&Deadline> = request.extensions().get();
        deadline.is_none_or(|deadline| *at < deadline.instant())
    });
    let copy = second_at.and_then(|at| Some((at, replay::clone(&request)?)));

    let first = inner.call(request);
    let mut first = pin!(async { Ok(open(first.await?, &settings.hold).await) });
    let answer = match copy {
        None => first.await,
        Some((at, copy)) => match select(first.as_mut(), pin!(sleep_until(at))).await {
            Either::Left((answer, _)) => answer,
            Either::Right(_) => {
                let deployment: Option<Deployment> = copy.extensions().get().cloned();
                if settings.budget.withdraw() {
                    observe::hedged(deployment.as_ref());
                    let second = async {
                        poll_fn(|cx| inner.poll_ready(cx)).await?;
                        Ok(open(inner.call(copy).await?, &settings.hold).await)
                    };
                    let Race { answer, taken } = race::run(first, pin!(second)).await;
                    observe::hedge_ended(deployment.as_ref(), taken, race::is_success(&answer));
                    record(latencies, start, &answer);
                    return answer;
                }
                observe::hedge_withheld(deployment.as_ref());
                first.await
            }
        },
    };
    record(latencies, start, &answer);
    answer.map(|mut response| {
        attempts::count(&mut response, 0);
        response
    })
}

impl Settings {
    fn slow_after(&self, latencies: Option<&Latencies>) -> Option<std::time::Duration> {
        match self.after {
            After::Fixed(after) => Some(after),
            After::Quantile(q) => latencies?.quantile(q),
        }
    }
}

/// How long the first call took: at least as long as it took for an answer to be there, where it was outrun. Were that
/// left out, only fast calls would be known of, and ever faster ones be hedged.
fn record<E>(latencies: Option<&Latencies>, start: Instant, answer: &Result<Response<Body>, E>) {
    if let Some(latencies) = latencies.filter(|_| race::is_success(answer)) {
        latencies.record(start.elapsed());
    }
}
