//! `cargo xtask bench`: the load comparison of the benches crate.

use crate::workspace::Workspace;
use crate::{Result, process};

/// Builds in release and runs; the comparison takes all `arguments` and prints its table. `faults` and `routing` are
/// other programs: a provider that fails, and a day of calls by each of the router's policies.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result {
    if let Some((name @ ("faults" | "routing"), rest)) =
        arguments.split_first().map(|(first, rest)| (first.as_str(), rest))
    {
        let kind = if name == "faults" { "--bin" } else { "--example" };
        let program = ["run", "--release", "--jobs", "2", "--package", "llm-layers-benches", kind, name, "--"];
        return process::run(workspace.cargo().args(program).args(rest));
    }
    let programs = ["-p", "llm-proxy", "-p", "llm-layers-sim", "-p", "llm-layers-benches", "--bins"];
    process::run(workspace.cargo().args(["build", "--release", "--jobs", "2"]).args(programs))?;
    let package = ["run", "--release", "--package", "llm-layers-benches", "--bin", "compare", "--"];
    process::run(workspace.cargo().args(package).args(arguments))
}
