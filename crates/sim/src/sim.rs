//! The builder.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use crate::bedrock::Signer;
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
    /// Amazon Bedrock: Converse, ConverseStream, and InvokeModel for Claude, plain and streamed.
    Bedrock,
    /// Cohere: chat v2, embed v2, models.
    Cohere,
    /// Ollama's own API: chat, embed, tags, version.
    Ollama,
    /// Google's Gemini Developer API: content, token counts, embeddings, models.
    Gemini,
    /// Vertex AI: the bodies of [`Gemini`](Self::Gemini) under Vertex AI's paths, with a token.
    Vertex,
    /// Azure OpenAI: what [`OpenAi`](Self::OpenAi) has, by deployment and under `/openai/v1`.
    Azure,
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
const BEDROCK_MODELS: [&str; 4] = [
    "anthropic.claude-sonnet-4-5-20250929-v1:0",
    "anthropic.claude-sim-v1:0",
    "amazon.nova-lite-v1:0",
    "sim.small-v1:0",
];
const COHERE_MODELS: [&str; 5] =
    ["command-sim", "command-a-03-2025", "command-a-reasoning-08-2025", "command-r7b-12-2024", "embed-v4.0"];
const OLLAMA_MODELS: [&str; 5] = ["sim-small", "sim-plain", "llama3.2", "qwen3", "nomic-embed-text"];

const GEMINI_MODELS: [&str; 7] = [
    "gemini-sim",
    "gemini-2.0-flash",
    "gemini-2.5-flash",
    "gemini-2.5-pro",
    "gemini-3-flash-preview",
    "gemini-3.1-pro-preview",
    "gemini-embedding-001",
];
const AZURE_MODELS: [&str; 5] = ["sim-small", "sim-large", "gpt-4o", "sim-async-filter", "text-embedding-3-small"];

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

    /// A provider that speaks Amazon Bedrock's dialect.
    ///
    /// Models: `anthropic.claude-sonnet-4-5-20250929-v1:0`, `anthropic.claude-sim-v1:0`, `amazon.nova-lite-v1:0`,
    /// `sim.small-v1:0`; also by inference profile (`us.`, `eu.`, `apac.`, `global.` in front) and by ARN.
    pub fn bedrock() -> Self {
        Self::new(Dialect::Bedrock, &BEDROCK_MODELS)
    }

    /// A provider that speaks Cohere's dialect, version 2.
    ///
    /// Models: `command-sim`, `command-a-03-2025`, `command-a-reasoning-08-2025`, `command-r7b-12-2024`,
    /// `embed-v4.0`.
    pub fn cohere() -> Self {
        Self::new(Dialect::Cohere, &COHERE_MODELS)
    }

    /// A server that speaks Ollama's own dialect.
    ///
    /// Models: `sim-small`, `sim-plain` (which knows neither tools nor thinking nor images), `llama3.2`, `qwen3`,
    /// `nomic-embed-text`; each as `NAME` and as `NAME:latest`.
    pub fn ollama() -> Self {
        Self::new(Dialect::Ollama, &OLLAMA_MODELS)
    }

    /// A provider that speaks the dialect of Google's Gemini Developer API.
    ///
    /// Models: `gemini-sim`, `gemini-2.0-flash`, `gemini-2.5-flash`, `gemini-2.5-pro`, `gemini-3-flash-preview`,
    /// `gemini-3.1-pro-preview`, `gemini-embedding-001`. What a model knows hangs on the generation in its name.
    pub fn gemini() -> Self {
        Self::new(Dialect::Gemini, &GEMINI_MODELS)
    }

    /// Vertex AI, with the models of [`gemini`](Self::gemini), in any project and location; the
    /// [`api_key`](Self::api_key) is the Bearer token.
    pub fn vertex() -> Self {
        Self::new(Dialect::Vertex, &GEMINI_MODELS)
    }

    /// Azure OpenAI. The models are the names of deployments.
    ///
    /// Deployments: `sim-small`, `sim-large`, `gpt-4o`, `sim-async-filter` (whose streams carry the findings of the
    /// filter in chunks of their own), `text-embedding-3-small`.
    pub fn azure() -> Self {
        Self::new(Dialect::Azure, &AZURE_MODELS)
    }

    fn new(dialect: Dialect, models: &[&str]) -> Self {
        Self {
            settings: Settings {
                dialect,
                api_key: None,
                signer: None,
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

    /// Bedrock: asks for requests signed by AWS Signature Version 4 with this access key, for this region.
    ///
    /// A signature that is missing, wrong, or five minutes off is answered with AWS's own 403. With an
    /// [`api_key`](Self::api_key) too, either will do.
    pub fn sigv4(
        mut self,
        access_key: impl Into<String>,
        secret_key: impl Into<String>,
        region: impl Into<String>,
    ) -> Self {
        self.settings.signer = Some(Signer::new(access_key.into(), secret_key.into(), region.into()));
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
