//! `llm-proxy totals`: what calls have cost, by day, caller and deployment.

use std::path::Path;

use llm_layers_accounts::{Ledger as _, MemoryLedger, Row, Totals};
use serde_json::json;

use crate::ledger::{self, Error};

/// A table of a ledger's totals, or JSON, a row a line.
///
/// # Errors
/// The ledger cannot be read.
pub fn of(ledger: &Path, as_json: bool) -> Result<String, Error> {
    let totals = MemoryLedger::new().max_rows(usize::MAX);
    for entry in ledger::entries(ledger)? {
        totals.record(&entry?);
    }
    let rows = totals.rows();
    if as_json {
        return Ok(rows.iter().map(line).collect());
    }
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
    Ok(lines.iter().map(padded).collect())
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
    [day, caller, deployment, calls, failed, cancelled, input, output, format!("{:.6}{unpriced}", totals.cost)]
}

fn line((row, totals): &(Row, Totals)) -> String {
    let Totals { calls, failed, cancelled, unpriced, estimated, cost, .. } = totals;
    let line = json!({
        "day": row.day.to_string(), "caller": row.caller, "deployment": row.deployment,
        "attempts": calls, "failed": failed, "cancelled": cancelled, "unpriced": unpriced, "estimated": estimated,
        "input": totals.tokens.prompt(), "output": totals.tokens.completion(), "cost_usd": cost.to_string(),
    });
    format!("{line}\n")
}
