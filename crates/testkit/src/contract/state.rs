//! What all clones of a probe share.

use super::{SeenRequest, rule::Breach};
use crate::body::{BodyHandle, Script};
use http::Response;
use std::{
    fmt,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Waker,
};
use tokio::sync::Notify;

#[derive(Debug, Default)]
pub(super) struct Shared {
    state: Mutex<State>,
    changed: Notify,
}

/// How `poll_ready` answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Readiness {
    #[default]
    Open,
    Closed,
    Fails,
}

/// How a call ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Calls {
    #[default]
    Answer,
    Hold,
    Fail,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) readiness: Readiness,
    pub(super) calls: Calls,
    pub(super) endless: bool,
    pub(super) answer: Answer,
    pub(super) ready_wakers: Vec<Waker>,
    /// Times that readiness was asked for while closed.
    pub(super) turned_away: usize,
    /// Services that are ready and not called yet.
    pub(super) readied: usize,
    pub(super) called: usize,
    pub(super) in_flight: usize,
    pub(super) cancelled: usize,
    pub(super) requests: Vec<SeenRequest>,
    pub(super) bodies: Vec<BodyHandle>,
    pub(super) breaches: Vec<Breach>,
}

/// Makes the responses.
#[derive(Clone)]
pub(super) struct Answer(pub(super) Arc<dyn Fn() -> Response<Script> + Send + Sync>);

impl Default for Answer {
    fn default() -> Self {
        Self(Arc::new(|| Response::new(Script::new().data("hello, ").data("world"))))
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answer")
    }
}

impl Shared {
    /// Changes the state and tells those who wait for it.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let changed = change(&mut self.lock());
        self.changed.notify_waiters();
        changed
    }

    pub(super) fn look<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.lock())
    }

    pub(super) async fn until(&self, reached: impl Fn(&State) -> bool) {
        loop {
            let mut changed = pin!(self.changed.notified());
            // Registered before the look, so that a change between the two is not lost.
            changed.as_mut().enable();
            if self.look(&reached) {
                return;
            }
            changed.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panicking test must not hide its message behind a second panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
