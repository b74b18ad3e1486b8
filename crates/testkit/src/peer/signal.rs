use super::net;
use tokio::sync::watch;

/// An event that a test and a peer tell each other. Once given it stays given; clones are the same signal.
#[derive(Clone, Debug)]
pub struct Signal {
    given: watch::Sender<bool>,
}

impl Signal {
    /// A signal that was not given yet.
    #[must_use]
    pub fn new() -> Self {
        Self { given: watch::Sender::new(false) }
    }

    /// Gives it.
    pub fn give(&self) {
        self.given.send_replace(true);
    }

    /// Waits until it is given.
    ///
    /// # Panics
    ///
    /// When that takes longer than the safety net of 30 seconds.
    pub async fn given(&self) {
        net("waiting for a signal", self.wait()).await;
    }

    pub(super) async fn wait(&self) {
        // The sender is `self`, so that it cannot be gone.
        let _ = self.given.subscribe().wait_for(|given| *given).await;
    }
}

impl Default for Signal {
    fn default() -> Self {
        Self::new()
    }
}
