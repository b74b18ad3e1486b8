//! The rules, as a judge of what leaves.

use llm_layers_wire::json::Object;
use serde_json::Value;

/// Holds what leaves to the rules of OpenAI's streams.
pub(super) fn obeys(include_usage: bool, events: &[String]) -> Result<(), String> {
    struct Seen {
        index: u64,
        finished: bool,
        calls: u64,
    }
    let (last, events) = events.split_last().ok_or("no events at all")?;
    let done = last == "[DONE]";
    if !done && Object::parse(last.clone()).map_or(true, |last| !last.contains("error")) {
        return Err(format!("the last event is neither the end nor an error: {last}"));
    }
    let mut seen: Vec<Seen> = Vec::new();
    let mut used = false;
    let mut constant = None;
    for event in events {
        let broken = |rule: &str| Err(format!("{rule}: {event}"));
        let Ok(value) = serde_json::from_str::<Value>(event) else { return broken("no JSON") };
        if !value["error"].is_null() {
            return broken("an error before the end");
        }
        if ["id", "object", "created"].iter().any(|name| matches!(&value[name], Value::Null) || value[name] == "") {
            return broken("a member is missing");
        }
        let frame = ["id", "object", "created"].map(|name| value[name].clone());
        if *constant.get_or_insert_with(|| frame.clone()) != frame || value["model"].is_null() {
            return broken("what is constant has changed");
        }
        let Some(choices) = value["choices"].as_array() else { return broken("no choices") };
        match &value["usage"] {
            Value::Null if include_usage || value.get("usage").is_none() => {}
            Value::Object(_) if include_usage && choices.is_empty() && !used && done => used = true,
            _ => return broken("usage"),
        }
        if used && !choices.is_empty() {
            return broken("a chunk behind the usage");
        }
        for choice in choices {
            let Some(index) = choice["index"].as_u64() else { return broken("no index") };
            let Some(delta) = choice["delta"].as_object() else { return broken("no delta") };
            if delta.get("content").is_some_and(Value::is_array) || choice.get("message").is_some() {
                return broken("what is said");
            }
            let role = delta.get("role").is_some();
            let at = seen.iter().position(|seen| seen.index == index);
            if role != at.is_none() {
                return broken("the role comes first, and once");
            }
            if role && delta["role"] != "assistant" {
                return broken("no role");
            }
            let at = at.unwrap_or_else(|| {
                seen.push(Seen { index, finished: false, calls: 0 });
                seen.len() - 1
            });
            let seen = &mut seen[at];
            match choice.get("finish_reason") {
                Some(Value::Null) => {}
                Some(Value::String(reason)) if !reason.is_empty() && !seen.finished => seen.finished = true,
                _ => return broken("finish_reason"),
            }
            for call in delta.get("tool_calls").and_then(Value::as_array).into_iter().flatten() {
                let index = call["index"].as_u64();
                if index == Some(seen.calls) {
                    if call["id"].as_str().is_none_or(str::is_empty) || call["type"] != "function" {
                        return broken("a call opens with id and type");
                    }
                    seen.calls += 1;
                } else if index.is_none_or(|index| index > seen.calls) {
                    return broken("indexes of calls are dense");
                } else if ["id", "type"].iter().any(|once| call.get(once).is_some())
                    || call["function"].get("name").is_some()
                {
                    return broken("said twice");
                }
                if call.get("function").is_some_and(|function| !function["arguments"].is_string()) {
                    return broken("arguments");
                }
            }
        }
    }
    if done && (seen.is_empty() || seen.iter().any(|seen| !seen.finished)) {
        return Err("the end came before a finish".into());
    }
    Ok(())
}
