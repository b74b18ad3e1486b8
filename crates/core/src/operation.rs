use http::{Method, Request};

use crate::head;

/// What a call asks for.
///
/// A layer acts on the operations that it understands and lets everything else through untouched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// `POST …/chat/completions`.
    ChatCompletion,
    /// `POST …/completions`: the older one, with a `prompt`.
    Completion,
    /// `POST …/embeddings`.
    Embedding,
    /// `POST …/v1/responses`.
    Response,
    /// `POST …/v1/messages`: Anthropic's shape.
    Message,
    /// `GET …/models` and `GET …/models/{id}`.
    Models,
}

impl Operation {
    /// Tells by the method and the path, of which only the end is looked at: a service may be mounted anywhere.
    ///
    /// ```
    /// use http::Request;
    /// use llm_layers_core::Operation;
    ///
    /// let request = Request::post("/openai/v1/chat/completions").body(())?;
    /// assert_eq!(Operation::of(&request), Some(Operation::ChatCompletion));
    /// let request = Request::post("/v1/threads/t1/messages").body(())?;
    /// assert_eq!(Operation::of(&request), None);
    /// # Ok::<(), http::Error>(())
    /// ```
    #[must_use]
    pub fn of<B>(request: &Request<B>) -> Option<Self> {
        Self::of_path(request.method(), request.uri().path())
    }

    /// Tells by the method and the path.
    #[must_use]
    pub fn of_path(method: &Method, path: &str) -> Option<Self> {
        let path = path.strip_suffix('/').unwrap_or(path);
        if path.starts_with("/providers/") {
            // In a provider's own words, which no layer reads.
            return None;
        }
        if *method == Method::GET && head::climbs(path) {
            // An upstream may resolve them: what looks like a model would be another resource, asked for by our key.
            return None;
        }
        match *method {
            Method::POST if path.ends_with("/chat/completions") => Some(Self::ChatCompletion),
            Method::POST if path.ends_with("/completions") => Some(Self::Completion),
            Method::POST if path.ends_with("/embeddings") => Some(Self::Embedding),
            // These two are also the tails of other resources, such as `/v1/threads/{id}/messages`.
            Method::POST if path == "/responses" || path.ends_with("/v1/responses") => Some(Self::Response),
            Method::POST if path == "/messages" || path.ends_with("/v1/messages") => Some(Self::Message),
            Method::GET if path.ends_with("/models") || path.contains("/v1/models/") => Some(Self::Models),
            Method::GET if path.starts_with("/models/") => Some(Self::Models),
            _ => None,
        }
    }

    /// The operation of a call that asks a model something. Lists of models are none: they cost nobody anything, and what
    /// is in them is for whoever knows the models to say.
    #[must_use]
    pub fn of_model_call<B>(request: &Request<B>) -> Option<Self> {
        Self::of(request).filter(|operation| *operation != Self::Models)
    }

    /// How many operations there are.
    pub const COUNT: usize = 6;

    /// Its place among them, below [`COUNT`](Self::COUNT): for tables with a row for each.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// A short name, for metrics and spans.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ChatCompletion => "chat_completion",
            Self::Completion => "completion",
            Self::Embedding => "embedding",
            Self::Response => "response",
            Self::Message => "message",
            Self::Models => "models",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_models_asks_no_model() {
        let of = |request: http::request::Builder| Operation::of_model_call(&request.body(()).expect("a request"));
        assert_eq!(of(Request::post("/v1/messages")), Some(Operation::Message));
        assert_eq!(of(Request::get("/v1/models")), None);
        assert_eq!(of(Request::post("/v1/files")), None);
    }

    #[test]
    fn operations_are_known_by_their_path() {
        let of = |method, path| Operation::of_path(&method, path);
        assert_eq!(of(Method::POST, "/v1/chat/completions"), Some(Operation::ChatCompletion));
        assert_eq!(of(Method::POST, "/chat/completions/"), Some(Operation::ChatCompletion));
        assert_eq!(of(Method::GET, "/v1/chat/completions"), None);
        assert_eq!(of(Method::POST, "/v1/completions"), Some(Operation::Completion));
        assert_eq!(of(Method::POST, "/v1/embeddings"), Some(Operation::Embedding));
        assert_eq!(of(Method::POST, "/v1/responses"), Some(Operation::Response));
        assert_eq!(of(Method::POST, "/v1/responses/r1/cancel"), None);
        assert_eq!(of(Method::POST, "/v1/messages"), Some(Operation::Message));
        assert_eq!(of(Method::POST, "/v1/messages/count_tokens"), None);
        assert_eq!(of(Method::GET, "/v1/models"), Some(Operation::Models));
        assert_eq!(of(Method::GET, "/v1/models/meta/llama"), Some(Operation::Models));
        assert_eq!(of(Method::GET, "/models/a"), Some(Operation::Models));
        assert_eq!(of(Method::GET, "/v1/files"), None);
        assert_eq!(of(Method::POST, "/providers/claude/v1/messages"), None);
        assert_eq!(of(Method::GET, "/v1/models/../files"), None);
        assert_eq!(of(Method::GET, "/v1/models/a/%2E%2e/files"), None);
        assert_eq!(of(Method::GET, "/v1/models/a%2F..%2F..%2Ffiles"), None);
        assert_eq!(of(Method::GET, "/v1/models/v..1"), Some(Operation::Models));
    }
}
