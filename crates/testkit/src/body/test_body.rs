use super::{BodyHandle, Hint, Script, Step, TestError, handle::State};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::{
    collections::VecDeque,
    pin::Pin,
    task::{Context, Poll},
};

type Polled = Poll<Option<Result<Frame<Bytes>, TestError>>>;

/// A body that plays a [`Script`] and can be watched through a [`BodyHandle`].
#[derive(Debug)]
pub struct TestBody {
    steps: VecDeque<Step>,
    hint: Hint,
    announces_end: bool,
    handle: BodyHandle,
}

impl TestBody {
    /// A body that plays `script`.
    pub fn new(script: Script) -> Self {
        Self {
            steps: script.steps.into(),
            hint: script.hint,
            announces_end: script.announces_end,
            handle: BodyHandle::default(),
        }
    }

    /// What watches this body, and opens its gates. It outlives the body.
    pub fn handle(&self) -> BodyHandle {
        self.handle.clone()
    }

    fn remaining(&self) -> u64 {
        let data = |step: &Step| match step {
            Step::Data(data) => data.len() as u64,
            _ => 0,
        };
        self.steps.iter().map(data).sum()
    }

    /// One step. `None`: it took no poll, go on to the next.
    fn advance(&mut self, state: &mut State, cx: &Context<'_>) -> Option<Polled> {
        let Some(step) = self.steps.pop_front() else {
            state.finished = true;
            return Some(Poll::Ready(None));
        };
        Some(match step {
            Step::Data(data) => {
                state.frames += 1;
                Poll::Ready(Some(Ok(Frame::data(data))))
            }
            Step::Trailers(trailers) => {
                state.frames += 1;
                Poll::Ready(Some(Ok(Frame::trailers(trailers))))
            }
            Step::Pending => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Step::Gate if state.opened > 0 => {
                state.opened -= 1;
                return None;
            }
            Step::Gate | Step::Never => {
                state.silent = matches!(step, Step::Never);
                state.waiting = true;
                state.waker = Some(cx.waker().clone());
                self.steps.push_front(step);
                Poll::Pending
            }
            Step::Error(error) => {
                state.failed = true;
                self.steps.clear();
                Poll::Ready(Some(Err(error)))
            }
        })
    }
}

impl Body for TestBody {
    type Data = Bytes;
    type Error = TestError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled {
        let this = self.get_mut();
        let handle = this.handle.clone();
        let polled = {
            let mut state = handle.lock();
            state.polls += 1;
            state.polls_after_error += usize::from(state.failed);
            state.waiting = false;
            state.waker = None;
            loop {
                if let Some(polled) = this.advance(&mut state, cx) {
                    break polled;
                }
            }
        };
        handle.notify();
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.announces_end && self.steps.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        let remaining = self.remaining();
        match self.hint {
            Hint::Exact => SizeHint::with_exact(remaining),
            Hint::Unknown => SizeHint::default(),
            Hint::Range => {
                let mut hint = SizeHint::new();
                hint.set_lower(remaining / 2);
                hint.set_upper(remaining * 2 + 1);
                hint
            }
        }
    }
}

impl From<Script> for TestBody {
    fn from(script: Script) -> Self {
        Self::new(script)
    }
}

impl Drop for TestBody {
    fn drop(&mut self) {
        self.handle.lock().dropped = true;
        self.handle.notify();
    }
}
