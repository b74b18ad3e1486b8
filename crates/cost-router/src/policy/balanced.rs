use crate::{Call, Choice, Needs, Policy, by_score};

/// By cost, time to the first word and failures together.
///
/// Each is a share from 0 to 1 of how much worse a deployment is than the best: 1 - lowest cost / its cost, 1 - shortest
/// time / its time, and the share of its calls that failed. The score is their weighted sum, the lowest goes first. An
/// unknown cost counts as 1, an unknown time as 0: what nobody has tried is tried.
#[derive(Clone, Copy, Debug)]
pub struct Balanced {
    cost: f64,
    latency: f64,
    failures: f64,
}

impl Default for Balanced {
    fn default() -> Self {
        Self { cost: 1.0, latency: 1.0, failures: 2.0 }
    }
}

impl Balanced {
    /// Sets the weight of the cost. Default 1; with 0 the prompt is not counted.
    #[must_use]
    pub const fn cost(mut self, weight: f64) -> Self {
        self.cost = sane(weight);
        self
    }

    /// Sets the weight of the time to the first word. Default 1.
    #[must_use]
    pub const fn latency(mut self, weight: f64) -> Self {
        self.latency = sane(weight);
        self
    }

    /// Sets the weight of failures. Default 2.
    #[must_use]
    pub const fn failures(mut self, weight: f64) -> Self {
        self.failures = sane(weight);
        self
    }
}

/// A weight that is no number, or below nothing, is nothing.
const fn sane(weight: f64) -> f64 {
    if weight.is_finite() && weight > 0.0 { weight } else { 0.0 }
}

impl Policy for Balanced {
    fn name(&self) -> &str {
        "balanced"
    }

    fn needs(&self) -> Needs {
        Needs { cost: self.cost > 0.0, prompt_tokens: false }
    }

    fn arrange(&self, _: &Call<'_>, choices: &mut [Choice<'_>]) {
        let mut shortest = f64::INFINITY;
        for choice in &mut *choices {
            // Kept here until it is needed again: to work it out is not for nothing.
            choice.score = choice.first_word_micros().map_or(0.0, f64::from);
            if choice.score > 0.0 {
                shortest = shortest.min(choice.score);
            }
        }
        let lowest = choices.iter().filter_map(Choice::cost).min();
        for choice in &mut *choices {
            let latency = if choice.score > 0.0 { 1.0 - shortest / choice.score } else { 0.0 };
            let cost = match (choice.cost(), lowest) {
                (Some(cost), Some(lowest)) if cost > lowest => 1.0 - lowest as f64 / cost as f64,
                (Some(_), _) => 0.0,
                (None, _) => 1.0,
            };
            choice.score = self.cost * cost + self.latency * latency + self.failures * choice.failure_rate();
        }
        by_score(choices);
    }
}
