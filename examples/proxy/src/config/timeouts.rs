//! `timeout = { connect, first_byte, idle, total }`: how long to wait for a provider.

use std::time::Duration;

use super::duration;
use super::node::Node;
use super::report::Report;

/// How long to wait for a provider, in each phase of a call. `None`: the default of whoever waits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timeouts {
    /// Until the connection stands, TLS included.
    pub connect: Option<Duration>,
    /// From the request until the first byte of the answer.
    pub first_byte: Option<Duration>,
    /// Between two pieces of an answer.
    pub idle: Option<Duration>,
    /// From the request to the end of the answer.
    pub total: Option<Duration>,
}

impl Timeouts {
    pub(super) fn read(node: &Node<'_>, report: &mut Report<'_>) -> Self {
        let example = "timeout = { connect = \"2s\", total = \"10m\" }";
        let Some(mut members) = node.table(example, report) else {
            return Self::default();
        };
        let mut read = |name| {
            members
                .get(name)
                .and_then(|node| duration::read(&node, report))
        };
        let timeouts = Self {
            connect: read("connect"),
            first_byte: read("first_byte"),
            idle: read("idle"),
            total: read("total"),
        };
        members.finish(report);
        timeouts
    }
}
