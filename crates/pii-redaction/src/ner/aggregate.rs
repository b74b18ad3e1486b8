use llm_layers_pii::{Entity, Finding};

use super::words::Word;
use crate::external::pieces::{ceil, floor};

/// What several words in a row are.
struct Span {
    entity: Entity,
    start: usize,
    end: usize,
    kind: usize,
    score: f32,
    words: f32,
}

/// Makes findings of words: those of one entity that follow each other, but for white space, are one.
pub(super) fn spans(text: &str, words: Vec<Word>, threshold: f32, found: &mut Vec<Finding>) {
    let mut open: Option<Span> = None;
    for word in words {
        // Tokens may be parts of characters.
        let (start, end) = (floor(text, word.range.start), ceil(text, word.range.end));
        let Some(reading) = word.reading.filter(|reading| reading.score >= threshold) else {
            close(text, open.take(), found);
            continue;
        };
        match &mut open {
            Some(span) if span.entity == reading.entity && goes_on(text, span, start, reading.begins, reading.kind) => {
                span.end = end;
                span.kind = reading.kind;
                span.score += reading.score;
                span.words += 1.0;
            }
            _ => {
                close(text, open.take(), found);
                let (kind, score) = (reading.kind, reading.score);
                open = Some(Span { entity: reading.entity, start, end, kind, score, words: 1.0 });
            }
        }
    }
    close(text, open, found);
}

/// A surname follows a given name and belongs to it, though it begins something of its own; another given name does
/// not.
fn goes_on(text: &str, span: &Span, start: usize, begins: bool, kind: usize) -> bool {
    match text.get(span.end..start) {
        Some("") => true,
        Some(between) => between.trim().is_empty() && !(begins && kind == span.kind),
        // Tokens that share a character.
        None => start <= span.end,
    }
}

fn close(text: &str, span: Option<Span>, found: &mut Vec<Finding>) {
    let Some(span) = span else { return };
    let inner = text.get(span.start..span.end).unwrap_or_default();
    let start = span.start + (inner.len() - inner.trim_start().len());
    let end = start + inner.trim().len();
    if start < end {
        found.push(Finding { entity: span.entity, range: start..end, score: span.score / span.words });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ner::words::Reading;

    /// A word, and its kind, whether it begins something, and the score.
    type Told<'a> = (&'a str, Option<(usize, bool, f32)>);

    fn found(text: &str, words: &[Told<'_>]) -> Vec<(String, String)> {
        let entities = [Entity::PERSON, Entity::PERSON, Entity::EMAIL];
        let mut at = 0;
        let words = words.iter().map(|(word, reading)| {
            let start = at + text[at..].find(word).unwrap();
            at = start + word.len();
            let reading =
                reading.map(|(kind, begins, score)| Reading { kind, entity: entities[kind].clone(), begins, score });
            Word { range: start..at, reading }
        });
        let mut found = Vec::new();
        spans(text, words.collect(), 0.5, &mut found);
        found.into_iter().map(|finding| (finding.entity.to_string(), text[finding.range].to_owned())).collect()
    }

    fn person(text: &str) -> (String, String) {
        ("person".into(), text.into())
    }

    #[test]
    fn words_in_a_row_are_one() {
        let (given, surname, email) = (0, 1, 2);
        let begin = |kind| Some((kind, true, 0.9));
        let inside = |kind| Some((kind, false, 0.9));
        for (text, words, expected) in [
            ("Anna Meyer", vec![("Anna", begin(given)), ("Meyer", begin(surname))], vec![person("Anna Meyer")]),
            ("Anna  Lena", vec![("Anna", begin(given)), ("Lena", inside(given))], vec![person("Anna  Lena")]),
            ("Anna Bert", vec![("Anna", begin(given)), ("Bert", begin(given))], vec![person("Anna"), person("Bert")]),
            (
                "Anna, Bert",
                vec![("Anna", inside(given)), (",", None), ("Bert", inside(given))],
                vec![person("Anna"), person("Bert")],
            ),
            (
                "a@b",
                vec![("a", begin(email)), ("@", begin(email)), ("b", inside(email))],
                vec![("email".into(), "a@b".into())],
            ),
            (" Anna ", vec![(" Anna ", inside(given))], vec![person("Anna")]),
            ("Anna Meyer", vec![("Anna", Some((given, true, 0.4))), ("Meyer", begin(surname))], vec![person("Meyer")]),
            ("  ", vec![("  ", begin(given))], vec![]),
        ] {
            assert_eq!(found(text, &words), expected, "{text}");
        }
    }
}
