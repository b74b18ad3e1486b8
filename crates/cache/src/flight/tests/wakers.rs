use std::{panic, sync::Weak};

use super::*;

/// Several passengers of one flight, all polled once.
fn waiting<const N: usize>(flights: &Flights, upstream: &Upstream) -> [Manual; N] {
    let mut seats = [(); N].map(|()| Manual::new(upstream.board(flights)));
    seats.iter_mut().for_each(Manual::poll);
    seats
}

#[test]
fn who_is_never_polled_again_starves_nobody() {
    for forgotten in 0..3 {
        let (flights, upstream) = (Flights::default(), Upstream::default());
        let mut seats: [Manual; 3] = waiting(&flights, &upstream);
        upstream.head();
        for event in chat() {
            for (at, seat) in seats.iter_mut().enumerate() {
                if at != forgotten && seat.wakes() > 0 {
                    seat.task = Arc::default();
                    seat.poll();
                }
            }
            upstream.event(event);
        }
        upstream.end();
        for (at, seat) in seats.iter_mut().enumerate() {
            assert!(seat.wakes() > 0);
            if at != forgotten {
                seat.poll();
                assert_eq!((seat.is_over(), text(&seat.read)), (true, text(&chat())));
            }
        }
        assert_eq!(seats[forgotten].read.len(), 0);
    }
}

#[test]
fn a_source_that_is_not_ready_is_asked_once() {
    let (flights, upstream) = (Flights::default(), Upstream::default());
    let mut seats: [Manual; 5] = waiting(&flights, &upstream);
    seats.iter_mut().for_each(Manual::poll);
    assert_eq!(upstream.polls(), 1);
    upstream.head();
    assert!(seats.iter().all(|seat| seat.wakes() == 1));
    seats.iter_mut().for_each(Manual::poll);
    assert_eq!(upstream.polls(), 3, "for the head, and once for what follows");
}

#[test]
fn a_source_that_calls_while_it_is_asked_is_asked_again_by_whoever_comes() {
    for comes in 0..2 {
        let (flights, upstream) = (Flights::default(), Upstream::default());
        let mut seats = [(); 2].map(|()| Manual::new(upstream.board(&flights)));
        upstream.with(|script| script.yields = 1);
        upstream.chat();
        seats[0].poll();
        assert_eq!((seats[0].wakes(), upstream.polls()), (1, 1), "it is not asked in a loop");
        seats[comes].poll();
        assert_eq!(text(&seats[comes].read), text(&chat()));
    }
}

/// A call during whose first poll somebody else is polled, as on another thread; what comes of that poll is the
/// test's.
#[test]
fn who_comes_while_the_source_is_asked_is_told_when_it_is_back() {
    for outcome in ["calls", "is called later", "panics", "is ready"] {
        let flights = Flights::default();
        let comes = Arc::new(Mutex::new(None::<Manual>));
        let (meanwhile, source) = (Arc::clone(&comes), Arc::new(Mutex::new(None::<Waker>)));
        let waker = Arc::clone(&source);
        let calling = std::future::poll_fn(move |cx| {
            if waker.lock().unwrap().replace(cx.waker().clone()).is_some() {
                return Poll::Ready(None);
            }
            meanwhile.lock().unwrap().as_mut().unwrap().poll();
            match outcome {
                "calls" => cx.waker().wake_by_ref(),
                "panics" => panic!("of the call"),
                "is ready" => return Poll::Ready(None),
                _ => {}
            }
            Poll::Pending
        });
        let mut asks = Manual::new(flights.board(key(1), BOUNDS, || (Box::pin(calling), Box::new(drop))));
        let other = Manual::new(flights.board(key(1), BOUNDS, || unreachable!("there is a flight")));
        *comes.lock().unwrap() = Some(other);
        let _ = panic::catch_unwind(panic::AssertUnwindSafe(|| asks.poll()));
        let mut other = comes.lock().unwrap().take().unwrap();
        if outcome == "is called later" {
            assert_eq!((asks.wakes(), other.wakes()), (0, 0));
            source.lock().unwrap().as_ref().unwrap().wake_by_ref();
            assert_eq!(asks.wakes(), 1);
        }
        assert_eq!(other.wakes(), 1, "{outcome}");
        other.poll();
        assert_eq!(other.other(), "nothing", "{outcome}");
        // Who has panicked is not polled again.
        if outcome != "panics" {
            asks.poll();
            assert_eq!(asks.other(), "nothing", "{outcome}");
        }
    }
}

#[test]
fn a_task_that_changes_is_woken_where_it_is() {
    let (flights, upstream) = (Flights::default(), Upstream::default());
    let [mut seat] = waiting(&flights, &upstream);
    let old = std::mem::take(&mut seat.task);
    seat.poll();
    upstream.head();
    assert_eq!((old.0.load(Ordering::SeqCst), seat.wakes()), (0, 1));
    assert_eq!(Arc::strong_count(&old), 1, "the older waker is let go");
}

