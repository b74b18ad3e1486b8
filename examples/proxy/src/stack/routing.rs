//! Who answers: the file's deployments and aliases, as the router has them.

use llm_layers_accounts::budgets::Budgets;
use llm_layers_circuit_breaker::Breakers;
use llm_layers_core::{Alias, Caller};
use llm_layers_cost_router::{Engine, RouterLayer, Routes, RoutesError};

use super::facts::Facts;
use crate::config::{Config, Deployment, RouteTable};

/// What the choice goes by beside the file.
pub(super) struct Known<'a> {
    pub(super) facts: Facts,
    pub(super) circuits: Option<Breakers>,
    pub(super) budgets: Option<Budgets>,
    /// What was learnt before a change of the configuration.
    pub(super) before: Option<&'a RouterLayer>,
}

pub(super) fn router(config: &Config, table: RouteTable, known: Known<'_>) -> Result<RouterLayer, RoutesError> {
    let Known { facts, circuits, budgets, before } = known;
    let deployments = config.deployments().iter().map(Deployment::candidate);
    let routes = deployments.fold(Routes::new(), Routes::deployment);
    let routes = config.aliases().iter().map(|alias| alias.route.clone()).fold(routes, Routes::alias);

    let mut engine = Engine::builder().facts(move |deployment| facts.of(deployment));
    if let Some(circuits) = circuits {
        engine = engine.available(move |deployment| !circuits.is_open(deployment.name()));
    }
    if let Some(before) = before {
        engine = engine.taking_over(before.engine());
    }
    let router = RouterLayer::of(engine.build(&routes)?).resolve_others(move |name| table.of_provider(name));
    Ok(match budgets {
        Some(budgets) => router.thrifty(move |head| {
            let caller = head.extensions.get::<Caller>().map(Caller::name);
            let alias = head.extensions.get::<Alias>().map(Alias::name);
            budgets.is_soft_exceeded(caller, alias)
        }),
        None => router,
    })
}
