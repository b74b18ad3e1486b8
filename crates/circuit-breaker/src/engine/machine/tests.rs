use llm_layers_core::{FailureKind, Rng};
use proptest::prelude::*;

use super::*;
use crate::Window;

const SECOND: Duration = Duration::from_secs(1);

/// A machine, its rules and a time that goes by.
struct Bench {
    machine: Machine,
    rules: Rules,
    started: Instant,
    now: Instant,
    seen: Vec<(State, State)>,
}

impl Bench {
    fn new(rules: Rules) -> Self {
        let now = Instant::now();
        let machine = Machine::new(&rules, now);
        Self { machine, rules, started: now, now, seen: Vec::new() }
    }

    /// Opens after one failure, for 10 s; one probe; no recovery.
    fn brittle() -> Self {
        let rules = Rules::default().consecutive_failures(1).open_for(10 * SECOND).probes(1).recovery([]).jitter(0.0);
        Self::new(rules.max_open_for(60 * SECOND))
    }

    fn wait(&mut self, time: Duration) -> &mut Self {
        self.now += time;
        self
    }

    fn at(&self) -> f64 {
        (self.now - self.started).as_secs_f64()
    }

    fn acquire(&mut self) -> Result<Ticket, Duration> {
        let ticket = self.machine.acquire(&self.rules, self.now);
        self.take_seen();
        ticket
    }

    fn record(&mut self, ticket: Ticket, sample: Sample) {
        self.machine.record(ticket, &sample, &self.rules, self.now);
        self.take_seen();
    }

    fn call(&mut self, sample: Sample) -> &mut Self {
        let ticket = self.acquire().expect("let through");
        self.record(ticket, sample);
        self
    }

    fn calls(&mut self, count: u32, sample: Sample) -> &mut Self {
        (0..count).for_each(|_| _ = self.call(sample));
        self
    }

    fn state(&mut self) -> State {
        self.snapshot().state
    }

    fn snapshot(&mut self) -> Snapshot {
        let snapshot = self.machine.snapshot(&self.rules, self.now);
        self.take_seen();
        snapshot
    }

    fn take_seen(&mut self) {
        self.seen.extend(self.machine.take_transitions().iter().map(|change| (change.from, change.to)));
    }

    /// How long it is open from now on.
    fn left(&mut self) -> f64 {
        let snapshot = self.snapshot();
        assert_eq!(snapshot.state, State::Open);
        (snapshot.until.expect("an end") - self.now).as_secs_f64()
    }
}

fn sample(verdict: Verdict) -> Sample {
    Sample { verdict, first_token: None, total: Duration::from_millis(100), retry_after: None }
}

fn good() -> Sample {
    sample(Verdict::Success)
}

fn bad() -> Sample {
    sample(Verdict::Failure(FailureKind::Upstream))
}

fn slow(seconds: u32) -> Sample {
    Sample { total: seconds * SECOND, ..good() }
}

fn late(seconds: u32) -> Sample {
    Sample { first_token: Some(seconds * SECOND), ..good() }
}

#[test]
fn a_share_of_failures_opens_it_once_there_are_enough_calls() {
    let mut bench = Bench::new(Rules::default());
    assert_eq!(bench.calls(4, good()).calls(5, bad()).state(), State::Closed, "nine calls");
    assert_eq!(bench.call(good()).state(), State::Open, "ten of them, five failed");
    let snapshot = bench.snapshot();
    assert_eq!((snapshot.reason, snapshot.counts.calls, snapshot.counts.failures), (Some(Reason::FailureRate), 10, 5));
}

#[test]
fn failures_that_have_left_the_window_are_forgotten() {
    let mut bench = Bench::new(Rules::default());
    bench.calls(9, bad()).wait(31 * SECOND);
    assert_eq!(bench.calls(9, good()).call(bad()).state(), State::Closed);
    assert_eq!(bench.snapshot().counts.calls, 10);
    let mut bench = Bench::new(Rules::default().window(Window::Calls(10)));
    assert_eq!(bench.calls(9, bad()).wait(3600 * SECOND).call(bad()).state(), State::Open, "calls know no time");
}

