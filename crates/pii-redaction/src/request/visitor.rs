use llm_layers_pii::{Finding, Text};
use zeroize::Zeroizing;

use super::asked::Asked;
use crate::{
    Media, Session,
    layer::Settings,
    observe,
    places::{Place, Visit},
};

/// Looks at each text of a request, and takes out what is found.
pub(super) struct Visitor<'a> {
    settings: &'a Settings,
    pub(super) session: Session,
    /// What external detectors have found.
    asked: Asked,
    /// The first of the media that must not leave.
    pub(super) refused: Option<Media>,
}

impl<'a> Visitor<'a> {
    pub(super) const fn new(settings: &'a Settings, session: Session, asked: Asked) -> Self {
        Self { settings, session, asked, refused: None }
    }

    /// Counts what is in a text that cannot be changed, and for which the call may be refused.
    pub(super) fn unchanged(&mut self, text: &Text<'_>) {
        let mut found = self.settings.find(text);
        self.settings.rules.retain_unchanged(&mut found);
        self.session.redact(text, found, false);
    }

    /// What takes the place of a text that stands in no body.
    pub(super) fn elsewhere(&mut self, text: &Text<'_>) -> Option<String> {
        let found = self.settings.find(text);
        if found.is_empty() { None } else { self.session.redact(text, found, false) }
    }
}

impl Visit for Visitor<'_> {
    fn text(&mut self, text: &Text<'_>, place: Place) -> Option<String> {
        let mut found = self.settings.find(text);
        self.asked.next(&mut found, 0);
        if place.sealed {
            self.settings.rules.retain_unchanged(&mut found);
        }
        if found.is_empty() {
            return None;
        }
        self.session.redact(text, found, place.raw_json)
    }

    fn texts(&mut self, texts: &[Text<'_>], place: Place) -> Vec<(usize, String)> {
        if let [text] = texts {
            // Most contents are one text, which need not be looked at twice.
            return self.text(text, place).map(|replaced| (0, replaced)).into_iter().collect();
        }
        let mut found = Vec::new();
        let mut seams = Vec::with_capacity(texts.len());
        let mut joined = Zeroizing::new(String::new());
        for text in texts {
            let start = joined.len();
            let own = self.settings.find(text).into_iter();
            found.extend(own.map(|finding| finding.shifted(start)));
            self.asked.next(&mut found, start);
            joined.push_str(text.text);
            seams.push(joined.len());
        }
        // By itself each text was looked at already; what is left is what stands across a seam.
        let whole = Text { text: &joined, member: texts.first().map_or("", |text| text.member) };
        let crosses = |finding: &Finding| {
            let next = seams.partition_point(|seam| *seam <= finding.range.start);
            seams.get(next).is_some_and(|seam| *seam < finding.range.end)
        };
        found.extend(self.settings.find(&whole).into_iter().filter(crosses));
        if found.is_empty() {
            return Vec::new();
        }
        let replaced = self.session.redact_parts(texts, found, place.raw_json).into_iter().enumerate();
        replaced.filter_map(|(index, text)| Some((index, text?))).collect()
    }

    fn media(&mut self, media: Media) {
        let is_refused = self.settings.refuses(media);
        observe::media(media.as_str(), is_refused);
        if is_refused {
            self.refused.get_or_insert(media);
        }
    }
}
