//! A provider that fails and stalls, in front of it the proxy with another one to go to: what clients see of it.
//!
//! `cargo xtask bench faults [--calls N] [--seed N]`
//!
//! The proxy runs in this process as it is shipped, with an alias of two deployments. Of the requests that reach the
//! first, 30 % fail and 5 % stall, all before the first word of their answers. Half of the calls are streams. When all
//! calls are done the provider is sound again, and further calls are made until its circuit has closed.

mod client;
mod table;

use std::time::Duration;

use client::{Client, Tally};
use llm_layers_circuit_breaker::{Breakers, State};
use llm_layers_sim::{Fault, Sim, SimHandle};
use llm_proxy::{
    config::Config,
    serve::{self, Front, Metrics},
    stack::Stack,
};
use table::Report;
use tokio::{net::TcpListener, task::JoinSet, time::Instant};

type Error = Box<dyn std::error::Error + Send + Sync>;

const CLIENTS: usize = 16;

/// At one deployment.
const MAX_ATTEMPTS: u64 = 2;

/// With these the circuit opens within a second of calls, and closes within two.
const LAYERS: &str = r#"
[layers.circuit_breaker]
failure_rate = 0.25
window = "5s"
min_calls = 20
open_for = "500ms"
max_open_for = "1s"
recovery_step = "200ms"
[layers.timeout]
first_byte = "300ms"
first_token = "300ms"
"#;

/// What goes wrong with the share that it has. Nothing of it is behind the first word.
fn faults() -> Result<Vec<(f64, Fault)>, Error> {
    let shares = [
        (0.10, "status=503"),
        (0.05, "status=500"),
        (0.05, "status=429;retry-after-ms=20"),
        (0.04, "reset"),
        (0.03, "error-in-stream=1"),
        (0.03, "reset-after=1"),
        (0.03, "hang"),
        (0.02, "stall=1"),
    ];
    shares.into_iter().map(|(share, fault)| Ok((share, fault.parse()?))).collect()
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let (calls, seed) = arguments()?;
    let primary = Sim::openai().any_model().record(0).start().await?;
    let secondary = Sim::openai().any_model().record(0).start().await?;
    let (client, breakers) = proxy(&primary, &secondary).await?;

    primary.fail_shares(seed, faults()?);
    let mut changes = breakers.watch();
    let begun = Instant::now();
    let under_faults = load(&client, calls).await?;
    let took = begun.elapsed();
    let mut openings = Vec::new();
    while let Ok(change) = changes.try_recv() {
        if change.to == State::Open {
            openings.push(change);
        }
    }
    let reached = (primary.counts().requests, secondary.counts().requests);
    let counters = client.metrics().await?;

    primary.disarm();
    let healed = Instant::now();
    let mut recovered = Tally::default();
    let state = || breakers.get("first").map_or(State::Closed, |status| status.state);
    while state() != State::Closed && healed.elapsed() < Duration::from_secs(30) {
        recovered += load(&client, CLIENTS * 4).await?;
    }
    let after = state();

    let report = Report {
        calls,
        begun,
        took,
        under_faults,
        reached,
        openings,
        counters,
        recovered,
        healed: healed.elapsed(),
        after,
    };
    report.print();
    // What this is for: whoever runs it sees by its exit whether it holds.
    let broken = report.broken_promises();
    if broken.is_empty() { Ok(()) } else { Err(broken.join("; ").into()) }
}

/// The proxy in front of both.
async fn proxy(primary: &SimHandle, secondary: &SimHandle) -> Result<(Client, Breakers), Error> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let config = format!(
        "listen = \"{address}\"\n\
         providers.one = {{ dialect = \"openai\", base_url = \"{}\" }}\n\
         providers.two = {{ dialect = \"openai\", base_url = \"{}\" }}\n\
         deployments = [{{ name = \"first\", provider = \"one\" }}, {{ name = \"second\", provider = \"two\" }}]\n\
         aliases = [{{ name = \"both\", deployments = [\"first\", \"second\"] }}]\n\
         [layers.retry]\nmax_attempts = {MAX_ATTEMPTS}\nbase_delay = \"20ms\"\n{LAYERS}",
        primary.base_url(),
        secondary.base_url(),
    );
    let config = Config::parse(&config, "this benchmark")?;
    let stack = Stack::new(&config)?;
    let breakers = stack.breakers().ok_or("no circuit breaker")?;
    let front = Front::new(stack, Metrics::install()?);
    tokio::spawn(serve::serve(listener, config.workers(), front, None));
    Ok((Client::new(address), breakers))
}

/// So many calls by several clients at once, every other one a stream.
async fn load(client: &Client, calls: usize) -> Result<Tally, Error> {
    let mut clients = JoinSet::new();
    for which in 0..CLIENTS {
        let client = client.clone();
        clients.spawn(async move {
            let mut tally = Tally::default();
            for call in (which..calls).step_by(CLIENTS) {
                tally += client.ask((call / CLIENTS + which).is_multiple_of(2), call).await;
            }
            tally
        });
    }
    let mut sum = Tally::default();
    while let Some(tally) = clients.join_next().await {
        sum += tally?;
    }
    Ok(sum)
}

fn arguments() -> Result<(usize, u64), Error> {
    let (mut calls, mut seed) = (2000, 1);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let number =
            arguments.next().and_then(|number| number.parse().ok()).ok_or(format!("{argument} needs a number"))?;
        match argument.as_str() {
            "--calls" => calls = number as usize,
            "--seed" => seed = number,
            _ => return Err(format!("unknown argument: {argument}").into()),
        }
    }
    Ok((calls, seed))
}