#[test]
fn failures_in_a_row_open_it() {
    let mut bench = Bench::new(Rules::default().consecutive_failures(3));
    assert_eq!(bench.calls(2, bad()).call(good()).calls(2, bad()).state(), State::Closed);
    assert_eq!(bench.call(sample(Verdict::Ignore)).wait(999 * SECOND).call(bad()).state(), State::Open);
    assert_eq!(bench.snapshot().reason, Some(Reason::ConsecutiveFailures));
}

#[test]
fn slow_calls_open_it() {
    let mut bench = Bench::new(Rules::default().slow_calls(10 * SECOND, 0.5));
    assert_eq!(bench.calls(5, slow(10)).calls(5, good()).state(), State::Closed, "none is over ten seconds");
    bench.calls(9, slow(11));
    assert_eq!(bench.state(), State::Closed, "nine of nineteen");
    assert_eq!(bench.call(slow(11)).snapshot().reason, Some(Reason::SlowCalls));
}

#[test]
fn a_percentile_opens_it() {
    let rules = || Rules::default().window(Window::Calls(1000)).max_first_token(0.99, 2 * SECOND);
    let mut bench = Bench::new(rules());
    bench.calls(9, late(1)).call(late(9));
    assert_eq!(bench.state(), State::Closed, "one is no percentile");
    assert_eq!(bench.call(late(9)).snapshot().reason, Some(Reason::FirstToken));

    let mut bench = Bench::new(rules());
    bench.calls(198, late(1)).calls(2, late(3));
    assert_eq!(bench.state(), State::Closed, "one in a hundred is what it leaves out");
    assert_eq!(bench.call(late(3)).state(), State::Open);

    let mut bench = Bench::new(rules());
    assert_eq!(bench.calls(50, slow(99)).state(), State::Closed, "answers without a first token");
    let mut bench = Bench::new(Rules::default().max_total(0.5, 60 * SECOND));
    assert_eq!(bench.calls(5, slow(61)).calls(5, good()).state(), State::Closed);
    assert_eq!(bench.call(slow(61)).snapshot().reason, Some(Reason::TotalTime));
}

#[test]
fn auth_opens_it_at_once_with_its_reason() {
    for (kind, reason) in [
        (FailureKind::Unauthenticated, Reason::Unauthenticated),
        (FailureKind::Forbidden, Reason::Forbidden),
        (FailureKind::Quota, Reason::Quota),
    ] {
        let mut bench = Bench::new(Rules::default());
        assert_eq!(bench.call(sample(Verdict::Auth(kind))).snapshot().reason, Some(reason));
    }
}

#[test]
fn openings_get_longer_and_begin_anew_after_a_healthy_while() {
    let mut bench = Bench::brittle();
    for expected in [10.0, 20.0, 40.0, 60.0, 60.0] {
        bench.call(bad());
        assert_eq!(bench.left(), expected, "at {}", bench.at());
        let left = Duration::from_secs_f64(expected);
        assert!(bench.wait(left - Duration::from_nanos(1)).acquire().is_err());
        bench.wait(Duration::from_nanos(1));
    }
    bench.call(good());
    assert_eq!(bench.state(), State::Closed);
    bench.wait(299 * SECOND).call(bad());
    assert_eq!(bench.left(), 60.0, "not healthy for long enough");
    bench.wait(60 * SECOND).call(good()).wait(300 * SECOND).call(bad());
    assert_eq!(bench.left(), 10.0);
}

#[test]
fn jitter_only_shortens() {
    let rules = |seed| Rules::default().consecutive_failures(1).rng(Rng::seeded(seed));
    let lengths: Vec<_> = (0..50).map(|seed| Bench::new(rules(seed)).call(bad()).left()).collect();
    assert!(lengths.iter().all(|length| (13.5..=15.0).contains(length)), "{lengths:?}");
    assert!(lengths.iter().any(|length| *length < 14.0) && lengths.iter().any(|length| *length > 14.5));
}

