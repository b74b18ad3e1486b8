//! What a file says, and what comes of it is nothing: no mistake, and yet not what somebody meant.

use std::sync::Arc;
use std::time::SystemTime;

use foldhash::HashMap;
use llm_layers_accounts::budgets::{OnStoreFailure, UnknownCost};
use llm_layers_catalogue::Model;
use llm_layers_core::Deployment;
use llm_layers_cost_router::{Engine, MemberConfig, Routes};

use super::Config;
use super::alias::Alias;

/// Each is a sentence that names the member.
pub(super) fn of(config: &Config) -> Vec<String> {
    let mut warnings: Vec<_> = config.aliases.iter().flat_map(of_alias).collect();
    warnings.extend(unanswerable(config));
    if let Some(limits) = &config.layers.rate_limit
        && limits.store.is_none()
        && limits.on_store_failure != OnStoreFailure::default()
    {
        warnings.push(without_store("rate_limit"));
    }
    if let Some(accounts) = &config.layers.accounts {
        if accounts.store.is_none() && accounts.settings.on_store_failure != OnStoreFailure::default() {
            warnings.push(without_store("accounts"));
        }
        let all = [accounts.caller.is_empty(), accounts.callers.is_empty(), accounts.aliases.is_empty()];
        let is_free = accounts.global.is_empty() && all.iter().all(|is_empty| *is_empty);
        if is_free && accounts.settings.unknown_cost == UnknownCost::Refuse {
            warnings.push("`layers.accounts.unknown_cost` has no effect: there is no budget".to_owned());
        }
    }
    if config.layers.cache.is_some() && config.layers.pii_redaction.as_ref().is_some_and(|redaction| !redaction.has_key)
    {
        warnings.push(
            "`layers.cache` finds nothing for requests in which `layers.pii_redaction` takes something out: its \
             placeholders are others each time; set its `key`"
                .to_owned(),
        );
    }
    warnings
}

fn without_store(layer: &str) -> String {
    format!("`layers.{layer}.on_store_failure` has no effect without a shared `store`")
}

fn of_alias(alias: &Alias) -> Vec<String> {
    let settings = &alias.settings;
    let policy = settings.policy.as_deref().unwrap_or("ordered");
    let mut warnings = Vec::new();
    let mut warn = |member: &str, why: &str| {
        warnings.push(format!("`{member}` of the alias `{}` has no effect: {why}", alias.name));
    };
    if settings.sticky.is_some() && policy != "weighted" {
        warn("sticky", &format!("it is for the policy `weighted`, and this is `{policy}`"));
    }
    let is_weighed = |member: &MemberConfig| matches!(member, MemberConfig::Weighted(with) if with.weight.is_some_and(|weight| weight != 1));
    if !["weighted", "least_busy"].contains(&policy) && settings.deployments.iter().any(is_weighed) {
        warn("weight", &format!("it is for the policies `weighted` and `least_busy`, and this is `{policy}`"));
    }
    let further =
        [("on_context_overflow", &settings.on_context_overflow), ("on_content_refusal", &settings.on_content_refusal)];
    for (member, list) in further {
        if list.is_empty() {
            continue;
        }
        match alias.deployments.as_slice() {
            _ if settings.max_attempts == Some(1) => {
                warn(member, "`max_attempts` is 1, and so nobody is asked after the first")
            }
            [only] if list.iter().all(|name| **name == **only) => {
                warn(member, "it names nobody but the alias's only deployment");
            }
            _ => {}
        }
    }
    warnings
}

/// Aliases of which no deployment can pass the rules, whatever the call: they answer nothing but 400.
fn unanswerable(config: &Config) -> Vec<String> {
    let facts: HashMap<Arc<str>, Arc<Model>> = config
        .deployments
        .iter()
        .filter_map(|deployment| {
            let provider = config.providers.iter().find(|provider| provider.name == deployment.provider);
            Some((Arc::clone(&deployment.name), Arc::new(deployment.facts(provider).ok()?)))
        })
        .collect();
    let deployments = config.deployments.iter();
    let deployments = deployments.map(|from| Deployment::new(&*from.name, &*from.provider, &*from.model));
    let routes = deployments.fold(Routes::new(), Routes::deployment);
    let routes = config.aliases.iter().map(|alias| alias.route.clone()).fold(routes, Routes::alias);
    // What cannot be built is an error of its own.
    let engine = Engine::builder().facts(move |deployment| facts.get(deployment.name()).cloned()).build(&routes);
    let Ok(engine) = engine else { return Vec::new() };
    let left = |alias: &Alias| engine.first_allowed(&alias.name, None, None, SystemTime::now(), |_| true);
    let refused = config.aliases.iter().filter_map(|alias| Some((alias, left(alias)?.err()?)));
    refused
        .filter(|(_, nothing_left)| nothing_left.is_the_requests())
        .map(|(alias, nothing_left)| {
            let removed = nothing_left.removed().map(|(deployment, why)| format!("`{}`: {why}", deployment.name()));
            let removed: Vec<_> = removed.collect();
            format!("the alias `{}` can only refuse, no deployment keeps its rules: {}", alias.name, removed.join("; "))
        })
        .collect()
}
