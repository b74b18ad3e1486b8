//! One client, every provider: OpenAI's SDKs see the same, whatever dialect is spoken behind the proxy.

use std::net::SocketAddr;

use llm_layers_tests::{Dialects, node, proxy, python, reaches_the_provider, succeeds};
use tokio::process::Command;

/// What every provider can do, said in OpenAI's words.
const CASES: [&str; 11] = [
    "plain",
    "stream",
    "tools",
    "tools_stream",
    "n2",
    "n2_stream",
    "stream_usage",
    "error_429",
    "stream_error",
    "parallel64",
    "strict",
];

async fn stage() -> (Dialects, SocketAddr) {
    let dialects = Dialects::start().await;
    let (address, _) = proxy(&dialects.configuration()).await;
    (dialects, address)
}

fn at(mut client: Command, address: SocketAddr, dialect: &str) -> Command {
    client.env("BASE_URL", format!("http://{address}/v1")).env("API_KEY", "any");
    client.env("MODEL", format!("sim-{dialect}"));
    if !["openai", "azure"].contains(&dialect) {
        client.env("CHOICES_ALIKE", "1");
    }
    client
}

async fn python_passes(dialect: &str) {
    let (_dialects, address) = stage().await;
    let mut python = at(python("openai_cases.py"), address, dialect);
    python.args(CASES);
    succeeds(python).await;
}

macro_rules! each {
    ($($dialect:ident),*) => { $(
        #[tokio::test(flavor = "multi_thread")]
        async fn $dialect() {
            python_passes(stringify!($dialect)).await;
        }
    )* };
}

each!(openai, azure, anthropic, gemini, vertex, bedrock, cohere, ollama);

#[tokio::test(flavor = "multi_thread")]
async fn openais_node_sdk_passes_on_all_of_them() {
    let (_dialects, address) = stage().await;
    for dialect in Dialects::ALL {
        let mut node = at(node("openai_cases.mjs"), address, dialect);
        node.args(["plain", "stream", "tools", "tools_stream", "stream_usage", "error_429"]);
        succeeds(node).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hang_up_reaches_all_of_them() {
    let (dialects, address) = stage().await;
    for dialect in Dialects::ALL {
        let mut python = at(python("openai_cases.py"), address, dialect);
        python.arg("hangup");
        succeeds(python).await;
        reaches_the_provider(dialects.sim(dialect)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn embeddings_come_from_all_that_have_them() {
    let (_dialects, address) = stage().await;
    for (dialect, model) in [
        ("openai", "text-embedding-3-small"),
        ("azure", "text-embedding-3-small"),
        ("gemini", "gemini-embedding-001"),
        ("vertex", "gemini-embedding-001"),
        ("cohere", "embed-v4.0"),
        ("ollama", "nomic-embed-text"),
    ] {
        let mut python = at(python("openai_cases.py"), address, dialect);
        python.arg("embeddings").env("EMBEDDING_MODEL", format!("{dialect}/{model}"));
        // Google does not say what an embedding took.
        python.env("EMBEDDING_USAGE", if ["gemini", "vertex"].contains(&dialect) { "0" } else { "1" });
        println!("{dialect}");
        succeeds(python).await;
    }
}
