//! Streams as they came from providers.

use super::{rules::obeys, *};

const OPENAI: &str = include_str!("../recorded/openai.sse");
const BROKEN: &str = include_str!("../recorded/broken.sse");

#[test]
fn a_healthy_stream_leaves_byte_for_byte_wherever_it_is_cut() {
    for line_end in ["\n", "\r\n", "\r"] {
        let stream = OPENAI.replace('\n', line_end);
        let whole = split::for_every_split(stream.clone(), |pieces| {
            let script: Script = pieces.iter().cloned().collect();
            let (status, bytes) = send(true, Body::new(script.body()));
            assert_eq!(status, 200);
            // The LF of the last CRLF comes behind the end, if it comes by itself.
            bytes.strip_suffix(b"\n").unwrap_or(&bytes).to_vec()
        });
        assert_eq!(whole, stream.strip_suffix('\n').unwrap_or(&stream).as_bytes());
    }
}

#[test]
fn a_broken_stream_is_repaired_the_same_wherever_it_is_cut() {
    let whole = split::for_every_split(BROKEN, |pieces| {
        let script: Script = pieces.iter().cloned().collect();
        send(true, Body::new(script.body()))
    });
    assert_eq!(whole.0, 200);
    obeys(true, &data(&whole.1)).unwrap();
    let crlf = BROKEN.replace('\n', "\r\n");
    let same = split::for_every_split(crlf, |pieces| {
        let script: Script = pieces.iter().cloned().collect();
        data(&send(true, Body::new(script.body())).1)
    });
    assert_eq!(same, data(&whole.1));
}
