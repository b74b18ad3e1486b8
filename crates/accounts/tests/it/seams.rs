//! Who is asked before an attempt, and who sees it afterwards.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use http::{HeaderValue, Request, StatusCode};
use llm_layers_accounts::{AccountsLayer, Asked, Audit, Entry, Finished, Grant, Reserving, Spending};
use llm_layers_catalogue::{Catalogue, Committed, Model};
use llm_layers_core::{Alias, Body, BoxError, Failure, Rejection};
use llm_layers_testkit::body::Script;
use llm_layers_wire::openai;
use tower::{Layer, ServiceExt};

use crate::support::{self, chat, cost, events, from, header, json, layer, over, post, send, streamed, text, usage};

/// What was reserved, settled and given back.
#[derive(Clone, Default)]
struct Purse(Arc<Mutex<Vec<String>>>);

impl Purse {
    fn note(&self, note: String) {
        self.0.lock().unwrap().push(note);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

struct Held(Option<Purse>);

impl Grant for Held {
    fn settle(mut self: Box<Self>, entry: &Entry) {
        self.0.take().unwrap().note(format!("settled {}", cost(entry).unwrap_or_else(|reason| reason)));
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(purse) = self.0.take() {
            purse.note("given back".to_owned());
        }
    }
}

impl Spending for Purse {
    fn reserve(&self, asked: Asked<'_>) -> Reserving<'_> {
        let caller = asked.caller().map_or("nobody", |caller| caller.name());
        let alias = asked.alias().map_or("", |alias| alias.name());
        let amount = asked.cost().map_or_else(|unknown| unknown.to_string(), |cost| cost.normalize().to_string());
        self.note(format!("{caller} {alias} {} {amount}", asked.deployment().name()));
        match caller {
            "poor" => {
                let error = openai::Error::new("insufficient_quota", "m").with_code("insufficient_quota");
                Reserving::Now(Err(Box::new(Failure::new(StatusCode::PAYMENT_REQUIRED, error))))
            }
            "slow" => Reserving::Later(Box::pin(async {
                tokio::time::sleep(Duration::from_secs(1)).await;
                let held: Box<dyn Grant> = Box::new(Held(Some(self.clone())));
                Ok(held)
            })),
            _ => Reserving::Now(Ok(Box::new(Held(Some(self.clone()))))),
        }
    }
}

fn spending() -> (AccountsLayer, support::Entries, Purse) {
    let ((layer, entries), purse) = (layer(), Purse::default());
    (layer.budgets(purse.clone()), entries, purse)
}

/// Its prompt is nobody's business here, its answer has at most 1000 tokens at two dollars for a million.
fn bounded() -> Request<Body> {
    post("/v1/chat/completions", r#"{"model":"small","max_tokens":1000}"#)
}

#[tokio::test(start_paused = true)]
async fn the_expected_cost_is_reserved_and_the_real_one_settled() {
    let (layer, _, purse) = spending();
    let service = over(&layer, |_| json(usage(1000, 10)));
    let mut request = from("rich", bounded());
    request.extensions_mut().insert(Alias::new("cheap"));
    send(&service, request).await;
    let notes = purse.take();
    let reserved: f64 = notes[0].strip_prefix("rich cheap small ").unwrap().parse().unwrap();
    assert!((0.002..0.0021).contains(&reserved), "{notes:?}");
    assert_eq!(notes[1..], ["settled 0.00102"]);

    send(&service, chat("priceless")).await;
    assert_eq!(purse.take(), ["nobody  priceless unknown price", "settled unknown price"]);
}

#[tokio::test(start_paused = true)]
async fn answers_without_a_bound_are_expected_to_be_as_long_as_the_others() {
    let (layer, _, purse) = spending();
    let service = over(&layer, |_| json(usage(0, 8000)));
    let expected = async || {
        send(&service, post("/v1/chat/completions", r#"{"model":"small"}"#)).await;
        purse.take()[0].strip_prefix("nobody  small ").unwrap().parse::<f64>().unwrap()
    };
    assert!((0.001..0.0011).contains(&expected().await), "512 tokens at first");
    for _ in 0..50 {
        expected().await;
    }
    assert!((0.0155..0.0161).contains(&expected().await), "8000 in the end");
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_is_no_attempt_and_a_router_goes_on() {
    let (layer, entries, _) = spending();
    let service = over(&layer, |_| unreachable!("nobody is asked"));
    let mut refused = send(&service, from("poor", bounded())).await;
    assert_eq!((refused.status().as_u16(), refused.extensions().get()), (402, Some(&Rejection::Limited)));
    assert!(text(&mut refused).await.contains("insufficient_quota"));
    assert_eq!(entries.take(), []);
}

#[tokio::test(start_paused = true)]
async fn nothing_stays_reserved() {
    let (layer, entries, purse) = spending();
    // Refused below, by a layer that asks nobody.
    let service = over(&layer, |_| Failure::not_found("m").into_response());
    send(&service, bounded()).await;
    assert_eq!((purse.take()[1..].to_vec(), entries.take()), (vec!["given back".to_owned()], vec![]));

    let broken = tower::service_fn(|_: Request<Body>| async { Err::<http::Response<Body>, BoxError>("reset".into()) });
    layer.clone().layer(broken).oneshot(bounded()).await.unwrap_err();
    assert_eq!(purse.take()[1..], ["settled 0"]);

    // Left while the answer comes, and before there is one.
    let hi = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"12345678\"}}]}\n\n";
    let script = Script::new().data(hi).pending().never();
    let response = send(&over(&layer, move |_| events(&script)), streamed("small", "")).await;
    assert_eq!(purse.take().len(), 1);
    drop(response);
    assert!(purse.take()[0].starts_with("settled 0.0000"));
    let silent = tower::service_fn(|_: Request<Body>| std::future::pending::<Result<http::Response<Body>, BoxError>>());
    let call = layer.clone().layer(silent).oneshot(chat("small"));
    tokio::time::timeout(Duration::from_secs(1), call).await.unwrap_err();
    assert!(purse.take()[1].starts_with("settled 0.0000"));
    entries.take();

    // Left while the budgets are asked: nobody was asked yet.
    let service = over(&layer, |_| unreachable!("nobody is asked"));
    let call = service.oneshot(from("slow", bounded()));
    tokio::time::timeout(Duration::from_millis(500), call).await.unwrap_err();
    assert_eq!((purse.take().len(), entries.take()), (1, vec![]));
}

#[tokio::test(start_paused = true)]
async fn budgets_may_take_their_time() {
    let (layer, entries, purse) = spending();
    send(&over(&layer, |_| json(usage(0, 10))), from("slow", bounded())).await;
    assert_eq!(purse.take()[1..], ["settled 0.00002"]);
    assert_eq!(entries.one().took, Duration::ZERO, "the attempt begins afterwards");
}

/// Tokens of the prompt as counted and as told, the answer's bound, and how many reasons it gave to end.
type Seen = (u64, Option<u64>, Option<u64>, usize);

#[derive(Clone, Default)]
struct Watcher(Arc<Mutex<Vec<Seen>>>);

impl Audit for Watcher {
    fn finished(&self, attempt: &Finished<'_>) -> Option<HeaderValue> {
        let told = attempt.reading.tokens().input;
        let counted = attempt.prompt().map_or(0, |prompt| prompt.total());
        let reasons = attempt.reading.finish_reasons().count();
        self.0.lock().unwrap().push((counted, told, attempt.output_bound.total(None), reasons));
        (told > Some(100)).then(|| HeaderValue::from_static("padded_prompt"))
    }
}

#[tokio::test(start_paused = true)]
async fn an_audit_sees_each_attempt_and_may_warn() {
    let watcher = Watcher::default();
    let layer = layer().0.audit(watcher.clone());
    let plain = send(&over(&layer, |_| json(usage(1000, 1))), chat("small")).await;
    assert_eq!(header(plain.headers(), "x-llm-warning"), Some("padded_prompt"));
    let honest = send(&over(&layer, |_| json(usage(8, 1))), bounded()).await;
    assert_eq!(header(honest.headers(), "x-llm-warning"), None);
    let script = Script::new().data("data: [DONE]\n\n");
    text(&mut send(&over(&layer, move |_| events(&script)), streamed("small", "")).await).await;
    let seen = std::mem::take(&mut *watcher.0.lock().unwrap());
    assert_eq!(
        seen.iter().map(|(_, told, bound, reasons)| (*told, *bound, *reasons)).collect::<Vec<_>>(),
        [(Some(1000), None, 1), (Some(8), Some(1000), 1), (None, None, 0)]
    );
    assert!((1..50).contains(&seen[0].0), "{seen:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_prepaid_is_used_first() {
    let catalogue = Catalogue::read("p", support::ROWS).unwrap();
    let mut model = Model::clone(catalogue.find("p", "small").unwrap());
    let committed = Committed { input_per_minute: 1500, output_per_minute: 0 };
    model.price = model.price.map(|price| price.committed(committed));
    let model = Arc::new(model);
    let (layer, entries) = layer();
    let layer = layer.facts(move |_| Some(Arc::clone(&model)));
    let service = over(&layer, |_| json(usage(1000, 0)));
    for expected in ["0", "0.0005", "0.001"] {
        send(&service, chat("small")).await;
        assert_eq!(cost(&entries.one()).unwrap(), expected);
    }
}
