//! The flight itself, shared by all who are on board.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Wake, Waker},
};

use super::{
    Bounds,
    flights::Board,
    source::{News, Source},
    state::State,
};
use crate::Key;

pub(super) struct Flight {
    state: Mutex<State>,
    pub(super) key: Key,
    pub(super) bounds: Bounds,
    board: Arc<Board>,
}

impl Flight {
    /// With the seat of who begins it, and the number of the event that is read first.
    pub(super) fn new(key: Key, bounds: Bounds, board: Arc<Board>) -> (Self, usize, u64) {
        let (state, seat, at) = State::new(bounds.max_bytes);
        (Self { state: Mutex::new(state), key, bounds, board }, seat, at)
    }

    /// Nothing that is not ours is called while it is held. A panic elsewhere cannot leave it half changed.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives it the call that it is made for.
    pub(super) fn begin(&self, source: Source) {
        let wakers = self.lock().begin(Box::new(source));
        wake(wakers);
    }

    /// Waits until there is something to read, and asks the source for it if nobody else does.
    pub(super) fn poll<T>(
        self: &Arc<Self>,
        seat: usize,
        cx: &mut Context<'_>,
        mut read: impl FnMut(&mut State) -> Option<T>,
    ) -> Poll<T> {
        loop {
            let mut state = self.lock();
            if let Some(found) = read(&mut state) {
                return Poll::Ready(found);
            }
            let Some(mut source) = state.take_due() else {
                let old = state.wait(seat, cx.waker());
                drop(state);
                drop(old);
                return Poll::Pending;
            };
            drop(state);
            let unless_done = FailUnlessDone(Some(self));
            let asked = source.poll(&mut Context::from_waker(&Waker::from(Arc::clone(self))));
            unless_done.done();
            match asked {
                Poll::Ready(news) => self.publish(news, source),
                Poll::Pending => {
                    self.pause(source, seat, cx.waker());
                    return Poll::Pending;
                }
            }
        }
    }

    fn publish(self: &Arc<Self>, news: News, source: Box<Source>) {
        // What is over is dropped when the others have been told, and outside of the lock.
        let (source, over) = if news.is_last() { (None, Some(source)) } else { (Some(source), None) };
        self.change(|state| state.publish(news, source));
        drop(over);
    }

    fn pause(&self, source: Box<Source>, seat: usize, waker: &Waker) {
        let mut state = self.lock();
        if let Some(wakers) = state.pause(source) {
            // It has called while it was polled: all come again, this one too. To ask it again here and now could go on
            // for ever, where a task has to yield first.
            drop(state);
            wake(wakers);
            waker.wake_by_ref();
        } else {
            let old = state.wait(seat, waker);
            drop(state);
            drop(old);
        }
    }

    /// Changes the state, takes a flight off the board that nobody can join any more, and wakes whom it concerns.
    fn change(self: &Arc<Self>, change: impl FnOnce(&mut State) -> Vec<Waker>) {
        let mut state = self.lock();
        let was_closed = state.is_closed();
        let wakers = change(&mut state);
        let is_closed = state.is_closed();
        drop(state);
        if is_closed && !was_closed {
            self.leave_board();
        }
        wake(wakers);
    }

    pub(super) fn leave_board(self: &Arc<Self>) {
        self.board.remove(self);
    }
}

/// For the source: it has something, or will have when it is polled again.
impl Wake for Flight {
    fn wake(self: Arc<Self>) {
        Self::wake_by_ref(&self);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let wakers = self.lock().called();
        wake(wakers);
    }
}

fn wake(wakers: Vec<Waker>) {
    wakers.into_iter().for_each(Waker::wake);
}

/// Ends the flight for the others if what is not ours panics.
pub(super) struct FailUnlessDone<'a>(pub(super) Option<&'a Arc<Flight>>);

impl FailUnlessDone<'_> {
    pub(super) fn done(mut self) {
        self.0 = None;
    }
}

impl Drop for FailUnlessDone<'_> {
    fn drop(&mut self) {
        if let Some(flight) = self.0 {
            flight.change(State::fail);
        }
    }
}
