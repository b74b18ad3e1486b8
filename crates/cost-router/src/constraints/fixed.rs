use super::{Constraint, Constraints};
use crate::engine::Entry;

/// What is so for as long as the settings are: judged once for an alias, and for each call where the request itself
/// brings constraints.
pub(crate) struct Fixed<'a>(pub(crate) &'a Constraints);

impl Fixed<'_> {
    pub(crate) fn refuses(&self, entry: &Entry) -> Option<Constraint> {
        let rules = self.0;
        if !self.allows_provider(entry.deployment.provider()) {
            return Some(Constraint::Provider);
        }
        if !self.allows_regions(&entry.regions) {
            return Some(Constraint::Region);
        }
        let model = entry.model.as_deref();
        if let Some(least) = rules.min_tier {
            let tier = model.and_then(|model| model.tier);
            if tier.is_none_or(|tier| tier < least) {
                return Some(Constraint::Tier { least });
            }
        }
        if rules.no_training && model.and_then(|model| model.trains) != Some(false) {
            return Some(Constraint::Training);
        }
        if rules.no_logging && model.and_then(|model| model.retains) != Some(false) {
            return Some(Constraint::Logging);
        }
        None
    }

    fn allows_provider(&self, provider: &str) -> bool {
        let names_it = |names: &[Box<str>]| names.iter().any(|name| name.eq_ignore_ascii_case(provider));
        self.0.providers.as_deref().is_none_or(names_it) && !names_it(&self.0.deny_providers)
    }

    fn allows_regions(&self, regions: &[Box<str>]) -> bool {
        let (allowed, denied) = (self.0.regions.as_ref(), &self.0.deny_regions);
        if allowed.is_none() && denied.is_empty() {
            return true;
        }
        let is_allowed = |region: &str| {
            allowed.is_none_or(|allowed| allowed.iter().any(|name| is_within(region, name)))
                && !denied.iter().any(|name| is_within(region, name) || is_within(name, region))
        };
        !regions.is_empty() && regions.iter().all(|region| is_allowed(region))
    }
}

/// Whether a region is another, or a part of it: `eu-central-1` of `eu`.
fn is_within(region: &str, whole: &str) -> bool {
    let (Some(head), rest) = (region.get(..whole.len()), region.get(whole.len()..).unwrap_or_default()) else {
        return false;
    };
    head.eq_ignore_ascii_case(whole) && (rest.is_empty() || rest.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(rules: &Constraints, regions: &[&str]) -> bool {
        let regions: Vec<Box<str>> = regions.iter().map(|region| (*region).into()).collect();
        Fixed(rules).allows_regions(&regions)
    }

    #[test]
    fn a_region_is_within_another_by_whole_words() {
        assert!(is_within("eu-central-1", "EU") && is_within("eu", "eu"));
        assert!(!is_within("europe-west4", "eu") && !is_within("e", "eu") && !is_within("\u{e9}u", "e"));
    }

    #[test]
    fn a_promise_about_regions_is_not_kept_by_a_guess() {
        let eu = Constraints::new().regions(["eu"]);
        assert!(allows(&eu, &["eu"]) && allows(&eu, &["eu-west-1", "eu-north-1"]));
        assert!(!allows(&eu, &["eu", "us"]), "it may answer from either");
        assert!(!allows(&eu, &[]));
        let not_us = Constraints::new().deny_regions(["us-east-1"]);
        assert!(allows(&not_us, &["us-west-2"]));
        assert!(!allows(&not_us, &["us-east-1"]) && !allows(&not_us, &["us"]) && !allows(&not_us, &[]));
        assert!(allows(&Constraints::new(), &[]));
    }

    #[test]
    fn providers_are_allowed_and_denied_by_name() {
        let rules = Constraints::new().providers(["OpenAI", "anthropic"]).deny_providers(["anthropic"]);
        let allows = |name| Fixed(&rules).allows_provider(name);
        assert!(allows("openai") && !allows("anthropic") && !allows("groq"));
    }
}
