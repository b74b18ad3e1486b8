//! `native` of a message that comes back: see [`order`](super::order) for what it holds.
//!
//! The blocks go to Anthropic as they are; it knows best what it takes. What is looked at is what could go wrong
//! here, and what would get around the checks that the message's own members go through.

use std::borrow::Cow;

use llm_layers_core::Failure;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    blocks::{Block, Mark},
    messages,
};
use crate::{
    conversation::{Native, Text},
    place::Place,
};

/// Blocks of one message, and how long their JSON may be: several times what an answer has of them, since clients
/// spell it in their own ways.
const MOST_BLOCKS: usize = 1 << 14;
const LONGEST: usize = 4 << 20;
/// Of the name of a kind of block.
const LONGEST_KIND: usize = 64;

/// What a message says of its own blocks.
#[derive(Debug, Default)]
pub(super) struct Handed<'a> {
    items: Vec<Item<'a>>,
    /// Anthropic has stopped in the middle of the turn, to go on when it gets it back.
    pub(super) is_paused: bool,
}

#[derive(Debug)]
enum Item<'a> {
    /// So many characters of the message's text.
    Text {
        length: usize,
        citations: Option<&'a RawValue>,
    },
    /// The next seal of the message's reasoning.
    Reasoning,
    /// The next of its calls.
    Call {
        id: Cow<'a, str>,
        caller: Option<&'a RawValue>,
        toolset_name: Option<&'a RawValue>,
    },
    Foreign(&'a RawValue),
}

#[derive(Deserialize)]
struct Members<'a> {
    #[serde(borrow)]
    content: Option<&'a RawValue>,
    #[serde(borrow)]
    stop_reason: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Marked<'a> {
    #[serde(rename = "type", borrow)]
    kind: Option<&'a RawValue>,
    #[serde(borrow)]
    length: Option<&'a RawValue>,
    #[serde(borrow)]
    citations: Option<&'a RawValue>,
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    caller: Option<&'a RawValue>,
    #[serde(borrow)]
    toolset_name: Option<&'a RawValue>,
}

impl<'a> Handed<'a> {
    /// Reads what a turn has of it: one for each message that it is made of.
    pub(super) fn read(native: &[Native<'a>]) -> Result<Self, Failure> {
        let mut handed = Self::default();
        for Native { raw, path } in native {
            let place = Place::new(path);
            let members: Members<'a> = place.members(raw)?;
            if let Some(reason) = members.stop_reason {
                handed.is_paused = place.member("stop_reason").text(reason)? == "pause_turn";
            }
            let Some(content) = members.content else { continue };
            let place = place.member("content");
            if content.get().len() > LONGEST {
                return Err(place.invalid("it is too long"));
            }
            let blocks = place.list(content)?;
            if handed.items.len().saturating_add(blocks.len()) > MOST_BLOCKS {
                return Err(place.invalid("it has too many blocks"));
            }
            for (at, raw) in blocks.into_iter().enumerate() {
                handed.items.push(item(raw, &place.item(at))?);
            }
        }
        Ok(handed)
    }

    /// Whether there are blocks that no other member of the message has.
    pub(super) fn has_blocks(&self) -> bool {
        self.items.iter().any(|item| matches!(item, Item::Foreign(_)))
    }
}

fn item<'a>(raw: &'a RawValue, place: &Place<'_>) -> Result<Item<'a>, Failure> {
    let marked: Marked<'a> = place.members(raw)?;
    let kind_place = place.member("type");
    let kind = kind_place.text(marked.kind.ok_or_else(|| kind_place.missing())?)?;
    Ok(match kind.as_ref() {
        "text" => {
            let length = place.member("length");
            Item::Text {
                length: length.read(marked.length.ok_or_else(|| length.missing())?, "a number of characters")?,
                citations: citations(marked.citations, &place.member("citations"))?,
            }
        }
        "thinking" | "redacted_thinking" => Item::Reasoning,
        "tool_use" => {
            let id = place.member("id");
            let caller = place.member("caller");
            let toolset_name = place.member("toolset_name");
            Item::Call {
                id: id.text(marked.id.ok_or_else(|| id.missing())?)?,
                caller: checked(marked.caller, '{', || caller.expected("an object"))?,
                toolset_name: checked(marked.toolset_name, '"', || toolset_name.expected("a string"))?,
            }
        }
        // What a user says, and what stands in the messages of tools.
        "image" | "document" | "search_result" | "tool_result" => {
            return Err(kind_place.invalid("no answer has such a block"));
        }
        kind if !is_kind(kind) => return Err(kind_place.invalid("it is no name of a kind of block")),
        _ => Item::Foreign(raw),
    })
}

fn is_kind(kind: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=LONGEST_KIND).contains(&kind.len()) && kind.bytes().all(legal)
}

/// A member as it came, if it begins as its type does.
fn checked(
    raw: Option<&RawValue>,
    first: char,
    failure: impl FnOnce() -> Failure,
) -> Result<Option<&RawValue>, Failure> {
    match raw {
        Some(raw) if !raw.get().starts_with(first) => Err(failure()),
        raw => Ok(raw),
    }
}

