//! The request, as it goes to the provider.

use std::sync::Arc;

use http::{HeaderValue, Version, header::CONTENT_TYPE, request};
use llm_layers_core::{Body, Caller, Deployment, Failure, Operation, encoding, head};
use llm_layers_wire::{json::Object, openai};

use super::{Prepared, Reading};
use crate::{
    Provider,
    format::{Call, Format, Outgoing, unsupported},
    framing::Framing,
    headers,
    inbound::WasInbound,
    layer::Settings,
    memory::{Owner, Remember, recall},
    openai as openai_dialect,
    provider::{Compatible, Wire},
};

/// Makes head and body what the provider is to get.
pub(super) async fn prepare(
    settings: &Settings,
    provider: &Arc<Provider>,
    operation: Operation,
    head: &mut request::Parts,
    body: &mut Body,
) -> Result<Prepared, Failure> {
    // The version that the client came by is its own; hyper's client refuses HTTP/2 over an HTTP/1 connection.
    head.version = Version::HTTP_11;
    let encoded = encoding::is_encoded(&head.headers);
    if encoded {
        let limit = settings.request_limits.max_bytes;
        let plain = encoding::decode(&head.headers, body.bytes(limit).await?, limit)?;
        *body = Body::from(plain);
        head::body_replaced(&mut head.headers, body);
    }
    let prepared = match provider.wire() {
        Wire::Compatible(_) if operation == Operation::Message => return Err(unsupported(provider.name(), operation)),
        Wire::Compatible(wire) => compatible(settings, provider, wire, operation, head, body).await?,
        Wire::Other(format) => match format.native_path(operation) {
            Some(path) => native(settings, provider, path, operation, head, body).await?,
            None => other(settings, provider, &**format, operation, head, body).await?,
        },
    };
    provider.add_headers(&mut head.headers);
    provider.auth().authorize(head, body, &settings.clock, provider.name()).await?;
    Ok(prepared)
}

/// The model's id changes, and whatever the provider does otherwise than OpenAI.
async fn compatible(
    settings: &Settings,
    provider: &Arc<Provider>,
    wire: &Compatible,
    operation: Operation,
    head: &mut request::Parts,
    body: &mut Body,
) -> Result<Prepared, Failure> {
    let is_inbound = head.extensions.get::<WasInbound>().is_some();
    forward(provider, operation, head)?;
    if operation == Operation::Models {
        return Ok(Prepared::one(Reading::Compatible(None)));
    }
    let model = head.extensions.get::<Deployment>().map(Deployment::model);
    let object = body.object(&settings.request_limits).await?;
    let ready = openai_dialect::request(object, model, operation, provider, wire.quirks(), is_inbound)?;
    if let Some(uri) = object.text("model").and_then(|model| provider.model_uri(operation, &model)) {
        head.uri = uri;
    }
    settle(object.is_edited(), head, body);
    let reading = || match ready.reader(settings) {
        openai_dialect::Reader::None => Reading::Compatible(None),
        openai_dialect::Reader::Stream(repair) => Reading::Compatible(Some(repair)),
        openai_dialect::Reader::Whole(repair) => Reading::Other(Framing::Sse, repair),
    };
    let more = (1..ready.copies).map(|_| reading()).collect();
    Ok(Prepared { reading: reading(), more, warnings: ready.warnings })
}

/// The call is in the provider's own format: at most the model's id changes.
async fn native(
    settings: &Settings,
    provider: &Arc<Provider>,
    path: &str,
    operation: Operation,
    head: &mut request::Parts,
    body: &mut Body,
) -> Result<Prepared, Failure> {
    let uri = provider.uri(&format!("{path}{}", headers::tail(&head.uri, operation)));
    head.uri = uri.ok_or_else(|| unsupported(provider.name(), operation))?;
    headers::clean_request(&mut head.headers, provider.dialect());
    let model = head.extensions.get::<Deployment>().map(Deployment::model);
    let object = body.object(&settings.request_limits).await?;
    openai_dialect::set_model(object, model);
    settle(object.is_edited(), head, body);
    Ok(Prepared::one(Reading::Native))
}

fn forward(provider: &Provider, operation: Operation, head: &mut request::Parts) -> Result<(), Failure> {
    let tail = headers::tail(&head.uri, operation);
    let uri = provider.operation_uri(operation, tail);
    head.uri = uri.ok_or_else(|| unsupported(provider.name(), operation))?;
    headers::clean_request(&mut head.headers, provider.dialect());
    Ok(())
}

fn settle(edited: bool, head: &mut request::Parts, body: &Body) {
    if edited {
        head::body_replaced(&mut head.headers, body);
    } else {
        head::set_content_length(&mut head.headers, body.content_length());
    }
}

/// The call is said in another format.
async fn other(
    settings: &Settings,
    provider: &Arc<Provider>,
    format: &dyn Format,
    operation: Operation,
    head: &mut request::Parts,
    body: &mut Body,
) -> Result<Prepared, Failure> {
    let deployed = head.extensions.get::<Deployment>().map(Deployment::model);
    let empty = Object::new();
    let caller = head.extensions.get::<Caller>().map(Caller::name);
    let owner = Owner::new(provider.name(), caller);
    let object = if operation == Operation::Models {
        &empty
    } else {
        let object = body.object(&settings.request_limits).await?;
        if operation == Operation::ChatCompletion {
            let room = settings.request_limits.max_bytes.saturating_sub(object.text_len());
            recall(object, &settings.memory, &owner, room);
        }
        object
    };
    let asked = openai::ChatRequest::new(object).model()?;
    let model = match (deployed, asked) {
        (Some(model), _) => model.into(),
        (None, Some(asked)) => asked,
        (None, None) if operation == Operation::Models => "".into(),
        (None, None) => return Err(Failure::bad_request("`model` is missing.").with_param("model")),
    };
    let call = Call {
        operation,
        object,
        model: &model,
        provider: provider.shared_name(),
        strict: provider.is_strict(),
        default_max_tokens: settings.default_max_tokens,
        clock: settings.clock,
        rng: &settings.rng,
    };
    let Outgoing { method, path, headers: own, body: said, warnings, framing, answer, copies } = format.call(&call)?;
    let answer = match operation {
        Operation::Models => super::model::picked(&head.uri, answer, provider.shared_name()),
        _ => answer,
    };
    // An answer is read by what was made of its request, and so each has one of its own.
    let reading = |framing, answer| Reading::Other(framing, Remember::wrap(answer, &settings.memory, &owner));
    let again = |_| format.call(&call).map(|outgoing| reading(outgoing.framing, outgoing.answer));
    let more = (1..copies).map(again).collect::<Result<_, _>>()?;
    head.method = method;
    head.uri = provider
        .uri(&path)
        .ok_or_else(|| Failure::bad_request("The model's name cannot be part of a URL.").with_param("model"))?;
    *body = Body::from(said);
    headers::clean_request(&mut head.headers, provider.dialect());
    head::body_replaced(&mut head.headers, body);
    head.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in own {
        head.headers.insert(name, value);
    }
    Ok(Prepared { reading: reading(framing, answer), more, warnings: warnings.into_header() })
}