#[test]
fn what_the_provider_asks_for_sets_the_opening() {
    let asking = |seconds| Sample { retry_after: Some(seconds * SECOND), ..bad() };
    let mut bench = Bench::brittle();
    assert_eq!(bench.call(asking(3)).left(), 3.0, "shorter");
    bench.wait(3 * SECOND).call(asking(3));
    assert_eq!(bench.left(), 20.0, "but it failed again");
    bench.wait(20 * SECOND).call(asking(50));
    assert_eq!(bench.left(), 50.0);
    bench.wait(50 * SECOND).call(asking(999));
    assert_eq!(bench.left(), 60.0, "capped");

    let mut bench = Bench::new(Rules::default().min_calls(2));
    bench.call(asking(30)).wait(10 * SECOND).call(bad());
    assert_eq!(bench.left(), 20.0, "what is left of it");
    // What opens it has not asked for anything: it does not open for the moment that is left of another's wait.
    let mut bench = Bench::new(Rules::default().min_calls(2).jitter(0.0));
    bench.call(asking(3)).wait(Duration::from_millis(2990)).call(bad());
    assert_eq!(bench.left(), 15.0);
}

#[test]
fn probes_are_few_and_all_must_succeed() {
    let mut bench = Bench::new(Rules::default().consecutive_failures(1).jitter(0.0).recovery([]));
    bench.call(bad()).wait(15 * SECOND);
    let probes = [bench.acquire().unwrap(), bench.acquire().unwrap(), bench.acquire().unwrap()];
    assert!(bench.acquire().is_err());
    bench.record(probes[0], good());
    assert!(bench.acquire().is_err(), "a success keeps its place");
    bench.machine.release(probes[1]);
    bench.record(probes[2], sample(Verdict::Ignore));
    let (fourth, fifth) = (bench.acquire().unwrap(), bench.acquire().unwrap());
    assert!(bench.acquire().is_err());
    bench.record(fourth, good());
    assert_eq!(bench.state(), State::HalfOpen);
    bench.record(fifth, good());
    assert_eq!(bench.state(), State::Closed);
    bench.record(fifth, good());
    assert_eq!(bench.snapshot().counts.calls, 1, "by now a call like any other");
}

#[test]
fn a_probe_that_fails_or_is_slow_opens_it_again() {
    let rules = Rules::default().slow_calls(9 * SECOND, 0.9).max_first_token(0.9, SECOND).max_total(0.9, 20 * SECOND);
    for (probe, reason) in [
        (bad(), Reason::Probe),
        (slow(10), Reason::SlowCalls),
        (late(2), Reason::FirstToken),
        (sample(Verdict::Auth(FailureKind::Quota)), Reason::Quota),
    ] {
        let mut bench = Bench::new(rules.clone().consecutive_failures(1));
        bench.call(bad()).wait(15 * SECOND).call(probe);
        let snapshot = bench.snapshot();
        assert_eq!((snapshot.state, snapshot.reason), (State::Open, Some(reason)));
    }
    let mut bench = Bench::new(Rules::default().max_total(0.9, 20 * SECOND).consecutive_failures(1));
    bench.call(bad()).wait(15 * SECOND).call(slow(21));
    assert_eq!(bench.snapshot().reason, Some(Reason::TotalTime));
}

