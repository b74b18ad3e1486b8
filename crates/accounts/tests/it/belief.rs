//! What clients and providers can make up, and what it does to the accounts: nothing.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use crate::support::{
    self, Entries, chat, cost, events, facts, from, header, json, layer, over, post, send, streamed, text, to, usage,
};
use http::{Request, Response, StatusCode};
use llm_layers_accounts::{
    AccountsLayer, Asked, Entry, Grant, JsonLines, Known, Ledger, MemoryLedger, Outcome, Reserving, Spending,
    audit::Auditor,
    budgets::{Budget, Budgets, Limit, Per, UnknownCost},
};
use llm_layers_catalogue::{Catalogue, Model};
use llm_layers_core::{Body, Deployment, Failure, FailureKind, Rejection, Unanswered, metering::Expected};
use llm_layers_testkit::body::Script;
use rust_decimal::Decimal;

fn usd(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// A dollar a day for each caller.
fn a_dollar_a_day() -> Budgets {
    Budgets::new().budget(Budget::per_caller().limit(Limit::new(Decimal::ONE, Per::Day)))
}

async fn spent(budgets: &Budgets, caller: &str) -> Decimal {
    budgets.spent(Some(caller), None).await[0].spent.normalize()
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_unknown_cost_is_settled_as_it_was_expected() {
    let sound = r#"{"usage":{"prompt_tokens":9,"completion_tokens":500000,"completion_tokens_details":{"audio_tokens":500000}}}"#;
    for unknown_cost in [UnknownCost::Allow, UnknownCost::Refuse] {
        let budgets = a_dollar_a_day().unknown_cost(unknown_cost);
        let (layer, entries) = layer();
        let service = over(&layer.budgets(budgets.clone()), move |_| json(sound));
        // 400,000 tokens at two dollars for a million.
        let call = || from("a", post("/v1/chat/completions", r#"{"model":"small","max_tokens":400000}"#));
        send(&service, call()).await;
        assert_eq!(cost(&entries.one()), Err("unknown price of audio_output".to_owned()));
        let used = spent(&budgets, "a").await;
        assert!(used >= usd("0.8") && used < usd("0.81"), "{used}");
        send(&service, call()).await;
        assert_eq!(send(&service, call()).await.status(), 402, "it is used up");

        // What nobody can expect anything of counts as nothing, while it is let through.
        let asked = from("b", chat("priceless"));
        let status = send(&service, asked).await.status();
        assert_eq!(status == 200, unknown_cost == UnknownCost::Allow);
        assert_eq!(spent(&budgets, "b").await, Decimal::ZERO);
    }
}

#[tokio::test(start_paused = true)]
async fn names_that_clients_invent_take_no_room() {
    let ledger = MemoryLedger::new();
    let entries = Entries::default();
    let layer = AccountsLayer::new().provider("p").facts(facts()).ledger((ledger.clone(), entries.clone()));
    let service = over(&layer, |_| json(usage(1, 1)));
    let long = "\u{1}ä".repeat(500_000);
    for model in [&*long, "one", "two", "small@1", "small@2", "models/small", "small"] {
        let body = serde_json::json!({ "model": model, "messages": [] }).to_string();
        send(&service, post("/v1/chat/completions", body)).await;
    }
    let rows: Vec<_> = ledger.rows().into_iter().map(|(row, totals)| (row.deployment, totals.calls)).collect();
    assert_eq!(rows, [("(unknown)".into(), 3), ("small".into(), 4)]);
    for entry in entries.take() {
        assert!(entry.deployment.model().len() <= 256);
        let line = length_of_line(&entry);
        assert!(line < 2048, "{line}");
    }
}

/// The length of an entry's line.
fn length_of_line(entry: &Entry) -> u64 {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let file = std::env::temp_dir().join(format!("llm-layers-accounts-names-{}-{number}", std::process::id()));
    JsonLines::open(&file).unwrap().record(entry);
    let length = std::fs::metadata(&file).unwrap().len();
    let read: Vec<_> = JsonLines::read(&file).unwrap().map(Result::unwrap).collect();
    assert_eq!(read[0].deployment, entry.deployment);
    std::fs::remove_file(file).unwrap();
    length
}

/// A model with a window of 1,000 tokens, answers of 100, and the price of `small`.
fn narrow() -> Arc<Model> {
    let catalogue = Catalogue::read("p", support::ROWS).unwrap();
    let model = Model::clone(catalogue.find("p", "small").unwrap());
    Arc::new(model.with_context_window(1000).with_max_output(100))
}

#[tokio::test(start_paused = true)]
async fn one_absurd_report_locks_nobody_out() {
    for usage in [
        r#"{"prompt_tokens":9223372036854775808,"completion_tokens":1}"#,
        r#"{"prompt_tokens":1,"completion_tokens":1152921504606846976}"#,
        r#"{"prompt_tokens":1,"completion_tokens":1,"cost":1e28}"#,
        r#"{"prompt_tokens":1,"completion_tokens":1,"cost":999}"#,
    ] {
        let budgets = a_dollar_a_day();
        let (layer, entries) = layer();
        let layer = layer.facts(|_| Some(narrow())).believes(|_| true).budgets(budgets.clone());
        let body = format!(r#"{{"choices":[{{"message":{{"content":"12345678"}}}}],"usage":{usage}}}"#);
        let service = over(&layer, move |_| json(body.clone()));
        send(&service, from("a", chat("small"))).await;
        let entry = entries.one();
        assert!(entry.cost.as_ref().unwrap() < &usd("0.001"), "{usage}: {entry:?}");
        assert!(spent(&budgets, "a").await < usd("0.001"), "{usage}");
        // Nor is it expected of the next one.
        let next = over(&layer, |_| json(support::usage(1, 1)));
        assert_eq!(send(&next, from("a", chat("small"))).await.status(), 200);
        assert_eq!(cost(&entries.one()).unwrap(), "0.000003");
    }
}

#[tokio::test(start_paused = true)]
async fn an_absurd_length_is_not_expected_of_others() {
    let purse = Purse::default();
    let layer = layer().0.budgets(purse.clone());
    for tokens in [1 << 60, 10, 10] {
        send(&over(&layer, move |_| json(usage(1, tokens))), chat("small")).await;
    }
    // The first one is not believed: 512 until something else is known, and then 10.
    let expected = purse.take();
    assert!(expected[1] < usd("0.0012"), "{expected:?}");
    assert!(expected[2] < usd("0.0001"), "{expected:?}");
}

/// Takes note of what is expected.
#[derive(Clone, Default)]
struct Purse(Arc<Mutex<Vec<Decimal>>>);

impl Purse {
    fn take(&self) -> Vec<Decimal> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

struct Free;

impl Grant for Free {
    fn settle(self: Box<Self>, _: &Entry) {}
}

impl Spending for Purse {
    fn reserve(&self, asked: Asked<'_>) -> Reserving<'_> {
        self.0.lock().unwrap().push(asked.cost().unwrap());
        Reserving::Now(Ok(Box::new(Free)))
    }
}

#[tokio::test(start_paused = true)]
async fn dollars_are_believed_of_those_who_report_dollars() {
    let told = |cost: &str| format!(r#"{{"usage":{{"prompt_tokens":1000,"completion_tokens":0,"cost":{cost}}}}}"#);
    let openrouter = Deployment::new("or", "openrouter", "small");
    let other = Deployment::new("d", "p", "small");
    let priceless = Deployment::new("d", "p", "priceless");
    for (deployment, reported, expected, known) in [
        (&openrouter, "0.5", Ok("0.5"), Known::Reported),
        (&openrouter, "0", Ok("0"), Known::Reported),
        // By the catalogue.
        (&other, "0.5", Ok("0.001"), Known::Computed),
        (&other, "0", Ok("0.001"), Known::Computed),
        // Better than nothing; but not that it is free.
        (&priceless, "0.5", Ok("0.5"), Known::Reported),
        (&priceless, "0", Err("unknown price"), Known::Computed),
        (&priceless, "1001", Err("unknown price"), Known::Computed),
    ] {
        let (layer, entries) = layer();
        let body = told(reported);
        send(&over(&layer, move |_| json(body.clone())), to(deployment, chat("small"))).await;
        let entry = entries.one();
        let cost = cost(&entry);
        assert_eq!(
            (cost.as_deref().map_err(|reason| &**reason), entry.known),
            (expected, known),
            "{deployment:?} {reported}"
        );
        assert_eq!(entry.reported, Some(usd(reported)), "it is kept all the same");
    }
    // A name of one's own for OpenRouter is known by the facts, or by a setting.
    let (layer, entries) = layer();
    let mut model = Model::clone(&narrow());
    model.provider = "openrouter".into();
    let (named, model) = (Deployment::new("or", "or", "small"), Arc::new(model));
    let by_facts = layer.clone().facts(move |_| Some(Arc::clone(&model)));
    let by_setting = layer.believes(|deployment| deployment.provider() == "or");
    for layer in [by_facts, by_setting] {
        let body = told("0.5");
        send(&over(&layer, move |_| json(body.clone())), to(&named, chat("small"))).await;
        assert_eq!(entries.one().known, Known::Reported);
    }
}

#[tokio::test(start_paused = true)]
async fn an_openrouter_of_another_name_is_asked_for_its_cost() {
    let mut model = Model::clone(&narrow());
    model.provider = "openrouter".into();
    let model = Arc::new(model);
    let layer = layer().0.facts(move |_| Some(Arc::clone(&model)));
    let asking = r#"{"model":"small","messages":[],"usage":{"include":true}}"#;
    let service = over(&layer, move |request: Request<Body>| {
        assert_eq!(request.body().as_object().unwrap().to_bytes(), asking);
        json(usage(1, 1))
    });
    send(&service, to(&Deployment::new("or", "or", "small"), post("/v1/chat/completions", asking))).await;
}

#[tokio::test(start_paused = true)]
async fn a_plain_answer_was_made_before_it_was_sent() {
    let request = || post("/v1/chat/completions", r#"{"model":"small","max_tokens":1000}"#);
    let half = Script::new().data(r#"{"choices":[{"message":"#).pending();
    // Left before it is whole, while it is held and when it has been let go; and one that breaks off.
    let never = half.clone().never();
    for max_plain in [1 << 20, 10] {
        let (layer, entries) = layer();
        let layer = layer.max_plain(max_plain);
        let never = never.clone();
        let service = over(&layer, move |_| json(Body::new(never.body())));
        let call = async {
            let mut response = send(&service, request()).await;
            response.body_mut().bytes(1 << 20).await
        };
        assert!(tokio::time::timeout(Duration::from_secs(1), call).await.is_err());
        let entry = entries.one();
        assert_eq!(
            (entry.outcome, entry.known, entry.tokens.output),
            (Outcome::Cancelled, Known::Estimated, Some(1000))
        );
        assert_eq!(entry.status, Some(200));
    }
    let (layer, entries) = layer();
    let broken = half.error("reset");
    let response = send(&over(&layer, move |_| json(Body::new(broken.body()))), request()).await;
    assert_eq!(response.status(), 502);
    let entry = entries.one();
    assert_eq!((entry.outcome, entry.tokens.output, entry.status), (Outcome::Failed, Some(1000), Some(200)));

    // An error that is left in the middle was no answer.
    let service = over(&layer, move |_| {
        let mut response = json(Body::new(never.body()));
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        response
    });
    drop(send(&service, request()).await);
    assert_eq!(cost(&entries.one()).unwrap(), "0");
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_was_given_up_is_billed_like_one_that_nobody_waits_for() {
    let late = |mark: fn(&mut Response<Body>)| {
        move |_: Request<Body>| {
            let mut response = Failure::timed_out("m").into_response();
            mark(&mut response);
            response
        }
    };
    let (layer, entries) = layer();
    let by_the_attempts_limit = over(&layer, late(|response| _ = response.extensions_mut().insert(Unanswered)));
    let by_the_deadline = over(&layer, late(|response| _ = response.extensions_mut().insert(Rejection::TimedOut)));
    for service in [by_the_attempts_limit, by_the_deadline] {
        let response = send(&service, chat("small")).await;
        assert_eq!(response.extensions().get(), Some(&FailureKind::Timeout));
        let entry = entries.one();
        assert_eq!((entry.outcome, entry.known, entry.tokens.output), (Outcome::Failed, Known::Estimated, Some(0)));
        assert!(entry.tokens.input.unwrap() > 0 && entry.cost.unwrap() > Decimal::ZERO);
    }
    // A provider that says so itself has given up; and a deadline that had passed let nobody be asked.
    send(&over(&layer, late(|_| {})), chat("small")).await.into_body().bytes(999).await.unwrap();
    assert_eq!(cost(&entries.one()).unwrap(), "0");
    let unasked = |response: &mut Response<Body>| {
        response.extensions_mut().remove::<FailureKind>();
        response.extensions_mut().insert(Rejection::TimedOut);
    };
    send(&over(&layer, late(unasked)), chat("small")).await;
    assert_eq!(entries.take(), []);
}

#[tokio::test(start_paused = true)]
async fn each_of_several_answers_may_be_as_long_as_one() {
    let purse = Purse::default();
    let layer = layer().0.facts(|_| Some(narrow())).budgets(purse.clone());
    let service = over(&layer, |_| json(usage(1, 1)));
    // 100 tokens are two ten-thousandths of a dollar.
    for (more, answers) in [
        (r#""max_tokens":100"#, 1),
        (r#""max_tokens":100,"n":8"#, 8),
        (r#""max_tokens":5000,"n":8"#, 8),
        (r#""max_tokens":100,"best_of":4"#, 4),
    ] {
        send(&service, post("/v1/completions", format!(r#"{{"model":"small",{more}}}"#))).await;
        let expected = purse.take()[0];
        let output = usd("0.0002") * Decimal::from(answers);
        assert!(expected >= output && expected < output + usd("0.00005"), "{more}: {expected}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_router_has_counted_is_not_counted_again() {
    let purse = Purse::default();
    let (layer, entries) = layer();
    let layer = layer.budgets(purse.clone());
    let mut request = chat("small");
    request.extensions_mut().insert(Expected { input: 100_000, output: 50_000 });
    let silent = over(&layer, |_| json("{}"));
    send(&silent, request).await;
    assert_eq!(purse.take(), [usd("0.2")]);
    let entry = entries.one();
    assert_eq!((entry.tokens.input, entry.tokens.output), (Some(100_000), Some(50_000)));
    // The request's own bound is known better.
    let mut request = post("/v1/chat/completions", r#"{"model":"small","max_tokens":1000}"#);
    request.extensions_mut().insert(Expected { input: 100_000, output: 50_000 });
    send(&silent, request).await;
    assert_eq!(purse.take(), [usd("0.102")]);
}

#[tokio::test(start_paused = true)]
async fn what_stands_against_a_deployment_is_told_at_the_head_of_a_stream() {
    let auditor = Arc::new(Auditor::new());
    let layer = layer().0.audit(Arc::clone(&auditor));
    let silent = r#"{"choices":[{"finish_reason":null,"message":{"content":"12345678"}}],"usage":{"prompt_tokens":9,"completion_tokens":2}}"#;
    let plain = over(&layer, move |_| json(silent));
    let stream = over(&layer, |_| events(&Script::new().data("data: [DONE]\n\n")));
    let warning = async || {
        let mut response = send(&stream, streamed("small", "")).await;
        text(&mut response).await;
        header(response.headers(), "x-llm-warning").map(str::to_owned)
    };
    assert_eq!(warning().await, None);
    for _ in 0..5 {
        send(&plain, chat("small")).await;
    }
    assert_eq!(warning().await.as_deref(), Some("audit: no_finish_reason"));
}
