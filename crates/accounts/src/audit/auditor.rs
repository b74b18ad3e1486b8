use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use http::HeaderValue;
use llm_layers_core::{Deployment, Operation, metering::Shape};
use metrics::{SharedString, counter};

use super::engine::{Certainty, Counted, Finding, Findings, Finish, Seen, State};
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
    /// In millionths.
    sample: u64,
    sampled: AtomicU64,
    states: RwLock<HashMap<Box<str>, Arc<Mutex<State>>, foldhash::fast::RandomState>>,
    /// The header of each set of findings that has stood.
    warnings: [OnceLock<Option<HeaderValue>>; Findings::SETS],
}

/// So many deployments are looked at; others are not.
const MOST: usize = 1024;
const ALL: u64 = 1_000_000;

impl Auditor {
    /// An audit of one call in a hundred.
    #[must_use]
    pub fn new() -> Self {
        Self {
            sample: ALL / 100,
            sampled: AtomicU64::new(0),
            states: RwLock::default(),
            warnings: [const { OnceLock::new() }; Findings::SETS],
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

    /// What stands against a deployment.
    #[must_use]
    pub fn findings(&self, deployment: &str) -> Vec<Finding> {
        let state = self.known(deployment);
        state.map(|state| lock(&state).standing().iter().collect()).unwrap_or_default()
    }

    fn known(&self, deployment: &str) -> Option<Arc<Mutex<State>>> {
        self.states.read().unwrap_or_else(PoisonError::into_inner).get(deployment).map(Arc::clone)
    }

    /// The state of a deployment, which is new if there is room for one.
    fn state(&self, deployment: &str) -> Option<Arc<Mutex<State>>> {
        self.known(deployment).or_else(|| {
            let mut states = self.states.write().unwrap_or_else(PoisonError::into_inner);
            if !states.contains_key(deployment) && states.len() >= MOST {
                return None;
            }
            Some(Arc::clone(states.entry(deployment.into()).or_default()))
        })
    }

    fn warning(&self, standing: Findings) -> Option<HeaderValue> {
        let make = || {
            let names: Vec<_> = standing.iter().map(Finding::name).collect();
            HeaderValue::try_from(format!("audit: {}", names.join(", "))).ok()
        };
        let slot = self.warnings.get(standing.index()).filter(|_| standing != Findings::default())?;
        slot.get_or_init(make).clone()
    }

    /// Evenly spread: each call adds its share, and each whole is one of the sample.
    fn is_sampled(&self) -> bool {
        let before = self.sampled.fetch_add(self.sample, Ordering::Relaxed);
        before / ALL != before.wrapping_add(self.sample) / ALL
    }

    fn seen(&self, attempt: &Finished<'_>) -> Seen {
        let Finished { entry, reading, .. } = attempt;
        let told = reading.tokens();
        let promised = attempt.model.and_then(|model| model.max_output);
        let window = attempt.model.and_then(|model| model.context_window);
        let counted = attempt.prompt().and_then(|prompt| {
            let certainty = match (prompt.is_text, prompt.is_exact) {
                (true, true) => Certainty::Exact,
                (true, false) => Certainty::Estimated,
                // What went before may be kept by the provider: there is more to the prompt than can be counted.
                (false, _) if entry.operation == Operation::Response => return None,
                (false, _) => Certainty::Assumed,
            };
            Some(Counted { tokens: prompt.total(), certainty })
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
            most: attempt.output_bound.total(promised),
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
    fn wants_prompt(&self) -> bool {
        self.is_sampled()
    }

    fn standing(&self, deployment: &Deployment) -> Option<HeaderValue> {
        let state = self.known(deployment.name())?;
        let standing = lock(&state).standing();
        self.warning(standing)
    }

    fn finished(&self, attempt: &Finished<'_>) -> Option<HeaderValue> {
        let entry = attempt.entry;
        // What broke off, or was not read, says nothing of what a provider does.
        let is_whole = entry.outcome == Outcome::Complete
            && attempt.reading.shape() != Shape::Unread
            && (entry.known != Known::Estimated || attempt.reading.shown() > 0);
        let name = entry.deployment.name();
        let seen = is_whole.then(|| self.seen(attempt));
        let state = if seen.is_some() { self.state(name) } else { self.known(name) }?;
        let mut state = lock(&state);
        let raised = seen.map(|seen| state.see(&seen)).unwrap_or_default();
        let standing = state.standing();
        drop(state);
        raised.iter().for_each(|finding| tell(name, finding));
        self.warning(standing)
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
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
