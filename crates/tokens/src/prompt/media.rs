use memchr::{memchr, memmem};

use super::{Count, content::Part};
use crate::{
    Family,
    images::{Base64, Detail, Size},
    json::Value,
    text::Text,
};

/// What is read of a file's head, in base64.
const HEAD: usize = 1 << 20;

/// Bytes of a file for each page, and the tokens of a page, where it cannot be opened: Anthropic counts 1,500 to 3,000
/// a page ("PDF support", 2026), Google 258 ("Document understanding", 2026). The bytes are assumed.
const PAGE: u64 = 64 << 10;
const PAGE_TOKENS: u64 = 2250;
const PAGE_TOKENS_GEMINI: u64 = 258;

/// A file that is not in the request, behind a URL or an identifier: assumed to have so many pages.
const PAGES: u64 = 4;

/// Bytes of a second of recording: 24 kHz with 16 bits, when a WAV file's head does not say, and MP3 of 128 kbit/s.
const WAV: u64 = 48_000;
const MP3: u64 = 16_000;

/// A recording that is not in the request: assumed to last so many seconds.
const SECONDS: u64 = 30;

impl Count {
    /// Sizes are read from the file's head; a picture that is elsewhere is assumed to have 1024 pixels a side.
    pub(super) fn image(&mut self, part: &Part<'_>) {
        self.counter.assumes();
        // `image_url` is an object with `url` in chat and a text in responses; `source` is Anthropic's.
        let image = part.image_url.unwrap_or(Value::new(b"null"));
        let url = image.text().or_else(|| image.member("url").and_then(Value::text));
        let data = url.and_then(after_base64).or_else(|| {
            let source = part.source.filter(|source| source.member("type").is_some_and(|kind| kind.is_text("base64")));
            source.and_then(|source| source.member("data")).and_then(Value::text)
        });
        let detail = match image.member("detail").or(part.detail) {
            Some(detail) if detail.is_text("low") => Detail::Low,
            Some(detail) if detail.is_text("high") => Detail::High,
            _ => Detail::Auto,
        };
        let size = data.and_then(|data| with_head(data, Size::read));
        let tokens = self.tokenizer.images().tokens(size, detail);
        self.prompt.images = self.prompt.images.saturating_add(tokens);
    }

    /// OpenAI bills ten tokens a second and Google 32 (guides "Audio" and "Audio understanding", 2026).
    pub(super) fn audio(&mut self, part: &Part<'_>) {
        self.counter.assumes();
        let per_second = if self.tokenizer.family() == Family::Gemini { 32 } else { 10 };
        let data = part.audio.and_then(|audio| audio.member("data")).and_then(Value::text);
        let seconds = data.map_or(SECONDS, |data| {
            let rate = with_head(data, wav_rate).unwrap_or_else(|| {
                let wav =
                    part.audio.and_then(|audio| audio.member("format")).is_some_and(|format| format.is_text("wav"));
                if wav { WAV } else { MP3 }
            });
            Base64::new(data.raw()).length().div_ceil(rate)
        });
        self.prompt.audio = self.prompt.audio.saturating_add(seconds.saturating_mul(per_second));
    }

    /// A file counts by its pages, of which its length gives a notion.
    pub(super) fn file(&mut self, part: &Part<'_>) {
        self.counter.assumes();
        let data = part.file_data.or_else(|| part.file?.member("file_data")).or_else(|| part.source?.member("data"));
        let pages = match data.and_then(Value::text) {
            Some(text) => Base64::new(after_base64(text).unwrap_or(text).raw()).length().div_ceil(PAGE).max(1),
            None => PAGES,
        };
        let page = if self.tokenizer.family() == Family::Gemini { PAGE_TOKENS_GEMINI } else { PAGE_TOKENS };
        self.prompt.text = self.prompt.text.saturating_add(pages.saturating_mul(page));
    }
}

/// What follows `data:image/png;base64,`.
fn after_base64(url: Text<'_>) -> Option<Text<'_>> {
    const LONGEST: usize = 256;
    const MARK: &[u8] = b";base64,";
    let raw = url.raw();
    let head = raw.get(..LONGEST).unwrap_or(raw);
    let at = memmem::find(head, MARK)?;
    raw.get(at + MARK.len()..).map(|raw| url.with_raw(raw))
}

/// Some writers escape each slash, which shifts what follows: these are undone first.
fn with_head<T>(data: Text<'_>, read: impl FnOnce(Base64<'_>) -> Option<T>) -> Option<T> {
    let raw = data.raw();
    let head = raw.get(..HEAD).unwrap_or(raw);
    if memchr(b'\\', head).is_none() {
        return read(Base64::new(head));
    }
    let mut scratch = String::new();
    read(Base64::new(data.with_raw(head).decoded(&mut scratch).as_bytes()))
}

/// The bytes of a second, as the head of a WAV file says.
fn wav_rate(file: Base64<'_>) -> Option<u64> {
    let (riff, kind) = (file.bytes::<4>(0)?, file.bytes::<8>(8)?);
    let rate = u32::from_le_bytes(file.bytes(28)?);
    // Less than 1 kHz with 8 bits is no speech, and would make of a small file a long one.
    (&riff == b"RIFF" && &kind == b"WAVEfmt " && rate >= 1000).then_some(rate.into())
}
