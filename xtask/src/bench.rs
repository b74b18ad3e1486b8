//! `cargo xtask bench`: the load comparison of the benches crate, and its other programs.

use std::process::Command;

use crate::workspace::Workspace;
use crate::{Result, process, setup};

/// Builds in release and runs; the comparison takes all `arguments` and prints its table. `faults`, `routing`, `pii`,
/// `tools` and `cache` are other programs: a provider that fails, a day of calls by each of the router's policies, what
/// the detectors of personal data see, what becomes of the mistakes in tool calls, and what a hit costs.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result {
    match arguments.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        Some(("faults", rest)) => program(workspace, "--bin", "faults", rest),
        Some(("routing", rest)) => program(workspace, "--example", "routing", rest),
        Some(("pii", rest)) => pii(workspace, rest),
        Some(("tools", rest)) => program(workspace, "--example", "tools", rest),
        Some(("cache", rest)) => cache(workspace, rest),
        _ => load(workspace, arguments),
    }
}

/// What a hit costs by itself, and what the proxy serves of them beside a bare one: both are shown, whichever fails.
fn cache(workspace: &Workspace, arguments: &[String]) -> Result {
    let by_itself = program(workspace, "--example", "cache", &[]);
    load(workspace, &[&["--cache".to_owned()], arguments].concat())?;
    by_itself
}

fn load(workspace: &Workspace, arguments: &[String]) -> Result {
    let programs = ["-p", "llm-proxy", "-p", "llm-layers-sim", "-p", "llm-layers-benches", "--bins"];
    process::run(workspace.cargo().args(["build", "--release", "--jobs", "2"]).args(programs))?;
    let package = ["run", "--release", "--package", "llm-layers-benches", "--bin", "compare", "--"];
    process::run(workspace.cargo().args(package).args(arguments))
}

fn program(workspace: &Workspace, kind: &str, name: &str, arguments: &[String]) -> Result {
    let package = ["run", "--release", "--jobs", "2", "--package", "llm-layers-benches", kind, name, "--"];
    process::run(workspace.cargo().args(package).args(arguments))
}

/// With `--presidio`, Presidio's pattern recognizers read the same sentences, and their scores stand beside ours.
fn pii(workspace: &Workspace, arguments: &[String]) -> Result {
    let (presidio, mut rest): (Vec<_>, Vec<_>) = arguments.iter().cloned().partition(|one| one == "--presidio");
    if presidio.is_empty() {
        return program(workspace, "--example", "pii", &rest);
    }
    let folder = workspace.target("presidio");
    setup::python_env(&folder, &workspace.path("benches/examples/pii/requirements.txt"), &[])?;
    let texts = workspace.target("presidio/texts");
    let at = |option: &str| [option.to_owned(), texts.to_string_lossy().into_owned()];
    program(workspace, "--example", "pii", &[rest.as_slice(), &at("--export")].concat())?;
    let script = workspace.path("benches/examples/pii/presidio.py");
    process::run(Command::new(folder.join("bin/python3")).arg(script).arg(&texts))?;
    rest.extend(at("--theirs"));
    program(workspace, "--example", "pii", &rest)
}
