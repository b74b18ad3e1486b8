//! Every detector on texts that were made to be slow, and on any text at all.

use std::sync::OnceLock;

use llm_layers_pii::{Detectors, Entity, Text};
use proptest::prelude::*;

#[allow(clippy::unwrap_used, reason = "the tables are tested")]
fn all() -> Detectors {
    static ALL: OnceLock<Detectors> = OnceLock::new();
    ALL.get_or_init(|| Detectors::builder().also(Entity::KNOWN.iter().cloned()).build().unwrap()).clone()
}

/// What is found stands in the text, in order and apart.
fn is_sound(detectors: &Detectors, text: Text<'_>) {
    let mut end = 0;
    for found in detectors.find(text) {
        assert!(found.range.start >= end && found.range.start < found.range.end, "{found:?}");
        assert!(text.text.get(found.range.clone()).is_some(), "{found:?}");
        assert!((0.0..=1.0).contains(&found.score), "{found:?}");
        end = found.range.end;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in any::<String>(), member in "[a-z_A-Z]{0,12}") {
        is_sound(&all(), Text { text: &text, member: &member });
    }

    #[test]
    fn digits_letters_and_signs(text in "[0-9A-Za-z@.:/+() \\n\\\\%&#;,=\"'_-]{0,200}") {
        is_sound(&all(), Text::from(&text));
    }
}

#[test]
fn repetition_is_gone_through() {
    let detectors = all();
    for piece in
        ["1", "@", "[", "1 ", "a@", "+", "://", "１", "1.", "(1)-", "aB3$", "%31", "\\u0031", "-----BEGIN ", "A", "1:"]
    {
        is_sound(&detectors, Text::from(&piece.repeat(2000)));
    }
}

#[test]
fn the_default_set_has_what_is_on_and_no_other() {
    let known: Vec<&Entity> = Entity::KNOWN.iter().collect();
    assert!(Detectors::default().entities().all(|entity| known.contains(&entity)));
    let email = Detectors::builder().only([Entity::EMAIL]).build().unwrap();
    assert_eq!(email.entities().collect::<Vec<_>>(), [&Entity::EMAIL]);
    let without = Detectors::builder().without([Entity::EMAIL]).build().unwrap();
    assert!(without.entities().all(|entity| *entity != Entity::EMAIL));
}
