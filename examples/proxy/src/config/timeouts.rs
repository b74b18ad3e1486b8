//! `timeout = { connect, first_byte, first_token, idle, total, min_speed }`: how long to wait for a provider.

use std::time::Duration;

use llm_layers_timeout::{ConfigError, Limits, TimeoutConfig};

use super::duration;
use super::node::Node;
use super::report::Report;

/// How long to wait for a provider.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Timeouts {
    /// Until the connection stands. `None`: the client's default.
    pub connect: Option<Duration>,
    /// Limits of one attempt; those that are absent are those of `[layers.timeout]`, which must not be switched off.
    pub attempt: TimeoutConfig,
}

impl Timeouts {
    pub(super) fn read(node: &Node<'_>, report: &mut Report<'_>) -> Self {
        let Some(mut members) = node.table("timeout = { connect = \"2s\", first_byte = \"30s\" }", report) else {
            return Self::default();
        };
        let connect = members.get("connect").and_then(|node| duration::read(&node, report));
        let attempt = node.settings::<TimeoutConfig, Checked>(&["connect"], report);
        Self { connect, attempt: attempt.map(|checked| checked.0).unwrap_or_default() }
    }

    /// Whether anything but connecting has a limit here.
    pub(super) fn limit_attempts(&self) -> bool {
        let none = Limits::none();
        self.attempt.clone().over(none).is_ok_and(|limits| limits != none)
    }
}

/// Settings that make limits.
struct Checked(TimeoutConfig);

impl TryFrom<TimeoutConfig> for Checked {
    type Error = ConfigError;

    fn try_from(config: TimeoutConfig) -> Result<Self, Self::Error> {
        Limits::try_from(config.clone()).map(|_| Self(config))
    }
}
