use std::{fmt, sync::Arc};

use llm_layers_core::{ConfigError, Secret};
use llm_layers_pii::{Detect, Detectors, Entity, Finding, Text};
use llm_layers_wire::{json, sse};
use tower_layer::Layer;

use crate::{Action, External, Redact, Report, Rules, Style, placeholder};

/// Finds personal data and secrets in calls, sends something else in their place, and puts them back into the answers.
///
/// By default each kind that [`Detectors`] look for gets a placeholder. See the [crate](crate) for examples.
#[derive(Clone, Debug, Default)]
pub struct RedactLayer {
    settings: Arc<Settings>,
}

/// A listener to [`Report`]s.
type Audit = Arc<dyn Fn(&Report) + Send + Sync>;

#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) detectors: Detectors,
    pub(crate) more: Vec<Arc<dyn Detect>>,
    pub(crate) external: Vec<External>,
    pub(crate) rules: Arc<Rules>,
    /// What is done about what the model itself says; nothing by default.
    pub(crate) answers: Action,
    pub(crate) answer_rules: Arc<Rules>,
    /// Which media are refused, by [`Media`].
    refused: [bool; Media::COUNT],
    pub(crate) headers: bool,
    pub(crate) other_calls: bool,
    pub(crate) limits: json::Limits,
    pub(crate) max_answer: usize,
    pub(crate) sse_limits: sse::Limits,
    audit: Option<Audit>,
}

/// What is no text, and passes unread unless it is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Media {
    /// Pictures, sent or referred to.
    Image,
    /// Sound.
    Audio,
    /// Moving pictures.
    Video,
    /// Documents and other files that are no text, sent or referred to.
    File,
}

impl Media {
    const COUNT: usize = 4;

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Audio => "audio",
            Self::Video => "video",
            Self::File => "file",
        }
    }
}

impl RedactLayer {
    /// A layer that looks for this.
    #[must_use]
    pub fn new(detectors: Detectors) -> Self {
        let rules = Arc::new(Rules::new().finding(detectors.entities()));
        Self { settings: Arc::new(Settings { detectors, rules, ..Settings::default() }) }
    }

    /// Looks for more: by anything else in the process, such as a list of customers, or a model.
    #[must_use]
    pub fn detect(self, detector: impl Detect + 'static) -> Self {
        self.set(|settings| settings.more.push(Arc::new(detector)))
    }

    /// Looks for more by somebody else: [`Presidio`](crate::Presidio), an [`Llm`](crate::Llm), or a
    /// [`DetectAsync`](crate::DetectAsync) of one's own. It is asked once for all texts of a request, and not for answers.
    #[must_use]
    pub fn detect_async(self, detector: External) -> Self {
        self.set(|settings| settings.external.push(detector))
    }

    /// What is done about this kind.
    #[must_use]
    pub fn action(self, entity: impl Into<Entity>, action: Action) -> Self {
        self.rules(|rules| rules.action(entity.into(), action))
    }

    /// What is done about kinds of which nothing else is said. Default [`Action::Placeholder`].
    #[must_use]
    pub fn default_action(self, action: Action) -> Self {
        self.rules(|rules| rules.default_action(action))
    }

    /// Derives placeholders, hashes and fakes from this key and the [`Caller`](llm_layers_core::Caller), so that the same
    /// value gets the same one throughout a conversation, and a cache below still finds its entries. Without a key they
    /// differ in each request. It is what [`Action::Encrypt`] encrypts by, too, and has at least 16 characters.
    #[must_use]
    pub fn key(self, key: Secret) -> Self {
        self.rules(|rules| rules.key(&key))
    }

    /// How placeholders are spelled.
    #[must_use]
    pub fn style(self, style: Style) -> Self {
        self.rules(|rules| rules.style(style))
    }

    /// What is done about what the model itself says, whole or in a stream. Default [`Action::Ignore`]. What was put back
    /// is not looked at. [`Action::Placeholder`] masks: nobody would put the values back.
    ///
    /// Streams are held back by some words then, and by up to 4 KiB where something is found that has not ended.
    #[must_use]
    pub fn answers(self, action: Action) -> Self {
        self.set(|settings| settings.answers = action)
    }

    /// Whether media pass unread, or calls that hold some are refused. All pass by default, and are counted.
    #[must_use]
    pub fn media(self, media: Media, passes: bool) -> Self {
        self.set(|settings| settings.refuse(media, !passes))
    }

