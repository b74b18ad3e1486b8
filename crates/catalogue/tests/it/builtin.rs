//! The rows of this crate.

use std::collections::BTreeSet;
use std::path::Path;

use llm_layers_catalogue::{Catalogue, Kind, Meter, Quantities, ServiceTier, Terms};

use super::{standard, thursday};

/// Each file of `data`, with the provider that it is named for.
fn files() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files
        .map(|file| (file.file_stem().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(file).unwrap()))
        .collect()
}

#[test]
fn all_rows_read_and_are_built_in() {
    let (mut all, mut providers) = (0, BTreeSet::new());
    for (provider, rows) in files() {
        let catalogue = Catalogue::read(&provider, &rows).unwrap_or_else(|error| panic!("{error}"));
        all += catalogue.models().len();
        for model in catalogue.models() {
            assert!(Catalogue::builtin().find(&provider, &model.id).is_some(), "{provider}/{}", model.id);
        }
        providers.insert(provider);
    }
    assert_eq!(Catalogue::builtin().models().len(), all);
    let built_in: BTreeSet<_> = Catalogue::builtin().models().map(|model| model.provider.to_string()).collect();
    assert_eq!(built_in, providers);
}

#[test]
fn rows_are_in_order_and_compact() {
    for (provider, rows) in files() {
        let ids: Vec<_> = rows.lines().map(|line| line.split('"').nth(3).unwrap()).collect();
        assert!(ids.is_sorted(), "{provider}: {:?}", ids.windows(2).find(|pair| pair[0] > pair[1]));
        assert!(!rows.contains("null") && !rows.contains("\": "), "{provider}");
    }
}

#[test]
fn prices_are_sane() {
    for model in Catalogue::builtin().models() {
        let name = format!("{}/{}", model.provider, model.id);
        assert!(model.source.as_deref().is_some_and(|source| source.starts_with("https://")), "{name}");
        assert!(model.date.is_some_and(|date| (2024..=2026).contains(&date.year())), "{name}");
        let Some(price) = &model.price else { continue };
        let usual = |meter| price.usual(meter);
        for (less, more) in [
            (Meter::CachedInput, Meter::Input),
            (Meter::CachedAudioInput, Meter::AudioInput),
            (Meter::CacheWrite, Meter::CacheWrite1h),
        ] {
            if let (Some(less), Some(more)) = (usual(less), usual(more)) {
                assert!(less <= more, "{name}: {less} > {more}");
            }
        }
        for meter in Meter::ALL {
            let most = if matches!(meter, Meter::Image | Meter::Request | Meter::OutputMillis) { 20 } else { 1_000 };
            assert!(usual(meter).is_none_or(|usd| usd <= most.into()), "{name}: {meter}");
        }
        if model.kind == Kind::Chat && usual(Meter::Output).is_some() {
            assert!(usual(Meter::Input).is_some(), "{name}: output has a price, input has none");
        }
        if let (Some(output), Some(window)) = (model.max_output, model.context_window) {
            assert!(output > 0 && window > 0, "{name}");
        }
    }
}

#[test]
fn who_waits_pays_less_and_who_does_not_pays_more() {
    for model in Catalogue::builtin().models() {
        let Some(price) = &model.price else { continue };
        for (meter, prompt) in [(Meter::Input, 1_000), (Meter::Output, 1_000), (Meter::Input, u64::MAX)] {
            let usd = |service| price.named(meter, prompt, &Terms { service, at: thursday() });
            let name = format!("{}/{}: {meter}, prompt of {prompt}", model.provider, model.id);
            assert!(usd(ServiceTier::Batch) <= usd(ServiceTier::Standard), "{name}");
            assert!(usd(ServiceTier::Flex) <= usd(ServiceTier::Standard), "{name}");
            assert!(usd(ServiceTier::Priority) >= usd(ServiceTier::Standard), "{name}");
        }
    }
}

/// A cheaper tier of a model whose price has steps has steps too, or long prompts are billed too low.
#[test]
fn cheaper_tiers_have_steps_where_the_price_has() {
    for model in Catalogue::builtin().models() {
        let Some(price) = &model.price else { continue };
        for service in [ServiceTier::Batch, ServiceTier::Flex] {
            for meter in [Meter::Input, Meter::Output] {
                let changes = |terms: &Terms| price.named(meter, 0, terms) != price.named(meter, u64::MAX, terms);
                let name = format!("{}/{}, {}: {meter}", model.provider, model.id, service.name());
                let here = Terms { service, at: thursday() };
                assert!(changes(&here) || !changes(&standard()), "{name}");
            }
        }
    }
}

#[test]
fn what_chats_has_a_cost() {
    let call = Quantities { input: 1, cached_input: 1, output: 1, reasoning: 1, requests: 1, ..Quantities::default() };
    for model in Catalogue::builtin().models().filter(|model| model.kind == Kind::Chat) {
        let Some(price) = &model.price else { continue };
        let cost = price.cost(&call, &standard());
        assert!(cost.is_ok(), "{}/{}: {cost:?}", model.provider, model.id);
    }
}
