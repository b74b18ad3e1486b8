//! Whatever an answer tells of its usage, and however it is cut, it is read to its end; and how it is cut changes nothing.

#![no_main]

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::FutureExt;
use http::{Response, header::CONTENT_TYPE};
use libfuzzer_sys::fuzz_target;
use llm_layers_core::{
    Body, BoxError, End,
    metering::{Metering, Reading, Tokens, meter},
};
use llm_layers_wire::json::{Limits, Object};

fuzz_target!(|input: (bool, Vec<Vec<u8>>)| {
    let (streams, pieces) = input;
    let whole = pieces.concat();
    if let Ok(object) = Object::parse_with(whole.clone(), &Limits::LENIENT) {
        let _ = Reading::of(&object).tokens();
    }
    let (cut, at_once) = (seen(streams, pieces), seen(streams, vec![whole]));
    assert_eq!(format!("{cut:?}"), format!("{at_once:?}"));
});

fn seen(streams: bool, pieces: Vec<Vec<u8>>) -> Option<(Tokens, u64)> {
    let frames = pieces.into_iter().map(|piece| Ok::<_, BoxError>(http_body::Frame::data(Bytes::from(piece))));
    let body = Body::new(http_body_util::StreamBody::new(futures_util::stream::iter(frames)));
    let kind = if streams { "text/event-stream" } else { "application/json" };
    let response = Response::builder().header(CONTENT_TYPE, kind).body(body).expect("a response");
    let told = Arc::new(Mutex::new(None));
    let seen = Arc::clone(&told);
    let observe = move |reading: &Reading, _: End| {
        *seen.lock().expect("one thread") = Some((reading.tokens(), reading.shown()));
    };
    let mut body = meter(response, &Metering::new().hides_usage(true), observe).into_body();
    let _ = body.bytes(1 << 24).now_or_never().expect("all of it is there");
    drop(body);
    told.lock().expect("one thread").take()
}
