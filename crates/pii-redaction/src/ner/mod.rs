//! A token classifier in the ONNX format as a detector.

mod aggregate;
#[cfg(feature = "serde")]
mod config;
mod error;
mod labels;
mod model;
mod runtime;
mod words;

use std::{
    fmt,
    ops::Range,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use llm_layers_pii::{Detect, Entity, Finding, Text};
use tokenizers::Tokenizer;

use self::{labels::Labels, model::Model};
use crate::external::{DetectAsync, Detecting, pieces};

#[cfg(feature = "serde")]
pub use config::NerConfig;
pub use error::NerError;
pub use runtime::OnnxRuntime;

/// Finds names, places and whatever else a model was trained for: a token classifier in the ONNX format, with its
/// tokenizer and its configuration as Hugging Face's `transformers` writes them.
///
/// Neither a model nor ONNX Runtime comes with this crate. Both are files of yours:
///
/// ```no_run
/// use llm_layers_pii_redaction::{Entity, External, Ner, OnnxRuntime};
///
/// let runtime = OnnxRuntime::load("/usr/lib/libonnxruntime.so")?;
/// let ner = Ner::open(&runtime, "model.onnx", "tokenizer.json", "config.json")?
///     .threshold(0.6)
///     .entity("ORG", Entity::new("company"))
///     .without("LOC");
/// let external = External::new("ner", ner);
/// # let _ = external;
/// # Ok::<(), llm_layers_pii_redaction::NerError>(())
/// ```
///
/// A model takes milliseconds for a sentence, and reads some tens of kilobytes a second: choose the
/// [timeout](crate::External::timeout) by the length of the prompts. As a [`DetectAsync`], within an
/// [`External`](crate::External), it works on tokio's threads for blocking work, stops soon after nobody waits for it
/// any more, and fails closed.
///
/// As a [`Detect`], given to [`RedactLayer::detect`](crate::RedactLayer::detect), **it blocks the thread that asks**, which
/// is one of the runtime's: for each text of a request, and where answers are searched for each piece of a stream. That is
/// for tests and for programs that do nothing else. A text on which it fails there is one finding from end to end,
/// [`Entity::UNREAD`]: nothing of it leaves.
///
/// The feature needs `tokenizers` and a release candidate of `ort`, which loads ONNX Runtime, 1.17 or later, from
/// where it is told; nothing is downloaded or linked. Both build with the Rust version of the workspace (1.88), which
/// the newest candidate of `ort`, rc.15, does not.
#[derive(Clone)]
pub struct Ner {
    loaded: Arc<Loaded>,
    labels: Arc<Labels>,
    threshold: f32,
}

struct Loaded {
    model: Model,
    tokenizer: Tokenizer,
    /// The most tokens that the model sees at once.
    most_tokens: usize,
}

/// Bytes that are tokenised at a time: the context in which models of names do well. It bounds what a tokenizer's
/// patterns may cost, too.
const WINDOW: usize = 512;
const OVERLAP: usize = 96;

/// Tokens that two windows share, where some bytes make more tokens than the model takes.
const TOKEN_OVERLAP: usize = 48;

impl Ner {
    /// Opens a model (`model.onnx`), its tokenizer (`tokenizer.json`) and its configuration (`config.json`, of which
    /// the names of the labels are read). The model is tried out once.
    ///
    /// # Errors
    /// A file cannot be read, or they do not belong together.
    pub fn open(
        runtime: &OnnxRuntime,
        model: impl AsRef<Path>,
        tokenizer: impl AsRef<Path>,
        config: impl AsRef<Path>,
    ) -> Result<Self, NerError> {
        let config = labels::read(config.as_ref())?;
        let model = Model::open(runtime, model.as_ref(), config.labels.len())?;
        let mut tokenizer = Tokenizer::from_file(tokenizer).map_err(NerError::Tokenizer)?;
        tokenizer.with_truncation(None).map_err(NerError::Tokenizer)?.with_padding(None);
        // Somebody who writes `[SEP]` writes five characters, and no end of a text.
        tokenizer.set_encode_special_tokens(true);
        let loaded = Loaded { model, tokenizer, most_tokens: config.most_tokens };
        let ner = Self { loaded: Arc::new(loaded), labels: Arc::new(config.labels), threshold: 0.5 };
        ner.find("Anna lives in Rome.")?;
        Ok(ner)
    }

    /// How sure the model must be, from 0 to 1. Default 0.5.
    #[must_use]
    pub const fn threshold(mut self, threshold: f32) -> Self {
        self.threshold = threshold;
        self
    }

    /// What the model calls so is this entity. Labels are named without the `B-` or `I-` before them.
    #[must_use]
    pub fn entity(mut self, label: &str, entity: Entity) -> Self {
        Arc::make_mut(&mut self.labels).name(label, Some(entity));
        self
    }

    /// What the model calls so is not looked for.
    #[must_use]
    pub fn without(mut self, label: &str) -> Self {
        Arc::make_mut(&mut self.labels).name(label, None);
        self
    }

    /// What there is in a text, in its order.
    ///
    /// # Errors
    /// The model or its tokenizer has failed.
    pub fn find(&self, text: &str) -> Result<Vec<Finding>, NerError> {
        self.find_until(text, &AtomicBool::new(false))
    }

    fn find_until(&self, text: &str, is_given_up: &AtomicBool) -> Result<Vec<Finding>, NerError> {
        let mut found = Vec::new();
        for window in pieces::cut(text, WINDOW, OVERLAP) {
            if is_given_up.load(Ordering::Relaxed) {
                return Err(NerError::GivenUp);
            }
            let part = text.get(window.clone()).unwrap_or_default();
            if part.trim().is_empty() {
                continue;
            }
            found.extend(self.find_in_window(part)?.into_iter().map(|finding| finding.shifted(window.start)));
        }
        pieces::unite(&mut found);
        Ok(found)
    }

    fn find_in_window(&self, text: &str) -> Result<Vec<Finding>, NerError> {
        let Loaded { model, tokenizer, most_tokens } = &*self.loaded;
        let encoding = tokenizer.encode(text, true).map_err(NerError::Tokenizer)?;
        let (ids, is_special) = (encoding.get_ids(), encoding.get_special_tokens_mask());
        // What the tokenizer puts around a text goes around each window.
        let before = is_special.iter().take_while(|special| **special != 0).count();
        let after = is_special.iter().skip(before).rev().take_while(|special| **special != 0).count();
        let body = before..ids.len() - after;
        let room = most_tokens.saturating_sub(before + after);
        if room < 8 {
            return Err(NerError::Mismatch("it takes fewer tokens than are worth asking about"));
        }
        let overlap = TOKEN_OVERLAP.min(room / 4);
        let mut found = Vec::new();
        let mut start = body.start;
        while start < body.end {
            let window = start..body.end.min(start + room);
            let part = |range: Range<usize>| ids.get(range).unwrap_or_default();
            let asked = [part(0..before), part(window.clone()), part(body.end..ids.len())].concat();
            let scores = model.classify(&asked)?;
            let scores = scores.get(before * self.labels.len()..).unwrap_or_default();
            let words = words::read(&self.labels, &encoding, window.clone(), scores);
            aggregate::spans(text, words, self.threshold, &mut found);
            start = if window.end == body.end { body.end } else { window.end - overlap };
        }
        Ok(found)
    }
}

impl Detect for Ner {
    fn detect(&self, text: &Text<'_>, found: &mut Vec<Finding>) {
        match self.find(text.text) {
            Ok(findings) => found.extend(findings),
            Err(error) => {
                tracing::warn!(%error, "a model of names has failed");
                found.push(Finding { entity: Entity::UNREAD, range: 0..text.text.len(), score: 1.0 });
            }
        }
    }
}

impl DetectAsync for Ner {
    fn detect<'a>(&'a self, texts: &'a [Text<'a>]) -> Detecting<'a> {
        let texts: Vec<String> = texts.iter().map(|text| text.text.to_owned()).collect();
        let ner = self.clone();
        Box::pin(async move {
            // Nobody waits for an answer that comes too late: the model stops before its next window.
            let waiting = Waiting(Arc::new(AtomicBool::new(false)));
            let is_given_up = Arc::clone(&waiting.0);
            let find = move || texts.iter().map(|text| ner.find_until(text, &is_given_up)).collect();
            let found: Result<Vec<Vec<Finding>>, NerError> = tokio::task::spawn_blocking(find).await?;
            Ok(found?)
        })
    }
}

/// Sets its flag when it is dropped.
struct Waiting(Arc<AtomicBool>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl fmt::Debug for Ner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ner").field("labels", &self.labels).field("threshold", &self.threshold).finish_non_exhaustive()
    }
}
