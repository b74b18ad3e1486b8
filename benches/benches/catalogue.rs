//! What it costs to price a call, and to find a model: routing does the first for each deployment of an alias.

#![allow(missing_docs, clippy::expect_used, reason = "criterion's macro makes public functions; a bench may fail")]

use std::{
    hint::black_box,
    time::{Duration, SystemTime},
};

use criterion::{Criterion, criterion_group, criterion_main};
use llm_layers_catalogue::{Catalogue, Price, Quantities, ServiceTier, Terms};

/// As rows of the catalogue have them, from the plainest to one of everything.
const PRICES: [(&str, &str); 4] = [
    ("plain", r#"{"input":"2.50","output":"10","cached_input":"1.25"}"#),
    (
        "steps",
        r#"{"input":"1.25","output":"10","above":[{"tokens":128000,"input":"2"},{"tokens":200000,"input":"2.5","output":"15"}]}"#,
    ),
    (
        "off_peak_utc",
        r#"{"input":"0.27","output":"1.10","off_peak":[{"zone":"UTC","from":"16:30","to":"00:30","discount":"0.5"}]}"#,
    ),
    (
        "off_peak_shanghai",
        r#"{"input":"0.27","output":"1.10","off_peak":[{"zone":"Asia/Shanghai","days":["sat","sun"],"from":"00:30","to":"08:30","discount":"0.5"}]}"#,
    ),
];

fn price(json: &str) -> Price {
    let row = format!(r#"{{"id":"m","price":{json},"source":"https://a.example","date":"2026-11-12"}}"#);
    let catalogue = Catalogue::read("p", &row).expect("a row");
    catalogue.find("p", "m").and_then(|model| model.price.clone()).expect("a price")
}

fn pricing(c: &mut Criterion) {
    let call = Quantities { input: 3_000, cached_input: 12_000, output: 800, requests: 1, ..Quantities::default() };
    let terms = Terms::standard(SystemTime::now());
    let mut group = c.benchmark_group("catalogue/picos");
    for (name, json) in PRICES {
        let price = price(json);
        group.bench_function(name, |b| b.iter(|| price.picos(black_box(&call), black_box(&terms))));
    }
    let price = price(r#"{"input":"2.50","output":"10","batch":{"discount":"0.5"}}"#);
    let batch = Terms { service: ServiceTier::Batch, ..terms };
    group.bench_function("batch", |b| b.iter(|| price.picos(black_box(&call), black_box(&batch))));
    group.bench_function("bill", |b| b.iter(|| price.cost(black_box(&call), black_box(&terms))));
    group.finish();

    // Another minute each time, so that the rules of the time zone are asked each time.
    let (_, json) = PRICES[3];
    let windowed = self::price(json);
    let mut at = SystemTime::now();
    c.bench_function("catalogue/new_minute", |b| {
        b.iter(|| {
            at += Duration::from_secs(60);
            windowed.picos(black_box(&call), &Terms::standard(at))
        });
    });
}

fn finding(c: &mut Criterion) {
    let catalogue = Catalogue::builtin();
    let mut group = c.benchmark_group("catalogue/find");
    for (name, provider, model) in [
        ("exact", "openai", "gpt-4o"),
        ("dated", "openai", "gpt-4o-2024-08-07"),
        ("unknown", "bedrock", "eu.somebody.nothing-20250929-v1:0"),
    ] {
        group.bench_function(name, |b| b.iter(|| catalogue.find(black_box(provider), black_box(model)).is_some()));
    }
    group.finish();
}

criterion_group!(benches, pricing, finding);
criterion_main!(benches);
