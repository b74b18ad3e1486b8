use llm_layers_pii::Text;

use crate::{Escape, Restorer, Session, call::Call, places::Place};

/// A whole text of an answer as it is to be: searched, if answers are, and with its values put back. `None` where nothing
/// changes.
pub(super) fn put_right(
    call: &Call,
    session: &mut Session,
    restorer: &Restorer,
    text: &Text<'_>,
    place: Place,
) -> Option<String> {
    let mut searched = None;
    if call.searches_answers() {
        let mut found = call.settings.find(text);
        if place.sealed {
            call.settings.answer_rules.retain_unchanged(&mut found);
        }
        if !found.is_empty() {
            searched = session.redact(text, found, place.raw_json);
        }
    }
    let escape = if place.raw_json { Escape::Json } else { Escape::None };
    restorer.restore(searched.as_deref().unwrap_or(text.text), escape).or(searched)
}
