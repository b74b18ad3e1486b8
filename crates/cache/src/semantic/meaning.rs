//! A second look-up, by what a question means.

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header::CONTENT_TYPE};
use http_body::Body as HttpBody;
use llm_layers_core::{Body, BoxError, Eventually};
use llm_layers_wire::json::Object;
use tower_service::Service;

use super::{Embedded, Facts, Index, MemoryIndex, Near, embed};
use crate::{
    Entry, Key, Namespace, Purge, Tenant,
    background::Background,
    call::{Context, Standing},
    observe,
};

/// Answers to questions that mean the same, and not only say it.
///
/// The question is what the user says last. All else must be equal: tenant, model, the conversation before it, tools,
/// settings. Of what an embedding does not tell apart, numbers, negations, names and the language must agree.
///
/// ```
/// use llm_layers_cache::{CacheLayer, Semantic};
///
/// let layer = CacheLayer::default().semantic(Semantic::new("text-embedding-3-small").threshold(0.97));
/// # let _ = layer;
/// ```
///
/// Embeddings are asked for by the service that the layer stands on: one call more for each question that is not known
/// by its words, at the caller's cost.
#[derive(Clone)]
pub struct Semantic {
    model: Arc<str>,
    threshold: f32,
    messages: usize,
    time_limit: Duration,
    index: Arc<dyn Index>,
}

impl Semantic {
    /// By the embeddings of this model.
    #[must_use]
    pub fn new(model: impl Into<Arc<str>>) -> Self {
        Self {
            model: model.into(),
            threshold: 0.95,
            messages: 1,
            time_limit: Duration::from_secs(2),
            index: Arc::new(MemoryIndex::default()),
        }
    }

    /// The least cosine of two questions that mean the same, from 0 to 1. Default 0.95.
    #[must_use]
    pub const fn threshold(mut self, cosine: f32) -> Self {
        self.threshold = cosine.clamp(0.0, 1.0);
        self
    }

    /// How many of the last messages are the question, as far as they are the user's; at least 1. Default 1.
    #[must_use]
    pub const fn messages(mut self, count: usize) -> Self {
        self.messages = if count == 0 { 1 } else { count };
        self
    }

    /// How long is waited for an embedding; without it the question is a new one. Default 2 s.
    #[must_use]
    pub const fn time_limit(mut self, time: Duration) -> Self {
        self.time_limit = time;
        self
    }

    /// Questions are found in this Redis, for all replicas that use it, where the server has vector sets (Redis 8); else in
    /// memory, as by default.
    #[cfg(feature = "redis")]
    #[must_use]
    pub fn redis(mut self, redis: llm_layers_redis::Redis) -> Self {
        self.index = Arc::new(super::RedisIndex::new(redis, "llm-cache-meaning"));
        self
    }

    /// Forgets questions, later where the index is far: what they lead to is gone.
    pub(crate) fn purge(&self, what: Purge, background: &Background) {
        if let Eventually::Later(_) = self.index.purge(&what) {
            let index = Arc::clone(&self.index);
            let is_taken = background.run(async move { index.purge(&what).get().await });
            if !is_taken {
                observe::dropped("purge");
            }
        }
    }
}

impl fmt::Debug for Semantic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Semantic")
            .field("model", &self.model)
            .field("threshold", &self.threshold)
            .field("index", &self.index)
            .finish_non_exhaustive()
    }
}

fn owner(context: &Context) -> (Tenant, Namespace) {
    (context.key.tenant(), context.key.namespace())
}

/// An answer is that to a question which means the same. An extension of it, up to this layer.
#[derive(Clone)]
pub(crate) struct Found {
    pub(crate) entry: Entry,
    pub(crate) score: f32,
    /// The key that the entry is kept by.
    pub(crate) key: Key,
}

/// What a request means, if that is asked for and can be told.
#[derive(Clone)]
pub(crate) struct Meaning(Option<Arc<Question>>);

struct Question {
    semantic: Semantic,
    /// Only what is in the same part is compared: all else is equal, and what must agree agrees.
    part: [u8; 32],
    text: String,
    at: OnceLock<Embedded>,
}

impl Meaning {
    pub(crate) fn of(context: &Context, request: &Object) -> Self {
        let settings = &context.shared.settings;
        let question = settings.semantic.as_ref().and_then(|semantic| {
            let question = settings.keyring.question(&context.asked(request), semantic.messages)?;
            let mut part = blake3::Hasher::new_keyed(&question.rest);
            part.update(semantic.model.as_bytes()).update(&[0]).update(&Facts::of(&question.text).to_bytes());
            let (semantic, part) = (semantic.clone(), part.finalize().into());
            Some(Arc::new(Question { semantic, part, text: question.text, at: OnceLock::new() }))
        });
        Self(question)
    }

    /// Whether there is a question that can be asked about.
    pub(crate) const fn is_known(&self) -> bool {
        self.0.is_some()
    }

