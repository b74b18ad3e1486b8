//! `api_key` of a provider: one key, or a list of keys with weights.

use super::node::Node;
use super::report::Report;
use llm_layers_core::Secret;

/// Reads all forms; of several keys this version can only use one, and says so.
pub(super) fn read_one(node: &Node<'_>, report: &mut Report<'_>) -> Option<Secret> {
    if node.is_string() {
        return node.secret(report);
    }
    if !node.is_array() {
        let help = "write `api_key = \"env:NAME\"`, or a list of such strings";
        node.wrong_type("a string or a list", help, report);
        return None;
    }
    let entries = node.array("[\"env:NAME\"]", report)?;
    // All are read, so that each mistake is told.
    let mut keys: Vec<_> = entries.iter().map(|entry| read_entry(entry, report)).collect();
    match keys.len() {
        0 => {
            report.error(&node.place, "the list is empty", "name a key, or leave `api_key` out");
            None
        }
        1 => keys.pop().flatten(),
        _ => {
            let message = "several keys for one provider come with the cost router";
            report.error(&node.place, message, "this version takes one key: `api_key = \"env:NAME\"`");
            None
        }
    }
}

/// `"env:NAME"` or `{ key = "env:NAME", weight = 3 }`.
fn read_entry(entry: &Node<'_>, report: &mut Report<'_>) -> Option<Secret> {
    if entry.is_string() {
        return entry.secret(report);
    }
    let example = "{ key = \"env:NAME\", weight = 3 }";
    let mut members = entry.table(example, report)?;
    let key = members.need("key", "key = \"env:NAME\"", report);
    if let Some(weight) = members.get("weight") {
        weight.count(report);
    }
    members.finish(report);
    key?.secret(report)
}
