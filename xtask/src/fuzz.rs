//! `cargo xtask fuzz`: every fuzz target for a while.

use crate::workspace::Workspace;
use crate::{Result, process};

const DEFAULT_SECONDS: u32 = 60;

/// Runs the targets that `arguments` name, or all.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result {
    let all = targets(workspace)?;
    let (seconds, asked) = parse(arguments, &all)?;
    if process::output(workspace.cargo().args(["fuzz", "--version"])).is_none() {
        process::run(workspace.cargo().args(["install", "cargo-fuzz", "--locked"]))?;
    }
    for target in &asked {
        println!("\n== fuzz {target}, {seconds} s");
        let time = format!("-max_total_time={seconds}");
        // Without a sanitizer (there is no unsafe code to watch) the stable toolchain will do.
        process::run(
            workspace.cargo().args(["fuzz", "run", "--fuzz-dir", "fuzz", "--sanitizer", "none", target, "--"]).args([
                &time,
                "-timeout=10",
                "-rss_limit_mb=4096",
            ]),
        )?;
    }
    println!("\nnothing found in {} targets, {seconds} s each: {}", asked.len(), asked.join(", "));
    Ok(())
}

fn targets(workspace: &Workspace) -> Result<Vec<String>> {
    let folder = workspace.path("fuzz/fuzz_targets");
    let entries = std::fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".rs").map(str::to_owned))
        .collect();
    names.sort();
    Ok(names)
}

fn parse(arguments: &[String], all: &[String]) -> Result<(u32, Vec<String>)> {
    let mut seconds = DEFAULT_SECONDS;
    let mut asked = Vec::new();
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        if argument == "--seconds" {
            let value = arguments.next().and_then(|value| value.parse().ok());
            // Zero would be without an end.
            seconds = value.filter(|seconds| *seconds > 0).ok_or("--seconds takes a number from 1")?;
        } else if all.contains(argument) {
            asked.push(argument.clone());
        } else {
            return Err(format!("no fuzz target `{argument}`; there are: {}", all.join(", ")));
        }
    }
    Ok((seconds, if asked.is_empty() { all.to_vec() } else { asked }))
}
