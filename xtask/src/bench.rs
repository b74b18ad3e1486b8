//! `cargo xtask bench`: the load comparison of the benches crate.

use crate::workspace::Workspace;
use crate::{Result, process};

/// Builds in release and runs; the comparison takes all `arguments` and prints its table. `faults` is
/// another program: a provider that fails.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result {
    if let Some(("faults", rest)) = arguments.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        let program = ["run", "--release", "--jobs", "2", "--package", "llm-layers-benches", "--bin", "faults", "--"];
        return process::run(workspace.cargo().args(program).args(rest));
    }
    let programs = ["-p", "llm-proxy", "-p", "llm-layers-sim", "-p", "llm-layers-benches", "--bins"];
    process::run(workspace.cargo().args(["build", "--release", "--jobs", "2"]).args(programs))?;
    let package = ["run", "--release", "--package", "llm-layers-benches", "--bin", "compare", "--"];
    process::run(workspace.cargo().args(package).args(arguments))
}
