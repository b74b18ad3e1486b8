use super::{
    rule::Breach,
    state::{Answer, Calls, Readiness, Shared, State},
};
use crate::body::{BodyHandle, Script};
use bytes::Bytes;
use http::{Response, request};
use std::{mem, sync::Arc};

/// Tells a [`Probe`](super::Probe) what to do, and what it has seen. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ProbeHandle {
    shared: Arc<Shared>,
}

/// A request as it came to the probe, its body read to the end.
#[derive(Clone, Debug)]
pub struct SeenRequest {
    /// Method, URI, headers, extensions.
    pub parts: request::Parts,
    /// All data of the body.
    pub body: Bytes,
}

impl ProbeHandle {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Answers each call with what `answer` makes, from now on.
    pub fn answer_with(&self, answer: impl Fn() -> Response<Script> + Send + Sync + 'static) {
        self.set_answer(Answer(Arc::new(answer)));
    }

    /// Makes `poll_ready` return `Pending`, until [`open`](Self::open).
    pub fn close(&self) {
        self.set_readiness(Readiness::Closed);
    }

    /// Makes `poll_ready` succeed (as at the start) and wakes whoever waits for it.
    pub fn open(&self) {
        self.set_readiness(Readiness::Open);
    }

    /// Makes `poll_ready` fail with [`ProbeError::Readiness`](super::ProbeError::Readiness).
    pub fn fail_readiness(&self) {
        self.set_readiness(Readiness::Fails);
    }

    /// Makes calls wait, the request having been read, until [`release`](Self::release).
    pub fn hold_calls(&self) {
        self.shared.change(|state| state.calls = Calls::Hold);
    }

    /// Makes calls fail with [`ProbeError::Call`](super::ProbeError::Call), those held as well.
    pub fn fail_calls(&self) {
        self.shared.change(|state| state.calls = Calls::Fail);
    }

    /// Makes calls answer (as at the start), those held as well.
    pub fn release(&self) {
        self.shared.change(|state| state.calls = Calls::Answer);
    }

    /// Sets whether the body of each answer falls silent in place of ending.
    pub fn endless_bodies(&self, yes: bool) {
        self.shared.change(|state| state.endless = yes);
    }

    /// How often the inner service was called.
    pub fn calls(&self) -> usize {
        self.shared.look(|state| state.called)
    }

    /// How many response futures are there and not done.
    pub fn in_flight(&self) -> usize {
        self.shared.look(|state| state.in_flight)
    }

    /// How many response futures were dropped before they were done.
    pub fn cancelled(&self) -> usize {
        self.shared.look(|state| state.cancelled)
    }

    /// How many instances are ready and not called yet.
    pub fn readied(&self) -> usize {
        self.shared.look(|state| state.readied)
    }

    /// All requests, in the order in which their bodies ended.
    pub fn requests(&self) -> Vec<SeenRequest> {
        self.shared.look(|state| state.requests.clone())
    }

    /// The bodies of all answers so far, in order.
    pub fn bodies(&self) -> Vec<BodyHandle> {
        self.shared.look(|state| state.bodies.clone())
    }

    /// Waits until `count` calls are in flight at once.
    pub async fn until_in_flight(&self, count: usize) {
        self.shared.until(|state| state.in_flight >= count).await;
    }

    pub(super) fn set_answer(&self, answer: Answer) {
        self.shared.change(|state| state.answer = answer);
    }

    pub(super) fn answer(&self) -> Answer {
        self.shared.look(|state| state.answer.clone())
    }

    pub(super) async fn until(&self, reached: impl Fn(&State) -> bool) {
        self.shared.until(reached).await;
    }

    pub(super) fn breach(&self) -> Option<Breach> {
        self.shared.look(|state| state.breaches.first().cloned())
    }

    fn set_readiness(&self, readiness: Readiness) {
        let wakers = self.shared.change(|state| {
            state.readiness = readiness;
            mem::take(&mut state.ready_wakers)
        });
        // Outside the lock: a waker may run code that asks this handle.
        wakers.into_iter().for_each(std::task::Waker::wake);
    }
}
