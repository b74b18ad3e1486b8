//! The values exist nowhere else: not in logs, spans, metrics, errors, headers or `Debug`.

use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use http::{Request, Response};
use llm_layers_core::{Body, BoxError, Caller, Secret};
use llm_layers_pii_redaction::{
    Action, Detectors, Entity, External, Finding, OnFailure, RedactLayer, Rules, Session, Text,
};
use llm_layers_testkit::metrics::Recorded;
use serde_json::json;
use tower::Layer;
use tracing_subscriber::{fmt::format::FmtSpan, layer::SubscriberExt};

use crate::support::{CARD, EMAIL, IBAN, answer, chat, echo, echo_by, exchange, post, says};

const KEY: &str = "the-key-of-the-placeholders";

/// Everything that is written anywhere.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Written {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

fn assert_holds_nothing(what: &str, text: &str) {
    for value in ["schmidt", "posteo", "4111", "3704", "0532", KEY] {
        assert!(!text.contains(value), "{what} holds {value}: {text}");
    }
}

/// Fails with a message that holds the text which it was shown.
fn indiscreet(texts: &[Text<'_>]) -> std::future::Ready<Result<Vec<Vec<Finding>>, BoxError>> {
    let all: String = texts.iter().map(|text| text.text).collect();
    std::future::ready(Err(format!("cannot make sense of {all}").into()))
}

fn layers() -> Vec<RedactLayer> {
    let layer = || RedactLayer::default().audit(|report| tracing::trace!(?report, "audit"));
    vec![
        layer(),
        layer().key(Secret::new(KEY)),
        layer().key(Secret::new(KEY)).default_action(Action::Encrypt),
        layer().default_action(Action::Mask),
        layer().default_action(Action::Hash),
        layer().default_action(Action::Fake),
        layer().default_action(Action::Block),
        layer().answers(Action::Mask),
        layer().answers(Action::Block),
        layer().max_answer(10),
        layer().detect_async(External::new("indiscreet", indiscreet)),
        layer().detect_async(External::new("indiscreet", indiscreet).on_failure(OnFailure::FailOpen)),
        RedactLayer::new(Detectors::builder().words("name", [EMAIL]).build().expect("detectors")),
    ]
}

#[tokio::test]
async fn values_are_nowhere_but_where_they_belong() {
    let written = Written::default();
    let writer = {
        let written = written.clone();
        move || written.clone()
    };
    let format = tracing_subscriber::fmt::layer().with_writer(writer).without_time().with_span_events(FmtSpan::FULL);
    let subscriber = tracing_subscriber::registry().with(tracing_subscriber::filter::LevelFilter::TRACE).with(format);
    // For all tests of this binary: a scoped one and others that come and go beside it lose events.
    tracing::subscriber::set_global_default(subscriber).expect("the only one");
    let recorded = Recorded::default();
    let said = format!("{EMAIL} {IBAN} {CARD}");

    let work = async {
        for layer in layers() {
            assert_holds_nothing("Debug of the layer", &format!("{layer:?} {:?}", layer.layer(())));
            let mut request = chat(&said);
            request.extensions_mut().insert(Caller::new("team-a"));
            let (seen, got) = exchange(&layer, request, echo).await;
            if let Some(seen) = seen {
                assert_holds_nothing("what was sent", &seen.all());
            }
            assert_holds_nothing("the answer's headers", &format!("{:?}", got.headers));
            if got.status != 200 {
                assert_holds_nothing("an error", &got.body);
            }
            exchange(&layer, chat(&said), echo_by(3)).await;
            // Refused, broken, and of another shape.
            exchange(&layer, Request::post("/v1/chat/completions").body(Body::from(said.clone())).unwrap(), echo).await;
            exchange(&layer, chat(&said), |_| answer(&json!([EMAIL]))).await;
            exchange(&layer, chat("Hi"), |_| says(CARD)).await;
            exchange(&layer, post("/v1/embeddings", &json!({"model": "m", "input": [said]})), |_| {
                Response::new(Body::from(format!("<html>{CARD}")))
            })
            .await;
        }
    };
    let local = metrics::set_default_local_recorder(&recorded);
    work.await;
    drop(local);

    let log = written.text();
    assert!(log.contains("personal data was found") && log.contains("email=1"), "the log says what was done: {log}");
    assert_holds_nothing("the log", &log);
    let metrics = recorded.lines().join("\n");
    assert!(
        recorded.counter("llm_pii_found_total{entity=email,action=placeholder,direction=request}") > 0,
        "{metrics}"
    );
    assert_holds_nothing("a metric", &metrics);
}

#[test]
fn what_holds_values_cannot_print_them() {
    let rules = Arc::new(Rules::new().key(&Secret::new(KEY)));
    let mut session = Session::new(&rules, "", "");
    let found = vec![Finding { entity: Entity::EMAIL, range: 0..EMAIL.len(), score: 1.0 }];
    let redacted = session.redact(&Text::from(EMAIL), found, false).expect("something was found");
    assert_holds_nothing("a placeholder", &redacted);
    assert_holds_nothing("Debug of a session", &format!("{rules:?} {session:?}"));
    let vault = session.into_vault();
    assert_eq!(vault.len(), 1);
    assert_holds_nothing("Debug of a vault", &format!("{vault:?}"));
    let restorer = llm_layers_pii_redaction::Restorer::new(vault);
    assert_holds_nothing("Debug of a restorer", &format!("{restorer:?}"));
}
