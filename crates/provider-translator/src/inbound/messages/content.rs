//! What a message is made of, as parts of a chat message.

use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use llm_layers_core::Failure;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::chat::{File, ImageUrl, Part, Text};
use crate::{place::Place, warnings::Warnings};

/// A content block, of any kind.
#[derive(Deserialize)]
pub(super) struct Block<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<&'a RawValue>,
    #[serde(borrow)]
    text: Option<&'a RawValue>,
    #[serde(borrow)]
    source: Option<&'a RawValue>,
    #[serde(borrow)]
    title: Option<&'a RawValue>,
    #[serde(borrow)]
    context: Option<&'a RawValue>,
    #[serde(borrow)]
    citations: Option<&'a RawValue>,
    #[serde(borrow)]
    transformations: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) content: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) name: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) input: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) tool_use_id: Option<&'a RawValue>,
    pub(super) is_error: Option<bool>,
    #[serde(borrow)]
    pub(super) thinking: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) signature: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) data: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) cache_control: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Source<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<&'a RawValue>,
    #[serde(borrow)]
    media_type: Option<&'a RawValue>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    url: Option<&'a RawValue>,
    #[serde(borrow)]
    file_id: Option<&'a RawValue>,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
}

impl<'a> Block<'a> {
    /// Reads one, and its kind.
    pub(super) fn read(raw: &'a RawValue, place: &Place<'_>) -> Result<(Self, Cow<'a, str>), Failure> {
        let block: Self = place.members(raw)?;
        let kind = kind(block.kind, place)?;
        Ok((block, kind))
    }
}

fn kind<'a>(raw: Option<&'a RawValue>, place: &Place<'_>) -> Result<Cow<'a, str>, Failure> {
    let place = place.member("type");
    place.text(raw.ok_or_else(|| place.missing())?)
}

/// A member that must be there and be a string, as it is spelled.
pub(super) fn string<'a>(raw: Option<&'a RawValue>, place: &Place<'_>) -> Result<&'a RawValue, Failure> {
    let raw = raw.ok_or_else(|| place.missing())?;
    if raw.get().starts_with('"') { Ok(raw) } else { Err(place.expected("a string")) }
}

/// Reads `content`: a string, or blocks of kinds that `also` does not take.
pub(super) fn parts<'a>(
    content: Option<&'a RawValue>,
    place: &Place<'_>,
    warnings: &mut Warnings,
    mut also: impl FnMut(&Block<'a>, &str, &Place<'_>, &mut Warnings) -> Result<bool, Failure>,
) -> Result<Vec<Part<'a>>, Failure> {
    let raw = content.ok_or_else(|| place.missing())?;
    if raw.get().starts_with('"') {
        return Ok(vec![Part::Text { text: Text::Raw(raw), cache_control: None }]);
    }
    if !raw.get().starts_with('[') {
        return Err(place.expected("a string or a list of blocks"));
    }
    let mut parts = Vec::new();
    for (index, raw) in place.list(raw)?.into_iter().enumerate() {
        let place = place.item(index);
        let (block, kind) = Block::read(raw, &place)?;
        if !also(&block, &kind, &place, warnings)? {
            part(&block, &kind, &place, warnings, &mut parts)?;
        }
    }
    Ok(parts)
}

/// A block that says, shows or attaches something.
fn part<'a>(
    block: &Block<'a>,
    kind: &str,
    place: &Place<'_>,
    warnings: &mut Warnings,
    out: &mut Vec<Part<'a>>,
) -> Result<(), Failure> {
    let cache_control = block.cache_control;
    match kind {
        "text" => {
            if block.citations.is_some_and(|raw| raw.get() != "[]") {
                warnings.dropped("messages.citations", "unsupported")?;
            }
            let text = Text::Raw(string(block.text, &place.member("text"))?);
            out.push(Part::Text { text, cache_control });
        }
        "image" => {
            if block.transformations.is_some() {
                warnings.dropped("messages.transformations", "unsupported")?;
            }
            out.push(Part::ImageUrl { image_url: ImageUrl { url: image(block, place)? }, cache_control });
        }
        "document" => document(block, place, warnings, out)?,
        "search_result" => {
            warnings.emulated("messages", "search_result");
            out.push(Part::Text { text: Text::Written(search_result(block, place)?), cache_control });
        }
        _ => {
            return Err(place.member("type").unsupported("chat completions have no such block in a turn of this role"));
        }
    }
    Ok(())
}

