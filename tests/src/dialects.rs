use llm_layers_sim::{Sim, SimHandle};

/// A simulated provider of every dialect, and how the proxy's configuration describes it.
///
/// The model `sim-DIALECT` of the proxy is its provider's.
#[derive(Debug)]
pub struct Dialects {
    sims: Vec<(&'static str, SimHandle)>,
}

const KEY: &str = "sk-provider";

impl Dialects {
    /// Every dialect, by the name that configuration and tests have for it.
    pub const ALL: [&'static str; 8] =
        ["openai", "azure", "anthropic", "gemini", "vertex", "bedrock", "cohere", "ollama"];

    /// Starts them all.
    ///
    /// # Panics
    /// A socket cannot be had.
    pub async fn start() -> Self {
        let mut sims = Vec::new();
        for name in Self::ALL {
            let sim = match name {
                "openai" => Sim::openai(),
                "azure" => Sim::azure(),
                "anthropic" => Sim::anthropic(),
                "gemini" => Sim::gemini(),
                "vertex" => Sim::vertex(),
                "bedrock" => Sim::bedrock(),
                "cohere" => Sim::cohere(),
                _ => Sim::ollama(),
            };
            // Vertex takes tokens of Google's, which there are none of here.
            let sim = if name == "vertex" { sim } else { sim.api_key(KEY) };
            sims.push((name, sim.any_model().start().await.expect("a simulator starts")));
        }
        Self { sims }
    }

    /// The simulated provider of a dialect.
    ///
    /// # Panics
    /// There is no such dialect.
    #[must_use]
    pub fn sim(&self, dialect: &str) -> &SimHandle {
        &self.sims.iter().find(|(name, _)| *name == dialect).expect("a dialect").1
    }

    /// Providers and deployments of all of them, as the proxy's file has them.
    #[must_use]
    pub fn configuration(&self) -> String {
        let table = |(name, sim): &(&'static str, SimHandle)| {
            let more = match *name {
                "azure" => "api_version = \"2024-10-21\"",
                "vertex" => "project = \"p\"\nlocation = \"europe-west4\"",
                "bedrock" => "aws_region = \"eu-central-1\"",
                _ => "",
            };
            let model = match *name {
                "openai" | "azure" => "gpt-4o",
                "anthropic" => "claude-sonnet-4-5",
                "gemini" | "vertex" => "gemini-3-pro",
                "bedrock" => "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
                "cohere" => "command-a-03-2025",
                _ => "llama3.2",
            };
            format!(
                "[providers.{name}]\ndialect = \"{name}\"\nbase_url = \"{}\"\napi_key = \"{KEY}\"\n{more}\n\
                 [[deployments]]\nname = \"sim-{name}\"\nprovider = \"{name}\"\nmodel = \"{model}\"\n",
                sim.base_url(),
            )
        };
        // Failures are seen as they come.
        let layers = "[layers]\nretry.enabled = false\ncircuit_breaker.enabled = false\n".to_owned();
        self.sims.iter().map(table).chain([layers]).collect()
    }
}
