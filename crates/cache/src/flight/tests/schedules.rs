//! Passengers who are polled only when they are woken, in every order that chance brings: whoever is not woken when
//! there is something for them hangs, and is found at the end.

use super::*;

/// SplitMix64.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % bound as u64).unwrap()
    }
}

/// A passenger, and how often it was woken when it was last polled.
struct Polled {
    seat: Manual,
    seen: Option<usize>,
}

impl Polled {
    fn is_woken(&self) -> bool {
        self.seen != Some(self.seat.wakes())
    }

    /// Polls as an executor does. One that is ready may be left for later: it is woken as it were.
    fn poll(&mut self, steps: usize) {
        self.seen = Some(self.seat.wakes());
        let waker = Waker::from(Arc::clone(&self.seat.task));
        for _ in 0..steps {
            if !self.seat.poll_once(&waker) {
                return;
            }
        }
        self.seen = None;
    }
}

fn run(seed: u64) {
    let chance = &mut Chance(seed);
    let (flights, upstream) = (Flights::default(), Upstream::default());
    let mut steps: VecDeque<Option<Event>> = chat().into_iter().map(Some).collect();
    steps.push_front(None);
    let mut seats: Vec<Polled> = Vec::new();
    let mut is_ended = false;
    let board = |seats: &mut Vec<Polled>| {
        let seat = flights.board(key(1), BOUNDS, || upstream.call());
        seats.push(Polled { seat: Manual::new(seat), seen: None });
    };
    for _ in 0..2 + chance.below(4) {
        board(&mut seats);
    }
    while !is_ended {
        match chance.below(8) {
            0 => match steps.pop_front() {
                Some(None) => upstream.head(),
                Some(Some(event)) => upstream.event(event),
                None => {
                    upstream.end();
                    is_ended = true;
                }
            },
            1 => upstream.step(|script| script.yields += 1),
            2 if seats.len() < 12 => board(&mut seats),
            // The last one stays: without it there is another call.
            3 if seats.len() > 1 && chance.below(3) == 0 => {
                let leaver = chance.below(seats.len());
                drop(seats.swap_remove(leaver));
            }
            // Tasks are also polled for reasons of their own.
            4 => {
                let at = chance.below(seats.len());
                seats[at].poll(1 + chance.below(3));
            }
            _ => {
                let at = chance.below(seats.len());
                if seats[at].is_woken() {
                    seats[at].poll(1 + chance.below(3));
                }
            }
        }
    }
    // Some are never polled again, and stay on board. The others get all of it.
    let mut forgotten = Vec::new();
    for _ in 0..chance.below(seats.len()) {
        let at = chance.below(seats.len());
        forgotten.push(seats.swap_remove(at));
    }
    while let Some(woken) = seats.iter_mut().find(|seat| seat.is_woken()) {
        woken.poll(usize::MAX);
    }
    for seat in &seats {
        assert!(seat.seat.is_over(), "seed {seed}: somebody was not woken");
        assert_eq!(text(&seat.seat.read), text(&chat()), "seed {seed}");
    }
    assert_eq!(upstream.calls(), 1, "seed {seed}");
    drop((seats, forgotten));
    assert_eq!((flights.len(), upstream.drops()), (0, 1), "seed {seed}");
}

#[test]
fn nobody_hangs() {
    (0..2000).for_each(run);
}
