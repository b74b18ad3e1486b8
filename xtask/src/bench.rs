//! `cargo xtask bench`: the load comparison of the benches crate.

use crate::workspace::Workspace;
use crate::{Result, process};

/// Builds in release and runs; the comparison takes all `arguments` and prints its table.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result {
    let programs = ["-p", "llm-proxy", "-p", "llm-layers-sim", "-p", "llm-layers-benches", "--bins"];
    process::run(workspace.cargo().args(["build", "--release", "--jobs", "2"]).args(programs))?;
    let package = ["run", "--release", "--package", "llm-layers-benches", "--bin", "compare", "--"];
    process::run(workspace.cargo().args(package).args(arguments))
}
