//! Broken wrappers, each caught by the case that is there for it.

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Limited};
use llm_layers_testkit::{
    body::{Case, Conformance, Script, TestBody, TestError},
    body_conformance,
};
use std::{
    pin::Pin,
    task::{Context, Poll, Waker},
};

type Polled = Poll<Option<Result<Frame<Bytes>, TestError>>>;

/// A wrapper made of its three functions.
struct Made {
    inner: TestBody,
    poll: fn(&mut Self, &mut Context<'_>) -> Polled,
    hint: fn(&Self) -> SizeHint,
    end: fn(&Self) -> bool,
    held: Option<Frame<Bytes>>,
    waker: Option<Waker>,
    count: usize,
}

impl Body for Made {
    type Data = Bytes;
    type Error = TestError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled {
        let this = self.get_mut();
        (this.poll)(this, cx)
    }

    fn size_hint(&self) -> SizeHint {
        (self.hint)(self)
    }

    fn is_end_stream(&self) -> bool {
        (self.end)(self)
    }
}

impl Made {
    fn sound(inner: TestBody) -> Self {
        Self {
            inner,
            poll: inner_poll,
            hint: |this| this.inner.size_hint(),
            end: |this| this.inner.is_end_stream(),
            held: None,
            waker: None,
            count: 0,
        }
    }
}

fn inner_poll(this: &mut Made, cx: &mut Context<'_>) -> Polled {
    Pin::new(&mut this.inner).poll_frame(cx)
}

fn polls(poll: fn(&mut Made, &mut Context<'_>) -> Polled) -> Conformance<impl Fn(TestBody) -> Made> {
    Conformance::new(move |inner| Made { poll, hint: |_| SizeHint::default(), end: |_| false, ..Made::sound(inner) })
}

body_conformance!(Made::sound);
body_conformance!(transparent = Conformance::new(Made::sound).transparent(true));
body_conformance!(limited = Conformance::new(|body| Limited::new(body, 1 << 20)));
body_conformance!(
    shouting = Conformance::new(|body: TestBody| {
        body.map_frame(|frame| frame.map_data(|data| Bytes::from(data.to_ascii_uppercase())))
    })
    .model(<[u8]>::to_ascii_uppercase)
);

/// One frame behind: the end is not known, the length is.
fn one_behind(this: &mut Made, cx: &mut Context<'_>) -> Polled {
    loop {
        match inner_poll(this, cx) {
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(held) = this.held.replace(frame) {
                    return Poll::Ready(Some(Ok(held)));
                }
            }
            Poll::Ready(None) => return Poll::Ready(this.held.take().map(Ok)),
            Poll::Ready(Some(Err(error))) => {
                // Else it would come after the error.
                this.held = None;
                return Poll::Ready(Some(Err(error)));
            }
            Poll::Pending => return Poll::Pending,
        }
    }
}

#[test]
fn holding_back_is_sound_when_nothing_is_claimed() {
    polls(one_behind).run();
}

#[test]
#[should_panic(expected = "case ManyFrames (hint Exact, end announced: true): after 4 frames `is_end_stream` was true")]
fn an_end_too_early() {
    Conformance::new(|inner| Made { poll: one_behind, hint: |_| SizeHint::default(), ..Made::sound(inner) })
        .run_case(Case::ManyFrames);
}

#[test]
#[should_panic(expected = "`size_hint` promised at most")]
fn a_hint_that_forgets_what_is_held() {
    Conformance::new(|inner| Made { poll: one_behind, end: |_| false, ..Made::sound(inner) })
        .run_case(Case::ManyFrames);
}

#[test]
#[should_panic(
    expected = "case OneFrame (hint Exact, end announced: true): after 0 frames `size_hint` promised at least"
)]
fn a_hint_too_long() {
    Conformance::new(|inner| Made {
        hint: |this| SizeHint::with_exact(this.inner.size_hint().lower() + 1),
        ..Made::sound(inner)
    })
    .run_case(Case::OneFrame);
}

#[test]
#[should_panic(expected = "the data differ")]
fn frames_out_of_order() {
    polls(|this, cx| {
        if this.held.is_none() {
            match inner_poll(this, cx) {
                Poll::Ready(Some(Ok(frame))) => this.held = Some(frame),
                other => return other,
            }
        }
        match inner_poll(this, cx) {
            Poll::Ready(None) => Poll::Ready(this.held.take().map(Ok)),
            other => other,
        }
    })
    .run_case(Case::ManyFrames);
}

#[test]
#[should_panic(expected = "case ZeroLengthFrames")]
fn an_empty_frame_taken_for_the_end() {
    polls(|this, cx| match inner_poll(this, cx) {
        Poll::Ready(Some(Ok(frame))) if frame.data_ref().is_some_and(Bytes::is_empty) => Poll::Ready(None),
        other => other,
    })
    .run_case(Case::ZeroLengthFrames);
}

fn no_trailers(this: &mut Made, cx: &mut Context<'_>) -> Polled {
    match inner_poll(this, cx) {
        Poll::Ready(Some(Ok(frame))) if frame.is_trailers() => inner_poll(this, cx),
        other => other,
    }
}

#[test]
#[should_panic(expected = "case Trailers (hint Exact, end announced: true): the trailers differ")]
fn trailers_lost() {
    polls(no_trailers).run_case(Case::Trailers);
}

#[test]
fn trailers_lost_on_purpose() {
    polls(no_trailers).trailers(false).run();
}

