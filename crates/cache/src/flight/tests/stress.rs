use std::{future::poll_fn, time::Duration};

use tokio::{
    runtime::Handle,
    task::{JoinSet, yield_now},
    time::timeout,
};

use super::*;

/// An answer whose events come from another task, one by one.
async fn write(upstream: Upstream) {
    upstream.head();
    for event in chat() {
        yield_now().await;
        upstream.event(event);
    }
    upstream.end();
}

/// Every fifth one leaves on the way, each at another place.
async fn ride(seat: Seat, number: usize) -> Option<String> {
    if !number.is_multiple_of(5) {
        return Some(read(seat).await.0);
    }
    let mut riding = Box::pin(read(seat));
    for _ in 0..number / 5 {
        let polled = poll_fn(|cx| Poll::Ready(riding.as_mut().poll(cx))).await;
        if let Poll::Ready((text, _)) = polled {
            return Some(text);
        }
        yield_now().await;
    }
    None
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_tasks_on_many_flights() {
    let (flights, whole, calls) = (Arc::new(Flights::default()), text(&chat()), Arc::new(AtomicUsize::new(0)));
    for round in 0..200 {
        let mut tasks = JoinSet::new();
        for number in 0..64 {
            let (flights, calls) = (Arc::clone(&flights), Arc::clone(&calls));
            tasks.spawn(async move {
                let seat = flights.board(key(round), BOUNDS, || {
                    let upstream = Upstream::default();
                    calls.fetch_add(1, Ordering::SeqCst);
                    Handle::current().spawn(write(upstream.clone()));
                    upstream.call()
                });
                ride(seat, number).await
            });
        }
        // The time only turns a hang into a message.
        let read = timeout(Duration::from_secs(60), tasks.join_all()).await.expect("nobody hangs");
        for read in read {
            assert!(read.is_none_or(|read| read == whole));
        }
        assert_eq!(flights.len(), 0, "round {round}");
    }
    assert!(calls.load(Ordering::SeqCst) < 200 * 64, "some have shared a call");
}
