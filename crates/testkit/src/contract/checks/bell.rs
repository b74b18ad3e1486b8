//! A future that is polled when it was woken, and not otherwise.
//!
//! `select!` and `timeout` poll whatever they hold whenever anything happens; a wake-up that was lost goes
//! unseen under them.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

pub(super) struct OnlyWhenWoken<F> {
    work: Pin<Box<F>>,
    bell: Arc<Bell>,
}

struct Bell {
    rung: AtomicBool,
    task: Mutex<Option<Waker>>,
}

impl<F: Future> OnlyWhenWoken<F> {
    pub(super) fn new(work: F) -> Self {
        Self { work: Box::pin(work), bell: Arc::new(Bell { rung: AtomicBool::new(true), task: Mutex::default() }) }
    }
}

impl<F: Future> Future for OnlyWhenWoken<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        // Before the look, so that a ring between the two is not lost.
        self.bell.set(Some(cx.waker().clone()));
        if !self.bell.rung.swap(false, Ordering::SeqCst) {
            return Poll::Pending;
        }
        let waker = Waker::from(Arc::clone(&self.bell));
        self.work.as_mut().poll(&mut Context::from_waker(&waker))
    }
}

impl Bell {
    fn set(&self, waker: Option<Waker>) -> Option<Waker> {
        let mut task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut task, waker)
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.rung.store(true, Ordering::SeqCst);
        if let Some(waker) = self.set(None) {
            waker.wake();
        }
    }
}
