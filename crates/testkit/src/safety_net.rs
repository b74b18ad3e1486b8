//! Timeouts against hangs. No test is right because of them; they only turn a hang into a message.

use std::{future::Future, pin::pin, sync::mpsc, thread, time::Duration};
use tokio::{select, sync::oneshot};

/// For what needs no socket: on tokio's clock, so that a test with a paused clock need not wait.
pub(crate) async fn virtual_net<T>(after: Duration, work: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(after, work).await.ok()
}

/// For sockets: on the wall clock, since a paused clock runs ahead while the kernel has work to do.
pub(crate) async fn wall_net<T>(after: Duration, what: &str, work: impl Future<Output = T>) -> T {
    let (_done, watched) = mpsc::channel::<()>();
    let (alarm, late) = oneshot::channel();
    thread::spawn(move || {
        // Ends at once, with another error, when `_done` goes.
        if watched.recv_timeout(after) == Err(mpsc::RecvTimeoutError::Timeout) {
            let _ = alarm.send(());
        }
    });
    let mut work = pin!(work);
    let mut late = pin!(late);
    select! {
        biased;
        done = &mut work => done,
        Ok(()) = &mut late => panic!("hang: {what} took longer than {after:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;

    #[tokio::test(start_paused = true)]
    #[should_panic(expected = "hang: reading took longer than 1ms")]
    async fn what_never_ends_on_the_wall_clock_is_told() {
        wall_net(Duration::from_millis(1), "reading", pending::<()>()).await;
    }

    #[tokio::test(start_paused = true)]
    async fn what_never_ends_on_a_paused_clock_is_told_at_once() {
        assert_eq!(virtual_net(Duration::from_secs(3600), pending::<()>()).await, None);
    }
}
