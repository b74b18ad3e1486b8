//! What a provider reports, looked at through the layer.

use std::{convert::Infallible, sync::Arc};

use http::{Request, Response, header::CONTENT_TYPE};
use llm_layers_accounts::{
    AccountsLayer,
    audit::{Auditor, Finding},
};
use llm_layers_catalogue::Model;
use llm_layers_core::{Body, Deployment};
use tower::{Layer as _, ServiceExt as _, service_fn};

/// Of the others nothing is known.
fn facts(deployment: &Deployment) -> Option<Arc<Model>> {
    (deployment.model() == "bounded")
        .then(|| Arc::new(Model::new("openai", "bounded").with_max_output(100).with_context_window(10_000)))
}

/// Asks so many times, and gives the last answer.
async fn ask(auditor: &Arc<Auditor>, times: usize, answer: impl Fn(usize) -> String) -> Response<Body> {
    ask_for("gpt-4o", auditor, times, answer).await
}

async fn ask_for(
    model: &str,
    auditor: &Arc<Auditor>,
    times: usize,
    answer: impl Fn(usize) -> String,
) -> Response<Body> {
    let layer = AccountsLayer::new().facts(facts).audit(Arc::clone(auditor));
    let mut last = None;
    for number in 0..times {
        let body = answer(number);
        let provider = service_fn(move |_: Request<Body>| {
            let response = Response::builder().header(CONTENT_TYPE, "application/json").body(Body::from(body.clone()));
            async move { Ok::<_, Infallible>(response.unwrap()) }
        });
        let request = Request::post("/v1/chat/completions")
            .header(CONTENT_TYPE, "application/json")
            .extension(Deployment::new("small", "openai", model))
            .body(Body::from(r#"{"model":"gpt-4o","messages":[{"role":"user","content":"hello there"}]}"#))
            .unwrap();
        let mut response = layer.layer(provider).oneshot(request).await.unwrap();
        response.body_mut().bytes(1 << 20).await.unwrap();
        last = Some(response);
    }
    last.unwrap()
}

fn chat(finish: &str, input: usize, output: usize) -> String {
    format!(
        r#"{{"choices":[{{"index":0,"message":{{"role":"assistant","content":"{}"}},"finish_reason":{finish}}}],
            "usage":{{"prompt_tokens":{input},"completion_tokens":{output},"total_tokens":{},
            "completion_tokens_details":{{"reasoning_tokens":0}}}}}}"#,
        "word ".repeat(output.min(1000)),
        input + output,
    )
}

fn warning(response: &Response<Body>) -> Option<&str> {
    response.headers().get("x-llm-warning")?.to_str().ok()
}

#[tokio::test]
async fn the_honest_are_told_nothing() {
    let auditor = Arc::new(Auditor::new().sample(1.0));
    let last = ask(&auditor, 60, |number| chat("\"stop\"", 9, 3 + number)).await;
    assert_eq!((warning(&last), auditor.findings("small")), (None, vec![]));
}

#[tokio::test]
async fn a_finding_is_told_on_plain_answers_while_it_stands() {
    let auditor = Arc::new(Auditor::new());
    let last = ask(&auditor, 4, |number| chat("null", 9, 3 + number)).await;
    assert_eq!(warning(&last), None);
    let last = ask(&auditor, 1, |number| chat("null", 9, 3 + number)).await;
    assert_eq!(warning(&last), Some("audit: no_finish_reason"));
    assert_eq!(auditor.findings("small"), [Finding::NoFinishReason]);
    let last = ask(&auditor, 16, |number| chat("\"stop\"", 9, 3 + number)).await;
    assert_eq!((warning(&last), auditor.findings("small")), (None, vec![]));
}

#[tokio::test]
async fn padding_is_found_in_a_sample() {
    let auditor = Arc::new(Auditor::new().sample(0.5));
    let padded = |number| chat("\"stop\"", 2000, 3 + number);
    assert_eq!(warning(&ask(&auditor, 39, padded).await), None);
    assert_eq!(warning(&ask(&auditor, 1, padded).await), Some("audit: padded_prompt"));
}

#[tokio::test]
async fn limits_are_those_that_the_layer_knows() {
    let auditor = Arc::new(Auditor::new());
    let cut_at = |output| move |_| chat("\"length\"", 9, output);
    ask_for("bounded", &auditor, 5, cut_at(100)).await;
    assert_eq!(auditor.findings("small"), [], "cut at the model's own limit");
    ask_for("bounded", &auditor, 3, cut_at(50)).await;
    assert_eq!(auditor.findings("small"), [Finding::LowOutputLimit]);
}

#[tokio::test]
async fn what_goes_on_from_a_kept_answer_is_not_compared() {
    let auditor = Arc::new(Auditor::new().sample(1.0));
    let layer = AccountsLayer::new().audit(Arc::clone(&auditor));
    for (request, finding) in [
        (r#"{"model":"gpt-4o","input":"go on","previous_response_id":"resp_1"}"#, None),
        (r#"{"model":"gpt-4o","input":"go on"}"#, Some(Finding::PaddedPrompt)),
    ] {
        for _ in 0..20 {
            let body = r#"{"object":"response","status":"completed","output":[],"usage":{"input_tokens":9000,"output_tokens":5}}"#;
            let provider = service_fn(move |_: Request<Body>| {
                let response = Response::builder().header(CONTENT_TYPE, "application/json").body(Body::from(body));
                async move { Ok::<_, Infallible>(response.unwrap()) }
            });
            let request = Request::post("/v1/responses")
                .header(CONTENT_TYPE, "application/json")
                .extension(Deployment::new("small", "openai", "gpt-4o"))
                .body(Body::from(request))
                .unwrap();
            layer.layer(provider).oneshot(request).await.unwrap();
        }
        assert_eq!(auditor.findings("small").first().copied(), finding);
    }
}
