//! The formats of `llm-layers-wire`, beside serde on the same text in the same run.

#![allow(missing_docs, clippy::expect_used, reason = "criterion's macro makes public functions; a bench may fail")]

use std::{collections::HashMap, hint::black_box};

use bytes::Bytes;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use llm_layers_wire::{
    assemble::{Assembler, SplitOptions, split},
    json::Object,
    openai::{Chunk, Completion},
    sse::Decoder,
};
use serde_json::{Value, value::RawValue};

/// A chat request whose one message is this text (escaped already), repeated up to so many bytes.
fn request(unit: &str, bytes: usize) -> Bytes {
    let content = unit.repeat(bytes.div_ceil(unit.len()));
    Bytes::from(format!(
        r#"{{"model":"gpt-5-mini","messages":[{{"role":"system","content":"You are helpful."}},{{"role":"user","content":"{content}"}}],"stream":true,"temperature":0.7}}"#
    ))
}

const PROSE: &str = "The quick brown fox jumps over the lazy dog, and nobody in the village ever wondered why. ";
const TEXTS: [(&str, &str); 5] = [
    ("prose", PROSE),
    // As long as a paragraph is: a line break here and there.
    (
        "paragraphs",
        r#"The quick brown fox jumps over the lazy dog, and nobody in the village wondered why; \"so be it\", they said, one and all, for many years.\n"#,
    ),
    ("dense_escapes", r#"a\nb\"c\\ d\n\"e\" = \t"#),
    ("unicode_escapes", r"\u0431\u044b\u043b\u043e \u4f60\u597d\ud83d\ude00"),
    ("utf8", "Быстрая лиса 你好，世界 naïve café 😀 "),
];

fn object(c: &mut Criterion) {
    for (size, bytes) in [("1KB", 1_000), ("200KB", 200_000)] {
        for (kind, unit) in TEXTS {
            let text = request(unit, bytes);
            let mut group = c.benchmark_group(format!("object/{kind}/{size}"));
            group.throughput(Throughput::Bytes(text.len() as u64));
            group.bench_function("Object", |b| b.iter(|| Object::parse(black_box(&text).clone()).expect("valid")));
            group.bench_function("serde_raw_map", |b| {
                b.iter(|| serde_json::from_slice::<HashMap<&str, &RawValue>>(black_box(&text)).expect("valid"))
            });
            group.bench_function("serde_value", |b| {
                b.iter(|| serde_json::from_slice::<Value>(black_box(&text)).expect("valid"))
            });
            group.finish();
        }
    }
}

fn chunk_text(content: &str) -> String {
    format!(
        r#"{{"id":"chatcmpl-a1b2c3d4e5f6g7h8i9j0","object":"chat.completion.chunk","created":1795225404,"model":"gpt-5-mini-2026-08-07","service_tier":"default","system_fingerprint":"fp_0123456789","choices":[{{"index":0,"delta":{{"content":"{content}"}},"logprobs":null,"finish_reason":null}}]}}"#
    )
}

/// An answer of 200 chunks, and `[DONE]`.
fn stream() -> Bytes {
    let mut stream = String::new();
    for word in PROSE.split_inclusive(' ').cycle().take(200) {
        stream += &format!("data: {}\n\n", chunk_text(word));
    }
    Bytes::from(stream + "data: [DONE]\n\n")
}

fn decode(pieces: impl IntoIterator<Item = Bytes>, mut each: impl FnMut(llm_layers_wire::sse::Event)) {
    let mut decoder = Decoder::default();
    for piece in pieces {
        decoder.push(piece);
        while let Some(event) = decoder.next().expect("within the limits") {
            each(event);
        }
    }
}

fn sse(c: &mut Criterion) {
    let stream = stream();
    let mut group = c.benchmark_group("sse/200_chunks");
    group.throughput(Throughput::Elements(200));
    group.bench_function("one_frame", |b| {
        b.iter(|| decode([black_box(&stream).clone()], |event| drop(black_box(event))))
    });
    let frames = |size: usize| -> Vec<Bytes> { stream.chunks(size).map(|piece| stream.slice_ref(piece)).collect() };
    for size in [50, 1] {
        let frames = frames(size);
        group.bench_function(format!("frames_of_{size}"), |b| {
            b.iter(|| decode(black_box(&frames).iter().cloned(), |event| drop(black_box(event))));
        });
    }
    group.bench_function("one_frame_with_chunks", |b| {
        b.iter(|| decode([black_box(&stream).clone()], |event| _ = black_box(event.chunk())));
    });
    group.finish();
}

fn chunk(c: &mut Criterion) {
    let text = Bytes::from(chunk_text("Hello there"));
    let mut group = c.benchmark_group("chunk");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("Chunk", |b| b.iter(|| Chunk::parse(black_box(&text).clone()).expect("valid")));
    group.bench_function("serde_value", |b| {
        b.iter(|| serde_json::from_slice::<Value>(black_box(&text)).expect("valid"))
    });
    group.bench_function("edit", |b| {
        let chunk = Chunk::parse(text.clone()).expect("valid");
        b.iter_batched(
            || chunk.clone(),
            |mut chunk| {
                if let Some(choice) = chunk.choices_mut().first_mut() {
                    choice.delta_mut().set("content", "Ho");
                }
                chunk.to_bytes()
            },
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

fn assemble(c: &mut Criterion) {
    let mut chunks = Vec::new();
    decode([stream()], |event| chunks.extend(event.chunk().cloned()));
    let join = || {
        let mut assembler = Assembler::new();
        for chunk in &chunks {
            assembler.push(black_box(chunk)).expect("joins");
        }
        assembler.finish().expect("a completion").to_bytes()
    };
    let completion = Completion::parse(join()).expect("valid");
    let mut group = c.benchmark_group("assemble/200_chunks");
    group.throughput(Throughput::Elements(200));
    group.bench_function("join", |b| b.iter(join));
    let options = SplitOptions::default().with_piece_chars(6);
    group.bench_function("split", |b| b.iter(|| split(black_box(&completion), &options).count()));
    group.finish();
}

criterion_group!(benches, object, sse, chunk, assemble);
criterion_main!(benches);
