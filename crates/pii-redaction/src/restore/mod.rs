//! From placeholders back to values, in whole texts and in streams.
//!
//! Models change the spelling of what they repeat: `<email_7F3A09C2>`, `< EMAIL 7f3a09c2 >`, `EMAIL\_7f3a09c2`,
//! `&lt;EMAIL_7f3a09c2&gt;`, `＜EMAIL-7f3a09c2＞`, or without any brackets. All of these are understood. The tag must be
//! whole, right, and minted for this name in this request; what looks like a placeholder and is none stays as it is.
//! Brackets of another kind stay as well: `[EMAIL_7f3a09c2](mailto:EMAIL_7f3a09c2)` remains a link.

mod begins;
mod matcher;
mod spelling;
mod stream;
#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc};

pub use stream::Stream;

use self::matcher::{Matcher, Next};
use crate::{Vault, json};

/// Puts values back where their placeholders stand. Cloning it shares it.
#[derive(Clone)]
pub struct Restorer(Arc<Inner>);

struct Inner {
    vault: Vault,
    matcher: Matcher,
}

/// How a value is written where it is put back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Escape {
    /// As it is.
    #[default]
    None,
    /// As within a JSON string: where the text is itself the source of JSON, such as a tool call's arguments.
    Json,
}

impl Restorer {
    /// Restores what a session has minted.
    #[must_use]
    pub fn new(vault: Vault) -> Self {
        let matcher = Matcher::new(&vault);
        Self(Arc::new(Inner { vault, matcher }))
    }

    /// Whether there is nothing to restore.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.vault.is_empty()
    }

    /// The text with all values put back; `None` where nothing changes.
    #[must_use]
    pub fn restore(&self, text: &str, escape: Escape) -> Option<String> {
        let (mut out, mut from) = (None::<String>, 0);
        if self.is_empty() {
            return None;
        }
        while let Next::Placeholder(range, index) = self.0.matcher.next(text, from, NOTHING_BEFORE, true) {
            let out = out.get_or_insert_with(|| String::with_capacity(text.len() + 64));
            out.push_str(text.get(from..range.start).unwrap_or_default());
            self.write(index, escape, out);
            from = range.end;
        }
        let mut out = out?;
        out.push_str(text.get(from..).unwrap_or_default());
        Some(out)
    }

    /// The bytes of the longest spelling of a placeholder that is understood: no stream holds more.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.0.matcher.longest()
    }

    fn write(&self, index: usize, escape: Escape, out: &mut String) {
        let Some(entry) = self.0.vault.entries.get(index) else { return };
        match escape {
            Escape::None => out.push_str(&entry.value),
            Escape::Json => json::write_escaped(&entry.value, out),
        }
    }
}

/// The two bytes before the beginning of a text.
const NOTHING_BEFORE: [u8; 2] = [0; 2];

impl fmt::Debug for Restorer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Restorer").field(&self.0.vault).finish()
    }
}
