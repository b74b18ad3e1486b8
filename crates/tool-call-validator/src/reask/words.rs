//! What the model is told: what is wrong, and where; never a value.

use std::fmt::Write as _;

use llm_layers_core::cut;

use crate::{
    Fault,
    judge::{Judgement, Verdict},
};

/// All words together are no longer than this, in bytes.
const MOST: usize = 2048;

/// So many calls are answered at most.
const MAX_CALLS: usize = 32;

/// For each of [`MAX_CALLS`] so much is kept free, for the shortest words.
const SHORTEST: usize = 24;

/// What the model is told of its turn.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Words {
    /// Of each call.
    pub(super) calls: Vec<String>,
    /// Of the turn as a whole, where there is something to say.
    pub(super) turn: Option<String>,
}

/// `None` for more calls than are answered.
pub(super) fn of(judgement: &Judgement) -> Option<Words> {
    if judgement.calls.len() > MAX_CALLS {
        return None;
    }
    let mut left = MOST - MAX_CALLS * SHORTEST;
    let calls = judgement.calls.iter().map(|verdict| match verdict {
        Verdict::Invalid(faults) => {
            told("Invalid.", " Nothing was carried out:", faults, " Call it again, put right.", &mut left)
        }
        Verdict::Valid | Verdict::Mended(_) => {
            let rest = ", because another call of this answer was invalid. Repeat it.";
            if take(&mut left, rest.len()) { format!("Not carried out{rest}") } else { "Not carried out.".to_owned() }
        }
    });
    let calls = calls.collect();
    let text = match &judgement.text {
        Some(Verdict::Invalid(faults)) => &faults[..],
        _ => &[],
    };
    let of_turn: Vec<_> = judgement.faults.iter().chain(text).collect();
    let turn = (!of_turn.is_empty()).then(|| {
        told("Invalid.", " Your answer is not what was asked for:", of_turn, " Answer again, put right.", &mut left)
    });
    Some(Words { calls, turn })
}

/// The faults, as far as there is room for them.
fn told<'a>(
    shortest: &str,
    lead: &str,
    faults: impl IntoIterator<Item = &'a Fault>,
    end: &str,
    left: &mut usize,
) -> String {
    let mut words = shortest.to_owned();
    if !take(left, lead.len() + end.len() + 1) {
        return words;
    }
    words.push_str(lead);
    for fault in faults {
        let mut line = String::from("\n- ");
        if !fault.path.is_empty() {
            let _ = write!(line, "{}: ", fault.path);
        }
        line.push_str(&fault.message);
        let line = cut(&line, *left);
        *left -= line.len();
        words.push_str(line);
    }
    words.push('\n');
    words.push_str(end.trim_start());
    words
}

/// Takes so much of what is left, if there is as much.
const fn take(left: &mut usize, bytes: usize) -> bool {
    match left.checked_sub(bytes) {
        Some(rest) => {
            *left = rest;
            true
        }
        None => false,
    }
}
