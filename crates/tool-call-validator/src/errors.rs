//! The answers of calls that are not sent, or whose answers are not handed on.

use llm_layers_core::{Failure, FailureKind};

use crate::Fault;

/// The model's calls, or its JSON, are not what was asked for.
pub(crate) fn invalid(faults: &[Fault]) -> Failure {
    let is_call = faults.iter().any(|fault| fault.tool.is_some());
    let code = if is_call { "invalid_tool_call" } else { "invalid_structured_output" };
    Failure::bad_gateway("The model's answer is not what was asked for.").with_code(code).with_kind(FailureKind::Malformed)
}

/// An answer that cannot be read.
pub(crate) fn unreadable_answer() -> Failure {
    Failure::bad_gateway("The provider's answer cannot be read, so its tool calls cannot be checked.")
        .with_code("unreadable_answer")
        .with_kind(FailureKind::Malformed)
}
