//! Questions of 1 KB, answers of 2 KB, each another one, and who asks and answers them.

use std::{
    convert::Infallible,
    future::poll_fn,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use http::{
    Request, Response,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use http_body::Body as HttpBody;
use llm_layers_core::Body;
use serde_json::{Value, json};
use tower::{Service, ServiceExt, service_fn};

/// Bytes of a question.
pub(crate) const ASKED: usize = 1 << 10;
/// Bytes of an answer.
pub(crate) const ANSWERED: usize = 2 << 10;

const WORDS: &str = "The committee met again on Tuesday and could not agree on anything of importance, as usual. ";
/// Where the number of a question or an answer stands, in as many digits.
const NUMBER: &str = "#########";

/// A JSON text of so many bytes, which is another one for each number.
#[derive(Clone)]
pub(crate) struct Text {
    before: String,
    after: String,
}

impl Text {
    /// A chat, the same whether its answer is to stream or not.
    pub(crate) fn question(stream: bool) -> Self {
        let members = |text| json!({"messages": [{"role": "user", "content": text}], "model": "m", "stream": false});
        let Self { before, after } = Self::of(ASKED, members);
        Self { before, after: if stream { after.replace("false", "true") } else { after } }
    }

    fn answer() -> Self {
        let choice = |text| {
            let message = json!({"role": "assistant", "content": text, "refusal": null});
            json!({"index": 0, "message": message, "logprobs": null, "finish_reason": "stop"})
        };
        let usage = json!({"prompt_tokens": 220, "completion_tokens": 370, "total_tokens": 590});
        Self::of(ANSWERED, |text| {
            json!({"id": "chatcmpl-1", "object": "chat.completion", "created": 1_763_800_000, "model": "m",
                "choices": [choice(text)], "usage": usage})
        })
    }

    fn of(length: usize, json: impl Fn(String) -> Value) -> Self {
        let missing = length - json(NUMBER.to_owned()).to_string().len();
        let words: String = WORDS.chars().cycle().take(missing).collect();
        let text = json(NUMBER.to_owned() + &words).to_string();
        let (before, after) = text.split_once(NUMBER).expect("there is a number");
        Self { before: before.to_owned(), after: after.to_owned() }
    }

    pub(crate) fn number(&self, number: usize) -> Bytes {
        let Self { before, after } = self;
        Bytes::from(format!("{before}{number:0width$}{after}", width = NUMBER.len()))
    }
}

/// A model that reads each request, and never answers the same.
pub(crate) fn model()
-> impl Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send> + Clone + Send + 'static {
    let (answer, count) = (Text::answer(), Arc::new(AtomicUsize::new(0)));
    service_fn(move |mut request: Request<Body>| {
        let answer = answer.number(count.fetch_add(1, Ordering::Relaxed));
        async move {
            request.body_mut().bytes(1 << 20).await.expect("a body");
            Ok(Response::builder()
                .header(CONTENT_TYPE, "application/json")
                .body(Body::from(answer))
                .expect("an answer"))
        }
    })
}

/// What came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Came {
    pub(crate) is_hit: bool,
    pub(crate) bytes: usize,
}

/// One call of somebody who has a key, read to its end frame by frame.
pub(crate) async fn ask<S>(service: &S, path: &'static str, body: Bytes) -> Came
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone,
{
    let request = Request::post(path).header(CONTENT_TYPE, "application/json");
    let request = request.header(AUTHORIZATION, "Bearer sk-0123456789abcdef0123456789abcdef");
    let request = request.body(Body::from(body)).expect("a request");
    let Ok(mut response) = service.clone().oneshot(request).await;
    assert_eq!(response.status(), 200);
    let is_hit = response.headers().get("x-llm-cache").is_some_and(|outcome| outcome == "hit");
    let mut bytes = 0;
    while let Some(frame) = poll_fn(|cx| Pin::new(response.body_mut()).poll_frame(cx)).await {
        bytes += frame.expect("a frame").data_ref().map_or(0, Bytes::len);
    }
    Came { is_hit, bytes }
}
