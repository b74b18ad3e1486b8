//! `cargo xtask test`: named steps in order, stopping at the first that fails.

use std::process::Command;
use std::time::Instant;

use crate::setup::{self, Clients};
use crate::workspace::Workspace;
use crate::{Result, ner, process, redis8, system};

/// Cargo's arguments by the name of the step.
const STEPS: [(&str, &[&str]); 5] = [
    ("fmt", &["fmt", "--all", "--check"]),
    ("clippy", &["clippy", "--workspace", "--all-targets", "--all-features", "--jobs", "2", "--", "-D", "warnings"]),
    ("doc", &["doc", "--workspace", "--no-deps", "--all-features", "--jobs", "2"]),
    // Unit, integration, end-to-end and doc tests.
    ("test", &["test", "--workspace", "--all-features", "--jobs", "2"]),
    ("fuzz-check", &["check", "--quiet", "--manifest-path", "fuzz/Cargo.toml", "--jobs", "2"]),
];

/// Runs the steps that `arguments` ask for.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result {
    let options = Options::parse(arguments)?;
    let mut done = Vec::new();
    let mut timed = |name: &'static str, work: &mut dyn FnMut() -> Result| {
        println!("\n== {name}");
        let start = Instant::now();
        work().map_err(|error| format!("step {name}: {error}"))?;
        done.push((name, start.elapsed().as_secs_f64()));
        Ok::<(), String>(())
    };
    let asked = |name: &str| options.only.is_empty() || options.only.iter().any(|only| only == name);
    if options.set_up && asked("test") {
        timed("setup", &mut || {
            Clients::set_up(workspace)?;
            ner::set_up(workspace)?;
            redis8::set_up(workspace)?;
            setup::redis_server().map(drop)
        })?;
    }
    for (name, cargo_arguments) in STEPS {
        let skip = name == "fuzz-check" && !workspace.path("fuzz/Cargo.toml").is_file();
        if asked(name) && !skip {
            timed(name, &mut || process::run(&mut step(workspace, name, cargo_arguments)))?;
        }
    }
    println!("\nall steps passed:");
    for (name, seconds) in done {
        println!("  {name:<12}{seconds:>8.1} s");
    }
    Ok(())
}

fn step(workspace: &Workspace, name: &str, arguments: &[&str]) -> Command {
    let mut command = workspace.cargo();
    command.args(arguments);
    if std::env::var_os("CARGO_INCREMENTAL").is_none() {
        // One build needs no memory of the last one, which takes as much room as the build itself.
        command.env("CARGO_INCREMENTAL", "0");
    }
    if name == "doc" {
        command.env("RUSTDOCFLAGS", "-Dwarnings");
    }
    if name == "test" {
        let clients = Clients::in_place(workspace);
        command.env("LLM_LAYERS_PYTHON", clients.python).env("LLM_LAYERS_NODE_DIR", clients.node);
        ner::tell(workspace, &mut command);
        redis8::tell(workspace, &mut command);
        if let Some(redis) = system::find("redis-server") {
            command.env("LLM_LAYERS_REDIS_SERVER", redis);
        }
    }
    command
}

#[derive(Debug)]
struct Options {
    only: Vec<String>,
    set_up: bool,
}

impl Options {
    fn parse(arguments: &[String]) -> Result<Self> {
        let mut options = Self { only: Vec::new(), set_up: true };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--no-setup" => options.set_up = false,
                "--only" => options.only.push(known_step(arguments.next())?),
                other => return Err(format!("test: no option `{other}`")),
            }
        }
        Ok(options)
    }
}

fn known_step(name: Option<&String>) -> Result<String> {
    let names = STEPS.map(|(name, _)| name);
    match name {
        Some(name) if names.contains(&name.as_str()) => Ok(name.clone()),
        _ => Err(format!("--only takes one of: {}", names.join(", "))),
    }
}
