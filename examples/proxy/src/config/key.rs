//! `[keys.NAME]`: who may call the proxy.

use std::fmt;
use std::sync::Arc;

use llm_layers_accounts::budgets::Limit;
use llm_layers_core::Secret;
use llm_layers_rate_limit::Limits;

use super::accounts;
use super::node::Node;
use super::rate_limit;
use super::report::Report;

/// A virtual key: who is calling.
pub struct Key {
    /// The name after `keys.`, for logs and metrics.
    pub name: Arc<str>,
    /// What the caller sends as its bearer token.
    pub secret: Secret,
    /// How much the caller may use, where it differs from what all may.
    pub limits: Option<Limits>,
    /// What the caller may spend, where it differs from what all may.
    pub budget: Vec<Limit>,
}

impl Key {
    /// Reads one table.
    pub(super) fn read(name: &str, node: &Node<'_>, report: &mut Report<'_>) -> Option<Self> {
        let mut members = node.table("[keys.NAME]", report)?;
        let key = members.need("key", "key = \"env:NAME\"", report);
        let limits = rate_limit::of_key(&mut members, report);
        let budget = accounts::budget(&mut members, report);
        members.finish(report);
        let secret = key?.secret(report)?;
        Some(Self { name: name.into(), secret, limits, budget })
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Key").field("name", &self.name).finish_non_exhaustive()
    }
}
