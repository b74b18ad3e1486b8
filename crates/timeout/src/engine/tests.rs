use proptest::{collection, prelude::*};

use super::*;
use crate::MinSpeed;

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Waits, and says what has run out.
fn after(meter: &mut Meter, time: Duration) -> Option<Limit> {
    meter.wait(time);
    meter.judge()
}

const HAIR: Duration = Duration::from_nanos(1);

#[test]
fn the_head_is_waited_for_up_to_its_limit() {
    let limits = Limits::none().first_byte(secs(30)).idle(secs(1)).first_token(secs(20));
    let mut meter = Meter::new(limits, false);
    assert_eq!(meter.left(), Some(secs(30)));
    assert_eq!(after(&mut meter, secs(30) - HAIR), None);
    assert_eq!(after(&mut meter, HAIR), Some(Limit::FirstByte));
    assert_eq!(after(&mut Meter::new(limits, true), secs(20)), Some(Limit::FirstToken), "it is known to be a stream");
}

#[test]
fn a_first_token_is_waited_for_from_the_call_on_and_alone_counts_until_it_comes() {
    let mut meter = Meter::new(Limits::none().first_token(secs(60)).idle(secs(10)), false);
    meter.wait(secs(5));
    meter.head(true);
    assert_eq!(after(&mut meter, secs(55) - HAIR), None, "silence does not count yet");
    assert_eq!(meter.left(), Some(HAIR));
    assert_eq!(after(&mut meter, HAIR), Some(Limit::FirstToken));
    meter.piece();
    meter.said();
    assert_eq!(meter.left(), Some(secs(10)));
}

#[test]
fn silence_counts_from_the_last_piece_on() {
    let mut meter = Meter::new(Limits::none().idle(secs(10)), false);
    assert_eq!(meter.left(), None, "the head has its own limit");
    meter.wait(secs(99));
    meter.head(true);
    assert!(!meter.is_listening(), "nobody asks for the first token");
    for _ in 0..5 {
        assert_eq!(after(&mut meter, secs(10) - HAIR), None);
        meter.piece();
    }
    assert_eq!(after(&mut meter, secs(10)), Some(Limit::Idle));
}

#[test]
fn without_a_limit_on_the_first_token_silence_counts_before_it() {
    let speed = MinSpeed::new(1.0, secs(4)).unwrap();
    let mut meter = Meter::new(Limits::none().idle(secs(10)).min_speed(speed), false);
    meter.head(true);
    assert!(meter.is_listening());
    assert_eq!(after(&mut meter, secs(10)), Some(Limit::Idle), "and speed does not");
}

#[test]
fn a_stream_that_crawls_is_known_after_a_window() {
    let mut meter = Meter::new(Limits::none().min_speed(MinSpeed::new(2.0, secs(20)).unwrap()), false);
    meter.head(true);
    meter.said();
    let mut run = |tokens: u32, rounds: u64| {
        (0..rounds).find_map(|second| {
            meter.speed().unwrap().add(tokens);
            after(&mut meter, secs(1)).map(|limit| (limit, second + 1))
        })
    };
    assert_eq!(run(2, 100), None, "fast enough to a token");
    // At the next look a quarter of the window is slower: 15 * 2 + 5 * 1 < 40.
    assert_eq!(run(1, 100), Some((Limit::Speed, 5)));
}

#[test]
fn a_stream_that_falls_silent_is_too_slow_as_well() {
    let mut meter = Meter::new(Limits::none().min_speed(MinSpeed::new(1.1, secs(10)).unwrap()), false);
    meter.head(true);
    meter.said();
    meter.speed().unwrap().add(11);
    assert_eq!(after(&mut meter, secs(10)), None, "eleven in ten seconds are enough");
    assert_eq!(after(&mut meter, secs(1000)), Some(Limit::Speed));
}

proptest! {
    /// The window against a list of all that came: it never ends a stream that is fast enough at every moment, and
    /// always one of which a window, looked at at a step, was too slow.
    #[test]
    fn the_window_is_that_of_a_naive_count(
        tokens in collection::vec(0_u32..6, 1..200),
        quarter in 1_u64..5,
        least in 1_u32..20,
    ) {
        let over = 4 * quarter;
        let speed = MinSpeed::new(f64::from(least) / over as f64, secs(over)).unwrap();
        let mut meter = Meter::new(Limits::none().min_speed(speed), false);
        meter.head(true);
        meter.said();
        for (second, count) in tokens.iter().enumerate() {
            meter.speed().unwrap().add(*count);
            let now = second + 1;
            let at_step = now.is_multiple_of(quarter as usize) && now >= over as usize;
            let too_slow = at_step && tokens[now - over as usize..now].iter().sum::<u32>() < least;
            let judged = after(&mut meter, secs(1));
            prop_assert_eq!(judged, too_slow.then_some(Limit::Speed), "second {}", now);
            if too_slow {
                break;
            }
        }
    }

    #[test]
    fn any_bytes_have_an_estimate(data in collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(estimate(&data) as usize <= data.len().div_ceil(4) + 1);
    }

    #[test]
    fn a_judgement_ends(steps in collection::vec(0_u64..1 << 40, 1..20)) {
        let speed = MinSpeed::new(1e-9, secs(1)).unwrap();
        let mut meter = Meter::new(Limits::none().idle(Duration::MAX).min_speed(speed), false);
        meter.head(true);
        meter.said();
        for step in steps {
            meter.wait(Duration::from_nanos(step));
            meter.judge();
        }
    }
}
