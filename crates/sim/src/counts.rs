//! What has happened so far, as numbers that a test can wait for.

use tokio::sync::watch;

/// How many requests the simulated provider has seen, and how they ended.
///
/// Every request is either in flight, completed or cancelled:
/// `requests == in_flight + completed + cancelled`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Requests whose head arrived.
    pub requests: u64,
    /// Requests whose answer has not come to its end.
    pub in_flight: u64,
    /// Answers that were handed over to the last byte, and those that the provider itself broke off
    /// because a fault said so.
    pub completed: u64,
    /// Requests whose client hung up before the end: the connection closed, or the HTTP/2 stream was reset,
    /// while the request was read or the answer was running.
    pub cancelled: u64,
}

/// The counters, shared by all connections.
#[derive(Debug)]
pub(crate) struct Tally(watch::Sender<Counts>);

impl Tally {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(Counts::default()))
    }

    pub(crate) fn now(&self) -> Counts {
        *self.0.borrow()
    }

    pub(crate) async fn wait_for(&self, mut wanted: impl FnMut(&Counts) -> bool) -> Counts {
        let mut seen = self.0.subscribe();
        match seen.wait_for(|counts| wanted(counts)).await {
            Ok(counts) => *counts,
            // Cannot be: the sender is borrowed for as long as this future lives.
            Err(_) => self.now(),
        }
    }

    fn begin(&self) {
        self.0.send_modify(|counts| {
            counts.requests += 1;
            counts.in_flight += 1;
        });
    }

    fn end(&self, completed: bool) {
        self.0.send_modify(|counts| {
            counts.in_flight -= 1;
            if completed {
                counts.completed += 1;
            } else {
                counts.cancelled += 1;
            }
        });
    }
}

/// One request's place in the counters. Dropped without [`Ticket::complete`] it counts as cancelled,
/// because hyper drops the service's future or the body when the client goes away.
#[derive(Debug)]
pub(crate) struct Ticket {
    tally: std::sync::Arc<crate::state::State>,
    completed: bool,
}

impl Ticket {
    pub(crate) fn new(state: &std::sync::Arc<crate::state::State>) -> Self {
        state.tally.begin();
        Self { tally: state.clone(), completed: false }
    }

    pub(crate) fn complete(&mut self) {
        self.completed = true;
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.tally.tally.end(self.completed);
    }
}
