//! `[layers.NAME]`: settings of layers, of which this version has none yet.

use super::node::Node;
use super::report::{Place, Report};
use super::suggest;

const LAYERS: [&str; 6] = ["retry", "circuit_breaker", "cache", "pii_redaction", "tool_call_validator", "rate_limit"];

/// Accepts what is true today, `enabled = false`, and refuses the rest: somebody who asks for
/// redaction must not get a proxy that starts without it.
pub(super) fn read(name: &str, key: &Place, node: &Node<'_>, report: &mut Report<'_>) {
    if !LAYERS.contains(&name) {
        report.error(key, format!("unknown layer `{name}`"), suggest::help(name, LAYERS));
        return;
    }
    let Some(mut members) = node.table(&format!("[layers.{name}]"), report) else {
        return;
    };
    let enabled = members.get("enabled").map(|node| node.boolean(report));
    match enabled {
        Some(None) => return, // told already
        Some(Some(false)) if members.each().count() == 1 => return,
        _ => {}
    }
    let help = match enabled {
        Some(Some(false)) => "leave out everything but `enabled = false`",
        _ => "leave the table out, or write nothing but `enabled = false` in it",
    };
    report.error(key, format!("this version has no layer `{name}` yet"), help);
}
