//! A question over HTTP, and a bounded answer.

use std::{fmt, future::poll_fn};

use bytes::Bytes;
use http::{
    HeaderValue, Method, Request, Response, StatusCode, Uri,
    header::{ACCEPT_ENCODING, CONTENT_TYPE},
    uri::PathAndQuery,
};
use http_body::Body as HttpBody;
use llm_layers_core::{Body, BoxError, ConfigError, ReadError, encoding};
use tower_service::Service;

/// Why there is no answer. It tells nothing of what was sent or answered.
#[derive(Debug)]
pub(crate) enum AskError {
    Unreachable(BoxError),
    Status(StatusCode),
    Unreadable(ReadError),
}

/// A request that posts this JSON.
pub(crate) fn post(uri: &Uri, body: Bytes) -> Request<Body> {
    let mut request = Request::new(Body::from(body));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = uri.clone();
    request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    request.headers_mut().insert(ACCEPT_ENCODING, encoding::ACCEPTED);
    request
}

/// The body of a successful answer, of at most so many bytes.
pub(crate) async fn ask<S, B>(mut service: S, request: Request<Body>, limit: usize) -> Result<Bytes, AskError>
where
    S: Service<Request<Body>, Response = Response<B>>,
    S::Error: Into<BoxError>,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let unreachable = |error: S::Error| AskError::Unreachable(error.into());
    poll_fn(|cx| service.poll_ready(cx)).await.map_err(unreachable)?;
    let (head, body) = service.call(request).await.map_err(unreachable)?.into_parts();
    if !head.status.is_success() {
        return Err(AskError::Status(head.status));
    }
    let bytes = Body::new(body).bytes(limit).await.map_err(AskError::Unreadable)?;
    encoding::decode(&head.headers, bytes, limit).map_err(AskError::Unreadable)
}

/// Where a service's path is, by the URL that all its paths are below.
pub(crate) fn join(member: &'static str, base_url: &str, path: &str) -> Result<Uri, ConfigError> {
    let wrong = |why| ConfigError::new(member, why);
    let not_http = || wrong("is no URL that begins with http:// or https://");
    let mut parts = base_url.parse::<Uri>().map_err(|_| not_http())?.into_parts();
    if !parts.scheme.as_ref().is_some_and(|scheme| matches!(scheme.as_str(), "http" | "https")) {
        return Err(not_http());
    }
    if parts.authority.as_ref().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err(wrong("holds credentials, which belong into a header"));
    }
    let base = parts.path_and_query.as_ref().map_or("", PathAndQuery::path);
    let joined = PathAndQuery::try_from([base.trim_end_matches('/'), path].concat());
    parts.path_and_query = Some(joined.map_err(|_| not_http())?);
    Uri::from_parts(parts).map_err(|_| not_http())
}

impl fmt::Display for AskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(_) => f.write_str("it cannot be reached"),
            Self::Status(status) => write!(f, "it has answered with status {}", status.as_u16()),
            Self::Unreadable(_) => f.write_str("its answer cannot be read"),
        }
    }
}

impl std::error::Error for AskError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreachable(error) => Some(&**error),
            Self::Unreadable(error) => Some(error),
            Self::Status(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_below_the_base() {
        for (base, joined) in [
            ("http://localhost:3000", "http://localhost:3000/analyze"),
            ("http://localhost:3000/", "http://localhost:3000/analyze"),
            ("https://pii.example/v2/x/?a=b", "https://pii.example/v2/x/analyze"),
        ] {
            assert_eq!(join("url", base, "/analyze").unwrap(), joined);
        }
        for bad in ["", "localhost:3000", "/analyze", "ftp://a.example", "http://user:key@a.example", "http://a b"] {
            let error = join("url", bad, "/analyze").expect_err(bad);
            assert_eq!(error.member(), "url");
            assert!(!error.to_string().contains("key@"), "{error}");
        }
    }
}
