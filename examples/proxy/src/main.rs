//! The command `llm-proxy`.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use llm_proxy::cli::{Cli, Command};
use llm_proxy::config::Config;
use llm_proxy::start;

/// Worth a tenth of the CPU time of a small call: `docs/architecture.md` has the figures.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match &cli.command {
        Some(Command::Check { file }) => check(file),
        None => serve(&cli),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

/// Exit code 0 for a file that the proxy would start with, 1 for one that it would refuse.
fn check(file: &Path) -> Result<(), start::Error> {
    let config = Config::from_file(file)?;
    llm_proxy::stack::Stack::new(&config)?;
    // A closed pipe is nobody's fault and changes nothing about the answer.
    let _ = writeln!(std::io::stdout(), "{}: ok", file.display());
    Ok(())
}

fn serve(cli: &Cli) -> Result<(), start::Error> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(start::run(cli))
}
