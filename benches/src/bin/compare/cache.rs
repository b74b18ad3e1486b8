//! What the proxy serves out of its cache, beside what a bare proxy fetches anew each time.
//!
//! The load, the provider and the proxy share the machine's cores, and the load takes as much for a hit as for a miss:
//! with a provider that answers at once, the ratio of the rates says more of the load than of the proxies. So it is also
//! told
//!
//! - what is served by a second of CPU time without the load's,
//! - what a server serves that does nothing but send what it has in memory, which is this provider, asked directly: no
//!   cache behind HTTP is quicker,
//! - and what a bare proxy serves, over as many connections, of a provider that takes 20 ms to its first byte, which is
//!   less than models take.

use std::io::Write;

use crate::{
    Error, Settings,
    load::{self, Case, Outcome},
    process::{self, ALL, ALONE, BARE, Peer},
};

/// In one run nothing goes out of date.
const CACHE: &str = "[layers.cache]\nttl = \"1h\"\n";

/// A provider that waits before it answers with 100 words, in 50 chunks if streamed.
const SLOW: (&str, &str) = ("fault-slow-20", "sim:words 100\\n");

/// A hit is to be served at no less than so many times the rate of a bare proxy's miss.
const BAR: f64 = 3.0;

/// Who is asked, in this order.
const NAMES: [&str; 5] = [
    "bare hyper, a miss",
    "bare hyper, a miss, a provider of 20 ms",
    "no proxy: the provider itself",
    "llm-proxy, nothing but the cache, a hit",
    "llm-proxy, all layers, a hit",
];

/// From here on all are hits.
const HITS: usize = 3;

/// A round, and what it took beside the proxy, in microseconds of CPU time for each request.
struct Round {
    outcome: Outcome,
    provider: f64,
    load: f64,
}

impl Round {
    /// What can be served by a second of CPU time, without the load's.
    fn per_cpu_second(&self) -> f64 {
        1e6 / (self.outcome.cpu_micros + self.provider)
    }
}

pub(crate) async fn compare(settings: &Settings, out: &mut impl Write) -> Result<(), Error> {
    let provider = process::simulated("both")?;
    let bare = process::plain(BARE, "bare", &provider, &[])?;
    let cached = |name, layers: &str| process::ours(name, &format!("{layers}{CACHE}"), [&provider, &provider], &[]);
    let alone = cached("llm-proxy, nothing but the cache", ALONE)?;
    let all = cached("llm-proxy, all layers", ALL)?;
    writeln!(
        out,
        "| 1 KB | | requests/s | p50 ms | p99 ms | CPU µs/request: proxy | provider | load | × bare, requests/s | \
         × bare, for a second of CPU without the load |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    )?;
    let mut verdicts = Vec::new();
    for (name, stream) in [("plain", false), ("streamed", true)] {
        let at_once = || Case::new(name, 1 << 10, stream);
        let slow = Case { provider_model: SLOW.0, opening: SLOW.1, ..at_once() };
        let direct = Case { model: "bench", ..at_once() };
        let contestants =
            [(&bare, at_once()), (&bare, slow), (&provider, direct), (&alone, at_once()), (&all, at_once())];
        let rounds = rounds(settings, &provider, &contestants).await?;
        let [miss, slow, _, hit, _] = &rounds;
        for (contestant, round) in NAMES.iter().zip(&rounds) {
            let Outcome { per_second, p50, p99, cpu_micros, .. } = &round.outcome;
            let rates = per_second / miss.outcome.per_second;
            let costs = round.per_cpu_second() / miss.per_cpu_second();
            let Round { provider, load, .. } = round;
            writeln!(
                out,
                "| {name} | {contestant} | {per_second:.0} | {p50:.2} | {p99:.2} | {cpu_micros:.1} | {provider:.1} | \
                 {load:.1} | {rates:.2} | {costs:.2} |"
            )?;
        }
        out.flush()?;
        let rate = hit.outcome.per_second;
        for (ratio, of_what) in [
            (rate / miss.outcome.per_second, "requests/s, a provider that answers at once"),
            (hit.per_cpu_second() / miss.per_cpu_second(), "requests for a second of CPU, without the load"),
            (rate / slow.outcome.per_second, "requests/s, a provider of 20 ms"),
        ] {
            verdicts.push(format!("{name}: {ratio:.2} × bare: {of_what}: {}", verdict(ratio)));
        }
    }
    writeln!(out, "\nThe bar, of llm-proxy with nothing but the cache, is {BAR} × bare:")?;
    for verdict in verdicts {
        writeln!(out, "- {verdict}")?;
    }
    Ok(())
}

fn verdict(ratio: f64) -> &'static str {
    if ratio >= BAR { "met" } else { "missed" }
}

/// The median rounds. They alternate between the contestants, so that what else the machine does hits them all.
async fn rounds<const N: usize>(
    settings: &Settings,
    provider: &Peer,
    contestants: &[(&Peer, Case); N],
) -> Result<[Round; N], Error> {
    let mut rounds: [Vec<Round>; N] = std::array::from_fn(|_| Vec::new());
    for number in 0..=settings.rounds {
        for (at, ((peer, case), rounds)) in contestants.iter().zip(&mut rounds).enumerate() {
            let round = round(settings, provider, peer, case).await?;
            // The first round fills the caches.
            if number == 0 {
                continue;
            }
            let Outcome { requests, hits, .. } = round.outcome;
            if at >= HITS && hits < requests {
                return Err(format!("{}: {hits} hits in {requests} requests", peer.name).into());
            }
            rounds.push(round);
        }
    }
    Ok(rounds.map(|mut rounds| {
        rounds.sort_by(|a, b| a.outcome.per_second.total_cmp(&b.outcome.per_second));
        let middle = rounds.len() / 2;
        rounds.swap_remove(middle)
    }))
}

async fn round(settings: &Settings, provider: &Peer, peer: &Peer, case: &Case) -> Result<Round, Error> {
    let cpu = || Ok::<_, Error>([provider.cpu_nanos()?, process::cpu_nanos(std::process::id())?]);
    let [provider_before, load_before] = cpu()?;
    let outcome = load::run(peer, case, settings.seconds).await?;
    let [provider_after, load_after] = cpu()?;
    let each = |nanos: u64| nanos as f64 / 1e3 / outcome.requests;
    let behind = if peer.address == provider.address { 0 } else { provider_after - provider_before };
    Ok(Round { provider: each(behind), load: each(load_after - load_before), outcome })
}
