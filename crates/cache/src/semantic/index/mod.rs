//! Where questions are found by their nearness.
//!
//! In memory by comparing all of a part, and in large parts by a graph of our own. Of the crates `usearch` 2.26 is C++
//! behind a foreign interface and took 195 s to compile with what it needs, and `hnsw_rs` 0.3.5 took 63 s for 84 crates
//! and takes nothing out again, which lives and purges need (`cargo build --release`, two shared cores, November 2026).
//! Both keep floats of 32 bits. Ours is one file without dependencies, takes points out, and keeps half of that.
//!
//! Measured in a release build on a machine busy with other work, so that times are too long by a factor of several, by
//! 200 questions near those that are known:
//!
//! | how | points | dimensions | search | add | bytes a point | recall |
//! | --- | ---: | ---: | ---: | ---: | ---: | ---: |
//! | compare all | 512 | 1,536 | 425 µs | 30 µs | 3,128 | 1 |
//! | compare all | 1,000 | 768 | 258 µs | 15 µs | 1,654 | 1 |
//! | graph | 1,000 | 768 | 375 µs | 395 µs | 2,002 | 1.0 |
//! | compare all | 10,000 | 256 | 741 µs | 2 µs | 560 | 1 |
//! | graph | 10,000 | 256 | 1,413 µs | 1,259 µs | 828 | 1.0 |

mod graph;
mod memory;
mod part;
#[cfg(feature = "redis")]
mod redis;
mod vector;

use std::time::Duration;

use llm_layers_core::Eventually;

use super::Embedded;
use crate::{Key, Purge};

pub(crate) use memory::MemoryIndex;
#[cfg(feature = "redis")]
pub(crate) use redis::RedisIndex;

/// Finds what is near. What is in one part is never found in another.
pub(crate) trait Index: std::fmt::Debug + Send + Sync + 'static {
    /// The nearest of a part, if it is no further than this: a cosine.
    fn find<'a>(&'a self, part: [u8; 32], at: &'a Embedded, threshold: f32) -> Eventually<'a, Option<Near>>;

    /// Adds a point, to be forgotten after this time.
    fn add<'a>(&'a self, part: [u8; 32], at: &'a Embedded, key: &'a Key, life: Duration) -> Eventually<'a, ()>;

    /// Forgets points.
    fn purge<'a>(&'a self, what: &'a Purge) -> Eventually<'a, ()>;
}

/// What is near.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Near {
    pub(crate) key: Key,
    /// The cosine: 1 is the same.
    pub(crate) score: f32,
}

/// Points for tests.
#[cfg(test)]
mod points {
    use super::vector::Vector;
    use crate::semantic::Embedded;

    pub(super) fn embedded(vector: Vec<f32>) -> Embedded {
        Embedded::new(vector).expect("a point")
    }

    /// Points in all directions.
    pub(super) fn anywhere(seed: u32, dimensions: usize) -> impl Iterator<Item = Vector> {
        let mut next = numbers(seed);
        std::iter::repeat_with(move || Vector::of(&embedded((0..dimensions).map(|_| next()).collect())))
    }

    /// Points around a few others, as questions lie that are asked again and again in other words.
    pub(super) fn in_heaps(seed: u32, dimensions: usize, heaps: usize) -> impl Iterator<Item = Vector> {
        let mut next = numbers(seed);
        let middles: Vec<Vec<f32>> = (0..heaps).map(|_| (0..dimensions).map(|_| next()).collect()).collect();
        let mut heap = 0;
        std::iter::repeat_with(move || {
            heap = (heap + 1) % heaps;
            Vector::of(&embedded(middles[heap].iter().map(|x| x + 0.15 * next()).collect()))
        })
    }

    /// Numbers around 0, the same for a seed each time.
    fn numbers(seed: u32) -> impl FnMut() -> f32 {
        let mut state = u64::from(seed) + 1;
        let mut uniform = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / (1_u64 << 24) as f32 - 0.5
        };
        move || uniform() + uniform() + uniform()
    }
}
