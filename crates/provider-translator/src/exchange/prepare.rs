//! The request, as it goes to the provider.

use std::sync::Arc;

use http::{
    HeaderValue, Request, Uri, Version,
    header::{CONTENT_ENCODING, CONTENT_TYPE},
    request,
};
use llm_layers_core::{Body, Caller, Deployment, Failure, Operation, encoding, head};
use llm_layers_wire::{json::Object, openai};

use super::{One, Prepared, Reading, keyed::Affinity, split};
use crate::{
    Dialect, Provider,
    claude::{self, Kind},
    format::{Call, Format, Outgoing, unsupported},
    framing::Framing,
    headers,
    inbound::WasInbound,
    layer::Settings,
    memory::{Owner, Remember, recall},
    observe, openai as openai_dialect,
    provider::{Compatible, Wire},
};

/// What is said to the provider, before it is told who says it.
struct Said {
    reading: Reading,
    more: Vec<Further>,
    warnings: Option<HeaderValue>,
}

/// A further call for the same request, beside the first.
struct Further {
    uri: Uri,
    body: Body,
    reading: Reading,
}

impl Said {
    const fn once(reading: Reading) -> Self {
        Self { reading, more: Vec::new(), warnings: None }
    }
}

/// Makes head and body what the provider is to get. A body that is refused is let come to its end.
pub(super) async fn prepare(one: &One<'_>, head: &mut request::Parts, body: &mut Body) -> Result<Prepared, Failure> {
    let awaits_continue = head::awaits_continue(&head.headers);
    let failure = match translate(one, head, body).await {
        Ok(prepared) => return Ok(prepared),
        Err(failure) => failure,
    };
    observe::refused(one.provider, one.operation, failure.status());
    Box::pin(body.discard_refused(awaits_continue)).await;
    Err(failure)
}

async fn translate(one: &One<'_>, head: &mut request::Parts, body: &mut Body) -> Result<Prepared, Failure> {
    let One { settings, provider, operation } = *one;
    plain(settings, head, body).await?;
    if operation != Operation::Models && provider.auth().several().is_some() {
        let affinity = Affinity::of(body.object(&settings.request_limits).await?);
        if let Some(affinity) = affinity {
            head.extensions.insert(affinity);
        }
    }
    // Of the three the first is small, and the others are boxed to keep its future so.
    let Said { reading, more, warnings } = match provider.wire() {
        Wire::Compatible(_) if operation == Operation::Message => return Err(unsupported(provider.name(), operation)),
        Wire::Compatible(wire) => compatible(settings, provider, wire, operation, head, body).await?,
        Wire::Other(format) if operation == Operation::Message => {
            Box::pin(messages(settings, provider, &**format, Kind::Message, head, body)).await?
        }
        Wire::Other(format) => Box::pin(other(settings, provider, &**format, operation, head, body)).await?,
    };
    match operation {
        Operation::Message => provider.add_native_headers(&mut head.headers),
        _ => provider.add_headers(&mut head.headers),
    }
    let further = |Further { uri, body, reading }| {
        let mut head = head.clone();
        head.uri = uri;
        head::body_replaced(&mut head.headers, &body);
        (Request::from_parts(head, body), reading)
    };
    let more = more.into_iter().map(further).collect();
    provider.auth().authorize(head, body, &settings.clock, provider.name()).await?;
    Ok(Prepared { reading, more, warnings })
}

/// Makes head and body of a count of tokens what whoever serves Claude is to get.
pub(super) async fn count(
    settings: &Settings,
    provider: &Arc<Provider>,
    head: &mut request::Parts,
    body: &mut Body,
) -> Result<Reading, Failure> {
    let Wire::Other(format) = provider.wire() else { return Err(unsupported(provider.name(), Operation::Message)) };
    plain(settings, head, body).await?;
    let Said { reading, .. } = messages(settings, provider, &**format, Kind::Count, head, body).await?;
    provider.add_native_headers(&mut head.headers);
    provider.auth().authorize(head, body, &settings.clock, provider.name()).await?;
    Ok(reading)
}

/// Undoes what the way here has done to a request.
async fn plain(settings: &Settings, head: &mut request::Parts, body: &mut Body) -> Result<(), Failure> {
    // The version that the client came by is its own; hyper's client refuses HTTP/2 over an HTTP/1 connection.
    head.version = Version::HTTP_11;
    if head.headers.contains_key(CONTENT_ENCODING) {
        // Boxed, to keep the future of all other calls small.
        Box::pin(encoding::decode_request(&mut head.headers, body, settings.request_limits.max_bytes)).await?;
    }
    Ok(())
}

