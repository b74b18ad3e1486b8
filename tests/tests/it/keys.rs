//! A provider of several keys, of which only one is good.

use llm_layers_sim::Sim;
use llm_proxy::{
    config::Config,
    serve::{self, Front, Metrics},
    stack::Stack,
};
use tokio::net::TcpListener;

use crate::wire_support::{Client, ask};

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_not_known_costs_one_call() {
    let sim = Sim::openai().api_key("sk-good-key").any_model().start().await.expect("the simulator starts");
    let config = format!(
        "[providers.openai]\nbase_url = \"{}\"\napi_key = [{{ key = \"sk-gone-key\", weight = 2 }}, \"sk-good-key\"]\n\
         [layers]\nretry = {{ enabled = false }}\ncircuit_breaker = {{ enabled = false }}\n",
        sim.base_url(),
    );
    let config = Config::parse(&config, "the test").unwrap_or_else(|errors| panic!("{errors}"));
    let metrics = Metrics::install().expect("the first recorder");
    let front = Front::new(Stack::new(&config).expect("a stack"), metrics);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let server = tokio::spawn(serve::serve(listener, config.workers(), front, None));
    let client = Client::new(address);
    for stream in [false, true, false, true] {
        let answer = client.chat(&ask("openai/sim-small", "sim:say well", stream), &[]).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(answer.text().contains("well"));
    }
    let asked: Vec<_> = sim.received().iter().map(|call| call.headers["authorization"].to_owned()).collect();
    let (gone, good) = ("Bearer sk-gone-key", "Bearer sk-good-key");
    assert_eq!(asked, [gone, good, good, good, good]);
    let metrics = client.get("GET", "/metrics").await.text();
    let counted = "llm_translator_keys_set_aside_total{provider=\"openai\",key=\"1\",reason=\"unauthenticated\"} 1";
    assert!(metrics.contains(counted), "{metrics}");
    assert!(!metrics.contains("-key"), "no key is told");
    server.abort();
}
