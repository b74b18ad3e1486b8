//! External detectors from configuration files.

use llm_layers_pii_redaction::{External, LlmConfig, PresidioConfig};
use serde_json::json;

use crate::external_support::{Reply, Server, texts};

fn presidio(text: &str, server: &Server) -> Result<External, String> {
    let config: PresidioConfig = toml::from_str(text).map_err(|error| error.message().to_owned())?;
    config.into_external(server.clone()).map_err(|error| error.to_string())
}

fn llm(text: &str, server: &Server) -> Result<External, String> {
    let config: LlmConfig = toml::from_str(text).map_err(|error| error.message().to_owned())?;
    config.into_external(server.clone()).map_err(|error| error.to_string())
}

#[tokio::test]
async fn what_is_set_is_asked() {
    let server = Server::new([Reply::Ok("[]".into()), Reply::Status(500)]);
    let external = presidio(
        r#"
        url = "https://presidio.example/"
        language = "de"
        entities = ["PERSON"]
        threshold = 0.25
        one_by_one = true
        timeout = "500ms"
        on_failure = "open"
        concurrency = 2
        "#,
        &server,
    );
    let external = external.expect("a config");
    assert_eq!(format!("{external:?}"), r#"External { name: "presidio", timeout: 500ms, on_failure: FailOpen, .. }"#);
    let found = external.find(&texts(&["a", "b"])).await.expect("open");
    assert!(found.failure.is_some());
    let asked = &server.asked()[0];
    assert_eq!(asked.uri, "https://presidio.example/analyze");
    assert_eq!(
        asked.body,
        json!({"text": "a", "language": "de", "entities": ["PERSON"], "score_threshold": 0.25,
            "return_decision_process": false})
    );

    let content = json!({"found": []}).to_string();
    let server = Server::new([Reply::Ok(json!({"choices": [{"message": {"content": content}}]}).to_string())]);
    let external = llm(
        r#"
        base_url = "http://llama.example/v1"
        model = "small"
        api_key = "sk-HUSH"
        kinds = { person = "", project = "A code name." }
        max_tokens = 99
        set = { reasoning_effort = "low", stop = ["a", 1.5] }
        without = ["temperature"]
        "#,
        &server,
    );
    let external = external.expect("a config");
    assert_eq!(format!("{external:?}"), r#"External { name: "llm", timeout: 10s, on_failure: FailClosed, .. }"#);
    external.find(&texts(&["a"])).await.expect("an answer");
    let asked = &server.asked()[0];
    assert_eq!(asked.headers["authorization"], "Bearer sk-HUSH");
    assert_eq!(asked.body["max_tokens"], 99);
    assert_eq!((&asked.body["reasoning_effort"], &asked.body["stop"]), (&json!("low"), &json!(["a", 1.5])));
    assert!(asked.body.get("temperature").is_none());
    let told = asked.body["messages"][0]["content"].as_str().unwrap();
    assert!(told.ends_with("\n- person: A person's name.\n- project: A code name.\n"), "{told}");
}

#[test]
fn what_is_wrong_is_named() {
    let server = Server::default();
    for (text, error) in [
        ("", "`url`: is no URL that begins with http:// or https://"),
        ("url = 'presidio:3000'", "`url`: is no URL that begins with http:// or https://"),
        ("url = 'http://me:key@presidio'", "`url`: holds credentials, which belong into a header"),
        ("url = 'http://a'\nthreshold = 1.5", "`threshold`: 1.5 is not from 0 to 1"),
        ("url = 'http://a'\non_failure = 'shut'", "`on_failure`: `shut` is none of closed, open"),
        ("url = 'http://a'\nconcurrency = 0", "`concurrency`: 0 is not from 1 to 10000"),
        ("url = 'http://a'\nmax_bytes = 0", "`max_bytes`: 0 is not from 1 to 1073741824"),
        ("url = 'http://a'\nentities = ['PERSON', 'a=1,b']", "`entities`: `a=1,b` is no name of an entity"),
    ] {
        assert_eq!(presidio(text, &server).expect_err(text), error);
    }
    let soon = presidio("url = 'http://a'\ntimeout = 'soon'", &server).expect_err("no time");
    assert!(soon.starts_with("`timeout`: must be a time"), "{soon}");
    assert!(presidio("uri = 'http://a'", &server).is_err());

    for (text, error) in [
        ("base_url = 'http://a'", "`model`: is missing"),
        ("model = 'm'", "`base_url`: is no URL that begins with http:// or https://"),
        ("base_url = 'http://a'\nmodel = 'm'\nscore = -1.0", "`score`: -1 is not from 0 to 1"),
        ("base_url = 'http://a'\nmodel = 'm'\nmax_tokens = 0", "`max_tokens`: 0 is not from 1 to 1000000"),
        ("base_url = 'http://a'\nmodel = 'm'\nbatch_bytes = 9", "`batch_bytes`: 9 is not from 1024 to 1048576"),
        (
            "base_url = 'http://a'\nmodel = 'm'\nkinds = ['Kundennr. 1']",
            "`kinds`: a name has up to 40 lower-case letters, digits and underscores",
        ),
        (
            "base_url = 'http://a'\nmodel = 'm'\nkinds = { 'a=1,b' = '' }",
            "`kinds`: a name has up to 40 lower-case letters, digits and underscores",
        ),
        (
            "base_url = 'http://a'\nmodel = 'm'\napi_key = \"HU\\nSH\"",
            "`api_key`: holds characters that no header may hold",
        ),
    ] {
        assert_eq!(llm(text, &server).expect_err(text), error);
    }
    for text in ["model = 1", "api_key = 1", "kinds = 'person'", "key = 'HUSH'"] {
        let error = llm(text, &server).expect_err(text);
        assert!(!error.contains("HUSH"), "{error}");
    }
}
