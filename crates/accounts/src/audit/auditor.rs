use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use http::HeaderValue;
use llm_layers_catalogue::{Catalogue, Model};
use llm_layers_core::{Deployment, Operation, metering::Shape};
use metrics::{SharedString, counter};

use super::engine::{Counted, Finding, Finish, Seen, State};
use crate::{Audit, Finished, Known, Outcome};

/// Looks at what providers report of each attempt. See the [module](super) for what it finds.
///
/// ```
/// use llm_layers_accounts::audit::Auditor;
///
/// let auditor = Auditor::new().sample(0.05);
/// # let _ = auditor;
/// ```
pub struct Auditor {
    facts: Facts,
    /// In millionths.
    sample: u64,
    sampled: AtomicU64,
    states: Mutex<HashMap<Box<str>, State, foldhash::fast::RandomState>>,
}

type Facts = Arc<dyn Fn(&Deployment) -> Option<Arc<Model>> + Send + Sync>;

/// So many deployments are looked at; others are not.
const MOST: usize = 1024;
const ALL: u64 = 1_000_000;

impl Auditor {
    /// An audit of one call in a hundred, by the built-in catalogue.
    #[must_use]
    pub fn new() -> Self {
        Self {
            facts: Arc::new(|deployment| {
                Catalogue::builtin().find(deployment.provider(), deployment.model()).map(Arc::clone)
            }),
            sample: ALL / 100,
            sampled: AtomicU64::new(0),
            states: Mutex::default(),
        }
    }

    /// Sets of which share of the calls prompts are compared. Default 0.01. What needs no count is looked at in all.
    #[must_use]
    pub fn sample(mut self, share: f64) -> Self {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 0 and a million")]
        let sample = (share.clamp(0.0, 1.0) * 1e6).round() as u64;
        self.sample = sample;
        self
    }

    /// Sets from where the output limits and context windows of deployments are known.
    #[must_use]
    pub fn facts(mut self, facts: impl Fn(&Deployment) -> Option<Arc<Model>> + Send + Sync + 'static) -> Self {
        self.facts = Arc::new(facts);
        self
    }

    /// What stands against a deployment.
    #[must_use]
    pub fn findings(&self, deployment: &str) -> Vec<Finding> {
        let states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        states.get(deployment).map(|state| state.standing().collect()).unwrap_or_default()
    }

    /// Evenly spread: each call adds its share, and each whole is one of the sample.
    fn is_sampled(&self) -> bool {
        let before = self.sampled.fetch_add(self.sample, Ordering::Relaxed);
        before / ALL != before.wrapping_add(self.sample) / ALL
    }

    fn seen(&self, attempt: &Finished<'_>) -> Seen {
        let Finished { entry, reading, .. } = attempt;
        let told = reading.tokens();
        let model = (self.facts)(&entry.deployment);
        let promised = model.as_ref().and_then(|model| model.max_output);
        let window = model.as_ref().and_then(|model| model.context_window);
        let counted = self.is_sampled().then(|| attempt.prompt()).flatten().map(|prompt| Counted {
            tokens: prompt.total(),
            is_exact: prompt.is_exact && prompt.images == 0 && prompt.audio == 0 && prompt.tools == 0,
        });
        // Audio and pictures are billed in tokens that show no bytes here, and so are the drafts of `best_of`.
        let is_text = told.audio_output.unwrap_or_default() == 0
            && told.image_output.unwrap_or_default() == 0
            && attempt.entry.operation != Operation::Completion;
        Seen {
            counted,
            input: told.input,
            output: told.output,
            reasoning: told.reasoning.filter(|_| is_text),
            shown: reading.shown(),
            finish: finish(attempt),
            most: attempt.output_bound.into_iter().chain(promised).min(),
            // A window that is not known may be full.
            is_window_full: window.is_none_or(|window| told.total() >= window - window / 50),
        }
    }
}

/// Where reasons are not read, none is missed.
fn finish(attempt: &Finished<'_>) -> Finish {
    let is_read =
        matches!(attempt.entry.operation, Operation::ChatCompletion | Operation::Completion | Operation::Message);
    let mut reasons = attempt.reading.finish_reasons();
    match (reasons.next(), reasons.next()) {
        (None, _) if is_read => Finish::None,
        (Some("stop" | "end_turn"), None) => Finish::Stop,
        (Some("length" | "max_tokens"), None) => Finish::Length,
        _ => Finish::Other,
    }
}

impl Audit for Auditor {
    fn finished(&self, attempt: &Finished<'_>) -> Option<HeaderValue> {
        let entry = attempt.entry;
        // What broke off, or was not read, says nothing of what a provider does.
        let is_whole = entry.outcome == Outcome::Complete
            && attempt.reading.shape() != Shape::Unread
            && (entry.known != Known::Estimated || attempt.reading.shown() > 0);
        let name = entry.deployment.name();
        let seen = is_whole.then(|| self.seen(attempt));
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        if !states.contains_key(name) && (states.len() >= MOST || seen.is_none()) {
            return None;
        }
        let state = states.entry(name.into()).or_default();
        let raised = seen.map(|seen| state.see(&seen)).unwrap_or_default();
        let standing: Vec<_> = state.standing().map(Finding::name).collect();
        drop(states);
        raised.into_iter().for_each(|finding| tell(name, finding));
        if standing.is_empty() {
            return None;
        }
        HeaderValue::try_from(format!("audit: {}", standing.join(", "))).ok()
    }
}

/// Shared with whoever asks for its [findings](Auditor::findings).
impl Audit for Arc<Auditor> {
    fn finished(&self, attempt: &Finished<'_>) -> Option<HeaderValue> {
        (**self).finished(attempt)
    }
}

fn tell(deployment: &str, finding: Finding) {
    let label = SharedString::from(deployment.to_owned());
    counter!("llm_audit_findings_total", "deployment" => label, "finding" => finding.name()).increment(1);
    tracing::warn!(deployment, finding = finding.name(), "what a provider reports does not hold");
}

impl Default for Auditor {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Auditor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auditor").field("sample_millionths", &self.sample).finish_non_exhaustive()
    }
}
