//! The redaction of one request.

mod claims;
mod fakes;
mod kinds;
mod overlap;
mod parts;
#[cfg(test)]
mod tests;

use std::{
    fmt,
    ops::Range,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use llm_layers_pii::{Entity, Finding, Text};

use self::{fakes::Fakes, kinds::Kinds, overlap::Free};
use crate::{
    Action, Rules, Vault, json,
    keyed::Keyed,
    placeholder::{Mint, Taken, own},
    replace::{encrypt, fake, hash, mask},
};

/// The redaction of one request, text by text.
///
/// It says what takes the place of what was found, and what else stays as it is, byte for byte. What redaction itself has
/// written, now or in an earlier call, is neither found nor changed.
pub struct Session {
    rules: Arc<Rules>,
    scope: Box<str>,
    /// Made when something is first to be replaced; nothing where the system gives no chance.
    keyed: OnceLock<Option<Keyed>>,
    kinds: Kinds,
    mint: Mint,
    fakes: Fakes,
}

/// A range of a text, and the index of the kind of what stands there.
type Span = (Range<usize>, usize);

impl Session {
    /// Begins.
    ///
    /// With a key, the same value has the same placeholder in all sessions of the same `scope`: that of a tenant. The
    /// `body` of the request is looked through for tags that must not be given to something else; it is not needed where
    /// nothing that the session writes will be restored.
    ///
    /// Without a key all depends on the system's chance. Where it gives none, values are masked.
    #[must_use]
    pub fn new(rules: &Arc<Rules>, scope: &str, body: impl Into<Bytes>) -> Self {
        Self {
            rules: Arc::clone(rules),
            scope: scope.into(),
            keyed: OnceLock::new(),
            kinds: Kinds::default(),
            mint: Mint::new(rules.styled(), Taken::Unread(body.into()), rules.keyed().is_some()),
            fakes: Fakes::default(),
        }
    }

    /// What takes the text's place; `None` where nothing changes. Findings may overlap and come in any order.
    ///
    /// What is `nested` stands within the source text of JSON: what is put there needs no escaping, and values are kept
    /// as that JSON means them.
    pub fn redact(&mut self, text: &Text<'_>, findings: Vec<Finding>, nested: bool) -> Option<String> {
        let spans = self.spans(text.text, findings);
        if spans.is_empty() {
            return None;
        }
        parts::replace(&[text.text], text.text, &spans, |value, kind, out| self.write(value, kind, nested, out))
            .pop()?
    }

    /// As [`redact`](Self::redact), for texts that follow each other without a break: findings are given by where they
    /// stand in all of them joined. What takes the place of a value that is split stands in the first of its texts.
    pub fn redact_parts(&mut self, parts: &[Text<'_>], findings: Vec<Finding>, nested: bool) -> Vec<Option<String>> {
        let parts: Vec<_> = parts.iter().map(|part| part.text).collect();
        if findings.is_empty() {
            return vec![None; parts.len()];
        }
        let joined = zeroize::Zeroizing::new(parts.concat());
        let spans = self.spans(&joined, findings);
        parts::replace(&parts, &joined, &spans, |value, kind, out| self.write(value, kind, nested, out))
    }

    /// What was found, in the order of first occurrence: kinds, what is done, and how often.
    pub fn counts(&self) -> impl Iterator<Item = (&Entity, &Action, u64)> {
        self.kinds.iter().map(|kind| (&kind.entity, &kind.action, kind.count))
    }

    /// Whether something was found that must not leave.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.kinds.iter().any(|kind| kind.action == Action::Block)
    }

    /// Ends: what placeholders stand for.
    #[must_use]
    pub fn into_vault(self) -> Vault {
        self.mint.into_vault()
    }

    /// Counts what was found, and gives what is to be replaced: in the text's order, without overlaps.
    fn spans(&mut self, text: &str, mut findings: Vec<Finding>) -> Vec<Span> {
        if findings.is_empty() {
            return Vec::new();
        }
        for finding in &mut findings {
            finding.range = overlap::at_boundaries(text, finding.range.clone());
        }
        let claimed = claims::of(text, &self.rules, &mut findings);
        // The surest first, then the longest, then the first.
        findings.sort_by(|a, b| {
            let longest = b.range.len().cmp(&a.range.len());
            b.score.total_cmp(&a.score).then(longest).then(a.range.start.cmp(&b.range.start))
        });
        let mut free = Free::of(text, claimed);
        let mut taken = Vec::new();
        for finding in findings {
            let range = finding.range;
            let action = self.rules.action_of(&finding.entity);
            let start = range.start;
            let value = text.get(range.clone()).unwrap_or_default();
            let is_fake = *action == Action::Fake && fake::is_nobodys(&finding.entity, value);
            if *action == Action::Ignore || is_fake || own::is_fixed(text, &range, &self.rules) {
                continue;
            }
            // What is only counted, or what the call is refused for, must not keep anything else from being replaced.
            let ranges = if action.replaces() { free.take(range) } else { free.within(range) };
            if ranges.is_empty() {
                continue;
            }
            let ranges = if action.replaces() { ranges } else { Vec::new() };
            taken.push((start, finding.entity, ranges));
        }
        taken.sort_by_key(|(start, ..)| *start);
        let mut spans = Vec::new();
        for (_, entity, ranges) in taken {
            let kind = self.kinds.count(&entity, &self.rules);
            spans.extend(ranges.into_iter().map(|range| (range, kind)));
        }
        spans.sort_unstable_by_key(|(range, _)| range.start);
        spans
    }

    /// Writes what takes the place of a value.
    fn write(&mut self, value: &str, kind: usize, nested: bool, out: &mut String) {
        let Self { rules, scope, keyed, kinds, mint, fakes } = self;
        let Some(kind) = kinds.get(kind) else { return };
        let meant = nested.then(|| json::meant(value)).flatten();
        let value = meant.as_ref().map_or(value, |meant| meant.as_str());
        let (entity, name) = (&kind.entity, &kind.name);
        let keyed = keyed.get_or_init(|| Keyed::new(rules.keyed(), scope)).as_ref();
        match (&kind.action, keyed) {
            (Action::Placeholder, Some(keyed)) if mint.write(keyed, entity, name, value, out) => {}
            (Action::Hash, Some(keyed)) => hash::write(keyed, entity, name, value, out),
            (Action::Replace(text), _) if nested => json::write_plain(text, out),
            (Action::Replace(text), _) => out.push_str(text),
            (Action::Fake, Some(keyed)) if nested => {
                // It keeps the separators of the value, which may be quotation marks.
                let mut fake = String::new();
                fakes.write(keyed, entity, value, &mut fake);
                json::write_plain(&fake, out);
            }
            (Action::Fake, Some(keyed)) => fakes.write(keyed, entity, value, out),
            (Action::Encrypt, Some(keyed))
                if rules.encryption().is_some_and(|key| encrypt::write(key, keyed, entity, name, value, out)) => {}
            // What cannot be done otherwise, for want of a free tag, a key or the system's chance, is masked.
            _ => mask::write(entity, value, out),
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds: Vec<_> = self.counts().map(|(entity, _, count)| (entity, count)).collect();
        f.debug_struct("Session").field("found", &kinds).field("vault", self.mint.vault()).finish_non_exhaustive()
    }
}
