//! What a message or a tool's output is made of.

use llm_layers_core::Failure;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::message::{Content, File, ImageUrl, Part};
use crate::{place::Place, warnings::Warnings};

#[derive(Deserialize)]
struct Members<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<&'a RawValue>,
    #[serde(borrow)]
    text: Option<&'a RawValue>,
    #[serde(borrow)]
    refusal: Option<&'a RawValue>,
    #[serde(borrow)]
    image_url: Option<&'a RawValue>,
    #[serde(borrow)]
    input_audio: Option<&'a RawValue>,
    #[serde(borrow)]
    detail: Option<&'a RawValue>,
    #[serde(borrow)]
    file_id: Option<&'a RawValue>,
    #[serde(borrow)]
    file_url: Option<&'a RawValue>,
    #[serde(borrow)]
    file_data: Option<&'a RawValue>,
    #[serde(borrow)]
    filename: Option<&'a RawValue>,
    #[serde(borrow)]
    prompt_cache_breakpoint: Option<&'a RawValue>,
}

/// Reads a string or a list of parts. Which parts a role may have is for whoever reads the messages to say.
pub(super) fn read<'a>(
    raw: Option<&'a RawValue>,
    place: &Place<'_>,
    warnings: &mut Warnings,
) -> Result<Content<'a>, Failure> {
    let raw = raw.ok_or_else(|| place.missing())?;
    if raw.get().starts_with('"') {
        return Ok(Content::Text(raw));
    }
    if !raw.get().starts_with('[') {
        return Err(place.expected("a string or a list of parts"));
    }
    let mut parts = Vec::new();
    for (index, raw) in place.list(raw)?.into_iter().enumerate() {
        parts.push(part(raw, &place.item(index), warnings)?);
    }
    Ok(Content::of(parts))
}

fn part<'a>(raw: &'a RawValue, place: &Place<'_>, warnings: &mut Warnings) -> Result<Part<'a>, Failure> {
    let members: Members<'a> = place.members(raw)?;
    let kind = place.member("type");
    let kind_text = kind.text(members.kind.ok_or_else(|| kind.missing())?)?;
    let prompt_cache_breakpoint = members.prompt_cache_breakpoint;
    Ok(match kind_text.as_ref() {
        "input_text" | "output_text" | "text" => {
            Part::Text { text: string(members.text, &place.member("text"))?, prompt_cache_breakpoint }
        }
        "refusal" => Part::Refusal { refusal: string(members.refusal, &place.member("refusal"))? },
        "input_image" => Part::ImageUrl { image_url: image(&members, place)?, prompt_cache_breakpoint },
        "input_file" => Part::File { file: file(&members, place, warnings)?, prompt_cache_breakpoint },
        "input_audio" => {
            let place = place.member("input_audio");
            Part::InputAudio { input_audio: members.input_audio.ok_or_else(|| place.missing())? }
        }
        _ => return Err(kind.unsupported("chat completions have no such part")),
    })
}

fn image<'a>(members: &Members<'a>, place: &Place<'_>) -> Result<ImageUrl<'a>, Failure> {
    if members.file_id.is_some() {
        return Err(place.member("file_id").unsupported("it must be given its images, by `image_url`"));
    }
    Ok(ImageUrl { url: string(members.image_url, &place.member("image_url"))?, detail: members.detail })
}

fn file<'a>(members: &Members<'a>, place: &Place<'_>, warnings: &mut Warnings) -> Result<File<'a>, Failure> {
    if members.file_url.is_some() {
        return Err(place.member("file_url").unsupported("it must be given its files, in `file_data`"));
    }
    if members.detail.is_some() {
        warnings.dropped("input_file.detail", "unsupported")?;
    }
    if members.file_id.is_none() && members.file_data.is_none() {
        return Err(place.member("file_data").missing());
    }
    Ok(File { file_data: members.file_data, file_id: members.file_id, filename: members.filename })
}

/// A member that must be a string, as it is spelled.
pub(super) fn string<'a>(raw: Option<&'a RawValue>, place: &Place<'_>) -> Result<&'a RawValue, Failure> {
    let raw = raw.ok_or_else(|| place.missing())?;
    if raw.get().starts_with('"') { Ok(raw) } else { Err(place.expected("a string")) }
}
