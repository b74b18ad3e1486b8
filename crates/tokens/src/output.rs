use llm_layers_wire::json::Object;

/// The most tokens that an answer may have, as its request asks.
///
/// ```
/// use llm_layers_tokens::OutputBound;
/// use llm_layers_wire::json::Object;
///
/// let bound = OutputBound::of(&Object::parse(r#"{"max_tokens":100,"n":2}"#)?);
/// assert_eq!(bound.total(None), Some(200));
/// assert_eq!(bound.total(Some(40)), Some(80), "no model says more than it can");
/// # Ok::<(), llm_layers_wire::json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OutputBound {
    /// The bound on each text; `None` where the request sets none.
    pub each: Option<u64>,
    /// How many texts are made, and billed.
    pub answers: u64,
}

impl OutputBound {
    /// More answers than any API gives: OpenAI's bound on `n`.
    const MOST: u64 = 128;

    /// What a request asks.
    #[must_use]
    pub fn of(request: &Object) -> Self {
        // The older name counts only where the newer one is not there, as OpenAI has it.
        const BOUNDS: [&str; 3] = ["max_completion_tokens", "max_tokens", "max_output_tokens"];
        let number = |member: &str| request.read::<u64>(member).ok().flatten();
        // Of `best_of` texts the best `n` are shown.
        let answers = number("n").max(number("best_of")).unwrap_or(1);
        Self { each: BOUNDS.into_iter().find_map(number), answers: answers.clamp(1, Self::MOST) }
    }

    /// The bound on all texts together, of a model that says at most `max_output` tokens in one. `None` where nobody
    /// knows of a bound.
    #[must_use]
    pub fn total(self, max_output: Option<u64>) -> Option<u64> {
        let each = self.each.into_iter().chain(max_output).min()?;
        Some(each.saturating_mul(self.answers))
    }
}

/// One answer without a bound.
impl Default for OutputBound {
    fn default() -> Self {
        Self { each: None, answers: 1 }
    }
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
            (r#"{"max_tokens":9,"n":2,"best_of":5}"#, Some(45)),
            (r#"{"max_tokens":9,"n":2,"best_of":1}"#, Some(18)),
            (r#"{"max_tokens":9,"n":18446744073709551615}"#, Some(9 * 128)),
            (r#"{"max_tokens":18446744073709551615,"n":7}"#, Some(u64::MAX)),
        ] {
            let object = Object::parse(body).unwrap();
            assert_eq!(OutputBound::of(&object).total(None), bound, "{body}");
        }
    }

    #[test]
    fn a_models_limit_holds_for_each_answer() {
        let bound = |body: &str| OutputBound::of(&Object::parse(body.to_owned()).unwrap());
        assert_eq!(bound(r#"{"max_tokens":4096,"n":8}"#).total(Some(4096)), Some(8 * 4096));
        assert_eq!(bound(r#"{"max_tokens":9000,"n":8}"#).total(Some(4096)), Some(8 * 4096));
        assert_eq!(bound(r#"{"n":8}"#).total(Some(4096)), Some(8 * 4096));
        assert_eq!(bound(r#"{"n":8}"#).total(None), None);
    }
}
