//! With nothing to talk to: simulated providers, so that the first call works all the same.

use std::net::SocketAddr;

use llm_layers_sim::{Sim, SimHandle};

use super::{Error, curl};
use crate::config::Config;

pub(super) struct Demo {
    pub(super) config: Config,
    openai: SimHandle,
    anthropic: SimHandle,
}

/// Starts two simulated providers, one of each dialect, and makes a configuration for them.
pub(super) async fn start(listen: SocketAddr) -> Result<Demo, Error> {
    let openai = Sim::openai().any_model().record(0).start().await?;
    let anthropic = Sim::anthropic().any_model().record(0).start().await?;
    let text = format!(
        r#"
        listen = "{listen}"
        [providers.simulated-openai]
        dialect = "openai"
        base_url = "{}"
        [providers.simulated-anthropic]
        dialect = "anthropic"
        base_url = "{}"
        [[deployments]]
        name = "demo-openai"
        provider = "simulated-openai"
        [[deployments]]
        name = "demo-claude"
        provider = "simulated-anthropic"
        "#,
        openai.base_url(),
        anthropic.base_url(),
    );
    let config = Config::parse(&text, "the demo")?;
    Ok(Demo { config, openai, anthropic })
}

impl Demo {
    pub(super) async fn stop(self) {
        self.openai.stop().await;
        self.anthropic.stop().await;
    }
}

pub(super) fn banner(config: &Config, listen: SocketAddr) -> String {
    let table = config.route_table();
    let models: Vec<_> = table.models().map(|model| model.id).collect();
    format!(
        "llm-proxy listens on http://{listen}/v1\n\
         \n\
         SIMULATED: no configuration file, no API key in the environment and no model server on this machine was\n\
         found. Two simulated providers answer instead; what they say is made up. For real answers set a key\n\
         (OPENAI_API_KEY, ANTHROPIC_API_KEY, ...), start a local server (Ollama, vLLM, llama.cpp), or write\n\
         llm-proxy.toml.\n\
         \n\
         models: {}\n{}",
        models.join(", "),
        curl(listen, "demo-claude", true),
    )
}
