//! The splits themselves, and that the driver fails.

use bytes::Bytes;
use http_body_util::BodyExt;
use llm_layers_testkit::split::{Split, Splits, for_every_split};
use std::collections::BTreeSet;

#[test]
fn every_cut_of_a_small_whole_is_tried_and_nothing_is_lost() {
    let whole = Bytes::from_static(b"0123456789");
    let splits: Vec<_> = Splits::of(whole.clone()).iter().collect();
    assert!(splits.iter().all(|split| split.pieces().concat() == whole));
    let halves: Vec<_> = splits.iter().filter(|split| split.cuts().len() == 1).map(|s| s.cuts()[0]).collect();
    assert_eq!(halves, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert!(splits.iter().any(|split| split.pieces().len() == 10));
    assert!(splits.iter().any(|split| { split.pieces().iter().filter(|piece| piece.is_empty()).count() > 10 }));
    assert_eq!(splits.len(), 9 + 1 + 1 + 64);
}

#[test]
fn equal_seeds_cut_equally_and_others_do_not() {
    let splits = |seed| Splits::of(vec![0; 500]).seed(seed).iter().collect::<Vec<_>>();
    assert_eq!(splits(1), splits(1));
    assert_ne!(splits(1), splits(2));
}

#[test]
fn the_work_on_a_large_whole_is_bounded() {
    let whole = Bytes::from(vec![b'x'; 1 << 20]);
    let splits = Splits::of(whole).work(4 << 20);
    let halves: BTreeSet<_> = splits.iter().filter(|s| s.cuts().len() == 1).map(|s| s.cuts()[0]).collect();
    assert!((128..=132).contains(&halves.len()));
    assert!(halves.contains(&1) && halves.contains(&((1 << 20) - 1)));
    assert!(splits.iter().count() < 140);
    assert!(splits.iter().all(|split| split.pieces().len() <= (64 << 10) + 1));
}

#[test]
fn the_smallest_wholes_do() {
    assert_eq!(for_every_split("", |pieces| pieces.concat().len()), 0);
    assert_eq!(for_every_split("a", |pieces| pieces.concat().len()), 1);
}

#[test]
#[should_panic(expected = "a split changes the result: 6 bytes, cut at 3 \"a\\r\\n✂b\\r\\n\"")]
fn a_decoder_that_reads_line_ends_by_the_piece() {
    // It takes "a\r\n" at the end of a piece for the end of all.
    for_every_split("a\r\nb\r\n", |pieces| pieces.len() == 2 && pieces[0].ends_with(b"\r\n"));
}

#[test]
#[should_panic(expected = "empty")]
fn a_decoder_that_stumbles_over_an_empty_piece() {
    for_every_split("abc", |pieces| assert!(pieces.iter().all(|piece| !piece.is_empty()), "empty"));
}

#[tokio::test]
async fn a_split_comes_as_a_body_and_as_a_stream() {
    use futures_core::Stream;
    use std::pin::Pin;
    let split = Split::at("abcdef", [4, 2, 99]);
    assert_eq!(split.pieces(), ["ab", "cd", "ef", ""]);
    let mut body = split.script(true).body();
    let mut frames = Vec::new();
    while let Some(frame) = body.frame().await {
        frames.push(frame.unwrap().into_data().unwrap());
    }
    assert_eq!(frames, split.pieces());
    let mut stream = split.stream();
    let mut pieces = Vec::new();
    while let Some(Ok(piece)) = std::future::poll_fn(|cx| Pin::new(&mut stream).poll_next(cx)).await {
        pieces.push(piece);
    }
    assert_eq!(pieces, split.pieces());
}
