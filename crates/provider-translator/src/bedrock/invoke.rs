//! Claude by InvokeModel: Anthropic's own messages, in Bedrock's wrapping.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use llm_layers_core::{BoxError, Failure};
use llm_layers_wire::{openai::ChatRequest, sse};
use serde::Deserialize;

use super::{errors, unframed::Unframed};
use crate::{
    ApiVersion,
    anthropic::{self, Host},
    claude,
    errors::not_an_answer,
    format::{Call, Outgoing},
    framing::Framing,
    params,
    translate::{Flow, Translate},
};

/// Bedrock's name of 2023-06-01, Anthropic's oldest version.
const VERSION: &str = "bedrock-2023-05-31";

/// What a call costs and how soon it is answered, by Bedrock's name for it.
static TIER: HeaderName = HeaderName::from_static("x-amzn-bedrock-service-tier");

static BETA: HeaderName = HeaderName::from_static("anthropic-beta");

/// Says a call as Anthropic would be told it.
pub(super) fn call(call: &Call<'_>) -> Result<Outgoing, Failure> {
    let (body, mut warnings, inner) = anthropic::request(call, ApiVersion::V2023_06_01, Host::Bedrock)?;
    let stream = ChatRequest::new(call.object).is_stream()?;
    let path = super::path(call.model, if stream { "invoke-with-response-stream" } else { "invoke" })?;
    let tier = super::service_tier(call.object, &mut warnings)?;
    let answer = Invoked { inner, spoken: false, provider: Arc::clone(call.provider) };
    let mut outgoing = Outgoing::post(path, body, warnings, Box::new(answer));
    outgoing.framing = Framing::Aws;
    outgoing.copies = params::copies(call.object)?;
    outgoing.headers.extend(tier.map(|tier| (TIER.clone(), HeaderValue::from_static(tier))));
    Ok(outgoing)
}

/// Makes a call in Anthropic's own words what InvokeModel takes.
pub(super) fn messages(call: &mut claude::Call<'_>) -> Result<claude::Outgoing, Failure> {
    let stream = call.is_stream()?;
    let path = super::path(call.model, if stream { "invoke-with-response-stream" } else { "invoke" })?;
    call.object.remove("model");
    call.object.remove("stream");
    call.put_version(VERSION);
    put_betas(call);
    let unframed: Box<dyn Translate> = Box::new(Unframed::new(call.provider));
    Ok(claude::Outgoing { path, stream: stream.then_some((Framing::Aws, unframed)) })
}

/// Says in the body what betas a header names, unless the body names some itself.
fn put_betas(call: &mut claude::Call<'_>) {
    let given = call.headers.get_all(&BETA).iter().filter_map(|value| value.to_str().ok());
    let given = given.flat_map(|value| value.split(',')).map(str::trim).filter(|name| !name.is_empty());
    let betas: Vec<String> = given.map(str::to_owned).collect();
    call.headers.remove(&BETA);
    if !betas.is_empty() && call.object.get("anthropic_beta").is_none_or(|given| given == b"null") {
        call.object.set("anthropic_beta", &betas);
    }
}

/// Unwraps the events of Anthropic's from Bedrock's.
struct Invoked {
    inner: anthropic::Answer,
    spoken: bool,
    provider: Arc<str>,
}

impl Translate for Invoked {
    fn whole(self: Box<Self>, body: Bytes) -> Result<Bytes, Failure> {
        Box::new(self.inner).whole(body)
    }

    fn event(&mut self, event: sse::Event, out: &mut Vec<sse::Event>) -> Flow {
        let name = event.name().and_then(|name| std::str::from_utf8(name).ok()).unwrap_or_default();
        let data = event.data().unwrap_or_default();
        let flow = match name {
            "chunk" => match unwrap(data) {
                Some(data) => self.inner.event(sse::Event::new(data), out),
                None => Flow::Failed(not_an_answer("a chunk without bytes", &self.provider)),
            },
            name if errors::is_exception(name) => Flow::Failed(errors::in_stream(name, data, &self.provider)),
            _ if self.spoken => Flow::Going,
            _ => Flow::Opening,
        };
        self.spoken |= matches!(flow, Flow::Going);
        flow
    }

    fn end(&mut self, error: Option<BoxError>, out: &mut Vec<sse::Event>) -> Flow {
        match self.inner.end(None, out) {
            Flow::Failed(_) => Flow::Failed(errors::broken(error, &self.provider)),
            flow => flow,
        }
    }
}

/// What a chunk holds: an event of Anthropic's.
pub(super) fn unwrap(data: &[u8]) -> Option<Vec<u8>> {
    #[derive(Deserialize)]
    struct Chunk<'a> {
        #[serde(borrow)]
        bytes: std::borrow::Cow<'a, str>,
    }
    let chunk: Chunk<'_> = serde_json::from_slice(data).ok()?;
    STANDARD.decode(chunk.bytes.as_bytes()).ok()
}
