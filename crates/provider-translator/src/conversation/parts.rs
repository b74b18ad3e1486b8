//! What a message is made of.

use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use llm_layers_core::Failure;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Audio, CacheMark, File, Image, Part, Reasoning, Text, reasoning};
use crate::place::Place;

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
    file: Option<&'a RawValue>,
    #[serde(borrow)]
    input_audio: Option<&'a RawValue>,
    #[serde(borrow)]
    prompt_cache_breakpoint: Option<&'a RawValue>,
    #[serde(borrow)]
    cache_control: Option<&'a RawValue>,
}

impl<'a> Part<'a> {
    pub(super) const fn cache_mut(&mut self) -> &mut Option<CacheMark> {
        match self {
            Self::Text(text) => &mut text.cache,
            Self::Image { cache, .. } | Self::File { cache, .. } => cache,
            Self::Audio { cache, .. } => cache,
        }
    }
}

/// Reads `content` that may hold anything; blank texts are left out.
pub(super) fn parts<'a>(content: Option<&'a RawValue>, place: &Place<'_>) -> Result<Vec<Part<'a>>, Failure> {
    let mut parts = Vec::new();
    each(content, place, |members, kind, place| {
        let part = match kind {
            "text" => text(members.text, &place.member("text"), cache(members, place)?)?.map(Part::Text),
            "image_url" => Some(image(members, place)?),
            "file" => Some(file(members, place)?),
            "input_audio" => Some(audio(members, place)?),
            _ => return Err(unknown(place)),
        };
        parts.extend(part);
        Ok(())
    })?;
    Ok(parts)
}

/// Reads `content` that may only be text.
pub(super) fn texts<'a>(content: Option<&'a RawValue>, place: &Place<'_>) -> Result<Vec<Text<'a>>, Failure> {
    if content.is_none() {
        return Err(place.missing());
    }
    let mut texts = Vec::new();
    each(content, place, |members, kind, place| match kind {
        "text" => {
            texts.extend(text(members.text, &place.member("text"), cache(members, place)?)?);
            Ok(())
        }
        _ => Err(unknown(place)),
    })?;
    Ok(texts)
}

/// Reads what an assistant has said. Reasoning may stand among it, in Anthropic's own shape.
pub(super) fn said<'a>(
    content: Option<&'a RawValue>,
    place: &Place<'_>,
    thoughts: &mut Vec<Reasoning<'a>>,
) -> Result<Vec<Text<'a>>, Failure> {
    let mut texts = Vec::new();
    let thought_elsewhere = !thoughts.is_empty();
    let raw_parts = match content {
        Some(raw) if raw.get().starts_with('[') => place.list(raw)?,
        _ => Vec::new(),
    };
    let mut raw_parts = raw_parts.into_iter();
    each(content, place, |members, kind, place| {
        let raw = raw_parts.next();
        match kind {
            "text" => texts.extend(text(members.text, &place.member("text"), cache(members, place)?)?),
            "refusal" => texts.extend(text(members.refusal, &place.member("refusal"), cache(members, place)?)?),
            "thinking" | "redacted_thinking" => {
                if let Some(raw) = raw.filter(|_| !thought_elsewhere) {
                    thoughts.extend(reasoning::block(raw, place)?);
                }
            }
            _ => return Err(unknown(place)),
        }
        Ok(())
    })?;
    Ok(texts)
}

fn each<'a>(
    content: Option<&'a RawValue>,
    place: &Place<'_>,
    mut visit: impl FnMut(&Members<'a>, &str, &Place<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let Some(raw) = content else { return Ok(()) };
    if raw.get().starts_with('"') {
        let members = Members {
            kind: None,
            text: Some(raw),
            refusal: None,
            image_url: None,
            file: None,
            input_audio: None,
            prompt_cache_breakpoint: None,
            cache_control: None,
        };
        return visit(&members, "text", place);
    }
    if !raw.get().starts_with('[') {
        return Err(place.expected("a string or a list of parts"));
    }
    for (index, raw) in place.list(raw)?.into_iter().enumerate() {
        let place = place.item(index);
        let members: Members<'a> = place.members(raw)?;
        let kind = place.member("type");
        let kind = kind.text(members.kind.ok_or_else(|| kind.missing())?)?;
        visit(&members, &kind, &place)?;
    }
    Ok(())
}

