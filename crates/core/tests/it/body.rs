//! The body that layers hand to each other.

use std::{
    error::Error,
    future::poll_fn,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, stream};
use http_body::{Body as HttpBody, Frame, SizeHint};
use llm_layers_core::{Body, BoxError, End, ReadError};
use llm_layers_testkit::{
    body::{BodyHandle, Conformance, Hint, Script, TestBody},
    body_conformance,
    split::{Splits, assert_same_async},
};
use llm_layers_wire::{
    json::Limits,
    sse::{self, Event},
};

body_conformance!(new = Conformance::new(Body::new).transparent(true));
body_conformance!(on_end = Conformance::new(|body: TestBody| Body::new(body).on_end(drop)).transparent(true));
body_conformance!(nested = Conformance::new(|body: TestBody| Body::new(Body::new(Body::new(body)))).transparent(true));

fn through_events(body: TestBody) -> Body {
    Body::from(Body::new(body).into_events(sse::Limits::DEFAULT))
}

/// Pieces that end an event, and some that do not.
const EVENTS: [&str; 6] = ["data: 1\n\n", ": ping\n\n", "data: two\nda", "ta: lines\r\n\r\n", "id: 3\r", "\r"];

// Trailers end with the events: HTTP/1.1 seldom carries any.
body_conformance!(events = Conformance::new(through_events).pieces(EVENTS).trailers(false));
body_conformance!(
    events_on_end = Conformance::new(|body: TestBody| through_events(body).on_end(drop)).pieces(EVENTS).trailers(false)
);

/// The next frame's bytes.
async fn frame(body: &mut Body) -> Option<Result<Bytes, BoxError>> {
    let frame = poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await?;
    Some(frame.map(|frame| frame.into_data().unwrap_or_default()))
}

async fn frames(mut body: Body) -> Vec<Bytes> {
    let mut frames = Vec::new();
    while let Some(frame) = frame(&mut body).await {
        frames.push(frame.unwrap());
    }
    frames
}

fn events(body: Body) -> Body {
    body.into_events(sse::Limits::DEFAULT).into()
}

/// A body of two frames of unknown length.
fn stream() -> Body {
    Body::new(Script::new().data("hello, ").data("world").hint(Hint::Unknown).body())
}

mod kinds {
    use super::*;

