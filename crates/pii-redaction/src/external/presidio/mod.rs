//! Presidio Analyzer over HTTP.
//!
//! `POST /analyze` takes `text` as a string and, since version 2.2.361 of February 2026, as a list of strings, which is
//! answered by a list of lists. Each finding has `entity_type`, `score`, and `start` and `end` in
//! Unicode code points, as Python counts. Looked up in November 2026: the server's `app.py`, and answers of
//! `presidio-analyzer` 2.2.366.

mod names;
mod offsets;

use std::{borrow::Cow, collections::HashMap, fmt};

use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body::Body as HttpBody;
use llm_layers_core::{Body, BoxError, ConfigError};
use llm_layers_pii::{Detector, Entity, Finding, Text};
use serde::{Deserialize, Serialize};
use tower_service::Service;

use self::offsets::Offsets;
use super::{
    DetectAsync, Detecting,
    http::{ask, join, post},
};

/// Asks a [Presidio Analyzer](https://microsoft.github.io/presidio/analyzer/), through any HTTP client that is a
/// [`Service`].
///
/// ```
/// # use http::{Request, Response};
/// use llm_layers_core::{Body, BoxError};
/// use llm_layers_pii_redaction::{Entity, External, Presidio};
///
/// # let client = tower::service_fn(async |_: Request<Body>| Ok::<_, BoxError>(Response::new(Body::empty())));
/// // The client may be that of hyper-util, with `Body` as its body.
/// let presidio = Presidio::new(client, "http://presidio.internal:3000")?
///     .entities(["PERSON", "LOCATION", "STAFF_NUMBER"])
///     .entity("STAFF_NUMBER", Entity::new("staff"));
/// let external = External::new("presidio", presidio);
/// # let _ = external;
/// # Ok::<(), llm_layers_core::ConfigError>(())
/// ```
///
/// Its names of entities become ours (`EMAIL_ADDRESS` is [`Entity::EMAIL`]); those without one here are kept in lower
/// case (`location`, `nrp`, `date_time`).
#[derive(Clone)]
pub struct Presidio<S> {
    service: S,
    uri: Uri,
    language: Box<str>,
    entities: Option<Box<[Box<str>]>>,
    threshold: f32,
    named: HashMap<Box<str>, Entity>,
    one_by_one: bool,
}

/// An answer for 64 KiB of text is some 1 MiB where everything in it is personal.
const MAX_ANSWER: usize = 4 << 20;

impl<S> Presidio<S> {
    /// Asks the analyzer at this URL, to whose path `/analyze` is added, in English.
    ///
    /// # Errors
    /// It is no URL of HTTP, or holds credentials.
    pub fn new(service: S, url: &str) -> Result<Self, ConfigError> {
        Ok(Self {
            service,
            uri: join("url", url, "/analyze")?,
            language: "en".into(),
            entities: None,
            threshold: Detector::THRESHOLD,
            named: HashMap::new(),
            one_by_one: false,
        })
    }

    /// The language of the texts, by its two letters. Default `en`.
    #[must_use]
    pub fn language(mut self, language: impl Into<Box<str>>) -> Self {
        self.language = language.into();
        self
    }

    /// Looks for these entities only, by Presidio's names. By default for all that it knows, every URL and date among
    /// them.
    #[must_use]
    pub fn entities<E: Into<Box<str>>>(mut self, entities: impl IntoIterator<Item = E>) -> Self {
        self.entities = Some(entities.into_iter().map(Into::into).collect());
        self
    }

    /// What Presidio must be sure of, from 0 to 1. Default 0.5.
    #[must_use]
    pub const fn threshold(mut self, threshold: f32) -> Self {
        self.threshold = threshold;
        self
    }

    /// What Presidio calls so is this entity.
    #[must_use]
    pub fn entity(mut self, name: impl Into<Box<str>>, entity: Entity) -> Self {
        self.named.insert(name.into(), entity);
        self
    }

