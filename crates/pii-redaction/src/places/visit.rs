use llm_layers_pii::Text;

use crate::Media;

/// Sees each text of a body, and says what takes its place.
pub(crate) trait Visit {
    /// What takes the text's place; `None` leaves it, byte for byte.
    fn text(&mut self, text: &Text<'_>, place: Place) -> Option<String>;

    /// Texts that follow each other in one content without a break, such as the text parts of one message: what begins
    /// in one may end in the next. Gives those that change, by their index.
    fn texts(&mut self, texts: &[Text<'_>], place: Place) -> Vec<(usize, String)> {
        let replaced = texts.iter().enumerate().map(|(index, text)| (index, self.text(text, place)));
        replaced.filter_map(|(index, text)| Some((index, text?))).collect()
    }

    /// An image, a sound or a file that is no text, or a reference to one. Whether the call may go on is for the
    /// visitor to remember.
    fn media(&mut self, media: Media) {
        let _ = media;
    }
}

/// What is special about where a text stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// The text is JSON that could not be walked: cut off, broken, or nested too deep. What is put into it stands within
    /// a string of that JSON, most likely, so it must be escaped as such. (In JSON that could be walked the visitor sees
    /// the strings, and what it gives is escaped by the walk, however deep.)
    pub(crate) raw_json: bool,
    /// The text is signed by the provider, who refuses it changed: what the visitor gives is not put there. It may
    /// count, or refuse the call.
    pub(crate) sealed: bool,
}
