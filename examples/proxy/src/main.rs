//! The command `llm-proxy`.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use llm_proxy::cli::{Cli, Command};
use llm_proxy::config::Config;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match &cli.command {
        Some(Command::Check { file }) => check(file),
        None => {
            let _ = writeln!(
                std::io::stderr(),
                "serving is not built in yet; try `llm-proxy check FILE`"
            );
            ExitCode::from(2)
        }
    }
}

/// Exit code 0 for a file that the proxy would start with, 1 for one that it would refuse.
fn check(file: &Path) -> ExitCode {
    // A closed pipe is nobody's fault and changes nothing about the answer.
    match Config::from_file(file) {
        Ok(_) => {
            let _ = writeln!(std::io::stdout(), "{}: ok", file.display());
            ExitCode::SUCCESS
        }
        Err(errors) => {
            let _ = writeln!(std::io::stderr(), "{errors}");
            ExitCode::FAILURE
        }
    }
}
