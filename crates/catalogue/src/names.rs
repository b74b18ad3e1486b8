//! Model ids with something around them that does not change the model.

/// An id as it is, and then with less and less around it.
pub(crate) fn undecorated(id: &str) -> impl Iterator<Item = &str> {
    let bare = without_path(id);
    let here = without_region(bare);
    std::iter::once(id).chain(shorter(bare)).chain(shorter(here)).filter(|id| !id.is_empty())
}

fn shorter(id: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(id), |id| without_suffix(id))
}

/// Google's `models/ID` and `publishers/WHO/models/ID`; the last part of an ARN.
fn without_path(id: &str) -> &str {
    if id.starts_with("models/") || id.starts_with("publishers/") || id.starts_with("projects/") {
        return id.rsplit_once("models/").map_or(id, |(_, id)| id);
    }
    if id.starts_with("arn:") {
        return id.rsplit_once('/').map_or(id, |(_, id)| id);
    }
    id
}

/// Bedrock's inference profiles, which are named for where they run.
fn without_region(id: &str) -> &str {
    const REGIONS: [&str; 8] = ["us", "us-gov", "eu", "apac", "global", "jp", "au", "ca"];
    match id.split_once('.') {
        Some((region, id)) if REGIONS.contains(&region) => id,
        _ => id,
    }
}

/// A date, a version of one, `-latest`.
fn without_suffix(id: &str) -> Option<&str> {
    if let Some((id, version)) = id.rsplit_once('@') {
        return (!version.is_empty()).then_some(id);
    }
    // Bedrock's `:0`. Others name terms there (`:free`), which have prices of their own.
    if let Some((id, version)) = id.rsplit_once(':') {
        return is_digits(version, 1..=2).then_some(id);
    }
    let (rest, last) = id.rsplit_once('-')?;
    // Google's `-001`, and `-20250929`. Four digits may be another model at another price.
    if last == "latest" || is_digits(last, 3..=3) || (is_digits(last, 8..=8) && last.starts_with("20")) {
        return Some(rest);
    }
    // `-2024-08-06`.
    let (rest, month) = rest.rsplit_once('-')?;
    let (rest, year) = rest.rsplit_once('-')?;
    let is_date = is_digits(last, 2..=2) && is_digits(month, 2..=2) && is_digits(year, 4..=4) && year.starts_with("20");
    is_date.then_some(rest)
}

fn is_digits(text: &str, lengths: std::ops::RangeInclusive<usize>) -> bool {
    lengths.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::undecorated;

    #[test]
    fn takes_away_what_does_not_change_the_model() {
        for (id, last) in [
            ("gpt-4o-2024-08-06", "gpt-4o"),
            ("claude-sonnet-4-5-20250929", "claude-sonnet-4-5"),
            ("claude-3-7-sonnet-latest", "claude-3-7-sonnet"),
            ("claude-sonnet-4-5@20250929", "claude-sonnet-4-5"),
            ("gemini-2.0-flash-001", "gemini-2.0-flash"),
            ("models/gemini-2.5-pro", "gemini-2.5-pro"),
            ("publishers/google/models/gemini-2.5-pro", "gemini-2.5-pro"),
            ("eu.amazon.nova-lite-v1:0", "amazon.nova-lite-v1"),
            ("arn:aws:bedrock:us-east-1:1:inference-profile/us.amazon.nova-lite-v1:0", "amazon.nova-lite-v1"),
        ] {
            assert_eq!(undecorated(id).last(), Some(last), "{id}");
        }
    }

    #[test]
    fn leaves_what_may_be_another_model() {
        for id in ["gpt-4-0613", "mistral-large-2407", "deepseek/deepseek-r1:free", "eu-model", "gpt-4", "-2024-08-06"]
        {
            assert!(undecorated(id).all(|found| found == id), "{id}");
        }
        assert_eq!(undecorated("").next(), None);
        assert_eq!(undecorated("models/").collect::<Vec<_>>(), ["models/"]);
    }
}
