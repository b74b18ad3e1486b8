//! `[layers.rate_limit]`, and the limits of single keys: how much may be used.

use std::{num::NonZero, sync::Arc};

use llm_layers_rate_limit::{Config, ConfigError, Limits, LimitsConfig, OnStoreFailure};

use super::layers::Store;
use super::node::Members;
use super::report::Report;

/// How much may be used, and where it is counted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RateLimit {
    /// Each caller, but for those below.
    pub caller: Limits,
    /// What single callers may use, by the names of their keys; what these do not say is as for all.
    pub callers: Vec<(Arc<str>, Limits)>,
    /// Each deployment.
    pub deployment: Limits,
    /// All calls together.
    pub global: Limits,
    /// What becomes of calls while the store is away.
    pub on_store_failure: OnStoreFailure,
    /// Where replicas count together; else each counts for itself.
    pub store: Option<Store>,
}

impl TryFrom<Config> for RateLimit {
    type Error = ConfigError;

    fn try_from(config: Config) -> Result<Self, ConfigError> {
        Ok(Self {
            caller: config.caller().try_into()?,
            callers: Vec::new(),
            deployment: config.deployment.unwrap_or_default().try_into()?,
            global: config.global.unwrap_or_default().try_into()?,
            on_store_failure: config.on_store_failure,
            store: None,
        })
    }
}

/// The limits among the members of a key: `rpm`, `tpm`, `concurrent`.
pub(super) fn of_key(members: &mut Members<'_>, report: &mut Report<'_>) -> Option<Limits> {
    let mut count = |name| members.get(name).and_then(|node| node.count(report));
    let (rpm, tpm, concurrent) = (count("rpm"), count("tpm"), count("concurrent"));
    // A number beyond what is counted with limits nobody.
    let small = |number: u64| NonZero::new(u32::try_from(number).unwrap_or(u32::MAX));
    let mut limits = LimitsConfig::default();
    limits.rpm = rpm.and_then(small);
    limits.tpm = tpm.and_then(NonZero::new);
    limits.concurrent = concurrent.and_then(small);
    Limits::try_from(limits).ok().filter(|limits| !limits.is_unlimited())
}
