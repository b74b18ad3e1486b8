//! What the providers do: how long they take, when they fail, what they keep in their caches. Assumptions of ours.

use std::{collections::HashMap, time::Duration};

use crate::{dice::Dice, fleet::Member, mix::Request};

/// Prompts stay in a provider's cache for so long after they were used last.
const CACHE: Duration = Duration::from_secs(300);
/// Shorter prompts are not cached, longer ones in blocks of so many tokens.
const SHORTEST: u64 = 1024;
const BLOCK: u64 = 128;
/// The share of prompts that should be in the cache and are.
const HITS: f64 = 0.9;

/// From here on, for so long, the fastest fails six times of ten.
const OUTAGE: (&str, f64, f64) = ("groq", 11.0, 0.75);
/// From here on, for so long, it takes five times as long as usual.
const SLOW: (&str, f64, f64) = ("haiku", 14.0, 1.0);

pub(crate) struct World {
    dice: Dice,
    /// By deployment and conversation: when, and how many tokens.
    cached: HashMap<(usize, u64), (Duration, u64)>,
}

/// What comes of a call, and after what time.
pub(crate) enum Fate {
    Fails(Duration),
    Answers(Duration),
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        Self { dice: Dice::new(seed).of(0x0077_6f72_6c64), cached: HashMap::new() }
    }

    /// The same request meets the same fate at the same deployment, but for the load that it meets there.
    pub(crate) fn fate(
        &self,
        member: &Member,
        place: usize,
        request: usize,
        tokens: u64,
        at: Duration,
        load: u64,
    ) -> Fate {
        let mut dice = self.dice.of(request as u64).of(place as u64);
        let hour = at.as_secs_f64() / 3600.0;
        let is = |(name, from, hours): (&str, f64, f64)| member.name == name && (from..from + hours).contains(&hour);
        let failures = if is(OUTAGE) { 0.6 } else { member.failures };
        if dice.unit() < failures {
            return Fate::Fails(Duration::from_secs_f64(dice.log_between(0.1, 4.0)));
        }
        let slow = if is(SLOW) { 5.0 } else { 1.0 };
        let queue = 1.0 + load as f64 / member.room;
        let prefill = member.prefill * tokens as f64 / 10_000.0;
        let seconds = (member.first_word * slow * dice.log_normal(0.35) + prefill) * queue;
        Fate::Answers(Duration::from_secs_f64(seconds))
    }

    /// How many tokens of a prompt are read from the cache of a deployment, and keeps the prompt there from now on.
    ///
    /// Anthropic's caches only what a request marks, and these mark nothing.
    pub(crate) fn cached(
        &mut self,
        member: &Member,
        place: usize,
        request: &Request,
        tokens: u64,
        at: Duration,
    ) -> u64 {
        if member.deployment.provider() == "anthropic" || tokens < SHORTEST {
            return 0;
        }
        let mut dice = self.dice.of(request.conversation).of(place as u64).of(tokens);
        let last = self.cached.insert((place, request.conversation), (at, tokens));
        match last {
            Some((then, kept)) if at.saturating_sub(then) < CACHE && dice.unit() < HITS => {
                kept.min(tokens) / BLOCK * BLOCK
            }
            _ => 0,
        }
    }
}
