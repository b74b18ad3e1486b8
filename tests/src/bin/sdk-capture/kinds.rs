//! The kinds of providers that are judged: an entry each.

use aws_credential_types::Credentials;
use llm_layers_core::Secret;
use llm_layers_provider_translator::{Provider, ProviderError};
use llm_layers_sim::{Sim, SimHandle};

/// A wire format, as one provider speaks it to one sort of model.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    /// What judges and expectations call it; also the provider's name.
    pub(crate) name: &'static str,
    /// The id that the provider knows. What a model can do hangs on it.
    pub(crate) model: &'static str,
    /// The id of a model for embeddings, if that is another one.
    pub(crate) embeds: Option<&'static str>,
    /// Who answers.
    pub(crate) sim: fn() -> Sim,
    /// How the answering one is reached.
    pub(crate) provider: fn(&SimHandle) -> Result<Provider, ProviderError>,
}

/// No key of anybody's: the simulators take any.
const KEY: &str = "made-up";
/// AWS's example key of its documentation, which opens nothing.
const AWS_KEY: (&str, &str) = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
const REGION: &str = "us-east-1";

pub(crate) const KINDS: &[Kind] = &[
    Kind {
        name: "openai",
        model: "gpt-4o",
        embeds: None,
        sim: Sim::openai,
        provider: |sim| Provider::openai(&sim.base_url()),
    },
    Kind {
        name: "azure",
        model: "gpt-4o",
        embeds: None,
        sim: Sim::azure,
        provider: |sim| Provider::azure(&sim.base_url()),
    },
    Kind {
        name: "azure-dated",
        model: "gpt-4o",
        embeds: None,
        sim: Sim::azure,
        provider: |sim| Provider::azure(&sim.base_url())?.with_api_version("2024-10-21"),
    },
    Kind {
        name: "mistral",
        model: "mistral-large-latest",
        embeds: None,
        sim: Sim::openai,
        provider: |sim| known("mistral", sim),
    },
    Kind {
        name: "groq",
        model: "openai/gpt-oss-120b",
        embeds: None,
        sim: Sim::openai,
        provider: |sim| known("groq", sim),
    },
    Kind {
        name: "deepseek",
        model: "deepseek-chat",
        embeds: None,
        sim: Sim::openai,
        provider: |sim| known("deepseek", sim),
    },
    Kind {
        name: "anthropic-2023",
        model: "claude-sonnet-4-5",
        embeds: None,
        sim: Sim::anthropic,
        provider: |sim| Provider::anthropic(&sim.base_url()),
    },
    Kind {
        name: "anthropic-2026",
        model: "claude-opus-4-7",
        embeds: None,
        sim: Sim::anthropic,
        provider: |sim| Provider::anthropic(&sim.base_url())?.with_api_version("2026-10-21"),
    },
    Kind {
        name: "anthropic-adaptive",
        model: "claude-opus-4-7",
        embeds: None,
        sim: Sim::anthropic,
        provider: |sim| Provider::anthropic(&sim.base_url()),
    },
    Kind {
        name: "gemini-2.5",
        model: "gemini-2.5-flash",
        embeds: Some("gemini-embedding-001"),
        sim: Sim::gemini,
        provider: |sim| Provider::gemini(&sim.base_url()),
    },
    Kind {
        name: "gemini-3",
        model: "gemini-3-flash-preview",
        embeds: Some("gemini-embedding-001"),
        sim: Sim::gemini,
        provider: |sim| Provider::gemini(&sim.base_url()),
    },
    Kind {
        name: "vertex",
        model: "gemini-2.5-pro",
        embeds: Some("gemini-embedding-001"),
        sim: Sim::vertex,
        provider: |sim| Provider::vertex_at(&sim.base_url(), "my-project", "europe-west4"),
    },
    Kind {
        name: "vertex-claude",
        model: "claude-sonnet-4-5@20250929",
        embeds: None,
        sim: Sim::vertex,
        provider: |sim| Provider::vertex_at(&sim.base_url(), "my-project", "europe-west4"),
    },
    Kind { name: "bedrock-nova", model: "amazon.nova-lite-v1:0", embeds: None, sim: aws, provider: bedrock },
    Kind { name: "bedrock-llama", model: "meta.llama3-3-70b-instruct-v1:0", embeds: None, sim: aws, provider: bedrock },
    Kind { name: "bedrock-gpt-oss", model: "openai.gpt-oss-120b-1:0", embeds: None, sim: aws, provider: bedrock },
    Kind {
        name: "bedrock-claude",
        model: "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        embeds: None,
        sim: aws,
        provider: |sim| bedrock(sim).map(Provider::by_converse),
    },
    Kind {
        name: "bedrock-invoke",
        model: "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        embeds: None,
        sim: aws,
        provider: bedrock,
    },
    Kind {
        name: "cohere",
        model: "command-a-03-2025",
        embeds: Some("embed-v4.0"),
        sim: Sim::cohere,
        provider: |sim| Provider::cohere(&sim.base_url()),
    },
    Kind {
        name: "cohere-reasoning",
        model: "command-a-reasoning-08-2025",
        embeds: Some("embed-v4.0"),
        sim: Sim::cohere,
        provider: |sim| Provider::cohere(&sim.base_url()),
    },
    Kind {
        name: "ollama-gpt-oss",
        model: "gpt-oss:20b",
        embeds: Some("nomic-embed-text"),
        sim: Sim::ollama,
        provider: |sim| Provider::ollama(&sim.base_url()),
    },
    Kind {
        name: "ollama",
        model: "qwen3",
        embeds: Some("nomic-embed-text"),
        sim: Sim::ollama,
        provider: |sim| Provider::ollama(&sim.base_url()),
    },
];

/// A cousin of OpenAI's, which the simulator of OpenAI's stands for.
fn known(name: &str, sim: &SimHandle) -> Result<Provider, ProviderError> {
    Provider::known_at(name, &sim.base_url())
}

fn aws() -> Sim {
    Sim::bedrock().sigv4(AWS_KEY.0, AWS_KEY.1, REGION)
}

fn bedrock(sim: &SimHandle) -> Result<Provider, ProviderError> {
    let provider = Provider::bedrock_at(REGION, &sim.base_url())?;
    provider.with_credentials(Credentials::new(AWS_KEY.0, AWS_KEY.1, None, None, "example"))
}

impl Kind {
    /// A running simulator, and the provider that it is.
    pub(crate) async fn start(&self) -> (SimHandle, Provider) {
        let sim = (self.sim)().any_model().start().await.expect("a simulator");
        let provider = (self.provider)(&sim).expect("a provider").with_name(self.name);
        let signs = self.name.starts_with("bedrock");
        let provider = if signs { provider } else { provider.with_key(&Secret::new(KEY)).expect("a key") };
        (sim, provider)
    }
}
