use std::{fmt, sync::Arc, time::Duration};

use futures_util::{StreamExt, stream};
use llm_layers_pii::{Finding, Text};
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout_at},
};

use super::{
    DetectAsync, ExternalError,
    pieces::{self, Piece},
};

/// An external detector, and how it is asked: how long, how much at a time, and what happens when it fails.
///
/// Clones share the bound on how much is under way at once.
#[derive(Clone)]
pub struct External {
    name: &'static str,
    detector: Arc<dyn DetectAsync>,
    timeout: Duration,
    on_failure: OnFailure,
    max_bytes: usize,
    /// How many questions of one call may be under way at once.
    of_one_call: usize,
    permits: Arc<Semaphore>,
}

/// What happens to a call when an external detector fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// It is refused, with 503 `redaction_unavailable`: nothing leaves unsearched.
    #[default]
    FailClosed,
    /// It goes on with what the other detectors have found.
    FailOpen,
}

/// What an [`External`] has found.
#[derive(Debug)]
#[non_exhaustive]
pub struct ExternalFindings {
    /// By text, in the order of the texts; ranges may overlap.
    pub findings: Vec<Vec<Finding>>,
    /// The first failure, where the detector [fails open](OnFailure::FailOpen): some text may not have been searched.
    pub failure: Option<ExternalError>,
}

/// What is longer than a clock can tell.
const FOREVER: Duration = Duration::from_secs(1 << 30);

/// Texts that one question holds: a server's own bound on a batch is a few hundred.
const BATCH_TEXTS: usize = 256;

impl External {
    const MAX_BYTES: usize = 4 << 20;

    /// Asks this detector, for 2 s at most, with 16 questions under way at once, and fails closed. The name is for
    /// logs and metrics.
    #[must_use]
    pub fn new(name: &'static str, detector: impl DetectAsync + 'static) -> Self {
        Self {
            name,
            detector: Arc::new(detector),
            timeout: Duration::from_secs(2),
            on_failure: OnFailure::default(),
            max_bytes: Self::MAX_BYTES,
            of_one_call: 8,
            permits: Arc::new(Semaphore::new(16)),
        }
    }

    /// How long a call waits for it, with the time in which it waits for its turn. Default 2 s.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// What happens when it fails. Default [`OnFailure::FailClosed`].
    #[must_use]
    pub const fn on_failure(mut self, on_failure: OnFailure) -> Self {
        self.on_failure = on_failure;
        self
    }

    /// How many questions of all calls may be under way at once, at least one. Default 16. One call has half of them at
    /// most, so that a long one leaves room for others.
    #[must_use]
    pub fn concurrency(mut self, most: usize) -> Self {
        let most = most.clamp(1, Semaphore::MAX_PERMITS);
        self.of_one_call = most.div_ceil(2);
        self.permits = Arc::new(Semaphore::new(most));
        self
    }

    /// How many bytes of text one call may ask about. With more it has failed without a question. Default 4 MiB.
    #[must_use]
    pub const fn max_bytes(mut self, most: usize) -> Self {
        self.max_bytes = most;
        self
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Whether calls are refused when it fails.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.on_failure == OnFailure::FailClosed
    }

    /// What there is in these texts.
    ///
    /// # Errors
    /// The detector has failed, was late, or has answered nonsense, or there is too much text; and it is to
    /// [fail closed](OnFailure::FailClosed).
    pub async fn find(&self, texts: &[Text<'_>]) -> Result<ExternalFindings, ExternalError> {
        let mut found = ExternalFindings { findings: vec![Vec::new(); texts.len()], failure: None };
        let bytes = texts.iter().fold(0_usize, |bytes, text| bytes.saturating_add(text.text.len()));
        if bytes > self.max_bytes {
            let error = ExternalError::TooLong { limit: self.max_bytes };
            if self.is_closed() {
                return Err(error);
            }
            found.failure = Some(error);
            return Ok(found);
        }
        let batches = pieces::batches(texts, self.detector.batch_bytes(), BATCH_TEXTS);
        let now = Instant::now();
        let until = now.checked_add(self.timeout).unwrap_or(now + FOREVER);
        let asked: Vec<_> = batches.iter().map(|batch| self.ask(batch, until)).collect();
        let mut answers = stream::iter(asked).buffer_unordered(self.of_one_call);
        while let Some((batch, answer)) = answers.next().await {
            match answer {
                Ok(lists) => {
                    for (piece, list) in batch.iter().zip(lists) {
                        if let Some(findings) = found.findings.get_mut(piece.index) {
                            findings.extend(list.into_iter().map(|finding| piece.in_whole(finding)));
                        }
                    }
                }
                Err(error) if self.is_closed() => return Err(error),
                Err(error) => found.failure = found.failure.or(Some(error)),
            }
        }
        drop(answers);
        for piece in batches.iter().flatten().filter(|piece| piece.start > 0) {
            if let Some(findings) = found.findings.get_mut(piece.index) {
                pieces::unite(findings);
            }
        }
        Ok(found)
    }

    async fn ask<'p>(
        &self,
        batch: &'p [Piece<'p>],
        until: Instant,
    ) -> (&'p [Piece<'p>], Result<Vec<Vec<Finding>>, ExternalError>) {
        let texts: Vec<Text<'_>> = batch.iter().map(|piece| piece.text).collect();
        let answer = timeout_at(until, async {
            // The semaphore is never closed.
            let _permit = self.permits.acquire().await.ok();
            self.detector.detect(&texts).await
        });
        let answer = match answer.await {
            Err(_) => Err(ExternalError::TimedOut { after: self.timeout }),
            Ok(Err(error)) => Err(ExternalError::Failed(error)),
            Ok(Ok(lists)) => check(&texts, &lists).map(|()| lists),
        };
        (batch, answer)
    }
}

fn check(texts: &[Text<'_>], lists: &[Vec<Finding>]) -> Result<(), ExternalError> {
    if lists.len() != texts.len() {
        return Err(ExternalError::Nonsense("not one list for each text"));
    }
    for (text, list) in texts.iter().zip(lists) {
        for finding in list {
            if text.text.get(finding.range.clone()).is_none_or(str::is_empty) {
                return Err(ExternalError::Nonsense("a range that is none of the text's"));
            }
            if !(0.0..=1.0).contains(&finding.score) {
                return Err(ExternalError::Nonsense("a score that is not from 0 to 1"));
            }
        }
    }
    Ok(())
}

impl fmt::Debug for External {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("External")
            .field("name", &self.name)
            .field("timeout", &self.timeout)
            .field("on_failure", &self.on_failure)
            .finish_non_exhaustive()
    }
}