#[test]
#[should_panic(expected = "case Pending (hint Exact, end announced: true): it returned `Pending` although")]
fn pending_without_a_waker() {
    polls(|this, cx| {
        if std::mem::take(&mut this.count) > 0 {
            return Poll::Pending;
        }
        let polled = inner_poll(this, cx);
        this.count = usize::from(polled.is_ready());
        polled
    })
    .run_case(Case::Pending);
}

#[test]
#[should_panic(expected = "the task that polled last was not woken")]
fn a_stale_waker() {
    polls(|this, cx| {
        let waker = this.waker.get_or_insert_with(|| cx.waker().clone()).clone();
        let polled = inner_poll(this, &mut Context::from_waker(&waker));
        if polled.is_ready() {
            this.waker = None;
        }
        polled
    })
    .run_case(Case::Pending);
}

#[test]
#[should_panic(expected = "it turns in circles")]
fn a_spin() {
    polls(|_, cx| {
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .run_case(Case::OneFrame);
}

fn swallow(this: &mut Made, cx: &mut Context<'_>) -> Polled {
    match inner_poll(this, cx) {
        Poll::Ready(Some(Err(_))) => Poll::Ready(None),
        other => other,
    }
}

#[test]
#[should_panic(expected = "case ErrorMidway (hint Exact, end announced: true): it ended as if all were well")]
fn an_error_swallowed() {
    polls(swallow).run_case(Case::ErrorMidway);
}

#[test]
#[should_panic(expected = "nothing tells the reader")]
fn an_error_swallowed_under_the_name_of_data() {
    polls(swallow).error_becomes_data(true).run_case(Case::ErrorMidway);
}

#[test]
fn an_error_made_data() {
    polls(|this, cx| match inner_poll(this, cx) {
        Poll::Ready(Some(Err(_))) => Poll::Ready(Some(Ok(Frame::data("event: error\n\n".into())))),
        other => other,
    })
    .error_becomes_data(true)
    .run();
}

#[test]
#[should_panic(expected = "which neither is the inner error")]
fn an_error_replaced() {
    polls(|this, cx| inner_poll(this, cx).map_err(|_| TestError::new("something else"))).run_case(Case::ErrorAtOnce);
}

#[test]
#[should_panic(expected = "it polled the inner body again after its error")]
fn polled_on_after_the_error() {
    polls(|this, cx| {
        let polled = inner_poll(this, cx);
        if matches!(polled, Poll::Ready(Some(Err(_)))) {
            let _ = inner_poll(this, cx);
        }
        polled
    })
    .run_case(Case::ErrorMidway);
}

#[test]
#[should_panic(expected = "polled again after its end or its error it panicked")]
fn a_panic_after_the_end() {
    polls(|this, cx| {
        assert_eq!(this.count, 0);
        let polled = inner_poll(this, cx);
        this.count += usize::from(matches!(polled, Poll::Ready(None)));
        polled
    })
    .run_case(Case::Empty);
}

#[test]
#[should_panic(expected = "something other than `None`")]
fn an_end_that_is_none() {
    polls(|this, cx| match inner_poll(this, cx) {
        Poll::Ready(None) if this.count > 0 => Poll::Ready(Some(Ok(Frame::data("more".into())))),
        polled => {
            this.count += usize::from(matches!(polled, Poll::Ready(None)));
            polled
        }
    })
    .run_case(Case::Empty);
}

#[test]
#[should_panic(expected = "a frame came after the trailers")]
fn data_behind_the_trailers() {
    polls(|this, cx| match inner_poll(this, cx) {
        Poll::Ready(None) if this.count == 0 => {
            this.count = 1;
            Poll::Ready(Some(Ok(Frame::data(Bytes::new()))))
        }
        other => other,
    })
    .run_case(Case::Trailers);
}

fn leaks() -> Conformance<impl Fn(TestBody) -> Made> {
    Conformance::new(|inner: TestBody| {
        let script = Script::new().data("x");
        // Stands for a task or a global that owns the inner body.
        std::mem::forget(inner);
        Made::sound(script.body())
    })
}

#[test]
#[should_panic(
    expected = "case DropUnread (hint Exact, end announced: true): it was dropped and the inner body was not"
)]
fn a_leak_unread() {
    leaks().run_case(Case::DropUnread);
}

#[test]
#[should_panic(
    expected = "case DropMidway (hint Exact, end announced: true): it was dropped and the inner body was not"
)]
fn a_leak_midway() {
    leaks().run_case(Case::DropMidway);
}

#[test]
#[should_panic(
    expected = "case DropPending (hint Exact, end announced: true): it was dropped and the inner body was not"
)]
fn a_leak_while_pending() {
    leaks().run_case(Case::DropPending);
}

#[test]
#[should_panic(expected = "forward `size_hint`")]
fn not_transparent_of_length() {
    polls(inner_poll).transparent(true).run_case(Case::OneFrame);
}

#[test]
#[should_panic(expected = "forward `is_end_stream`")]
fn not_transparent_of_end() {
    Conformance::new(|inner| Made { end: |_| false, ..Made::sound(inner) }).transparent(true).run_case(Case::Empty);
}

#[test]
#[should_panic(expected = "falls silent for good")]
fn a_script_without_an_end_is_refused() {
    polls(inner_poll).check(&Script::new().data("a").never());
}

#[test]
#[should_panic(expected = "case OnlyTrailers (hint Exact, end announced: true): the trailers differ")]
fn trailers_lost_where_there_is_nothing_else() {
    polls(no_trailers).run_case(Case::OnlyTrailers);
}
