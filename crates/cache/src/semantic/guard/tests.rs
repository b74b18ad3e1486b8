//! What holds for any text.

use proptest::prelude::*;

use super::Facts;

/// Texts of what questions are made of, and of what is hard to read.
fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-z]{1,8}",
        "[A-Z][a-z]{0,6}",
        "-?[0-9]{1,5}([.,:/'-][0-9]{1,4}){0,3}",
        "(what|who|how|is|does|it|not|the|of|a|in|please|mean|between|twenty|one|kg|don't|was|der|l'eau|y) ",
        "[`\"'“”„«».,;:?!()\\[\\]{}$€%@#/\\\\_+*=<>|^~&-]",
        "\\PC{1,3}",
        "[ \n\t]",
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn space_around_a_text_says_nothing(text in texts()) {
        prop_assert_eq!(Facts::of(&text), Facts::of(&format!("  {text}\n ")));
    }

    #[test]
    fn another_number_is_another_question(text in texts(), one in 0_u32..100_000, other in 0_u32..100_000) {
        let [one, other] = [one, other].map(|number| Facts::of(&format!("{text} {number}")));
        prop_assert_eq!(one == other, one.to_bytes() == other.to_bytes());
        prop_assert_ne!(Facts::of(&format!("{text} 5")), Facts::of(&format!("{text} 6")));
    }

    #[test]
    fn another_name_is_another_question(text in texts(), one in "[A-Z][a-z]{4,7}qo", other in "[A-Z][a-z]{4,7}qo") {
        prop_assume!(one != other);
        let [one, other] = [one, other].map(|name| Facts::of(&format!("{text} who is {name} now")));
        prop_assert_ne!(one, other);
    }

    #[test]
    fn numbers_keep_their_order(one in 1_u32..1000, other in 1_u32..1000) {
        prop_assume!(one != other);
        let forth = Facts::of(&format!("What is {one} divided by {other}?"));
        prop_assert_ne!(forth, Facts::of(&format!("What is {other} divided by {one}?")));
    }

    #[test]
    fn politeness_says_nothing(thing in "[a-z]{4,9}x", place in "[A-Z][a-z]{4,9}x") {
        let plain = Facts::of(&format!("What is the {thing} of {place}?"));
        for polite in [
            format!("what's the {thing}  of {place}"),
            format!("Please tell me the {thing} of {place}."),
            format!("Hello! Could you tell me what the {thing} of {place} is? Thank you!"),
        ] {
            prop_assert_eq!(&plain, &Facts::of(&polite), "{}", polite);
        }
    }
}

#[test]
fn hostile_texts_are_read() {
    let pieces = [
        "'",
        "`",
        "``` ",
        "\"",
        "“",
        "„a",
        "«",
        " a'",
        " -",
        "(",
        ")",
        "::",
        " ::)",
        "a,",
        "1,",
        "1,000",
        "1'",
        " 1",
        "twenty ",
        "of ",
        "of a ",
        "the ",
        "can you ",
        "not ",
        "\n",
        " ",
        "\u{300}",
        "\u{200d}",
        "👍",
        "ß",
        "İ",
        "don't ",
        "a-",
        "l'",
        "what mean ",
        "in , ",
        "@a ",
        "$1 ",
        "5k ",
        "x++",
        "٥٫",
        "漢字",
        "can ",
        "i would like to know how ",
    ];
    for piece in pieces {
        let text = piece.repeat((8 << 10) / piece.len());
        let bytes = Facts::of(&text).to_bytes();
        assert!(bytes.len() < 12 * text.len() + 64, "{piece}: {}", bytes.len());
    }
}

#[test]
fn facts_do_not_show_the_text() {
    let shown = format!("{:?}", Facts::of("Who is Alice Cooper?"));
    assert!(!shown.to_lowercase().contains("alice"), "{shown}");
}
