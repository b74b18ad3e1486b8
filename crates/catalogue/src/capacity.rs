//! Throughput that is paid for in advance.

use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::price::{Meter, Quantities};

/// Tokens a minute that are paid for whether they are used or not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Committed {
    /// Tokens of prompts, of all kinds.
    pub input_per_minute: u64,
    /// Tokens of answers, of all kinds.
    pub output_per_minute: u64,
}

const INPUT: [Meter; 7] = [
    Meter::Input,
    Meter::AudioInput,
    Meter::ImageInput,
    Meter::CacheWrite1h,
    Meter::CacheWrite,
    Meter::CachedInput,
    Meter::CachedAudioInput,
];
const OUTPUT: [Meter; 4] = [Meter::Output, Meter::Reasoning, Meter::AudioOutput, Meter::ImageOutput];

/// Prepaid tokens: they are used first, up to so many in each minute of the clock, and the rest is billed. What a
/// minute leaves is lost. Threads may take at the same time: no token is given twice.
#[derive(Debug)]
pub struct Capacity {
    committed: Committed,
    state: Mutex<State>,
}

/// What is left of a minute since 1970.
#[derive(Debug, Clone, Copy)]
struct State {
    minute: u64,
    input: u64,
    output: u64,
}

impl Capacity {
    /// So much a minute.
    pub const fn new(committed: Committed) -> Self {
        let state = State { minute: 0, input: committed.input_per_minute, output: committed.output_per_minute };
        Self { committed, state: Mutex::new(state) }
    }

    /// How much there is a minute.
    pub const fn committed(&self) -> Committed {
        self.committed
    }

    /// What of a call would be billed at this time, without taking anything.
    pub fn peek(&self, quantities: &Quantities, at: SystemTime) -> Quantities {
        let mut state = *self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.take(self.committed, quantities, at)
    }

    /// Takes what there is for a call, and returns what of it is to be billed. Characters, images, calls and seconds
    /// are never prepaid.
    #[must_use = "what is left over is to be billed"]
    pub fn take(&self, quantities: &Quantities, at: SystemTime) -> Quantities {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).take(self.committed, quantities, at)
    }
}

impl State {
    fn take(&mut self, committed: Committed, quantities: &Quantities, at: SystemTime) -> Quantities {
        let minute = at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / 60);
        // A clock that is set back gives nothing anew.
        if minute > self.minute {
            *self = Self { minute, input: committed.input_per_minute, output: committed.output_per_minute };
        }
        let mut rest = *quantities;
        for (left, meters) in [(&mut self.input, INPUT.as_slice()), (&mut self.output, OUTPUT.as_slice())] {
            for meter in meters {
                let quantity = rest.of_mut(*meter);
                let taken = (*quantity).min(*left);
                *quantity -= taken;
                *left -= taken;
            }
        }
        rest
    }
}
