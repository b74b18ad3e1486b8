//! A day of 10,000 requests by each policy: what they cost, how long they waited, what failed.
//!
//! `cargo xtask bench routing [--requests N] [--seed N]`
//!
//! The choices are those of the router's engine, as it is shipped; prices are the catalogue's; the requests, and how long
//! providers take and when they fail, are made up by chance that a seed repeats, and printed with the table. Time is
//! virtual. The program fails if the cheapest policy has ever chosen a deployment that was expected to cost more than
//! the best possible one, worked out by brute force in decimals, and if affinity costs more than it saves.
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

use rust_decimal::Decimal;

use fleet::Member;

type Error = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (count, seed) = arguments()?;
    tokio::time::pause();
    let fleet = fleet::fleet()?;
    table::fleet(&fleet);
    let mut broken = Vec::new();
    of_all(&fleet, seed, count, &mut broken).await?;
    // Long prompts take long to count: fewer of them.
    of_conversations(&fleet, seed, count / 4, &mut broken).await?;
    if broken.is_empty() { Ok(()) } else { Err(broken.join("; ").into()) }
}

/// Each policy, by a mix of all applications.
async fn of_all(fleet: &[Member], seed: u64, count: usize, broken: &mut Vec<String>) -> Result<(), Error> {
    let requests = mix::requests(seed, count, mix::DAY_OF_ALL);
    let run = run::Run::new(fleet, &requests, seed)?;
    table::mix(&requests, |n| run.prompt(n));
    let (mut frontier, mut cheapest, mut by_complexity) = (Decimal::ZERO, Decimal::ZERO, Decimal::ZERO);
    table::head("frontier");
    for entrant in policies::entrants(fleet) {
        let day = run.day(&entrant).await?;
        match entrant.name {
            "always frontier" => frontier = day.cost,
            "cheapest" => cheapest = day.cost,
            "cheapest, with affinity" if day.cost > cheapest => {
                broken.push(format!("affinity costs: {} and not {cheapest}", day.cost));
            }
            _ if !entrant.bands.is_empty() => by_complexity = day.cost,
            _ => {}
        }
        table::row(entrant.name, &day, frontier, fleet);
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
    Ok(())
}

/// What affinity saves in long conversations.
async fn of_conversations(fleet: &[Member], seed: u64, count: usize, broken: &mut Vec<String>) -> Result<(), Error> {
    let requests = mix::requests(seed, count, mix::DAY_OF_CONVERSATIONS);
    let run = run::Run::new(fleet, &requests, seed)?;
    table::mix(&requests, |n| run.prompt(n));
    table::head("the same without");
    for [without, with] in policies::pairs(fleet) {
        let (first, second) = (run.day(&without).await?, run.day(&with).await?);
        table::row(without.name, &first, first.cost, fleet);
        table::row(with.name, &second, first.cost, fleet);
        if second.cost > first.cost {
            broken.push(format!("{} costs {} and not {}", with.name, second.cost, first.cost));
        }
    }
    Ok(())
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
