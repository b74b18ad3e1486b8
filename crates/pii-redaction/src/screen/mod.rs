//! The model's own text, searched as it is written.

mod quotes;
mod settled;

use llm_layers_pii::{Finding, Text};

use self::{quotes::Quotes, settled::settled};
use crate::{Session, layer::Settings};

/// The most that is held back of something that is found and has not ended, such as a private key. What is longer is
/// let go as far as it was found.
const LONGEST: usize = 64 << 10;

/// What was said before counts as context of what comes: a cue such as `born on` may have left already.
const CONTEXT: usize = 64;

/// A running text that is searched.
///
/// What may be part of something that is still being written is held back: the last words, and numbers with the words
/// around them; up to [`LONGEST`] bytes where something is found that has not ended.
#[derive(Default)]
pub(crate) struct Screen {
    /// The end of what has left, and what is held.
    text: String,
    /// Where what is held begins.
    held: usize,
    /// In a text that is JSON: whether what is held begins within a string.
    quotes: Option<Quotes>,
}

impl Screen {
    /// A text that is JSON, or none.
    pub(crate) fn new(is_json: bool) -> Self {
        Self { quotes: is_json.then(Quotes::default), ..Self::default() }
    }

    /// Appends to `out` what is settled by now.
    pub(crate) fn push(&mut self, piece: &str, settings: &Settings, session: &mut Session, out: &mut String) {
        self.text.push_str(piece);
        let held = self.text.get(self.held..).unwrap_or_default();
        let until = self.held + settled(held, settings.detectors.reach());
        if until > self.held {
            self.release(until, settings, session, out);
        }
    }

    /// Appends what was held back: the text is over.
    pub(crate) fn finish(&mut self, settings: &Settings, session: &mut Session, out: &mut String) {
        if self.held < self.text.len() {
            self.release(self.text.len(), settings, session, out);
        }
    }

    /// Lets go what stands before this, but for what is found across it.
    fn release(&mut self, mut until: usize, settings: &Settings, session: &mut Session, out: &mut String) {
        let mut found = settings.find(&Text::from(&self.text));
        found.retain(|finding| finding.range.end > self.held);
        let is_too_long = self.text.len() - self.held > LONGEST;
        if until < self.text.len() && !is_too_long {
            // Something may be longer when it has been written to its end.
            let across = found.iter().filter(|finding| finding.range.end >= until);
            until = across.map(|finding| finding.range.start.max(self.held)).min().unwrap_or(until).min(until);
        }
        let Some(leaving) = self.text.get(self.held..until).filter(|leaving| !leaving.is_empty()) else { return };
        let found = found.into_iter().filter(|finding| finding.range.start < until).map(|finding| Finding {
            range: finding.range.start.saturating_sub(self.held)..finding.range.end.min(until) - self.held,
            ..finding
        });
        let found: Vec<_> = found.collect();
        let quoted = self.quotes.as_mut().and_then(|quotes| quotes.quote(leaving, &found));
        let replaced = match (&quoted, found.is_empty()) {
            (_, true) => None,
            (Some((quoted, found)), _) => {
                Some(session.redact(&Text::from(quoted), found.clone(), true).unwrap_or_else(|| leaving.to_owned()))
            }
            (None, _) => session.redact(&Text::from(leaving), found, self.quotes.is_some()),
        };
        out.push_str(replaced.as_deref().unwrap_or(leaving));
        self.held = until;
        self.forget();
    }

    /// Keeps no more of what has left than counts as context.
    fn forget(&mut self) {
        let from = self.held.saturating_sub(CONTEXT);
        let from = (from..=self.held).find(|&at| self.text.is_char_boundary(at)).unwrap_or(self.held);
        // Not for every piece: what is cut off in front is copied.
        if from > 4 * CONTEXT {
            self.text.drain(..from);
            self.held -= from;
        }
    }
}
