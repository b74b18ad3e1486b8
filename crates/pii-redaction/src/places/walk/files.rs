//! Files and addresses within a body.

use super::Walk;
use crate::{
    Media,
    places::{Visit, file, url},
};

impl<V: Visit> Walk<'_, '_, V> {
    /// An address that the provider fetches, or that holds the file itself.
    pub(super) fn url(&mut self, text: &str, member: &str, kind: Media) -> Option<String> {
        if let Some(data) = file::data_url(text) {
            return self.data_url(&data, member, kind, false);
        }
        self.visit.media(kind);
        url::replace(text, |part| self.show(part, member))
    }

    /// A file in its own address; what stands beside it may say that it is text.
    pub(super) fn data_url(
        &mut self,
        data: &file::DataUrl<'_>,
        member: &str,
        kind: Media,
        says_text: bool,
    ) -> Option<String> {
        let Some(base64) = &data.base64 else {
            return self.show(data.whole, member);
        };
        let is_text = data.is_text() || says_text && data.kind().is_none();
        let kind = data.kind().unwrap_or(kind);
        let replaced = self.opened(base64, member, kind, is_text, true)?;
        Some(format!("{}{replaced}", data.head))
    }

    /// A file as base64, or as a `data:` address.
    pub(super) fn file(&mut self, text: &str, member: &str, kind: Media, says_text: bool) -> Option<String> {
        match file::data_url(text) {
            Some(data) => self.data_url(&data, member, kind, says_text),
            // A note in a file of text may be no base64 at all.
            None => self.opened(text, member, kind, says_text && !file::may_be_words(text), kind != Media::File),
        }
    }

    /// A file of which it is known whether it must be base64, or may be a document as it is.
    fn opened(&mut self, text: &str, member: &str, kind: Media, says_text: bool, is_base64: bool) -> Option<String> {
        let replaced = match file::open(text, says_text) {
            file::Opened::Text(file) => self.seen(&file.text, member).map(|replaced| file.close(&replaced, text)),
            file::Opened::Binary => {
                self.visit.media(kind);
                None
            }
            file::Opened::NoBase64 => {
                if is_base64 {
                    // Whatever it is, nobody has read it.
                    self.visit.media(kind);
                }
                return self.show(text, member);
            }
        };
        match replaced {
            None if file::may_be_words(text) => self.show(text, member),
            replaced => replaced,
        }
    }
}
