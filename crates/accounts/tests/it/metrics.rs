//! What is counted, and under which labels.

use llm_layers_accounts::{JsonLines, Ledger};
use llm_layers_core::Deployment;
use llm_layers_testkit::metrics::Recorded;

use crate::support::{chat, from, json, layer, over, send, to, usage};

#[tokio::test]
async fn tokens_and_dollars_by_deployment_and_never_by_caller() {
    let kept = Recorded::default();
    let _guard = metrics::set_default_local_recorder(&kept);
    let (layer, _) = layer();
    let cached = r#"{"usage":{"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":5}}}"#;
    let service = over(&layer, move |_| json(cached));
    send(&service, to(&Deployment::new("eu", "p", "kinds"), from("sk-secret", chat("kinds")))).await;
    send(&service, to(&Deployment::new("eu", "p", "kinds"), from("sk-secret", chat("kinds")))).await;
    // What a client calls a model is no label, unless the catalogue knows it.
    for invented in ["one", "two"] {
        send(&service, chat(invented)).await;
    }
    send(&over(&layer, |_| json(usage(3, 0))), chat("small")).await;
    assert_eq!(
        kept.lines(),
        [
            "llm_accounts_entries_total{outcome=complete} 5",
            "llm_accounts_unpriced_total{deployment=other} 2",
            "llm_cost_usd_total{deployment=eu} 0.000728",
            "llm_cost_usd_total{deployment=small} 0.000003",
            "llm_tokens_total{deployment=eu,kind=cached_input} 8",
            "llm_tokens_total{deployment=eu,kind=input} 12",
            "llm_tokens_total{deployment=eu,kind=reasoning} 10",
            "llm_tokens_total{deployment=other,kind=cached_input} 8",
            "llm_tokens_total{deployment=other,kind=input} 12",
            "llm_tokens_total{deployment=other,kind=reasoning} 10",
            "llm_tokens_total{deployment=small,kind=input} 3",
        ]
    );
}

#[tokio::test]
async fn deployments_beyond_a_thousand_share_their_metrics() {
    let kept = Recorded::default();
    let _guard = metrics::set_default_local_recorder(&kept);
    let (layer, _) = layer();
    let service = over(&layer, |_| json(usage(1, 0)));
    for number in 0..1100 {
        send(&service, to(&Deployment::new(format!("d{number}"), "p", "small"), chat("small"))).await;
    }
    assert_eq!(kept.names().iter().filter(|name| name.starts_with("llm_tokens_total{")).count(), 1025);
    assert_eq!(kept.counter("llm_tokens_total{deployment=other,kind=input}"), 76);
}

#[tokio::test]
async fn lines_that_cannot_be_written() {
    let kept = Recorded::default();
    let _guard = metrics::set_default_local_recorder(&kept);
    let folder = std::env::temp_dir().join(format!("llm-layers-accounts-metrics-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let ledger = JsonLines::daily(&folder, "calls").unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let (layer, entries) = layer();
    send(&over(&layer, |_| json(usage(1, 0))), chat("small")).await;
    ledger.record(&entries.one());
    assert_eq!(kept.counter("llm_accounts_ledger_failures_total{ledger=json_lines}"), 1);
}

#[tokio::test]
async fn what_clients_put_around_a_name_makes_no_label_and_nonsense_is_counted() {
    let kept = Recorded::default();
    let _guard = metrics::set_default_local_recorder(&kept);
    let (layer, _) = layer();
    let service = over(&layer, |_| json(usage(1, 0)));
    for number in 0..50 {
        send(&service, chat(&format!("small@{number}"))).await;
    }
    send(&service, chat("models/small")).await;
    send(&over(&layer, |_| json(usage(u64::MAX, 0))), chat("small")).await;
    let labels: std::collections::BTreeSet<_> =
        kept.names().iter().filter_map(|name| Some(name.split_once("deployment=")?.1.to_owned())).collect();
    assert!(labels.iter().all(|label| label.split([',', '}']).next() == Some("small")), "{labels:?}");
    assert_eq!(kept.counter("llm_accounts_disbelieved_total{deployment=small}"), 1);
}
