//! A day of 10,000 requests by each policy: what they cost, how long they waited, what failed.
//!
//! `cargo xtask bench routing [--requests N] [--seed N]`
//!
//! The choices are those of the router's engine, as it is shipped; prices are the catalogue's; the requests, and how long
//! providers take and when they fail, are made up by chance that a seed repeats, and printed with the table. Time is
//! virtual. The program fails if the cheapest policy has ever chosen a deployment that was expected to cost more than
//! the best possible one, worked out by brute force in decimals.
//!
//! What is not in it: breakers and retries at one deployment, thoughts (answers are as long from every model), marked
//! caches (Anthropic's), and whether an answer is any good.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a program that measures"
)]

mod dice;
mod fleet;
mod mix;
mod policies;
mod run;
mod table;
mod text;
mod world;

use std::time::{Duration, SystemTime};

use http::Request;
use llm_layers_core::Operation;
use llm_layers_wire::json::Object;
use rust_decimal::Decimal;

type Error = Box<dyn std::error::Error + Send + Sync>;

/// Wednesday, 18 November 2026, 0:00 UTC.
const START: u64 = 1_794_960_000;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (count, seed) = arguments()?;
    tokio::time::pause();
    let fleet = fleet::fleet()?;
    let requests = mix::requests(seed, count);
    let mut counts = Vec::with_capacity(requests.len());
    for request in &requests {
        let object = Object::parse(request.body())?;
        let mut count: Vec<u64> = Vec::with_capacity(fleet.len());
        for member in &fleet {
            let same = fleet.iter().take(count.len()).position(|other| other.tokenizer == member.tokenizer);
            let tokens = || llm_layers_tokens::prompt(Operation::ChatCompletion, &object, member.tokenizer).total();
            count.push(same.map_or_else(tokens, |same| count[same]));
        }
        counts.push(count);
    }
    table::fleet(&fleet);
    let gpt = fleet.iter().position(|member| member.name == "gpt").ok_or("no gpt")?;
    table::mix(&requests, |n| counts[n][gpt]);

    let (head, ()) = Request::post("/v1/chat/completions").body(())?.into_parts();
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(START);
    let run = run::Run { fleet: &fleet, requests: &requests, start, seed, head: &head, counts: &counts };
    let mut broken = Vec::new();
    let (mut frontier, mut cheapest, mut by_complexity) = (Decimal::ZERO, Decimal::ZERO, Decimal::ZERO);
    table::head();
    for entrant in policies::entrants(&fleet) {
        let day = run.day(&entrant).await?;
        match entrant.name {
            "always frontier" => frontier = day.cost,
            "cheapest" => cheapest = day.cost,
            _ if !entrant.bands.is_empty() => by_complexity = day.cost,
            _ => {}
        }
        table::row(entrant.name, &day, frontier, &fleet);
        if entrant.is_checked {
            let (chosen, best) = day.expected;
            if day.dearer_than_best > 0 || chosen > best {
                broken.push(format!("{} choices cost more than the best: {chosen} and {best}", day.dearer_than_best));
            }
            println!("<!-- first choices were expected to cost {chosen} USD, the best by brute force {best} USD -->");
        }
    }
    println!(
        "\nComplexity saves {:.1} % of what the frontier costs, and costs {:.1} times the cheapest. Whether the answers of \
         smaller models were good enough is not measured here: the score only guesses how hard a prompt is.",
        (Decimal::ONE - by_complexity / frontier) * Decimal::ONE_HUNDRED,
        by_complexity / cheapest,
    );
    if broken.is_empty() { Ok(()) } else { Err(broken.join("; ").into()) }
}

fn arguments() -> Result<(usize, u64), Error> {
    let (mut requests, mut seed) = (10_000, 1);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let number =
            arguments.next().and_then(|number| number.parse().ok()).ok_or(format!("{argument} needs a number"))?;
        match argument.as_str() {
            "--requests" => requests = number as usize,
            "--seed" => seed = number,
            _ => return Err(format!("unknown argument: {argument}").into()),
        }
    }
    Ok((requests, seed))
}
