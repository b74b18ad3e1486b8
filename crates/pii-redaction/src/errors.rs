//! The answers of calls that are not sent, or whose answers are not handed on.

use http::StatusCode;
use llm_layers_core::{Failure, Rejection};
use llm_layers_wire::openai;

use crate::report::{Found, Report};

/// Something was found that must not leave.
pub(crate) fn blocked(report: &Report) -> Failure {
    let what = kinds(report);
    Failure::bad_request(format!("The request holds what must not leave: {what}. Take it out, and send it again."))
        .with_code("personal_data_blocked")
        .with_rejection(Rejection::Blocked)
}

/// An image, a sound or a file whose text nobody has read.
pub(crate) fn media_blocked(what: &str) -> Failure {
    Failure::bad_request(format!("The request holds {what}, which cannot be searched for personal data."))
        .with_code("personal_data_unsearchable")
        .with_rejection(Rejection::Blocked)
}

/// The model has said something that must not be handed on.
pub(crate) fn answer_blocked(report: &Report) -> Failure {
    let what = kinds(report);
    Failure::bad_gateway(format!("The model's answer holds what must not be handed on: {what}."))
        .with_code("personal_data_in_answer")
}

/// A detector that must be asked has not answered.
pub(crate) fn unavailable() -> Failure {
    let error = openai::Error::new("api_error", "The search for personal data is not available. Nothing was sent.");
    Failure::new(StatusCode::SERVICE_UNAVAILABLE, error)
        .with_code("redaction_unavailable")
        .with_rejection(Rejection::Blocked)
}

/// An answer that cannot be searched, where answers are to be.
pub(crate) fn unreadable_answer() -> Failure {
    Failure::bad_gateway("The provider's answer cannot be searched for personal data.").with_code("unreadable_answer")
}

/// `email (2), credit_card (1)`.
fn kinds(report: &Report) -> String {
    let blocked = report.found.iter().filter(|found| found.action == crate::Action::Block);
    let kinds: Vec<_> = blocked.map(|Found { entity, count, .. }| format!("{entity} ({count})")).collect();
    kinds.join(", ")
}

/// A call with a body in words that nobody here reads.
pub(crate) fn unsearchable_call() -> Failure {
    let message = "This call cannot be searched for personal data, and such calls are not let through here.";
    let error = openai::Error::new("permission_error", message).with_code("personal_data_unsearchable");
    Failure::new(StatusCode::FORBIDDEN, error).with_rejection(Rejection::Blocked)
}

/// A body that nobody could look at to its end.
pub(crate) fn unwalkable() -> Failure {
    Failure::bad_request("The request body cannot be searched for personal data.")
        .with_code("personal_data_unsearchable")
        .with_rejection(Rejection::Blocked)
}
