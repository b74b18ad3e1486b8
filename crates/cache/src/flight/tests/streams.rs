use tokio::task::JoinSet;

use super::*;

const WHOLE: &str = r#""message":{"role":"assistant","content":"Hello""#;

#[tokio::test(start_paused = true)]
async fn a_thousand_calls_are_one() {
    let (flights, upstream) = (Flights::default(), Upstream::default());
    let mut readers = JoinSet::new();
    for number in 0..1000 {
        let seat = upstream.board(&flights);
        assert_eq!(seat.is_first, number == 0);
        readers.spawn(read(seat));
    }
    let script = upstream.clone();
    let writer = async move {
        script.head();
        for event in chat() {
            tokio::task::yield_now().await;
            script.event(event);
        }
        script.end();
    };
    let (read, ()) = tokio::join!(readers.join_all(), writer);
    assert_eq!(read.len(), 1000);
    assert!(read.iter().all(|read| *read == (text(&chat()), None)));
    assert_eq!((upstream.calls(), upstream.drops(), flights.len()), (1, 1, 0));
    assert_eq!(upstream.landed().len(), 1);
    assert!(upstream.landed()[0].contains(WHOLE), "{}", upstream.landed()[0]);
}

#[test]
fn whoever_leaves_the_others_go_on() {
    // Before the head, behind it, and behind each event.
    for leaves_at in 0..=chat().len() + 1 {
        let (flights, upstream) = (Flights::default(), Upstream::default());
        let mut first = Some(Manual::new(upstream.board(&flights)));
        let mut second = Manual::new(upstream.board(&flights));
        let mut steps: Vec<Box<dyn Fn()>> = vec![Box::new(|| upstream.head())];
        for event in chat() {
            let upstream = &upstream;
            steps.push(Box::new(move || upstream.event(event.clone())));
        }
        steps.push(Box::new(|| upstream.end()));
        for (at, step) in steps.iter().enumerate() {
            // The first is always the one to ask.
            first.iter_mut().for_each(Manual::poll);
            second.poll();
            if at == leaves_at {
                first = None;
            }
            let woken = second.wakes();
            step();
            assert!(second.wakes() > woken, "left at {leaves_at}, at {at}");
        }
        second.poll();
        assert!(second.is_over());
        assert_eq!((text(&second.read), upstream.calls()), (text(&chat()), 1));
        assert_eq!((upstream.landed().len(), flights.len()), (1, 0));
    }
}

#[test]
fn who_joins_late_gets_all_of_it() {
    let (flights, upstream) = (Flights::default(), Upstream::default());
    let mut seats = vec![Manual::new(upstream.board(&flights))];
    upstream.head();
    for event in chat() {
        seats[0].poll();
        seats.push(Manual::new(upstream.board(&flights)));
        upstream.event(event);
    }
    seats[0].poll();
    seats.push(Manual::new(upstream.board(&flights)));
    upstream.end();
    for seat in &mut seats {
        seat.poll();
        assert_eq!(text(&seat.read), text(&chat()));
        assert!(seat.is_over());
    }
    assert_eq!(upstream.calls(), 1);
    let seat = upstream.board(&flights);
    assert!(seat.is_first, "it is over, and the next call begins anew");
}

#[test]
fn the_last_who_leaves_lets_the_call_go() {
    for polled in 0..3 {
        let (flights, upstream) = (Flights::default(), Upstream::default());
        let (mut first, mut second) = (Manual::new(upstream.board(&flights)), Manual::new(upstream.board(&flights)));
        if polled > 0 {
            upstream.head();
            first.poll();
        }
        if polled > 1 {
            second.poll();
        }
        drop(first);
        assert_eq!((upstream.drops(), flights.len()), (0, 1));
        drop(second);
        assert_eq!((upstream.drops(), flights.len()), (1, 0));
        assert!(upstream.landed().is_empty());
        // Whatever still has its waker reaches nobody.
        upstream.chat();
        assert!(upstream.board(&flights).is_first);
    }
}

#[tokio::test(start_paused = true)]
async fn who_wants_the_whole_reads_no_events() {
    let (flights, upstream) = (Flights::default(), Upstream::default());
    let (plain, other) = (upstream.board(&flights), upstream.board(&flights));
    upstream.chat();
    let Landed::Stream(response) = plain.landed().await else { panic!("no stream") };
    let whole = response.into_body().whole().await.unwrap();
    assert_eq!(vec![String::from_utf8(whole.to_bytes().to_vec()).unwrap()], upstream.landed());
    assert_eq!(read(other).await, (text(&chat()), None));

    // Of what is cut off there is none.
    let (flights, upstream) = (Flights::default(), Upstream::default());
    let (plain, other) = (upstream.board(&flights), upstream.board(&flights));
    upstream.head();
    upstream.event(chat().remove(0));
    upstream.end();
    let Landed::Stream(response) = plain.landed().await else { panic!("no stream") };
    assert!(response.into_body().whole().await.is_none());
    assert_eq!(read(other).await, (text(&chat()[..1]), None));
    assert!(upstream.landed().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_error_is_for_all_and_never_lands() {
    let (flights, upstream) = (Flights::default(), Upstream::default());
    let seats = [upstream.board(&flights), upstream.board(&flights)];
    upstream.head();
    upstream.event(chat().remove(0));
    upstream.fail();
    for seat in seats {
        assert_eq!(read(seat).await, (text(&chat()[..1]), Some("cut off".into())));
    }
    assert!(upstream.landed().is_empty());
    assert_eq!(flights.len(), 0);

    // One that an event tells of: who comes after it is no part of it.
    let error = Event::new(r#"{"error":{"message":"no"}}"#);
    let mut events = chat();
    // In the place of `[DONE]`.
    *events.last_mut().expect("an end") = error;
    let (flights, upstream) = (Flights::default(), Upstream::default());
    let (mut first, second) = (Manual::new(upstream.board(&flights)), upstream.board(&flights));
    upstream.head();
    events.iter().for_each(|event| upstream.event(event.clone()));
    first.poll();
    assert!(upstream.board(&flights).is_first && !first.is_over());
    upstream.end();
    assert_eq!(read(second).await, (text(&events), None));
    assert!(upstream.landed().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_has_failed_by_its_status_does_not_land() {
    let (flights, upstream) = (Flights::default(), Upstream::default());
    let seats = [upstream.board(&flights), upstream.board(&flights)];
    upstream.chat();
    upstream
        .step(|script| *script.head.as_mut().unwrap().as_mut().unwrap().status_mut() = http::StatusCode::BAD_GATEWAY);
    for seat in seats {
        assert_eq!(read(seat).await, (text(&chat()), None));
    }
    assert!(upstream.landed().is_empty());
}
