//! `llm-proxy totals`: what calls have cost, by day, caller and deployment.

use std::{path::Path, time::Duration};

use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use llm_layers_accounts::{Ledger as _, MemoryLedger, RedisLedger, Row, Totals};
use llm_layers_redis::Redis;
use serde_json::json;

use crate::ledger::{Entries, Error, Skipped};

/// A ledger's totals as a table, or as JSON, a row a line; and what is not in them.
///
/// # Errors
/// The ledger cannot be read, or has no entry.
pub fn of(ledger: &Path, as_json: bool) -> Result<(String, Skipped), Error> {
    let mut entries = Entries::of(ledger)?;
    let totals = MemoryLedger::new().max_rows(usize::MAX);
    for entry in &mut entries {
        totals.record(&entry?);
    }
    let rows = totals.rows();
    if rows.is_empty() {
        // Zeros would look as if nothing had been spent, and it may be another file.
        return Err(Error::Empty(ledger.to_owned()));
    }
    let text = if as_json { rows.iter().map(line).collect() } else { table(&rows) };
    Ok((text, entries.into_skipped()))
}

/// The totals of all replicas for the last days in UTC, as their Redis has them.
///
/// # Errors
/// The URL is none, or the server does not answer.
pub async fn shared(url: &str, days: u16, as_json: bool) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    // A person waits longer than a call does.
    let ledger = RedisLedger::new(Redis::open(url)?.time_limit(Duration::from_secs(10)));
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let mut rows = Vec::new();
    for ago in (0..i64::from(days)).rev() {
        rows.extend(ledger.rows(today.saturating_sub(ago.days())).await?);
    }
    Ok(if as_json { rows.iter().map(line).collect() } else { table(&rows) })
}

fn table(rows: &[(Row, Totals)]) -> String {
    let head = HEAD.map(str::to_owned);
    let sum = rows.iter().fold(Totals::default(), |mut sum, (_, totals)| {
        sum += totals;
        sum
    });
    let last = cells(["all", "", ""].map(str::to_owned), &sum);
    let middle =
        rows.iter().map(|(row, totals)| cells([row.day.to_string(), name(&row.caller), name(&row.deployment)], totals));
    let lines: Vec<_> = std::iter::once(head).chain(middle).chain([last]).collect();
    let widths = lines.iter().fold([0; HEAD.len()], |mut widths, line| {
        widths.iter_mut().zip(line).for_each(|(width, cell)| *width = (*width).max(cell.chars().count()));
        widths
    });
    let padded = |cells: &[String; HEAD.len()]| {
        let cells = cells.iter().zip(widths).enumerate();
        let cells = cells
            .map(|(i, (cell, width))| if i < NAMES { format!("{cell:width$}") } else { format!("{cell:>width$}") });
        format!("{}\n", cells.collect::<Vec<_>>().join("  "))
    };
    lines.iter().map(padded).collect()
}

const HEAD: [&str; 9] = ["DAY", "CALLER", "DEPLOYMENT", "ATTEMPTS", "FAILED", "LEFT", "INPUT", "OUTPUT", "USD"];
/// So many columns hold names, and begin at the left.
const NAMES: usize = 3;

fn name(name: &str) -> String {
    // Control characters are for terminals, and names may be a stranger's.
    let name: String = name.chars().filter(|c| !c.is_control()).collect();
    if name.is_empty() { "-".to_owned() } else { name }
}

fn cells([day, caller, deployment]: [String; NAMES], totals: &Totals) -> [String; HEAD.len()] {
    let unpriced = if totals.unpriced == 0 { String::new() } else { format!(" + {} of unknown cost", totals.unpriced) };
    let [calls, failed, cancelled] = [totals.calls, totals.failed, totals.cancelled].map(|number| number.to_string());
    let [input, output] = [totals.tokens.prompt(), totals.tokens.completion()].map(|number| number.to_string());
    [day, caller, deployment, calls, failed, cancelled, input, output, format!("{}{unpriced}", totals.cost.normalize())]
}

fn line((row, totals): &(Row, Totals)) -> String {
    let Totals { calls, failed, cancelled, unpriced, estimated, cost, .. } = totals;
    let line = json!({
        "day": row.day.to_string(), "caller": row.caller, "deployment": row.deployment,
        "attempts": calls, "failed": failed, "cancelled": cancelled, "unpriced": unpriced, "estimated": estimated,
        "input": totals.tokens.prompt(), "output": totals.tokens.completion(), "cost_usd": cost.normalize().to_string(),
    });
    format!("{line}\n")
}
