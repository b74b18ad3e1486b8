//! The table, and what it rests on.
#![allow(clippy::print_stdout, reason = "a program that prints a table")]

use std::time::Duration;

use llm_layers_catalogue::Meter;
use rust_decimal::Decimal;

use crate::{
    fleet::Member,
    mix::{Kind, Request},
    run::Day,
};

pub(crate) fn fleet(fleet: &[Member]) {
    println!("| deployment | model | USD per million in / cached / out | first word, median | tokens/s | failures |");
    println!("| --- | --- | --- | --- | --- | --- |");
    for member in fleet {
        let usd = |meter| {
            let price = member.model.price.as_ref().and_then(|price| price.usual(meter));
            price.map_or_else(|| "-".to_owned(), |usd| usd.to_string())
        };
        println!(
            "| {} | {} {} | {} / {} / {} | {:.1} s | {} | {:.1} % |",
            member.name,
            member.deployment.provider(),
            member.deployment.model(),
            usd(Meter::Input),
            usd(Meter::CachedInput),
            usd(Meter::Output),
            member.first_word,
            member.speed,
            member.failures * 100.0,
        );
    }
}

pub(crate) fn mix(requests: &[Request], prompts: impl Fn(usize) -> u64) {
    println!("\n| of {} requests | share | prompt tokens, median | answer tokens, median |", requests.len());
    println!("| --- | --- | --- | --- |");
    for kind in Kind::ALL {
        let of = |value: &dyn Fn(usize) -> u64| {
            let mut values: Vec<_> = requests
                .iter()
                .enumerate()
                .filter(|(_, request)| request.kind == kind)
                .map(|(n, _)| value(n))
                .collect();
            values.sort_unstable();
            (values.len(), values.get(values.len() / 2).copied().unwrap_or_default())
        };
        let ((count, prompt), (_, answer)) = (of(&prompts), of(&|n| requests[n].output));
        if count == 0 {
            continue;
        }
        let share = 100.0 * count as f64 / requests.len() as f64;
        println!("| {} | {share:.0} % | {prompt} | {answer} |", kind.name());
    }
}

pub(crate) fn head(reference: &str) {
    println!(
        "\n| policy | total, USD | against {reference} | p50 first word | p99 | failed | failed attempts | cached | where |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
}

pub(crate) fn row(name: &str, day: &Day, reference: Decimal, fleet: &[Member]) {
    let quantile = |q: f64| {
        let place = (day.waits.len() as f64 * q) as usize;
        day.waits.get(place).or(day.waits.last()).map_or(0.0, Duration::as_secs_f64)
    };
    let total: usize = day.answers.iter().sum();
    let mut shares: Vec<_> = fleet.iter().zip(&day.answers).map(|(member, answers)| (*answers, member.name)).collect();
    shares.sort_unstable_by(|a, b| b.cmp(a));
    let percent = |answers: usize| 100.0 * answers as f64 / total.max(1) as f64;
    let shares: Vec<_> = shares
        .into_iter()
        .filter(|(answers, _)| percent(*answers) >= 0.5)
        .map(|(answers, name)| format!("{name} {:.0} %", percent(answers)))
        .collect();
    println!(
        "| {name} | {:.2} | {:.1} % | {:.2} s | {:.2} s | {} | {} | {:.0} % | {} |",
        day.cost,
        day.cost / reference * Decimal::ONE_HUNDRED,
        quantile(0.5),
        quantile(0.99),
        day.failed,
        day.attempts_failed,
        100.0 * day.cached_tokens as f64 / day.prompt_tokens.max(1) as f64,
        shares.join(", "),
    );
}
