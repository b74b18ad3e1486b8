//! Counting tokens: the two libraries side by side, the estimate, and whole prompts.
//!
//! `cargo bench -p llm-layers-benches --bench tokens`

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use llm_layers_core::Operation;
use llm_layers_tokens::{Tokenizer, prompt};
use llm_layers_wire::json::Object;

const TEXTS: [(&str, &str); 4] = [
    ("english", include_str!("../../crates/tokens/tests/fixtures/english.txt")),
    ("rust", include_str!("../../crates/tokens/tests/fixtures/rust.txt")),
    ("json", include_str!("../../crates/tokens/tests/fixtures/records.json")),
    ("chinese", include_str!("../../crates/tokens/tests/fixtures/chinese.txt")),
];

fn libraries(criterion: &mut Criterion) {
    let bpe = bpe_openai::o200k_base();
    let tiktoken = tiktoken_rs::o200k_base().expect("the vocabulary is built in");
    let (gpt, claude) = (Tokenizer::of("openai", "gpt-4o"), Tokenizer::of("anthropic", "claude-sonnet-5"));
    for (name, text) in TEXTS {
        assert_eq!(bpe.count(text), tiktoken.encode_ordinary(text).len(), "{name}");
        let mut group = criterion.benchmark_group(format!("tokens/{name}"));
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function("bpe-openai", |bencher| bencher.iter(|| bpe.count(black_box(text))));
        group.bench_function("tiktoken-rs", |bencher| bencher.iter(|| tiktoken.encode_ordinary(black_box(text)).len()));
        group.bench_function("count", |bencher| bencher.iter(|| gpt.count(black_box(text))));
        group.bench_function("estimate", |bencher| bencher.iter(|| claude.estimate(black_box(text))));
        group.finish();
    }
}

fn prompts(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("prompt");
    for (model, tokenizer) in
        [("gpt-4o", Tokenizer::of("openai", "gpt-4o")), ("claude", Tokenizer::of("anthropic", "claude-sonnet-5"))]
    {
        for (size, repeats) in [("1KiB", 0), ("64KiB", 10), ("1MiB", 174), ("15MiB", 2600)] {
            let text = TEXTS[0].1;
            let content = if repeats == 0 { text[..1024].to_owned() } else { text.repeat(repeats) };
            let message = serde_json::json!({"messages": [{"role": "user", "content": content}]});
            let body = Object::parse(message.to_string()).expect("an object");
            group.throughput(Throughput::Bytes(content.len() as u64));
            group.bench_function(format!("{model}/{size}"), |bencher| {
                bencher.iter(|| prompt(Operation::ChatCompletion, black_box(&body), tokenizer).total());
            });
        }
    }
    group.finish();
}

criterion_group!(benches, libraries, prompts);
criterion_main!(benches);
