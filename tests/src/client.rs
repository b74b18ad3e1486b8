use std::path::{Path, PathBuf};

use tokio::process::Command;

/// A command that runs a script under `tests/clients/python` with the SDKs installed.
///
/// # Panics
/// `cargo xtask test` has not set the SDKs up: a test that needs them fails without them, and is never skipped.
#[must_use]
pub fn python(script: &str) -> Command {
    client("LLM_LAYERS_PYTHON", "target/clients/python/bin/python", "python", script)
}

/// A command that runs a script under `tests/clients/node` with the SDK installed.
///
/// # Panics
/// `cargo xtask test` has not set the SDK up.
#[must_use]
pub fn node(script: &str) -> Command {
    assert!(
        root().join("tests/clients/node/node_modules/openai").is_dir(),
        "OpenAI's Node SDK is not installed: run `cargo xtask test` once"
    );
    client("LLM_LAYERS_NODE", "/usr/bin/env", "node", script)
}

fn client(variable: &str, default: &str, folder: &str, script: &str) -> Command {
    let program = std::env::var_os(variable).map_or_else(|| root().join(default), PathBuf::from);
    assert!(program.exists(), "{} is not there: run `cargo xtask test` once", program.display());
    let mut command = Command::new(&program);
    if program.ends_with("env") {
        command.arg(folder);
    }
    command.arg(root().join("tests/clients").join(folder).join(script)).kill_on_drop(true);
    command
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
