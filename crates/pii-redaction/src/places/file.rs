//! Files within a body: text in base64 is text.

use base64::{
    Engine,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use super::MediaKind;

/// A `data:` address (RFC 2397).
#[derive(Clone, Copy, Debug)]
pub(super) struct DataUrl<'a> {
    pub(super) whole: &'a str,
    media_type: &'a str,
    /// What is after the comma, where it is base64.
    pub(super) base64: Option<&'a str>,
}

pub(super) fn data_url(text: &str) -> Option<DataUrl<'_>> {
    let scheme = text.get(..5)?;
    if !scheme.eq_ignore_ascii_case("data:") {
        return None;
    }
    let (head, data) = text.get(5..)?.split_once(',')?;
    let media_type = head.split(';').next().unwrap_or_default();
    // "data: see below, and…" is a sentence.
    if !media_type.is_empty() && !media_type.contains('/') || media_type.contains(' ') {
        return None;
    }
    let is_base64 = head.rsplit(';').next().is_some_and(|last| last.trim().eq_ignore_ascii_case("base64"));
    Some(DataUrl { whole: text, media_type, base64: is_base64.then_some(data) })
}

impl DataUrl<'_> {
    pub(super) fn is_text(&self) -> bool {
        let ends = ["json", "xml", "csv", "yaml", "html", "javascript", "markdown", "x-ndjson", "jsonl"];
        starts_with(self.media_type, "text/") || ends.iter().any(|end| ends_with(self.media_type, end))
    }

    pub(super) fn kind(&self) -> Option<MediaKind> {
        let kinds = [("image/", MediaKind::Image), ("audio/", MediaKind::Audio), ("video/", MediaKind::Video)];
        kinds.iter().find(|(prefix, _)| starts_with(self.media_type, prefix)).map(|(_, kind)| *kind)
    }
}

fn starts_with(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Charset {
    Utf8,
    /// With a byte order mark, which the text begins with.
    Utf16 {
        big_endian: bool,
    },
    /// One byte, one character: what is not touched keeps its bytes, whichever charset they are of.
    Latin1,
}

/// How much of a file is looked at to tell whether it is text. A multiple of 4, so that it can be decoded by itself.
const HEAD: usize = 1024;

const PADDING: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const PLAIN: GeneralPurpose = GeneralPurpose::new(&STANDARD, PADDING);
const URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, PADDING);

/// Opens a file: what it says it is, or what it looks like, decides whether it is text.
pub(super) fn open(base64: &str, says_text: bool) -> Opened {
    let engine = if base64.contains(['-', '_']) { URL } else { PLAIN };
    let decoded = |base64: &str| match engine.decode(base64) {
        Ok(bytes) => Some(bytes),
        // Wrapped lines, as in mail.
        Err(_) => engine.decode(base64.replace(['\r', '\n'], "")).ok(),
    };
    if !says_text {
        // A picture of some megabytes is not decoded to see that it is one.
        let Some(head) = base64.get(..base64.len().min(HEAD)).and_then(decoded) else { return Opened::NoBase64 };
        if !looks_like_text(&head) {
            return Opened::Binary;
        }
    }
    match decoded(base64) {
        Some(bytes) => Opened::Text(TextFile::of(bytes)),
        None => Opened::NoBase64,
    }
}

fn looks_like_text(head: &[u8]) -> bool {
    if head.starts_with(b"%PDF-") {
        return false;
    }
    if utf16(head.get(..head.len() & !1).unwrap_or_default()).is_some() {
        return true;
    }
    let is_control = |byte: &u8| *byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r' | 0xc);
    let valid = match std::str::from_utf8(head) {
        Ok(_) => true,
        // The last character may have been cut.
        Err(error) => error.error_len().is_none(),
    };
    valid && !head.iter().any(is_control)
}

