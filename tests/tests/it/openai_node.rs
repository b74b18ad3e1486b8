//! OpenAI's Node SDK through the proxy.

use llm_layers_sim::Fault;
use llm_layers_tests::{Stage, node, passes, reaches_the_provider};

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
        "error_401",
        "error_404_model",
        "error_400_json",
        "error_413",
        "error_429",
        "stream_error",
        "parallel64",
        "unknown_members",
    ];
    passes(node("openai_cases.mjs"), &stage, &cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn its_cases_pass_on_anthropic() {
    let stage = Stage::start().await;
    let mut node = node("openai_cases.mjs");
    node.env("MODEL", "claude");
    passes(node, &stage, &["plain", "stream", "tools", "tools_stream", "stream_usage", "error_429", "parallel64"])
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_waits_as_the_provider_asks_and_tries_again() {
    let stage = Stage::start().await;
    stage.openai.fail_next(1, Fault::status(429).retry_after(1));
    passes(node("openai_cases.mjs"), &stage, &["error_429_retry"]).await;
    assert_eq!(stage.openai.counts().requests, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn its_hang_up_reaches_the_provider() {
    let stage = Stage::start().await;
    passes(node("openai_cases.mjs"), &stage, &["hangup"]).await;
    reaches_the_provider(&stage.openai).await;
}
