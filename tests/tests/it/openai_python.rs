//! OpenAI's Python SDK, synchronous and asynchronous, through the proxy.

use llm_layers_sim::Fault;
use llm_layers_tests::{Stage, passes, python, reaches_the_provider};

#[tokio::test(flavor = "multi_thread")]
async fn its_cases_pass() {
    let stage = Stage::start().await;
    let cases = [
        "plain",
        "stream",
        "tools",
        "tools_stream",
        "n2",
        "n2_stream",
        "stream_usage",
        "models",
        "embeddings",
        "error_401",
        "error_404_model",
        "error_400_json",
        "error_413",
        "error_429",
        "stream_error",
        "parallel64",
        "strict",
    ];
    passes(python("openai_cases.py"), &stage, &cases).await;
}

/// The same answers come out of another dialect: the model is Claude's, the SDK OpenAI's.
#[tokio::test(flavor = "multi_thread")]
async fn its_cases_pass_on_anthropic() {
    let stage = Stage::start().await;
    let cases = [
        "plain",
        "stream",
        "tools",
        "tools_stream",
        "stream_usage",
        "error_429",
        "stream_error",
        "parallel64",
        "strict",
    ];
    let mut python = python("openai_cases.py");
    python.env("MODEL", "claude").env("CHOICES", "1");
    passes(python, &stage, &cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_waits_as_the_provider_asks_and_tries_again() {
    let stage = Stage::start().await;
    stage.openai.fail_next(1, Fault::status(429).retry_after(1));
    passes(python("openai_cases.py"), &stage, &["error_429_retry"]).await;
    assert_eq!(stage.openai.counts().requests, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn its_hang_up_reaches_the_provider() {
    let stage = Stage::start().await;
    passes(python("openai_cases.py"), &stage, &["hangup"]).await;
    reaches_the_provider(&stage.openai).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn its_hang_up_reaches_anthropic() {
    let stage = Stage::start().await;
    let mut python = python("openai_cases.py");
    python.env("MODEL", "claude");
    passes(python, &stage, &["hangup"]).await;
    reaches_the_provider(&stage.anthropic).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn members_that_nobody_knows_survive() {
    let stage = Stage::start().await;
    passes(python("openai_cases.py"), &stage, &["unknown_members"]).await;
    let received = stage.openai.received();
    assert_eq!(received.len(), 2);
    for request in received {
        let custom = &request.json()["x_custom"];
        assert_eq!(custom, &serde_json::json!({"keep": [1, 2.5, null, "é"], "deep": {"a": {}}}));
    }
}
