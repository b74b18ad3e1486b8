use llm_layers_wire::json::Object;

/// The most tokens that an answer may have, as the request asks: each of its `n` answers up to the bound.
///
/// `None` where the request sets no bound.
///
/// ```
/// use llm_layers_tokens::output_bound;
/// use llm_layers_wire::json::Object;
///
/// let call = Object::parse(r#"{"max_tokens":100,"n":2}"#)?;
/// assert_eq!(output_bound(&call), Some(200));
/// # Ok::<(), llm_layers_wire::json::Error>(())
/// ```
#[must_use]
pub fn output_bound(object: &Object) -> Option<u64> {
    // The older name counts only where the newer one is not there, as OpenAI has it.
    const BOUNDS: [&str; 3] = ["max_completion_tokens", "max_tokens", "max_output_tokens"];
    let number = |member: &str| object.read::<u64>(member).ok().flatten();
    let bound = BOUNDS.into_iter().find_map(number)?;
    Some(bound.saturating_mul(number("n").unwrap_or(1).max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_is_what_the_request_asks() {
        for (body, bound) in [
            ("{}", None),
            (r#"{"max_tokens":null}"#, None),
            (r#"{"max_tokens":"9"}"#, None),
            (r#"{"max_tokens":-9}"#, None),
            (r#"{"max_tokens":9}"#, Some(9)),
            (r#"{"max_output_tokens":7}"#, Some(7)),
            (r#"{"max_completion_tokens":5,"max_tokens":9,"n":3}"#, Some(15)),
            (r#"{"max_tokens":9,"n":0}"#, Some(9)),
            (r#"{"max_tokens":18446744073709551615,"n":7}"#, Some(u64::MAX)),
        ] {
            let object = Object::parse(body).unwrap();
            assert_eq!(output_bound(&object), bound, "{body}");
        }
    }
}
