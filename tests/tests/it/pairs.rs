//! Each of our layers around each other one, in both orders: what passes through both is what the provider said, byte for
//! byte, over a mock and inside an axum router.

use std::convert::Infallible;

use axum::{Router, routing::post};
use http::{Request, Response, header::CONTENT_TYPE};
use llm_layers_accounts::{AccountsLayer, MemoryLedger};
use llm_layers_cache::CacheLayer;
use llm_layers_circuit_breaker::CircuitBreakerLayer;
use llm_layers_core::{Body, Deployment};
use llm_layers_cost_router::{Alias, RouterLayer, Routes};
use llm_layers_pii_redaction::RedactLayer;
use llm_layers_provider_translator::{Provider, TranslatorLayer};
use llm_layers_rate_limit::{Limits, RateLimitLayer, Rule};
use llm_layers_retry::{HedgeLayer, RetryLayer};
use llm_layers_testkit::body::Script;
use llm_layers_timeout::{DeadlineLayer, TimeoutLayer};
use llm_layers_tool_call_validator::ValidateLayer;
use tower::{Layer, Service, ServiceExt, util::BoxCloneSyncService};

const LAYERS: [&str; 12] = [
    "retry",
    "hedge",
    "circuit-breaker",
    "timeout",
    "deadline",
    "rate-limit",
    "cost-router",
    "accounts",
    "redaction",
    "cache",
    "validator",
    "translator",
];

type Boxed = BoxCloneSyncService<Request<Body>, Response<Body>, Infallible>;

fn boxed<L, S>(layer: L, inner: S) -> Boxed
where
    L: Layer<S>,
    L::Service: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + Sync + 'static,
    <L::Service as Service<Request<Body>>>::Future: Send + 'static,
{
    BoxCloneSyncService::new(layer.layer(inner))
}

/// One of the layers around a service, as anybody would use it who wants its defaults.
macro_rules! wrapped {
    ($name:expr, $inner:expr) => {
        match $name {
            "retry" => boxed(RetryLayer::new(), $inner),
            "hedge" => boxed(HedgeLayer::new(), $inner),
            "circuit-breaker" => boxed(CircuitBreakerLayer::default(), $inner),
            "timeout" => boxed(TimeoutLayer::default(), $inner),
            "deadline" => boxed(DeadlineLayer::default(), $inner),
            "rate-limit" => {
                let limits = Limits::new().requests_per_minute(600).tokens_per_minute(100_000).concurrent(10);
                boxed(RateLimitLayer::new().rule(Rule::global(limits)), $inner)
            }
            "redaction" => boxed(RedactLayer::default(), $inner),
            "cache" => boxed(CacheLayer::default(), $inner),
            "validator" => boxed(ValidateLayer::default(), $inner),
            "cost-router" => boxed(router(), $inner),
            "accounts" => boxed(AccountsLayer::new().ledger(MemoryLedger::new()), $inner),
            _ => boxed(TranslatorLayer::new(Provider::openai("http://provider.invalid/v1").expect("a URL")), $inner),
        }
    };
}

/// The model is an alias of one deployment, which its provider knows by the same name.
fn router() -> RouterLayer {
    let routes = Routes::new().deployment(Deployment::new("one", "openai", "m"));
    RouterLayer::new(routes.alias(Alias::new("m").deployments(["one"]))).expect("routes")
}

fn pairs() -> impl Iterator<Item = (&'static str, &'static str)> {
    let both = LAYERS.into_iter().flat_map(|outer| LAYERS.into_iter().map(move |inner| (outer, inner)));
    both.filter(|(outer, inner)| outer != inner)
}

const PLAIN: &str = r#"{"id":"chatcmpl-1","object":"chat.completion","created":1790000000,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}"#;

const STREAM: [&str; 4] = [
    r#"{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1790000000,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#,
    r#"{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1790000000,"model":"m","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]}"#,
    r#"{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1790000000,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
    "[DONE]",
];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Answer {
    Plain,
    Stream,
    /// With the usage that the client has asked for.
    StreamWithUsage,
}

