use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Leave to keep an answer, given or refused by a layer above that reads it. An extension of a request.
///
/// A cache sees an answer before those above have judged it. It says what is to be done once leave is given, and whoever
/// has put this into the request gives it, or not: an answer that nobody has judged is not kept.
///
/// ```
/// use std::sync::mpsc::channel;
/// use llm_layers_core::Approval;
///
/// let (kept, keeps) = channel();
/// let approval = Approval::new();
/// approval.then(move || kept.send("kept").expect("a receiver"));
/// assert!(keeps.try_recv().is_err());
/// approval.give();
/// assert_eq!(keeps.try_recv(), Ok("kept"));
/// ```
#[derive(Clone, Default)]
pub struct Approval(Arc<Mutex<State>>);

type Waiting = Vec<Box<dyn FnOnce() + Send>>;

enum State {
    Awaited(Waiting),
    Given,
    Refused,
}

impl Default for State {
    fn default() -> Self {
        Self::Awaited(Vec::new())
    }
}

impl Approval {
    /// One that is neither given nor refused.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Does this once leave is given; at once, if it has been, and never, if it has been refused.
    pub fn then(&self, f: impl FnOnce() + Send + 'static) {
        let mut state = self.lock();
        match &mut *state {
            State::Awaited(waiting) => waiting.push(Box::new(f)),
            State::Given => {
                drop(state);
                f();
            }
            State::Refused => {}
        }
    }

    /// Gives leave. What was refused before stays so.
    pub fn give(&self) {
        let mut state = self.lock();
        let State::Awaited(waiting) = &mut *state else { return };
        let waiting = std::mem::take(waiting);
        *state = State::Given;
        drop(state);
        waiting.into_iter().for_each(|f| f());
    }

    /// Refuses it. What was given before stays so.
    pub fn refuse(&self) {
        let mut state = self.lock();
        if let State::Awaited(waiting) = &mut *state {
            let waiting = std::mem::take(waiting);
            *state = State::Refused;
            drop(state);
            // What waits may hold more than its memory, and is let go outside of the lock.
            drop(waiting);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Approval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &*self.lock() {
            State::Awaited(_) => "Awaited",
            State::Given => "Given",
            State::Refused => "Refused",
        };
        f.debug_tuple("Approval").field(&state).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn leave_is_given_or_refused_once() {
        let count = Arc::new(AtomicUsize::new(0));
        let counted = |approval: &Approval| {
            let count = Arc::clone(&count);
            approval.then(move || _ = count.fetch_add(1, Ordering::Relaxed));
        };
        let given = Approval::new();
        counted(&given);
        given.clone().give();
        given.refuse();
        given.give();
        counted(&given);
        assert_eq!(count.load(Ordering::Relaxed), 2, "before and after");
        let refused = Approval::new();
        counted(&refused);
        refused.refuse();
        refused.give();
        counted(&refused);
        assert_eq!(Arc::strong_count(&count), 1, "what is never done is let go");
        assert_eq!(count.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn what_nobody_judges_is_let_go() {
        let held = Arc::new(());
        let approval = Approval::new();
        let inner = Arc::clone(&held);
        approval.then(move || drop(inner));
        drop(approval);
        assert_eq!(Arc::strong_count(&held), 1);
    }
}
