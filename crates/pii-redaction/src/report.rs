use std::{fmt, sync::Arc};

use http::HeaderValue;
use llm_layers_core::{Caller, Operation};
use llm_layers_pii::Entity;

use crate::{Action, Session, Style, placeholder::name_of};

/// What was found in a call, and what was done about it: kinds and counts, and no values.
///
/// An [audit hook](crate::RedactLayer::audit) is given one for each call in which anything was found, and one for each
/// answer; the answer to the client carries that of its request as an extension.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// What was asked; `None` for a call that is no operation and was searched all the same.
    pub operation: Option<Operation>,
    /// Who asked, where a layer above has said so.
    pub caller: Option<Caller>,
    /// In which direction the text went.
    pub direction: Direction,
    /// What was found, by kind, in the order of first occurrence.
    pub found: Arc<[Found]>,
}

/// The direction of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Direction {
    /// From the client to the model.
    Request,
    /// From the model to the client.
    Answer,
}

/// One kind of what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Found {
    /// The kind.
    pub entity: Entity,
    /// What was done.
    pub action: Action,
    /// How often it occurred.
    pub count: u64,
}

impl Direction {
    /// A short name, for metrics and spans.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Answer => "answer",
        }
    }
}

impl Report {
    /// Whether anything was found because of which the call, or its answer, was refused.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.found.iter().any(|found| found.action == Action::Block)
    }

    /// As `x-llm-redacted` has it: `email=2,credit_card=1`. Names are spelled as in placeholders, but in lower case: whatever
    /// a kind is called, it is text that a header may hold, and no second entry.
    pub(crate) fn to_header(&self) -> Option<HeaderValue> {
        let style = Style::default().lower_case();
        let entries = self.found.iter().map(|found| format!("{}={}", name_of(&found.entity, &style), found.count));
        HeaderValue::from_str(&entries.collect::<Vec<_>>().join(",")).ok()
    }
}

/// `email=2,credit_card=1`: kinds and counts.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Found { entity, count, .. }) in self.found.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{entity}={count}")?;
        }
        Ok(())
    }
}

/// What a session has found; nothing if it has found nothing.
pub(crate) fn of(
    session: &Session,
    operation: Option<Operation>,
    caller: Option<Caller>,
    direction: Direction,
) -> Option<Report> {
    let found =
        session.counts().map(|(entity, action, count)| Found { entity: entity.clone(), action: action.clone(), count });
    let found: Arc<[Found]> = found.collect();
    (!found.is_empty()).then_some(Report { operation, caller, direction, found })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_names_every_kind_whatever_it_is_called() {
        let found = |entity: &'static str| Found { entity: Entity::new(entity), action: Action::Mask, count: 1 };
        let names = ["email", "us_ssn", "Kundennr. \u{e4}", "a=1,b", "\u{540d}", "a\r\nset-cookie: b"];
        let report = Report {
            operation: Some(Operation::ChatCompletion),
            caller: None,
            direction: Direction::Request,
            found: names.map(found).into(),
        };
        assert_eq!(report.to_header().unwrap(), "email=1,us_ssn=1,kundennr=1,a_1_b=1,value=1,a_set_cookie_b=1");
    }
}
