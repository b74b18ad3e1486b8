//! A simulated LLM provider as a program of its own.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use llm_layers_sim::Sim;

const USAGE: &str = "\
llm-sim: a simulated LLM provider

  --listen ADDR      address to listen on (127.0.0.1:8090)
  --dialect NAME     openai | anthropic | both | bedrock | cohere | ollama | gemini |
                     vertex | azure (both)
  --api-key KEY      ask for this key
  --sigv4 ID:SECRET:REGION
                     bedrock: ask for requests signed so
  --model NAME       serve this model in place of the default ones; may be repeated
  --pace-ms N        pause between the chunks of a stream
  --chunk-words N    words in a chunk (2)
  --help
";

#[tokio::main]
async fn main() -> ExitCode {
    let sim = match configure(std::env::args().skip(1)) {
        Ok(Some(sim)) => sim,
        Ok(None) => {
            let _ = std::io::stdout().write_all(USAGE.as_bytes());
            return ExitCode::SUCCESS;
        }
        Err(error) => return fail(&format!("{error}\n\n{USAGE}")),
    };
    // Nobody can ask a program for what it recorded.
    let handle = match sim.record(0).start().await {
        Ok(handle) => handle,
        Err(error) => return fail(&format!("cannot listen: {error}\n")),
    };
    let _ = writeln!(std::io::stdout(), "llm-sim listens on {}", handle.origin());
    if tokio::signal::ctrl_c().await.is_err() {
        return fail("cannot wait for signals\n");
    }
    handle.stop().await;
    ExitCode::SUCCESS
}

fn fail(message: &str) -> ExitCode {
    let _ = std::io::stderr().write_all(message.as_bytes());
    ExitCode::FAILURE
}

fn configure(args: impl Iterator<Item = String>) -> Result<Option<Sim>, String> {
    // The dialect comes first whatever the order of the arguments: it brings the default models.
    let args: Vec<String> = args.collect();
    let mut pairs = Vec::new();
    let mut rest = args.iter();
    while let Some(name) = rest.next() {
        if name == "--help" || name == "-h" {
            return Ok(None);
        }
        let (name, value) = match name.split_once('=') {
            Some((name, value)) => (name, value),
            None => (name.as_str(), rest.next().ok_or_else(|| format!("{name} needs a value"))?.as_str()),
        };
        pairs.push((name, value));
    }
    let dialect = pairs.iter().rev().find(|(name, _)| *name == "--dialect").map_or("both", |(_, value)| *value);
    let mut sim = match dialect {
        "openai" => Sim::openai(),
        "anthropic" => Sim::anthropic(),
        "both" => Sim::both(),
        "bedrock" => Sim::bedrock(),
        "cohere" => Sim::cohere(),
        "ollama" => Sim::ollama(),
        "gemini" => Sim::gemini(),
        "vertex" => Sim::vertex(),
        "azure" => Sim::azure(),
        other => {
            return Err(format!("unknown dialect {other}: one of those in the list below"));
        }
    };
    sim = sim.bind(([127, 0, 0, 1], 8090).into());
    let mut models = Vec::new();
    for (name, value) in pairs {
        let bad = |error: &dyn std::fmt::Display| format!("{name} {value}: {error}");
        sim = match name {
            "--dialect" => sim,
            "--listen" => sim.bind(value.parse().map_err(|error| bad(&error))?),
            "--api-key" => sim.api_key(value),
            "--sigv4" => {
                let mut parts = value.splitn(3, ':');
                match (parts.next(), parts.next(), parts.next()) {
                    (Some(id), Some(secret), Some(region)) => sim.sigv4(id, secret, region),
                    // The value stays out of the message: it holds a secret.
                    _ => return Err("--sigv4 wants ID:SECRET:REGION".to_owned()),
                }
            }
            "--pace-ms" => sim.pace(Duration::from_millis(value.parse().map_err(|error| bad(&error))?)),
            "--chunk-words" => sim.chunk_words(value.parse().map_err(|error| bad(&error))?),
            "--model" => {
                models.push(value);
                sim
            }
            _ => return Err(format!("unknown argument {name}")),
        };
    }
    Ok(Some(if models.is_empty() { sim } else { sim.models(models) }))
}
