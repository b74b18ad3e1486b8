//! Throughput that is paid for in advance.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use llm_layers_catalogue::{Capacity, Committed, Quantities};
use proptest::prelude::*;

use super::{price, standard, thursday};

fn call(input: u64, output: u64) -> Quantities {
    Quantities { input, output, ..Quantities::default() }
}

#[test]
fn prepaid_tokens_come_first_and_the_rest_is_billed() {
    let capacity = Capacity::new(Committed { input_per_minute: 1_000, output_per_minute: 100 });
    let at = |seconds| thursday() + Duration::from_secs(seconds);
    assert_eq!(capacity.take(&call(600, 50), at(0)), call(0, 0));
    assert_eq!(capacity.peek(&call(600, 60), at(30)), call(200, 10));
    assert_eq!(capacity.take(&call(600, 60), at(59)), call(200, 10));
    assert_eq!(capacity.take(&call(1, 1), at(59)), call(1, 1));
    // A new minute, and nothing is carried over.
    assert_eq!(capacity.take(&call(1_001, 0), at(600)), call(1, 0));
    // A clock that was set back gives nothing anew.
    assert_eq!(capacity.take(&call(5, 0), at(0)), call(5, 0));
}

#[test]
fn the_dearest_kinds_are_covered_first_and_pieces_never() {
    let capacity = Capacity::new(Committed { input_per_minute: 100, output_per_minute: 0 });
    let call = Quantities { input: 60, cached_input: 60, images: 2, reasoning: 5, ..Quantities::default() };
    let rest = capacity.take(&call, thursday());
    assert_eq!(rest, Quantities { cached_input: 20, images: 2, reasoning: 5, ..Quantities::default() });
}

#[test]
fn a_price_has_capacity_that_its_clones_share() {
    let price = price(r#"{"input":"2","output":"4","committed":{"input_per_minute":1000000}}"#);
    let clone = price.clone();
    let take = |price: &llm_layers_catalogue::Price| {
        let rest = price.capacity().unwrap().take(&call(800_000, 0), thursday());
        price.cost(&rest, &standard()).unwrap().total.to_string()
    };
    assert_eq!((take(&price), take(&clone)), ("0".to_owned(), "1.2".to_owned()));
    let fresh = price.committed(Committed { input_per_minute: 5, output_per_minute: 5 });
    assert_eq!(fresh.capacity().unwrap().committed().output_per_minute, 5);
}

#[test]
fn the_whole_prompt_tells_the_step_though_half_of_it_is_prepaid() {
    let price = price(
        r#"{"input":"1","output":"2","above":[{"tokens":200000,"input":"3","output":"4"}],
            "committed":{"input_per_minute":150000,"output_per_minute":10}}"#,
    );
    let (long, terms) = (call(300_000, 100), standard());
    // 150,000 at three dollars for a million, 90 at four.
    assert_eq!(price.due(&long, &terms).unwrap().to_string(), "0.45036");
    assert_eq!(price.due_femtos(&long, &terms).unwrap(), 450_360_000_000_000);
    assert_eq!(price.settle(&long, &terms).unwrap().to_string(), "0.45036");
    assert_eq!(price.settle(&long, &terms).unwrap().to_string(), "0.9004", "nothing is left");
    assert_eq!(price.settle(&long, &terms).unwrap(), price.cost(&long, &terms).unwrap().total);
    // Without any it is the cost.
    let plain = super::price(r#"{"input":"1","above":[{"tokens":200000,"input":"3"}]}"#);
    for prompt in [0, 200_000, 200_001] {
        let call = call(prompt, 0);
        let cost = plain.cost(&call, &terms).unwrap().total;
        assert_eq!((plain.due(&call, &terms).unwrap(), plain.settle(&call, &terms).unwrap()), (cost, cost));
    }
    assert!(plain.settle(&self::call(1, 1), &terms).is_err(), "unknown stays unknown");
}

#[test]
fn threads_never_get_more_than_there_is() {
    let capacity = Arc::new(Capacity::new(Committed { input_per_minute: 10_007, output_per_minute: 0 }));
    let billed = Arc::new(AtomicU64::new(0));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..1_000 {
                    billed.fetch_add(capacity.take(&call(7, 0), thursday()).input, Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(billed.load(Ordering::Relaxed), 4 * 1_000 * 7 - 10_007);
}

proptest! {
    #[test]
    fn no_minute_gives_more_than_its_rate(
        rate in 0_u64..10_000,
        calls in prop::collection::vec((0_u64..300, prop_oneof![0_u64..5_000, Just(u64::MAX)]), 1..50),
    ) {
        let capacity = Capacity::new(Committed { input_per_minute: rate, output_per_minute: 0 });
        let mut calls = calls;
        calls.sort_unstable();
        let mut minutes = std::collections::BTreeMap::<u64, (u64, u64)>::new();
        for (second, input) in calls {
            let rest = capacity.take(&call(input, 0), thursday() + Duration::from_secs(second));
            let (taken, billed) = minutes.entry(second / 60).or_default();
            *taken += input - rest.input;
            *billed = billed.saturating_add(rest.input);
        }
        for (taken, billed) in minutes.into_values() {
            prop_assert!(taken <= rate);
            // Nothing is billed before all of it is used.
            prop_assert!(billed == 0 || taken == rate);
        }
    }
}
