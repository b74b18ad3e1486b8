//! All patterns as one automaton.

use regex_automata::{
    Anchored, MatchKind,
    hybrid::dfa::{Cache, DFA},
    nfa::thompson,
    util::{start, syntax},
};

use super::{BuildError, boundary};
use crate::{Detector, Form};

/// A lazy DFA: states are made when a text first leads there, in a cache of bounded size.
#[derive(Default)]
pub(super) struct Program {
    dfa: Option<DFA>,
    /// For each pattern the number of its row.
    rows: Vec<u16>,
    /// Whether any pattern begins with a byte.
    begins: Vec<bool>,
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
        let config =
            DFA::config().match_kind(MatchKind::All).cache_capacity(Self::CAPACITY).skip_cache_capacity_check(true);
        let dfa = DFA::builder().configure(config).build_from_nfa(nfa);
        let dfa = dfa.map_err(|error| BuildError::new(&first.entity, error))?;
        let begins = first_bytes(&dfa);
        Ok(Self { dfa: Some(dfa), rows, begins })
    }

    /// Whether any pattern begins with the byte here.
    #[inline]
    pub(super) fn may_begin(&self, bytes: &[u8], at: usize) -> bool {
        let byte = bytes.get(at).map_or(0, |&byte| usize::from(byte));
        self.begins.get(byte).is_some_and(|begins| *begins)
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

fn first_bytes(dfa: &DFA) -> Vec<bool> {
    let mut cache = dfa.create_cache();
    let mut begins = |byte: u8| {
        let next = begin(dfa, &mut cache).and_then(|state| dfa.next_state(&mut cache, state, byte).map_err(drop));
        next.is_ok_and(|state| !state.is_dead())
    };
    (0..=u8::MAX).map(&mut begins).collect()
}
