//! Aliases in configuration files.

mod tables;

use std::str::FromStr;

use http::HeaderName;
use llm_layers_catalogue::Tier;
use llm_layers_core::ConfigError;
use rust_decimal::Decimal;

pub use self::tables::{
    AliasConfig, BalanceConfig, BandConfig, HoursConfig, MemberConfig, PriceConfig, WeightedConfig,
};
use crate::{
    Alias, Balanced, Bands, Cheapest, Class, Constraints, Fastest, Hours, HoursError, LeastBusy, Member, Ordered,
    Sticky, Weighted,
};

const POLICIES: &str = "ordered, weighted, cheapest, fastest, balanced, least_busy";

impl TryFrom<AliasConfig> for Alias {
    type Error = ConfigError;

    fn try_from(config: AliasConfig) -> Result<Self, ConfigError> {
        if config.name.is_empty() {
            return Err(ConfigError::new("name", "is missing"));
        }
        if config.deployments.is_empty() {
            return Err(ConfigError::new("deployments", "an alias needs one at least"));
        }
        let alias = with_policy(Self::new(config.name.clone()), &config)?;
        let mut alias = alias
            .deployments(config.deployments.iter().map(member))
            .constraints(constraints(&config)?)
            .on_context_overflow(config.on_context_overflow)
            .on_content_refusal(config.on_content_refusal);
        if let Some(word) = &config.class {
            let classes = [("interactive", Class::Interactive), ("batch", Class::Batch)];
            alias = alias.class(ConfigError::one_of("class", word, &classes)?);
        }
        if let Some(word) = &config.sticky {
            alias = alias.sticky(sticky(word)?);
        }
        if !config.complexity.is_empty() {
            alias = alias.complexity(bands(&config.complexity, &config.deployments)?);
        }
        if let Some(stays) = config.affinity {
            alias = alias.affinity(stays);
        }
        if let Some(repeats) = config.repeat {
            alias = alias.repeat(repeats);
        }
        if config.repeat == Some(true) && config.max_attempts.is_none() {
            return Err(ConfigError::new("repeat", "needs `max_attempts`"));
        }
        match config.max_attempts {
            None => Ok(alias),
            Some(attempts) => Ok(alias.max_attempts(ConfigError::within("max_attempts", attempts, 1..=100)?)),
        }
    }
}

fn none_of(member: &'static str, word: &str, known: &str) -> ConfigError {
    ConfigError::new(member, format!("`{word}` is none of {known}"))
}

fn member(config: &MemberConfig) -> Member {
    match config {
        MemberConfig::Name(name) => name.as_str().into(),
        MemberConfig::Weighted(WeightedConfig { name, weight }) => Member::new(name.as_str(), weight.unwrap_or(1)),
    }
}

fn with_policy(alias: Alias, config: &AliasConfig) -> Result<Alias, ConfigError> {
    let word = config.policy.as_deref().unwrap_or("ordered");
    if config.balance.is_some() && word != "balanced" {
        return Err(ConfigError::new("balance", "is for the policy `balanced`"));
    }
    Ok(match word {
        "ordered" => alias.policy(Ordered),
        "weighted" => alias.policy(Weighted),
        "cheapest" => alias.policy(Cheapest),
        "fastest" => alias.policy(Fastest::default()),
        "least_busy" => alias.policy(LeastBusy),
        "balanced" => alias.policy(balanced(config.balance.as_ref())?),
        _ => return Err(none_of("policy", word, POLICIES)),
    })
}

fn balanced(config: Option<&BalanceConfig>) -> Result<Balanced, ConfigError> {
    let Some(config) = config else { return Ok(Balanced::default()) };
    let weight = |member, weight: Option<f64>| match weight {
        Some(weight) if !(weight.is_finite() && weight >= 0.0) => {
            Err(ConfigError::new(member, format!("{weight} is no weight: a number from 0 on")))
        }
        weight => Ok(weight),
    };
    let (cost, latency, failures) = (
        weight("balance.cost", config.cost)?,
        weight("balance.latency", config.latency)?,
        weight("balance.failures", config.failures)?,
    );
    if [cost, latency, failures].iter().all(|weight| *weight == Some(0.0)) {
        return Err(ConfigError::new("balance", "nothing counts"));
    }
    let mut balanced = Balanced::default();
    if let Some(weight) = cost {
        balanced = balanced.cost(weight);
    }
    if let Some(weight) = latency {
        balanced = balanced.latency(weight);
    }
    if let Some(weight) = failures {
        balanced = balanced.failures(weight);
    }
    Ok(balanced)
}

