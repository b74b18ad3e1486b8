//! What is compared: the same fleet by different rules.

use llm_layers_catalogue::{Meter, Tier};
use llm_layers_cost_router::{
    Alias, Balanced, Bands, Call, Cheapest, Choice, Fastest, LeastBusy, Member as Weight, Needs, Policy, Weighted,
};
use rust_decimal::Decimal;

use crate::fleet::Member;

pub(crate) struct Entrant {
    pub(crate) name: &'static str,
    pub(crate) alias: Alias,
    /// Which deployments prompts of which difficulty are for.
    pub(crate) bands: Bands,
    /// Whether each choice is held against brute force.
    pub(crate) is_checked: bool,
}

/// As many routers do it: by the sum of the list prices for input and output, whatever is asked.
struct ByListPrice;

impl Policy for ByListPrice {
    fn name(&self) -> &str {
        "list_price"
    }

    fn needs(&self) -> Needs {
        Needs::default()
    }

    fn keeps_conversations(&self) -> bool {
        false
    }

    fn arrange(&self, _: &Call<'_>, choices: &mut [Choice<'_>]) {
        let usd = |choice: &Choice<'_>, meter| choice.model()?.price.as_ref()?.usual(meter);
        choices.sort_by_key(|choice| {
            let sum = usd(choice, Meter::Input).zip(usd(choice, Meter::Output)).map(|(input, output)| input + output);
            sum.unwrap_or(Decimal::MAX)
        });
    }
}

/// The same without affinity and with it.
pub(crate) fn pairs(fleet: &[Member]) -> Vec<[Entrant; 2]> {
    let entrant = |name, stays, policy: fn(Alias) -> Alias| {
        let alias = Alias::new("any").affinity(stays).deployments(fleet.iter().map(|member| member.name));
        Entrant { name, alias: policy(alias), bands: Bands::new(), is_checked: false }
    };
    let pair = |without, with, policy| [entrant(without, false, policy), entrant(with, true, policy)];
    vec![
        pair("cheapest", "cheapest, with affinity", |alias| alias.policy(Cheapest)),
        pair("balanced", "balanced, with affinity", |alias| alias.policy(Balanced::default())),
        pair("fastest", "fastest, with affinity", |alias| alias.policy(Fastest::default())),
        pair("least busy", "least busy, with affinity", |alias| alias.policy(LeastBusy)),
    ]
}

pub(crate) fn entrants(fleet: &[Member]) -> Vec<Entrant> {
    let all = || fleet.iter().map(|member| member.name);
    let of = |tiers: &[Tier]| -> Vec<&'static str> {
        let is_of = |member: &&Member| member.model.tier.is_some_and(|tier| tiers.contains(&tier));
        fleet.iter().filter(is_of).map(|member| member.name).collect()
    };
    let alias = || Alias::new("any").affinity(false);
    let entrant = |name, alias| Entrant { name, alias, bands: Bands::new(), is_checked: false };
    // By hand: a good one first, others where it fails, all of them in the end.
    let by_hand = ["sonnet", "gpt", "gemini-pro", "gpt-mini", "haiku"];
    let rest = all().filter(|name| !by_hand.contains(name));
    let weight = |name| {
        Weight::new(
            name,
            [("sonnet", 50), ("gpt-mini", 30), ("gemini-flash", 20)]
                .iter()
                .find(|(known, _)| *known == name)
                .map_or(0, |(_, weight)| *weight),
        )
    };
    let small = of(&[Tier::Small]);
    let medium = of(&[Tier::Medium, Tier::Large]);
    let frontier = of(&[Tier::Frontier]);
    vec![
        entrant("always frontier", alias().deployments(frontier.clone())),
        entrant("list price, input + output", alias().policy(ByListPrice).deployments(all())),
        entrant("ordered", alias().deployments(by_hand.into_iter().chain(rest))),
        entrant("weighted", alias().policy(Weighted).deployments(all().map(weight))),
        Entrant { is_checked: true, ..entrant("cheapest", alias().policy(Cheapest).deployments(all())) },
        entrant("cheapest, with affinity", alias().policy(Cheapest).affinity(true).deployments(all())),
        entrant("fastest", alias().policy(Fastest::default()).deployments(all())),
        entrant("balanced", alias().policy(Balanced::default()).deployments(all())),
        entrant("least busy", alias().policy(LeastBusy).deployments(all())),
        Entrant {
            bands: Bands::new().up_to(0.3, small).up_to(0.6, medium).above(frontier),
            ..entrant("complexity, then cheapest", alias().policy(Cheapest).affinity(true).deployments(all()))
        },
    ]
}