fn unknown(place: &Place<'_>) -> Failure {
    place.member("type").unsupported("there is no such part in a message of this role")
}

fn text<'a>(
    raw: Option<&'a RawValue>,
    place: &Place<'_>,
    cache: Option<CacheMark>,
) -> Result<Option<Text<'a>>, Failure> {
    let text = place.text(raw.ok_or_else(|| place.missing())?)?;
    Ok((!text.trim().is_empty()).then_some(Text { text, cache }))
}

fn cache(members: &Members<'_>, place: &Place<'_>) -> Result<Option<CacheMark>, Failure> {
    match (members.cache_control, members.prompt_cache_breakpoint) {
        (Some(raw), _) => cache_control(raw, &place.member("cache_control")).map(Some),
        (None, Some(raw)) => {
            let place = place.member("prompt_cache_breakpoint");
            let mark: Mark = place.read(raw, "an object")?;
            // OpenAI's shortest is half an hour.
            Ok(Some(if mark.ttl.is_some() { CacheMark::Long } else { CacheMark::Default }))
        }
        (None, None) => Ok(None),
    }
}

#[derive(Deserialize)]
struct Mark {
    ttl: Option<String>,
}

/// Anthropic's own mark, which many clients send to whatever gateway they talk to.
pub(super) fn cache_control(raw: &RawValue, place: &Place<'_>) -> Result<CacheMark, Failure> {
    let mark: Mark = place.read(raw, "an object")?;
    match mark.ttl.as_deref() {
        None => Ok(CacheMark::Default),
        Some("5m") => Ok(CacheMark::Short),
        Some("1h") => Ok(CacheMark::Long),
        Some(_) => Err(place.member("ttl").invalid("it is neither 5m nor 1h")),
    }
}

fn image<'a>(members: &Members<'a>, place: &Place<'_>) -> Result<Part<'a>, Failure> {
    #[derive(Deserialize)]
    struct ImageUrl<'a> {
        #[serde(borrow)]
        url: Option<&'a RawValue>,
    }
    let place = place.member("image_url");
    let raw = members.image_url.ok_or_else(|| place.missing())?;
    let place_of_url = place.member("url");
    // Some clients send the URL itself.
    let url = if raw.get().starts_with('"') {
        place.text(raw)?
    } else {
        let ImageUrl { url } = place.members(raw)?;
        place_of_url.text(url.ok_or_else(|| place_of_url.missing())?)?
    };
    let bad = |why: &str| place_of_url.refused("invalid_image_url", format!("`{place_of_url}` is invalid: {why}."));
    let image = if has_scheme(&url, "data:") {
        match split_data_url(url) {
            Some((_, data)) => Image::Data(data),
            None => return Err(bad("only base64 data URLs are supported")),
        }
    } else if has_scheme(&url, "https://") || has_scheme(&url, "http://") {
        Image::Url(url)
    } else {
        return Err(bad("it is neither an https nor a data URL"));
    };
    Ok(Part::Image { image, cache: cache(members, &place)?, path: place_of_url.to_string() })
}

fn has_scheme(url: &str, scheme: &str) -> bool {
    url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
}

