//! A model that is asked, over any endpoint that speaks OpenAI's chat completions.

mod answer;
mod locate;
mod question;

use std::{
    fmt,
    sync::atomic::{AtomicBool, Ordering},
};

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, Uri, header::AUTHORIZATION};
use http_body::Body as HttpBody;
use llm_layers_core::{Body, BoxError, ConfigError, Secret};
use llm_layers_pii::{Entity, Finding, Text};
use llm_layers_wire::json::Object;
use serde::Serialize;
use tower_service::Service;

use self::locate::Page;
use super::{
    DetectAsync, Detecting,
    http::{AskError, ask, join, post},
    observe,
};

/// Asks a model for what is personal, through any endpoint of OpenAI's `/chat/completions` and any HTTP client that is
/// a [`Service`].
///
/// ```
/// # use http::{Request, Response};
/// use llm_layers_core::{Body, BoxError, Secret};
/// use llm_layers_pii_redaction::{Entity, External, Llm};
/// use std::time::Duration;
///
/// # let client = tower::service_fn(async |_: http::Request<Body>| Ok::<_, BoxError>(Response::new(Body::empty())));
/// let llm = Llm::new(client, "http://llama.internal:8080/v1", "qwen3-4b")?
///     .key(&Secret::new("sk-none"))?
///     .kinds([Entity::PERSON, Entity::STREET_ADDRESS])
///     .kind(Entity::new("project"), "A code name of one of our products.");
/// let external = External::new("llm", llm).timeout(Duration::from_secs(10));
/// # let _ = external;
/// # Ok::<(), llm_layers_core::ConfigError>(())
/// ```
///
/// The model names kinds and texts, word for word; each text is looked up in the original, all places where it stands,
/// and what is nowhere to be found is left out and counted (`llm_pii_unlocated_total`), as is what it has found of other
/// kinds than those asked for (`llm_pii_unasked_total`).
///
/// # What to trust it with
///
/// It sees all text: run it where that may be seen, and not behind the layer that it works for. Texts are handed to it
/// as data in JSON, apart from its instructions; still, a text may talk it into finding nothing. It adds to the other
/// detectors and replaces none.
pub struct Llm<S> {
    service: S,
    uri: Uri,
    model: Box<str>,
    authorization: Option<HeaderValue>,
    kinds: Vec<(Entity, Box<str>)>,
    score: f32,
    max_tokens: u32,
    batch_bytes: usize,
    /// Members of the request that differ; `None` takes one out.
    members: Vec<(Box<str>, Option<Bytes>)>,
    /// The endpoint has refused a schema for the answer, and has answered without.
    refuses_schema: AtomicBool,
}

/// The bytes of a whole answer, whatever the model has put beside the list.
const MAX_ANSWER: usize = 1 << 20;

impl<S> Llm<S> {
    /// Asks this model of the endpoint at this URL, to whose path `/chat/completions` is added.
    ///
    /// # Errors
    /// It is no URL of HTTP, or holds credentials.
    pub fn new(service: S, base_url: &str, model: impl Into<Box<str>>) -> Result<Self, ConfigError> {
        let llm = Self {
            service,
            uri: join("base_url", base_url, "/chat/completions")?,
            model: model.into(),
            authorization: None,
            kinds: Vec::new(),
            score: 0.8,
            max_tokens: 2048,
            batch_bytes: 8 << 10,
            members: Vec::new(),
            refuses_schema: AtomicBool::new(false),
        };
        Ok(llm.kinds([
            Entity::PERSON,
            Entity::STREET_ADDRESS,
            Entity::PHONE,
            Entity::EMAIL,
            Entity::DATE_OF_BIRTH,
            Entity::PASSPORT,
            Entity::DRIVING_LICENCE,
            Entity::MEDICAL_RECORD,
            Entity::SECRET,
        ]))
    }

    /// The endpoint's key, sent as a bearer token.
    ///
    /// # Errors
    /// It holds characters that no header may hold.
    pub fn key(mut self, key: &Secret) -> Result<Self, ConfigError> {
        let header = key.to_header("Bearer ");
        self.authorization =
            Some(header.map_err(|_| ConfigError::new("api_key", "holds characters that no header may hold"))?);
        Ok(self)
    }

    /// Asks for these kinds and no others. By default for names, addresses, telephone numbers, email addresses, dates
    /// of birth, passports, driving licences, medical records and secrets.
    #[must_use]
    pub fn kinds(mut self, kinds: impl IntoIterator<Item = Entity>) -> Self {
        self.kinds = kinds.into_iter().map(|kind| (kind.clone(), kind.about().into())).collect();
        self
    }

    /// Asks for this kind as well, and tells the model what it is.
    #[must_use]
    pub fn kind(mut self, kind: Entity, about: impl Into<Box<str>>) -> Self {
        self.kinds.retain(|(known, _)| *known != kind);
        self.kinds.push((kind, about.into()));
        self
    }

