//! Other shapes in, every provider out: Anthropic's SDK by `/v1/messages`, OpenAI's by `/v1/responses`.

use std::net::SocketAddr;

use llm_layers_tests::{Dialects, proxy, python, succeeds};
use tokio::process::Command;

async fn stage() -> (Dialects, SocketAddr) {
    let dialects = Dialects::start().await;
    let (address, _) = proxy(&dialects.configuration()).await;
    (dialects, address)
}

fn at(mut client: Command, base_url: String, dialect: &str) -> Command {
    // From version 3 on Gemini seals every text, which is one block more than the cases know.
    let model = if ["gemini", "vertex"].contains(&dialect) {
        format!("{dialect}/gemini-2.5-flash")
    } else {
        format!("sim-{dialect}")
    };
    client.env("BASE_URL", base_url).env("API_KEY", "any").env("MODEL", model);
    client
}

#[tokio::test(flavor = "multi_thread")]
async fn anthropics_sdk_passes_on_all_of_them() {
    let (dialects, address) = stage().await;
    for dialect in Dialects::ALL {
        let mut python = at(python("anthropic_cases.py"), format!("http://{address}"), dialect);
        python.args(["plain", "stream", "tools"]).env("CALL_ID", if dialect == "anthropic" { "toolu_" } else { "" });
        println!("{dialect}");
        succeeds(python).await;
    }
    // Claude is not told by way of a chat, wherever it is.
    let sent = dialects.sim("bedrock").received();
    assert!(!sent.is_empty() && sent.iter().all(|sent| sent.path.contains("/invoke")));
    assert!(sent.iter().all(|sent| sent.json()["anthropic_version"] == "2026-10-21"));
}

#[tokio::test(flavor = "multi_thread")]
async fn responses_come_from_all_of_them() {
    let (_dialects, address) = stage().await;
    for dialect in Dialects::ALL {
        let mut python = at(python("responses_cases.py"), format!("http://{address}/v1"), dialect);
        python.args(["plain", "stream", "tools", "state"]);
        println!("{dialect}");
        succeeds(python).await;
    }
}
