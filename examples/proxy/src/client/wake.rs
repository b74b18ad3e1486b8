use std::{
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    task,
};

use futures_util::task::AtomicWaker;

/// Wakes whoever drives a connection, unless that is what he is doing.
///
/// The two ends of hyper's channels wake each other, and both are polled by the same task: it would be woken by itself,
/// for nothing, with every head and every chunk.
#[derive(Default)]
pub(super) struct Wake {
    state: AtomicU8,
    task: AtomicWaker,
}

/// Somebody drives the connection.
const DRIVING: u8 = 1;
/// It was woken since the state was looked at.
const AGAIN: u8 = 2;

impl Wake {
    /// Whom to wake from now on.
    pub(super) fn register(&self, task: &task::Waker) {
        self.task.register(task);
    }

    /// Nobody waits any more.
    pub(super) fn forget(&self) {
        drop(self.task.take());
    }

    /// What wakes from now on is noted.
    pub(super) fn begin(&self) {
        self.state.swap(DRIVING, Ordering::AcqRel);
    }

    /// Whether it was woken since it began.
    pub(super) fn is_due(&self) -> bool {
        self.state.load(Ordering::Acquire) & AGAIN != 0
    }

    /// From now on the task is woken. Whether it was woken since it began.
    pub(super) fn end(&self) -> bool {
        self.state.swap(0, Ordering::AcqRel) & AGAIN != 0
    }
}

impl task::Wake for Wake {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.state.fetch_or(AGAIN, Ordering::AcqRel) & DRIVING == 0 {
            self.task.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::atomic::AtomicUsize, task::Waker};

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl task::Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn who_drives_is_not_woken_and_knows_of_it() {
        let (wake, count) = (Arc::new(Wake::default()), Arc::new(Count::default()));
        let waker = Waker::from(Arc::clone(&wake));
        waker.wake_by_ref();
        wake.register(&Waker::from(Arc::clone(&count)));
        wake.begin();
        assert!(!wake.is_due());
        waker.wake_by_ref();
        waker.wake_by_ref();
        assert!(wake.is_due() && wake.end(), "it is due");
        assert_eq!(count.0.load(Ordering::Relaxed), 0);
        waker.wake_by_ref();
        assert_eq!(count.0.load(Ordering::Relaxed), 1);
        wake.begin();
        assert!(!wake.end());
        wake.register(&Waker::from(Arc::clone(&count)));
        wake.forget();
        waker.wake();
        assert_eq!(count.0.load(Ordering::Relaxed), 1, "nobody waits");
    }
}
