//! Settings from a file, good and bad.

use llm_layers_rate_limit::{Config, RateLimitLayer};

use crate::support::{chat, from, json, levels, over, send};

fn layer(text: &str) -> Result<RateLimitLayer, String> {
    let config: Config = toml::from_str(text).map_err(|error| error.to_string())?;
    RateLimitLayer::try_from(config).map_err(|error| error.to_string())
}

#[tokio::test(start_paused = true)]
async fn all_members() {
    let layer = layer(
        r#"
        rpm = 60
        tpm = 6000
        concurrent = 3
        burst = 2
        token_burst = 5000
        deployment = { rpm = 600 }
        global = { tpm = 1_000_000 }
        on_store_failure = "closed"
        store = "memory"
        "#,
    )
    .unwrap();
    let service = over(&layer, |_| json("{}"));
    let answer = send(&service, from("a", chat(100, 900))).await;
    assert_eq!(levels(&answer, "requests"), Some((60, 1, "1s".to_owned())));
    assert_eq!(levels(&answer, "tokens"), Some((6000, 4000, "10s".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn nothing_set_limits_nothing() {
    let answer = send(&over(&layer("").unwrap(), |_| json("{}")), chat(1, 1)).await;
    assert!(levels(&answer, "requests").is_none());
}

#[test]
fn bad_settings_name_the_member() {
    for (text, told) in [
        ("rpn = 3", "rpn"),
        ("rpm = 0", "nonzero"),
        ("rpm = -1", "rpm"),
        ("burst = 3", "`burst`: needs `rpm`"),
        ("global = { token_burst = 3 }", "`token_burst`: needs `tpm`"),
        ("global = { rps = 3 }", "rps"),
        ("on_store_failure = 'ajar'", "ajar"),
        ("store = 'disk'", "`store`"),
        ("store = 'redis://:secret@'", "`store`"),
    ] {
        let error = layer(text).err().unwrap_or_else(|| text.to_owned());
        assert!(error.contains(told) && error != text, "{text}: {error}");
        assert!(!error.contains("secret"), "{error}");
    }
    let config: Config = toml::from_str("store = 'redis://:secret@127.0.0.1'").unwrap();
    assert!(!format!("{config:?}").contains("secret"));
}

#[cfg(feature = "redis")]
#[test]
fn a_redis_is_not_asked_before_it_is_needed() {
    assert!(layer("rpm = 1\nstore = 'redis://127.0.0.1:1'").is_ok());
}