    /// Asks about each text by itself, one after the other: for a Presidio of before
    /// version 2.2.361, which takes no lists.
    #[must_use]
    pub const fn one_by_one(mut self) -> Self {
        self.one_by_one = true;
        self
    }

    fn question(&self, text: Asked<'_>) -> Result<Request<Body>, serde_json::Error> {
        let question = Question {
            text,
            language: &self.language,
            entities: self.entities.as_deref(),
            score_threshold: self.threshold,
            return_decision_process: false,
        };
        Ok(post(&self.uri, serde_json::to_vec(&question)?.into()))
    }

    /// What was found in a text, in our terms.
    fn findings(&self, text: &str, items: Vec<Item<'_>>) -> Result<Vec<Finding>, Nonsense> {
        let bytes = Offsets::of(text);
        items.into_iter().map(|item| self.finding(&bytes, item)).collect()
    }

    fn finding(&self, bytes: &Offsets, item: Item<'_>) -> Result<Finding, Nonsense> {
        let (Some(start), Some(end)) = (bytes.at(item.start), bytes.at(item.end)) else {
            return Err(Nonsense("an offset beyond the text"));
        };
        let entity = match self.named.get(&*item.entity_type) {
            Some(entity) => entity.clone(),
            None => names::entity(&item.entity_type).ok_or(Nonsense("an entity without a proper name"))?,
        };
        Ok(Finding { entity, range: start..end, score: item.score })
    }
}

impl<S, B> DetectAsync for Presidio<S>
where
    S: Service<Request<Body>, Response = Response<B>> + Clone + Send + Sync,
    S::Future: Send,
    S::Error: Into<BoxError>,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    fn detect<'a>(&'a self, texts: &'a [Text<'a>]) -> Detecting<'a> {
        Box::pin(async move {
            let mut found = Vec::with_capacity(texts.len());
            if self.one_by_one {
                for text in texts {
                    let question = self.question(Asked::One(text.text))?;
                    let answer = ask(self.service.clone(), question, MAX_ANSWER).await?;
                    found.push(self.findings(text.text, read(&answer)?)?);
                }
                return Ok(found);
            }
            let question = self.question(Asked::All(texts.iter().map(|text| text.text).collect()))?;
            let answer = ask(self.service.clone(), question, MAX_ANSWER).await?;
            let lists: Vec<Vec<Item<'_>>> = read(&answer)?;
            if lists.len() != texts.len() {
                return Err(Nonsense("not one list for each text").into());
            }
            for (text, items) in texts.iter().zip(lists) {
                found.push(self.findings(text.text, items)?);
            }
            Ok(found)
        })
    }
}

/// Whether Presidio, or somebody's addition to it, may call an entity so.
#[cfg(feature = "serde")]
pub(super) fn is_name(name: &str) -> bool {
    names::entity(name).is_some()
}

#[derive(Serialize)]
struct Question<'a> {
    text: Asked<'a>,
    language: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    entities: Option<&'a [Box<str>]>,
    score_threshold: f32,
    return_decision_process: bool,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Asked<'a> {
    One(&'a str),
    All(Vec<&'a str>),
}

/// A finding, in code points.
#[derive(Deserialize)]
struct Item<'a> {
    #[serde(borrow)]
    entity_type: Cow<'a, str>,
    start: usize,
    end: usize,
    score: f32,
}

/// An answer that cannot be meant.
#[derive(Debug)]
struct Nonsense(&'static str);

/// The parser's own error may quote the answer, which may quote the text: it is left out.
fn read<'a, T: Deserialize<'a>>(answer: &'a [u8]) -> Result<T, Nonsense> {
    serde_json::from_slice(answer).map_err(|_| Nonsense("it is not of the JSON that was asked for"))
}

impl fmt::Display for Nonsense {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Presidio's answer makes no sense: {}", self.0)
    }
}

impl std::error::Error for Nonsense {}

impl<S> fmt::Debug for Presidio<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presidio")
            .field("uri", &self.uri)
            .field("language", &self.language)
            .field("entities", &self.entities)
            .field("threshold", &self.threshold)
            .finish_non_exhaustive()
    }
}
