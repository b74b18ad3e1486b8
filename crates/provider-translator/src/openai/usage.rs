//! Usage as OpenAI counts it: cached tokens are part of the prompt, and reasoning is part of the completion.

use bytes::Bytes;
use llm_layers_wire::json::{Limits, Object};

/// Usage in OpenAI's shape; the same bytes if it is already.
///
/// DeepSeek tells what came from its cache as `prompt_cache_hit_tokens`, Moonshot as `cached_tokens`. xAI leaves reasoning
/// out of `completion_tokens`, which only its total shows. Some count in floats.
pub(super) fn normal(raw: Bytes) -> Bytes {
    let Ok(mut usage) = Object::parse_with(raw.clone(), &Limits::LENIENT) else { return raw };
    for name in ["prompt_tokens", "completion_tokens", "total_tokens"] {
        whole(&mut usage, name);
    }
    let count = |usage: &Object, name: &str| usage.read::<u64>(name).ok().flatten();
    let cached = count(&usage, "prompt_cache_hit_tokens").or_else(|| count(&usage, "cached_tokens"));
    if let Some(cached) = cached {
        add_cached(&mut usage, cached);
    }
    let (prompt, completion) = (count(&usage, "prompt_tokens"), count(&usage, "completion_tokens"));
    let (Some(prompt), Some(completion)) = (prompt, completion) else { return usage.to_bytes() };
    let sum = prompt.saturating_add(completion);
    match (count(&usage, "total_tokens"), reasoning(&usage)) {
        (None, _) => usage.set("total_tokens", &sum),
        (Some(total), Some(thought)) if thought > 0 && sum.checked_add(thought) == Some(total) => {
            usage.set("completion_tokens", &completion.saturating_add(thought));
        }
        _ => {}
    }
    usage.to_bytes()
}

/// A count that is written as a float.
fn whole(usage: &mut Object, name: &str) {
    let is_float = usage.get(name).is_some_and(|raw| raw.iter().any(|byte| matches!(byte, b'.' | b'e' | b'E')));
    if !is_float {
        return;
    }
    if let Ok(Some(number)) = usage.read::<f64>(name) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of a float saturates")]
        let rounded = number.round() as u64;
        usage.set(name, &rounded);
    }
}

fn reasoning(usage: &Object) -> Option<u64> {
    let details = Object::parse_with(usage.get_bytes("completion_tokens_details")?, &Limits::LENIENT).ok()?;
    details.read("reasoning_tokens").ok().flatten()
}

fn add_cached(usage: &mut Object, cached: u64) {
    let details = usage.get_bytes("prompt_tokens_details").filter(|details| details.starts_with(b"{"));
    let mut details = details.and_then(|raw| Object::parse_with(raw, &Limits::LENIENT).ok()).unwrap_or_default();
    if details.read::<u64>("cached_tokens").ok().flatten().is_none() {
        details.set("cached_tokens", &cached);
        let _ = usage.set_raw("prompt_tokens_details", details.to_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_of_counting_becomes_openais() {
        for (theirs, ours) in [
            (
                r#"{"prompt_tokens": 1,"completion_tokens":2,"total_tokens":3,"x":[1.0]}"#,
                r#"{"prompt_tokens": 1,"completion_tokens":2,"total_tokens":3,"x":[1.0]}"#,
            ),
            (
                r#"{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11,"prompt_cache_hit_tokens":8,"prompt_cache_miss_tokens":1}"#,
                r#"{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11,"prompt_cache_hit_tokens":8,"prompt_cache_miss_tokens":1,"prompt_tokens_details":{"cached_tokens":8}}"#,
            ),
            (
                r#"{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11,"cached_tokens":4,"prompt_tokens_details":{"audio_tokens":0}}"#,
                r#"{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11,"cached_tokens":4,"prompt_tokens_details":{"audio_tokens":0,"cached_tokens":4}}"#,
            ),
            (
                r#"{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11,"cached_tokens":4,"prompt_tokens_details":{"cached_tokens":5}}"#,
                r#"{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11,"cached_tokens":4,"prompt_tokens_details":{"cached_tokens":5}}"#,
            ),
            (
                r#"{"prompt_tokens":9,"completion_tokens":2,"total_tokens":16,"completion_tokens_details":{"reasoning_tokens":5}}"#,
                r#"{"prompt_tokens":9,"completion_tokens":7,"total_tokens":16,"completion_tokens_details":{"reasoning_tokens":5}}"#,
            ),
            (
                r#"{"prompt_tokens":9,"completion_tokens":7,"total_tokens":16,"completion_tokens_details":{"reasoning_tokens":5}}"#,
                r#"{"prompt_tokens":9,"completion_tokens":7,"total_tokens":16,"completion_tokens_details":{"reasoning_tokens":5}}"#,
            ),
            (
                r#"{"prompt_tokens":9.0,"completion_tokens":2e0}"#,
                r#"{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}"#,
            ),
            (r#"{"prompt_tokens":9}"#, r#"{"prompt_tokens":9}"#),
            ("3", "3"),
        ] {
            assert_eq!(normal(Bytes::from(theirs)), ours, "{theirs}");
        }
    }
}
