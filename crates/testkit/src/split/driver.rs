use super::{Split, Splits};
use bytes::Bytes;
use std::fmt::Debug;

/// Runs `decode` over the whole and over each split of it, and asserts that the results are equal.
///
/// Gives back the result of the whole, to be looked at further. `decode` makes a fresh decoder each time and
/// feeds it the pieces in order. For other settings see [`Splits`] and [`assert_same`].
///
/// ```
/// use llm_layers_testkit::split::for_every_split;
///
/// let lines = for_every_split("data: 1\r\ndata: 2\r\n", |pieces| {
///     let whole = pieces.concat(); // your incremental decoder in place of this
///     whole.split(|byte| *byte == b'\n').count()
/// });
/// assert_eq!(lines, 3);
/// ```
///
/// # Panics
///
/// With the cut and both results, when the result of a split is not that of the whole.
#[track_caller]
pub fn for_every_split<T: PartialEq + Debug>(bytes: impl Into<Bytes>, decode: impl FnMut(&[Bytes]) -> T) -> T {
    assert_same(&Splits::of(bytes), decode)
}

/// As [`for_every_split`], with the splits of your choice.
///
/// # Panics
///
/// As [`for_every_split`].
#[track_caller]
pub fn assert_same<T: PartialEq + Debug>(splits: &Splits, mut decode: impl FnMut(&[Bytes]) -> T) -> T {
    let whole = decode(&[splits.whole()]);
    for split in splits.iter() {
        let got = decode(&split.pieces());
        compare(&split, &whole, &got);
    }
    whole
}

/// As [`assert_same`], for what has to be awaited, such as a body read through a layer.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use http_body_util::{BodyExt, Limited};
/// use llm_layers_testkit::split::{Splits, assert_same_async};
///
/// let whole = assert_same_async(&Splits::of("data: {}\n\n"), async |split| {
///     let body = Limited::new(split.script(true).body(), 1024); // your layer's body
///     body.collect().await.unwrap().to_bytes()
/// })
/// .await;
/// assert_eq!(whole, "data: {}\n\n");
/// # });
/// ```
///
/// # Panics
///
/// As [`for_every_split`].
pub async fn assert_same_async<T: PartialEq + Debug>(splits: &Splits, decode: impl AsyncFn(Split) -> T) -> T {
    let whole = decode(Split::at(splits.whole(), [])).await;
    for split in splits.iter() {
        let got = decode(split.clone()).await;
        compare(&split, &whole, &got);
    }
    whole
}

#[track_caller]
fn compare<T: PartialEq + Debug>(split: &Split, whole: &T, got: &T) {
    assert!(whole == got, "a split changes the result: {split}\n  whole: {whole:?}\n  split: {got:?}");
}