#[test]
fn a_probe_that_takes_too_long_is_judged_by_whether_it_has_begun() {
    let mut bench = Bench::brittle();
    bench.call(bad()).wait(10 * SECOND).acquire().unwrap();
    assert!(bench.wait(59 * SECOND).acquire().is_err());
    assert!(bench.wait(SECOND).acquire().is_err());
    assert_eq!(bench.state(), State::Open, "silence is a failure");

    let mut bench = Bench::brittle();
    let probe = bench.call(bad()).wait(10 * SECOND).acquire().unwrap();
    bench.machine.begin(probe);
    assert!(bench.wait(60 * SECOND).acquire().is_ok());
    assert_eq!(bench.state(), State::Closed);
    bench.record(probe, bad());
    assert_eq!(bench.state(), State::Open, "what becomes of it in the end counts still");
}

#[test]
fn calls_from_before_an_opening_say_nothing_of_the_time_after() {
    let mut bench = Bench::brittle();
    let early = bench.acquire().unwrap();
    bench.call(bad()).wait(10 * SECOND);
    let probe = bench.acquire().unwrap();
    bench.record(early, bad());
    assert_eq!(bench.state(), State::HalfOpen);
    bench.record(early, good());
    assert_eq!(bench.state(), State::HalfOpen);
    bench.record(probe, good());
    assert_eq!(bench.state(), State::Closed);
    bench.record(early, bad());
    assert_eq!(bench.state(), State::Closed);
}

#[test]
fn the_recovery_lets_growing_shares_through() {
    let mut bench = Bench::new(Rules::default().consecutive_failures(9).probes(1).jitter(0.0));
    bench.calls(9, bad()).wait(15 * SECOND).call(good());
    assert_eq!(bench.state(), State::Recovering);
    let through = |bench: &mut Bench| (0..100).filter(|_| bench.acquire().is_ok()).count();
    assert!(bench.acquire().is_ok() && bench.acquire().is_err(), "the first, and then every fourth");
    assert_eq!(through(&mut bench), 25);
    bench.wait(5 * SECOND);
    assert!(bench.acquire().is_ok() && bench.acquire().is_err());
    assert_eq!(through(&mut bench), 50);
    bench.wait(4 * SECOND);
    assert_eq!(bench.state(), State::Recovering);
    bench.wait(SECOND);
    assert_eq!((bench.state(), through(&mut bench)), (State::Closed, 100));
    let seen = [
        (State::Closed, State::Open),
        (State::Open, State::HalfOpen),
        (State::HalfOpen, State::Recovering),
        (State::Recovering, State::Closed),
    ];
    assert_eq!(bench.seen, seen);
}

#[test]
fn failures_while_it_recovers_open_it_sooner() {
    let mut bench = Bench::new(Rules::default().jitter(0.0).recovery([1.0]));
    bench.calls(10, bad()).wait(15 * SECOND).calls(3, good());
    bench.call(bad()).call(good());
    assert_eq!(bench.state(), State::Recovering);
    assert_eq!(bench.call(bad()).snapshot().reason, Some(Reason::FailureRate), "three calls suffice");
    assert_eq!(bench.left(), 30.0);
}

#[test]
fn it_can_be_forced_and_reset() {
    let mut bench = Bench::brittle();
    let now = bench.now;
    bench.machine.force_open(now);
    assert_eq!(bench.wait(9999 * SECOND).acquire().unwrap_err(), 10 * SECOND);
    let now = bench.now;
    bench.machine.force_closed(now);
    assert_eq!(bench.calls(20, bad()).call(sample(Verdict::Auth(FailureKind::Quota))).state(), State::Closed);
    assert!(bench.snapshot().forced);
    bench.machine.reset(&bench.rules, bench.now);
    assert_eq!(bench.snapshot().counts, Counts::default());
    assert_eq!(bench.call(bad()).left(), 10.0);
}

