//! The answers of calls that are not sent, or whose answers are not handed on.

use std::fmt::Write as _;

use llm_layers_core::{Failure, FailureKind, cut};
use llm_layers_wire::openai;
use serde_json::{Value, json};

use crate::{Fault, Reason, schemas::SchemaError};

/// The most faults that a message names; the list beside it names more.
const NAMED: usize = 4;
/// The most faults that are listed.
const LISTED: usize = 32;
/// Expectations come from the client's schema, which may be of any length.
const LONGEST: usize = 512;

/// The model's calls, or its JSON, are not what was asked for.
pub(crate) fn invalid(faults: &[Fault]) -> Failure {
    let (what, code) = if faults.iter().any(is_of_a_call) {
        ("tool calls are", "invalid_tool_call")
    } else {
        ("structured output is", "invalid_structured_output")
    };
    let mut message = format!("The model's {what} not what the request asks for");
    for (index, fault) in faults.iter().take(NAMED).enumerate() {
        // Into a `String`, which takes everything.
        let _ = write!(message, "{} {}", if index == 0 { ":" } else { ";" }, cut(&fault.to_string(), LONGEST));
    }
    match faults.len().saturating_sub(NAMED) {
        0 => message.push('.'),
        more => _ = write!(message, "; and {more} more."),
    }
    let listed: Vec<_> = faults.iter().take(LISTED).map(listed).collect();
    let error = openai::Error::new("api_error", message).with_code(code).with("errors", listed);
    let kind = FailureKind::Malformed;
    Failure::new(kind.status(), error).with_kind(kind)
}

fn is_of_a_call(fault: &Fault) -> bool {
    fault.tool.is_some() || matches!(fault.reason, Reason::MissingCall | Reason::ParallelCalls)
}

fn listed(fault: &Fault) -> Value {
    let Fault { choice, tool, reason, path, message } = fault;
    let (path, message) = (cut(path, LONGEST), cut(message, LONGEST));
    json!({"choice": choice, "tool": tool, "path": path, "reason": reason.as_str(), "message": message})
}

/// An answer that cannot be read.
pub(crate) fn unreadable_answer() -> Failure {
    Failure::bad_gateway("The provider's answer cannot be read, so its tool calls cannot be checked.")
        .with_code("unreadable_answer")
        .with_kind(FailureKind::Malformed)
}

/// The schema of a tool cannot be used. `param` is where it stands in the request.
pub(crate) fn invalid_parameters(tool: &str, error: &SchemaError, param: &str) -> Box<Failure> {
    let message = format!("Invalid schema for function `{}`: {}", cut(tool, 128), told(error));
    Box::new(Failure::bad_request(message).with_code("invalid_function_parameters").with_param(param))
}

/// The schema of the text cannot be used.
pub(crate) fn invalid_format(error: &SchemaError, param: &str) -> Box<Failure> {
    let message = format!("Invalid schema for the format of the answer: {}", told(error));
    Box::new(Failure::bad_request(message).with_code("invalid_json_schema").with_param(param))
}

/// Two tools of one name: nobody can tell which of them is called. `param` is a member of the second.
pub(crate) fn namesakes(tool: &str, param: &str) -> Box<Failure> {
    let message = format!("There are two tools of the name `{}`.", cut(tool, 128));
    let param = param.rsplit_once('.').map_or(param, |(tool, _)| tool);
    Box::new(Failure::bad_request(message).with_code("duplicate_tool_name").with_param(format!("{param}.name")))
}

fn told(error: &SchemaError) -> String {
    let told = error.to_string();
    let told = cut(&told, LONGEST);
    if told.ends_with('.') { told.into() } else { format!("{told}.") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(tool: Option<&str>, reason: Reason, path: &str, message: &str) -> Fault {
        Fault { choice: 0, tool: tool.map(Into::into), reason, path: path.into(), message: message.into() }
    }

    #[test]
    fn the_message_and_the_list_name_tools_places_and_expectations() {
        let faults = [
            fault(Some("get_weather"), Reason::Required, "/city", "is required"),
            fault(None, Reason::MissingCall, "", "a tool must be called"),
        ];
        let failure = invalid(&faults);
        assert_eq!((failure.status().as_u16(), failure.rejection()), (502, None));
        let error = failure.error();
        assert_eq!((&*error.kind, error.code.as_deref()), ("api_error", Some("invalid_tool_call")));
        assert_eq!(
            error.message,
            "The model's tool calls are not what the request asks for: `get_weather` at /city: is required; the answer: \
             a tool must be called."
        );
        assert_eq!(
            error.more["errors"],
            json!([
                {"choice": 0, "tool": "get_weather", "path": "/city", "reason": "required", "message": "is required"},
                {"choice": 0, "tool": null, "path": "", "reason": "missing_call", "message": "a tool must be called"},
            ])
        );
    }

    #[test]
    fn the_code_tells_calls_from_text() {
        let code = |faults: &[Fault]| invalid(faults).error().code.clone().unwrap();
        assert_eq!(code(&[fault(None, Reason::NotJson, "", "")]), "invalid_structured_output");
        assert_eq!(code(&[fault(None, Reason::ParallelCalls, "", "")]), "invalid_tool_call");
        assert_eq!(
            code(&[fault(None, Reason::Type, "", ""), fault(Some("f"), Reason::Type, "", "")]),
            "invalid_tool_call"
        );
    }

    #[test]
    fn however_many_and_long_they_are_the_error_is_short() {
        let many = vec![fault(Some("f"), Reason::Schema, &"/é".repeat(9_000), &"€".repeat(9_000)); 1_000];
        let failure = invalid(&many);
        assert!(failure.error().message.ends_with("; and 996 more."), "{}", failure.error().message);
        assert!(failure.error().to_bytes().len() < 64_000);
        let error = SchemaError { path: "/a".repeat(9_000), message: "b".into() };
        assert!(invalid_parameters(&"n".repeat(9_000), &error, "p").error().message.len() < 800);
    }

    #[test]
    fn schemas_that_cannot_be_used_are_named() {
        let error = SchemaError { path: "/properties/a".into(), message: "no such type".into() };
        let failure = invalid_parameters("f", &error, "tools[0].function.parameters");
        assert_eq!(failure.error().message, "Invalid schema for function `f`: /properties/a: no such type.");
        assert_eq!(failure.error().param.as_deref(), Some("tools[0].function.parameters"));
        for (param, expected) in [
            ("tools[1].function.parameters", "tools[1].function.name"),
            ("tools[1].custom.name", "tools[1].custom.name"),
            ("tools[1].parameters", "tools[1].name"),
            ("tools.1.input_schema", "tools.1.name"),
        ] {
            assert_eq!(namesakes("f", param).error().param.as_deref(), Some(expected));
        }
    }
}
