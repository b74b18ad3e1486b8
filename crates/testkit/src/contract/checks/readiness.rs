//! Rules of `poll_ready`, `call` and `clone`.

use super::{
    BoxError, Checked, Trial,
    bell::OnlyWhenWoken,
    trial::{drain, exchange},
};
use crate::{body::Script, contract::Probe};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::Body;
use std::{
    future::{Future, poll_fn},
    pin::Pin,
    task::Poll,
};
use tokio::select;
use tower_layer::Layer;
use tower_service::Service;

/// Calls that have to be in flight at once.
const AT_ONCE: usize = 3;

/// What went wrong is seen by the probe, here and wherever nothing else is said.
pub(in crate::contract) async fn ready_before_call<L, MR, B, RB>(trial: Trial<'_, L, MR>) -> Checked
where
    L: Layer<Probe>,
    L::Service: Service<Request<B>, Response = Response<RB>> + Clone,
    <L::Service as Service<Request<B>>>::Error: Into<BoxError>,
    MR: Fn() -> Request<B>,
    RB: Body<Data = Bytes>,
    RB::Error: Into<BoxError>,
{
    let mut service = trial.service.clone();
    trial.plain(&mut service).await?;
    let mut ready = trial.service.clone();
    let asked = poll_fn(|cx| ready.poll_ready(cx));
    trial
        .within("`poll_ready` stays pending", asked)
        .await?
        .map_err(|error| trial.broken(format!("`poll_ready` failed with \"{}\"", error.into())))?;
    // A clone of a ready service, the way hyper-util and axum make them.
    let mut service = ready.clone();
    drop(ready);
    trial.plain(&mut service).await?;
    trial.reached()
}

pub(in crate::contract) async fn readiness_pending<L, MR, B, RB>(trial: Trial<'_, L, MR>) -> Checked
where
    L: Layer<Probe>,
    L::Service: Service<Request<B>, Response = Response<RB>> + Clone,
    <L::Service as Service<Request<B>>>::Error: Into<BoxError>,
    MR: Fn() -> Request<B>,
{
    let mut service = trial.service.clone();
    trial.probe.close();
    let mut work = OnlyWhenWoken::new(exchange(&mut service, trial.request()));
    let asked = async {
        select! {
            biased;
            outcome = &mut work => Some(outcome),
            () = trial.probe.until(|state| state.turned_away > 0) => None,
        }
    };
    match trial.within("the inner service was asked for no readiness", asked).await? {
        // The layer waits. Now it has to be woken.
        None => {}
        // Shedding load is a way to heed it as well.
        Some(Ok(response)) if refused(response.status()) => return Ok(()),
        Some(Ok(_)) => {
            return Err(trial.broken("the layer gave an answer while the inner service was not ready"));
        }
        Some(Err(error)) => {
            return Err(trial.broken(format!(
                "the layer failed with \"{error}\" while the inner service was merely not ready yet"
            )));
        }
    }
    trial.probe.open();
    let woken = "the inner service became ready, and the layer did not go on: the wake-up is lost";
    trial
        .within(woken, work)
        .await?
        .map(drop)
        .map_err(|error| trial.broken(format!("after the wait the call failed with \"{error}\"")))
}

pub(in crate::contract) async fn readiness_error<L, MR, B, RB>(trial: Trial<'_, L, MR>) -> Checked
where
    L: Layer<Probe>,
    L::Service: Service<Request<B>, Response = Response<RB>> + Clone,
    <L::Service as Service<Request<B>>>::Error: Into<BoxError>,
    MR: Fn() -> Request<B>,
{
    let mut service = trial.service.clone();
    trial.probe.fail_readiness();
    let work = exchange(&mut service, trial.request());
    let stuck = "the inner readiness failed, and the layer waits on";
    match trial.within(stuck, work).await? {
        Err(_) => Ok(()),
        Ok(response) if refused(response.status()) => Ok(()),
        Ok(response) => Err(trial.broken(format!(
            "the inner readiness failed, and the layer answered {} as if all were well",
            response.status()
        ))),
    }
}

pub(in crate::contract) async fn ready_again<L, MR, B, RB>(trial: Trial<'_, L, MR>) -> Checked
where
    L: Layer<Probe>,
    L::Service: Service<Request<B>, Response = Response<RB>> + Clone,
    <L::Service as Service<Request<B>>>::Error: Into<BoxError>,
    MR: Fn() -> Request<B>,
    RB: Body<Data = Bytes>,
    RB::Error: Into<BoxError>,
{
    let mut service = trial.service.clone();
    trial.plain(&mut service).await?;
    trial.plain(&mut service).await?;
    // Troubles that a layer may meet by calling again. What comes of them is its own affair; that each
    // attempt is readied is not.
    let usual = trial.probe.answer();
    for status in [StatusCode::SERVICE_UNAVAILABLE, StatusCode::TOO_MANY_REQUESTS] {
        trial.probe.answer_with(move || {
            let mut response = Response::new(Script::new());
            *response.status_mut() = status;
            response
        });
        troubled(&trial, &mut service).await?;
    }
    trial.probe.set_answer(usual);
    trial.probe.fail_calls();
    troubled(&trial, &mut service).await?;
    trial.reached()
}

async fn troubled<L, MR, S, B, RB>(trial: &Trial<'_, L, MR>, service: &mut S) -> Checked
where
    L: Layer<Probe>,
    S: Service<Request<B>, Response = Response<RB>>,
    S::Error: Into<BoxError>,
    MR: Fn() -> Request<B>,
    RB: Body,
    RB::Error: Into<BoxError>,
{
    let work = async {
        if let Ok(response) = exchange(service, trial.request()).await {
            // A body may well break here.
            let _ = drain(response.into_body()).await;
        }
    };
    trial.within("a call to a failing service did not end", work).await
}

pub(in crate::contract) async fn concurrent<L, MR, B, RB>(trial: Trial<'_, L, MR>) -> Checked
where
    L: Layer<Probe>,
    L::Service: Service<Request<B>, Response = Response<RB>> + Clone,
    <L::Service as Service<Request<B>>>::Error: Into<BoxError>,
    MR: Fn() -> Request<B>,
{
    trial.probe.hold_calls();
    let mut calls: Vec<_> = (0..AT_ONCE)
        .map(|_| {
            let (mut service, request) = (trial.service.clone(), trial.request());
            Some(Box::pin(async move { exchange(&mut service, request).await }))
        })
        .collect();
    let all_in = async {
        select! {
            biased;
            early = finish(&mut calls) => Some(early),
            () = trial.probe.until_in_flight(AT_ONCE) => None,
        }
    };
    let blocked = format!("of {AT_ONCE} calls by clones, some wait until others are done");
    let early = trial.within(&blocked, all_in).await?;
    trial.reached()?;
    if let Some(early) = early {
        return match early {
            Err(error) => Err(trial.broken(format!("one of {AT_ONCE} calls failed with \"{error}\""))),
            Ok(()) => Err(trial.broken("calls were answered before the inner service answered")),
        };
    }
    trial.probe.release();
    trial
        .within("calls by clones did not end", finish(&mut calls))
        .await?
        .map_err(|error| trial.broken(format!("one of {AT_ONCE} calls failed with \"{error}\"")))
}

/// Until all are done, or one fails.
async fn finish<F, T>(calls: &mut [Option<Pin<Box<F>>>]) -> Result<(), BoxError>
where
    F: Future<Output = Result<T, BoxError>>,
{
    poll_fn(|cx| {
        let mut all = true;
        for slot in calls.iter_mut() {
            match slot.as_mut().map(|call| call.as_mut().poll(cx)) {
                Some(Poll::Ready(Err(error))) => return Poll::Ready(Err(error)),
                Some(Poll::Ready(Ok(_))) => *slot = None,
                Some(Poll::Pending) => all = false,
                None => {}
            }
        }
        if all { Poll::Ready(Ok(())) } else { Poll::Pending }
    })
    .await
}

fn refused(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
}
