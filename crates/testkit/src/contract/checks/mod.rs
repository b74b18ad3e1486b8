//! One function a rule.

mod bell;
mod cancel;
mod passing;
mod readiness;
mod trial;

pub(super) use self::{
    cancel::{drop_before_call, drop_body, drop_future},
    passing::{error_passed_on, request_kept, response_kept},
    readiness::{concurrent, readiness_error, readiness_pending, ready_again, ready_before_call},
    trial::Trial,
};

type BoxError = Box<dyn std::error::Error + Send + Sync>;
type Checked = Result<(), super::rule::Breach>;
