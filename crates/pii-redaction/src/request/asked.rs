use futures_util::future::try_join_all;
use llm_layers_core::Failure;
use llm_layers_pii::{Finding, Text};
use llm_layers_wire::json::Object;
use zeroize::Zeroizing;

use crate::{
    call::Call,
    errors, observe,
    places::{self, Place, Visit},
};

/// What external detectors have found, text by text in the order in which these are visited.
#[derive(Default)]
pub(super) struct Asked {
    texts: std::vec::IntoIter<Vec<Finding>>,
}

impl Asked {
    /// Adds what was found in the next text, which stands so far behind the beginning.
    pub(super) fn next(&mut self, found: &mut Vec<Finding>, start: usize) {
        found.extend(self.texts.next().unwrap_or_default().into_iter().map(|finding| finding.shifted(start)));
    }
}

/// Asks the external detectors, all of them at once and once for all texts.
///
/// # Errors
/// One that must answer has not.
pub(super) async fn ask(call: &Call, object: &mut Object) -> Result<Asked, Failure> {
    let external = &call.settings.external;
    if external.is_empty() {
        return Ok(Asked::default());
    }
    let mut collected = Collected::default();
    places::request(call.shape, object, &mut collected).map_err(|_| errors::unwalkable())?;
    let texts: Vec<_> = collected.0.iter().map(|(text, member)| Text { text, member }).collect();
    let ask = external.iter().map(|detector| {
        let texts = &texts;
        async move {
            let found = detector.find(texts).await.map_err(|error| {
                observe::detector_failed(detector.name(), true, &error);
                errors::unavailable()
            })?;
            if let Some(error) = &found.failure {
                observe::detector_failed(detector.name(), false, error);
            }
            Ok::<_, Failure>(found.findings)
        }
    });
    let mut all: Vec<Vec<Finding>> = vec![Vec::new(); texts.len()];
    for findings in try_join_all(ask).await? {
        for (all, found) in all.iter_mut().zip(findings) {
            all.extend(found);
        }
    }
    Ok(Asked { texts: all.into_iter() })
}

/// The texts of a request, with the members that they are values of.
#[derive(Default)]
struct Collected(Vec<(Zeroizing<String>, String)>);

impl Visit for Collected {
    fn text(&mut self, text: &Text<'_>, _: Place) -> Option<String> {
        self.0.push((Zeroizing::new(text.text.to_owned()), text.member.to_owned()));
        None
    }
}
