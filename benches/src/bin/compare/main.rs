//! The proxy beside a bare one, in one run on one machine: what a request costs, and what it takes.
//!
//! `cargo xtask bench [--quick] [--instructions] [--formats] [--cache] [--seconds N] [--rounds N]`
//!
//! Each proxy is a process of its own between a load generator (this process) and a simulated provider. Rounds
//! alternate between them, so that what else the machine does hits both; the median round counts. The cost is
//! the CPU time of the proxy's process, of all its threads, over the requests that it served.

mod cache;
mod formats;
mod instructions;
mod load;
mod process;

use std::{io::Write, time::Duration};

use load::{Case, Outcome};
use process::{PROXIES, Peer, Peers};

type Error = Box<dyn std::error::Error + Send + Sync>;

/// Sizes of the request, and whether the answer streams. The plain answer has 1 KB, a stream 50 chunks of 200 bytes.
const CASES: [Case; 4] = [
    Case::new("plain, 1 KB", 1 << 10, false),
    Case::new("plain, 200 KB", 200 << 10, false),
    Case::new("streamed, 1 KB", 1 << 10, true),
    Case::new("streamed, 200 KB", 200 << 10, true),
];

struct Settings {
    seconds: Duration,
    rounds: usize,
    instructions: bool,
    formats: bool,
    cache: bool,
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let settings = settings()?;
    let mut out = std::io::stdout().lock();
    if settings.instructions {
        return instructions::compare(&CASES, &mut out).await;
    }
    if settings.formats {
        return formats::compare(&settings, &mut out).await;
    }
    if settings.cache {
        return cache::compare(&settings, &mut out).await;
    }
    let peers = Peers::start().await?;
    writeln!(out, "| case | proxy | requests/s | p50 ms | p99 ms | CPU µs/request | × bare |")?;
    writeln!(out, "| --- | --- | --- | --- | --- | --- | --- |")?;
    for case in &CASES {
        let mut rounds: [Vec<Outcome>; PROXIES] = Default::default();
        for peer in &peers.proxies {
            load::run(peer, case, Duration::from_millis(500)).await?;
        }
        for _ in 0..settings.rounds {
            for (peer, outcomes) in peers.proxies.iter().zip(&mut rounds) {
                outcomes.push(load::run(peer, case, settings.seconds).await?);
            }
        }
        let outcomes = rounds.map(median);
        let [bare, ..] = &outcomes;
        for (peer, outcome) in peers.proxies.iter().zip(&outcomes) {
            let ratio = outcome.cpu_micros / bare.cpu_micros;
            let Outcome { per_second, p50, p99, cpu_micros, .. } = outcome;
            let Peer { name, .. } = peer;
            let case = case.name;
            writeln!(
                out,
                "| {case} | {name} | {per_second:.0} | {p50:.2} | {p99:.2} | {cpu_micros:.1} | {ratio:.2} |"
            )?;
        }
        out.flush()?;
    }
    for peer in &peers.proxies {
        writeln!(out, "resident after the run: {} {:.1} MiB", peer.name, peer.resident_mib()?)?;
    }
    Ok(())
}

/// The round in the middle, by its cost.
fn median(mut rounds: Vec<Outcome>) -> Outcome {
    rounds.sort_by(|a, b| a.cpu_micros.total_cmp(&b.cpu_micros));
    let middle = rounds.len() / 2;
    rounds.swap_remove(middle)
}

fn settings() -> Result<Settings, Error> {
    let mut settings =
        Settings { seconds: Duration::from_secs(3), rounds: 5, instructions: false, formats: false, cache: false };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next().and_then(|n| n.parse().ok()).ok_or(format!("{argument} needs a number"));
        match argument.as_str() {
            "--quick" => settings = Settings { seconds: Duration::from_secs(1), rounds: 3, ..settings },
            "--seconds" => settings.seconds = Duration::from_secs(number()?),
            "--rounds" => settings.rounds = number()?.max(1) as usize,
            "--instructions" => settings.instructions = true,
            "--formats" => settings.formats = true,
            "--cache" => settings.cache = true,
            _ => return Err(format!("unknown argument: {argument}").into()),
        }
    }
    Ok(settings)
}
