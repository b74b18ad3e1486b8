//! `timeout = { connect, first_byte, idle, total }`: how long to wait for a provider.

use std::time::Duration;

use super::duration;
use super::node::Node;
use super::report::Report;

/// How long to wait for a provider. `None`: the default of whoever waits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timeouts {
    /// Until the connection stands.
    pub connect: Option<Duration>,
}

const NOT_ENFORCED: &str = "is not enforced by this version, and a limit without effect is worse than none";

impl Timeouts {
    pub(super) fn read(node: &Node<'_>, report: &mut Report<'_>) -> Self {
        let example = "timeout = { connect = \"2s\" }";
        let Some(mut members) = node.table(example, report) else {
            return Self::default();
        };
        let connect = members.get("connect").and_then(|node| duration::read(&node, report));
        for limit in ["first_byte", "idle", "total"] {
            members.not_yet(limit, NOT_ENFORCED, report);
        }
        members.finish(report);
        Self { connect }
    }
}