/// A task that holds a seat, and is dropped with the last of its wakers.
struct Task(#[allow(dead_code, reason = "it is there to be dropped")] Mutex<Option<Manual>>);

impl Wake for Task {
    fn wake(self: Arc<Self>) {}
}

#[test]
fn a_waker_may_hold_the_last_of_its_task() {
    let (flights, upstream) = (Flights::default(), Upstream::default());
    let mut seat = Manual::new(upstream.board(&flights));
    let mut other = Manual::new(upstream.board(&flights));
    let task = Arc::new(Task(Mutex::default()));
    seat.poll_as(&Waker::from(Arc::clone(&task)));
    *task.0.lock().unwrap() = Some(seat);
    let weak: Weak<Task> = Arc::downgrade(&task);
    // Only the flight holds it now. Woken, it is gone, and its seat with it.
    drop(task);
    upstream.head();
    assert_eq!(weak.strong_count(), 0);
    other.poll();
    assert_eq!((other.wakes(), upstream.polls()), (0, 3));

    // The same where another waker takes its place.
    let (flights, upstream) = (Flights::default(), Upstream::default());
    let mut seat = Manual::new(upstream.board(&flights));
    let inner = Manual::new(upstream.board(&flights));
    seat.poll_as(&Waker::from(Arc::new(Task(Mutex::new(Some(inner))))));
    seat.poll();
    drop(seat);
    assert_eq!((upstream.drops(), flights.len()), (1, 0));
}

#[test]
fn a_call_that_panics_leaves_the_others_with_nothing() {
    let flights = Flights::default();
    let [mut first, mut second, mut third] = {
        let first = flights.board(key(1), BOUNDS, || (Box::pin(async { panic!("of the call") }), Box::new(drop)));
        let others = [(); 2].map(|()| flights.board(key(1), BOUNDS, || unreachable!("there is a flight")));
        let [second, third] = others;
        [first, second, third].map(Manual::new)
    };
    let polled = panic::catch_unwind(panic::AssertUnwindSafe(|| second.poll()));
    assert!(polled.is_err());
    assert_eq!(flights.len(), 0);
    for seat in [&mut first, &mut third] {
        seat.poll();
        assert_eq!(seat.other(), "nothing");
    }
}

#[test]
fn a_beginning_that_panics_leaves_the_others_with_nothing() {
    let (flights, mut boarded) = (Flights::default(), None);
    let begun = panic::catch_unwind(panic::AssertUnwindSafe(|| {
        flights.board(key(1), BOUNDS, || {
            let mut other = Manual::new(flights.board(key(1), BOUNDS, || unreachable!("there is a flight")));
            other.poll();
            boarded = Some(other);
            panic!("of the beginning");
        })
    }));
    let mut other = boarded.unwrap();
    assert_eq!((begun.is_err(), other.wakes(), flights.len()), (true, 1, 0));
    other.poll();
    assert_eq!(other.other(), "nothing");
}

#[test]
fn a_body_that_panics_is_an_error_to_the_others() {
    let flights = Flights::default();
    let panics = || {
        let head = Response::builder().header("content-type", "text/event-stream");
        let first = futures_util::stream::iter([Ok(Event::new("{}"))]);
        let rest = futures_util::stream::poll_fn(|_| panic!("of the body"));
        head.body(Body::from_events(first.chain(rest))).unwrap()
    };
    let mut first = Manual::new(flights.board(key(1), BOUNDS, || {
        (Box::pin(std::future::ready(Some(panics()))), Box::new(|_| unreachable!("it is not whole")))
    }));
    let mut second = Manual::new(flights.board(key(1), BOUNDS, || unreachable!("there is a flight")));
    assert!(panic::catch_unwind(panic::AssertUnwindSafe(|| first.poll())).is_err());
    second.poll();
    assert_eq!((second.read.len(), flights.len()), (1, 0));
    assert!(second.error.unwrap().contains("panicked"));
    first.poll();
    assert!(first.error.is_some());
}

#[test]
fn what_boards_while_another_begins_waits_for_its_call() {
    let (flights, upstream) = (Flights::default(), Upstream::default());
    let mut other = None;
    let first = flights.board(key(1), BOUNDS, || {
        let mut seat = Manual::new(flights.board(key(1), BOUNDS, || unreachable!("there is a flight")));
        seat.poll();
        other = Some(seat);
        upstream.call()
    });
    let mut other = other.unwrap();
    assert_eq!(other.wakes(), 1);
    drop(first);
    upstream.chat();
    other.poll();
    assert_eq!(text(&other.read), text(&chat()));
}
