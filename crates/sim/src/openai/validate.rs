//! The checks that the real API makes before it asks a model.

use serde_json::Value;

use super::error::invalid;
use crate::look::Look;
use crate::reply::Reply;

pub(super) fn chat(body: &Value) -> Result<(), Reply> {
    messages(body)?;
    tools(body)?;
    range(body, "temperature", 0.0, 2.0)?;
    range(body, "top_p", 0.0, 1.0)?;
    range(body, "presence_penalty", -2.0, 2.0)?;
    range(body, "frequency_penalty", -2.0, 2.0)?;
    range(body, "n", 1.0, 128.0)?;
    for name in ["max_tokens", "max_completion_tokens"] {
        range(body, name, 1.0, f64::MAX)?;
    }
    stream_options(body)?;
    let logprobs = body["logprobs"].as_bool().unwrap_or(false);
    if !body["top_logprobs"].is_null() && !logprobs {
        let message = "Invalid value for 'top_logprobs': 'top_logprobs' is only allowed when 'logprobs' is enabled.";
        return Err(invalid(message, Some("top_logprobs"), None));
    }
    if body["stop"].as_array().is_some_and(|stops| stops.len() > 4) {
        let message = "Invalid 'stop': array too long. Expected an array with maximum length 4.";
        return Err(invalid(message, Some("stop"), Some("array_above_max_length")));
    }
    response_format(body)
}

pub(super) fn stream_options(body: &Value) -> Result<(), Reply> {
    if !body["stream_options"].is_null() && body["stream"] != Value::Bool(true) {
        let message = "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
        return Err(invalid(message, Some("stream_options"), None));
    }
    Ok(())
}

fn messages(body: &Value) -> Result<(), Reply> {
    let messages = match &body["messages"] {
        Value::Null => {
            let code = Some("missing_required_parameter");
            return Err(invalid("Missing required parameter: 'messages'.", Some("messages"), code));
        }
        Value::Array(messages) if messages.is_empty() => {
            let message = "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty \
                           array instead.";
            return Err(invalid(message, Some("messages"), Some("empty_array")));
        }
        Value::Array(messages) => messages,
        _ => {
            let message = "Invalid type for 'messages': expected an array of objects.";
            return Err(invalid(message, Some("messages"), Some("invalid_type")));
        }
    };
    let mut open: Vec<&str> = Vec::new();
    for (at, message) in messages.iter().enumerate() {
        let role = message["role"].as_str().unwrap_or_default();
        if !["system", "developer", "user", "assistant", "tool", "function"].contains(&role) {
            let text = format!(
                "Invalid value: '{role}'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', \
                 and 'developer'."
            );
            return Err(invalid(&text, Some(&format!("messages[{at}].role")), Some("invalid_value")));
        }
        if role == "tool" {
            let id = message["tool_call_id"].as_str().unwrap_or_default();
            let Some(found) = open.iter().position(|known| *known == id) else {
                let text = "Invalid parameter: messages with role 'tool' must be a response to a preceeding message \
                            with 'tool_calls'.";
                return Err(invalid(text, Some(&format!("messages.[{at}].role")), None));
            };
            open.swap_remove(found);
            continue;
        }
        unanswered(&open)?;
        let calls = message["tool_calls"].as_array().map_or(&[][..], Vec::as_slice);
        open = calls.iter().filter_map(|call| call["id"].as_str()).collect();
        content(at, role, message, !calls.is_empty() || message["function_call"].is_object())?;
    }
    unanswered(&open)
}

fn unanswered(open: &[&str]) -> Result<(), Reply> {
    if open.is_empty() {
        return Ok(());
    }
    let text = format!(
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each \
         'tool_call_id'. The following tool_call_ids did not have response messages: {}",
        open.join(", ")
    );
    Err(invalid(&text, Some("messages"), None))
}

