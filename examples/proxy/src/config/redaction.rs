//! `[layers.pii_redaction]`: what must not leave, and who else is asked for it.

use std::{fmt, sync::Arc};

use http::{Request, Response, Uri};
use llm_layers_core::{Body, BoxError, ConfigError, Secret};
use llm_layers_pii_redaction::{Config, External, KeyConfig, LlmConfig, PresidioConfig, RedactLayer};
use tower::service_fn;
use tower_service::Service;

use super::node::{Members, Node};
use super::provider::Reach;
use super::report::Report;

/// What must not leave, and who else is asked for it.
#[derive(Clone, Debug)]
pub struct Redaction {
    /// The layer, without those who are asked over the network.
    pub layer: RedactLayer,
    /// Those.
    pub outside: Vec<Outside>,
    /// Whether the same value has the same placeholder in each call.
    pub has_key: bool,
}

/// A detector that is asked over the network.
#[derive(Clone)]
pub struct Outside {
    /// A name for the connections to it.
    pub name: Arc<str>,
    /// Where it is.
    pub base_url: Uri,
    /// What may be reached there.
    pub reach: Reach,
    kind: Kind,
}

#[derive(Clone)]
enum Kind {
    Presidio(PresidioConfig),
    Llm(LlmConfig),
}

/// A client whose type none of the detectors cares for.
pub(crate) trait Client:
    Service<Request<Body>, Response = Response<Body>, Future: Send, Error: Into<BoxError>> + Clone + Send + Sync + 'static
{
}

impl<S> Client for S where
    S: Service<Request<Body>, Response = Response<Body>, Future: Send, Error: Into<BoxError>>
        + Clone
        + Send
        + Sync
        + 'static
{
}

/// Reads the table.
pub(super) fn read(node: &Node<'_>, members: &mut Members<'_>, report: &mut Report<'_>) -> Option<Redaction> {
    let key = members.get("key").and_then(|node| self::key(&node, report));
    let presidio = members.get("presidio").and_then(|node| self::presidio(&node, report));
    let llm = members.get("llm").and_then(|node| self::llm(&node, report));
    let has_key = key.is_some();
    let with_key = |config: &mut Config| {
        config.key = key.map(KeyConfig);
        // The layer alone lets pass what it does not know; a whole proxy must not be a way around it.
        config.other_calls.get_or_insert("block".to_owned());
    };
    let layer = node.settings_with::<Config, RedactLayer>(&["enabled", "key", "presidio", "llm"], with_key, report)?;
    Some(Redaction { layer, outside: presidio.into_iter().chain(llm).collect(), has_key })
}

/// A key that nobody finds by trying. Its place is known here alone.
fn key(node: &Node<'_>, report: &mut Report<'_>) -> Option<Secret> {
    let key = node.secret(report)?;
    if key.expose().len() < Config::SHORTEST_KEY {
        let message = format!("a key has at least {} characters", Config::SHORTEST_KEY);
        report.error(&node.place, message, "draw one: `openssl rand -hex 32`; see docs/pii-redaction.md");
        return None;
    }
    Some(key)
}

fn presidio(node: &Node<'_>, report: &mut Report<'_>) -> Option<Outside> {
    let mut members = node.table("presidio = { url = \"http://127.0.0.1:3000\" }", report)?;
    let reach = Reach::read(&mut members, report);
    let config = node.settings::<PresidioConfig, PresidioConfig>(&["private", "pins"], report)?;
    outside(node, "presidio", config.url.clone(), reach, Kind::Presidio(config), report)
}

fn llm(node: &Node<'_>, report: &mut Report<'_>) -> Option<Outside> {
    let mut members = node.table("llm = { url = \"http://127.0.0.1:8000/v1\", model = \"small\" }", report)?;
    let reach = Reach::read(&mut members, report);
    let key = members.get("api_key").and_then(|node| node.secret(report));
    let with_key = |config: &mut LlmConfig| config.api_key = key;
    let config = node.settings_with::<LlmConfig, LlmConfig>(&["private", "pins", "api_key"], with_key, report)?;
    outside(node, "llm", config.base_url.clone(), reach, Kind::Llm(config), report)
}

fn outside(
    node: &Node<'_>,
    name: &str,
    url: String,
    reach: Reach,
    kind: Kind,
    report: &mut Report<'_>,
) -> Option<Outside> {
    let base_url = match super::base_url::parse(&url) {
        Ok(url) => url,
        Err((message, help)) => {
            report.error(&node.place, format!("its URL: {message}"), help);
            return None;
        }
    };
    let outside = Outside { name: format!("detector:{name}").into(), base_url, reach, kind };
    // What is wrong with it is told here, and not when the layers are put together.
    let nobody = service_fn(async |_: Request<Body>| Ok::<_, BoxError>(Response::new(Body::empty())));
    if let Err(error) = outside.detector(nobody) {
        let message = error.to_string();
        report.error(&node.place, message, "see docs/pii-redaction.md");
        return None;
    }
    Some(outside)
}

impl Outside {
    /// The detector, asked through this client.
    ///
    /// # Errors
    /// A setting makes no sense.
    pub(crate) fn detector(&self, client: impl Client) -> Result<External, ConfigError> {
        match &self.kind {
            Kind::Presidio(config) => config.clone().into_external(client),
            Kind::Llm(config) => config.clone().into_external(client),
        }
    }
}

impl fmt::Debug for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outside").field("name", &self.name).finish_non_exhaustive()
    }
}
