use http::Request;
use http_body::Body as _;
use llm_layers_core::{Body, Failure, ReadError, head};

/// Reads the body, so that the request can be sent more than once; a body longer than `max` stays a stream.
///
/// What is in memory already is replayed whatever its length: it costs no more.
pub(crate) async fn read(request: &mut Request<Body>, max: usize) -> Result<(), Failure> {
    if request.body().is_replayable() || request.body().size_hint().lower() > max as u64 {
        return Ok(());
    }
    // The client has gone, or lied about a length: no provider is to blame.
    request.body_mut().read_ahead(max).await.map_err(|error| Failure::from(ReadError::Body(error)))?;
    if request.body().is_replayable() {
        let length = request.body().content_length();
        head::set_content_length(request.headers_mut(), length);
    }
    Ok(())
}

/// The request once more, with all that layers have told each other by its extensions. `None` if its body is a stream.
pub(crate) fn clone(request: &Request<Body>) -> Option<Request<Body>> {
    let mut clone = Request::new(request.body().try_clone()?);
    request.method().clone_into(clone.method_mut());
    request.uri().clone_into(clone.uri_mut());
    *clone.version_mut() = request.version();
    request.headers().clone_into(clone.headers_mut());
    request.extensions().clone_into(clone.extensions_mut());
    Some(clone)
}
