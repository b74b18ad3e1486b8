//! What may follow a run of digits or of letters that a pattern begins with.

use std::collections::BTreeSet;

use regex_automata::{
    nfa::thompson::{NFA, State},
    util::primitives::StateID,
};

/// Longer runs are taken as runs that anything may follow.
const LONGEST: usize = 24;

/// For each length of a run, whether a pattern matches it or goes on with the byte that follows, whichever digits or letters
/// they are. Most words and numbers are no beginning of anything, and this tells without a step of the automaton, the states
/// of which are far apart in memory.
#[derive(Default)]
pub(super) struct Runs {
    digits: Vec<[bool; 256]>,
    letters: Vec<[bool; 256]>,
}

impl Runs {
    pub(super) fn new(nfa: &NFA) -> Self {
        Self { digits: follow(nfa, &[(b'0', b'9')]), letters: follow(nfa, &[(b'A', b'Z'), (b'a', b'z')]) }
    }

    #[inline]
    pub(super) fn may_go_on(&self, length: usize, is_number: bool, next: u8) -> bool {
        let runs = if is_number { &self.digits } else { &self.letters };
        runs.get(length).is_none_or(|next_bytes| next_bytes.get(usize::from(next)).is_some_and(|may| *may))
    }
}

/// For each number of bytes of these ranges what may follow them.
fn follow(nfa: &NFA, ranges: &[(u8, u8)]) -> Vec<[bool; 256]> {
    let mut states = closure(nfa, [nfa.start_anchored()]);
    let mut lengths = Vec::new();
    for _ in 0..LONGEST {
        let mut next = [false; 256];
        let mut after = BTreeSet::new();
        for &state in &states {
            each(nfa.state(state), |from, to, state| {
                next.iter_mut().take(usize::from(to) + 1).skip(usize::from(from)).for_each(|next| *next = true);
                if ranges.iter().any(|&(first, last)| from <= last && first <= to) {
                    after.insert(state);
                }
            });
            if matches!(nfa.state(state), State::Match { .. }) {
                next = [true; 256];
            }
        }
        lengths.push(next);
        states = closure(nfa, after);
    }
    lengths
}

/// All states that are reached without a byte.
fn closure(nfa: &NFA, from: impl IntoIterator<Item = StateID>) -> BTreeSet<StateID> {
    let mut rest: Vec<StateID> = from.into_iter().collect();
    let mut all = BTreeSet::new();
    while let Some(state) = rest.pop() {
        if !all.insert(state) {
            continue;
        }
        match nfa.state(state) {
            State::Look { next, .. } | State::Capture { next, .. } => rest.push(*next),
            State::Union { alternates } => rest.extend(alternates.iter()),
            State::BinaryUnion { alt1, alt2 } => rest.extend([*alt1, *alt2]),
            _ => {}
        }
    }
    all
}

/// Calls with the bytes that lead from a state to others.
fn each(state: &State, mut call: impl FnMut(u8, u8, StateID)) {
    match state {
        State::ByteRange { trans } => call(trans.start, trans.end, trans.next),
        State::Sparse(sparse) => sparse.transitions.iter().for_each(|trans| call(trans.start, trans.end, trans.next)),
        State::Dense(dense) => {
            for (byte, &next) in (0..=u8::MAX).zip(dense.transitions.iter()).filter(|(_, next)| **next != StateID::ZERO)
            {
                call(byte, byte, next);
            }
        }
        _ => {}
    }
}
