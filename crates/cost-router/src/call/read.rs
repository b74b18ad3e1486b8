use std::sync::Arc;

use http::Request;
use llm_layers_core::{Body, Deployment, Failure, encoding, head};
use llm_layers_wire::{json::Limits, openai::ChatRequest};

use crate::{Constraints, Direct, Route, Target, answer::Name, errors, headers::Directives, layer::Settings};

/// What a request asks for.
pub(super) enum Asked {
    /// One deployment.
    Deployment {
        deployment: Deployment,
        /// The name in the answer, if it is to be another than the provider's.
        name: Option<Name>,
    },
    /// An alias, and what else the request says of who may answer.
    Alias { route: Arc<Route>, directives: Directives },
}

/// Reads what a request asks for. Its body is split, and decoded, from here on.
pub(super) async fn read(settings: &Settings, request: &mut Request<Body>) -> Result<Asked, Failure> {
    let directives = Directives::take(request.headers_mut())?;
    if encoding::is_encoded(request.headers()) {
        decode(request).await?;
    }
    let object = request.body_mut().object(&Limits::DEFAULT).await?;
    let model = ChatRequest::new(object).model()?.ok_or_else(errors::no_model)?;
    let direct = match settings.engine.resolve(&model) {
        Some(Target::Alias(route)) => return Ok(Asked::Alias { route, directives }),
        Some(Target::Deployment(direct)) => direct,
        None => {
            let other = settings.others.as_ref().and_then(|resolve| resolve(&model));
            let deployment = other.ok_or_else(|| errors::unknown(&model))?;
            allowed(directives.constraints.as_ref(), || Direct::other(deployment.clone()))?;
            return Ok(Asked::Deployment { deployment, name: None });
        }
    };
    allowed(directives.constraints.as_ref(), || direct.clone())?;
    let deployment = direct.deployment().clone();
    // Who asks for a model by its own id is told its version, as the provider has it.
    let is_renamed = settings.restores_model && *model != *deployment.model();
    Ok(Asked::Deployment { name: is_renamed.then(|| Name::new(&model)), deployment })
}

/// What a request says of who may answer holds where it asks for somebody, too.
fn allowed(constraints: Option<&Constraints>, direct: impl FnOnce() -> Direct) -> Result<(), Failure> {
    let Some(constraints) = constraints else { return Ok(()) };
    let direct = direct();
    match direct.refused_by(constraints) {
        None => Ok(()),
        Some(constraint) => {
            let message = format!("`{}` may not answer this request: {constraint}.", direct.deployment().name());
            Err(errors::nothing_left(message, true))
        }
    }
}

async fn decode(request: &mut Request<Body>) -> Result<(), Failure> {
    let limit = Limits::DEFAULT.max_bytes;
    let bytes = request.body_mut().bytes(limit).await?;
    let plain = Body::from(encoding::decode(request.headers(), bytes, limit)?);
    head::body_replaced(request.headers_mut(), &plain);
    *request.body_mut() = plain;
    Ok(())
}
