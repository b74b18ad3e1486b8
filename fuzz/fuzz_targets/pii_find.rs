//! Whatever a text is, what is found in it stands in it: in order, apart, between whole characters, and again when asked
//! again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use llm_layers_pii::{Detectors, Entity, Text};

fuzz_target!(|input: (&str, &str)| {
    thread_local! {
        static ALL: Detectors = Detectors::builder().also(Entity::KNOWN.iter().cloned()).build().expect("the tables");
    }
    let (text, member) = input;
    let text = Text { text, member };
    ALL.with(|detectors| {
        let found = detectors.find(text);
        let mut end = 0;
        for finding in &found {
            assert!(finding.range.start >= end && finding.range.start < finding.range.end);
            assert!(text.text.get(finding.range.clone()).is_some());
            assert!((0.0..=1.0).contains(&finding.score));
            end = finding.range.end;
        }
        assert_eq!(detectors.find(text), found);
    });
});
