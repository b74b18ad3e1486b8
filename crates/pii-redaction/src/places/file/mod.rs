//! Files within a body: text in base64 is text.

mod charset;
mod data_url;

use base64::{
    Engine,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use self::charset::{Charset, looks_like_text};
pub(super) use self::data_url::{DataUrl, data_url};

/// Whether a media type is one of text.
pub(super) fn says_text(media_type: &str) -> bool {
    const ENDS: [&str; 12] =
        ["json", "xml", "csv", "yaml", "html", "javascript", "markdown", "ndjson", "jsonl", "rfc822", "vcard", "rtf"];
    let media_type = media_type.split(';').next().unwrap_or_default().trim_ascii();
    let is_text = media_type.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("text/"));
    is_text || ENDS.iter().any(|end| ends_with(media_type, end))
}

/// Whether a file's name is one of text.
pub(super) fn is_named_as_text(name: &str) -> bool {
    const ENDS: [&str; 19] = [
        ".csv", ".tsv", ".txt", ".md", ".json", ".jsonl", ".xml", ".html", ".htm", ".yaml", ".yml", ".log", ".eml",
        ".vcf", ".ics", ".sql", ".ini", ".toml", ".rtf",
    ];
    ENDS.iter().any(|end| ends_with(name, end))
}

fn ends_with(text: &str, suffix: &str) -> bool {
    let start = text.len().saturating_sub(suffix.len());
    text.get(start..).is_some_and(|end| end.eq_ignore_ascii_case(suffix))
}

/// What a file turned out to be.
pub(super) enum Opened {
    Text(TextFile),
    Binary,
    NoBase64,
}

/// A file of text, by the letters that its bytes stand for.
pub(super) struct TextFile {
    pub(super) text: String,
    charset: Charset,
}

/// How much of a file is looked at to tell whether it is text. A multiple of 4, so that it can be decoded by itself.
const HEAD: usize = 1024;

const PADDING: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const PLAIN: GeneralPurpose = GeneralPurpose::new(&STANDARD, PADDING);
const URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, PADDING);

/// Opens a file: what it says it is, or what it looks like, decides whether it is text. Lines may be wrapped at any
/// length.
pub(super) fn open(base64: &str, says_text: bool) -> Opened {
    // A picture of some megabytes is not decoded to see that it is one.
    let head: Vec<u8> = base64.bytes().filter_map(digit).take(HEAD).collect();
    let Ok(head) = PLAIN.decode(head) else { return Opened::NoBase64 };
    if !says_text && !looks_like_text(&head) {
        return Opened::Binary;
    }
    let decoded = match base64.bytes().all(|byte| digit(byte) == Some(byte)) {
        true => PLAIN.decode(base64),
        false => PLAIN.decode(base64.bytes().filter_map(digit).collect::<Vec<u8>>()),
    };
    match decoded {
        Ok(bytes) => {
            let (text, charset) = Charset::decode(bytes);
            Opened::Text(TextFile { text, charset })
        }
        Err(_) => Opened::NoBase64,
    }
}

/// A byte of base64 as the standard alphabet has it; nothing for white space.
const fn digit(byte: u8) -> Option<u8> {
    match byte {
        b' ' | b'\t' | b'\r' | b'\n' | 0xb | 0xc => None,
        b'-' => Some(b'+'),
        b'_' => Some(b'/'),
        other => Some(other),
    }
}

/// Whether what can be read as base64 may be none, and words or numbers: it is short, or not in lines of one length.
pub(super) fn may_be_words(text: &str) -> bool {
    const SHORT: usize = 64;
    let mut lines = text.trim_ascii().lines().map(str::len);
    let first = lines.next().unwrap_or_default();
    let is_even = match lines.next_back() {
        Some(last) => last <= first && lines.all(|line| line == first),
        None => true,
    };
    text.len() < SHORT || !is_even || text.contains([' ', '\t'])
}

impl TextFile {
    /// The file with another text, in base64 as it was.
    pub(super) fn close(&self, text: &str, was: &str) -> String {
        let engine = if was.contains(['-', '_']) { URL } else { PLAIN };
        engine.encode(self.charset.encode(text))
    }
}

#[cfg(test)]
mod tests;
