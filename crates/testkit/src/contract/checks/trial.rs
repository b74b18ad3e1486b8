//! One layer over one probe, and the moves that the checks are made of.

use super::{BoxError, Checked};
use crate::{
    contract::{
        Probe, ProbeHandle,
        rule::{Breach, Rule},
    },
    safety_net::virtual_net,
};
use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    time::Duration,
};
use tower_layer::Layer;
use tower_service::Service;

/// Above any backoff of a few attempts; on a paused clock it costs nothing.
const HANG: Duration = Duration::from_secs(60);

pub(in crate::contract) struct Trial<'a, L: Layer<Probe>, MR> {
    /// Kept for as long as the check lasts: what a layer shares lives as long as the layer.
    _layer: L,
    pub(in crate::contract) service: L::Service,
    pub(in crate::contract) probe: ProbeHandle,
    make_request: &'a MR,
    rule: Rule,
}

pub(super) type Outcome<RB> = Result<Response<RB>, BoxError>;

impl<'a, L: Layer<Probe>, MR> Trial<'a, L, MR> {
    pub(in crate::contract) fn new(layer: L, make_request: &'a MR, rule: Rule) -> Self {
        let probe = Probe::new();
        let handle = probe.handle();
        Self { service: layer.layer(probe), _layer: layer, probe: handle, make_request, rule }
    }

    pub(super) fn request<B>(&self) -> Request<B>
    where
        MR: Fn() -> Request<B>,
    {
        (self.make_request)()
    }

    pub(super) fn broken(&self, seen: impl Into<String>) -> Breach {
        Breach::new(self.rule, seen)
    }

    /// `work`, unless it hangs.
    pub(super) async fn within<T>(&self, seen_if_it_hangs: &str, work: impl Future<Output = T>) -> Result<T, Breach> {
        virtual_net(HANG, work).await.ok_or_else(|| self.broken(format!("{seen_if_it_hangs} (waited for {HANG:?})")))
    }

    /// A whole exchange with nothing in its way: readied, called, body read to the end.
    pub(super) async fn plain<S, B, RB>(&self, service: &mut S) -> Checked
    where
        S: Service<Request<B>, Response = Response<RB>>,
        S::Error: Into<BoxError>,
        MR: Fn() -> Request<B>,
        RB: Body<Data = Bytes>,
        RB::Error: Into<BoxError>,
    {
        let work = async {
            let response = exchange(service, self.request()).await?;
            drain(response.into_body()).await
        };
        self.within("an untroubled call did not end", work)
            .await?
            .map_err(|error| self.broken(format!("an untroubled call failed with \"{error}\"")))
    }

    /// A check says nothing when the layer answered by itself all along.
    pub(super) fn reached(&self) -> Checked {
        if self.probe.calls() > 0 {
            return Ok(());
        }
        Err(self.broken(
            "the inner service was never called, so that nothing could be checked: let `make_request` give a \
             request that the layer passes on, and `answer` what it understands",
        ))
    }
}

/// Readies and calls.
pub(super) async fn exchange<S, B, RB>(service: &mut S, request: Request<B>) -> Outcome<RB>
where
    S: Service<Request<B>, Response = Response<RB>>,
    S::Error: Into<BoxError>,
{
    poll_fn(|cx| service.poll_ready(cx)).await.map_err(Into::into)?;
    service.call(request).await.map_err(Into::into)
}

pub(super) async fn drain<B>(body: B) -> Result<(), BoxError>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    let mut body = pin!(body);
    while next(body.as_mut()).await? {}
    Ok(())
}

/// Whether one more frame came.
pub(super) async fn next<B>(mut body: Pin<&mut B>) -> Result<bool, BoxError>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    match poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        None => Ok(false),
        Some(frame) => frame.map(|_| true).map_err(Into::into),
    }
}
