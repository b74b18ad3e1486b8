//! Azure OpenAI: where its models are, and what its versions know.
//!
//! Sources: the Azure client of OpenAI's Python SDK 3.52.0 (which operations have a deployment in their path), Portkey
//! 669825c (from which version on a member is known), and learn.microsoft.com's page on the life cycle of its versions,
//! read on 2026-11-21.

use llm_layers_core::Operation;

use super::quirks::{Answers, Quirks, StreamOptions, TokenCap};
use crate::segment::segment;

/// The path that has neither dates nor deployments: OpenAI's own, and as new.
pub(crate) const V1: &Quirks = &Quirks {
    stream_options: StreamOptions::Usage,
    token_cap: TokenCap::NewOfThinkers,
    key_header: Some("api-key"),
    answers: Answers::OpenAi,
    ..Quirks::NONE
};

/// All dated versions.
const DATED: &Quirks = &Quirks { unsupported: &["service_tier"], ..*V1 };

const BEFORE_2024_12: &Quirks =
    &Quirks { no_developer: true, unsupported: &["service_tier", "reasoning_effort", "store", "metadata"], ..*DATED };

const BEFORE_2024_09: &Quirks =
    &Quirks { token_cap: TokenCap::Old, stream_options: StreamOptions::Unknown, ..*BEFORE_2024_12 };

const BEFORE_2024_08: &Quirks = &Quirks {
    unsupported: &["service_tier", "reasoning_effort", "store", "metadata", "parallel_tool_calls"],
    ..*BEFORE_2024_09
};

/// What a dated version, `2024-10-21` or `2025-04-01-preview` say, does not know yet.
pub(crate) fn quirks(version: &str) -> &'static Quirks {
    // Dates in this order compare as texts do.
    match version {
        version if version < "2024-08-01" => BEFORE_2024_08,
        version if version < "2024-09-01" => BEFORE_2024_09,
        version if version < "2024-12-01" => BEFORE_2024_12,
        _ => DATED,
    }
}

/// The path of a deployment below `/openai`; `None` of an operation that has none.
pub(crate) fn path(operation: Operation, name: &str, deployment: &str) -> Option<String> {
    matches!(operation, Operation::ChatCompletion | Operation::Completion | Operation::Embedding)
        .then(|| format!("/deployments/{}{name}", segment(deployment)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_segment() {
        assert_eq!(segment("gpt-4.1_mini").to_string(), "gpt-4.1_mini");
        assert_eq!(segment("a/b?c#d e%ü").to_string(), "a%2Fb%3Fc%23d%20e%25%C3%BC");
        assert_eq!(segment("..").to_string(), "%2E%2E");
    }

    #[test]
    fn versions_know_what_came_before_them() {
        for (version, stream_options, developer) in [
            ("2024-02-01", false, false),
            ("2024-08-01-preview", false, false),
            ("2024-10-21", true, false),
            ("2024-12-01-preview", true, true),
            ("2025-04-01-preview", true, true),
        ] {
            let quirks = quirks(version);
            assert_eq!(quirks.stream_options == StreamOptions::Usage, stream_options, "{version}");
            assert_eq!(!quirks.no_developer, developer, "{version}");
        }
    }
}
