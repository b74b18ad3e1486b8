//! Collects what is wrong while a file is read, so that one run shows every mistake.

use std::ops::Range;

use super::mask::Mask;
use super::problem::{Errors, Problem};

/// Looks up an environment variable.
pub(super) type Env<'e> = &'e dyn Fn(&str) -> Option<String>;

/// A place in the file: the bytes to point at, and the member's path.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) span: Range<usize>,
    pub(super) path: String,
}

/// The problems so far, and what is needed to show them.
pub(super) struct Report<'t> {
    text: &'t str,
    pub(super) env: Env<'t>,
    pub(super) mask: Mask,
    found: Vec<Found>,
}

struct Found {
    place: Place,
    message: String,
    help: String,
}

impl<'t> Report<'t> {
    pub(super) fn new(text: &'t str, env: Env<'t>) -> Self {
        Self { text, env, mask: Mask::default(), found: Vec::new() }
    }

    /// A problem, and what to write instead.
    pub(super) fn error(&mut self, place: &Place, message: impl Into<String>, help: impl Into<String>) {
        self.found.push(Found { place: place.clone(), message: message.into(), help: help.into() });
    }

    /// How many there are so far.
    pub(super) fn count(&self) -> usize {
        self.found.len()
    }

    /// The errors of this file, if there is any.
    pub(super) fn finish(mut self, file: &str) -> Option<Errors> {
        self.found.sort_by_key(|found| found.place.span.start);
        let problems: Vec<Problem> = self.found.iter().map(|found| self.problem(found)).collect();
        (!problems.is_empty()).then(|| Errors { file: file.to_owned(), problems })
    }

    fn problem(&self, found: &Found) -> Problem {
        let start = found.place.span.start.min(self.text.len());
        let before = self.text.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let rest = self.text.get(line_start..).unwrap_or_default();
        let line_end = line_start + rest.find(['\n', '\r']).unwrap_or(rest.len());
        Problem {
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
            member: found.place.path.clone(),
            message: found.message.clone(),
            help: found.help.clone(),
            snippet: Some(self.mask.snippet(self.text, line_start..line_end, &found.place.span)),
        }
    }
}
