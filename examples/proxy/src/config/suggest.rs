//! "Did you mean …?": the nearest of the names that would have been right.

/// The name that was probably meant, if one of `allowed` is near enough to `given`.
pub(super) fn nearest<'n>(given: &str, allowed: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let given = normal(given);
    // A third of the letters may be wrong: `modle` finds `model`, `region` does not find `reason`.
    let limit = (given.chars().count() / 3).clamp(1, 3);
    allowed
        .into_iter()
        .filter_map(|name| Some((distance(&given, &normal(name), limit)?, name)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Help for a name that is not among `allowed`: the nearest, or else all of them.
pub(super) fn help<'n>(given: &str, allowed: impl IntoIterator<Item = &'n str> + Clone) -> String {
    if let Some(name) = nearest(given, allowed.clone()) {
        return format!("did you mean `{name}`?");
    }
    let names: Vec<String> = allowed.into_iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [] => "there is none to choose from".to_owned(),
        [only] => format!("the only choice is {only}"),
        names => format!("expected one of {}", names.join(", ")),
    }
}

/// How far apart two names are; a whole word of the right name counts as a near miss (`url`, `key`).
fn distance(given: &str, name: &str, limit: usize) -> Option<usize> {
    let letters = strsim::damerau_levenshtein(given, name);
    if letters <= limit && letters < name.chars().count() {
        return Some(letters);
    }
    let is_word = given.len() >= 3 && name.split('_').any(|word| word == given);
    is_word.then_some(limit + 1)
}

fn normal(name: &str) -> String {
    name.to_lowercase().replace(['-', ' '], "_")
}

#[cfg(test)]
mod tests {
    use super::{help, nearest};

    const NAMES: [&str; 4] = ["api_key", "base_url", "dialect", "timeout"];

    #[test]
    fn finds_what_was_meant() {
        for (given, meant) in [
            ("base_ulr", "base_url"),
            ("baseurl", "base_url"),
            ("base-url", "base_url"),
            ("url", "base_url"),
            ("key", "api_key"),
            ("API_KEY", "api_key"),
            ("timeouts", "timeout"),
        ] {
            assert_eq!(nearest(given, NAMES), Some(meant), "{given}");
        }
    }

    #[test]
    fn does_not_guess_wildly() {
        assert_eq!(nearest("organization", NAMES), None);
        assert_eq!(nearest("x", ["y"]), None);
        assert_eq!(help("zzzzzz", ["a", "b"]), "expected one of `a`, `b`");
    }
}
