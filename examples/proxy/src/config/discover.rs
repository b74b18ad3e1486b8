//! A configuration out of nothing: the keys in the environment and the servers on this machine.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::Arc;

use super::credential::Credential;
use super::deployment::Deployment;
use super::egress::Egress;
use super::known::{self, Known};
use super::problem::Errors;
use super::provider::{Dialect, Provider, Reach};
use super::timeouts::Timeouts;
use super::{Config, Layers, base_url, listen, open_to_all, workers};
use llm_layers_catalogue::Overrides;
use llm_layers_core::Secret;

/// What was found.
#[derive(Debug)]
pub enum Discovery {
    /// A configuration with at least one provider.
    Found(Box<Config>),
    /// No key and no server: there is nothing to talk to.
    Nothing,
}

/// An OpenAI-compatible server on this machine, and the models that it listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalServer {
    /// What the provider is called, such as `ollama`.
    pub name: &'static str,
    /// The base URL that answered.
    pub base_url: &'static str,
    /// The ids of its models.
    pub models: Vec<String>,
}

/// Makes a configuration of the keys in the environment and of the servers that
/// [`local_servers`](super::probe::local_servers) found. A server's models become deployments under
/// their own names; those of the clouds are reached as `provider/model`.
///
/// # Errors
/// Where a variable with a base URL is wrong, or `listen` would open the proxy to everybody.
pub fn discover(
    listen: SocketAddr,
    env: impl Fn(&str) -> Option<String>,
    servers: &[LocalServer],
) -> Result<Discovery, Errors> {
    if !listen::is_loopback(listen) {
        return Err(open_to_all("--listen", listen));
    }
    let mut providers = Vec::new();
    let mut variables = HashSet::new();
    for known in known::all() {
        // Of two dialects of one provider the first will do.
        if known.key_variable.is_none_or(|variable| variables.insert(variable)) {
            providers.extend(from_environment(&known, &env)?);
        }
    }
    let mut deployments = Vec::new();
    for server in servers {
        if let Ok(base_url) = base_url::parse(server.base_url) {
            providers.push(provider(server.name, Dialect::OpenAi, base_url, None));
            deployments.extend(server.models.iter().map(|model| deployment(server.name, model)));
        }
    }
    if providers.is_empty() {
        return Ok(Discovery::Nothing);
    }
    // Of two servers with the same model the first has the bare name, and `provider/model` tells
    // them apart.
    let mut seen: HashSet<Arc<str>> = HashSet::new();
    deployments.retain(|deployment: &Deployment| seen.insert(Arc::clone(&deployment.name)));
    let (aliases, keys, egress) = (Vec::new(), Vec::new(), Egress::default());
    let layers = Layers::default();
    let config = Config { listen, workers: workers::default(), providers, deployments, aliases, keys, egress, layers };
    Ok(Discovery::Found(Box::new(config)))
}

/// A provider whose key is in the environment, or whose base URL is: SDKs of OpenAI and Anthropic
/// read the latter too, and then it often is a server that needs no key.
fn from_environment(known: &Known, env: &impl Fn(&str) -> Option<String>) -> Result<Option<Provider>, Errors> {
    let read = |name: &str| env(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
    let url_variable = match known.name {
        "openai" => Some("OPENAI_BASE_URL"),
        "anthropic" => Some("ANTHROPIC_BASE_URL"),
        _ => None,
    };
    let given_url = url_variable.and_then(|name| Some((name, read(name)?)));
    // Those two mean more than models, and many machines have them.
    let variable = known.key_variable.filter(|variable| !["GITHUB_TOKEN", "HF_TOKEN"].contains(variable));
    let key = variable.and_then(read);
    if key.is_none() && given_url.is_none() {
        return Ok(None);
    }
    if key.as_ref().is_some_and(|key| !key.bytes().all(|byte| byte.is_ascii_graphic())) {
        let message = "the key holds characters that no HTTP header can carry";
        return Err(Errors::whole(variable.unwrap_or_default(), message, "look for blanks and line breaks"));
    }
    let (source, url) = given_url.unwrap_or((known.name, known.base_url.to_owned()));
    let base_url = base_url::parse(&url).map_err(|(message, help)| Errors::whole(source, message, help))?;
    let mut made = provider(known.name, known.dialect, base_url, key.map(Secret::new));
    made.responses = known.has_responses;
    Ok(Some(made))
}

fn provider(name: &str, dialect: Dialect, base_url: http::Uri, api_key: Option<Secret>) -> Provider {
    Provider {
        name: name.into(),
        dialect,
        base_url: Some(base_url),
        api_keys: api_key.map(|key| Credential { key, weight: 1 }).into_iter().collect(),
        timeouts: Timeouts::default(),
        api_version: None,
        aws_region: None,
        project: None,
        location: None,
        like: known::find(name).filter(|known| known.dialect == Dialect::OpenAi).map(|known| known.name),
        responses: false,
        headers: Vec::new(),
        strict: false,
        reach: Reach::default(),
    }
}

fn deployment(provider: &str, model: &str) -> Deployment {
    Deployment {
        name: model.into(),
        provider: provider.into(),
        model: model.into(),
        overrides: Overrides::default(),
        only_for: None,
        hours: None,
    }
}
