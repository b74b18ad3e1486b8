//! From the command line to a server that runs.

mod demo;

use std::{
    fmt,
    io::{IsTerminal, Write},
    net::SocketAddr,
};

use llm_layers_tokens::Tokenizer;
use tokio::net::TcpListener;
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{
    cli::{Cli, Source},
    config::{Accounts, Config, Discovery, Errors, discover, known_as, listen, probe},
    serve::{self, Front, Metrics},
    stack::Stack,
};

/// Why the proxy did not start, or stopped.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// The variable that says what is logged, such as `debug` or `info,llm_layers_provider_translator=debug`.
const LOG_VARIABLE: &str = "LLM_PROXY_LOG";

/// Starts the proxy and serves until it is told to stop.
///
/// # Errors
/// The configuration is wrong, or the address cannot be listened on.
pub async fn run(cli: &Cli) -> Result<(), Error> {
    log();
    let metrics = Metrics::install()?;
    let source = cli.source(|name| std::env::var_os(name), |path| path.is_file());
    match source {
        Source::File(path) => {
            let config = with_listen(Config::from_file(&path)?, cli.listen)?;
            warn(&config);
            warm(&config);
            let listener = bind(config.listen()).await?;
            let front = Front::new(Stack::new(&config)?, metrics);
            say(&banner(&config, listener.local_addr()?, &format!("configured by {}", path.display())));
            Ok(serve::serve(listener, config.workers(), front, Some((path, config))).await?)
        }
        Source::Discovery => unconfigured(cli, metrics).await,
    }
}

/// Without a file: what the environment and this machine offer, else simulated providers.
async fn unconfigured(cli: &Cli, metrics: Metrics) -> Result<(), Error> {
    let listener = match cli.listen {
        Some(listen) => bind(listen).await?,
        None => bind_default().await?,
    };
    // What was bound: a server that holds the default port is one to be found.
    let listen = listener.local_addr()?;
    let servers = probe::local_servers(listen).await;
    match discover(listen, |name| std::env::var(name).ok(), &servers)? {
        Discovery::Found(config) => {
            let front = Front::new(Stack::new(&config)?, metrics);
            say(&banner(
                &config,
                listen,
                "configured by what was found: keys in the environment, servers on this machine",
            ));
            Ok(serve::serve(listener, config.workers(), front, None).await?)
        }
        Discovery::Nothing => {
            let demo = demo::start(listen).await?;
            let front = Front::new(Stack::new(&demo.config)?, metrics);
            say(&demo::banner(&demo.config, listen));
            serve::serve(listener, demo.config.workers(), front, None).await?;
            demo.stop().await;
            Ok(())
        }
    }
}

fn with_listen(config: Config, listen: Option<SocketAddr>) -> Result<Config, Errors> {
    match listen {
        Some(listen) => config.with_listen(listen),
        None => Ok(config),
    }
}

/// The default port, or, where something holds it (llama.cpp's server has the same default), any.
async fn bind_default() -> Result<TcpListener, Error> {
    match TcpListener::bind(listen::DEFAULT).await {
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            bind(SocketAddr::new(listen::DEFAULT.ip(), 0)).await
        }
        bound => Ok(bound?),
    }
}

async fn bind(listen: SocketAddr) -> Result<TcpListener, Error> {
    TcpListener::bind(listen).await.map_err(|error| format!("cannot listen on {listen}: {error}").into())
}

fn banner(config: &Config, listen: SocketAddr, how: &str) -> String {
    let mut text = format!("llm-proxy listens on http://{listen}/v1, {how}\n");
    for provider in config.providers() {
        let at = provider.base_url.as_ref().map(|url| format!(" at {url}")).unwrap_or_default();
        text += &format!("  provider {} ({}){at}\n", provider.name, provider.dialect.as_str());
    }
    let table = config.route_table();
    let models: Vec<_> = table.models().map(|model| model.id.to_owned()).collect();
    let first = match models.first() {
        Some(first) => first.clone(),
        None => format!("{}/MODEL", config.providers().first().map_or("PROVIDER", |provider| &provider.name)),
    };
    text +=
        &format!("  models: {}\n", if models.is_empty() { "any, as PROVIDER/MODEL".into() } else { models.join(", ") });
    if config.is_open() {
        text += "  open: there are no [keys], so whoever can reach this address may call; it is a loopback address\n";
    }
    text + &curl(listen, &first, config.is_open())
}

fn curl(listen: SocketAddr, model: &str, open: bool) -> String {
    let key = if open { "" } else { " -H 'authorization: Bearer YOUR_KEY'" };
    format!(
        "try it:\n  curl http://{listen}/v1/chat/completions -H 'content-type: application/json'{key} \
         -d '{{\"model\":\"{model}\",\"messages\":[{{\"role\":\"user\",\"content\":\"Hello!\"}}]}}'\n"
    )
}

/// Says something to the person who has started the proxy. A closed pipe is no reason to stop.
fn say(text: &impl fmt::Display) {
    let mut out = std::io::stdout().lock();
    let _ = write!(out, "{text}");
    let _ = out.flush();
}

/// Reads the vocabularies that prompts are counted by before a call, beside all else: none is to wait for it. They take
/// some 80 MB, and are not for those of whom nobody asks how long they are.
fn warm(config: &Config) {
    let is_limiting = config.layers().accounts.as_ref().is_some_and(Accounts::is_limiting);
    if config.aliases().is_empty() && !is_limiting {
        return;
    }
    let provider = |name: &str| config.providers().iter().find(|provider| *provider.name == *name);
    let deployments = config.deployments().iter();
    let tokenizers: Vec<_> = deployments
        .filter_map(|deployment| Some(Tokenizer::of(known_as(provider(&deployment.provider)?), &deployment.model)))
        .collect();
    std::thread::spawn(move || tokenizers.into_iter().for_each(Tokenizer::warm));
}

/// Logs what the file says without effect.
pub(crate) fn warn(config: &Config) {
    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }
}

fn log() {
    let wanted = std::env::var(LOG_VARIABLE).unwrap_or_default();
    let targets = wanted.parse::<Targets>().ok().filter(|_| !wanted.is_empty());
    let targets = targets.unwrap_or_else(|| Targets::new().with_default(tracing::Level::INFO));
    // Who reads a file finds no colours in it; `NO_COLOR` is for those who want none in a terminal (no-color.org).
    let wants_none = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let has_colours = std::io::stderr().is_terminal() && !wants_none;
    let format = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(has_colours);
    // A second start in one process, as in tests, keeps the first one's log.
    let _ = tracing_subscriber::registry().with(targets).with(format).try_init();
}
