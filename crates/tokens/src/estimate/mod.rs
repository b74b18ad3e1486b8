//! How many tokens a text would be, by the classes of its bytes: one look at each byte, no memory.

#![allow(clippy::indexing_slicing, reason = "tables that are built at compile time, where a wrong index is no binary")]

mod classes;
mod weights;

use classes::{CLASSES, Class, Feature};
use weights::{Column, Weights, newer_claude, weights};

use crate::Family;

/// Parts of a token that weights are written in.
const TOKEN: u64 = 1000;

/// What each byte adds, by its class and the class of the byte before it: rows of 32, so that a mask is the bound.
#[derive(Debug)]
pub(crate) struct Estimator([u16; ROW * ROW]);

const ROW: usize = 32;

/// What was added up, and the class of the last byte: a text may come in pieces.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sum {
    parts: u64,
    last: Class,
}

impl Sum {
    pub(crate) fn tokens(self) -> u64 {
        self.parts.div_ceil(TOKEN)
    }
}

impl Estimator {
    pub(crate) fn of(family: Family) -> &'static Self {
        static O200K: Estimator = Estimator::new(weights(Column::O200k));
        static CL100K: Estimator = Estimator::new(weights(Column::Cl100k));
        static CLAUDE: Estimator = Estimator::new(weights(Column::Claude));
        static CLAUDE_NEWER: Estimator = Estimator::new(newer_claude(weights(Column::Claude)));
        static GEMINI: Estimator = Estimator::new(weights(Column::Gemini));
        static LLAMA: Estimator = Estimator::new(weights(Column::Llama));
        static MISTRAL: Estimator = Estimator::new(weights(Column::Mistral));
        static QWEN: Estimator = Estimator::new(weights(Column::Qwen));
        static DEEPSEEK: Estimator = Estimator::new(weights(Column::DeepSeek));
        match family {
            Family::O200k | Family::Other => &O200K,
            Family::Cl100k => &CL100K,
            Family::ClaudeOlder => &CLAUDE,
            Family::Claude => &CLAUDE_NEWER,
            Family::Gemini => &GEMINI,
            Family::Llama => &LLAMA,
            Family::Mistral => &MISTRAL,
            Family::Qwen => &QWEN,
            Family::DeepSeek => &DEEPSEEK,
        }
    }

    const fn new(weights: Weights) -> Self {
        let mut table = [0; ROW * ROW];
        let mut last = 0;
        while last < Class::COUNT {
            let mut next = 0;
            while next < Class::COUNT {
                if let Some(feature) = Feature::of(Class::ALL[last], Class::ALL[next]) {
                    table[last * ROW + next] = weights[feature as usize];
                }
                next += 1;
            }
            last += 1;
        }
        Self(table)
    }

    /// Adds a piece of text.
    pub(crate) fn add(&self, sum: &mut Sum, text: &[u8]) {
        let mut last = sum.last;
        let mut parts = 0;
        for byte in text {
            let next = CLASSES[usize::from(*byte)];
            parts += u64::from(self.0[(last as usize * ROW + next as usize) % (ROW * ROW)]);
            last = next;
        }
        sum.parts = sum.parts.saturating_add(parts);
        sum.last = last;
    }

    pub(crate) fn tokens(&self, text: &str) -> u64 {
        let mut sum = Sum::default();
        self.add(&mut sum, text.as_bytes());
        sum.tokens()
    }
}