    /// Whether the headers and the query of a call are searched as well: a header in which anything is found does not go
    /// on. Default `true`. Those of the protocol and credentials (`authorization`, `x-api-key`) are left alone.
    #[must_use]
    pub fn headers(self, yes: bool) -> Self {
        self.set(|settings| settings.headers = yes)
    }

    /// Whether calls with a body that are no LLM operations pass, unsearched, as all layers let them: uploads, a
    /// provider's own calls. Default `true`; else they get a 403.
    #[must_use]
    pub fn other_calls(self, pass: bool) -> Self {
        self.set(|settings| settings.other_calls = pass)
    }

    /// The bounds on a request's body. Default [`json::Limits::DEFAULT`]: 16 MiB; what is longer is a 413.
    #[must_use]
    pub fn limits(self, limits: json::Limits) -> Self {
        self.set(|settings| settings.limits = limits)
    }

    /// The longest plain answer that is put right, in bytes. Default 32 MiB; what is longer is a 502.
    #[must_use]
    pub fn max_answer(self, bytes: usize) -> Self {
        self.set(|settings| settings.max_answer = bytes)
    }

    /// The bounds on lines and events of streams. Default 1 MiB and 4 MiB.
    #[must_use]
    pub fn sse_limits(self, limits: sse::Limits) -> Self {
        self.set(|settings| settings.sse_limits = limits)
    }

    /// Tells of each request, and each answer, in which something was found. It is called in the course of the call.
    #[must_use]
    pub fn audit(self, listener: impl Fn(&Report) + Send + Sync + 'static) -> Self {
        self.set(|settings| settings.audit = Some(Arc::new(listener)))
    }

    /// Whether these settings can be kept.
    ///
    /// # Errors
    /// Values of requests or answers are to be encrypted, and there is no key: without this check they are masked. Or the
    /// key is too short.
    pub fn check(&self) -> Result<(), ConfigError> {
        let checked = self.settings.rules.check().and_then(|()| self.settings.answer_rules.check());
        checked.map_err(|error| ConfigError::new("key", error.to_string()))
    }

    fn set(mut self, set: impl FnOnce(&mut Settings)) -> Self {
        let settings = Arc::make_mut(&mut self.settings);
        set(settings);
        settings.answer_rules = Arc::new(settings.rules.for_answers(&settings.answers));
        self
    }

    fn rules(self, set: impl FnOnce(Rules) -> Rules) -> Self {
        self.set(|settings| {
            let rules = std::mem::take(Arc::make_mut(&mut settings.rules));
            settings.rules = Arc::new(set(rules));
        })
    }
}

impl Settings {
    const MAX_ANSWER: usize = 32 << 20;

    fn refuse(&mut self, media: Media, yes: bool) {
        if let Some(refused) = self.refused.get_mut(media as usize) {
            *refused = yes;
        }
    }

    pub(crate) fn refuses(&self, media: Media) -> bool {
        self.refused.get(media as usize) == Some(&true)
    }

    /// What the detectors in the process find.
    pub(crate) fn find(&self, text: &Text<'_>) -> Vec<Finding> {
        let mut found = Vec::new();
        // A placeholder's name is no word that makes its neighbours likelier.
        let blanked = placeholder::blanked(text.text, &self.rules);
        let text = &Text { text: blanked.as_deref().map_or(text.text, String::as_str), ..*text };
        self.detectors.detect(text, &mut found);
        for detector in &self.more {
            detector.detect(text, &mut found);
        }
        found
    }

    pub(crate) fn tell(&self, report: &Report) {
        if let Some(audit) = &self.audit {
            audit(report);
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            detectors: Detectors::default(),
            more: Vec::new(),
            external: Vec::new(),
            rules: Arc::default(),
            answers: Action::Ignore,
            answer_rules: Arc::default(),
            refused: [false; Media::COUNT],
            headers: true,
            other_calls: true,
            limits: json::Limits::DEFAULT,
            max_answer: Self::MAX_ANSWER,
            sse_limits: sse::Limits::DEFAULT,
            audit: None,
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("detectors", &self.detectors)
            .field("more", &self.more.len())
            .field("external", &self.external)
            .field("rules", &self.rules)
            .field("answers", &self.answers)
            .finish_non_exhaustive()
    }
}

impl<S> Layer<S> for RedactLayer {
    type Service = Redact<S>;

    fn layer(&self, inner: S) -> Redact<S> {
        Redact::new(inner, Arc::clone(&self.settings))
    }
}