fn citations<'a>(raw: Option<&'a RawValue>, place: &Place<'_>) -> Result<Option<&'a RawValue>, Failure> {
    let Some(raw) = raw else { return Ok(None) };
    let citations = place.list(raw)?;
    if let Some(at) = citations.iter().position(|citation| !citation.get().starts_with('{')) {
        return Err(place.item(at).expected("an object"));
    }
    Ok((!citations.is_empty()).then_some(raw))
}

/// Puts a message's blocks where they stood. Where it says nothing of that, or the client has changed it since,
/// reasoning goes to the front, texts behind it, and calls to the end.
pub(super) fn arrange<'a>(
    handed: Handed<'a>,
    seals: Vec<Option<Block<'a>>>,
    texts: Vec<Text<'a>>,
    calls: Vec<Block<'a>>,
) -> Vec<Block<'a>> {
    let items = handed.items;
    let mut blocks = Vec::with_capacity(items.len() + seals.len() + texts.len() + calls.len());
    let marked = items.iter().filter(|item| matches!(item, Item::Reasoning)).count();
    let unmarked = seals.len().saturating_sub(marked);
    let (mut seals, mut calls) = (seals.into_iter(), calls.into_iter().peekable());
    blocks.extend(seals.by_ref().take(unmarked).flatten());
    let mut pieces = Pieces::of(texts, &items);
    for item in items {
        match item {
            Item::Text { length, citations } => pieces.take(length, citations, &mut blocks),
            Item::Reasoning => blocks.extend(seals.next().flatten()),
            Item::Call { id, caller: by, toolset_name: of } => {
                if let Some(Block::ToolUse { id: known, caller, toolset_name, .. }) = calls.peek_mut()
                    && *known == id
                {
                    (*caller, *toolset_name) = (by, of);
                    blocks.extend(calls.next());
                }
            }
            Item::Foreign(raw) => blocks.push(Block::Foreign(raw)),
        }
    }
    pieces.rest(&mut blocks);
    blocks.extend(calls);
    blocks
}

/// The text of a message, to be cut where its blocks ended.
enum Pieces<'a> {
    /// It is as long as its blocks were. `at`: as far as it has been cut.
    Fitting { text: Cow<'a, str>, at: usize, mark: Option<Mark> },
    /// It is not theirs any more: it goes where the last of them was, for that is where an answer mostly stands.
    Changed { texts: Vec<Text<'a>>, ahead: usize },
}

impl<'a> Pieces<'a> {
    fn of(texts: Vec<Text<'a>>, items: &[Item<'a>]) -> Self {
        let length = |item: &Item<'_>| match item {
            Item::Text { length, .. } => Some(*length),
            _ => None,
        };
        let lengths = items.iter().filter_map(length);
        let ahead = lengths.clone().count();
        let expected = lengths.fold(0_usize, usize::saturating_add);
        let found: usize = texts.iter().map(|text| text.text.chars().count()).sum();
        if ahead == 0 || found != expected {
            return Self::Changed { texts, ahead };
        }
        let mark = texts.iter().rev().find_map(|text| text.cache).map(Into::into);
        let mut texts = texts.into_iter().map(|text| text.text);
        let first = texts.next().unwrap_or_default();
        Self::Fitting { text: texts.fold(first, |joined, text| joined + text), at: 0, mark }
    }

    /// What goes into a block that was so long.
    fn take(&mut self, length: usize, citations: Option<&'a RawValue>, out: &mut Vec<Block<'a>>) {
        match self {
            Self::Fitting { text: whole, at, mark } => {
                let (text, rest) = split(whole, *at, length);
                *at = whole.len() - rest.len();
                // Blank texts are refused, even those that Anthropic itself has said.
                if text.trim().is_empty() {
                    return;
                }
                let mark = if rest.trim().is_empty() { mark.take() } else { None };
                out.push(match citations {
                    Some(citations) => Block::Cited { text, citations, mark },
                    None => Block::Text { text, mark },
                });
            }
            Self::Changed { texts, ahead } => {
                *ahead = ahead.saturating_sub(1);
                if *ahead == 0 {
                    out.extend(texts.drain(..).map(messages::text));
                }
            }
        }
    }

    /// What no block was told of.
    fn rest(self, out: &mut Vec<Block<'a>>) {
        if let Self::Changed { texts, .. } = self {
            out.extend(texts.into_iter().map(messages::text));
        }
    }
}

/// So many characters of a text from a place on, and what follows them.
fn split<'a, 't>(text: &'t Cow<'a, str>, from: usize, length: usize) -> (Cow<'a, str>, &'t str) {
    let after = text.get(from..).unwrap_or_default();
    let end = after.char_indices().nth(length).map_or(after.len(), |(at, _)| at);
    let (piece, rest) = after.split_at(end);
    match text {
        Cow::Borrowed(text) => (Cow::Borrowed(text.get(from..from + end).unwrap_or_default()), rest),
        Cow::Owned(_) => (Cow::Owned(piece.to_owned()), rest),
    }
}
