//! `cargo xtask sdk`: other people's SDKs judge what we send to providers and what we answer.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::Result;
use crate::process::{self, Server, free_port};
use crate::setup::{Clients, python_env};
use crate::workspace::Workspace;

/// One who judges.
#[derive(Debug)]
struct Judge {
    /// What `--only` calls it.
    family: &'static str,
    /// The Python environment that it runs in, by its file of requirements; none for Node.
    python: Option<&'static str>,
    /// Below `tests/sdk/judges`.
    script: &'static str,
    looks_at: Evidence,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Evidence {
    /// What was sent and answered, in a file.
    Captured,
    /// What answers on a socket.
    Served,
}

const SDKS: &str = "providers";
/// An SDK of Anthropic's from before its API's version 2026-10-21.
const OLD: &str = "anthropic-2023";

const JUDGES: [Judge; 17] = [
    captured("outcomes", SDKS, "outcomes.py"),
    captured("outcomes", SDKS, "nothing_lost.py"),
    captured("openai", SDKS, "openai_requests.py"),
    captured("cousins", SDKS, "cousins_requests.py"),
    captured("anthropic", SDKS, "anthropic_requests.py"),
    captured("anthropic", OLD, "anthropic_requests.py"),
    captured("google", SDKS, "google_requests.py"),
    captured("bedrock", SDKS, "bedrock_requests.py"),
    captured("cohere", SDKS, "cohere_requests.py"),
    captured("ollama", SDKS, "ollama_requests.py"),
    captured("answers", SDKS, "openai_answers.py"),
    Judge { family: "answers", python: None, script: "openai_answers.mjs", looks_at: Evidence::Captured },
    served("messages", SDKS, "messages_live.py"),
    served("messages", OLD, "messages_live.py"),
    served("responses", SDKS, "responses_live.py"),
    served("embeddings", SDKS, "embeddings_live.py"),
    served("simulators", SDKS, "simulators_live.py"),
];

const fn captured(family: &'static str, python: &'static str, script: &'static str) -> Judge {
    Judge { family, python: Some(python), script, looks_at: Evidence::Captured }
}

const fn served(family: &'static str, python: &'static str, script: &'static str) -> Judge {
    Judge { family, python: Some(python), script, looks_at: Evidence::Served }
}

/// Sets up, lets all judges (or those of the families asked for) look, and prints a line for each.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result {
    let judges = asked(arguments)?;
    let clients = set_up(workspace, &judges)?;
    let package = ["build", "--package", "llm-layers-tests", "--bin", "sdk-capture", "--jobs", "2"];
    process::run(workspace.cargo().args(package))?;
    let program = workspace.target("debug/sdk-capture");

    let captured = workspace.target("sdk/captured.jsonl");
    if judges.iter().any(|judge| judge.looks_at == Evidence::Captured) {
        process::run(Command::new(&program).arg("requests").arg(workspace.path("tests/sdk/requests")).arg(&captured))?;
    }
    let mut served = None;
    if judges.iter().any(|judge| judge.looks_at == Evidence::Served) {
        let port = free_port()?;
        let mut command = process::server(&program);
        command.arg("serve").arg(port.to_string());
        // Dropped, and so killed, on every way out of here.
        let mut server = Server::start("sdk-capture", &mut command, &workspace.target("sdk/serve.log"))?;
        server.wait_ready(port, "/kinds", Duration::from_secs(20))?;
        served = Some((server, port));
    }
    let base = served.as_ref().map(|(_, port)| format!("http://127.0.0.1:{port}")).unwrap_or_default();

    let (mut failed, mut summary) = (0, String::new());
    for judge in judges {
        let start = Instant::now();
        let mut command = judge.command(workspace, &clients);
        match judge.looks_at {
            Evidence::Captured => command.arg(&captured),
            Evidence::Served => command.arg(&base),
        };
        let verdict = process::run(&mut command);
        failed += usize::from(verdict.is_err());
        let verdict = if verdict.is_ok() { "ok" } else { "FAILED" };
        let environment = judge.python.unwrap_or("node");
        let seconds = start.elapsed().as_secs_f64();
        summary += &format!("  {:<12}{environment:<16}{verdict:<8}{seconds:>5.1} s\n", judge.family);
    }
    println!("\n{summary}");
    if failed > 0 { Err(format!("{failed} judges found faults")) } else { Ok(()) }
}

impl Judge {
    fn command(&self, workspace: &Workspace, clients: &Clients) -> Command {
        let script = workspace.path("tests/sdk/judges").join(self.script);
        let mut command = match self.python {
            Some(name) => {
                let mut command = Command::new(environment(workspace, name).join("bin/python3"));
                // What is compiled would lie among the sources; models that SDKs call old are not news here.
                command.args(["-B", "-W", "ignore::DeprecationWarning"]);
                command
            }
            None => Command::new("node"),
        };
        command.arg(script).env("LLM_LAYERS_NODE_DIR", &clients.node);
        command
    }
}

/// Installs whatever is missing for these judges.
fn set_up(workspace: &Workspace, judges: &[&Judge]) -> Result<Clients> {
    for name in [SDKS, OLD] {
        if judges.iter().any(|judge| judge.python == Some(name)) {
            let requirements = workspace.path(format!("tests/sdk/requirements/{name}.txt"));
            python_env(&environment(workspace, name), &requirements, &[])?;
        }
    }
    if judges.iter().any(|judge| judge.python.is_none()) {
        return Clients::set_up(workspace);
    }
    Ok(Clients::in_place(workspace))
}

fn environment(workspace: &Workspace, name: &str) -> PathBuf {
    workspace.target("sdk").join(name)
}

fn asked(arguments: &[String]) -> Result<Vec<&'static Judge>> {
    let mut only = Vec::new();
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let family = match argument.as_str() {
            "--only" => arguments.next(),
            other => return Err(format!("sdk: no option `{other}`")),
        };
        match family.filter(|family| JUDGES.iter().any(|judge| judge.family == *family)) {
            Some(family) => only.push(family),
            None => {
                let mut families: Vec<_> = JUDGES.iter().map(|judge| judge.family).collect();
                families.dedup();
                return Err(format!("--only takes one of: {}", families.join(", ")));
            }
        }
    }
    let is_asked = |judge: &&Judge| only.is_empty() || only.iter().any(|family| *family == judge.family);
    Ok(JUDGES.iter().filter(is_asked).collect())
}
