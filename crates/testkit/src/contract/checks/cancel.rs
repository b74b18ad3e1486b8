//! Rules of what happens when the caller goes away.

use super::{
    BoxError, Checked, Trial,
    trial::{exchange, next},
};
use crate::contract::Probe;
use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use std::{future::poll_fn, pin::Pin};
use tokio::select;
use tower_layer::Layer;
use tower_service::Service;

pub(in crate::contract) async fn drop_before_call<L, MR, B, RB>(trial: Trial<'_, L, MR>) -> Checked
where
    L: Layer<Probe>,
    L::Service: Service<Request<B>, Response = Response<RB>> + Clone,
    <L::Service as Service<Request<B>>>::Error: Into<BoxError>,
    MR: Fn() -> Request<B>,
    RB: Body<Data = Bytes>,
    RB::Error: Into<BoxError>,
{
    let mut dropped = trial.service.clone();
    trial
        .within("`poll_ready` stays pending", poll_fn(|cx| dropped.poll_ready(cx)))
        .await?
        .map_err(|error| trial.broken(format!("`poll_ready` failed with \"{}\"", error.into())))?;
    drop(dropped);
    let left = trial.probe.readied();
    if left > 0 {
        return Err(trial.broken(format!(
            "a service was readied and dropped, and {left} readied inner services are still there: over a \
             concurrency limit a permit is lost"
        )));
    }
    // The others are none the worse for it.
    let mut service = trial.service.clone();
    trial.plain(&mut service).await?;
    trial.reached()
}

pub(in crate::contract) async fn drop_future<L, MR, B, RB>(trial: Trial<'_, L, MR>) -> Checked
where
    L: Layer<Probe>,
    L::Service: Service<Request<B>, Response = Response<RB>> + Clone,
    <L::Service as Service<Request<B>>>::Error: Into<BoxError>,
    MR: Fn() -> Request<B>,
{
    trial.probe.hold_calls();
    let mut service = trial.service.clone();
    let mut call = Box::pin(exchange(&mut service, trial.request()));
    let begun = async {
        select! {
            biased;
            _ = &mut call => (),
            () = trial.probe.until_in_flight(1) => (),
        }
    };
    trial.within("the inner service was not called", begun).await?;
    trial.reached()?;
    drop(call);
    let goes_on = "the response future was dropped, and the inner future goes on";
    trial.within(goes_on, trial.probe.until(|state| state.in_flight == 0)).await
}

pub(in crate::contract) async fn drop_body<L, MR, B, RB>(trial: Trial<'_, L, MR>) -> Checked
where
    L: Layer<Probe>,
    L::Service: Service<Request<B>, Response = Response<RB>> + Clone,
    <L::Service as Service<Request<B>>>::Error: Into<BoxError>,
    MR: Fn() -> Request<B>,
    RB: Body<Data = Bytes>,
    RB::Error: Into<BoxError>,
{
    trial.probe.endless_bodies(true);
    for read_first in [true, false] {
        let mut service = trial.service.clone();
        let before = trial.probe.bodies().len();
        let call = exchange(&mut service, trial.request());
        let response = trial
            .within("the inner body gave all it has, and the layer stands still", until_read_up(&trial, before, call))
            .await?;
        trial.reached()?;
        if let Some(Ok(response)) = response {
            let mut body = Box::pin(response.into_body());
            if read_first {
                trial.within("the body does not go on", read_up(&trial, before, body.as_mut())).await?;
            }
        }
        // Body and future are gone. The layer and its service are still there, as in real life.
        for inner in trial.probe.bodies() {
            trial.within("the response body was dropped, and the inner body was not", inner.dropped()).await?;
        }
    }
    Ok(())
}

/// The response, or nothing when the layer holds it back until the end of a body that has none.
async fn until_read_up<L: Layer<Probe>, MR, T>(
    trial: &Trial<'_, L, MR>,
    before: usize,
    call: impl Future<Output = T>,
) -> Option<T> {
    select! {
        biased;
        response = call => Some(response),
        () = exhausted(trial, before) => None,
    }
}

async fn read_up<L: Layer<Probe>, MR, B>(trial: &Trial<'_, L, MR>, before: usize, mut body: Pin<&mut B>)
where
    B: Body,
    B::Error: Into<BoxError>,
{
    loop {
        select! {
            biased;
            more = next(body.as_mut()) => if !more.unwrap_or(false) { return },
            () = exhausted(trial, before) => return,
        }
    }
}

/// The inner body of this round has given all it has.
async fn exhausted<L: Layer<Probe>, MR>(trial: &Trial<'_, L, MR>, before: usize) {
    trial.probe.until(|state| state.bodies.len() > before).await;
    if let Some(inner) = trial.probe.bodies().last() {
        inner.exhausted().await;
    }
}
