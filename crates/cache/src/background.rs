//! What is done for the cache beside calls: entries on their way to a store, stale ones on their way to be fresh.
//!
//! One task for a cache, begun when it first has something to do; none for each call. It ends when the cache is gone and
//! all that waited is done. When it has gone down with its runtime, the next job begins another.
//!
//! What is refreshed waits for a provider, who may take minutes: it has a queue of its own, so that entries that go to a
//! store do not wait behind it, nor who [waits](Background::flush) for them.

use std::{
    collections::BTreeSet,
    fmt,
    panic::AssertUnwindSafe,
    pin::{Pin, pin},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::{FutureExt, StreamExt, future, stream::poll_fn};
use tokio::{
    runtime::Handle,
    sync::{
        Notify,
        mpsc::{self, error::TrySendError},
    },
};

/// So many jobs may wait.
const WAITING: usize = 1024;
/// So many are done at once.
const AT_ONCE: usize = 64;
/// So many refreshes may wait: each holds a whole request.
const REFRESHES_WAITING: usize = 64;
/// So many are done at once.
const REFRESHES_AT_ONCE: usize = 16;
/// What jobs that are not done may weigh in all, in bytes.
const MAX_WEIGHT: usize = 64 << 20;

/// The task, and what waits for it.
#[derive(Default)]
pub(crate) struct Background {
    queues: Mutex<Option<Queues>>,
    undone: Arc<Undone>,
}

struct Queues {
    jobs: mpsc::Sender<Job>,
    refreshes: mpsc::Sender<Job>,
}

type Job = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Background {
    /// Has this done soon. `false` where too much is waiting already, or there is no runtime: it is not done then.
    #[cfg(any(test, feature = "semantic"))]
    pub(crate) fn run(&self, job: impl Future<Output = ()> + Send + 'static) -> bool {
        self.run_weighing(0, job)
    }

    /// The same for a job that holds so many bytes. `false` also where those that are not done would hold too many with it;
    /// but one that holds more than all may is done by itself.
    pub(crate) fn run_weighing(&self, weight: usize, job: impl Future<Output = ()> + Send + 'static) -> bool {
        let Some(mark) = self.undone.mark(weight) else { return false };
        let job = async move {
            job.await;
            drop(mark);
        };
        self.send(Box::pin(job), |queues| &queues.jobs)
    }

    /// Has an entry made fresh again. `false` as [`run`](Self::run) says. It is not waited for by [`flush`](Self::flush):
    /// the old entry is still there.
    pub(crate) fn refresh(&self, job: impl Future<Output = ()> + Send + 'static) -> bool {
        self.send(Box::pin(job), |queues| &queues.refreshes)
    }

    fn send(&self, job: Job, queue: impl Fn(&Queues) -> &mpsc::Sender<Job>) -> bool {
        let Ok(runtime) = Handle::try_current() else { return false };
        let sent = {
            let mut queues = lock(&self.queues);
            let sent = match &*queues {
                Some(queues) => queue(queues).try_send(job),
                None => Err(TrySendError::Closed(job)),
            };
            match sent {
                Err(TrySendError::Closed(job)) => {
                    let (jobs, to_do) = mpsc::channel(WAITING);
                    let (refreshes, to_refresh) = mpsc::channel(REFRESHES_WAITING);
                    let begun = queues.insert(Queues { jobs, refreshes });
                    let sent = queue(begun).try_send(job);
                    // One task for all calls, which outlives none of its jobs.
                    runtime.spawn(future::join(work(to_do, AT_ONCE), work(to_refresh, REFRESHES_AT_ONCE)));
                    sent
                }
                sent => sent,
            }
        };
        // What is dropped, its mark too, is dropped outside of the lock: nobody knows what it does then.
        sent.is_ok()
    }

    /// Waits until all is done, or has come to nothing, that is waiting now, but for what is refreshed.
    pub(crate) async fn flush(&self) {
        self.undone.wait().await;
    }
}

async fn work(mut jobs: mpsc::Receiver<Job>, at_once: usize) {
    let jobs = poll_fn(move |cx| jobs.poll_recv(cx));
    // A job that panics has told so by the panic's own message; the others have nothing to do with it.
    jobs.for_each_concurrent(at_once, |job| AssertUnwindSafe(job).catch_unwind().map(drop)).await;
}

/// The numbers of the jobs that are not done.
#[derive(Default)]
struct Undone {
    jobs: Mutex<Jobs>,
    done: Notify,
}

#[derive(Default)]
struct Jobs {
    next: u64,
    left: BTreeSet<u64>,
    weight: usize,
}

/// A job is not done while there is this.
struct Mark {
    number: u64,
    weight: usize,
    undone: Arc<Undone>,
}

impl Undone {
    /// `None` where there would be too much.
    fn mark(self: &Arc<Self>, weight: usize) -> Option<Mark> {
        let mut jobs = lock(&self.jobs);
        let together = jobs.weight.saturating_add(weight);
        if weight > 0 && jobs.weight > 0 && together > MAX_WEIGHT {
            return None;
        }
        jobs.weight = together;
        let number = jobs.next;
        jobs.next += 1;
        jobs.left.insert(number);
        Some(Mark { number, weight, undone: Arc::clone(self) })
    }

    async fn wait(&self) {
        let next = lock(&self.jobs).next;
        loop {
            let mut done = pin!(self.done.notified());
            // From here on nothing is missed.
            done.as_mut().enable();
            if lock(&self.jobs).left.first().is_none_or(|first| *first >= next) {
                return;
            }
            done.await;
        }
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        {
            let mut jobs = lock(&self.undone.jobs);
            jobs.left.remove(&self.number);
            jobs.weight = jobs.weight.saturating_sub(self.weight);
        }
        self.undone.done.notify_waiters();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Background {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Background").field("undone", &lock(&self.undone.jobs).left.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::pending,
        sync::atomic::{AtomicUsize, Ordering::SeqCst},
        time::Duration,
    };

    use tokio::{
        runtime,
        sync::{Semaphore, oneshot},
    };

    use super::*;

    #[tokio::test]
    async fn jobs_are_done_and_waited_for() {
        let (background, done) = (Background::default(), Arc::new(AtomicUsize::new(0)));
        background.flush().await;
        for _ in 0..500 {
            let done = Arc::clone(&done);
            assert!(background.run(async move {
                tokio::task::yield_now().await;
                done.fetch_add(1, SeqCst);
            }));
        }
        assert_eq!(done.load(SeqCst), 0, "nothing is done by who has it done");
        background.flush().await;
        assert_eq!(done.load(SeqCst), 500);
        assert_eq!(format!("{background:?}"), "Background { undone: 0, .. }");
    }

    #[tokio::test(start_paused = true)]
    async fn flush_waits_for_what_came_before_it_and_no_longer() {
        let background = Background::default();
        let (first, told) = oneshot::channel::<()>();
        background.run(async move { drop(told.await) });
        let mut flush = pin!(background.flush());
        assert!(flush.as_mut().now_or_never().is_none());
        background.run(pending());
        tokio::time::sleep(Duration::from_secs(9)).await;
        assert!(flush.as_mut().now_or_never().is_none());
        first.send(()).expect("it waits");
        flush.await;
        assert!(background.flush().now_or_never().is_none(), "what came later is not done");
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_are_done_at_once_and_no_more_wait_than_are_allowed() {
        let (background, begun, gate) =
            (Background::default(), Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
        let job = || {
            let (begun, gate) = (Arc::clone(&begun), Arc::clone(&gate));
            async move {
                begun.fetch_add(1, SeqCst);
                drop(gate.acquire().await);
            }
        };
        for _ in 0..WAITING {
            assert!(background.run(job()));
        }
        assert!(!background.run(job()), "too much is waiting");
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(begun.load(SeqCst), AT_ONCE);
        for _ in 0..AT_ONCE {
            assert!(background.run(job()));
        }
        assert!(!background.run(job()));
        gate.add_permits(1);
        background.flush().await;
        assert_eq!(begun.load(SeqCst), WAITING + AT_ONCE, "what was refused is not done");
    }

    #[tokio::test(start_paused = true)]
    async fn jobs_that_are_not_done_hold_no_more_than_is_allowed() {
        let (background, gate) = (Background::default(), Arc::new(Semaphore::new(0)));
        let job = || {
            let gate = Arc::clone(&gate);
            async move { gate.acquire().await.expect("open").forget() }
        };
        assert!(background.run_weighing(MAX_WEIGHT / 2, job()));
        assert!(background.run_weighing(MAX_WEIGHT / 2, job()));
        assert!(!background.run_weighing(1, job()));
        assert!(!background.run_weighing(usize::MAX, job()));
        assert!(background.run(job()), "it holds nothing");
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(!background.run_weighing(1, job()), "what is under way is held, too");
        gate.add_permits(3);
        background.flush().await;
        assert!(background.run_weighing(usize::MAX, job()), "nothing else is held");
        assert!(!background.run_weighing(1, job()));
        gate.add_permits(1);
        background.flush().await;
        assert!(background.run_weighing(1, job()));
    }

    /// Also those that never end.
    #[tokio::test(start_paused = true)]
    async fn refreshes_keep_nobody_waiting() {
        let (background, begun) = (Background::default(), Arc::new(AtomicUsize::new(0)));
        let refresh = || {
            let begun = Arc::clone(&begun);
            async move {
                begun.fetch_add(1, SeqCst);
                pending().await
            }
        };
        for _ in 0..REFRESHES_WAITING {
            assert!(background.refresh(refresh()));
        }
        assert!(!background.refresh(refresh()), "too much is waiting");
        background.flush().await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(begun.load(SeqCst), REFRESHES_AT_ONCE);
        let (told, done) = oneshot::channel();
        assert!(background.run(async move { told.send(7).expect("it waits") }));
        background.flush().await;
        assert_eq!(done.await, Ok(7));
        // One that panics lets the next one begin.
        let other = Background::default();
        for _ in 0..=REFRESHES_AT_ONCE {
            assert!(other.refresh(async { panic!("on purpose") }));
        }
        let (told, done) = oneshot::channel();
        assert!(other.refresh(async move { told.send(7).expect("it waits") }));
        assert_eq!(done.await, Ok(7));
    }

    #[tokio::test]
    async fn a_job_that_panics_ends_itself_alone() {
        let (background, (told, done)) = (Background::default(), oneshot::channel());
        background.run(async { panic!("on purpose") });
        background.run(async move { told.send(7).expect("it waits") });
        background.flush().await;
        assert_eq!(done.await, Ok(7));
    }

    #[tokio::test(start_paused = true)]
    async fn what_waits_is_done_when_the_cache_is_gone_and_then_the_task_ends() {
        let (told, done) = oneshot::channel();
        let background = Background::default();
        background.run(async move {
            tokio::time::sleep(Duration::from_secs(60)).await;
            told.send(()).expect("it waits");
        });
        drop(background);
        assert_eq!(done.await, Ok(()));
        tokio::task::yield_now().await;
        assert_eq!(Handle::current().metrics().num_alive_tasks(), 0);
    }

    #[test]
    fn it_begins_anew_in_another_runtime_and_does_nothing_without_one() {
        let background = Background::default();
        assert!(!background.run(async {}), "there is no runtime");
        let runtime = || runtime::Builder::new_current_thread().build().expect("a runtime");
        let first = runtime();
        first.block_on(async {
            assert!(background.run(pending()));
            tokio::task::yield_now().await;
        });
        drop(first);
        let done = Arc::new(AtomicUsize::new(0));
        runtime().block_on(async {
            let done = Arc::clone(&done);
            assert!(background.run(async move {
                let _ = done.fetch_add(1, SeqCst);
            }));
            // What was lost with its runtime is not waited for.
            background.flush().await;
        });
        assert_eq!(done.load(SeqCst), 1);
    }
}
