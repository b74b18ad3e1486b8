use super::*;

/// Enough for three events of one letter.
const SMALL: Bounds = Bounds { max_bytes: 3 * 515, ..BOUNDS };

fn letter(number: u8) -> Event {
    Event::new(char::from(b'a' + number).to_string())
}

#[test]
fn a_slow_reader_slows_nobody_and_is_told() {
    for shape in [Shape::Chat, Shape::Message] {
        let (flights, upstream) = (Flights::default(), Upstream::default());
        let board = || Manual::new(flights.board(key(1), Bounds { shape, ..SMALL }, || upstream.call()));
        let (mut fast, mut slow, mut stuck) = (board(), board(), board());
        upstream.head();
        fast.poll();
        stuck.poll();
        for number in 0..10 {
            upstream.event(letter(number));
            fast.poll();
            if number < 5 {
                slow.poll();
            }
        }
        upstream.end();
        for reader in [&mut fast, &mut slow, &mut stuck] {
            reader.poll();
            assert!(reader.is_over() && reader.error.is_none());
        }
        let all: Vec<_> = (0..10).map(letter).collect();
        assert_eq!(text(&fast.read), text(&all));
        for (reader, read) in [(&slow, 5), (&stuck, 0)] {
            assert_eq!(text(&reader.read[..read]), text(&all[..read]));
            let last = &reader.read[read];
            assert_eq!(reader.read.len(), read + 1);
            assert!(text(std::slice::from_ref(last)).contains("cache_follower_too_slow"));
            assert_eq!(last.name(), (shape == Shape::Message).then_some(&b"error"[..]));
        }
    }
}

#[test]
fn who_is_no_further_behind_than_the_bound_reads_on() {
    let (flights, upstream) = (Flights::default(), Upstream::default());
    let board = || Manual::new(flights.board(key(1), SMALL, || upstream.call()));
    let (mut fast, mut slow) = (board(), board());
    upstream.head();
    for round in 0..5 {
        for number in 0..3 {
            upstream.event(letter(3 * round + number));
            fast.poll();
        }
        slow.poll();
    }
    assert_eq!((fast.read.len(), text(&slow.read)), (15, text(&fast.read)));
}

#[test]
fn a_long_answer_takes_nobody_in_after_its_beginning() {
    let (flights, upstream) = (Flights::default(), Upstream::default());
    let mut first = Manual::new(flights.board(key(1), SMALL, || upstream.call()));
    upstream.head();
    (0..3).for_each(|number| upstream.event(letter(number)));
    first.poll();
    assert!(!flights.board(key(1), SMALL, || upstream.call()).is_first);
    upstream.event(letter(3));
    first.poll();
    assert_eq!(flights.len(), 0);

    let other = Upstream::default();
    let anew = flights.board(key(1), SMALL, || other.call());
    assert!(anew.is_first);
    // The end of the older flight does not take the newer one off the board.
    upstream.end();
    first.poll();
    assert!(first.is_over());
    drop(first);
    assert!(!flights.board(key(1), SMALL, || other.call()).is_first);
    drop(anew);
    assert_eq!((flights.len(), other.drops(), upstream.calls()), (0, 1, 1));
}

#[test]
fn who_wants_the_whole_is_never_too_slow() {
    let (flights, upstream) = (Flights::default(), Upstream::default());
    let bounds = Bounds { max_bytes: 1200, ..BOUNDS };
    let seats = [(); 2].map(|()| flights.board(key(1), bounds, || upstream.call()));
    let [mut fast, mut whole] = seats.map(Manual::new);
    upstream.head();
    fast.poll();
    whole.poll();
    let Stage::Following(follower) = whole.stage else { panic!("no stream") };
    let mut whole = Box::pin(follower.whole());
    let cx = &mut Context::from_waker(Waker::noop());
    assert!(whole.as_mut().poll(cx).is_pending());
    for event in chat() {
        upstream.event(event);
        fast.poll();
    }
    upstream.end();
    fast.poll();
    assert_eq!(text(&fast.read), text(&chat()));
    assert!(matches!(whole.as_mut().poll(cx), Poll::Ready(Some(_))));
}
