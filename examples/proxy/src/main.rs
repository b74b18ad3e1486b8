//! The command `llm-proxy`.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use llm_layers_catalogue::Catalogue;
use llm_proxy::catalogue::{self, Query};
use llm_proxy::cli::{Cli, Command};
use llm_proxy::config::Config;
use llm_proxy::ledger::Skipped;
use llm_proxy::reconcile::{self, Asked};
use llm_proxy::start;

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
        Some(Command::Totals { ledger: Some(ledger), json, .. }) => totals(ledger, *json),
        Some(Command::Totals { redis, days, json, .. }) => shared_totals(redis.as_deref(), *days, *json),
        Some(Command::Reconcile { ledger, bill, provider, tolerance, from, to, strict }) => {
            let (provider, tolerance) = (provider.as_deref(), *tolerance);
            return compare(ledger, bill, &Asked { provider, first: *from, last: *to, tolerance }, *strict);
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

/// Exit code 0 for a file that the proxy would start with, whatever it warns of, 1 for one that it would refuse.
fn check(file: &Path) -> Result<(), start::Error> {
    let config = Config::from_file(file)?;
    llm_proxy::stack::Stack::new(&config)?;
    for warning in config.warnings() {
        let _ = writeln!(std::io::stderr(), "warning: {warning}");
    }
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
    let (text, skipped) = llm_proxy::totals::of(ledger, json)?;
    tell(&skipped);
    let _ = std::io::stdout().write_all(text.as_bytes());
    Ok(())
}

fn shared_totals(redis: Option<&str>, days: u16, json: bool) -> Result<(), start::Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let text = runtime.block_on(llm_proxy::totals::shared(redis.unwrap_or_default(), days, json))?;
    let _ = std::io::stdout().write_all(text.as_bytes());
    Ok(())
}

fn tell(skipped: &Skipped) {
    if !skipped.is_empty() {
        let _ = writeln!(std::io::stderr(), "{skipped}");
    }
}

/// Exit code 0 within the tolerance, 1 beyond it, 2 where a file cannot be read.
fn compare(ledger: &Path, bill: &Path, asked: &Asked<'_>, is_strict: bool) -> ExitCode {
    match reconcile::compare(ledger, bill, asked) {
        Ok((comparison, skipped)) => {
            tell(&skipped);
            if is_strict && !skipped.is_empty() {
                return ExitCode::from(2);
            }
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
    // One thread for what all share, beside this one, which accepts; connections have threads of their own.
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?.block_on(start::run(cli))
}