/// The text of UTF-16 with a byte order mark, which stays in it.
fn utf16(bytes: &[u8]) -> Option<(String, bool)> {
    let big_endian = match bytes.get(..2)? {
        [0xff, 0xfe] => false,
        [0xfe, 0xff] => true,
        _ => return None,
    };
    let (pairs, rest) = bytes.as_chunks::<2>();
    let unit = |pair: &[u8; 2]| if big_endian { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) };
    let text: String = char::decode_utf16(pairs.iter().map(unit)).collect::<Result<_, _>>().ok()?;
    (rest.is_empty() && !text.contains('\0')).then_some((text, big_endian))
}

impl TextFile {
    fn of(bytes: Vec<u8>) -> Self {
        if let Some((text, big_endian)) = utf16(&bytes) {
            return Self { text, charset: Charset::Utf16 { big_endian } };
        }
        match String::from_utf8(bytes) {
            Ok(text) => Self { text, charset: Charset::Utf8 },
            Err(error) => {
                let text = error.into_bytes().iter().copied().map(char::from).collect();
                Self { text, charset: Charset::Latin1 }
            }
        }
    }

    /// The file with another text, in base64 as it was.
    pub(super) fn close(&self, text: &str, was: &str) -> String {
        let bytes = match self.charset {
            Charset::Utf8 => text.as_bytes().to_vec(),
            Charset::Utf16 { big_endian } => {
                let bytes = |unit: u16| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() };
                text.encode_utf16().flat_map(bytes).collect()
            }
            Charset::Latin1 => text.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect(),
        };
        let engine = if was.contains(['-', '_']) { URL } else { PLAIN };
        engine.encode(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encode(bytes: impl AsRef<[u8]>) -> String {
        PLAIN.encode(bytes)
    }

    #[test]
    fn text_is_told_from_the_rest() {
        let utf16: Vec<u8> = "\u{feff}name;é\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let long = "é".repeat(600);
        let cases: [(&[u8], bool, Option<&str>); 9] = [
            (b"a,b\n", false, Some("a,b\n")),
            (long.as_bytes(), false, Some(&long)),
            (b"<svg/>", false, Some("<svg/>")),
            (b"%PDF-1.7\nabc", false, None),
            (b"\x89PNG\r\n\x1a\n\0", false, None),
            (b"RIFF\x04\0\0\0WAVE", false, None),
            (b"J\xfcrgen", false, None),
            (b"J\xfcrgen", true, Some("Jürgen")),
            (&utf16, false, Some("\u{feff}name;é\n")),
        ];
        for (bytes, says_text, text) in cases {
            let base64 = encode(bytes);
            match open(&base64, says_text) {
                Opened::Text(file) => {
                    assert_eq!(Some(&*file.text), text, "{bytes:?}");
                    assert_eq!(file.close(&file.text, &base64), base64);
                }
                Opened::Binary => assert_eq!(text, None, "{bytes:?}"),
                Opened::NoBase64 => panic!("{bytes:?}"),
            }
        }
    }

    #[test]
    fn what_is_no_base64_is_said_to_be_none() {
        for text in ["anna@posteo.example", "two words", "a", "é"] {
            assert!(matches!(open(text, false), Opened::NoBase64), "{text}");
        }
        assert!(matches!(open("aGVs\r\nbG8=\r\n", false), Opened::Text(file) if file.text == "hello"));
        assert!(matches!(open("aGVsbG8", false), Opened::Text(file) if file.text == "hello"));
        assert!(matches!(open("Pz8_", false), Opened::Text(file) if file.text == "???"));
    }

    #[test]
    fn data_addresses_are_told_from_sentences() {
        let of = |text| data_url(text).map(|data| (data.is_text(), data.kind(), data.base64));
        assert_eq!(of("data:text/plain;charset=utf-8;base64,aGk="), Some((true, None, Some("aGk="))));
        assert_eq!(of("DATA:image/PNG;base64,aGk="), Some((false, Some(MediaKind::Image), Some("aGk="))));
        assert_eq!(of("data:application/ld+json;base64,"), Some((true, None, Some(""))));
        assert_eq!(of("data:,hello"), Some((false, None, None)));
        assert_eq!(of("data: see below, and there"), None);
        assert_eq!(of("data:base64"), None);
    }
}
