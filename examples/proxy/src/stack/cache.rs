//! Forgetting what is cached: `DELETE /cache`, `/cache/namespaces/NAME` and `/cache/keys/KEY`. Callers reach what is theirs
//! and nothing else.

use std::time::Duration;

use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, header::CONTENT_TYPE};
use llm_layers_cache::{CacheHandle, Purge};
use llm_layers_core::{Body, Failure, Rejection};
use llm_layers_wire::openai;
use percent_encoding::percent_decode_str;
use tokio::sync::Semaphore;

static TURN: Semaphore = Semaphore::const_new(1);

const NAMESPACE: HeaderName = HeaderName::from_static("x-llm-cache-namespace");

pub(super) fn is_purge(request: &Request<Body>) -> bool {
    let path = request.uri().path();
    *request.method() == Method::DELETE && (path == "/cache" || path.starts_with("/cache/"))
}

pub(super) async fn purge(cache: Option<CacheHandle>, request: Request<Body>) -> Response<Body> {
    match forget(cache, request).await {
        Ok(entries) => told(entries),
        Err(failure) => failure.into_response(),
    }
}

async fn forget(cache: Option<CacheHandle>, request: Request<Body>) -> Result<Option<u64>, Failure> {
    let Some(cache) = cache else {
        return Err(Failure::not_found("There is no cache here: it is switched off.").with_code("cache_disabled"));
    };
    let (head, _) = request.into_parts();
    let Some(tenant) = cache.tenant_of(&head) else { return Ok(Some(0)) };
    let path = head.uri.path();
    let what = if path == "/cache" {
        Purge::Tenant(tenant)
    } else if let Some(name) = path.strip_prefix("/cache/namespaces/") {
        let name = percent_decode_str(name).decode_utf8_lossy();
        Purge::Namespace(tenant, cache.namespace(&name))
    } else if let Some(key) = path.strip_prefix("/cache/keys/") {
        let namespace = head.headers.get(NAMESPACE).and_then(|name| name.to_str().ok()).unwrap_or_default();
        let key = cache.key(tenant, cache.namespace(namespace), key);
        Purge::Key(key.ok_or_else(|| {
            Failure::bad_request("The key must be 64 hexadecimal digits, as `x-llm-cache-key` tells them.")
                .with_param("key")
        })?)
    } else {
        return Err(Failure::not_found("There are /cache, /cache/namespaces/NAME and /cache/keys/KEY to be deleted."));
    };
    // To go through all there is costs as much for everybody: one at a time.
    let Ok(_turn) = TURN.try_acquire() else {
        let error = openai::Error::new("requests", "Another purge is under way.").with_code("rate_limit_exceeded");
        let failure = Failure::new(StatusCode::TOO_MANY_REQUESTS, error).with_rejection(Rejection::Limited);
        return Err(failure.with_retry_after(Duration::from_secs(1)));
    };
    cache.purge(what).await.map_err(|_| {
        let message = "The store of the cache cannot be asked at the moment.";
        let error = openai::Error::new("service_unavailable_error", message).with_code("cache_unavailable");
        Failure::new(StatusCode::SERVICE_UNAVAILABLE, error).with_rejection(Rejection::Limited)
    })
}

fn told(entries: Option<u64>) -> Response<Body> {
    let entries = entries.map_or("null".to_owned(), |entries| entries.to_string());
    let mut response = Response::new(Body::from(format!(r#"{{"object":"cache.purged","entries":{entries}}}"#)));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
