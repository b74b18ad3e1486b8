use std::{fmt, time::Duration};

use bytes::Bytes;
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};

/// What all layers have counted, for Prometheus.
#[derive(Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
}

impl Metrics {
    /// Installs the recorder of this process.
    ///
    /// # Errors
    /// There is one already.
    pub fn install() -> Result<Self, BuildError> {
        Ok(Self { handle: PrometheusBuilder::new().install_recorder()? })
    }

    /// Counters that no process shares, for tests.
    #[must_use]
    pub fn detached() -> Self {
        Self { handle: PrometheusBuilder::new().build_recorder().handle() }
    }

    pub(super) fn render(&self) -> Bytes {
        Bytes::from(self.handle.render())
    }

    /// Keeps histograms from growing while nobody scrapes them.
    pub(super) fn upkeep(&self) -> impl Future<Output = ()> + Send + use<> {
        let handle = self.handle.clone();
        async move {
            loop {
                tokio::time::sleep(Duration::from_secs(5)).await;
                handle.run_upkeep();
            }
        }
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}
