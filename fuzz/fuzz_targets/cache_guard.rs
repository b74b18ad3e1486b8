//! Any text read for its facts: nothing panics, what comes out is not much longer than what went in, space around a text
//! says nothing, and another number is another question.

#![no_main]

use libfuzzer_sys::fuzz_target;

// The guard has no dependencies, and is no part of the crate's interface.
#[path = "../../crates/cache/src/semantic/guard/mod.rs"]
mod guard;

use guard::Facts;

fuzz_target!(|text: &str| {
    let text = &text[..text.floor_char_boundary(8 << 10)];
    let facts = Facts::of(text);
    assert!(facts.to_bytes().len() <= 32 * text.len() + 64);
    assert_eq!(facts, Facts::of(&format!(" {text}\n")));
    assert_ne!(Facts::of(&format!("{text} 5")), Facts::of(&format!("{text} 6")));
});
