use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

use super::Mark;
use crate::rules::Window;

/// How many calls there are in a breaker's window, and of what kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// All that count.
    pub calls: u32,
    /// Those that failed.
    pub failures: u32,
    /// Those slower than [`slow_calls`](crate::Rules::slow_calls) allows.
    pub slow: u32,
    /// Those that had a first token.
    pub first_tokens: u32,
    /// Those whose first token came later than [`max_first_token`](crate::Rules::max_first_token).
    pub late_first_tokens: u32,
    /// Those whose end came later than [`max_total`](crate::Rules::max_total).
    pub late_ends: u32,
}

impl Counts {
    fn each(&mut self, mark: Mark, change: impl Fn(&mut u32)) {
        change(&mut self.calls);
        for (flag, count) in [
            (Mark::FAILED, &mut self.failures),
            (Mark::SLOW, &mut self.slow),
            (Mark::SPOKE, &mut self.first_tokens),
            (Mark::LATE_FIRST, &mut self.late_first_tokens),
            (Mark::LATE_END, &mut self.late_ends),
        ] {
            if mark.is(flag) {
                change(count);
            }
        }
    }

    fn subtract(&mut self, old: Self) {
        self.calls -= old.calls;
        self.failures -= old.failures;
        self.slow -= old.slow;
        self.first_tokens -= old.first_tokens;
        self.late_first_tokens -= old.late_first_tokens;
        self.late_ends -= old.late_ends;
    }
}

/// A sliding window of marks.
#[derive(Debug)]
pub(super) struct Tally {
    total: Counts,
    kept: Kept,
}

#[derive(Debug)]
enum Kept {
    Time { started: Instant, step: Duration, now: u64, slots: Box<[Counts; SLOTS]> },
    Calls { most: u32, marks: VecDeque<Mark> },
}

const SLOTS: usize = 10;

impl Tally {
    pub(super) fn new(window: Window, now: Instant) -> Self {
        let kept = match window {
            Window::Time(time) => {
                let step = (time / SLOTS as u32).max(Duration::from_millis(1));
                Kept::Time { started: now, step, now: 0, slots: Box::default() }
            }
            Window::Calls(most) => Kept::Calls { most, marks: VecDeque::new() },
        };
        Self { total: Counts::default(), kept }
    }

    /// What is in the window now.
    pub(super) fn counts(&mut self, now: Instant) -> Counts {
        self.advance(now);
        self.total
    }

    pub(super) fn push(&mut self, mark: Mark, now: Instant) {
        self.advance(now);
        match &mut self.kept {
            Kept::Time { now, slots, .. } => {
                let Some(slot) = slots.get_mut(slot_of(*now)) else { return };
                // Four billion calls of one window tell no more than the ones before.
                if self.total.calls == u32::MAX {
                    return;
                }
                slot.each(mark, |count| *count += 1);
            }
            Kept::Calls { most, marks } => {
                if marks.len() >= *most as usize
                    && let Some(old) = marks.pop_front()
                {
                    self.total.each(old, |count| *count -= 1);
                }
                marks.push_back(mark);
            }
        }
        self.total.each(mark, |count| *count += 1);
    }

    pub(super) fn clear(&mut self) {
        self.total = Counts::default();
        match &mut self.kept {
            Kept::Time { slots, .. } => **slots = [Counts::default(); SLOTS],
            Kept::Calls { marks, .. } => marks.clear(),
        }
    }

    /// Forgets the slots of which the time has come again.
    fn advance(&mut self, time: Instant) {
        let Kept::Time { started, step, now, slots } = &mut self.kept else { return };
        let reached = time.saturating_duration_since(*started).as_nanos() / step.as_nanos();
        let reached = u64::try_from(reached).unwrap_or(u64::MAX);
        for ahead in 1..=reached.saturating_sub(*now).min(SLOTS as u64) {
            if let Some(slot) = slots.get_mut(slot_of(now.saturating_add(ahead))) {
                self.total.subtract(std::mem::take(slot));
            }
        }
        *now = reached.max(*now);
    }
}

const fn slot_of(step: u64) -> usize {
    (step % SLOTS as u64) as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn naive(marks: impl Iterator<Item = u8>) -> Counts {
        let mut counts = Counts::default();
        for mark in marks {
            counts.calls += 1;
            counts.failures += u32::from(mark & 1 != 0);
            counts.slow += u32::from(mark & 2 != 0);
            counts.first_tokens += u32::from(mark & 4 != 0);
            counts.late_first_tokens += u32::from(mark & 8 != 0);
            counts.late_ends += u32::from(mark & 16 != 0);
        }
        counts
    }

    proptest! {
        #[test]
        fn the_last_calls_are_counted(most in 1..30_u32, marks in prop::collection::vec(0..32_u8, 0..100)) {
            let now = Instant::now();
            let mut tally = Tally::new(Window::Calls(most), now);
            for (i, mark) in marks.iter().enumerate() {
                tally.push(Mark(*mark), now);
                let from = (i + 1).saturating_sub(most as usize);
                prop_assert_eq!(tally.counts(now), naive(marks[from..=i].iter().copied()));
            }
            tally.clear();
            prop_assert_eq!(tally.counts(now), Counts::default());
        }

        #[test]
        fn the_calls_of_the_last_tenths_are_counted(marks in prop::collection::vec((0..4_000_u64, 0..32_u8), 0..100)) {
            let started = Instant::now();
            let mut tally = Tally::new(Window::Time(Duration::from_secs(10)), started);
            let (mut seen, mut now) = (Vec::new(), 0);
            for (pause, mark) in marks {
                now += pause;
                tally.push(Mark(mark), started + Duration::from_millis(now));
                seen.push((now, mark));
                let kept = seen.iter().filter(|(at, _)| now / 1000 - at / 1000 < 10);
                let counts = tally.counts(started + Duration::from_millis(now));
                prop_assert_eq!(counts, naive(kept.map(|(_, mark)| *mark)));
            }
        }
    }
}
