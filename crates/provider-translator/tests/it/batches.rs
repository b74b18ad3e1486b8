//! Requests that take several calls each: lists of texts that are longer than a provider embeds at once, and choices
//! with a seed.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use http::{Request, Response};
use llm_layers_core::{Body, BoxError};
use llm_layers_provider_translator::{Provider, TranslatorLayer};
use llm_layers_sim::{Fault, Sim};
use llm_layers_wire::openai::EmbeddingResponse;
use serde_json::{Value, json};
use tower::{Layer, Service, ServiceExt, service_fn};

use crate::simulated::{Translated, read};

async fn cohere() -> Translated {
    let sim = Sim::cohere().start().await.expect("a simulator");
    let provider = Provider::cohere(&sim.origin()).expect("a URL");
    Translated::new(sim, provider)
}

async fn gemini() -> Translated {
    let sim = Sim::gemini().start().await.expect("a simulator");
    let provider = Provider::gemini(&sim.origin()).expect("a URL");
    Translated::new(sim, provider)
}

async fn vertex() -> Translated {
    let sim = Sim::vertex().any_model().start().await.expect("a simulator");
    let provider = Provider::vertex_at(&sim.origin(), "my-project", "europe-west4").expect("a project");
    Translated::new(sim, provider)
}

fn texts(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("text {n}")).collect()
}

async fn embed(translated: &Translated, request: &Value) -> EmbeddingResponse {
    let (status, body) = read(translated.post("/v1/embeddings", request).await).await;
    assert_eq!(status, 200, "{body}");
    serde_json::from_value(body).expect("embeddings")
}

#[tokio::test]
async fn a_long_list_is_several_calls_and_one_answer() {
    for (translated, model, count, calls) in [
        (cohere().await, "embed-v4.0", 200, vec![96, 96, 8]),
        (gemini().await, "gemini-embedding-001", 201, vec![100, 100, 1]),
        (vertex().await, "gemini-embedding-001", 101, vec![100, 1]),
        (vertex().await, "text-embedding-005", 251, vec![250, 1]),
    ] {
        let texts = texts(count);
        for encoding in ["float", "base64"] {
            translated.sim.clear_received();
            let request = json!({"model": model, "input": texts, "dimensions": 256, "encoding_format": encoding});
            let answer = embed(&translated, &request).await;
            let indices: Vec<_> = answer.data.iter().map(|one| one.index).collect();
            assert_eq!(indices, (0..count).collect::<Vec<_>>(), "{model}");
            let size = |name: &str, sent: &Value| sent[name].as_array().map(Vec::len);
            let sent = translated.sim.received();
            let mut sizes: Vec<_> = sent
                .iter()
                .map(|sent| sent.json())
                .map(|sent| {
                    let lists = ["texts", "requests", "instances"];
                    // One text goes by a method of its own on Vertex AI.
                    lists.iter().find_map(|name| size(name, &sent)).unwrap_or(1)
                })
                .collect();
            sizes.sort_by_key(|size| std::cmp::Reverse(*size));
            assert_eq!(sizes, calls, "{model}");

            let mut usage = 0;
            for place in [0, 95, 96, 100, count - 1] {
                let alone =
                    embed(&translated, &json!({"model": model, "input": texts[place], "dimensions": 256})).await;
                assert_eq!(answer.data[place].embedding.to_floats(), alone.data[0].embedding.to_floats(), "{place}");
                usage += alone.usage.prompt_tokens;
            }
            assert_eq!(usage > 0, answer.usage.prompt_tokens > 0, "{model}");
            if usage > 0 && model != "gemini-embedding-001" {
                assert_eq!(answer.usage.prompt_tokens, 2 * count as u64, "two words each");
            }
        }
    }
}

#[tokio::test]
async fn the_first_failure_is_the_answer() {
    let translated = cohere().await;
    let request = json!({"model": "embed-v4.0", "input": texts(300)});
    translated.sim.fail_next(1, Fault::status(429));
    let (status, body) = read(translated.post("/v1/embeddings", &request).await).await;
    assert_eq!((status, &body["error"]["code"]), (429, &json!("rate_limit_exceeded")));
    let mut texts = texts(300);
    texts[299].clear();
    let bad = json!({"model": "embed-v4.0", "input": texts});
    let (status, body) = read(translated.post("/v1/embeddings", &bad).await).await;
    assert_eq!((status, &body["error"]["param"]), (400, &json!("input[299]")));
}