fn image<'a>(block: &Block<'a>, place: &Place<'_>) -> Result<Cow<'a, str>, Failure> {
    let place = place.member("source");
    let source: Source<'a> = place.members(block.source.ok_or_else(|| place.missing())?)?;
    match kind(source.kind, &place)?.as_ref() {
        "base64" => data_url(&source, &place).map(Cow::Owned),
        "url" => {
            let place = place.member("url");
            place.text(source.url.ok_or_else(|| place.missing())?)
        }
        _ => Err(place.member("type").unsupported("chat completions take images as base64 or by a URL")),
    }
}

fn data_url(source: &Source<'_>, place: &Place<'_>) -> Result<String, Failure> {
    let (media_type, data) = (place.member("media_type"), place.member("data"));
    let declared = media_type.text(source.media_type.ok_or_else(|| media_type.missing())?)?;
    let is_one = |byte: u8| byte.is_ascii_alphanumeric() || b"/.+-".contains(&byte);
    if !declared.bytes().all(is_one) {
        return Err(media_type.invalid("it is no media type"));
    }
    let data = data.text(source.data.ok_or_else(|| data.missing())?)?;
    Ok(format!("data:{declared};base64,{data}"))
}

fn document<'a>(
    block: &Block<'a>,
    place: &Place<'_>,
    warnings: &mut Warnings,
    out: &mut Vec<Part<'a>>,
) -> Result<(), Failure> {
    #[derive(Deserialize)]
    struct Citations {
        enabled: Option<bool>,
    }
    let cites = block.citations.and_then(|raw| serde_json::from_str::<Citations>(raw.get()).ok());
    for (name, is_set) in [
        ("messages.context", block.context.is_some()),
        ("messages.citations", cites.is_some_and(|cites| cites.enabled == Some(true))),
    ] {
        if is_set {
            warnings.dropped(name, "unsupported")?;
        }
    }
    let title = block.title.map(|raw| place.member("title").text(raw)).transpose()?;
    let place = place.member("source");
    let source: Source<'a> = place.members(block.source.ok_or_else(|| place.missing())?)?;
    let named =
        |fallback: &'static str| Some(title.clone().filter(|title| !title.is_empty()).unwrap_or(fallback.into()));
    let file = match kind(source.kind, &place)?.as_ref() {
        "base64" => {
            File { filename: named("document.pdf"), file_data: Some(data_url(&source, &place)?), ..File::default() }
        }
        "text" => {
            let place = place.member("data");
            let data = place.text(source.data.ok_or_else(|| place.missing())?)?;
            let file_data = format!("data:text/plain;base64,{}", STANDARD.encode(data.as_bytes()));
            File { filename: named("document.txt"), file_data: Some(file_data), ..File::default() }
        }
        "file" => File { file_id: Some(string(source.file_id, &place.member("file_id"))?), ..File::default() },
        // Its texts and images stand for themselves.
        "content" => {
            let nested = parts(source.content, &place.member("content"), warnings, |_, kind, place, _| match kind {
                "text" | "image" => Ok(false),
                _ => Err(place.member("type").invalid("it is neither text nor image")),
            })?;
            out.extend(nested);
            return Ok(());
        }
        _ => return Err(place.member("type").unsupported("chat completions take files by their content or id only")),
    };
    out.push(Part::File { file, cache_control: block.cache_control });
    Ok(())
}

/// A source that a tool of the client's has found, in words.
fn search_result(block: &Block<'_>, place: &Place<'_>) -> Result<String, Failure> {
    let text = |raw: Option<&RawValue>, place: Place<'_>| -> Result<String, Failure> {
        Ok(place.text(raw.ok_or_else(|| place.missing())?)?.into_owned())
    };
    let mut said =
        format!("{}\n{}", text(block.title, place.member("title"))?, text(block.source, place.member("source"))?);
    let place = place.member("content");
    for (index, raw) in place.list(block.content.ok_or_else(|| place.missing())?)?.into_iter().enumerate() {
        let place = place.item(index);
        let (block, _) = Block::read(raw, &place)?;
        said.push('\n');
        said.push_str(&text(block.text, place.member("text"))?);
    }
    Ok(said)
}
