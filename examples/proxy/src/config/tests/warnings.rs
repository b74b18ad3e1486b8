use super::parse;

const HEAD: &str = "providers.p = { dialect = 'openai', base_url = 'http://h/v1' }\n\
    [[deployments]]\nname = 'a'\nprovider = 'p'\ntier = 'small'\nregion = 'eu'\n\
    [[deployments]]\nname = 'b'\nprovider = 'p'\ntier = 'large'\nregion = 'us'\n";

fn warnings(text: &str) -> Vec<String> {
    parse(&format!("{HEAD}{text}")).unwrap_or_else(|errors| panic!("{errors}")).warnings()
}

#[test]
fn what_has_no_effect_is_told() {
    for (text, beginning, end) in [
        ("policy = 'cheapest'\nsticky = 'user'", "`sticky` of the alias `x`", "and this is `cheapest`"),
        ("deployments = ['a', { name = 'b', weight = 2 }]", "`weight` of the alias `x`", "and this is `ordered`"),
        ("deployments = ['a']\non_context_overflow = ['a']", "`on_context_overflow` of", "the alias's only deployment"),
        ("deployments = ['a']\non_content_refusal = ['a']", "`on_content_refusal` of", "the alias's only deployment"),
        ("max_attempts = 1\non_content_refusal = ['b']", "`on_content_refusal` of", "nobody is asked after the first"),
        (
            "min_tier = 'large'\nregions = ['eu']",
            "the alias `x` can only refuse",
            "`b`: its region is not allowed, or not known",
        ),
        ("no_training = true", "the alias `x` can only refuse", ""),
    ] {
        let deployments = if text.contains("deployments =") { "" } else { "deployments = ['a', 'b']\n" };
        let found = warnings(&format!("[[aliases]]\nname = 'x'\n{deployments}{text}\n"));
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert!(found[0].starts_with(beginning) && found[0].ends_with(end), "{text}: {found:?}");
    }
    for (text, member) in [
        ("[layers.rate_limit]\nrpm = 5\non_store_failure = 'closed'\n", "`layers.rate_limit.on_store_failure`"),
        ("[layers.accounts]\non_store_failure = 'closed'\n", "`layers.accounts.on_store_failure`"),
        ("[layers.accounts]\nunknown_cost = 'refuse'\n", "`layers.accounts.unknown_cost`"),
        ("[layers.cache]\n[layers.pii_redaction]\n", "`layers.cache` finds nothing"),
    ] {
        let found = warnings(text);
        assert!(matches!(found.as_slice(), [only] if only.starts_with(member)), "{text}: {found:?}");
    }
}

#[test]
fn what_has_an_effect_is_not() {
    for text in [
        "",
        "policy = 'weighted'\nsticky = 'user'",
        "policy = 'least_busy'\ndeployments = ['a', { name = 'b', weight = 2 }]",
        "deployments = ['a', { name = 'b', weight = 1 }]",
        "on_context_overflow = ['b']",
        "deployments = ['a']\non_context_overflow = ['b']",
        "min_tier = 'large'",
        "regions = ['eu']",
        // A window that begins when it ends is open all day: on one of these two days it is not.
        "hours = { from = '00:00', to = '00:00', days = ['mon'] }",
        "hours = { from = '00:00', to = '00:00', days = ['tue'] }",
        "class = 'batch'\nmax_p99 = '1ms'",
    ] {
        let deployments = if text.contains("deployments =") { "" } else { "deployments = ['a', 'b']\n" };
        let found = warnings(&format!("[[aliases]]\nname = 'x'\n{deployments}{text}\n"));
        assert_eq!(found, Vec::<String>::new(), "{text}");
    }
    let text = "[layers.accounts]\nunknown_cost = 'refuse'\non_store_failure = 'closed'\nstore = 'redis://127.0.0.1:6379'\n\
        global = { usd = 1, per = 'day' }\n[layers.rate_limit]\non_store_failure = 'closed'\nstore = 'redis://127.0.0.1:6379'\n";
    assert_eq!(warnings(text), Vec::<String>::new());
}
