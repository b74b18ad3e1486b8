//! What is counted: once, under the right name.

use llm_layers_core::Deployment;
use llm_layers_testkit::metrics::Recorded;
use llm_layers_timeout::{DeadlineLayer, Limits, TimeoutLayer};
use tokio::{runtime::Builder, time::Instant};

use crate::support::*;

#[test]
fn each_expiry_is_counted_once() {
    let recorded = Recorded::default();
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    metrics::with_local_recorder(&recorded, || {
        runtime.block_on(async {
            let layer = TimeoutLayer::new(Limits::none().first_byte(secs(1)).idle(secs(2)));
            let mut request = chat();
            request.extensions_mut().insert(Deployment::new("small", "p", "m"));
            answer(&layer, request, secs(9), SSE, Slow::new()).await;

            let mut response = answer(&layer, post("/v1/messages"), secs(0), SSE, Slow::new().endless()).await;
            read(response.body_mut(), Instant::now()).await;
            // In time, and hung up on.
            drop(answer(&layer, chat(), secs(1), SSE, Slow::new().then(secs(1), WORD)).await);

            answer(&DeadlineLayer::new(secs(1)), chat(), secs(9), SSE, Slow::new()).await;
            let mut bad = chat();
            bad.headers_mut().insert("x-llm-timeout", "soon".parse().unwrap());
            answer(&DeadlineLayer::new(secs(1)), bad, secs(9), SSE, Slow::new()).await;
        });
    });
    assert_eq!(
        recorded.lines(),
        [
            "llm_timeout_expired_total{limit=deadline,operation=chat_completion,deployment=} 1",
            "llm_timeout_expired_total{limit=first_byte,operation=chat_completion,deployment=small} 1",
            "llm_timeout_expired_total{limit=idle,operation=message,deployment=} 1",
            "llm_timeout_refusals_total{} 1",
        ]
    );
}
