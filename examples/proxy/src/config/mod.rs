//! The proxy's configuration: read, checked, and ready to use.
//!
//! [`Config::from_file`] reads the file that section 8 of the design describes; without one,
//! [`discover()`] makes a configuration from what it finds in the environment and on this machine.
//! What this version does not do is an error, not a silence: whoever asks for a limit or for
//! redaction must not get a proxy that starts without it.
//!
//! [`Errors`] tells every mistake at once, with its line, member and a suggestion, and never a key.

mod accounts;
mod alias;
mod base_url;
mod cache;
mod credential;
mod deployment;
mod discover;
mod duration;
mod egress;
mod env;
mod key;
mod known;
mod layers;
pub mod listen;
mod mask;
mod node;
pub mod probe;
mod problem;
mod provider;
mod rate_limit;
mod read;
mod redaction;
mod report;
mod route;
mod settings;
mod suggest;
mod timeouts;
mod warnings;
mod workers;

#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::Path;

pub use accounts::Accounts;
pub use alias::Alias;
pub use cache::Cache;
pub use credential::Credential;
pub use deployment::Deployment;
pub(crate) use deployment::known_as;
pub use discover::{Discovery, LocalServer, discover};
pub use egress::Egress;
pub use key::Key;
pub use known::Known;
pub use layers::{CircuitBreaker, Layers, Store};
pub use llm_layers_core::Secret;
pub use problem::{Errors, Problem};
pub use provider::{Dialect, Provider, Reach};
pub use rate_limit::RateLimit;
pub use redaction::{Outside, Redaction};
pub use route::{Model, RouteTable};
pub use timeouts::Timeouts;

/// A checked configuration. Names are unique, what refers to a name refers to something, and a
/// proxy without keys listens on loopback only.
#[derive(Debug)]
pub struct Config {
    listen: SocketAddr,
    workers: NonZeroUsize,
    providers: Vec<Provider>,
    deployments: Vec<Deployment>,
    aliases: Vec<Alias>,
    keys: Vec<Key>,
    egress: Egress,
    layers: Layers,
}

impl Config {
    /// Reads and checks a file, with the variables of this process's environment.
    ///
    /// # Errors
    /// Where the file cannot be read, and for every mistake in it.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, Errors> {
        let path = path.as_ref();
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| {
            Errors::whole(&name, format!("the file cannot be read: {error}"), "check the path and its permissions")
        })?;
        Self::parse(&text, &name)
    }

    /// Checks the text of a file; `file_name` is what errors call it.
    ///
    /// # Errors
    /// For every mistake in it.
    pub fn parse(text: &str, file_name: &str) -> Result<Self, Errors> {
        Self::parse_with(text, file_name, &|name| std::env::var(name).ok())
    }

    /// As [`Config::parse`], with the environment given.
    ///
    /// # Errors
    /// For every mistake in it.
    pub fn parse_with(text: &str, file_name: &str, env: &dyn Fn(&str) -> Option<String>) -> Result<Self, Errors> {
        read::document(text, file_name, env)
    }

    /// The same configuration on another address: `--listen`.
    ///
    /// # Errors
    /// Where the proxy has no keys and the address is not a loopback address.
    pub fn with_listen(mut self, listen: SocketAddr) -> Result<Self, Errors> {
        if self.is_open() && !listen::is_loopback(listen) {
            return Err(open_to_all("--listen", listen));
        }
        self.listen = listen;
        Ok(self)
    }

    /// Where to listen.
    #[must_use]
    pub fn listen(&self) -> SocketAddr {
        self.listen
    }

    /// How many threads serve connections.
    #[must_use]
    pub fn workers(&self) -> NonZeroUsize {
        self.workers
    }

    /// Whether anybody who reaches the proxy may use it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.keys.is_empty()
    }

    /// The providers, by name.
    #[must_use]
    pub fn providers(&self) -> &[Provider] {
        &self.providers
    }

    /// The deployments, in the order of the file.
    #[must_use]
    pub fn deployments(&self) -> &[Deployment] {
        &self.deployments
    }

    /// The aliases, in the order of the file.
    #[must_use]
    pub fn aliases(&self) -> &[Alias] {
        &self.aliases
    }

    /// The virtual keys, by name.
    #[must_use]
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// Where it may connect to.
    #[must_use]
    pub fn egress(&self) -> &Egress {
        &self.egress
    }

    /// The layers between a call and its provider.
    #[must_use]
    pub fn layers(&self) -> &Layers {
        &self.layers
    }

    /// Settings that are right and have no effect, each in a sentence.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        warnings::of(self)
    }

    /// What each model name leads to.
    #[must_use]
    pub fn route_table(&self) -> RouteTable {
        RouteTable::new(&self.providers, &self.deployments, &self.aliases)
    }
}

fn open_to_all(source: &str, listen: SocketAddr) -> Errors {
    let help = format!("listen on 127.0.0.1:{}, or use a file with `[keys.NAME]`", listen.port());
    Errors::whole(source, listen::OPEN, help)
}