/// The model's id changes, and whatever the provider does otherwise than OpenAI.
async fn compatible(
    settings: &Settings,
    provider: &Arc<Provider>,
    wire: &Compatible,
    operation: Operation,
    head: &mut request::Parts,
    body: &mut Body,
) -> Result<Said, Failure> {
    let is_inbound = head.extensions.get::<WasInbound>().is_some();
    forward(provider, operation, head)?;
    if operation == Operation::Models {
        return Ok(Said::once(Reading::Compatible(None)));
    }
    let model = head.extensions.get::<Deployment>().map(Deployment::model);
    let object = body.object(&settings.request_limits).await?;
    let ready = openai_dialect::request(object, model, operation, provider, wire.quirks(), is_inbound)?;
    if let Some(uri) = object.text("model").and_then(|model| provider.model_uri(operation, &model)) {
        head.uri = uri;
    }
    let reading = || match ready.reader(settings) {
        openai_dialect::Reader::None => Reading::Compatible(None),
        openai_dialect::Reader::Stream(repair) => Reading::Compatible(Some(repair)),
        openai_dialect::Reader::Whole(repair) => Reading::Other(Framing::Sse, repair),
    };
    let copy = |choice| Further {
        uri: head.uri.clone(),
        body: Body::from(split::copy(object, choice).to_bytes()),
        reading: reading(),
    };
    let more = (1..ready.copies).map(copy).collect();
    let (reading, warnings, is_edited) = (reading(), ready.warnings, object.is_edited());
    settle(is_edited, head, body);
    Ok(Said { reading, more, warnings })
}

/// The call is in Anthropic's own words, and stays so.
async fn messages(
    settings: &Settings,
    provider: &Arc<Provider>,
    format: &dyn Format,
    kind: Kind,
    head: &mut request::Parts,
    body: &mut Body,
) -> Result<Said, Failure> {
    let model = head.extensions.get::<Deployment>().map(Deployment::model).filter(|model| !model.is_empty());
    let object = body.object(&settings.request_limits).await?;
    openai_dialect::set_model(object, model);
    let model = openai::ChatRequest::new(object).model()?.unwrap_or_default().into_owned();
    let (provider_name, headers) = (provider.shared_name(), &mut head.headers);
    let mut call = claude::Call { kind, model: &model, provider: provider_name, object, headers };
    let claude::Outgoing { path, stream } = format.messages(&mut call)?;
    // Anthropic's SDK says there whether it is a beta, and hosts with paths of their own would not know it.
    let is_own = provider.dialect() == Dialect::Anthropic;
    let query = head.uri.query().filter(|_| is_own).map(|query| format!("?{query}")).unwrap_or_default();
    let uri = provider.uri(&format!("{path}{query}"));
    head.uri = uri.ok_or_else(|| Failure::bad_request("The path is too long."))?;
    // Whoever serves Claude knows Anthropic's headers; what a host is told otherwise is not among them any more.
    headers::clean_request(&mut head.headers, Dialect::Anthropic);
    settle(object.is_edited(), head, body);
    Ok(Said::once(Reading::Messages(stream)))
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
) -> Result<Said, Failure> {
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
    let batches = match operation {
        Operation::Embedding => split::batches(object, format.most_texts(&model))?,
        _ => Vec::new(),
    };
    let mut batches = batches.into_iter();
    let first = format.call(&Call { object: batches.next().as_ref().unwrap_or(object), ..call })?;
    let copies = (1..first.copies).map(|choice| split::copy(object, choice));
    // An answer is read by what was made of its request, and so each has one of its own.
    let reading = |framing, answer| Reading::Other(framing, Remember::wrap(answer, &settings.memory, &owner));
    let uri = |path: &str| {
        let no_uri = || Failure::bad_request("The model's name cannot be part of a URL.").with_param("model");
        provider.uri(path).ok_or_else(no_uri)
    };
    let mut more = Vec::new();
    for object in batches.chain(copies) {
        let Outgoing { path, body, framing, answer, .. } = format.call(&Call { object: &object, ..call })?;
        more.push(Further { uri: uri(&path)?, body: Body::from(body), reading: reading(framing, answer) });
    }
    let Outgoing { method, path, headers: own, body: said, warnings, framing, answer, copies: _ } = first;
    let answer = match operation {
        Operation::Models => super::model::picked(&head.uri, answer, provider.shared_name()),
        _ => answer,
    };
    head.method = method;
    head.uri = uri(&path)?;
    *body = Body::from(said);
    headers::clean_request(&mut head.headers, provider.dialect());
    head::body_replaced(&mut head.headers, body);
    head.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in own {
        head.headers.insert(name, value);
    }
    Ok(Said { reading: reading(framing, answer), more, warnings: warnings.into_header() })
}
