//! Anthropic's SDK: straight at the simulated provider, which it judges, and through the proxy, which passes it on.

use llm_layers_sim::Sim;
use llm_layers_tests::{KEY, Stage, python, succeeds};

#[tokio::test(flavor = "multi_thread")]
async fn the_simulator_satisfies_it() {
    let sim = Sim::anthropic().any_model().start().await.expect("the simulator starts");
    let mut python = python("anthropic_cases.py");
    python.arg("all").env("BASE_URL", sim.base_url()).env("API_KEY", "any").env("MODEL", "sim-claude");
    succeeds(python).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_proxy_passes_it_on() {
    let stage = Stage::start().await;
    let mut python = python("anthropic_cases.py");
    let root = format!("http://{}", stage.addr());
    python.args(["plain", "stream", "tools"]).env("BASE_URL", root).env("API_KEY", KEY).env("MODEL", "claude");
    succeeds(python).await;
}
