//! What a search does is proportional to the text, counted by steps.

use super::differential::rows;
use crate::{Detectors, Text, engine::overlap};

/// What is left undone at the end of a text, where no more follows.
const SLACK: usize = 1 << 14;

fn work(detectors: &Detectors, text: &str) -> usize {
    let mut scratch = detectors.set.scratch.get();
    let before = scratch.work();
    detectors.set.search(&Text::from(text), &mut scratch);
    overlap::resolve(&mut scratch.candidates);
    scratch.work() - before
}

#[test]
fn twice_the_text_takes_twice_the_work() {
    let own = Detectors::builder().only([]).detectors(rows()).build().unwrap();
    for detectors in [own, Detectors::default()] {
        for piece in [
            "1",
            "@",
            "[",
            "1 ",
            "1 1 1 1 ",
            "a@a@a@",
            "+",
            "://",
            "\u{ff11}",
            "1.",
            "(1)-",
            "id 1 ",
            "account 123456 ",
            "aB3$",
            "%31",
            "\\u0031",
            "\\n",
            "a.",
            "a1b2-",
            "A",
            "123-45-6789 ",
            "id",
        ] {
            let size = 1 << 11;
            let [once, twice, four] =
                [1, 2, 4].map(|times| work(&detectors, &piece.repeat(times * size / piece.len())));
            assert!(twice <= 2 * once + SLACK && four <= 4 * once + 3 * SLACK, "{piece}: {once}, {twice}, {four}");
            // Bounded for each byte, too.
            assert!(four < 4 * size * 600, "{piece}: {four}");
        }
    }
}
