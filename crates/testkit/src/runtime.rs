//! A runtime for the suites that poll by hand.

use tokio::runtime::{Builder, Handle};

/// Runs `work` inside a tokio runtime, so that what it polls may make timers.
///
/// Inside a runtime already, it is taken; a second one must not be dropped there.
pub(crate) fn with_runtime<T>(work: impl FnOnce() -> T) -> T {
    if Handle::try_current().is_ok() {
        return work();
    }
    match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => {
            let _inside = runtime.enter();
            work()
        }
        // Without a runtime all but timers works.
        Err(_) => work(),
    }
}
