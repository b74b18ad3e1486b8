//! What clients think up in `model` is bounded wherever it is kept.

use std::path::PathBuf;

use llm_layers_testkit::metrics::Recorded;
use llm_layers_tests::proxy_on_this_thread;

use super::scripted::{Scripted, completion, error};
use crate::wire_support::{Client, ask};

/// All of it runs on this thread, where a recorder of the test's own counts.
#[tokio::test]
async fn names_of_clients_are_kept_within_bounds() {
    let recorded = Recorded::default();
    let _recorder = metrics::set_default_local_recorder(&recorded);
    let folder = std::env::temp_dir().join(format!("llm-layers-names-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let provider = Scripted::start(|body| match body["model"].as_str() {
        Some("bad") => (500, error("server_error")),
        _ => (200, completion("Hello!", "stop", 5, 0)),
    })
    .await;
    let config = format!(
        r#"
        providers.h = {{ dialect = "openai", base_url = "{}" }}
        deployments = [{{ name = "own", provider = "h", model = "m", price = {{ input = "1000", output = "1000" }} }}]
        layers.accounts.ledger = "{}"
        "#,
        provider.base_url,
        folder.display()
    );
    let client = Client::new(proxy_on_this_thread(&config).await);
    let long = client.chat(&ask(&format!("h/{}", "z".repeat(1 << 20)), "x", false), &[]).await;
    assert_eq!(long.error(404)["code"], "model_not_found");
    assert!(long.body.len() < 1024);
    let longest = format!("h/{}", "z".repeat(254));
    assert_eq!(client.chat(&ask(&longest, "x", false), &[]).await.header("x-llm-deployment"), Some(&*longest));
    for n in 0..2000 {
        assert_eq!(client.chat(&ask(&format!("h/{n}"), "x", false), &[]).await.status, 200);
    }
    assert_eq!(client.chat(&ask("own", "x", false), &[]).await.status, 200);
    // What is told of failures and retries, too.
    assert_eq!(client.chat(&ask("h/bad", "x", false), &[]).await.status, 502);

    let names = recorded.names();
    let labels: std::collections::BTreeSet<_> = names
        .iter()
        .filter_map(|name| Some(name.split_once("deployment=")?.1.split([',', '}']).next()?.to_owned()))
        .collect();
    assert_eq!(labels.iter().collect::<Vec<_>>(), ["h/*", "own"], "{labels:?}");
    assert!(recorded.counter("llm_circuit_calls_total{deployment=h/*,outcome=success}") >= 2001, "{names:?}");
    assert!(names.iter().any(|name| name.starts_with("llm_retry_retries_total{deployment=h/*,")), "{names:?}");
    assert_eq!(recorded.gauge("llm_cost_usd_total{deployment=own}"), Some(0.006));

    let lines = lines(&folder);
    std::fs::remove_dir_all(&folder).expect("a folder");
    let of =
        |name: &str| lines.iter().filter(|line| line["deployment"] == name && line["outcome"] == "complete").count();
    assert_eq!((of("h/*"), of("own")), (2001, 1));
    assert_eq!(lines[1]["model"], "0", "what it was is there to be read: {}", lines[1]);
    assert!(lines.iter().all(|line| line.to_string().len() < 1024));
}

fn lines(folder: &PathBuf) -> Vec<serde_json::Value> {
    let files = std::fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").path());
    let texts: String = files.map(|file| std::fs::read_to_string(file).expect("a text")).collect();
    texts.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}
