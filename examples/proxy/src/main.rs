//! The command `llm-proxy`.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use llm_layers_catalogue::Catalogue;
use llm_proxy::catalogue::{self, Query};
use llm_proxy::cli::{Cli, Command};
use llm_proxy::config::Config;
use llm_proxy::{reconcile, start};

/// Worth a tenth of the CPU time of a small call: `docs/architecture.md` has the figures.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match &cli.command {
        Some(Command::Check { file }) => check(file),
        Some(Command::Catalogue { words, provider, json, config }) => {
            let query = Query { words: words.clone(), provider: provider.clone(), json: *json };
            list(&query, config.as_deref())
        }
        Some(Command::Totals { ledger, json }) => totals(ledger, *json),
        Some(Command::Reconcile { ledger, bill, provider, tolerance }) => {
            return compare(ledger, bill, provider.as_deref(), *tolerance);
        }
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

/// Exit code 1 where nothing is found.
fn list(query: &Query, file: Option<&Path>) -> Result<(), start::Error> {
    let text = match file {
        Some(file) => {
            let config = Config::from_file(file)?;
            catalogue::list(&catalogue::configured(&config, &file.display().to_string())?, query)?
        }
        None => catalogue::list(Catalogue::builtin(), query)?,
    };
    let _ = std::io::stdout().write_all(text.as_bytes());
    Ok(())
}

fn totals(ledger: &Path, json: bool) -> Result<(), start::Error> {
    let text = llm_proxy::totals::of(ledger, json)?;
    let _ = std::io::stdout().write_all(text.as_bytes());
    Ok(())
}

/// Exit code 0 within the tolerance, 1 beyond it, 2 where a file cannot be read.
fn compare(ledger: &Path, bill: &Path, provider: Option<&str>, tolerance: rust_decimal::Decimal) -> ExitCode {
    match reconcile::compare(ledger, bill, provider, tolerance) {
        Ok(comparison) => {
            let _ = write!(std::io::stdout(), "{comparison}");
            if comparison.is_within() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::from(2)
        }
    }
}

fn serve(cli: &Cli) -> Result<(), start::Error> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(start::run(cli))
}
