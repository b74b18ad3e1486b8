//! Asking for the vector of a text, through the same stack as everything else.

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri,
    header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE},
};
use http_body::Body as HttpBody;
use llm_layers_core::{Body, BoxError, Caller, Deadline, Deployment, encoding, head};
use serde::{Deserialize, Serialize};
use tower_service::Service;

/// A vector of 4,096 dimensions takes some 80 KiB.
const MAX_ANSWER: usize = 1 << 20;
/// No model has so many dimensions.
const MAX_DIMENSIONS: usize = 16_384;

/// Whoever asks is known by these, and the embedding is asked for on their behalf; the last two say which of their accounts
/// pays.
const CREDENTIALS: [HeaderName; 6] = [
    AUTHORIZATION,
    HeaderName::from_static("x-api-key"),
    HeaderName::from_static("api-key"),
    HeaderName::from_static("x-goog-api-key"),
    HeaderName::from_static("openai-organization"),
    HeaderName::from_static("openai-project"),
];

/// The ends of the paths of calls that ask a question. The longer of two that fit stands first.
const TAILS: [&str; 4] = ["/chat/completions", "/completions", "/responses", "/messages"];

/// A text as a point: of length 1.
#[derive(Clone)]
pub(crate) struct Embedded(Vec<f32>);

impl Embedded {
    /// The point in the direction of a vector. None of one that has no direction, or of what is no number.
    pub(crate) fn new(mut vector: Vec<f32>) -> Option<Self> {
        // Two steps, so that squares neither overflow nor vanish.
        let largest = vector.iter().fold(0.0_f32, |largest, x| largest.max(x.abs()));
        let is_fit = largest > 0.0 && vector.iter().all(|x| x.is_finite()) && vector.len() <= MAX_DIMENSIONS;
        is_fit.then(|| {
            vector.iter_mut().for_each(|x| *x /= largest);
            let length: f64 = vector.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
            #[expect(clippy::cast_possible_truncation, reason = "a coordinate needs no more")]
            vector.iter_mut().for_each(|x| *x = (f64::from(*x) / length) as f32);
            Self(vector)
        })
    }

    pub(crate) fn coordinates(&self) -> &[f32] {
        &self.0
    }
}

/// A text can be guessed from its vector.
impl std::fmt::Debug for Embedded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Embedded").field("dimensions", &self.0.len()).finish_non_exhaustive()
    }
}

/// What is asked.
#[derive(Serialize)]
struct Asked<'a> {
    model: &'a str,
    input: &'a str,
    /// The one that every provider knows.
    encoding_format: &'static str,
}

#[derive(Deserialize)]
struct Answer {
    data: [Element; 1],
}

#[derive(Deserialize)]
struct Element {
    embedding: Vec<f32>,
}

/// Asks for the vector of a text on behalf of whoever has sent this request. `None` where there is none to be had.
///
/// The path ends in `/embeddings` where that of the request ends in `/chat/completions`, say. A layer that looks up by
/// meaning acts on no such call, so that it never asks about what it asks.
pub(crate) fn embed<S, B>(
    service: S,
    model: &str,
    text: &str,
    of: &Request<Body>,
) -> impl Future<Output = Option<Embedded>> + use<S, B>
where
    S: Service<Request<Body>, Response = Response<B>>,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    // Made before anything is waited for: whoever waits holds no body of the request, which cannot be shared.
    let request = request(model, text, of);
    async move {
        let response = call(service, request?).await?;
        if !response.status().is_success() {
            return None;
        }
        let (head, body) = response.into_parts();
        let bytes = Body::new(body).bytes(MAX_ANSWER).await.ok()?;
        let bytes = encoding::decode(&head.headers, bytes, MAX_ANSWER).ok()?;
        let Answer { data: [Element { embedding }] } = serde_json::from_slice(&bytes).ok()?;
        Embedded::new(embedding)
    }
}

async fn call<S: Service<Request<Body>>>(mut service: S, request: Request<Body>) -> Option<S::Response> {
    std::future::poll_fn(|cx| service.poll_ready(cx)).await.ok()?;
    service.call(request).await.ok()
}

