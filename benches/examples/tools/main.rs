//! What becomes of the mistakes that models make in tool calls: caught, mended to what was meant, or made into something
//! else.
//!
//! `cargo xtask bench tools [--show KIND] [--route ROUTE] [--each N] [--json FILE]`
//!
//! Valid calls of forty tools are mutated in every way of `mutate`, and each goes every way by which a call reaches a
//! client: whole and streamed, in the shapes of OpenAI's and Anthropic's APIs, as structured output, and without HTTP.
//! What must become of a mistake is worked out from the mistake and the schema:
//!
//! - *valid*: it is right in spite of how it looks, and passed on;
//! - *lossless*: it has one reading, the call before the mutation, and is mended to that, equal as JSON;
//! - *never*: it has none or several, or was cut off by a limit, and is refused;
//! - *open*: refused or mended, whichever; but nothing else.
//!
//! *Invented* is what comes out valid and is not the call that was mutated. `--show KIND` prints what went wrong in one
//! kind of mistake, or in `all`; `--each N` takes so many cases of each kind and label of each call, in place of two. The program fails if the bar is missed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a program that measures"
)]

mod case;
mod corpus;
mod json;
mod mutate;
mod route;
mod table;

use std::{path::PathBuf, process::ExitCode};

use case::Case;
use corpus::Tool;
use route::{Route, Routes};
use table::Tallies;

type Error = Box<dyn std::error::Error + Send + Sync>;

/// Tools that a request offers.
const OFFERED: usize = 5;

#[derive(Default)]
struct Arguments {
    show: Option<String>,
    route: Option<String>,
    each: usize,
    json: Option<PathBuf>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Error> {
    let arguments = arguments()?;
    let tools = corpus::read()?;
    let cases = mutate::all(&tools, arguments.each);
    table::mix(&tools, &cases);
    let (routes, mut tallies) = (Routes::new(), Tallies::default());
    for (number, case) in cases.iter().enumerate() {
        let offered = offered(case, &tools);
        for route in Route::ALL.into_iter().filter(|route| route.takes(case)) {
            if arguments.route.as_ref().is_some_and(|wanted| wanted != route.name()) {
                continue;
            }
            let outcome = routes.run(route, case, &offered, number).await;
            let verdict = case.verdict(&outcome, &offered);
            tallies.add(route, case, verdict);
            let is_shown = arguments.show.as_deref().is_some_and(|kind| kind == "all" || kind == case.kind);
            if is_shown && !case.is_kept(verdict) {
                table::show(route, case, &outcome, verdict);
            }
        }
    }
    tallies.print();
    if let Some(file) = arguments.json {
        std::fs::write(file, serde_json::to_string_pretty(&tallies.json())?)?;
    }
    Ok(if tallies.is_met() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The tool of the case, and those that follow it.
fn offered<'a>(case: &Case<'_>, tools: &'a [Tool]) -> Vec<&'a Tool> {
    let at = tools.iter().position(|tool| tool.name == case.tool.name).unwrap_or_default();
    tools.iter().cycle().skip(at).take(OFFERED).collect()
}

fn arguments() -> Result<Arguments, Error> {
    let mut read = Arguments { each: 2, ..Arguments::default() };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--show" => read.show = Some(value()?),
            "--route" => read.route = Some(value()?),
            "--each" => read.each = value()?.parse()?,
            "--json" => read.json = Some(value()?.into()),
            _ => return Err(format!("unknown argument: {argument}").into()),
        }
    }
    Ok(read)
}
