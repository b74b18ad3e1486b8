//! Rules of what passes through unharmed.

use super::{BoxError, Checked, Trial, trial::exchange};
use crate::contract::{Probe, ProbeError};
use bytes::Bytes;
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Request, Response};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

const UNKNOWN: HeaderName = HeaderName::from_static("x-testkit-unknown");
const VALUES: [HeaderValue; 2] = [HeaderValue::from_static("one"), HeaderValue::from_static("two")];

#[derive(Clone, Debug, PartialEq)]
struct Mark(u32);

pub(in crate::contract) async fn error_passed_on<L, MR, B, RB>(
    trial: Trial<'_, L, MR>,
    errors_become_answers: bool,
) -> Checked
where
    L: Layer<Probe>,
    L::Service: Service<Request<B>, Response = Response<RB>> + Clone,
    <L::Service as Service<Request<B>>>::Error: Into<BoxError>,
    MR: Fn() -> Request<B>,
{
    let mut service = trial.service.clone();
    trial.probe.fail_calls();
    let work = exchange(&mut service, trial.request());
    let outcome = trial.within("the inner call failed, and the layer waits on", work).await?;
    trial.reached()?;
    match outcome {
        Err(error) if error.downcast_ref::<ProbeError>() == Some(&ProbeError::Call) => Ok(()),
        Err(error) => Err(trial.broken(format!(
            "the inner call failed with `ProbeError::Call`, and the layer with another error, \"{error}\""
        ))),
        Ok(response) if errors_become_answers && response.status().is_server_error() => Ok(()),
        Ok(response) => Err(trial.broken(format!(
            "the inner call failed, and the layer answered {}. Where it turns errors into answers on purpose, \
             say so by `errors_become_answers`",
            response.status()
        ))),
    }
}

pub(in crate::contract) async fn request_kept<L, MR, B, RB>(trial: Trial<'_, L, MR>) -> Checked
where
    L: Layer<Probe>,
    L::Service: Service<Request<B>, Response = Response<RB>> + Clone,
    <L::Service as Service<Request<B>>>::Error: Into<BoxError>,
    MR: Fn() -> Request<B>,
{
    let mut service = trial.service.clone();
    let mut request = trial.request();
    mark_extensions(request.extensions_mut());
    mark_headers(request.headers_mut());
    let work = exchange(&mut service, request);
    let outcome = trial.within("an untroubled call did not end", work).await?;
    trial.reached()?;
    outcome.map_err(|error| trial.broken(format!("an untroubled call failed with \"{error}\"")))?;
    let seen = trial.probe.requests();
    seen.iter()
        .find_map(|request| lost(&request.parts.extensions, &request.parts.headers))
        .map_or(Ok(()), |lost| Err(trial.broken(format!("the request lost {lost}"))))
}

pub(in crate::contract) async fn response_kept<L, MR, B, RB>(trial: Trial<'_, L, MR>) -> Checked
where
    L: Layer<Probe>,
    L::Service: Service<Request<B>, Response = Response<RB>> + Clone,
    <L::Service as Service<Request<B>>>::Error: Into<BoxError>,
    MR: Fn() -> Request<B>,
    RB: Body<Data = Bytes>,
{
    let usual = trial.probe.answer();
    trial.probe.answer_with(move || {
        let mut response = (usual.0)();
        mark_extensions(response.extensions_mut());
        mark_headers(response.headers_mut());
        response
    });
    let mut service = trial.service.clone();
    let work = exchange(&mut service, trial.request());
    let outcome = trial.within("an untroubled call did not end", work).await?;
    trial.reached()?;
    let response = outcome.map_err(|error| trial.broken(format!("an untroubled call failed with \"{error}\"")))?;
    lost(response.extensions(), response.headers())
        .map_or(Ok(()), |lost| Err(trial.broken(format!("the response lost {lost}"))))
}

fn mark_extensions(extensions: &mut Extensions) {
    extensions.insert(Mark(7));
}

fn mark_headers(headers: &mut HeaderMap) {
    for value in VALUES {
        headers.append(UNKNOWN, value);
    }
}

/// What is no longer there, in words.
fn lost(extensions: &Extensions, headers: &HeaderMap) -> Option<String> {
    if extensions.get() != Some(&Mark(7)) {
        return Some("an extension that the layer does not know".into());
    }
    let got: Vec<_> = headers.get_all(UNKNOWN).iter().collect();
    (got != VALUES.each_ref())
        .then(|| format!("values of a header that the layer does not know: `{UNKNOWN}` was one, two and is {got:?}"))
}
