//! What an answer from the cache costs, and what 100,000 of them take.
//!
//! `cargo xtask bench cache`, which then compares the proxy with a bare one. Linux only: it reads `/proc`.
//!
//! A tower service without sockets, on one thread: `CacheLayer` as it is by default, with room for all, over a service that
//! answers at once with 2,048 bytes, each time others. A call is a chat of 1,024 bytes; to make its request, to make its
//! key and to read the answer to its end are in what it costs. The allocator is the system's, as none is set (glibc's, where
//! the system has that); the proxy has mimalloc. The program fails if a hit of a plain answer takes more than 10 µs of CPU
//! time, if the entries take 300 MB of resident memory or more, or if one of them is not found.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a program that measures")]

mod chat;
mod process;

use std::process::ExitCode;

use chat::{ANSWERED, Came, Text};
use llm_layers_cache::{CacheLayer, MemoryStore};
use tower::Layer;

type Error = Box<dyn std::error::Error + Send + Sync>;

const ENTRIES: usize = 100_000;
const HITS: usize = 100_000;
/// Of CPU time, for a plain hit.
const MOST_MICROS: f64 = 10.0;
/// Of resident memory, for all entries.
const MOST_MB: f64 = 300.0;

const PATH: &str = "/v1/chat/completions";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Error> {
    let model = chat::model();
    let (plain, streamed) = (Text::question(false), Text::question(true));
    let bare = process::micros_each(HITS, async |nth| {
        chat::ask(&model, PATH, plain.number(nth)).await;
    });
    let bare = bare.await?;

    let before = process::resident_mb()?;
    let layer = CacheLayer::new(MemoryStore::new(1 << 30));
    let cache = layer.layer(model);
    let miss = process::micros_each(ENTRIES, async |nth| {
        assert!(!chat::ask(&cache, PATH, plain.number(nth)).await.is_hit, "each is another question");
    });
    let miss = miss.await?;
    let size = layer.handle().stats().size.unwrap_or_default();
    let after = process::resident_mb()?;

    let mut found = 0;
    let of_all = process::micros_each(ENTRIES, async |nth| {
        let hit = Came { is_hit: true, bytes: ANSWERED };
        found += usize::from(chat::ask(&cache, PATH, plain.number(nth)).await == hit);
    });
    let of_all = of_all.await?;
    let mut of_one = [0.0; 2];
    for (micros, question) in of_one.iter_mut().zip([plain.number(0), streamed.number(0)]) {
        let hit = process::micros_each(HITS, async |_| {
            assert!(chat::ask(&cache, PATH, question.clone()).await.is_hit, "it is kept");
        });
        *micros = hit.await?;
    }
    let [same, stream] = of_one;

    println!("| a chat of 1 KB, an answer of 2 KB | CPU µs |\n| --- | --- |");
    println!("| the service that is cached, at once and alone | {bare:.2} |");
    println!("| a miss, kept | {miss:.2} |");
    println!("| a hit, the same again and again | {same:.2} |");
    println!("| a hit, each of {ENTRIES} in turn | {of_all:.2} |");
    println!("| a hit as a stream, the same again and again | {stream:.2} |");
    let grown = after - before;
    println!("\n| {ENTRIES} answers of {ANSWERED} bytes | |\n| --- | --- |");
    println!("| entries | {} |", size.entries);
    println!("| what the store says they take | {:.0} MB |", size.bytes as f64 / 1e6);
    println!("| resident before / after | {before:.0} / {after:.0} MB |");
    println!("| more, and for each entry | {grown:.0} MB, {:.0} bytes |", grown * 1e6 / ENTRIES as f64);
    println!("| found again | {found} |");

    let is_met = same <= MOST_MICROS && of_all <= MOST_MICROS && grown < MOST_MB && found == ENTRIES;
    println!(
        "\nThe bar ({MOST_MICROS} µs for each of both plain hits, {MOST_MB} MB, all of them found) is {}.\n",
        if is_met { "met" } else { "missed" }
    );
    Ok(if is_met { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