/// Rules by rising bounds, whose last may have none; their deployments are the alias's.
fn bands(rules: &[BandConfig], members: &[MemberConfig]) -> Result<Bands, ConfigError> {
    let names: Vec<_> = members.iter().map(member).collect();
    let mut bands = Bands::new();
    let mut least = 0.0;
    for (place, rule) in rules.iter().enumerate() {
        let at = |member: &str| format!("complexity[{place}].{member}");
        if rule.deployments.is_empty() {
            return Err(ConfigError::new(at("deployments"), "a rule needs one at least"));
        }
        if let Some(name) = rule.deployments.iter().find(|name| !names.iter().any(|known| *known.name == ***name)) {
            return Err(ConfigError::new(at("deployments"), format!("`{name}` is none of the alias's deployments")));
        }
        let deployments = rule.deployments.iter().map(String::as_str);
        bands = match rule.up_to {
            Some(score) if !(score > least && score <= 1.0) => {
                let why = format!("{score} is not above the rule before, up to 1");
                return Err(ConfigError::new(at("up_to"), why));
            }
            Some(score) => {
                least = score;
                bands.up_to(score, deployments)
            }
            None if place + 1 == rules.len() => bands.above(deployments),
            None => {
                return Err(ConfigError::new(at("up_to"), "is missing: only the last rule is for all that are left"));
            }
        };
    }
    Ok(bands)
}

fn constraints(config: &AliasConfig) -> Result<Constraints, ConfigError> {
    let mut rules = Constraints::new()
        .deny_regions(config.deny_regions.iter().map(String::as_str))
        .deny_providers(config.deny_providers.iter().map(String::as_str));
    for (member, names) in [("regions", &config.regions), ("providers", &config.providers)] {
        // An empty list allows nothing, which nobody means.
        if names.as_ref().is_some_and(Vec::is_empty) {
            return Err(ConfigError::new(member, "allows none"));
        }
    }
    if let Some(regions) = &config.regions {
        rules = rules.regions(regions.iter().map(String::as_str));
    }
    if let Some(providers) = &config.providers {
        rules = rules.providers(providers.iter().map(String::as_str));
    }
    if let Some(tier) = &config.min_tier {
        let tiers = [Tier::Small, Tier::Medium, Tier::Large, Tier::Frontier].map(|tier| (tier.name(), tier));
        rules = rules.min_tier(ConfigError::one_of("min_tier", tier, &tiers)?);
    }
    if let Some(usd) = &config.max_cost {
        rules = rules.max_cost(dollars("max_cost", usd)?);
    }
    if let Some(prices) = &config.max_price {
        if let Some(usd) = &prices.input {
            rules = rules.max_input_price(dollars("max_price.input", usd)?);
        }
        if let Some(usd) = &prices.output {
            rules = rules.max_output_price(dollars("max_price.output", usd)?);
        }
    }
    if let Some(time) = &config.max_p99 {
        rules = rules.max_p99(ConfigError::time("max_p99", time)?);
    }
    if let Some(hours) = &config.hours {
        rules = rules.hours(Hours::try_from(hours)?);
    }
    if config.no_training {
        rules = rules.no_training();
    }
    Ok(if config.no_logging { rules.no_logging() } else { rules })
}

fn dollars(member: &'static str, text: &str) -> Result<Decimal, ConfigError> {
    let usd = Decimal::from_str_exact(text).ok().filter(|usd| !usd.is_sign_negative());
    usd.ok_or_else(|| ConfigError::new(member, "must be US dollars, such as \"2.50\""))
}

impl TryFrom<HoursConfig> for Hours {
    type Error = ConfigError;

    fn try_from(config: HoursConfig) -> Result<Self, ConfigError> {
        Self::try_from(&config)
    }
}

impl TryFrom<&HoursConfig> for Hours {
    type Error = ConfigError;

    fn try_from(config: &HoursConfig) -> Result<Self, ConfigError> {
        let at_fault = |error: HoursError| {
            let member = match &error {
                HoursError::Zone(_) => "hours.zone",
                HoursError::Time(time) if **time == *config.from => "hours.from",
                HoursError::Time(_) => "hours.to",
                _ => "hours.days",
            };
            ConfigError::new(member, error.to_string())
        };
        let hours = Self::new(config.zone.as_deref().unwrap_or("UTC"), &config.from, &config.to).map_err(at_fault)?;
        match &config.days {
            Some(days) if days.is_empty() => Err(ConfigError::new("hours.days", "there are none")),
            Some(days) => hours.days(days).map_err(at_fault),
            None => Ok(hours),
        }
    }
}

