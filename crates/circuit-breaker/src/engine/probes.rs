use std::time::Duration;

use tokio::time::Instant;

/// The calls that a half-open breaker lets through.
#[derive(Debug, Default)]
pub(super) struct Probes {
    /// Never more of them, together with those that have succeeded, than there are places.
    running: Vec<Probe>,
    succeeded: u32,
    next: u32,
}

#[derive(Debug)]
struct Probe {
    id: u32,
    since: Instant,
    begun: bool,
}

impl Probes {
    /// Takes a place, if there is one.
    pub(super) fn admit(&mut self, places: u32, now: Instant) -> Option<u32> {
        if self.running.len() as u64 + u64::from(self.succeeded) >= u64::from(places) {
            return None;
        }
        let id = self.next;
        self.next = self.next.wrapping_add(1);
        self.running.push(Probe { id, since: now, begun: false });
        Some(id)
    }

    /// Gives a place back; says whether the probe held one still.
    pub(super) fn leave(&mut self, id: u32) -> bool {
        let place = self.running.iter().position(|probe| probe.id == id);
        place.map(|place| self.running.swap_remove(place)).is_some()
    }

    /// A probe has succeeded; says whether that makes enough.
    pub(super) fn succeed(&mut self, id: u32, places: u32) -> bool {
        self.succeeded += u32::from(self.leave(id));
        self.succeeded >= places
    }

    /// The answer to a probe has begun.
    pub(super) fn begin(&mut self, id: u32) {
        if let Some(probe) = self.running.iter_mut().find(|probe| probe.id == id) {
            probe.begun = true;
        }
    }

    /// Judges those that take too long: an answer that has begun is a success, silence is not.
    pub(super) fn judge(&mut self, timeout: Duration, places: u32, now: Instant) -> Judged {
        let overdue = |probe: &Probe| now.saturating_duration_since(probe.since) >= timeout;
        if self.running.iter().any(|probe| overdue(probe) && !probe.begun) {
            return Judged::Failed;
        }
        let before = self.running.len();
        self.running.retain(|probe| !overdue(probe));
        // No more probes run than there are places.
        self.succeeded += (before - self.running.len()) as u32;
        if self.succeeded >= places { Judged::Succeeded } else { Judged::Undecided }
    }
}

pub(super) enum Judged {
    Undecided,
    Succeeded,
    Failed,
}
