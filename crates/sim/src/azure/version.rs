//! `api-version`, and which members of a chat request the versions know.

use serde_json::Value;

use super::error;
use crate::reply::Reply;

/// Date versions that are served (previews come with a suffix).
const DATES: [&str; 14] = [
    "2023-05-15",
    "2024-02-01",
    "2024-05-01-preview",
    "2024-06-01",
    "2024-07-01-preview",
    "2024-08-01-preview",
    "2024-09-01-preview",
    "2024-10-01-preview",
    "2024-10-21",
    "2024-12-01-preview",
    "2025-01-01-preview",
    "2025-02-01-preview",
    "2025-03-01-preview",
    "2025-04-01-preview",
];

/// Members, and the date from which on they are known.
const SINCE: [(&str, &str); 5] = [
    ("parallel_tool_calls", "2024-08-01"),
    ("stream_options", "2024-09-01"),
    ("max_completion_tokens", "2024-09-01"),
    ("reasoning_effort", "2024-12-01"),
    ("service_tier", "9999-12-31"),
];
const DEVELOPER_ROLE_SINCE: &str = "2024-12-01";

/// A version is asked for on all paths but those of `v1`.
pub(super) fn check(query: Option<&str>, is_v1: bool, body: Option<&Value>) -> Result<(), Reply> {
    let pairs = query.unwrap_or_default().split('&');
    let given = pairs.filter_map(|pair| pair.strip_prefix("api-version=")).next();
    match given {
        None if is_v1 => Ok(()),
        Some("preview" | "latest" | "v1") if is_v1 => Ok(()),
        None => Err(error::no_path()),
        Some(version) if DATES.contains(&version) && !is_v1 => known(version, body.unwrap_or(&Value::Null)),
        Some(_) => Err(error::no_version()),
    }
}

fn known(version: &str, body: &Value) -> Result<(), Reply> {
    // Dates of this form are in the order of their letters, and a preview comes behind its date.
    let too_new = SINCE.iter().find(|(name, since)| version < *since && body.get(*name).is_some());
    if let Some((name, _)) = too_new {
        return Err(error::unknown_argument(name));
    }
    let mut messages = body["messages"].as_array().into_iter().flatten();
    if version < DEVELOPER_ROLE_SINCE && messages.any(|message| message["role"] == "developer") {
        let text = "Invalid value: 'developer'. Supported values are: 'system', 'assistant', 'user', 'function', and \
                    'tool'.";
        return Err(crate::openai::error::invalid(text, Some("messages[0].role"), Some("invalid_value")));
    }
    Ok(())
}
