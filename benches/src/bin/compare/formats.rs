//! What it costs to say a call in another format, beside passing it on: our proxy with itself.

use std::io::Write;

use crate::{
    Error, Settings,
    load::{self, CHUNKS, Case},
    median,
    process::Peers,
};

/// A plain call and a streamed one to each provider's model, the first being the passthrough.
const FORMATS: [(&str, &str); 3] =
    [("OpenAI (passed on)", "small"), ("Anthropic Messages", "claude"), ("Gemini", "gemini-bench")];

pub(crate) async fn compare(settings: &Settings, out: &mut impl Write) -> Result<(), Error> {
    let peers = Peers::start().await?;
    let [_, _, ours, _] = &peers.proxies;
    let mut costs = Vec::new();
    for (_, model) in FORMATS {
        let case = |stream| Case { model, ..Case::new(model, 1 << 10, stream) };
        costs.push((model, [case(false), case(true)], [Vec::new(), Vec::new()]));
    }
    // Rounds alternate between the formats, so that what else the machine does hits them all.
    for round in 0..=settings.rounds {
        for (_, cases, outcomes) in &mut costs {
            for (case, outcomes) in cases.iter().zip(outcomes) {
                let outcome = load::run(ours, case, settings.seconds).await?;
                // The first round warms up.
                if round > 0 {
                    outcomes.push(outcome);
                }
            }
        }
    }
    let costs: Vec<[f64; 2]> =
        costs.into_iter().map(|(.., outcomes)| outcomes.map(|rounds| median(rounds).cpu_micros)).collect();
    let Some([plain_passed, stream_passed]) = costs.first().copied() else { return Ok(()) };
    writeln!(
        out,
        "| provider's format | 1 KB, CPU µs | × passed on | streamed, CPU µs | × passed on | µs more a chunk |"
    )?;
    writeln!(out, "| --- | --- | --- | --- | --- | --- |")?;
    for ((name, _), [plain, stream]) in FORMATS.iter().zip(costs) {
        let (plain_ratio, stream_ratio) = (plain / plain_passed, stream / stream_passed);
        let chunk = (stream - stream_passed) / CHUNKS as f64;
        writeln!(out, "| {name} | {plain:.1} | {plain_ratio:.2} | {stream:.1} | {stream_ratio:.2} | {chunk:.2} |")?;
    }
    Ok(())
}
