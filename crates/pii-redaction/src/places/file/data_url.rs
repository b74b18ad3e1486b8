use std::borrow::Cow;

use super::says_text;
use crate::Media;

/// A `data:` address (RFC 2397).
#[derive(Clone, Debug)]
pub(in crate::places) struct DataUrl<'a> {
    pub(in crate::places) whole: &'a str,
    /// What is before the data, the comma included.
    pub(in crate::places) head: &'a str,
    media_type: &'a str,
    /// The data, where they are base64.
    pub(in crate::places) base64: Option<Cow<'a, str>>,
}

pub(in crate::places) fn data_url(text: &str) -> Option<DataUrl<'_>> {
    const SCHEME: &str = "data:";
    let scheme = text.get(..SCHEME.len())?;
    if !scheme.eq_ignore_ascii_case(SCHEME) {
        return None;
    }
    let (parameters, data) = text.get(SCHEME.len()..)?.split_once(',')?;
    let media_type = parameters.split(';').next().unwrap_or_default();
    // "data: see below, and…" is a sentence.
    if !media_type.is_empty() && !media_type.contains('/') || media_type.contains(' ') {
        return None;
    }
    let is_base64 = parameters.rsplit(';').next().is_some_and(|last| last.trim().eq_ignore_ascii_case("base64"));
    let head = text.get(..text.len() - data.len())?;
    Some(DataUrl { whole: text, head, media_type, base64: is_base64.then(|| percent_decoded(data)) })
}

impl DataUrl<'_> {
    pub(in crate::places) fn is_text(&self) -> bool {
        says_text(self.media_type)
    }

    pub(in crate::places) fn kind(&self) -> Option<Media> {
        let kinds = [("image/", Media::Image), ("audio/", Media::Audio), ("video/", Media::Video)];
        let is =
            |prefix: &str| self.media_type.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
        kinds.iter().find(|(prefix, _)| is(prefix)).map(|(_, kind)| *kind)
    }
}

/// In an address `+`, `=` and line ends may be escaped.
fn percent_decoded(data: &str) -> Cow<'_, str> {
    if memchr::memchr(b'%', data.as_bytes()).is_none() {
        return Cow::Borrowed(data);
    }
    let mut out = String::with_capacity(data.len());
    let mut pieces = data.split('%');
    out.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let hex = piece.get(..2).filter(|hex| hex.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(u8::is_ascii);
        match (byte, piece.get(2..)) {
            (Some(byte), Some(rest)) => {
                out.push(char::from(byte));
                out.push_str(rest);
            }
            _ => {
                out.push('%');
                out.push_str(piece);
            }
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_addresses_are_told_from_sentences() {
        let of = |text| data_url(text).map(|data| (data.is_text(), data.kind(), data.base64.map(Cow::into_owned)));
        let base64 = |text: &str| Some(text.to_owned());
        assert_eq!(of("data:text/plain;charset=utf-8;base64,aGk="), Some((true, None, base64("aGk="))));
        assert_eq!(of("DATA:image/PNG;base64,aGk="), Some((false, Some(Media::Image), base64("aGk="))));
        assert_eq!(of("data:application/ld+json;base64,"), Some((true, None, base64(""))));
        assert_eq!(of("data:,hello"), Some((false, None, None)));
        assert_eq!(of("data: see below, and there"), None);
        assert_eq!(of("data:base64"), None);
    }

    #[test]
    fn data_may_be_escaped() {
        for (data, decoded) in [
            ("aGk%3D", "aGk="),
            ("%2b%2F%0D%0a", "+/\r\n"),
            ("100%", "100%"),
            ("%4", "%4"),
            ("%é", "%é"),
            ("%+1a", "%+1a"),
            ("%ff%41", "%ffA"),
        ] {
            assert_eq!(percent_decoded(data), decoded);
        }
    }
}
