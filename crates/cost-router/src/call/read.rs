use std::sync::Arc;

use http::Request;
use llm_layers_core::{Body, Deployment, Failure, encoding};
use llm_layers_wire::{json::Limits, openai::ChatRequest};

use crate::{Direct, Route, Target, answer::Name, errors, headers::Directives, layer::Settings};

/// What a request asks for.
pub(super) enum Asked {
    /// One deployment.
    Deployment(Named),
    /// An alias, and what else the request says of who may answer.
    Alias { route: Arc<Route>, directives: Directives },
}

/// A deployment that is asked for by its name.
pub(super) struct Named {
    pub(super) deployment: Deployment,
    /// What counts its calls, if it is one of the routes'.
    pub(super) counted: Option<Direct>,
    /// The name in the answer, if it is to be another than the provider's.
    pub(super) name: Option<Name>,
}

impl Asked {
    /// Whether somebody looks into the answer: it must not come compressed.
    pub(super) const fn is_read(&self) -> bool {
        match self {
            Self::Deployment(named) => named.name.is_some(),
            Self::Alias { .. } => true,
        }
    }
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
            let other = settings.other(&model).ok_or_else(|| errors::unknown(&model))?;
            return of_another_name(settings, &directives, other).map(Asked::Deployment);
        }
    };
    allowed(settings, &directives, &direct)?;
    let deployment = direct.deployment().clone();
    // Who asks for a model by its own id is told its version, as the provider has it.
    let is_renamed = settings.restores_model && deployment.name() != deployment.model();
    let name = is_renamed.then(|| direct.name_in_answers().clone());
    Ok(Asked::Deployment(Named { deployment, counted: Some(direct), name }))
}

/// A deployment that is asked for by other words than its name, or is none of the routes'.
fn of_another_name(settings: &Settings, directives: &Directives, deployment: Deployment) -> Result<Named, Failure> {
    let Some(direct) = settings.engine.same_as(&deployment) else {
        if directives.constraints.is_some() {
            allowed(settings, directives, &settings.engine.other(deployment.clone()))?;
        }
        return Ok(Named { deployment, counted: None, name: None });
    };
    allowed(settings, directives, &direct)?;
    Ok(Named { deployment: direct.deployment().clone(), counted: Some(direct), name: None })
}

/// Whom a deployment is kept for, and what a request says of who may answer, hold where it asks for one, too.
fn allowed(settings: &Settings, directives: &Directives, direct: &Direct) -> Result<(), Failure> {
    let Directives { class, constraints } = directives;
    match direct.refused_by(*class, constraints.as_ref(), || settings.clock.now()) {
        None => Ok(()),
        Some(constraint) => Err(errors::refused(direct.deployment(), &constraint)),
    }
}

async fn decode(request: &mut Request<Body>) -> Result<(), Failure> {
    let (mut head, mut body) = std::mem::take(request).into_parts();
    let decoded = encoding::decode_request(&mut head.headers, &mut body, Limits::DEFAULT.max_bytes).await;
    *request = Request::from_parts(head, body);
    Ok(decoded?)
}
