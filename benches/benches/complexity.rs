//! How hard a prompt is: features and score, from a greeting to 15 MiB.
//!
//! `cargo bench -p llm-layers-benches --bench complexity`

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use llm_layers_core::Operation;
use llm_layers_cost_router::{Weights, features, score};
use llm_layers_wire::json::Object;

const PROSE: &str = include_str!("../../crates/tokens/tests/fixtures/english.txt");
const CODE: &str = include_str!("../../crates/tokens/tests/fixtures/rust.txt");
const CHINESE: &str = include_str!("../../crates/tokens/tests/fixtures/chinese.txt");

fn scores(criterion: &mut Criterion) {
    let weights = Weights::default();
    let mut group = criterion.benchmark_group("complexity");
    for (name, content) in [
        ("greeting", "Hi, how are you?".to_owned()),
        ("prose 1 KiB", PROSE[..1024].to_owned()),
        ("code 8 kB", CODE.to_owned()),
        ("chinese 6 kB", CHINESE.to_owned()),
        ("prose 15 MiB", PROSE.repeat(2600)),
    ] {
        let message = serde_json::json!({"messages": [{"role": "user", "content": content}]});
        let body = Object::parse(message.to_string()).expect("an object");
        group.bench_function(name, |bencher| {
            bencher.iter(|| score(&features(Operation::ChatCompletion, black_box(&body)), &weights));
        });
    }
    group.finish();
}

criterion_group!(benches, scores);
criterion_main!(benches);
