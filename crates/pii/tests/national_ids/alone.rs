//! A text that is nothing but a number answers the question for it.

use llm_layers_pii::Detectors;

use crate::{marked, marked_in};

#[test]
fn a_number_that_passes_its_check_needs_no_word() {
    for text in [
        "«876 543 210»",
        "\"«005 499 981»\"",
        " «312345678909».\n",
        "(«0032698674»)",
        "«130 692 544»",
        "«A3456781»",
        "«T22000129»",
    ] {
        let given = text.replace(['«', '»'], "");
        for member in ["", "content", "text", "input", "prompt", "value"] {
            assert_eq!(marked_in(&Detectors::default(), &given, member), text, "{member}");
        }
    }
}

#[test]
fn in_data_or_a_sentence_it_does() {
    let detectors = Detectors::default();
    for text in ["see 312345678909 there", "[0032698674, 0032698675]", "{\"n\":219847345166}", "DATABASE"] {
        assert_eq!(marked(&detectors, text), text);
    }
    for text in ["312345678909", "0032698674", "876543210"] {
        assert_eq!(marked_in(&detectors, text, "sequence"), text);
    }
}

#[test]
fn short_numbers_and_years_answer_nothing() {
    let detectors = Detectors::default();
    for text in ["2024", "42", "123456", "00000", "000000000", "1.5", "v1.2.3"] {
        assert_eq!(marked(&detectors, text), text);
    }
}
