//! The builder.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use crate::handle::SimHandle;
use crate::record::Recorder;
use crate::state::{Settings, State};

/// Which provider's wire format is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// OpenAI: chat completions, completions, embeddings, models.
    OpenAi,
    /// Anthropic: messages, token counts, models.
    Anthropic,
    /// Both on one address: `/v1/messages…` and requests with an `anthropic-version` header are Anthropic's.
    Both,
}

/// Settings of a simulated provider; [`Sim::start`] serves it.
///
/// Defaults: a free port of 127.0.0.1, no API key asked for, a handful of well-known models, no pause between
/// chunks, two words a chunk, the last 1024 requests recorded with up to 1 MiB of each body.
#[derive(Clone, Debug)]
#[must_use]
pub struct Sim {
    settings: Settings,
    addr: SocketAddr,
    record: usize,
    record_body: usize,
}

const OPENAI_MODELS: [&str; 6] = ["sim-small", "sim-large", "gpt-4o", "gpt-4o-mini", "gpt-5", "text-embedding-3-small"];
const ANTHROPIC_MODELS: [&str; 4] = ["claude-sim", "claude-sonnet-4-5", "claude-haiku-4-5", "claude-opus-4-5"];

impl Sim {
    /// A provider that speaks OpenAI's dialect.
    ///
    /// Models: `sim-small`, `sim-large`, `gpt-4o`, `gpt-4o-mini`, `gpt-5`, `text-embedding-3-small`.
    pub fn openai() -> Self {
        Self::new(Dialect::OpenAi, &OPENAI_MODELS)
    }

    /// A provider that speaks Anthropic's dialect.
    ///
    /// Models: `claude-sim`, `claude-sonnet-4-5`, `claude-haiku-4-5`, `claude-opus-4-5`.
    pub fn anthropic() -> Self {
        Self::new(Dialect::Anthropic, &ANTHROPIC_MODELS)
    }

    /// Both dialects on one address, with the models of both.
    pub fn both() -> Self {
        let mut sim = Self::new(Dialect::Both, &OPENAI_MODELS);
        sim.settings.models.extend(ANTHROPIC_MODELS.map(str::to_owned));
        sim
    }

    fn new(dialect: Dialect, models: &[&str]) -> Self {
        Self {
            settings: Settings {
                dialect,
                api_key: None,
                models: models.iter().map(|model| (*model).to_owned()).collect(),
                any_model: false,
                pace: None,
                chunk_words: 2,
            },
            addr: (Ipv4Addr::LOCALHOST, 0).into(),
            record: 1024,
            record_body: 1024 * 1024,
        }
    }

    /// The address to listen on; port 0 takes a free one.
    pub fn bind(mut self, addr: SocketAddr) -> Self {
        self.addr = addr;
        self
    }

    /// Asks for this API key; a missing or wrong one is answered with the dialect's own 401.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.settings.api_key = Some(key.into());
        self
    }

    /// Serves these models in place of the default ones. `bench` and `fault-…` are always served.
    pub fn models<I>(mut self, models: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.settings.models = models.into_iter().map(Into::into).collect();
        self
    }

    /// Serves whatever model is asked for.
    pub fn any_model(mut self) -> Self {
        self.settings.any_model = true;
        self
    }

    /// The pause between the chunks of a stream (tokio's timer counts whole milliseconds).
    ///
    /// None, the default, lets hyper write several chunks at once; zero flushes each by itself.
    pub fn pace(mut self, pace: Duration) -> Self {
        self.settings.pace = Some(pace);
        self
    }

    /// How many words one chunk of a stream carries; at least one.
    pub fn chunk_words(mut self, words: usize) -> Self {
        self.settings.chunk_words = words.max(1);
        self
    }

    /// How many of the last requests are kept for [`SimHandle::received`]; zero switches recording off.
    pub fn record(mut self, last: usize) -> Self {
        self.record = last;
        self
    }

    /// How many bytes of each body are kept.
    pub fn record_body_limit(mut self, bytes: usize) -> Self {
        self.record_body = bytes;
        self
    }

    /// Listens and serves in the background until the handle is dropped or stopped.
    ///
    /// # Errors
    /// What binding the address says.
    pub async fn start(self) -> io::Result<SimHandle> {
        let listener = tokio::net::TcpListener::bind(self.addr).await?;
        let addr = listener.local_addr()?;
        let state = Arc::new(State::new(self.settings, Recorder::new(self.record, self.record_body)));
        #[expect(clippy::disallowed_methods, reason = "a server of its own, not a layer")]
        let serving = tokio::spawn(crate::server::run(listener, state.clone()));
        Ok(SimHandle::new(addr, state, serving))
    }
}
