//! What the model has said, as the next request repeats it.

use std::borrow::Cow;

use llm_layers_core::cut;

use crate::judge::{Call, CallKind, Judgement, Turn, Verdict};

/// A call as it is repeated.
#[derive(Debug)]
pub(super) struct Said<'a> {
    /// Unique within the turn.
    pub(super) id: Cow<'a, str>,
    /// Such as providers take.
    pub(super) name: Cow<'a, str>,
    pub(super) arguments: &'a str,
    pub(super) kind: CallKind,
    /// What the model is told of it.
    pub(super) words: String,
}

/// All calls of a turn, with what the model is told of them.
pub(super) fn calls<'a>(turn: &'a Turn<'_>, judgement: &'a Judgement, words: Vec<String>) -> Vec<Said<'a>> {
    let mut said: Vec<Said<'a>> = Vec::with_capacity(turn.calls.len());
    for ((index, call), words) in turn.calls.iter().enumerate().zip(words) {
        let mended = match judgement.calls.get(index) {
            Some(Verdict::Mended(mended)) => Some(mended),
            _ => None,
        };
        let id = mended.and_then(|mended| mended.id.as_deref()).unwrap_or(&call.id);
        let is_new = !id.is_empty() && said.iter().all(|earlier| earlier.id != id);
        let id = if is_new { Cow::Borrowed(id) } else { Cow::Owned(format!("call_reasked_{index}")) };
        let name = mended.and_then(|mended| mended.name.as_deref()).map_or_else(|| name(call), Cow::Borrowed);
        let arguments = mended.and_then(|mended| mended.text.as_deref()).unwrap_or(&call.arguments);
        said.push(Said { id, name, arguments, kind: call.kind, words });
    }
    said
}

/// A name as OpenAI's and Anthropic's APIs take it, `[a-zA-Z0-9_-]{1,64}`: what a model has made up may be any text.
fn name<'a>(call: &'a Call<'_>) -> Cow<'a, str> {
    /// That of OpenAI's; Anthropic takes longer ones.
    const LONGEST: usize = 64;
    let is_right = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let name = cut(&call.name, LONGEST);
    if name.is_empty() {
        Cow::Borrowed("unnamed")
    } else if name.chars().all(is_right) {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(name.chars().map(|c| if is_right(c) { c } else { '_' }).collect())
    }
}