    #[tokio::test]
    async fn a_body_is_not_wrapped_again() {
        let mut body = Body::from(r#"{"a":1}"#);
        body.object(&Limits::DEFAULT).await.unwrap();
        assert!(Body::new(body).as_object().is_some());
        let body = events(Body::from("data: 1\n\n"));
        assert!(body.is_events());
        assert!(Body::new(body).is_events());
        assert_eq!(Body::new(Body::from("a")).content_length(), Some(1));
        assert!(Body::new(Body::from("a")).try_clone().is_some());
    }

    #[test]
    fn an_empty_body_is_let_go_at_once() {
        let inner = Script::new().body();
        let handle = inner.handle();
        let body = Body::new(inner);
        assert!(handle.is_dropped() && body.is_end_stream());
        assert_eq!(body.content_length(), Some(0));
    }

    #[tokio::test]
    async fn what_is_over_is_let_go_at_once() {
        for script in [Script::new().data("a").error("broken"), Script::new().data("a").announces_end(false)] {
            let inner = script.body();
            let handle = inner.handle();
            let mut body = Body::new(inner);
            assert!(frame(&mut body).await.unwrap().is_ok() && !handle.is_dropped());
            let _ = frame(&mut body).await;
            assert!(handle.is_dropped() && body.is_end_stream());
            assert!(frame(&mut body).await.is_none(), "polled again it is over");
        }
    }

    #[tokio::test]
    async fn lengths() {
        assert_eq!(Body::empty().content_length(), Some(0));
        assert_eq!(Body::from("").content_length(), Some(0));
        assert_eq!(Body::from("four").content_length(), Some(4));
        assert_eq!(stream().content_length(), None);
        assert_eq!(Body::new(Script::new().data("abc").body()).content_length(), Some(3));
        assert_eq!(events(Body::from("data: 1\n\n")).content_length(), None);

        let mut body = Body::from(r#"{"model": "a", "x": [1, 2]}"#);
        let object = body.object(&Limits::DEFAULT).await.unwrap();
        object.set("model", "a longer name");
        let length = body.content_length().unwrap();
        assert_eq!(length, r#"{"model": "a longer name", "x": [1, 2]}"#.len() as u64);
        let mut left = length;
        while let Some(frame) = frame(&mut body).await {
            left -= frame.unwrap().len() as u64;
            assert_eq!(body.content_length(), Some(left), "while it is sent");
        }
        assert!(left == 0 && body.is_end_stream());
    }

    #[tokio::test]
    async fn clones() {
        for body in [Body::empty(), Body::from("four")] {
            let clone = body.try_clone().unwrap();
            assert_eq!(frames(clone).await, frames(body).await);
        }
        for body in [stream(), events(Body::from("data: 1\n\n")), Body::from("a").on_end(drop)] {
            assert!(body.try_clone().is_none(), "{body:?}");
        }
        let mut body = Body::from(r#"{"a":1,"b":2}"#);
        body.object(&Limits::DEFAULT).await.unwrap().set("a", "of the clone");
        let mut clone = body.try_clone().unwrap();
        clone.object(&Limits::DEFAULT).await.unwrap().remove("b");
        assert_eq!(clone.bytes(99).await.unwrap(), r#"{"a":"of the clone"}"#);
        assert_eq!(body.bytes(99).await.unwrap(), r#"{"a":"of the clone","b":2}"#);

        // A long one goes out in pieces.
        body.object(&Limits::DEFAULT).await.unwrap().set("b", &"x".repeat(9000));
        frame(&mut body).await.unwrap().unwrap();
        assert!(body.try_clone().is_none(), "half of it has been sent");

        let mut body = stream();
        body.bytes(99).await.unwrap();
        assert!(body.try_clone().is_some(), "read whole, any body can be replayed");
    }

    #[tokio::test]
    async fn bytes_can_be_looked_at_once_they_are_there() {
        assert_eq!(Body::empty().as_bytes(), Some(&b""[..]));
        let mut body = Body::new(Script::new().data("{").pending().data("}").body());
        assert_eq!(body.as_bytes(), None, "it has not come yet");
        body.bytes(99).await.unwrap();
        assert_eq!(body.as_bytes(), Some(&b"{}"[..]));
        body.object(&Limits::DEFAULT).await.unwrap();
        assert_eq!((body.as_bytes(), body.as_object().is_some()), (None, true), "it is split");
    }

    #[tokio::test]
    async fn a_range_is_replaced_where_it_stands() {
        for (place, with, expected) in [
            (2..4, "longer", "ablongerefg"),
            (0..0, "x", "xabcdefg"),
            (7..7, "x", "abcdefgx"),
            (0..7, "", ""),
            (1..6, "", "ag"),
        ] {
            let mut body = Body::from("abcdefg");
            assert!(body.splice(place.clone(), &Bytes::from_static(with.as_bytes())), "{place:?}");
            assert_eq!(body.content_length(), Some(expected.len() as u64));
            assert_eq!((body.is_end_stream(), frames(body).await.concat()), (expected.is_empty(), expected.into()));
        }
    }

    #[tokio::test]
    async fn only_what_is_there_in_one_piece_has_ranges() {
        let with = Bytes::from_static(b"x");
        let mut body = Body::from("abc");
        #[allow(clippy::reversed_empty_ranges, reason = "somebody may have miscounted")]
        for place in [0..4, 4..4, 4..5, 2..1, 0..usize::MAX] {
            assert!(!body.splice(place.clone(), &with), "{place:?}");
        }
        assert_eq!(body.bytes(3).await.unwrap(), "abc");
        let mut split = Body::from(r#"{"a":1}"#);
        split.object(&Limits::DEFAULT).await.unwrap();
        for mut body in [Body::empty(), stream(), events(Body::from("data: 1\n\n")), split] {
            assert!(!body.splice(0..0, &with), "{body:?}");
        }
    }

    #[tokio::test]
    async fn a_long_body_with_another_range_is_not_copied() {
        let long = Bytes::from(vec![b'a'; 9000]);
        let with = Bytes::from_static(b"bc");
        let mut body = Body::from(long.clone());
        assert!(body.splice(100..200, &with));
        assert_eq!((body.content_length(), body.is_end_stream(), body.is_in_memory()), (Some(8902), false, true));
        assert!(body.is_replayable() && !body.splice(0..1, &with));
        body.read_ahead(0).await.unwrap();
        let expected = [&long[..100], b"bc", &long[200..]].concat();
        assert_eq!(body.try_clone().unwrap().bytes(8902).await.unwrap(), expected);
        assert!(matches!(body.try_clone().unwrap().bytes(8901).await, Err(ReadError::TooLarge { limit: 8901 })));
        let mut left = 8902;
        for piece in [&long[..100], &with, &long[200..]] {
            let frame = frame(&mut body).await.unwrap().unwrap();
            assert_eq!(frame.as_ptr(), piece.as_ptr(), "shared with where it came from");
            left -= frame.len() as u64;
            assert_eq!((body.content_length(), body.is_end_stream()), (Some(left), left == 0));
            assert!(body.try_clone().is_none() || left == 0, "some of it has been sent");
        }
        assert!(frame(&mut body).await.is_none());

        // What would be empty is no piece.
        let mut body = Body::from(long.clone());
        assert!(body.splice(0..9, &Bytes::new()));
        assert_eq!(frames(body).await, [&long[9..]]);
        // And what becomes short, or what was read again, is one.
        for (place, whole) in [(0..808, 8192), (0..807, 8193)] {
            let mut body = Body::from(long.clone());
            assert!(body.splice(place, &Bytes::new()));
            assert_eq!(body.as_bytes().map(<[u8]>::len), (whole == 8192).then_some(8192));
            body.bytes(9000).await.unwrap();
            assert_eq!(body.as_bytes().map(<[u8]>::len), Some(whole));
        }
    }

    #[tokio::test]
    async fn an_object_is_split_once_and_keeps_its_edits() {
        let inner = Script::new().data(r#"{"model":"#).pending().data(r#""m","x":1}"#).body();
        let handle = inner.handle();
        let mut body = Body::new(inner);
        body.object(&Limits::DEFAULT).await.unwrap().set("model", "n");
        let polls = handle.polls();
        assert!(handle.is_dropped());
        let object = body.object(&Limits::DEFAULT).await.unwrap();
        assert_eq!(object.text("model").as_deref(), Some("n"));
        object.remove("x");
        assert_eq!(body.as_object().unwrap().member_count(), 1);
        assert_eq!(body.bytes(99).await.unwrap(), r#"{"model":"n"}"#);
        assert_eq!(frames(body).await.concat(), br#"{"model":"n"}"#);
        assert_eq!(handle.polls(), polls);
    }

    #[tokio::test]
    async fn an_object_that_was_not_edited_leaves_in_the_buffer_that_it_came_in() {
        let text = Bytes::from(r#"{ "a" : 1 }"#.to_owned());
        let mut body = Body::from(text.clone());
        body.object(&Limits::DEFAULT).await.unwrap();
        let frames = frames(body).await;
        assert_eq!(frames, [&text]);
        assert_eq!(frames[0].as_ptr(), text.as_ptr());
    }

    #[tokio::test]
    async fn what_is_no_object_stays_readable() {
        let mut body = Body::new(Script::new().data("[1").data("]").body());
        let error = body.object(&Limits::DEFAULT).await.unwrap_err();
        assert!(matches!(error, ReadError::Json(_)), "{error:?}");
        assert_eq!(body.bytes(99).await.unwrap(), "[1]");
    }

    #[tokio::test]
    async fn debug_shows_no_content() {
        let mut body = Body::from(r#"{"prompt":"s3cret"}"#);
        assert!(!format!("{body:?}").contains("s3cret"));
        body.object(&Limits::DEFAULT).await.unwrap();
        assert!(!format!("{body:?}").contains("s3cret"));
    }
}

mod reading {
    use super::*;

    /// Says what it likes of its length.
    struct Lying {
        hint: SizeHint,
        frames: Vec<&'static str>,
    }

    impl HttpBody for Lying {
        type Data = Bytes;
        type Error = BoxError;

        fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
            Poll::Ready(self.frames.pop().map(|data| Ok(Frame::data(Bytes::from(data)))))
        }

        fn size_hint(&self) -> SizeHint {
            self.hint
        }
    }

    fn lying(length: u64, frames: &[&'static str]) -> Body {
        let frames = frames.iter().rev().copied().collect();
        Body::new(Lying { hint: SizeHint::with_exact(length), frames })
    }

    fn is_too_large(read: Result<Bytes, ReadError>, limit: usize) -> bool {
        matches!(read, Err(ReadError::TooLarge { limit: named }) if named == limit)
    }

    #[tokio::test]
    async fn the_limit_holds_to_the_byte() {
        let bodies: [fn() -> Body; 5] = [
            || Body::from("hello, world"),
            stream,
            || Body::new(Script::new().data("hello, ").data("").pending().data("world").body()),
            || Body::new(Script::new().data("hello, world").hint(Hint::Unknown).body()),
            || Body::from("hello, world").on_end(drop),
        ];
        for make in bodies {
            let mut body = make();
            assert_eq!(body.bytes(12).await.unwrap(), "hello, world");
            assert_eq!(body.bytes(12).await.unwrap(), "hello, world", "and it stays");
            let mut body = make();
            assert!(is_too_large(body.bytes(11).await, 11));
            body.discard(99).await;
            assert!(body.is_end_stream(), "nothing of it is left to be sent by mistake");
        }
        let mut body = Body::from(r#"{"a":1}"#);
        body.object(&Limits::DEFAULT).await.unwrap().set("a", "long");
        assert_eq!(body.bytes(12).await.unwrap(), r#"{"a":"long"}"#);
        assert!(is_too_large(body.bytes(11).await, 11), "the edited length counts");

        assert_eq!(Body::empty().bytes(0).await.unwrap(), "");
        let small = Limits::DEFAULT.with_max_bytes(6);
        let error = Body::from(r#"{"a":1}"#).object(&small).await.unwrap_err();
        assert!(matches!(error, ReadError::TooLarge { limit: 6 }), "{error:?}");
    }

    #[tokio::test]
    async fn an_announced_length_beyond_the_limit_is_refused_unread() {
        let inner = Script::new().data("hello, ").data("world").body();
        let handle = inner.handle();
        assert!(is_too_large(Body::new(inner).bytes(11).await, 11));
        assert_eq!((handle.polls(), handle.is_dropped()), (0, true));
    }

    #[tokio::test]
    async fn a_lie_about_the_length_changes_nothing() {
        assert_eq!(lying(2, &["hello, ", "world"]).bytes(12).await.unwrap(), "hello, world");
        assert!(is_too_large(lying(2, &["hello, ", "world"]).bytes(11).await, 11));
        assert_eq!(lying(99, &["hello, ", "world"]).bytes(100).await.unwrap(), "hello, world");
        assert!(is_too_large(lying(u64::MAX, &["a"]).bytes(100).await, 100));
    }

    #[tokio::test]
    async fn an_announced_length_buys_no_memory() {
        let mut body = lying(u64::MAX >> 1, &["hello, ", "world"]);
        let bytes = body.bytes(usize::MAX).await.unwrap();
        drop(body);
        let capacity = bytes.try_into_mut().unwrap().capacity();
        assert!(capacity <= 1 << 20, "{capacity} bytes for 12");
    }

    #[tokio::test]
    async fn one_piece_is_not_copied() {
        let piece = Bytes::from("x".repeat(100));
        let mut body = Body::new(Script::new().data("").data(piece.clone()).hint(Hint::Unknown).body());
        assert_eq!(body.bytes(100).await.unwrap().as_ptr(), piece.as_ptr());
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_says_so() {
        let mut body = Body::new(Script::new().data("half").error("connection reset").body());
        let error = body.bytes(100).await.unwrap_err();
        assert!(matches!(error, ReadError::Body(_)));
        assert_eq!(error.source().unwrap().to_string(), "connection reset");
        assert!(body.is_end_stream());
        let mut body = Body::new(Script::new().data("{").error("connection reset").body());
        let error = body.object(&Limits::DEFAULT).await.unwrap_err();
        assert!(matches!(error, ReadError::Body(_)), "{error:?}");
    }

    #[tokio::test]
    async fn what_is_left_of_a_refused_body_is_discarded_within_a_limit() {
        for (limit, polls) in [(0, 1), (5, 2), (10, 4)] {
            let inner = Script::new().data("12345").data("12345").data("").hint(Hint::Unknown).body();
            let handle = inner.handle();
            let mut body = Body::new(inner);
            body.discard(limit).await;
            assert!(handle.is_dropped() && body.is_end_stream());
            assert_eq!(handle.polls(), polls, "{limit} bytes");
        }
        let inner = Script::new().data("12345").body();
        let handle = inner.handle();
        Body::new(inner).discard(4).await;
        assert_eq!((handle.polls(), handle.is_dropped()), (0, true), "announced to be longer");
    }

    #[tokio::test]
    async fn trailers_are_dropped() {
        let mut body = Body::new(Script::new().data("a").trailers(http::HeaderMap::new()).body());
        assert_eq!(body.bytes(1).await.unwrap(), "a");
    }
}

mod ends {
    use super::*;

    #[derive(Clone, Default)]
    struct Ends(Arc<Mutex<Vec<End>>>);

    impl Ends {
        fn of(body: Body) -> (Body, Self) {
            let ends = Self::default();
            let noted = ends.clone();
            (body.on_end(move |end| noted.0.lock().unwrap().push(end)), ends)
        }

        fn seen(&self) -> Vec<End> {
            self.0.lock().unwrap().clone()
        }
    }

    #[tokio::test]
    async fn complete_as_soon_as_the_last_byte_is_there() {
        let bodies: [Body; 3] =
            [Body::from("hello"), Body::new(Script::new().data("hello").body()), Body::from("hello").on_end(drop)];
        for body in bodies {
            let (mut body, ends) = Ends::of(body);
            assert_eq!(ends.seen(), []);
            frame(&mut body).await.unwrap().unwrap();
            assert_eq!(ends.seen(), [End::Complete], "the end itself is never polled for");
            drop(body);
            assert_eq!(ends.seen(), [End::Complete]);
        }
    }

    #[tokio::test]
    async fn an_edited_object_is_complete_with_its_last_piece() {
        let mut body = Body::from(format!(r#"{{"a":1,"b":"{}"}}"#, "x".repeat(4000)));
        body.object(&Limits::DEFAULT).await.unwrap().set("a", "edited");
        let length = body.content_length().unwrap();
        let (mut body, ends) = Ends::of(body);
        assert_eq!(body.content_length(), Some(length));
        let mut left = length;
        while left > 0 {
            assert_eq!(ends.seen(), []);
            left -= frame(&mut body).await.unwrap().unwrap().len() as u64;
        }
        assert_eq!(ends.seen(), [End::Complete]);
    }

    #[tokio::test]
    async fn complete_when_the_end_is_polled() {
        let (mut body, ends) = Ends::of(Body::new(Script::new().data("a").announces_end(false).body()));
        frame(&mut body).await.unwrap().unwrap();
        assert_eq!(ends.seen(), []);
        assert!(frame(&mut body).await.is_none());
        assert!(frame(&mut body).await.is_none());
        drop(body);
        assert_eq!(ends.seen(), [End::Complete]);
    }

    #[tokio::test]
    async fn failed() {
        let script = || Script::new().data("data: 1\n\n").error("connection reset");
        for body in [Body::new(script().body()), events(Body::new(script().body()))] {
            let (mut body, ends) = Ends::of(body);
            frame(&mut body).await.unwrap().unwrap();
            assert!(frame(&mut body).await.unwrap().is_err());
            assert!(frame(&mut body).await.is_none());
            drop(body);
            assert_eq!(ends.seen(), [End::Failed]);
        }
    }

    #[tokio::test]
    async fn cancelled() {
        let script = || Script::new().data("data: 1\n\n").never();
        for make in [|body| body, events] {
            let (body, ends) = Ends::of(make(Body::new(script().body())));
            drop(body);
            assert_eq!(ends.seen(), [End::Cancelled], "unread");
            let (mut body, ends) = Ends::of(make(Body::new(script().body())));
            frame(&mut body).await.unwrap().unwrap();
            assert_eq!(ends.seen(), []);
            drop(body);
            assert_eq!(ends.seen(), [End::Cancelled], "midway");
        }
        let (body, ends) = Ends::of(stream());
        drop(body.into_events(sse::Limits::DEFAULT));
        assert_eq!(ends.seen(), [End::Cancelled], "as events");
    }

    #[test]
    fn a_body_that_is_over_already_calls_at_once() {
        for body in [Body::empty(), Body::from(""), Body::new(Script::new().body())] {
            let (body, ends) = Ends::of(body);
            assert_eq!(ends.seen(), [End::Complete]);
            drop(body);
            assert_eq!(ends.seen(), [End::Complete]);
        }
    }

    #[tokio::test]
    async fn events_stay_events() {
        let (body, ends) = Ends::of(events(Body::from("data: 1\n\ndata: 2\n\n")));
        assert!(body.is_events());
        let mut events = body.into_events(sse::Limits::DEFAULT);
        assert_eq!(events.next().await.unwrap().unwrap().data(), Some(&b"1"[..]));
        assert_eq!(events.next().await.unwrap().unwrap().data(), Some(&b"2"[..]));
        assert_eq!(ends.seen(), []);
        assert!(events.next().await.is_none());
        assert_eq!(ends.seen(), [End::Complete]);
    }

    #[tokio::test]
    async fn reading_it_whole_ends_it() {
        let (mut body, ends) = Ends::of(stream());
        body.bytes(99).await.unwrap();
        assert_eq!(ends.seen(), [End::Complete]);
        let (mut body, ends) = Ends::of(stream());
        body.bytes(3).await.unwrap_err();
        assert_eq!(ends.seen(), [], "what is left may still be discarded");
        drop(body);
        assert_eq!(ends.seen(), [End::Cancelled], "the reader had enough of it");
    }
}

mod sse_events {
    use super::*;

    const STREAM: &str = "\u{feff}: hello\n\nevent: a\ndata: {\"x\":\"\u{e4}\u{1f642}\"}\n\nid: 7\rdata: one\rdata: two\r\r\
                          retry: 5\r\n\r\ndata: crlf\r\n\r\n\n\ndata:\n\ndata: [DONE]\n\ndata: cut";

    #[tokio::test]
    async fn wherever_it_is_cut_the_same_bytes_leave() {
        for pending in [true, false] {
            let whole = assert_same_async(&Splits::of(STREAM), async |split| {
                frames(events(Body::new(split.script(pending).body()))).await.concat()
            })
            .await;
            assert_eq!(whole, STREAM.as_bytes());
        }
    }

    #[tokio::test]
    async fn events_are_decoded_once() {
        let mut first = Body::from("data: 1\n\ndata: 2\n\n").into_events(sse::Limits::DEFAULT);
        first.next().await.unwrap().unwrap();
        // A limit that no event could keep: it is not looked at again.
        let mut second = Body::from(first).into_events(sse::Limits::DEFAULT.with_max_line(1));
        assert_eq!(second.next().await.unwrap().unwrap().data(), Some(&b"2"[..]));
        assert!(second.next().await.is_none());
    }

    #[tokio::test]
    async fn a_limit_ends_the_stream_and_lets_the_body_go() {
        let inner = Script::new().data("data: 1\n\ndata: 45678\n\n").never().body();
        let handle = inner.handle();
        let mut events = Body::new(inner).into_events(sse::Limits::DEFAULT.with_max_line(9));
        assert!(events.next().await.unwrap().is_ok());
        assert!(events.next().await.unwrap().unwrap_err().is::<sse::Error>());
        assert!(handle.is_dropped());
        assert!(events.next().await.is_none());
    }

    fn ready(count: usize, size: usize) -> Body {
        let event = move |_| Ok(Event::new("x".repeat(size)));
        Body::from_events(stream::iter(0..count).map(event))
    }

    #[tokio::test]
    async fn events_that_are_ready_leave_together() {
        let few = frames(ready(100, 100)).await;
        assert_eq!(few.len(), 1);
        assert_eq!(few.concat(), format!("data: {}\n\n", "x".repeat(100)).repeat(100).into_bytes());

        for (count, size) in [(100, 1000), (40, 9000), (3, 100_000), (5000, 10)] {
            let event = size + "data: \n\n".len();
            let frames = frames(ready(count, size)).await;
            assert!(frames.iter().all(|frame| frame.len() < (16 << 10) + event), "{count} of {size}");
            assert!(frames.len() <= (count * event).div_ceil(16 << 10), "{} frames", frames.len());
            assert_eq!(frames.concat().len(), count * event);
        }
    }

    #[tokio::test]
    async fn one_event_leaves_in_the_buffer_that_it_came_in() {
        let bytes = Bytes::from("data: 1\n\n".to_owned());
        let frames = frames(events(Body::from(bytes.clone()))).await;
        assert_eq!((frames.len(), frames[0].as_ptr()), (1, bytes.as_ptr()));
    }

    #[tokio::test]
    async fn an_error_comes_behind_the_events_before_it() {
        let items = || stream::iter([Ok(Event::new("1")), Ok(Event::new("2")), Err(BoxError::from("broken"))]);
        let mut body = Body::from_events(items());
        assert_eq!(frame(&mut body).await.unwrap().unwrap(), "data: 1\n\ndata: 2\n\n");
        assert!(!body.is_end_stream());
        assert_eq!(frame(&mut body).await.unwrap().unwrap_err().to_string(), "broken");
        assert!(body.is_end_stream() && frame(&mut body).await.is_none());

        let mut body = Body::from_events(items());
        frame(&mut body).await.unwrap().unwrap();
        let mut events = body.into_events(sse::Limits::DEFAULT);
        assert_eq!(events.next().await.unwrap().unwrap_err().to_string(), "broken", "nor is it lost as events");
        assert!(events.next().await.is_none());
    }

    fn gated() -> (Body, BodyHandle) {
        let script = Script::new().data("data: 1\n\ndata: 2\n\nda").gate().data("ta: 3\n\n").hint(Hint::Unknown);
        let inner = script.body();
        let handle = inner.handle();
        (events(Body::new(inner)), handle)
    }

    #[tokio::test]
    async fn what_is_there_is_not_held_back_for_what_is_not() {
        let (mut body, inner) = gated();
        assert_eq!(frame(&mut body).now_or_never().unwrap().unwrap().unwrap(), "data: 1\n\ndata: 2\n\n");
        assert!(inner.is_waiting());
        assert!(frame(&mut body).now_or_never().is_none());
        inner.open();
        assert_eq!(frame(&mut body).await.unwrap().unwrap(), "data: 3\n\n");
        assert!(frame(&mut body).await.is_none() && body.is_end_stream());
    }
}
