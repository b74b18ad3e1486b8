use std::time::Duration;

use llm_layers_accounts::budgets::{Limit, Per};
use llm_layers_catalogue::{Capability, Catalogue, Meter, Tier};
use rust_decimal::Decimal;

use super::super::{Dialect, Model};
use super::parse;

const EXAMPLE: &str = include_str!("../../../llm-proxy.example.toml");

#[test]
fn the_example_says_what_it_means() {
    let config = parse(EXAMPLE).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(config.listen().to_string(), "127.0.0.1:8080");
    assert!(!config.is_open());

    let [claude, local, openai] = config.providers() else { panic!() };
    assert_eq!((&*openai.name, openai.dialect), ("openai", Dialect::OpenAi));
    assert_eq!(openai.base_url.as_ref().unwrap().to_string(), "https://api.openai.com/v1");
    assert_eq!(openai.api_keys[0].key.expose(), "sk-openai");
    assert_eq!(openai.timeouts.connect, None);
    assert_eq!(local.api_keys[0].key.expose(), "sk-local");
    assert_eq!(local.timeouts.connect, Some(Duration::from_secs(2)));
    assert_eq!(claude.dialect, Dialect::Anthropic);
    assert_eq!(claude.api_keys[0].key.expose(), "sk-ant", "trimmed");
    assert_eq!(claude.api_version.as_deref(), Some("2023-06-01"));

    let [small, big] = config.deployments() else { panic!() };
    let facts = small.facts(Some(local)).unwrap();
    let price = facts.price.unwrap();
    assert_eq!(price.usual(Meter::CachedInput).unwrap().to_string(), "0.075");
    assert_eq!(facts.context_window, Some(8192));
    let capabilities = [Capability::Tools, Capability::Vision, Capability::JsonSchema];
    assert_eq!(facts.capabilities, Some(capabilities.into_iter().collect()));
    assert_eq!((&*facts.regions, facts.tier), (&["eu".into()][..], Some(Tier::Small)));
    let known = big.facts(Some(claude)).unwrap();
    assert_eq!(known.price.unwrap().usual(Meter::Input).unwrap().to_string(), "3", "the catalogue's");
    assert_eq!((&*big.provider, &*big.model), ("claude", "claude-sonnet-4-5"));

    let [alias] = config.aliases() else { panic!() };
    assert_eq!((&*alias.deployments, alias.route.name()), (&["small".into(), "big".into()][..], "cheap-fast"));
    let [key] = config.keys() else { panic!() };
    assert_eq!(key.budget, [Limit::new(20.into(), Per::Day).soft_share(Decimal::new(8, 1))]);
    let accounts = config.layers().accounts.as_ref().unwrap();
    assert_eq!((accounts.callers.len(), &*accounts.callers[0].0, accounts.global.len()), (1, "team-a", 1));
    assert_eq!((&*key.name, key.secret.expose()), ("team-a", "team-a"));
}

#[test]
fn a_model_leads_to_a_provider() {
    let table = parse(EXAMPLE).unwrap().route_table();
    let route = |provider: &str, model: &str| Some(llm_layers_core::Deployment::named_by_client(provider, model));
    for (requested, expected) in [
        ("openai/gpt-4o", route("openai", "gpt-4o")),
        ("local/org/name", route("local", "org/name")),
        ("gpt-4o", None),
        ("openai/", None),
        ("openai", None),
        ("/gpt-4o", None),
        ("nobody/gpt-4o", None),
        ("", None),
    ] {
        assert_eq!(table.of_provider(requested), expected, "{requested}");
    }
    let listed: Vec<_> = table.models().collect();
    let model = |id, provider| Model { id, provider };
    assert_eq!(listed, [model("cheap-fast", "local"), model("small", "local"), model("big", "claude")]);
}

#[test]
fn a_bare_name_is_not_guessed_even_with_one_provider() {
    let table = parse("[providers.openai]\napi_key = \"sk\"").unwrap().route_table();
    assert_eq!(table.of_provider("gpt-4o"), None);
    assert_eq!(table.models().count(), 0);
}

#[test]
fn short_forms_and_defaults() {
    let config = parse(
        "providers.openai.api_key = [{ key = 'env:OPENAI_API_KEY', weight = 3 }]\n\
         providers.near = { dialect = 'openai', base_url = 'env:UPSTREAM' }\n\
         [[deployments]]\nname = 'm'\nprovider = 'near'\n\
         [[aliases]]\nname = 'a'\ndeployments = ['m']\n",
    )
    .unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(config.listen(), super::super::listen::DEFAULT);
    assert!(config.is_open());
    let [near, openai] = config.providers() else { panic!() };
    assert_eq!(openai.api_keys[0].key.expose(), "sk-openai");
    assert_eq!(near.base_url.as_ref().unwrap().to_string(), "http://10.0.0.1/v1");
    assert!(near.api_keys.is_empty());
    assert_eq!(&*config.deployments()[0].model, "m");
}

#[test]
fn a_provider_has_as_many_keys_as_it_is_given() {
    let keys = |list: &str| {
        let config = parse(&format!("providers.openai.api_key = {list}\n")).unwrap_or_else(|errors| panic!("{errors}"));
        let keys = config.providers()[0].api_keys.iter();
        keys.map(|credential| (credential.key.expose().to_owned(), credential.weight)).collect::<Vec<_>>()
    };
    assert_eq!(keys("'a'"), [("a".into(), 1)]);
    let several = "['a', { key = 'env:OPENAI_API_KEY', weight = 3 }, { key = 'c' }]";
    assert_eq!(keys(several), [("a".into(), 1), ("sk-openai".into(), 3), ("c".into(), 1)]);
}

