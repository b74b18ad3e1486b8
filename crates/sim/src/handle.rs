//! The running provider, as seen by a test.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::task::JoinHandle;

use crate::counts::Counts;
use crate::fault::Fault;
use crate::record::Received;
use crate::sim::Dialect;
use crate::state::State;

/// A running simulated provider.
///
/// Dropping it stops the provider as [`stop`](SimHandle::stop) does, without waiting.
#[derive(Debug)]
pub struct SimHandle {
    addr: SocketAddr,
    state: Arc<State>,
    serving: Option<JoinHandle<()>>,
}

impl SimHandle {
    pub(crate) fn new(addr: SocketAddr, state: Arc<State>, serving: JoinHandle<()>) -> Self {
        Self { addr, state, serving: Some(serving) }
    }

    /// The address that is listened on.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// What the provider's official SDK takes as its base URL: `http://addr/v1` for OpenAI's dialect (and for
    /// both), `http://addr` for all others.
    pub fn base_url(&self) -> String {
        match self.state.settings.dialect {
            Dialect::OpenAi | Dialect::Both => format!("{}/v1", self.origin()),
            _ => self.origin(),
        }
    }

    /// `http://addr`, whatever the dialect.
    pub fn origin(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The last requests in the order of arrival of their bodies' ends. Those of the model `bench` are not kept.
    pub fn received(&self) -> Vec<Received> {
        self.state.recorder.all()
    }

    /// Forgets what was recorded.
    pub fn clear_received(&self) {
        self.state.recorder.clear();
    }

    /// The counters.
    pub fn counts(&self) -> Counts {
        self.state.tally.now()
    }

    /// Waits until the counters satisfy `wanted`, and gives them. Never ends if they never do: put a timeout
    /// around it.
    pub async fn wait_for(&self, wanted: impl FnMut(&Counts) -> bool) -> Counts {
        self.state.tally.wait_for(wanted).await
    }

    /// Waits until at least one client has hung up before the end of its answer.
    pub async fn cancelled(&self) -> Counts {
        self.wait_for(|counts| counts.cancelled > 0).await
    }

    /// Waits until nothing is in flight.
    pub async fn idle(&self) -> Counts {
        self.wait_for(|counts| counts.in_flight == 0).await
    }

    /// Gives the next `n` calls (POST requests) this fault. Armed faults are used up in the order in which they
    /// were armed and come before a header's and a model's.
    pub fn fail_next(&self, n: u64, fault: Fault) {
        self.state.arm(n, fault);
    }

    /// From now on each request meets one of these faults with the share that stands beside it, from 0 to 1. A seed
    /// gives the same faults to the same requests, in the order in which they come.
    pub fn fail_shares(&self, seed: u64, shares: impl IntoIterator<Item = (f64, Fault)>) {
        self.state.arm_by_chance(seed, shares.into_iter().collect());
    }

    /// Takes back the faults that are armed and not used up.
    pub fn disarm(&self) {
        self.state.disarm();
    }

    /// Stops listening, lets the running answers end (those that hang or stall by a fault are broken off) and
    /// waits for that, five seconds at most.
    pub async fn stop(mut self) {
        self.state.stopping.send_replace(true);
        if let Some(serving) = self.serving.take() {
            // An error means that the task was aborted or the runtime is going down: stopped either way.
            let _ = serving.await;
        }
    }

    /// Dies: the port and all connections are closed at once, in the middle of whatever they carry.
    pub async fn kill(mut self) {
        if let Some(serving) = self.serving.take() {
            serving.abort();
            let _ = serving.await;
        }
    }
}

impl Drop for SimHandle {
    fn drop(&mut self) {
        self.state.stopping.send_replace(true);
    }
}