fn request(model: &str, text: &str, of: &Request<Body>) -> Option<Request<Body>> {
    let asked = Asked { model, input: text, encoding_format: "float" };
    let body = Body::from(serde_json::to_vec(&asked).ok()?);
    let mut request = Request::new(body);
    *request.method_mut() = Method::POST;
    *request.version_mut() = of.version();
    *request.uri_mut() = address(of.uri())?;
    let headers = request.headers_mut();
    for name in CREDENTIALS {
        for value in of.headers().get_all(&name) {
            headers.append(&name, value.clone());
        }
    }
    write(headers);
    let length = request.body().content_length();
    head::set_content_length(request.headers_mut(), length);
    let extensions = request.extensions_mut();
    if let Some(caller) = of.extensions().get::<Caller>() {
        extensions.insert(caller.clone());
    }
    if let Some(deadline) = of.extensions().get::<Deadline>() {
        extensions.insert(*deadline);
    }
    if let Some(deployment) = of.extensions().get::<Deployment>() {
        extensions.insert(beside(deployment, model));
    }
    Some(request)
}

/// Another model where this one is.
fn beside(deployment: &Deployment, model: &str) -> Deployment {
    match deployment.is_configured() {
        true => Deployment::new(deployment.name(), deployment.provider(), model),
        false => Deployment::named_by_client(deployment.provider(), model),
    }
}

fn write(headers: &mut HeaderMap) {
    let json = HeaderValue::from_static("application/json");
    headers.insert(CONTENT_TYPE, json.clone());
    headers.insert(ACCEPT, json);
    headers.insert(ACCEPT_ENCODING, encoding::ACCEPTED);
}

