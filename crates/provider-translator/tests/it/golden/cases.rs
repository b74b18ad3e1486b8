//! Dialects of their own: pairs of JSON.

use std::{collections::BTreeMap, path::Path};

use serde::Deserialize;
use serde_json::Value;

use super::{
    exchange::{Failed, Reply, exchange},
    files, parse, provider,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fixture {
    source: String,
    /// Where the client calls.
    operation: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    provider: String,
    openai: Value,
    /// What the provider is asked; nothing of a request that is refused.
    sent: Option<Sent>,
    /// What the client is warned of.
    #[serde(default)]
    warnings: String,
    /// What the provider answers.
    #[serde(default)]
    answer: Option<Answer>,
    /// What the client reads, of an answer that goes well.
    said: Option<Value>,
    /// What it reads of another, or of a request that is refused.
    failed: Option<Failed>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    /// Path and query.
    path: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    #[serde(default = "ok")]
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Value,
}

const fn ok() -> u16 {
    200
}

#[test]
fn what_is_sent_and_what_comes_of_the_answer() {
    let mut files = files("anthropic", "json");
    files.extend(super::files("embeddings", "json"));
    super::check(&files, check);
}

async fn check(path: &Path) {
    let fixture: Fixture = parse(path);
    assert!(!fixture.source.is_empty());
    for case in fixture.cases {
        let Some(provider) = provider(&case.provider) else { continue };
        let name = &case.name;
        let answer = case.answer.unwrap_or_else(|| Answer { status: 500, headers: BTreeMap::new(), body: Value::Null });
        let reply = Reply::json(answer.status, answer.body.to_string()).with_headers(answer.headers);
        let (asked, answered) = exchange(&provider, &fixture.operation, case.openai.to_string(), reply).await;
        match (asked, case.sent) {
            (None, None) => assert!(case.failed.is_some(), "{name}: what is not sent is refused"),
            (Some(asked), Some(sent)) => {
                let uri: http::Uri = asked.uri.parse().expect("a URI");
                assert_eq!(uri.path_and_query().map(|path| path.as_str()), Some(sent.path.as_str()), "{name}");
                for (header, value) in sent.headers {
                    assert_eq!(
                        asked.headers.get(&header).map(|value| value.as_bytes()),
                        Some(value.as_bytes()),
                        "{name}"
                    );
                }
                let body: Value = serde_json::from_slice(&asked.body).expect("JSON");
                assert_eq!(body, sent.body, "{name}: {body}");
            }
            (asked, _) => panic!("{name}: {asked:?}, {answered:?}"),
        }
        assert_eq!(answered.warnings(), case.warnings, "{name}");
        if let Some(said) = case.said {
            assert_eq!((answered.status, answered.json()), (200, said), "{name}");
        }
        if let Some(failed) = case.failed {
            assert_eq!(Failed::from(&answered), failed, "{name}");
        }
    }
}
