//! What was found against what there is.

use std::{collections::BTreeMap, ops::Range};

use crate::templates::{Case, How, Truth};

/// What a detector says.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) entity: String,
    pub(crate) range: Range<usize>,
}

/// How often an entity was seen, and how often it was not.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) found: usize,
    pub(crate) missed: usize,
    pub(crate) false_alarms: usize,
    /// Of those found, how many from first to last byte.
    pub(crate) exact: usize,
    /// Of those missed, how many were taken for something else: they do not leave either.
    pub(crate) mistaken: usize,
    /// Without a word that tells what it is: seen, and all.
    pub(crate) bare: (usize, usize),
}

impl Tally {
    pub(crate) fn add(&mut self, other: Self) {
        self.found += other.found;
        self.missed += other.missed;
        self.false_alarms += other.false_alarms;
        self.exact += other.exact;
        self.mistaken += other.mistaken;
        self.bare.0 += other.bare.0;
        self.bare.1 += other.bare.1;
    }

    pub(crate) fn recall(&self) -> f64 {
        ratio(self.found, self.found + self.missed)
    }

    pub(crate) fn precision(&self) -> f64 {
        ratio(self.found, self.found + self.false_alarms)
    }

    /// Recall counts `beta` times as much as precision.
    pub(crate) fn f(&self, beta: f64) -> f64 {
        let (recall, precision, square) = (self.recall(), self.precision(), beta * beta);
        let below = square * precision + recall;
        if below == 0.0 { 0.0 } else { (1.0 + square) * precision * recall / below }
    }

    pub(crate) fn exactness(&self) -> f64 {
        ratio(self.exact, self.found)
    }
}

pub(crate) fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// The entities that figures are pooled over.
pub(crate) const POOLED: &[&str] = &["credit_card", "domain", "email", "iban", "ip_address", "phone", "us_ssn"];

/// Entities that are as good as each other: a passport is one whatever its country, and a URL that holds a password is a
/// secret as well.
const FAMILIES: &[&str] = &["passport", "driving_licence"];

pub(crate) fn same_kind(a: &str, b: &str) -> bool {
    a == b
        || FAMILIES.iter().any(|family| a.ends_with(family) && b.ends_with(family))
        || matches!((a, b), ("url", "secret") | ("secret", "url"))
}

/// At least half of the longer one is the other's too.
fn overlaps(a: &Range<usize>, b: &Range<usize>) -> bool {
    let common = a.end.min(b.end).saturating_sub(a.start.max(b.start));
    common * 2 >= a.len().max(b.len()) && common > 0
}

fn touches(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

/// Something to show: what is wrong in a case.
pub(crate) enum Fault<'a> {
    Missed(&'a Truth),
    FalseAlarm(&'a Found),
}

/// Adds what was found in a case to the tallies, and says what is wrong.
pub(crate) fn score<'a>(case: &'a Case, found: &'a [Found], tallies: &mut BTreeMap<String, Tally>) -> Vec<Fault<'a>> {
    let mut faults = Vec::new();
    let mut used = vec![false; found.len()];
    for truth in &case.truths {
        let hits: Vec<usize> = (0..found.len())
            .filter(|n| same_kind(&found[*n].entity, &truth.entity) && overlaps(&found[*n].range, &truth.range))
            .collect();
        hits.iter().for_each(|n| used[*n] = true);
        let tally = tallies.entry(truth.entity.clone()).or_default();
        if case.how == How::Bare && truth.entity != "person" {
            tally.bare.0 += usize::from(!hits.is_empty());
            tally.bare.1 += 1;
        }
        if truth.is_optional {
            continue;
        }
        if hits.is_empty() {
            tally.missed += 1;
            tally.mistaken += usize::from(found.iter().any(|found| overlaps(&found.range, &truth.range)));
            faults.push(Fault::Missed(truth));
        } else {
            tally.found += 1;
            tally.exact += usize::from(hits.iter().any(|n| found[*n].range == truth.range));
        }
    }
    for (found, used) in found.iter().zip(used) {
        let is_excused = case.truths.iter().any(|truth| {
            // Hosts within addresses and URLs, and what looks like an address between a password and a host.
            let is_part = matches!(
                (found.entity.as_str(), truth.entity.as_str()),
                ("domain", "email" | "url" | "secret") | ("email", "url" | "secret")
            );
            (truth.is_optional || is_part) && touches(&found.range, &truth.range)
        });
        if !used && !is_excused {
            tallies.entry(found.entity.clone()).or_default().false_alarms += 1;
            faults.push(Fault::FalseAlarm(found));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_longer_one_counts() {
        assert!(overlaps(&(0..10), &(5..10)));
        assert!(!overlaps(&(0..10), &(6..10)));
        assert!(!overlaps(&(0..4), &(4..8)));
    }
}