    /// How sure of its findings the model is taken to be, from 0 to 1. Default 0.8.
    #[must_use]
    pub const fn score(mut self, score: f32) -> Self {
        self.score = score;
        self
    }

    /// The tokens of an answer; a list that is longer is a failure. Default 2,048.
    #[must_use]
    pub const fn max_tokens(mut self, most: u32) -> Self {
        self.max_tokens = most;
        self
    }

    /// The bytes of text of one question; longer texts are cut. Default 8 KiB, at least 1 KiB.
    #[must_use]
    pub const fn batch_bytes(mut self, most: usize) -> Self {
        self.batch_bytes = most;
        self
    }

    /// Sets a member of the request, such as `reasoning_effort`. A value that cannot be written as JSON is `null`.
    #[must_use]
    pub fn set<T: Serialize + ?Sized>(mut self, member: impl Into<Box<str>>, value: &T) -> Self {
        let value = serde_json::to_vec(value).unwrap_or_else(|_| b"null".to_vec());
        self.members.push((member.into(), Some(value.into())));
        self
    }

    /// Leaves a member of the request out: some models take no `temperature`, or `max_completion_tokens` in place of
    /// `max_tokens`.
    #[must_use]
    pub fn without(mut self, member: impl Into<Box<str>>) -> Self {
        self.members.push((member.into(), None));
        self
    }

    fn question(&self, texts: &[Text<'_>], with_schema: bool) -> Object {
        let mut question = question::question(&self.model, &self.kinds, texts, self.max_tokens, with_schema);
        for (member, value) in &self.members {
            match value {
                // It was written by us, and is JSON.
                Some(value) => question.set_raw(member, value.clone()).unwrap_or_default(),
                None => drop(question.remove(member)),
            }
        }
        question
    }

    /// Where the texts hold what the model has named.
    fn found(&self, texts: &[Text<'_>], answer: &[u8]) -> Result<Vec<Vec<Finding>>, answer::Nonsense> {
        let answer::Named { items, unasked } = answer::read(answer, &self.kinds)?;
        let mut pages: Vec<Page<'_>> = texts.iter().map(|text| Page::new(text.text)).collect();
        let mut found = vec![Vec::new(); texts.len()];
        let mut unlocated = 0;
        for (entity, named) in items {
            let mut is_there = false;
            for (page, findings) in pages.iter_mut().zip(&mut found) {
                for range in page.locate(&named) {
                    is_there = true;
                    findings.push(Finding { entity: entity.clone(), range, score: self.score });
                }
            }
            unlocated += u64::from(!is_there);
        }
        if unlocated > 0 {
            observe::unlocated(unlocated);
        }
        if unasked > 0 {
            observe::unasked(unasked);
        }
        Ok(found)
    }
}

impl<S, B> Llm<S>
where
    S: Service<http::Request<Body>, Response = Response<B>> + Clone,
    S::Error: Into<BoxError>,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    async fn ask(&self, texts: &[Text<'_>], with_schema: bool) -> Result<Bytes, AskError> {
        let mut request = post(&self.uri, self.question(texts, with_schema).to_bytes());
        if let Some(authorization) = &self.authorization {
            request.headers_mut().insert(AUTHORIZATION, authorization.clone());
        }
        ask(self.service.clone(), request, MAX_ANSWER).await
    }

    /// An endpoint that knows no schemas is asked again without one, and from then on.
    async fn answer(&self, texts: &[Text<'_>]) -> Result<Bytes, AskError> {
        if self.refuses_schema.load(Ordering::Relaxed) {
            return self.ask(texts, false).await;
        }
        match self.ask(texts, true).await {
            Err(AskError::Status(StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY)) => {
                let answer = self.ask(texts, false).await?;
                self.refuses_schema.store(true, Ordering::Relaxed);
                Ok(answer)
            }
            answer => answer,
        }
    }
}

impl<S, B> DetectAsync for Llm<S>
where
    S: Service<http::Request<Body>, Response = Response<B>> + Clone + Send + Sync,
    S::Future: Send,
    S::Error: Into<BoxError>,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    fn detect<'a>(&'a self, texts: &'a [Text<'a>]) -> Detecting<'a> {
        Box::pin(async move {
            let answer = self.answer(texts).await?;
            Ok(self.found(texts, &answer)?)
        })
    }

    fn batch_bytes(&self) -> usize {
        self.batch_bytes
    }
}

impl<S> fmt::Debug for Llm<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Llm")
            .field("uri", &self.uri)
            .field("model", &self.model)
            .field("kinds", &self.kinds)
            .field("max_tokens", &self.max_tokens)
            .finish_non_exhaustive()
    }
}