#[test]
fn every_dialect_has_what_it_needs() {
    let config = parse(
        "[providers.azure]\ndialect = 'azure'\nbase_url = 'https://r.openai.azure.com'\napi_version = '2024-10-21'\n\
         [providers.bedrock]\ndialect = 'bedrock'\naws_region = 'eu-central-1'\n\
         [providers.cohere]\ndialect = 'cohere'\napi_key = 'k'\nunsupported = 'strict'\n\
         [providers.gemini]\ndialect = 'gemini'\napi_key = 'k'\napi_version = 'v1'\n\
         [providers.ollama]\ndialect = 'ollama'\n\
         [providers.vertex]\ndialect = 'vertex'\nproject = 'p'\nlocation = 'europe-west4'\n",
    )
    .unwrap_or_else(|errors| panic!("{errors}"));
    let [azure, bedrock, cohere, gemini, ollama, vertex] = config.providers() else { panic!() };
    let url = |provider: &super::super::Provider| provider.base_url.as_ref().map(ToString::to_string);
    assert_eq!((azure.dialect, azure.api_version.as_deref()), (Dialect::Azure, Some("2024-10-21")));
    assert_eq!((bedrock.aws_region.as_deref(), url(bedrock)), (Some("eu-central-1"), None));
    assert_eq!((url(cohere).as_deref(), cohere.strict), (Some("https://api.cohere.com/"), true));
    assert_eq!(gemini.api_version.as_deref(), Some("v1"));
    assert_eq!((url(ollama).as_deref(), ollama.strict), (Some("http://localhost:11434/"), false));
    assert_eq!((vertex.project.as_deref(), vertex.location.as_deref()), (Some("p"), Some("europe-west4")));
}

#[test]
fn where_connections_may_go_is_read() {
    let config = parse(
        "[egress]\nallow = ['https://*.corp.example', 'http://10.1.2.3:8000']\n\
         [providers.p]\ndialect = 'openai'\nbase_url = 'http://10.1.2.3:8000/v1'\nprivate = ['10.1.0.0/16']\n\
         headers = { 'x-team' = 'env:TEAM_A_KEY' }\n\
         pins = ['sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=']\n",
    )
    .unwrap_or_else(|errors| panic!("{errors}"));
    let [provider] = config.providers() else { panic!() };
    assert!(config.egress().allow.as_ref().unwrap().permits(provider.base_url.as_ref().unwrap()));
    assert_eq!(provider.reach.networks.len(), 1);
    assert!(provider.reach.pins.is_some() && !provider.reach.private);
    assert_eq!(provider.headers[0].1, "team-a");
}

#[test]
fn a_known_name_with_another_base_url_needs_no_key() {
    let config = parse("[providers.openai]\nbase_url = 'http://127.0.0.1:9/v1'").unwrap();
    assert!(config.providers()[0].api_keys.is_empty());
}

#[test]
fn without_time_limits_a_provider_may_still_have_one_for_connecting() {
    let config = parse(
        "layers.timeout.enabled = false\n\
         [providers.p]\ndialect = 'openai'\nbase_url = 'http://h/v1'\ntimeout = { connect = '2s', idle = 'off' }\n",
    )
    .unwrap_or_else(|errors| panic!("{errors}"));
    assert!(config.layers().timeout.is_none());
    assert_eq!(config.providers()[0].timeouts.connect, Some(Duration::from_secs(2)));
}

#[test]
fn threads_are_as_many_as_cores_unless_the_file_says_how_many() {
    let workers = |text: &str| {
        let config = parse(&format!("{text}\n[providers.openai]\napi_key = 'sk'\n"));
        config.map(|config| config.workers().get()).map_err(|errors| errors.to_string())
    };
    assert_eq!(workers("workers = 3"), Ok(3));
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    assert_eq!(workers(""), Ok(cores));
    for (wrong, why) in
        [("0", "above zero"), ("1025", "from 1 to 1024"), ("-1", "above zero"), ("'4'", "without quotes")]
    {
        let error = workers(&format!("workers = {wrong}")).expect_err(wrong);
        assert!(error.contains(why), "{wrong}: {error}");
    }
}

#[test]
fn an_open_proxy_stays_on_loopback() {
    let all = "0.0.0.0:80".parse().unwrap();
    let open = "[providers.openai]\napi_key = 'sk'\n";
    for loopback in ["127.0.0.2:1", "[::1]:1", "[::ffff:127.0.0.1]:1"] {
        let config = parse(&format!("listen = '{loopback}'\n{open}")).unwrap();
        assert!(config.with_listen(all).is_err());
    }
    let closed = parse(&format!("listen = '[::]:1'\n{open}[keys.a]\nkey = 'k'")).unwrap();
    assert_eq!(closed.with_listen(all).unwrap().listen(), all);
}

/// A provider that is known by name is known to the catalogue, or nobody has found its prices.
#[test]
fn known_providers_have_prices() {
    let without: Vec<_> = super::super::known::all()
        .filter(|known| {
            let text = format!("[providers.'{}']\napi_key = 'k'\nbase_url = '{}'", known.name, known.base_url);
            let config = parse(&text).unwrap_or_else(|errors| panic!("{errors}"));
            let provider = super::super::known_as(&config.providers()[0]).to_owned();
            !Catalogue::builtin().models().any(|model| *model.provider == *provider)
        })
        .map(|known| known.name)
        .collect();
    // Gateways, subscriptions and free tiers, whose prices are not by the token or not public; and servers of one's own.
    let gateways = ["tokenmix", "portkey", "nvidia", "github", "lambda", "featherless", "chutes"];
    let own = ["vllm", "sglang", "llamacpp", "lmstudio", "tgi", "ollama-v1", "litellm"];
    assert_eq!(without, [gateways, own].concat());
}