/// Where embeddings are asked for, by where the question was asked.
fn address(of: &Uri) -> Option<Uri> {
    let path = of.path().strip_suffix('/').unwrap_or(of.path());
    let beginning = TAILS.iter().find_map(|tail| path.strip_suffix(tail))?;
    let mut parts = of.clone().into_parts();
    parts.path_and_query = Some(format!("{beginning}/embeddings").try_into().ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, sync::Mutex};

    use http::StatusCode;
    use tower::service_fn;

    use super::*;

    const ANSWER: &str =
        r#"{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.0,3,-4e0]}],"model":"m"}"#;

    fn question(uri: &str) -> Request<Body> {
        let request = Request::post(uri)
            .header("authorization", "Bearer a")
            .header("x-api-key", "b")
            .header("openai-organization", "o")
            .header("openai-project", "p")
            .header("cookie", "c")
            .header("x-llm-cache-namespace", "d")
            .extension(Caller::new("team"))
            .extension(Deployment::new("east", "azure", "large"))
            .extension(7_u8);
        request.body(Body::from("{}")).expect("a request")
    }

    async fn answered(status: StatusCode, encoding: Option<&str>, answer: Vec<u8>) -> Option<Embedded> {
        let service = service_fn(async |_: Request<Body>| {
            let mut response = Response::new(Body::from(answer.clone()));
            *response.status_mut() = status;
            if let Some(encoding) = encoding {
                response.headers_mut().insert("content-encoding", encoding.try_into().expect("a value"));
            }
            Ok::<_, Infallible>(response)
        });
        embed(service, "m", "secret", &question("/v1/chat/completions")).await
    }

    #[tokio::test]
    async fn it_is_asked_for_in_the_name_of_who_asks() {
        let seen = Mutex::new(None);
        let service = service_fn(async |request: Request<Body>| {
            *seen.lock().expect("no panic") = Some(request);
            Ok::<_, Infallible>(Response::new(Body::from(ANSWER)))
        });
        let found = embed(service, "m", "a \"text\"", &question("https://a.example/v1/chat/completions?x=1")).await;
        let found = found.expect("a vector");
        assert!(found.coordinates().iter().zip([0.0, 0.6, -0.8]).all(|(a, b)| (a - b).abs() < 1e-6));
        assert_eq!(format!("{found:?}"), "Embedded { dimensions: 3, .. }");
        let (head, mut body) = seen.into_inner().expect("no panic").expect("a request").into_parts();
        assert_eq!((head.method, head.uri.to_string()), (Method::POST, "https://a.example/v1/embeddings".to_owned()));
        let header = |name: &str| head.headers.get(name).map(|value| value.to_str().expect("ASCII"));
        assert_eq!((header("authorization"), header("x-api-key")), (Some("Bearer a"), Some("b")));
        assert_eq!((header("openai-organization"), header("openai-project")), (Some("o"), Some("p")));
        assert_eq!((header("cookie"), header("x-llm-cache-namespace")), (None, None));
        assert_eq!(header("content-type"), Some("application/json"));
        let body = body.bytes(999).await.expect("a body");
        assert_eq!(body, r#"{"model":"m","input":"a \"text\"","encoding_format":"float"}"#);
        assert_eq!(header("content-length"), Some(body.len().to_string().as_str()));
        assert_eq!(head.extensions.get::<Caller>(), Some(&Caller::new("team")));
        assert_eq!(head.extensions.get::<Deployment>(), Some(&Deployment::new("east", "azure", "m")));
        assert!(head.extensions.get::<u8>().is_none(), "what else is known is of the question");
    }

    #[test]
    fn another_model_is_where_this_one_is() {
        let named = Deployment::named_by_client("openai", "gpt-4o");
        assert_eq!(beside(&named, "e"), Deployment::named_by_client("openai", "e"));
    }

    #[test]
    fn paths_keep_their_beginning() {
        for (from, to) in [
            ("/chat/completions", Some("/embeddings")),
            ("/a/v1/chat/completions/", Some("/a/v1/embeddings")),
            ("/v1/completions", Some("/v1/embeddings")),
            ("/v1/responses?a=b", Some("/v1/embeddings")),
            ("/v1/messages", Some("/v1/embeddings")),
            ("http://h:1/v1/messages", Some("http://h:1/v1/embeddings")),
            ("/v1/embeddings", None),
            ("/", None),
        ] {
            let uri = from.parse().expect("an address");
            assert_eq!(address(&uri).map(|uri| uri.to_string()).as_deref(), to, "{from}");
        }
    }

    #[tokio::test]
    async fn what_is_no_single_vector_is_none() {
        let good = |answer: &str| answered(StatusCode::OK, None, answer.as_bytes().to_vec());
        assert!(good(ANSWER).await.is_some());
        for bad in [
            "",
            "[]",
            r#"{"data":[]}"#,
            r#"{"data":[{"embedding":[]}]}"#,
            r#"{"data":[{"embedding":[0,0]}]}"#,
            r#"{"data":[{"embedding":[1e39]}]}"#,
            r#"{"data":[{"embedding":["1"]}]}"#,
            r#"{"data":[{"embedding":"AACAPw=="}]}"#,
            r#"{"data":[{"embedding":[1]},{"embedding":[1]}]}"#,
        ] {
            assert!(good(bad).await.is_none(), "{bad}");
        }
        assert!(answered(StatusCode::TOO_MANY_REQUESTS, None, ANSWER.into()).await.is_none());
        assert!(answered(StatusCode::OK, Some("gzip"), ANSWER.into()).await.is_none(), "no gzip");
        let mut long = ANSWER.as_bytes().to_vec();
        long.resize(MAX_ANSWER + 1, b' ');
        assert!(answered(StatusCode::OK, None, long).await.is_none());
        let failing = service_fn(async |_: Request<Body>| Err::<Response<Body>, _>("away"));
        assert!(embed(failing, "m", "secret", &question("/v1/messages")).await.is_none());
    }

    #[test]
    fn a_direction_is_needed() {
        for vector in [vec![], vec![0.0], vec![f32::NAN, 1.0], vec![1.0, f32::INFINITY], vec![1.0; MAX_DIMENSIONS + 1]]
        {
            assert!(Embedded::new(vector).is_none());
        }
        for vector in [vec![f32::MAX; 3], vec![f32::MIN_POSITIVE / 2.0, 0.0], vec![1.0; MAX_DIMENSIONS]] {
            let point = Embedded::new(vector).expect("a direction");
            let length: f64 = point.coordinates().iter().map(|x| f64::from(*x).powi(2)).sum();
            assert!((length - 1.0).abs() < 1e-4);
        }
    }
}
