//! The cheapest is the cheapest: against exact decimals of all deployments.

use llm_layers_catalogue::{Quantities, ServiceTier, Terms};
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;
use crate::Cheapest;

/// A deployment as chance makes it: the members of its row, and the share of prompts that its cache held so far.
fn row() -> impl Strategy<Value = (String, Option<u64>)> {
    // Few digits, so that many pairs are equal or nearly so.
    let usd = || (0_u32..40, 0_u32..3).prop_map(|(digits, scale)| Decimal::new(digits.into(), scale).to_string());
    let above = prop::option::of((50_u64..3000, usd(), usd()));
    let window = prop::option::of((0_u32..24, 0_u32..24, usd(), usd()));
    let service = || prop::option::of((usd(), usd()));
    let cached = prop::option::of(usd());
    let fixed = (prop::option::of(usd()), prop::option::of(1_u64..3000), prop::option::weighted(0.9, usd()));
    (usd(), cached, above, window, service(), service(), fixed, prop::option::of(0..=1_000_000_u64)).prop_map(
        |(input, cached, above, window, batch, flex, (request, max_output, output), share)| {
            let mut price = format!(r#""input":"{input}""#);
            let mut add = |member: String| {
                price.push(',');
                price.push_str(&member);
            };
            if let Some(output) = output {
                add(format!(r#""output":"{output}""#));
            }
            if let Some(cached) = cached {
                add(format!(r#""cached_input":"{cached}""#));
            }
            if let Some(request) = request {
                add(format!(r#""request":"{request}""#));
            }
            if let Some((tokens, input, output)) = above {
                add(format!(r#""above":[{{"tokens":{tokens},"input":"{input}","output":"{output}"}}]"#));
            }
            for (name, service) in [("batch", batch), ("flex", flex)] {
                if let Some((input, output)) = service {
                    add(format!(r#""{name}":{{"input":"{input}","output":"{output}"}}"#));
                }
            }
            if let Some((from, to, input, output)) = window {
                add(format!(
                    r#""off_peak":[{{"zone":"UTC","from":"{from:02}:00","to":"{to:02}:00","input":"{input}","output":"{output}"}}]"#
                ));
            }
            let most = max_output.map(|most| format!(r#","max_output":{most}"#)).unwrap_or_default();
            (format!(r#""price":{{{price}}}{most}"#), share)
        },
    )
}

/// What a call costs at a model, worked out apart from the engine: in decimals, from what is documented.
fn cost(model: &Model, prompt: u64, output: u64, share: Option<u64>, terms: &Terms) -> Option<Decimal> {
    let price = model.price.as_ref()?;
    let has_cache_price = price.usual(llm_layers_catalogue::Meter::CachedInput).is_some();
    let share = if has_cache_price { share.unwrap_or(0) } else { 0 };
    let cached = ((u128::from(prompt) * u128::from(share)) >> 20) as u64;
    let quantities = Quantities {
        input: prompt - cached,
        cached_input: cached,
        output: output.min(model.max_output.unwrap_or(u64::MAX)),
        requests: 1,
        ..Quantities::default()
    };
    price.cost(&quantities, terms).ok().map(|bill| bill.total)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_deployment_costs_less_than_the_first(
        rows in prop::collection::vec(row(), 1..12),
        words in 1_usize..3000,
        max_tokens in prop::option::of(1_u64..5000),
        service in prop::sample::select(vec![ServiceTier::Standard, ServiceTier::Batch, ServiceTier::Flex]),
        hour in 0_u64..24,
    ) {
        let names: Vec<_> = (0..rows.len()).map(|n| format!("d{n}")).collect();
        let candidates: Vec<_> = names.iter().zip(&rows).map(|(name, (row, _))| candidate(name, row)).collect();
        let models: Vec<_> = rows.iter().map(|(row, _)| model(row)).collect();
        let mut bed = Bed::new(Alias::new("x").policy(Cheapest).deployments(names.clone()), candidates);
        bed.now += Duration::from_secs(hour * 3600);
        let mut shares = Vec::new();
        for (name, (_, share)) in names.iter().zip(&rows) {
            let stats = bed.engine.stats(name).unwrap();
            if let Some(share) = share {
                stats.cached.record(*share, 1_000_000);
            }
            shares.push(stats.cached.get());
        }
        let max = max_tokens.map(|max| format!(r#""max_tokens":{max},"#)).unwrap_or_default();
        let text = "word ".repeat(words);
        let body = format!(
            r#"{{{max}"service_tier":"{}","messages":[{{"role":"user","content":"{text}"}}]}}"#,
            service.name(),
        );
        let plan = bed.plan(&body).unwrap();
        let prompt = plan.prompt_tokens().unwrap();
        let output = max_tokens.map_or(500, |max| max.min(500));
        let terms = Terms { service, at: bed.now };
        let costs: Vec<_> = models
            .iter()
            .zip(shares)
            .map(|(model, share)| cost(model, prompt, output, share, &terms))
            .collect();
        let planned: Vec<_> = plan.steps().iter().map(|step| costs[usize::from(step.member)]).collect();
        let best = costs.iter().flatten().min();
        prop_assert_eq!(planned[0].as_ref(), best, "{:?} of {:?}", plan, costs);
        // And so on to the last, unknown ones behind all others.
        let known: Vec<_> = planned.iter().map_while(|cost| *cost).collect();
        prop_assert!(known.is_sorted());
        prop_assert_eq!(known.len(), costs.iter().flatten().count());
    }
}