fn sticky(word: &str) -> Result<Sticky, ConfigError> {
    let wrong = || none_of("sticky", word, "user, caller, header:NAME");
    match word {
        "user" => Ok(Sticky::User),
        "caller" => Ok(Sticky::Caller),
        _ => {
            let name = word.strip_prefix("header:").ok_or_else(wrong)?;
            Ok(Sticky::Header(HeaderName::from_str(name.trim()).map_err(|_| wrong())?))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Alias, String> {
        let text = format!("name = 'x'\ndeployments = ['a', {{ name = 'b', weight = 10 }}]\n{text}");
        let config: AliasConfig = toml::from_str(&text).map_err(|error| error.message().to_owned())?;
        Alias::try_from(config).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_set_is_set() {
        let alias = read(
            r#"
            policy = "balanced"
            balance = { cost = 2.0 }
            max_p99 = "2s"
            max_cost = "0.05"
            max_price = { input = "3.00", output = "15" }
            min_tier = "large"
            regions = ["eu"]
            deny_regions = ["us"]
            providers = ["p"]
            deny_providers = ["q"]
            hours = { days = ["mon"], from = "08:00", to = "18:00" }
            class = "batch"
            no_training = true
            no_logging = true
            sticky = "header:x-user"
            complexity = [{ up_to = 0.3, deployments = ["a"] }, { deployments = ["b"] }]
            on_context_overflow = ["c"]
            on_content_refusal = ["d"]
            affinity = false
            max_attempts = 2
            repeat = true
            "#,
        );
        let rules = Constraints::new()
            .regions(["eu"])
            .deny_regions(["us"])
            .providers(["p"])
            .deny_providers(["q"])
            .min_tier(Tier::Large)
            .max_cost("0.05".parse().unwrap())
            .max_input_price("3.00".parse().unwrap())
            .max_output_price("15".parse().unwrap())
            .max_p99(std::time::Duration::from_secs(2))
            .hours(Hours::new("UTC", "08:00", "18:00").unwrap().days(["mon"]).unwrap())
            .no_training()
            .no_logging();
        let expected = Alias::new("x")
            .policy(Balanced::default().cost(2.0))
            .deployments([("a", 1), ("b", 10)])
            .constraints(rules)
            .class(Class::Batch)
            .sticky(Sticky::Header(HeaderName::from_static("x-user")))
            .complexity(Bands::new().up_to(0.3, ["a"]).above(["b"]))
            .on_context_overflow(["c"])
            .on_content_refusal(["d"])
            .affinity(false)
            .max_attempts(2)
            .repeat(true);
        assert_eq!(format!("{:?}", alias.unwrap()), format!("{expected:?}"));
        let plain = format!("{:?}", read("").unwrap());
        assert_eq!(plain, format!("{:?}", Alias::new("x").deployments([("a", 1), ("b", 10)])));
        for policy in POLICIES.split(", ") {
            assert_eq!(read(&format!("policy = '{policy}'")).unwrap().policy.name(), policy);
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, member) in [
            ("policy = 'best'", "policy"),
            ("balance = { cost = 1.0 }", "balance"),
            ("policy = 'balanced'\nbalance = { cost = -1.0 }", "balance.cost"),
            ("policy = 'balanced'\nbalance = { latency = nan }", "balance.latency"),
            ("policy = 'balanced'\nbalance = { cost = 0.0, latency = 0.0, failures = 0.0 }", "balance"),
            ("max_p99 = '2'", "max_p99"),
            ("max_cost = 'much'", "max_cost"),
            ("max_price = { input = '-1' }", "max_price.input"),
            ("max_price = { output = '' }", "max_price.output"),
            ("min_tier = 'huge'", "min_tier"),
            ("regions = []", "regions"),
            ("providers = []", "providers"),
            ("hours = { from = '8', to = '18:00' }", "hours.from"),
            ("hours = { from = '08:00', to = '24:01' }", "hours.to"),
            ("hours = { from = '08:00', to = '18:00', zone = 'Mars/Olympus' }", "hours.zone"),
            ("hours = { from = '08:00', to = '18:00', days = ['monday'] }", "hours.days"),
            ("hours = { from = '08:00', to = '18:00', days = [] }", "hours.days"),
            ("class = 'urgent'", "class"),
            ("sticky = 'cookie'", "sticky"),
            ("sticky = 'header:a b'", "sticky"),
            ("complexity = [{ up_to = 1.5, deployments = ['a'] }]", "complexity[0].up_to"),
            ("complexity = [{ up_to = nan, deployments = ['a'] }]", "complexity[0].up_to"),
            ("complexity = [{ deployments = ['a'] }, { deployments = ['b'] }]", "complexity[0].up_to"),
            (
                "complexity = [{ up_to = 0.5, deployments = ['a'] }, { up_to = 0.5, deployments = ['b'] }]",
                "complexity[1].up_to",
            ),
            ("complexity = [{ deployments = ['c'] }]", "complexity[0].deployments"),
            ("complexity = [{ deployments = [] }]", "complexity[0].deployments"),
            ("max_attempts = 0", "max_attempts"),
            ("repeat = true", "repeat"),
        ] {
            let error = read(text).expect_err(text);
            assert!(error.starts_with(&format!("`{member}`: ")), "{text}: {error}");
        }
        for text in ["polcy = 'ordered'", "max_price = { in = '1' }", "hours = { from = '08:00' }", "max_attempts = -1"]
        {
            read(text).expect_err(text);
        }
        for text in ["deployments = ['a']", "name = 'x'", "name = 'x'\ndeployments = [{ nam = 'a' }]"] {
            let config = toml::from_str::<AliasConfig>(text);
            assert!(config.is_err() || Alias::try_from(config.unwrap()).is_err(), "{text}");
        }
    }
}
