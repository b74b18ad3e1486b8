use std::net::SocketAddr;

use llm_layers_core::Body;
use llm_layers_sim::{Sim, SimHandle};
use llm_proxy::{
    config::Config,
    serve::{self, Front, Metrics},
    stack::Stack,
};
use tokio::{net::TcpListener, task::JoinHandle};

/// The key of the only caller that the proxy knows.
pub const KEY: &str = "sk-test";

/// The proxy, served on a socket of its own, in front of two simulated providers.
///
/// Its models are `small` (OpenAI's dialect; the provider knows it as `sim-small`) and `claude` (Anthropic's), and
/// any model of the providers `openai` and `anthropic` as `openai/MODEL`. Failures are seen as they come: nothing is retried,
/// and no circuit opens.
#[derive(Debug)]
pub struct Stage {
    /// The provider that speaks OpenAI's dialect.
    pub openai: SimHandle,
    /// The provider that speaks Anthropic's dialect.
    pub anthropic: SimHandle,
    proxy: SocketAddr,
    server: JoinHandle<std::io::Result<()>>,
}

impl Stage {
    /// Starts all three.
    ///
    /// # Panics
    /// A socket cannot be had.
    pub async fn start() -> Self {
        let openai = Sim::openai().api_key("sk-openai").any_model().start().await.expect("the OpenAI simulator starts");
        let anthropic =
            Sim::anthropic().api_key("sk-ant").any_model().start().await.expect("the Anthropic simulator starts");
        let config = format!(
            r#"
            [providers.openai]
            base_url = "{}"
            api_key = "sk-openai"
            [providers.anthropic]
            base_url = "{}"
            api_key = "sk-ant"
            [[deployments]]
            name = "small"
            provider = "openai"
            model = "sim-small"
            [[deployments]]
            name = "claude"
            provider = "anthropic"
            model = "sim-claude"
            [keys.tests]
            key = "{KEY}"
            [layers]
            retry = {{ enabled = false }}
            circuit_breaker = {{ enabled = false }}
            "#,
            openai.base_url(),
            anthropic.base_url(),
        );
        let (proxy, server) = proxy(&config).await;
        Self { openai, anthropic, proxy, server }
    }

    /// The proxy's address.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.proxy
    }

    /// The base URL for OpenAI's SDKs.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.proxy)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Serves the proxy with a configuration, on a port of its own.
///
/// # Panics
/// The configuration is wrong, or a socket cannot be had.
pub async fn proxy(config: &str) -> (SocketAddr, JoinHandle<std::io::Result<()>>) {
    let config = Config::parse(config, "the test").unwrap_or_else(|errors| panic!("{errors}"));
    let stack = Stack::new(&config).expect("a stack");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let front = Front::new(stack, Metrics::detached());
    (address, tokio::spawn(serve::serve(listener, config.workers(), front, None)))
}

/// Serves the proxy on the thread that runs the test, where a recorder of the test's own counts.
///
/// # Panics
/// As [`proxy`] does.
pub async fn proxy_on_this_thread(config: &str) -> SocketAddr {
    let config = Config::parse(config, "the test").unwrap_or_else(|errors| panic!("{errors}"));
    let front = Front::new(Stack::new(&config).expect("a stack"), Metrics::detached());
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let answer = async move |request: axum::extract::Request| front.answer(request.map(Body::new)).await;
    let router = axum::Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}
