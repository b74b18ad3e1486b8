//! `api_key` of a provider: one key, or a list of keys with weights.

use std::fmt;

use llm_layers_core::Secret;

use super::node::Node;
use super::report::Report;

/// A key of a provider.
pub struct Credential {
    /// The key.
    pub key: Secret,
    /// How many calls go by it, in proportion to the weights of the others.
    pub weight: u32,
}

/// Without the key.
impl fmt::Debug for Credential {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Credential").field("weight", &self.weight).finish_non_exhaustive()
    }
}

/// Reads all forms. Nothing if any of them is wrong: each mistake is told.
pub(super) fn read(node: &Node<'_>, report: &mut Report<'_>) -> Vec<Credential> {
    if node.is_string() {
        return node.secret(report).map(|key| Credential { key, weight: 1 }).into_iter().collect();
    }
    if !node.is_array() {
        let help = "write `api_key = \"env:NAME\"`, or a list of such strings";
        node.wrong_type("a string or a list", help, report);
        return Vec::new();
    }
    let entries = node.array("[\"env:NAME\"]", report).unwrap_or_default();
    if entries.is_empty() {
        report.error(&node.place, "the list is empty", "name a key, or leave `api_key` out");
    }
    let mut credentials: Vec<Credential> = Vec::new();
    for entry in &entries {
        let Some(credential) = read_entry(entry, report) else { continue };
        if credentials.iter().any(|other| other.key.is(credential.key.expose())) {
            report.error(&entry.place, "this key is in the list already", "give it once, with a `weight`");
        }
        credentials.push(credential);
    }
    credentials
}

/// `"env:NAME"` or `{ key = "env:NAME", weight = 3 }`.
fn read_entry(entry: &Node<'_>, report: &mut Report<'_>) -> Option<Credential> {
    if entry.is_string() {
        return entry.secret(report).map(|key| Credential { key, weight: 1 });
    }
    let example = "{ key = \"env:NAME\", weight = 3 }";
    let mut members = entry.table(example, report)?;
    let key = members.need("key", "key = \"env:NAME\"", report);
    let weight = match members.get("weight") {
        Some(weight) => self::weight(&weight, report),
        None => Some(1),
    };
    members.finish(report);
    Some(Credential { key: key?.secret(report)?, weight: weight? })
}

/// How much one of several counts.
pub(super) fn weight(node: &Node<'_>, report: &mut Report<'_>) -> Option<u32> {
    let weight = u32::try_from(node.count(report)?).ok();
    if weight.is_none() {
        report.error(&node.place, "this is more than a weight can be", "only the proportion counts: write `3`, say");
    }
    weight
}
