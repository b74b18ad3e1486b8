//! Waiting for what somebody else does.

use std::{
    thread,
    time::{Duration, SystemTime},
};

/// How long anything may take, on however busy a machine: a hang becomes a message after it.
const LONGEST: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(2);

/// Asks again and again until it is so: for what happens in another process or task, and tells nobody.
///
/// Time is the machine's own, also where a test has paused tokio's. Between two questions other tasks run.
///
/// ```
/// # use llm_layers_testkit::eventually;
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let mut asked = 0;
/// eventually("three questions", async || {
///     asked += 1;
///     asked == 3
/// })
/// .await;
/// # });
/// ```
///
/// # Panics
/// It was not so within a minute: the message says what was waited for.
pub async fn eventually(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let began = SystemTime::now();
    while !is_so().await {
        assert!(began.elapsed().is_ok_and(|time| time < LONGEST), "waited for a minute: {what}");
        tokio::task::yield_now().await;
        thread::sleep(PAUSE);
    }
}
