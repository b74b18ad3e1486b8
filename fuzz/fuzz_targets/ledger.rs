//! Whatever stands in a ledger's file or a provider's bill, reading it comes to an end, and says of each line what it is.

#![no_main]

use libfuzzer_sys::fuzz_target;
use llm_layers_accounts::{JsonLines, reconcile::Bill};

fuzz_target!(|text: &[u8]| {
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).count();
    assert_eq!(JsonLines::read_from(text).count(), lines);
    if let Ok(text) = std::str::from_utf8(text) {
        let _ = Bill::read(text);
    }
});
