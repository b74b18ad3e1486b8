//! Pictures, sound and files, as parts.
//!
//! Source: Google's lists of media types for images, audio and documents, and of what `fileUri` may name (a file of
//! the Files API, `gs://`, and any public `https` URL), read in November 2026.

use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use llm_layers_core::Failure;

use super::parts::{Blob, Data, FileData};
use crate::{
    conversation::{self, Audio, File, Image, Part},
    place::Place,
};

/// Media types by the ending of a file's name.
const ENDINGS: [(&str, &str); 16] = [
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("webp", "image/webp"),
    ("gif", "image/gif"),
    ("heic", "image/heic"),
    ("heif", "image/heif"),
    ("pdf", "application/pdf"),
    ("txt", "text/plain"),
    ("md", "text/plain"),
    ("csv", "text/csv"),
    ("html", "text/html"),
    ("mp3", "audio/mp3"),
    ("wav", "audio/wav"),
    ("mp4", "video/mp4"),
    ("webm", "video/webm"),
];

/// The data of a part.
pub(super) fn data(part: Part<'_>) -> Result<Data<'_>, Failure> {
    Ok(match part {
        Part::Text(text) => Data::Text(text.text),
        Part::Image { image: Image::Url(url), .. } => {
            let mime_type = Some(by_ending(&url).filter(|kind| kind.starts_with("image/")).unwrap_or("image/jpeg"));
            Data::File(FileData { mime_type, file_uri: url })
        }
        Part::Image { image: Image::Data(data), path, .. } => match conversation::sniff_image(&data) {
            Some(mime_type) => Data::Inline(Blob { mime_type, data }),
            None => {
                let message = format!("`{path}` is invalid: it is no JPEG, PNG, GIF or WebP image.");
                return Err(Failure::bad_request(message).with_param(path).with_code("invalid_image_url"));
            }
        },
        Part::Audio { audio: Audio { data, format }, path, .. } => {
            let mime_type = match format.as_ref() {
                "wav" => "audio/wav",
                "mp3" => "audio/mp3",
                "aac" => "audio/aac",
                "aiff" => "audio/aiff",
                "flac" => "audio/flac",
                "ogg" => "audio/ogg",
                _ => return Err(Place::new(&path).member("format").unsupported("it does not know the format")),
            };
            Data::Inline(Blob { mime_type, data })
        }
        Part::File { file: File::Pdf { data, .. }, .. } => Data::Inline(Blob { mime_type: "application/pdf", data }),
        Part::File { file: File::Text { text, .. }, .. } => {
            Data::Inline(Blob { mime_type: "text/plain", data: Cow::Owned(STANDARD.encode(text)) })
        }
        Part::File { file: File::Id(id), path, .. } => Data::File(named(id, &path)?),
    })
}

/// A file that Google has already.
fn named<'a>(id: Cow<'a, str>, path: &str) -> Result<FileData<'a>, Failure> {
    let file_uri = if id.starts_with("https://") || id.starts_with("gs://") {
        id
    } else if id.starts_with("files/") {
        Cow::Owned(format!("https://generativelanguage.googleapis.com/v1beta/{id}"))
    } else {
        return Err(Place::new(path).unsupported("it knows files by the URI that Google gave them"));
    };
    Ok(FileData { mime_type: by_ending(&file_uri), file_uri })
}

fn by_ending(url: &str) -> Option<&'static str> {
    let path = url.split(['?', '#']).next()?;
    let (_, ending) = path.rsplit('/').next()?.rsplit_once('.')?;
    ENDINGS.into_iter().find(|(known, _)| ending.eq_ignore_ascii_case(known)).map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_are_found_by_the_names_ending() {
        for (url, kind) in [
            ("https://a.example/b/c.PNG?x=.gif", Some("image/png")),
            ("gs://bucket/a.pdf", Some("application/pdf")),
            ("https://a.png/b", None),
            ("https://a.example/b.unknown", None),
        ] {
            assert_eq!(by_ending(url), kind, "{url}");
        }
    }
}