#[test]
fn it_learns_of_openings() {
    let mut bench = Bench::brittle();
    let learn = |bench: &mut Bench, seconds| {
        let now = bench.now;
        bench.machine.learn(seconds * SECOND, &bench.rules, now);
        bench.take_seen();
    };
    learn(&mut bench, 5);
    assert_eq!((bench.left(), bench.snapshot().reason), (5.0, Some(Reason::Peer)));
    learn(&mut bench, 8);
    assert_eq!(bench.left(), 8.0, "it got longer");
    learn(&mut bench, 3);
    assert_eq!(bench.left(), 8.0, "but not shorter");
    learn(&mut bench, 999);
    assert_eq!(bench.left(), 60.0, "nor endless");
    bench.wait(60 * SECOND);
    assert_eq!(bench.state(), State::HalfOpen);
    learn(&mut bench, 10);
    assert_eq!(bench.state(), State::HalfOpen, "it finds out for itself");
    bench.call(good());
    learn(&mut bench, 1);
    assert_eq!(bench.state(), State::Closed, "the same opening as before");
    let now = bench.now;
    bench.machine.force_closed(now);
    learn(&mut bench, 50);
    assert_eq!(bench.state(), State::Closed);
}

#[derive(Clone, Debug)]
enum Step {
    Wait(u64),
    Acquire,
    /// One of the calls that are under way ends.
    End(prop::sample::Index, u8),
    Look,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (0..8_000_u64).prop_map(Step::Wait),
        6 => Just(Step::Acquire),
        5 => (any::<prop::sample::Index>(), 0..6_u8).prop_map(|(which, how)| Step::End(which, how)),
        1 => Just(Step::Look),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn whatever_happens_the_rules_hold(
        steps in prop::collection::vec(step(), 1..250),
        places in 1..4_u32,
        recovers in any::<bool>(),
    ) {
        let rules = Rules::default().min_calls(4).consecutive_failures(3).probes(places).open_for(5 * SECOND);
        let rules = rules.recovery(recovers.then_some([0.5]).into_iter().flatten()).max_open_for(20 * SECOND);
        let mut bench = Bench::new(rules.probe_timeout(3600 * SECOND));
        let mut running: Vec<Ticket> = Vec::new();
        for step in steps {
            match step {
                Step::Wait(millis) => _ = bench.wait(Duration::from_millis(millis)),
                Step::Look => _ = bench.state(),
                Step::Acquire => {
                    let before = bench.snapshot();
                    let admitted = bench.acquire();
                    match before.state {
                        State::Closed => prop_assert!(admitted.is_ok()),
                        State::Open => prop_assert!(admitted.is_err()),
                        State::HalfOpen | State::Recovering => {}
                    }
                    if let (State::Open, Err(wait)) = (before.state, admitted) {
                        prop_assert_eq!(bench.now + wait, before.until.unwrap());
                        prop_assert!(wait <= 20 * SECOND);
                    }
                    if let Ok(ticket) = admitted {
                        prop_assert_eq!(ticket.probe.is_some(), before.state == State::HalfOpen);
                        running.push(ticket);
                    }
                    if before.state == State::HalfOpen {
                        let generation = bench.machine.generation();
                        let probes = running.iter().filter(|call| call.probe.is_some() && call.generation == generation);
                        prop_assert!(probes.count() <= places as usize);
                    }
                }
                Step::End(which, how) if !running.is_empty() => {
                    let ticket = running.swap_remove(which.index(running.len()));
                    match how {
                        0 | 1 => bench.record(ticket, bad()),
                        2 | 3 => bench.record(ticket, good()),
                        4 => bench.record(ticket, sample(Verdict::Ignore)),
                        _ => bench.machine.release(ticket),
                    }
                }
                Step::End(..) => {}
            }
        }
        for (from, to) in &bench.seen {
            let allowed: &[State] = match from {
                State::Closed => &[State::Open],
                State::Open => &[State::HalfOpen],
                State::HalfOpen if recovers => &[State::Open, State::Recovering],
                State::HalfOpen => &[State::Open, State::Closed],
                State::Recovering => &[State::Open, State::Closed],
            };
            prop_assert!(allowed.contains(to), "{from:?} to {to:?}");
        }
        for pair in bench.seen.windows(2) {
            prop_assert_eq!(pair[0].1, pair[1].0, "no change is left out");
        }
    }
}