/// How many calls an upstream has, had at once, and has let go unanswered.
#[derive(Default)]
struct Seen {
    calls: AtomicUsize,
    now: AtomicUsize,
    most: AtomicUsize,
    bodies: Mutex<Vec<(String, Value)>>,
}

struct Running(Arc<Seen>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::SeqCst);
    }
}

/// An upstream that answers one call after the other as Titan does, from `failing` on with a 503.
fn titan(
    seen: &Arc<Seen>,
    failing: usize,
    answers: bool,
) -> impl Service<Request<Body>, Response = Response<Body>, Error = BoxError, Future: Send> + Clone + Send + 'static {
    let seen = Arc::clone(seen);
    service_fn(move |request: Request<Body>| {
        let seen = Arc::clone(&seen);
        async move {
            let call = seen.calls.fetch_add(1, Ordering::SeqCst);
            let now = seen.now.fetch_add(1, Ordering::SeqCst) + 1;
            let _running = Running(Arc::clone(&seen));
            seen.most.fetch_max(now, Ordering::SeqCst);
            let (head, mut body) = request.into_parts();
            let sent: Value = serde_json::from_slice(&body.bytes(1 << 20).await?)?;
            let signature = head.headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
            seen.bodies.lock().expect("whole").push((signature.to_owned(), sent.clone()));
            tokio::task::yield_now().await;
            if !answers {
                std::future::pending::<()>().await;
            }
            if call >= failing {
                return Ok(Response::builder().status(503).body(Body::from("{\"message\":\"busy\"}"))?);
            }
            let length = sent["inputText"].as_str().unwrap_or_default().len();
            let answer = json!({"embedding": [length, 0.5], "inputTextTokenCount": length});
            Ok(Response::builder().header("content-type", "application/json").body(Body::from(answer.to_string()))?)
        }
    })
}

fn of_texts(count: usize) -> Request<Body> {
    let texts: Vec<_> = (0..count).map(|n| "x".repeat(1 + n % 50)).collect();
    let body = json!({"model": "amazon.titan-embed-text-v2:0", "input": texts});
    Request::post("/v1/embeddings").body(Body::from(body.to_string())).expect("a request")
}

fn bedrock() -> TranslatorLayer {
    let credentials = aws_credential_types::Credentials::new("AKID", "secret", None, None, "test");
    let provider = Provider::bedrock("us-east-1").and_then(|provider| provider.with_credentials(credentials));
    TranslatorLayer::new(provider.expect("a provider"))
}

#[tokio::test]
async fn each_call_is_signed_and_there_are_never_too_many_at_once() {
    let seen = Arc::new(Seen::default());
    let service = bedrock().layer(titan(&seen, usize::MAX, true));
    let (status, answer) = read(service.oneshot(of_texts(64)).await.expect("an answer")).await;
    assert_eq!(status, 200, "{answer}");
    let lengths: Vec<_> = (0..64).map(|n| json!([1 + n % 50, 0.5])).collect();
    let vectors: Vec<_> =
        answer["data"].as_array().expect("a list").iter().map(|one| one["embedding"].clone()).collect();
    assert_eq!(vectors, lengths);
    let tokens: u64 = (0..64).map(|n| 1 + n % 50).sum();
    assert_eq!(answer["usage"], json!({"prompt_tokens": tokens, "total_tokens": tokens}));
    assert_eq!((seen.calls.load(Ordering::SeqCst), seen.most.load(Ordering::SeqCst)), (64, 8));
    let bodies = seen.bodies.lock().expect("whole");
    let mut signatures: Vec<_> = bodies.iter().take(50).map(|(signature, _)| signature.clone()).collect();
    signatures.sort_unstable();
    signatures.dedup();
    assert_eq!(signatures.len(), 50, "another body has another signature");
}

