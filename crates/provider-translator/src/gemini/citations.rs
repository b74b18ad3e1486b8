//! What an answer rests on, as OpenAI's annotations. Google counts in bytes of UTF-8, OpenAI in characters.

use super::native::{Chunk, CitationMetadata, Grounding, Source};
use crate::ir::Citation;

/// More sources say nothing more.
const MOST: usize = 128;
/// Of longer texts nobody could say where in them a source belongs.
const LONGEST: usize = 1 << 20;

/// The text of a candidate, and its sources so far.
#[derive(Debug, Default)]
pub(super) struct Sources {
    text: String,
    is_cut: bool,
    grounding: Option<Grounding>,
    cited: Option<CitationMetadata>,
}

impl Sources {
    /// The text goes on.
    pub(super) fn text(&mut self, text: &str) {
        self.is_cut |= self.text.len().saturating_add(text.len()) > LONGEST;
        if !self.is_cut {
            self.text.push_str(text);
        }
    }

    /// What a later piece of the answer says of its sources replaces what an earlier one said.
    pub(super) fn learn(&mut self, grounding: Option<Grounding>, cited: Option<CitationMetadata>) {
        let says = |grounding: &Grounding| grounding.grounding_supports.is_some();
        self.grounding = grounding.filter(says).or_else(|| self.grounding.take());
        self.cited = cited.or_else(|| self.cited.take());
    }

    /// All of them, once the text is whole.
    pub(super) fn citations(self) -> Vec<Citation> {
        let Self { text, grounding, cited, .. } = self;
        let mut citations = Vec::new();
        let Grounding { grounding_chunks, grounding_supports } =
            grounding.unwrap_or(Grounding { grounding_chunks: None, grounding_supports: None });
        let chunks = grounding_chunks.unwrap_or_default();
        for support in grounding_supports.unwrap_or_default() {
            let Some(segment) = support.segment else { continue };
            let (start, end) = (segment.start_index.unwrap_or_default(), segment.end_index.unwrap_or_default());
            // Where the text is told, it says better than numbers what is meant: they count within a part.
            let told = segment.text.as_deref().filter(|told| !told.is_empty());
            let found = told.filter(|told| text.get(start..end) != Some(*told)).and_then(|told| text.find(told));
            let (start, end) = found.map_or((start, end), |at| (at, at + told.map_or(0, str::len)));
            for index in support.grounding_chunk_indices.unwrap_or_default() {
                if let Some(source) = chunks.get(index).and_then(source) {
                    add(&mut citations, &text, (start, end), source);
                }
            }
        }
        for cited in cited.and_then(|cited| cited.citations).unwrap_or_default() {
            let (start, end) = (cited.start_index.unwrap_or_default(), cited.end_index.unwrap_or_default());
            add(&mut citations, &text, (start, end), &Source { uri: cited.uri, title: cited.title });
        }
        citations
    }
}

fn source(chunk: &Chunk) -> Option<&Source> {
    chunk.web.as_ref().or(chunk.retrieved_context.as_ref()).or(chunk.maps.as_ref())
}

fn add(citations: &mut Vec<Citation>, text: &str, (start, end): (usize, usize), source: &Source) {
    let Some(url) = source.uri.clone().filter(|_| citations.len() < MOST) else { return };
    let title = source.title.clone().unwrap_or_default();
    citations.push(Citation { start: characters(text, start), end: characters(text, end.max(start)), title, url });
}

/// How many characters begin before this byte.
fn characters(text: &str, bytes: usize) -> usize {
    text.bytes().take(bytes).filter(|byte| byte & 0xc0 != 0x80).count()
}
