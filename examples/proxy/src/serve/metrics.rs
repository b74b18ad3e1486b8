use std::{fmt, time::Duration};

use http::{HeaderValue, Response, StatusCode, header::CONTENT_TYPE};
use llm_layers_core::{Body, Failure};
use llm_layers_wire::openai;
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

    /// All of it, as Prometheus reads it. To write it takes a while, in which a thread's other calls would wait.
    pub(super) async fn answer(self) -> Response<Body> {
        let text = tokio::task::spawn_blocking(move || self.handle.render()).await;
        let Ok(text) = text else {
            let error = openai::Error::new("server_error", "The metrics cannot be told.");
            return Failure::new(StatusCode::INTERNAL_SERVER_ERROR, error).into_response();
        };
        let mut response = Response::new(Body::from(text));
        let prometheus = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, prometheus);
        response
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
