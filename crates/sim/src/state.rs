//! What all connections of one simulated provider share.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::bedrock::Signer;
use crate::bench::BenchCache;
use crate::counts::Tally;
use crate::fault::Fault;
use crate::ids;
use crate::memo::Memo;
use crate::record::Recorder;
use crate::sim::Dialect;

/// The settings, fixed at the start.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) dialect: Dialect,
    pub(crate) api_key: Option<String>,
    pub(crate) signer: Option<Signer>,
    pub(crate) models: Vec<String>,
    pub(crate) any_model: bool,
    pub(crate) pace: Option<Duration>,
    pub(crate) chunk_words: usize,
}

impl Settings {
    pub(crate) fn serves(&self, model: &str) -> bool {
        self.any_model || self.models.iter().any(|known| known == model) || crate::fault::is_fault_model(model)
    }
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) settings: Settings,
    pub(crate) tally: Tally,
    pub(crate) recorder: Recorder,
    pub(crate) memo: Memo,
    pub(crate) bench: BenchCache,
    /// Turns true once, when the provider is told to stop.
    pub(crate) stopping: watch::Sender<bool>,
    armed: Mutex<VecDeque<(u64, Fault)>>,
    lot: Mutex<Option<Lot>>,
}

/// Faults that fall to requests by chance.
#[derive(Debug)]
struct Lot {
    seed: u64,
    drawn: u64,
    shares: Vec<(f64, Fault)>,
}

impl Lot {
    fn draw(&mut self) -> Option<Fault> {
        self.drawn += 1;
        // Every request has a number of its own, and a seed gives the same ones each time.
        let bits = ids::mix(self.seed.wrapping_add(self.drawn.wrapping_mul(ids::MULTIPLIER)));
        let mut left = (bits >> 11) as f64 / (1_u64 << 53) as f64;
        self.shares.iter().find_map(|(share, fault)| {
            left -= share;
            (left < 0.0).then(|| fault.clone())
        })
    }
}

impl State {
    pub(crate) fn new(settings: Settings, recorder: Recorder) -> Self {
        Self {
            settings,
            tally: Tally::new(),
            recorder,
            memo: Memo::default(),
            bench: BenchCache::default(),
            stopping: watch::Sender::new(false),
            armed: Mutex::default(),
            lot: Mutex::default(),
        }
    }

    pub(crate) fn arm(&self, times: u64, fault: Fault) {
        if times > 0 {
            self.armed.lock().unwrap_or_else(PoisonError::into_inner).push_back((times, fault));
        }
    }

    pub(crate) fn arm_by_chance(&self, seed: u64, shares: Vec<(f64, Fault)>) {
        *self.lot.lock().unwrap_or_else(PoisonError::into_inner) = Some(Lot { seed, drawn: 0, shares });
    }

    pub(crate) fn disarm(&self) {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner).clear();
        *self.lot.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The fault that the handle has armed for the request that is being served.
    pub(crate) fn take_armed(&self) -> Option<Fault> {
        let mut armed = self.armed.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((left, fault)) = armed.front_mut() else {
            return self.lot.lock().unwrap_or_else(PoisonError::into_inner).as_mut()?.draw();
        };
        *left -= 1;
        if *left == 0 { armed.pop_front().map(|(_, fault)| fault) } else { Some(fault.clone()) }
    }

    /// Resolves when the provider is told to stop.
    pub(crate) async fn stopped(&self) {
        // An error means that the sender is gone, which `self` rules out.
        let _ = self.stopping.subscribe().wait_for(|stop| *stop).await;
    }
}
