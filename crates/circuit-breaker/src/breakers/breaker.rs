use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{sync::broadcast, time::Instant};

use super::{Change, Status};
use crate::{
    Rules, State,
    engine::{Machine, Sample, Ticket, Transition},
    key::Key,
    observe::{Observer, Outcome},
};

/// What all breakers of one handle share.
pub(crate) struct Settings {
    pub(crate) rules: Rules,
    pub(crate) changes: broadcast::Sender<Change>,
    pub(crate) started: Instant,
}

impl Settings {
    /// Milliseconds since the beginning, for atomics.
    pub(super) fn millis(&self, instant: Instant) -> u64 {
        u64::try_from(instant.saturating_duration_since(self.started).as_millis()).unwrap_or(u64::MAX)
    }
}

/// One breaker: a machine behind a lock, and before it what most calls need to know of it.
pub(crate) struct Breaker {
    key: Arc<str>,
    settings: Arc<Settings>,
    observer: Observer,
    /// Whether the machine need be asked: [`CLOSED`], [`ASK`], or until what millisecond it is open.
    gate: AtomicU64,
    generation: AtomicU32,
    used: AtomicU64,
    refused: AtomicU64,
    /// Held for well under a microsecond at a time.
    machine: Mutex<Machine>,
}

const CLOSED: u64 = 0;
const ASK: u64 = u64::MAX;

impl Breaker {
    pub(super) fn new(key: &Key<'_>, observer: Observer, settings: Arc<Settings>, now: Instant) -> Self {
        Self {
            key: key.name().into(),
            observer,
            gate: AtomicU64::new(CLOSED),
            generation: AtomicU32::new(0),
            used: AtomicU64::new(settings.millis(now)),
            refused: AtomicU64::new(0),
            machine: Mutex::new(Machine::new(&settings.rules, now)),
            settings,
        }
    }

    pub(crate) fn key(&self) -> &Arc<str> {
        &self.key
    }

    pub(super) fn rules(&self) -> &Rules {
        &self.settings.rules
    }

    pub(super) fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    /// The last moment at which somebody asked for it is now.
    pub(super) fn touch(&self, millis: u64) {
        self.used.store(millis, Ordering::Relaxed);
    }

    pub(super) fn acquire(&self, now: Instant) -> Result<Ticket, Duration> {
        // Before the gate: a call that slips through while it opens belongs to the time before.
        let generation = self.generation.load(Ordering::Acquire);
        let acquired = match self.gate.load(Ordering::Acquire) {
            CLOSED => Ok(Ticket { generation, probe: None }),
            ASK => self.change(now, |machine, rules| machine.acquire(rules, now)),
            until => match until.checked_sub(self.settings.millis(now)) {
                Some(left @ 1..) => Err(Duration::from_millis(left)),
                _ => self.change(now, |machine, rules| machine.acquire(rules, now)),
            },
        };
        if acquired.is_err() {
            self.refused.fetch_add(1, Ordering::Relaxed);
            self.observer.ended(Outcome::Refused);
        }
        acquired
    }

    pub(super) fn is_open(&self, now: Instant) -> bool {
        match self.gate.load(Ordering::Acquire) {
            CLOSED => false,
            ASK => self.lock().state() == State::Open,
            until => until > self.settings.millis(now),
        }
    }

    pub(super) fn record(&self, ticket: Ticket, sample: &Sample, now: Instant) {
        self.observer.ended(Outcome::of(sample.verdict));
        self.change(now, |machine, rules| machine.record(ticket, sample, rules, now));
    }

    pub(super) fn cancel(&self, ticket: Ticket) {
        self.observer.ended(Outcome::Cancelled);
        if ticket.probe.is_some() {
            self.change(Instant::now(), |machine, _| machine.release(ticket));
        }
    }

    pub(super) fn begin(&self, ticket: Ticket) {
        self.change(Instant::now(), |machine, _| machine.begin(ticket));
    }

    pub(super) fn status(&self, now: Instant) -> Status {
        let snapshot = self.change(now, |machine, rules| machine.snapshot(rules, now));
        Status {
            key: Arc::clone(&self.key),
            state: snapshot.state,
            forced: snapshot.forced,
            reason: snapshot.reason,
            since: snapshot.since,
            until: snapshot.until,
            counts: snapshot.counts,
            refused: self.refused.load(Ordering::Relaxed),
        }
    }

    /// It is dropped, and whoever comes next finds a closed one.
    pub(super) fn forgotten(&self) {
        if self.lock().state() != State::Closed {
            self.observer.forgotten();
        }
    }

    /// Whether it must not be dropped, and whether by no means.
    pub(super) fn is_kept(&self, now: Instant) -> (bool, bool) {
        let machine = self.lock();
        (machine.is_kept(now), machine.is_forced())
    }

    /// Does something to the machine, and tells of what has changed.
    pub(super) fn change<T>(&self, now: Instant, change: impl FnOnce(&mut Machine, &Rules) -> T) -> T {
        let mut machine = self.lock();
        let result = change(&mut machine, &self.settings.rules);
        let changes: Vec<_> = machine.take_transitions().into_iter().map(|change| self.told(now, &change)).collect();
        for change in &changes {
            // Under the lock, so that nobody hears of two changes in the wrong order.
            self.observer.changed(change);
            let _ = self.settings.changes.send(change.clone());
        }
        let gate = match machine.state() {
            State::Closed => CLOSED,
            // Up to a millisecond early: the machine has the last word.
            State::Open => machine.until().map_or(ASK, |until| self.settings.millis(until).max(1)),
            State::HalfOpen | State::Recovering => ASK,
        };
        // In this order, against that in which calls read them: whoever sees a generation sees the gate that it came
        // with, and no call slips through an opening as one of the time after it.
        self.gate.store(gate, Ordering::Release);
        self.generation.store(machine.generation(), Ordering::Release);
        drop(machine);
        changes.iter().for_each(|change| self.observer.log(change));
        result
    }

    fn told(&self, at: Instant, transition: &Transition) -> Change {
        let Transition { from, to, reason, until, counts } = *transition;
        Change { key: Arc::clone(&self.key), from, to, reason, at, until, counts }
    }

    fn lock(&self) -> MutexGuard<'_, Machine> {
        self.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