fn file<'a>(members: &Members<'a>, place: &Place<'_>) -> Result<Part<'a>, Failure> {
    #[derive(Deserialize)]
    struct Attached<'a> {
        #[serde(borrow)]
        file_data: Option<&'a RawValue>,
        #[serde(borrow)]
        file_id: Option<&'a RawValue>,
        #[serde(borrow)]
        filename: Option<&'a RawValue>,
    }
    let cache = cache(members, place)?;
    let place = place.member("file");
    let attached: Attached<'a> = place.members(members.file.ok_or_else(|| place.missing())?)?;
    let data_place = place.member("file_data");
    let Some(raw) = attached.file_data else {
        let id_place = place.member("file_id");
        let id = id_place.text(attached.file_id.ok_or_else(|| data_place.missing())?)?;
        return Ok(Part::File { file: File::Id(id), cache, path: id_place.to_string() });
    };
    let name = attached.filename.map(|raw| place.member("filename").text(raw)).transpose()?;
    let data = data_place.text(raw)?;
    let (declared, data) = match has_scheme(&data, "data:") {
        true => split_data_url(data).ok_or_else(|| data_place.invalid("only base64 data URLs are supported"))?,
        false => (String::new(), unspaced(data)),
    };
    let start = decode_start(&data);
    if start.starts_with(b"%PDF-") {
        return Ok(Part::File { file: File::Pdf { data, name }, cache, path: data_place.to_string() });
    }
    if sniff_image(&data).is_some() {
        return Ok(Part::Image { image: Image::Data(data), cache, path: data_place.to_string() });
    }
    if is_text(&declared, name.as_deref().unwrap_or_default()) {
        let bytes = STANDARD.decode(data.as_bytes()).map_err(|_| data_place.invalid("it is not base64"))?;
        let text = String::from_utf8(bytes).map_err(|_| data_place.invalid("it is not UTF-8"))?;
        if text.trim().is_empty() {
            return Err(data_place.invalid("it is empty"));
        }
        return Ok(Part::File { file: File::Text { text, name }, cache, path: data_place.to_string() });
    }
    Err(data_place.unsupported("it takes PDF, text and images only"))
}

fn audio<'a>(members: &Members<'a>, place: &Place<'_>) -> Result<Part<'a>, Failure> {
    #[derive(Deserialize)]
    struct Heard<'a> {
        #[serde(borrow)]
        data: Option<&'a RawValue>,
        #[serde(borrow)]
        format: Option<&'a RawValue>,
    }
    let cache = cache(members, place)?;
    let place = place.member("input_audio");
    let heard: Heard<'a> = place.members(members.input_audio.ok_or_else(|| place.missing())?)?;
    let (data, format) = (place.member("data"), place.member("format"));
    let audio = Audio {
        data: data.text(heard.data.ok_or_else(|| data.missing())?)?,
        format: format.text(heard.format.ok_or_else(|| format.missing())?)?,
    };
    Ok(Part::Audio { audio, cache, path: place.to_string() })
}

fn is_text(declared: &str, name: &str) -> bool {
    const TYPES: [&str; 4] = ["application/json", "application/xml", "application/yaml", "application/x-yaml"];
    const ENDINGS: [&str; 10] = [".txt", ".md", ".csv", ".json", ".xml", ".yaml", ".yml", ".html", ".log", ".toml"];
    let name = name.to_ascii_lowercase();
    declared.starts_with("text/")
        || TYPES.contains(&declared)
        || (declared.is_empty() && ENDINGS.iter().any(|ending| name.ends_with(ending)))
}

/// The declared type, in lower case, and the base64 of a data URL.
fn split_data_url(url: Cow<'_, str>) -> Option<(String, Cow<'_, str>)> {
    let (head, _) = url.split_once(',')?;
    let head = head.get("data:".len()..)?;
    let (mut parameters, start) = (head.split(';'), "data:".len() + head.len() + 1);
    let declared = parameters.next().unwrap_or_default().trim().to_ascii_lowercase();
    if !parameters.any(|parameter| parameter.trim().eq_ignore_ascii_case("base64")) {
        return None;
    }
    let data = match url {
        Cow::Borrowed(url) => Cow::Borrowed(url.get(start..)?),
        Cow::Owned(mut url) => Cow::Owned(url.split_off(start)),
    };
    Some((declared, unspaced(data)))
}

/// Base64 as mail has it is broken into lines.
fn unspaced(data: Cow<'_, str>) -> Cow<'_, str> {
    if data.bytes().any(|byte| byte.is_ascii_whitespace()) {
        return Cow::Owned(data.split_ascii_whitespace().collect());
    }
    data
}

fn decode_start(base64: &str) -> Vec<u8> {
    let start = base64.get(..24).or_else(|| base64.get(..base64.len() / 4 * 4)).unwrap_or_default();
    STANDARD.decode(start).unwrap_or_default()
}

/// The media type of an image by its first bytes; what it is declared as is often wrong.
pub(crate) fn sniff_image(base64: &str) -> Option<&'static str> {
    let start = decode_start(base64);
    match start.as_slice() {
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some("image/png"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}