#[tokio::test]
async fn after_a_failure_nothing_more_is_asked() {
    let seen = Arc::new(Seen::default());
    let service = bedrock().layer(titan(&seen, 3, true));
    let (status, answer) = read(service.oneshot(of_texts(64)).await.expect("an answer")).await;
    assert_eq!((status, &answer["error"]["code"]), (503, &json!("server_is_overloaded")));
    assert!(seen.calls.load(Ordering::SeqCst) <= 11, "{}", seen.calls.load(Ordering::SeqCst));
    assert_eq!(seen.now.load(Ordering::SeqCst), 0);

    let service = bedrock().layer(titan(&seen, 0, true));
    let (status, answer) = read(service.oneshot(of_texts(65)).await.expect("an answer")).await;
    assert_eq!((status, &answer["error"]["param"]), (400, &json!("input")), "{answer}");
    assert!(seen.calls.load(Ordering::SeqCst) <= 11, "it was not asked");
}

#[tokio::test]
async fn whoever_hangs_up_lets_all_calls_go() {
    let seen = Arc::new(Seen::default());
    let mut answer = Box::pin(bedrock().layer(titan(&seen, usize::MAX, false)).oneshot(of_texts(20)));
    while seen.bodies.lock().expect("whole").len() < 8 {
        let poll = std::future::poll_fn(|cx| std::task::Poll::Ready(answer.as_mut().poll(cx))).await;
        assert!(poll.is_pending());
        tokio::task::yield_now().await;
    }
    assert_eq!(seen.now.load(Ordering::SeqCst), 8);
    drop(answer);
    assert_eq!((seen.now.load(Ordering::SeqCst), seen.calls.load(Ordering::SeqCst)), (0, 8));
}

#[tokio::test]
async fn vectors_of_all_calls_are_bounded_together() {
    let seen = Arc::new(Seen::default());
    let service = bedrock().max_response(1024).layer(titan(&seen, usize::MAX, true));
    let (status, answer) = read(service.oneshot(of_texts(64)).await.expect("an answer")).await;
    assert_eq!((status, &answer["error"]["code"]), (502, &json!("upstream_protocol_error")));
    assert!(seen.calls.load(Ordering::SeqCst) < 64);
}

#[tokio::test]
async fn choices_of_several_calls_have_a_seed_each() {
    let sim = Sim::openai().any_model().start().await.expect("a simulator");
    let groq = Provider::known_at("groq", &sim.base_url()).expect("a URL");
    let ollama = Sim::ollama().start().await.expect("a simulator");
    let local = Provider::ollama(&ollama.origin()).expect("a URL");
    for (translated, model, path) in [
        (cohere().await, "command-a-03-2025", "/seed"),
        (Translated::new(ollama, local), "llama3.2", "/options/seed"),
        (Translated::new(sim, groq), "m", "/seed"),
    ] {
        let request =
            json!({"model": model, "n": 3, "seed": 7, "messages": [{"role": "user", "content": "sim:say x"}]});
        let answer = translated.answer(&request).await;
        assert_eq!(answer["choices"].as_array().map(Vec::len), Some(3), "{answer}");
        let sent = translated.sim.received();
        let seed = |sent: &llm_layers_sim::Received| sent.json().pointer(path).and_then(Value::as_i64);
        let mut seeds: Vec<_> = sent.iter().map(seed).collect();
        seeds.sort_unstable();
        assert_eq!(seeds, [Some(7), Some(8), Some(9)], "{model}");
    }
}

#[tokio::test]
async fn where_there_is_no_seed_all_calls_are_the_same() {
    let sim = Sim::bedrock().start().await.expect("a simulator");
    let provider = Provider::bedrock_at("us-east-1", &sim.origin()).expect("a URL");
    let translated = Translated::new(sim, provider);
    let request =
        json!({"model": "amazon.nova-lite-v1:0", "n": 2, "seed": 7, "messages": [{"role": "user", "content": "x"}]});
    translated.answer(&request).await;
    let bodies: Vec<_> = translated.sim.received().iter().map(|sent| sent.body.clone()).collect();
    assert!(bodies.len() == 2 && bodies[0] == bodies[1]);
}
