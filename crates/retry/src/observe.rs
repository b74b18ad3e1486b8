//! The only place that emits metrics and events. A call that succeeds at once emits none.

use llm_layers_core::{Deployment, FailureKind};
use metrics::counter;
use tokio::time::{Instant, Sleep};

use crate::rules::Reason;

fn name(deployment: Option<&Deployment>) -> String {
    deployment.map(Deployment::label).unwrap_or_default().to_owned()
}

/// An attempt failed, and another one follows.
pub(crate) fn retried(deployment: Option<&Deployment>, kind: FailureKind, attempt: u32, wait: &Sleep) {
    let (deployment, kind) = (name(deployment), kind.as_str());
    let wait = wait.deadline().saturating_duration_since(Instant::now());
    tracing::debug!(deployment, kind, attempt, ?wait, "attempt failed, another follows");
    counter!("llm_retry_retries_total", "deployment" => deployment, "kind" => kind).increment(1);
}

/// An attempt failed, and none follows.
pub(crate) fn given_up(deployment: Option<&Deployment>, kind: FailureKind, attempt: u32, reason: Reason) {
    let (deployment, kind, reason) = (name(deployment), kind.as_str(), reason.as_str());
    tracing::debug!(deployment, kind, attempt, reason, "attempt failed, none follows");
    counter!("llm_retry_given_up_total", "deployment" => deployment, "kind" => kind, "reason" => reason).increment(1);
}

/// A call succeeded, though not at once.
pub(crate) fn recovered(deployment: Option<&Deployment>, attempts: u32) {
    let deployment = name(deployment);
    tracing::debug!(deployment, attempts, "call recovered");
    counter!("llm_retry_recovered_total", "deployment" => deployment).increment(1);
}

/// A call was sent a second time.
pub(crate) fn hedged(deployment: Option<&Deployment>) {
    counter!("llm_hedge_sent_total", "deployment" => name(deployment)).increment(1);
}

/// A call was slow, and was not sent a second time: the hedges have had their share of calls.
pub(crate) fn hedge_withheld(deployment: Option<&Deployment>) {
    counter!("llm_hedge_withheld_total", "deployment" => name(deployment)).increment(1);
}

/// Whose answer was taken: that of the `first`, or of the `second`, by success or by failing better.
pub(crate) fn hedge_ended(deployment: Option<&Deployment>, taken: &'static str, success: bool) {
    let (deployment, outcome) = (name(deployment), if success { "success" } else { "failure" });
    tracing::debug!(deployment, taken, outcome, "hedged call ended");
    counter!("llm_hedge_ended_total", "deployment" => deployment, "taken" => taken, "outcome" => outcome).increment(1);
}
