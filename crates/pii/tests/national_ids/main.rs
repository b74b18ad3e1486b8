//! Numbers that a country gives to a person or company.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests are tests")]

mod alone;
mod documents;
mod forms;
mod generated;
mod look_alikes;
mod quiet;

use llm_layers_pii::{Detectors, Entity, Text};

/// A set that looks for one kind alone.
fn only(entity: &str) -> Detectors {
    Detectors::builder().only([Entity::new(entity.to_owned())]).build().unwrap()
}

/// What of a text is found, in `«»`.
fn marked(detectors: &Detectors, text: &str) -> String {
    marked_in(detectors, text, "")
}

fn marked_in(detectors: &Detectors, text: &str, member: &str) -> String {
    let mut marked = text.to_owned();
    for finding in detectors.find(Text { text, member }).into_iter().rev() {
        marked.insert(finding.range.end, '»');
        marked.insert(finding.range.start, '«');
    }
    marked
}

/// In each text, this and nothing else of this kind is found.
fn check(rows: &[(Entity, &[&str])]) {
    for (entity, texts) in rows {
        let detectors = only(entity.as_str());
        for expected in *texts {
            let text = expected.replace(['«', '»'], "");
            assert_eq!(marked(&detectors, &text), *expected, "{entity}");
        }
    }
}
