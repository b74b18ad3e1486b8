use std::{
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Waker,
};
use tokio::sync::Notify;

/// What a [`TestBody`](super::TestBody) has gone through, seen from outside and also after its end.
///
/// Cheap to clone; all clones look at the same body.
#[derive(Clone, Debug, Default)]
pub struct BodyHandle {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) polls: usize,
    pub(super) polls_after_error: usize,
    pub(super) frames: usize,
    pub(super) finished: bool,
    pub(super) failed: bool,
    pub(super) dropped: bool,
    /// It stands at a gate or in an endless silence.
    pub(super) waiting: bool,
    /// It stands in an endless silence.
    pub(super) silent: bool,
    /// Gates that the test has opened and the body not yet passed.
    pub(super) opened: usize,
    pub(super) waker: Option<Waker>,
}

impl BodyHandle {
    /// How often the body was polled for a frame.
    pub fn polls(&self) -> usize {
        self.lock().polls
    }

    /// How often it was polled again after it had failed; "this body should be discarded" then, says
    /// `http_body`.
    pub fn polls_after_error(&self) -> usize {
        self.lock().polls_after_error
    }

    /// How many frames it has given.
    pub fn frames(&self) -> usize {
        self.lock().frames
    }

    /// Whether it was read to its end, that is, whether it has answered a poll with `None`.
    pub fn is_finished(&self) -> bool {
        self.lock().finished
    }

    /// Whether it has given its error.
    pub fn is_failed(&self) -> bool {
        self.lock().failed
    }

    /// Whether it was dropped. A layer whose caller goes away has to drop it at once.
    pub fn is_dropped(&self) -> bool {
        self.lock().dropped
    }

    /// Whether it was polled at a gate or in an endless silence, and now waits.
    pub fn is_waiting(&self) -> bool {
        self.lock().waiting
    }

    /// Opens the gate that the body stands at, or, where it stands at none, the next.
    pub fn open(&self) {
        let waker = {
            let mut state = self.lock();
            state.opened += 1;
            state.waker.take()
        };
        // Outside the lock: a waker may run code that asks this handle.
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Waits until the body is dropped. Put it under a timeout: a layer that leaks never drops.
    pub async fn dropped(&self) {
        self.until(|state| state.dropped).await;
    }

    /// Waits until the body was polled at a gate or in an endless silence.
    pub async fn waiting(&self) {
        self.until(|state| state.waiting).await;
    }

    /// Waits until the body is silent for good (or gone), that is, all that can be had of it was read.
    pub(crate) async fn exhausted(&self) {
        self.until(|state| state.silent || state.finished || state.failed || state.dropped).await;
    }

    async fn until(&self, reached: impl Fn(&State) -> bool) {
        loop {
            let mut changed = pin!(self.shared.changed.notified());
            // Registered before the look, so that a change between the two is not lost.
            changed.as_mut().enable();
            if reached(&self.lock()) {
                return;
            }
            changed.await;
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // A panicking test must not hide its message behind a second panic.
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn notify(&self) {
        self.shared.changed.notify_waiters();
    }
}
