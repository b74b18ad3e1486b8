//! Whatever keeps within its limits passes byte for byte, however it is cut and whenever it comes.

use http::{Request, Response};
use llm_layers_core::{Body, BoxError};
use llm_layers_testkit::split::for_every_split;
use llm_layers_timeout::{DeadlineLayer, Limits, MinSpeed, TimeoutLayer};
use proptest::{collection, prelude::*, sample::select};
use tokio::{runtime::Builder, time::Instant};
use tower::{ServiceBuilder, ServiceExt};

use crate::support::*;

const PIECES: [&str; 12] = [
    ROLE,
    WORD,
    DONE,
    COMMENT,
    "data: {\"choices\":[{\"delta\":{\"content\":\"\\u00e4 \\\"quoted\\\"\"}}]}\r\n\r\n",
    "event: ping\ndata: {\"type\":\"ping\"}\n\n",
    "event: error\ndata: {\"type\":\"error\"}\n\n",
    "id: 1\nretry: 5\ndata: a\ndata: b\n\n",
    "\n\n\n",
    "data",
    ":",
    "\r",
];

/// What both layers make of these pieces, each so many milliseconds after the one before.
fn through(kind: &'static str, pieces: Vec<(u64, Vec<u8>)>) -> Vec<u8> {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let speed = MinSpeed::new(1e-9, secs(3600)).unwrap();
        let limits = Limits::none().first_byte(secs(1)).idle(secs(3600)).total(secs(3600)).min_speed(speed);
        let service = ServiceBuilder::new()
            .layer(DeadlineLayer::new(secs(3600)))
            .layer(TimeoutLayer::new(limits))
            .service_fn(move |_: Request<Body>| {
                let body =
                    pieces.iter().fold(Slow::new(), |body, (wait, piece)| body.then(millis(*wait), piece.clone()));
                async move { Ok::<_, BoxError>(Response::builder().header("content-type", kind).body(body)?) }
            });
        let mut response = service.oneshot(chat()).await.unwrap();
        let start = Instant::now();
        let bytes = response.body_mut().bytes(1 << 20).await.unwrap();
        assert!(start.elapsed() < secs(3600));
        bytes.to_vec()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_stream_within_its_limits_passes_byte_for_byte(
        text in collection::vec(prop_oneof![
            3 => select(&PIECES[..]).prop_map(|piece| piece.as_bytes().to_vec()),
            1 => collection::vec(any::<u8>(), 0..40),
        ], 0..30),
        cuts in collection::vec((any::<prop::sample::Index>(), 0_u64..60_000), 0..30),
        is_stream in any::<bool>(),
    ) {
        let whole = text.concat();
        let mut places: Vec<_> = cuts.iter().map(|(at, wait)| (at.index(whole.len() + 1), *wait)).collect();
        places.sort_unstable();
        let mut start = 0;
        let mut pieces = Vec::new();
        for (at, wait) in places.into_iter().chain([(whole.len(), 0)]) {
            pieces.push((wait, whole[start..at].to_vec()));
            start = at;
        }
        let kind = if is_stream { SSE } else { "application/json" };
        prop_assert_eq!(through(kind, pieces), whole);
    }
}

#[test]
fn however_a_stream_is_cut_it_passes_byte_for_byte() {
    let whole = [ROLE, COMMENT, WORD, "event: ping\r\ndata: {}\r\n\r\n", DONE].concat();
    let passed =
        for_every_split(whole.clone(), |pieces| through(SSE, pieces.iter().map(|piece| (7, piece.to_vec())).collect()));
    assert_eq!(passed, whole.as_bytes());
}
