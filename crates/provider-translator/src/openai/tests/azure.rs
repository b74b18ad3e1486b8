//! Azure: where calls go, who calls, and what it says of failures.

use llm_layers_core::Secret;

use super::*;
use crate::{TokenFuture, TokenSource};

const REQUEST: &str = r#"{"model":"my deployment","messages":[{"role":"user","content":"Hi"}]}"#;

fn azure() -> Provider {
    Provider::azure("https://r.openai.azure.com").unwrap()
}

fn dated(version: &str) -> Provider {
    azure().with_api_version(version).unwrap()
}

#[test]
fn a_dated_version_is_asked_by_deployment() {
    let provider = dated("2024-10-21").with_key(&Secret::new("k")).unwrap();
    let (asked, _) = chat(provider, REQUEST, 200, "application/json", Body::empty);
    let expected =
        "https://r.openai.azure.com/openai/deployments/my%20deployment/chat/completions?api-version=2024-10-21";
    assert_eq!(asked[0].uri, expected);
    assert_eq!(asked[0].body, REQUEST, "byte for byte");
    assert_eq!(
        (&asked[0].headers["api-key"], asked[0].headers.get("authorization")),
        (&HeaderValue::from_static("k"), None)
    );
}

#[test]
fn version_1_is_asked_by_model() {
    let (asked, _) = chat(azure(), REQUEST, 200, "application/json", Body::empty);
    assert_eq!(asked[0].uri, "https://r.openai.azure.com/openai/v1/chat/completions");
}

struct Entra;

impl TokenSource for Entra {
    fn token(&self) -> TokenFuture<'_> {
        Box::pin(async { Ok(Secret::new("entra")) })
    }
}

#[test]
fn a_token_goes_alone() {
    let provider = azure().with_key(&Secret::new("k")).unwrap().with_tokens(Entra);
    let (asked, _) = chat(provider, REQUEST, 200, "application/json", Body::empty);
    assert_eq!(asked[0].headers["authorization"], "Bearer entra");
    assert!(!asked[0].headers.contains_key("api-key"));
}

#[test]
fn an_old_version_is_not_told_what_it_does_not_know() {
    let request = r#"{"model":"d","messages":[{"role":"developer","content":"s"}],"max_completion_tokens":5,"reasoning_effort":"low","parallel_tool_calls":false,"stream":true,"stream_options":{"include_usage":true}}"#;
    let sent = |version| {
        let (asked, answered) = chat(dated(version), request, 500, "application/json", Body::empty);
        (String::from_utf8(asked[0].body.to_vec()).unwrap(), answered.warnings().to_owned())
    };
    assert_eq!(sent("2025-04-01-preview"), (request.to_owned(), String::new()));
    let (body, warnings) = sent("2024-02-01");
    assert_eq!(body, r#"{"model":"d","messages":[{"role":"system","content":"s"}],"stream":true,"max_tokens":5}"#);
    let told =
        "dropped;param=reasoning_effort;reason=unsupported, dropped;param=parallel_tool_calls;reason=unsupported";
    assert_eq!(warnings, told);
}

#[test]
fn failures_are_told_in_openais_words() {
    let filtered = r#"{"error":{"message":"filtered","type":null,"param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation","content_filter_result":{"hate":{"filtered":true,"severity":"high"}}}}}"#;
    for (status, body, expected, code, retry_after) in [
        (400, filtered, 400, Some("content_filter"), None),
        (401, r#"{"statusCode":401,"message":"Unauthorized."}"#, 401, Some("invalid_api_key"), None),
        (401, r#"{"error":{"code":"401","message":"Access denied"}}"#, 401, Some("invalid_api_key"), None),
        (404, r#"{"error":{"code":"DeploymentNotFound","message":"no such"}}"#, 404, Some("model_not_found"), None),
        (424, r#"{"error":{"code":"424","message":"it failed"}}"#, 502, Some("upstream_error"), None),
        (408, r#"{"error":{"code":"Timeout","message":"late"}}"#, 504, Some("upstream_timeout"), None),
        (
            429,
            r#"{"error":{"code":"429","message":"Requests have exceeded the limit. Please retry after 6 seconds."}}"#,
            429,
            Some("rate_limit_exceeded"),
            Some("6"),
        ),
        (503, r#"{"error":{"code":"InternalServerError","message":"m"}}"#, 503, Some("InternalServerError"), None),
    ] {
        let (_, answered) = chat(azure(), REQUEST, status, "application/json", move || Body::from(body));
        let error = answered.json()["error"].clone();
        assert_eq!((answered.status, error["code"].as_str()), (expected, code), "{body}");
        assert_eq!(error["upstream_status"], status, "{body}");
        let wait = answered.headers.get("retry-after").map(|value| value.to_str().unwrap());
        assert_eq!(wait, retry_after, "{body}");
        let reason = &error["native"]["innererror"]["code"];
        assert_eq!(reason.as_str().is_some(), body == filtered, "{body}");
    }
}
