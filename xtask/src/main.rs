//! `cargo xtask test | real | sdk | bench | fuzz`: what CI and people run.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_types,
    reason = "a command-line tool: it prints, and it measures real time"
)]

mod bench;
mod fuzz;
mod ner;
mod process;
mod real;
mod redis8;
mod sdk;
mod setup;
mod steps;
mod system;
mod workspace;

use std::process::ExitCode;

use workspace::Workspace;

/// What went wrong, in words for the person at the terminal.
type Result<T = ()> = std::result::Result<T, String>;

const HELP: &str = "\
usage: cargo xtask COMMAND [OPTIONS]

  test  [--only STEP]... [--no-setup]   set up what the tests need, then run every check
  real                                  a real model behind the proxy, asked by the real SDKs
  sdk   [--only FAMILY]...              SDKs of all providers judge what is sent and answered
  bench [--quick] [ARGS]...             the load comparison with a bare reverse proxy
  bench faults                          a provider that fails and stalls, and what clients see of it
  bench routing                         a day of calls by each of the router's policies, and what they cost
  bench pii [--presidio] [--show ENTITY]  what the PII detectors see, and what they take for it, by entity
  bench tools [--show KIND]             what becomes of the mistakes that models make in tool calls
  bench cache [--quick] [ARGS]...       what an answer from the cache costs, and how many of them are served
  fuzz  [--seconds N] [TARGET]...       each fuzz target for N seconds (default 60)

`test`, `real` and `sdk` need Rust, Python 3 and Node with npm. On Debian and Ubuntu they install
what else is missing (redis-server, python3-venv) by apt-get, with sudo where not root;
Python and npm packages go into target/ and tests/clients/node/node_modules.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result {
    let (command, rest) = match arguments.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("--help", arguments),
    };
    let asks_help = |argument: &String| argument == "--help" || argument == "-h";
    if command == "help" || arguments.iter().take(2).any(asks_help) || arguments.is_empty() {
        print!("{HELP}");
        return Ok(());
    }
    let workspace = Workspace::find();
    match command {
        "test" => steps::run(&workspace, rest),
        "real" => real::run(&workspace, rest),
        "sdk" => sdk::run(&workspace, rest),
        "bench" => bench::run(&workspace, rest),
        "fuzz" => fuzz::run(&workspace, rest),
        other => Err(format!("no command `{other}`\n\n{HELP}")),
    }
}