impl Answer {
    fn request(self) -> Request<Body> {
        let more = match self {
            Self::Plain => "",
            Self::Stream => r#","stream":true"#,
            Self::StreamWithUsage => r#","stream":true,"stream_options":{"include_usage":true}"#,
        };
        // Each asks for something else: a cache must not answer one from another.
        let body = format!(r#"{{"model":"m","messages":[{{"role":"user","content":"{self:?}"}}]{more}}}"#);
        let request = Request::post("/v1/chat/completions").header(CONTENT_TYPE, "application/json");
        request.body(Body::from(body)).expect("a request")
    }

    /// What the client is to hear.
    fn whole(self) -> String {
        let chunk = |data: &str| match self {
            Self::StreamWithUsage if data != "[DONE]" => {
                format!("data: {},\"usage\":null}}\n\n", data.strip_suffix('}').expect("an object"))
            }
            _ => format!("data: {data}\n\n"),
        };
        match self {
            Self::Plain => PLAIN.to_owned(),
            Self::Stream => STREAM.iter().map(|data| chunk(data)).collect(),
            Self::StreamWithUsage => {
                let [start, word, stop, done] = STREAM.map(chunk);
                let usage = r#"{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1790000000,"model":"m","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}"#;
                format!("{start}{word}{stop}data: {usage}\n\n{done}")
            }
        }
    }
}

/// A provider that tells the usage of a stream to whoever asks for it, in frames that end anywhere.
async fn provider(mut request: Request<Body>) -> Response<Body> {
    let object = request.body_mut().object(&Default::default()).await.expect("an object");
    let asks = object.get("stream_options").is_some_and(|options| options == br#"{"include_usage":true}"#);
    let answer = match (object.is_true("stream"), asks) {
        (false, _) => Answer::Plain,
        (true, false) => Answer::Stream,
        (true, true) => Answer::StreamWithUsage,
    };
    let media_type = if answer == Answer::Plain { "application/json" } else { "text/event-stream" };
    let whole = answer.whole().into_bytes();
    let pieces = whole.chunks(37).fold(Script::new(), |script, piece| script.data(piece.to_vec()).pending());
    Response::builder().header(CONTENT_TYPE, media_type).body(Body::new(pieces.body())).expect("an answer")
}

async fn passes(service: Boxed, what: &str) {
    for answer in [Answer::Plain, Answer::Stream, Answer::StreamWithUsage] {
        let Ok(mut response) = service.clone().oneshot(answer.request()).await;
        let said = response.body_mut().bytes(1 << 20).await.expect("a whole answer");
        assert_eq!(response.status(), 200, "{what}, {answer:?}: {said:?}");
        assert_eq!(String::from_utf8_lossy(&said), answer.whole(), "{what}, {answer:?}");
    }
}

#[tokio::test]
async fn over_a_mock() {
    for (outer, inner) in pairs() {
        let mock = tower::service_fn(async |request| Ok::<_, Infallible>(provider(request).await));
        passes(wrapped!(outer, wrapped!(inner, mock)), &format!("{outer} over {inner}")).await;
    }
}

#[tokio::test]
async fn inside_an_axum_router() {
    let routed = |service: Boxed| {
        let service = service.map_request(|request: Request<axum::body::Body>| request.map(Body::new));
        Router::new().route_service("/v1/chat/completions", service)
    };
    for (outer, inner) in pairs() {
        let handler = async |request: Request<axum::body::Body>| provider(request.map(Body::new)).await;
        let router = Router::new().route("/v1/chat/completions", post(handler));
        let router = routed(wrapped!(outer, routed(wrapped!(inner, router))));
        let service = ServiceExt::<Request<Body>>::map_response(router, |response| response.map(Body::new));
        passes(BoxCloneSyncService::new(service), &format!("{outer} over {inner}, in a router")).await;
    }
}