fn content(at: usize, role: &str, message: &Value, calls: bool) -> Result<(), Reply> {
    let param = format!("messages[{at}].content");
    match &message["content"] {
        Value::String(_) => Ok(()),
        Value::Null
            if role == "assistant" && (calls || message["refusal"].is_string() || message["audio"].is_object()) =>
        {
            Ok(())
        }
        Value::Null if role == "function" => Ok(()),
        Value::Null => {
            let text = format!("Invalid value for 'content': expected a string, got null. Parameter: {param}.");
            Err(invalid(&text, Some(&param), None))
        }
        Value::Array(parts) => {
            for part in parts {
                let kind = part["type"].as_str().unwrap_or_default();
                if !["text", "image_url", "input_audio", "file", "refusal"].contains(&kind) {
                    let text = format!(
                        "Invalid value: '{kind}'. Supported values are: 'text', 'image_url', 'input_audio', \
                         'refusal', and 'file'."
                    );
                    return Err(invalid(&text, Some(&param), Some("invalid_value")));
                }
            }
            Ok(())
        }
        _ => {
            let text = format!("Invalid type for '{param}': expected one of a string or array of objects.");
            Err(invalid(&text, Some(&param), Some("invalid_type")))
        }
    }
}

fn tools(body: &Value) -> Result<(), Reply> {
    let tools = body["tools"].as_array().map_or(&[][..], Vec::as_slice);
    for (at, tool) in tools.iter().enumerate() {
        let kind = if tool["type"] == "custom" { "custom" } else { "function" };
        let name = tool[kind].at("/name").as_str().unwrap_or_default();
        let legal = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if name.is_empty() || name.len() > 64 || !name.chars().all(legal) {
            let param = format!("tools[{at}].{kind}.name");
            let text = format!(
                "Invalid '{param}': string does not match pattern. Expected a string that matches the pattern \
                 '^[a-zA-Z0-9_-]+$'."
            );
            return Err(invalid(&text, Some(&param), Some("invalid_value")));
        }
    }
    let choice = &body["tool_choice"];
    if choice.is_null() {
        return Ok(());
    }
    if tools.is_empty() && choice != "none" {
        return Err(invalid("'tool_choice' is only allowed when 'tools' are specified.", Some("tool_choice"), None));
    }
    if let Some(text) = choice.as_str().filter(|text| !["none", "auto", "required"].contains(text)) {
        let text = format!("Invalid value: '{text}'. Supported values are: 'none', 'auto', and 'required'.");
        return Err(invalid(&text, Some("tool_choice"), Some("invalid_value")));
    }
    for kind in ["function", "custom"] {
        let named = choice[kind].at("/name").as_str();
        if named.is_some_and(|name| !tools.iter().any(|tool| tool[kind].at("/name") == name)) {
            return Err(invalid("Tool choice 'function' not found in 'tools' parameter.", Some("tool_choice"), None));
        }
    }
    Ok(())
}

fn range(body: &Value, name: &str, low: f64, high: f64) -> Result<(), Reply> {
    let value = match &body[name] {
        Value::Null => return Ok(()),
        value => value.as_f64(),
    };
    let Some(value) = value else {
        let text = format!("Invalid type for '{name}': expected a number.");
        return Err(invalid(&text, Some(name), Some("invalid_type")));
    };
    if value < low {
        let text = format!(
            "Invalid '{name}': decimal below minimum value. Expected a value >= {low}, but got {value} instead."
        );
        return Err(invalid(&text, Some(name), Some("decimal_below_min_value")));
    }
    if value > high {
        let text = format!(
            "Invalid '{name}': decimal above maximum value. Expected a value <= {high}, but got {value} instead."
        );
        return Err(invalid(&text, Some(name), Some("decimal_above_max_value")));
    }
    Ok(())
}

fn response_format(body: &Value) -> Result<(), Reply> {
    let format = &body["response_format"];
    let param = Some("response_format");
    match format["type"].as_str() {
        None if format.is_null() => Ok(()),
        Some("text") => Ok(()),
        Some("json_object") => {
            if body["messages"].to_string().to_ascii_lowercase().contains("json") {
                return Ok(());
            }
            let text =
                "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.";
            Err(invalid(text, Some("messages"), None))
        }
        Some("json_schema") if format.at("/json_schema/name").is_string() => Ok(()),
        Some("json_schema") => {
            let param = Some("response_format.json_schema.name");
            let text = "Missing required parameter: 'response_format.json_schema.name'.";
            Err(invalid(text, param, Some("missing_required_parameter")))
        }
        _ => {
            let text = "Invalid value for 'response_format.type'. Supported values are: 'json_object', 'json_schema', and 'text'.";
            Err(invalid(text, param, Some("invalid_value")))
        }
    }
}
