//! Finding personal data: clean prose, code and JSON, texts full of entities, short texts, and texts made to be slow.
//!
//! `cargo bench -p llm-layers-benches --bench pii`

use std::{fmt::Write as _, hint::black_box};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use llm_layers_pii::Detectors;

const PROSE: &str = include_str!("../../crates/tokens/tests/fixtures/english.txt");
const GERMAN: &str = include_str!("../../crates/tokens/tests/fixtures/german.txt");
const CHINESE: &str = include_str!("../../crates/tokens/tests/fixtures/chinese.txt");
const CODE: &str = concat!(
    include_str!("../../crates/tokens/tests/fixtures/rust.txt"),
    include_str!("../../crates/wire/src/json/strings.rs"),
    include_str!("../../crates/wire/src/sse/decoder.rs"),
);
const RECORDS: &str = include_str!("../../crates/tokens/tests/fixtures/records.json");

fn throughput(criterion: &mut Criterion) {
    let detectors = Detectors::default();
    let mut group = criterion.benchmark_group("pii");
    for (name, text) in [
        ("prose", grown(&clean(PROSE))),
        ("prose, German", grown(&clean(GERMAN))),
        ("prose, Chinese", grown(CHINESE)),
        ("code", grown(CODE)),
        ("JSON", grown(RECORDS)),
        ("JSON, numbers", json()),
        ("one entity in 200 bytes", entities()),
        ("100 bytes", clean(PROSE)[..100].to_owned()),
        ("1 KiB", clean(PROSE)[..1024].to_owned()),
    ] {
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |bencher| bencher.iter(|| detectors.find(black_box(&text))));
    }
    group.finish();
}

fn hostile(criterion: &mut Criterion) {
    let detectors = Detectors::default();
    let mut group = criterion.benchmark_group("pii, hostile");
    group.sample_size(10);
    for piece in
        ["1", "@", "[", "1 ", "a@", "+", "://", "\u{ff11}", "1.", "(1)-", "id 1 ", "aB3$", "%31", "-----BEGIN "]
    {
        let text = piece.repeat((1 << 20) / piece.len());
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(piece, |bencher| bencher.iter(|| detectors.find(black_box(&text))));
    }
    group.finish();
}

fn compile(criterion: &mut Criterion) {
    criterion.bench_function("pii, compile", |bencher| bencher.iter(|| Detectors::builder().build().is_ok()));
}

/// Without digits: what most of a chat is.
fn clean(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_ascii_digit()).collect()
}

fn grown(text: &str) -> String {
    text.repeat((1 << 20) / text.len() + 1)
}

fn json() -> String {
    let mut text = String::from("[");
    for index in 0..8000_u32 {
        let number = index.wrapping_mul(2_654_435_761);
        let _ = write!(
            text,
            "{{\"id\":{index},\"status\":\"active\",\"price\":{}.{:02},\"tags\":[\"new\",\"sale\"],\"ref\":\"{number:08x}\",\
             \"created_at\":\"2024-0{}-1{}T08:3{}:00Z\",\"count\":{number}}},",
            number % 1000,
            index % 100,
            index % 9 + 1,
            index % 10,
            index % 6,
        );
    }
    text + "{}]"
}

/// An address, a card, an account or a number after each 200 bytes of prose.
fn entities() -> String {
    let prose = clean(PROSE);
    let mut values = [
        "anna.meier@posteo.example",
        "4111 1111 1111 1111",
        "DE89 3704 0044 0532 0130 00",
        "+49 30 901820",
        "203.0.113.77",
        "078-05-1120",
    ]
    .iter()
    .cycle();
    let mut text = String::new();
    while text.len() < 1 << 20 {
        let mut rest = prose.as_str();
        while let Some((part, others)) = rest.split_at_checked(180).or_else(|| rest.split_at_checked(181)) {
            text += part;
            text.push(' ');
            text += values.next().unwrap_or(&"");
            text.push(' ');
            rest = others;
        }
    }
    text
}

criterion_group!(benches, throughput, hostile, compile);
criterion_main!(benches);
