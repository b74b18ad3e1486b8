use std::ops::Range;

use llm_layers_pii::Entity;
use tokenizers::Encoding;

use super::labels::Labels;

/// A word, or what a tokenizer takes for one, and what the model says of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Word {
    pub(super) range: Range<usize>,
    /// What it belongs to; none for what is nothing, or not looked for.
    pub(super) reading: Option<Reading>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reading {
    pub(super) kind: usize,
    pub(super) entity: Entity,
    pub(super) begins: bool,
    pub(super) score: f32,
}

/// The words of a window of tokens, of which these are the labels' likelihoods.
pub(super) fn read(labels: &Labels, encoding: &Encoding, window: Range<usize>, scores: &[f32]) -> Vec<Word> {
    let mut words: Vec<(Option<u32>, Range<usize>, Likelihoods)> = Vec::new();
    for (token, scores) in window.zip(scores.chunks_exact(labels.len().max(1))) {
        let Some((start, end)) = encoding.get_offsets().get(token).copied() else { continue };
        let word = encoding.get_word_ids().get(token).copied().flatten();
        match words.last_mut() {
            Some((last, range, likelihoods)) if word.is_some() && *last == word => {
                range.end = end.max(range.end);
                likelihoods.add(labels, scores);
            }
            _ if start < end => words.push((word, start..end, Likelihoods::new(labels, scores))),
            // What the tokenizer has put in between.
            _ => {}
        }
    }
    let word = |(_, range, likelihoods): (_, _, Likelihoods)| Word { range, reading: likelihoods.reading(labels) };
    words.into_iter().map(word).collect()
}

/// How likely each kind is for a word: by its first token, and by all.
struct Likelihoods {
    first: Vec<f32>,
    sum: Vec<f32>,
    tokens: f32,
    /// Kinds that the first token rather begins than goes on with.
    begins: Vec<bool>,
}

impl Likelihoods {
    fn new(labels: &Labels, scores: &[f32]) -> Self {
        let first = by_kind(labels, scores, |_| true);
        let begun = by_kind(labels, scores, |begins| begins);
        let begins = first.iter().zip(begun).map(|(all, begun)| begun * 2.0 > *all).collect();
        Self { sum: first.clone(), first, tokens: 1.0, begins }
    }

    fn add(&mut self, labels: &Labels, scores: &[f32]) {
        let more = by_kind(labels, scores, |_| true);
        self.sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        self.tokens += 1.0;
    }

    /// The surer of two: some models were trained on the first token of a word, others on all.
    fn reading(&self, labels: &Labels) -> Option<Reading> {
        let best = |scores: &[f32], share: f32| {
            let scores = scores.iter().map(|score| score * share).enumerate();
            let nothing = 1.0 - scores.clone().map(|(_, score)| score).sum::<f32>();
            scores.max_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, score)| *score > nothing)
        };
        let readings = [best(&self.first, 1.0), best(&self.sum, 1.0 / self.tokens)];
        let (kind, score) = readings.into_iter().flatten().max_by(|a, b| a.1.total_cmp(&b.1))?;
        let begins = self.begins.get(kind).copied().unwrap_or_default();
        let score = score.clamp(0.0, 1.0);
        Some(Reading { kind, entity: labels.entity(kind)?.clone(), begins, score })
    }
}

fn by_kind(labels: &Labels, scores: &[f32], counts: impl Fn(bool) -> bool) -> Vec<f32> {
    let mut kinds = vec![0.0; labels.kinds()];
    for (label, score) in labels.iter().zip(scores) {
        if let Some(label) = label.filter(|label| counts(label.begins))
            && let Some(kind) = kinds.get_mut(label.kind)
        {
            *kind += score;
        }
    }
    kinds
}
