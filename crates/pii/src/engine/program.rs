//! All patterns as one automaton.

use regex_automata::{
    Anchored, MatchKind,
    hybrid::dfa::{Cache, DFA},
    nfa::thompson,
    util::{start, syntax},
};

use super::{BuildError, boundary, runs::Runs};
use crate::{Detector, Form};

/// A lazy DFA: states are made when a text first leads there, in a cache of bounded size.
#[derive(Default)]
pub(super) struct Program {
    dfa: Option<DFA>,
    /// For each pattern the number of its row.
    rows: Vec<u16>,
    /// Whether any pattern goes on after two bytes, one bit for each two.
    pairs: Vec<u64>,
    runs: Runs,
}

/// What was determined so far.
#[derive(Default)]
pub(super) struct Automaton {
    cache: Option<Cache>,
    /// How many bytes were gone through.
    #[cfg(test)]
    pub(super) steps: usize,
}

/// A row whose pattern matches, and where that ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) row: u16,
    pub(super) end: usize,
}

impl Program {
    /// The longest match in bytes.
    pub(super) const LIMIT: usize = 128;
    /// The most memory in bytes that states take, in each thread that searches at the same time. When it is full, states
    /// are made anew.
    const CAPACITY: usize = 8 << 20;

    pub(super) fn new(detectors: &[Detector]) -> Result<Self, BuildError> {
        let mut patterns = Vec::new();
        let mut rows = Vec::new();
        let config = syntax::Config::new().unicode(false).utf8(false);
        for (index, row) in (0_u16..).zip(detectors) {
            if let Form::Pattern(pattern) = row.form {
                let parsed = syntax::parse_with(pattern, &config);
                patterns.push(parsed.map_err(|error| BuildError::new(&row.entity, error))?);
                rows.push(index);
            }
        }
        let Some(first) = rows.first().and_then(|&row| detectors.get(usize::from(row))) else {
            return Ok(Self::default());
        };
        let nfa = thompson::Compiler::new()
            .configure(thompson::Config::new().utf8(false))
            .build_many_from_hir(&patterns)
            .map_err(|error| BuildError::new(&first.entity, error))?;
        let runs = Runs::new(&nfa);
        let config =
            DFA::config().match_kind(MatchKind::All).cache_capacity(Self::CAPACITY).skip_cache_capacity_check(true);
        let dfa = DFA::builder().configure(config).build_from_nfa(nfa);
        let dfa = dfa.map_err(|error| BuildError::new(&first.entity, error))?;
        let pairs = pairs(&dfa);
        Ok(Self { dfa: Some(dfa), rows, pairs, runs })
    }

    /// Whether any pattern goes on after the two bytes here.
    #[inline]
    pub(super) fn may_begin(&self, bytes: &[u8], at: usize) -> bool {
        let Some(&[first, second]) = bytes.get(at..).and_then(<[u8]>::first_chunk) else { return true };
        let pair = usize::from(first) << 8 | usize::from(second);
        self.pairs.get(pair / 64).is_some_and(|bits| bits >> (pair % 64) & 1 == 1)
    }

    /// Whether any pattern goes on after so many digits, or letters, and the byte that follows here.
    #[inline]
    pub(super) fn may_go_on(&self, bytes: &[u8], at: usize, length: usize, is_number: bool) -> bool {
        length == 0 || bytes.get(at + length).is_none_or(|&next| self.runs.may_go_on(length, is_number, next))
    }

    /// All that matches from here on and ends where a word does, by increasing ends.
    pub(super) fn hits(&self, automaton: &mut Automaton, bytes: &[u8], from: usize, hits: &mut Vec<Hit>) {
        hits.clear();
        let Some(dfa) = &self.dfa else { return };
        let cache = automaton.cache.get_or_insert_with(|| dfa.create_cache());
        let Ok(mut state) = begin(dfa, cache) else { return };
        let rest = bytes.get(from..).unwrap_or_default();
        for at in 0..=rest.len().min(Self::LIMIT) {
            #[cfg(test)]
            {
                automaton.steps += 1;
            }
            // A match is known one byte later.
            let next = match rest.get(at) {
                Some(&byte) => dfa.next_state(cache, state, byte),
                None => dfa.next_eoi_state(cache, state),
            };
            let Ok(next) = next else { return };
            state = next;
            if !state.is_tagged() {
                continue;
            }
            if state.is_match() && at > 0 && boundary::ends(bytes, from + at) {
                for index in 0..dfa.match_len(cache, state) {
                    let pattern = dfa.match_pattern(cache, state, index);
                    let row = self.rows.get(pattern.as_usize()).copied().unwrap_or_default();
                    hits.push(Hit { row, end: from + at });
                }
            }
            if state.is_dead() || state.is_quit() {
                return;
            }
        }
    }
}

fn begin(dfa: &DFA, cache: &mut Cache) -> Result<regex_automata::hybrid::LazyStateID, ()> {
    dfa.start_state(cache, &start::Config::new().anchored(Anchored::Yes)).map_err(drop)
}

/// Most words begin with two bytes that no pattern begins with.
fn pairs(dfa: &DFA) -> Vec<u64> {
    let mut cache = dfa.create_cache();
    let classes = dfa.byte_classes();
    let bytes = || (0..=u8::MAX).filter(|&byte| byte == 0 || classes.get(byte) != classes.get(byte - 1));
    let mut lives = vec![[false; 256]; 256];
    for first in bytes() {
        let next = begin(dfa, &mut cache).and_then(|state| dfa.next_state(&mut cache, state, first).map_err(drop));
        let Some(lives) = lives.get_mut(usize::from(classes.get(first))) else { continue };
        for second in bytes() {
            let Some(lives) = lives.get_mut(usize::from(classes.get(second))) else { continue };
            *lives = next.is_ok_and(|state| {
                !state.is_dead() && dfa.next_state(&mut cache, state, second).is_ok_and(|state| !state.is_dead())
            });
        }
    }
    let lives = |first: u8, second: u8| {
        let of_first = lives.get(usize::from(classes.get(first)));
        of_first.and_then(|lives| lives.get(usize::from(classes.get(second)))).is_some_and(|lives| *lives)
    };
    let mut pairs = Vec::with_capacity(1 << 10);
    for pair in (0..=u16::MAX).step_by(64) {
        let bit = |bit: u16| {
            let [first, second] = (pair + bit).to_be_bytes();
            u64::from(lives(first, second)) << bit
        };
        pairs.push((0..64).map(bit).sum());
    }
    pairs
}