    /// Asks where the question stands among others.
    pub(crate) fn ask<S, B>(
        &self,
        service: S,
        request: &Request<Body>,
    ) -> Option<impl Future<Output = Option<Embedded>> + use<S, B>>
    where
        S: Service<Request<Body>, Response = Response<B>>,
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let Question { semantic, text, .. } = self.0.as_deref()?;
        let (asked, limit) = (embed(service, &semantic.model, text, request), semantic.time_limit);
        Some(async move { tokio::time::timeout(limit, asked).await.ok().flatten() })
    }

    /// The answer to a question that means the same.
    pub(crate) async fn find(
        &self,
        asked: impl Future<Output = Option<Embedded>>,
        context: &Context,
    ) -> Option<Response<Body>> {
        let Question { semantic, part, at, .. } = self.0.as_deref()?;
        let Some(point) = asked.await else {
            observe::not_embedded();
            return None;
        };
        let near = semantic.index.find(*part, &point, semantic.threshold).get().await;
        // It is kept for the answer that is still to come.
        let _ = at.set(point);
        // Whoever writes to an index elsewhere names what they like: nobody is given what is another's.
        let is_own = |near: &Near| (near.key.tenant(), near.key.namespace()) == owner(context);
        let Near { key, score } = near.filter(is_own)?;
        let entry = context.shared.settings.store.get(&key).get().await?;
        if context.judge(&entry) != Standing::Fresh {
            return None;
        }
        let mut response = Response::new(Body::from(entry.body().clone()));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response.extensions_mut().insert(Found { entry, score, key });
        Some(response)
    }

    /// Lets the answer be found by what its question means.
    pub(crate) fn keep(&self, context: &Context, entry: &Entry) {
        let Some(question) = self.0.clone() else { return };
        let Some(at) = question.at.get() else { return };
        let (key, life) = (context.key, entry.fresh_for());
        if let Eventually::Later(_) = question.semantic.index.add(question.part, at, &key, life) {
            let later = Arc::clone(&question);
            let is_taken = context.shared.state.background.run(async move {
                if let Some(at) = later.at.get() {
                    later.semantic.index.add(later.part, at, &key, life).get().await;
                }
            });
            if !is_taken {
                observe::dropped("embedding");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, sync::Mutex};

    use llm_layers_core::Caller;
    use tower::{Layer, ServiceExt, service_fn};

    use super::*;
    use crate::CacheLayer;

    /// Says of all questions that they mean the same as that of this key.
    #[derive(Debug, Default)]
    struct Forged(Mutex<Option<Key>>);

    impl Index for Forged {
        fn find<'a>(&'a self, _: [u8; 32], _: &'a Embedded, _: f32) -> Eventually<'a, Option<Near>> {
            Eventually::Now(self.0.lock().expect("no panic").map(|key| Near { key, score: 1.0 }))
        }

        fn add<'a>(&'a self, _: [u8; 32], _: &'a Embedded, _: &'a Key, _: Duration) -> Eventually<'a, ()> {
            Eventually::Now(())
        }

        fn purge<'a>(&'a self, _: &'a Purge) -> Eventually<'a, ()> {
            Eventually::Now(())
        }
    }

    #[tokio::test]
    async fn nobody_is_given_what_is_anothers_whatever_an_index_says() {
        let forged = Arc::new(Forged::default());
        let layer = CacheLayer::default().semantic(Semantic { index: forged.clone(), ..Semantic::new("e") });
        let service = layer.layer(service_fn(async |request: Request<Body>| {
            let answer = if request.uri().path().ends_with("/embeddings") {
                r#"{"data":[{"embedding":[1,0]}]}"#
            } else {
                r#"{"choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}]}"#
            };
            let response = Response::builder().header(CONTENT_TYPE, "application/json").body(Body::from(answer));
            Ok::<_, Infallible>(response.expect("a response"))
        }));
        let told = async |tenant: &str, namespace: &str, question: &str| {
            let body = format!(r#"{{"model":"m","messages":[{{"role":"user","content":"{question}"}}]}}"#);
            let request = Request::post("/v1/chat/completions").header("x-llm-cache-namespace", namespace);
            let request = request.extension(Caller::new(tenant)).body(Body::from(body)).expect("a request");
            let response = service.clone().oneshot(request).await.expect("an answer");
            let header = |name: &str| response.headers()[name].to_str().expect("text").to_owned();
            (header("x-llm-cache"), header("x-llm-cache-key"))
        };
        let handle = layer.handle();
        let (_, key) = told("b", "", "What is the secret?").await;
        let key = handle.key(handle.tenant("b"), handle.namespace(""), &key);
        *forged.0.lock().expect("no panic") = key;
        assert_eq!(told("a", "", "What is theirs?").await.0, "miss");
        assert_eq!(told("b", "n", "What is theirs?").await.0, "miss");
        assert_eq!(told("b", "", "What is theirs?").await.0, "hit", "their own");
    }
}
