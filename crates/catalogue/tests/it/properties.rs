//! What holds for all prices and all calls.

use llm_layers_catalogue::{Meter, Quantities};
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::{price, standard};

/// A price for each meter, with up to nine decimals.
fn amounts() -> impl Strategy<Value = Vec<Decimal>> {
    let amount = (0_i64..18_000_000_000, 6_u32..=9).prop_map(|(digits, scale)| Decimal::new(digits, scale));
    prop::collection::vec(amount, Meter::ALL.len())
}

fn written(amounts: &[Decimal]) -> String {
    let members: Vec<_> =
        Meter::ALL.iter().zip(amounts).map(|(meter, amount)| format!(r#""{meter}":"{amount}""#)).collect();
    members.join(",")
}

fn quantities(most: u64) -> impl Strategy<Value = Quantities> {
    prop::collection::vec(prop_oneof![Just(0), 0..=most], Meter::ALL.len()).prop_map(|numbers| {
        let mut quantities = Quantities::default();
        Meter::ALL.iter().zip(numbers).for_each(|(meter, number)| *quantities.of_mut(*meter) = number);
        quantities
    })
}

fn unit(meter: Meter) -> Decimal {
    match meter {
        Meter::Image | Meter::Request => Decimal::ONE,
        Meter::InputMillis | Meter::OutputMillis => Decimal::from(1_000),
        _ => Decimal::from(1_000_000),
    }
}

proptest! {
    /// Against decimals, which take another way to the same sum.
    #[test]
    fn a_bill_is_the_sum_of_its_kinds(amounts in amounts(), call in quantities(1_000_000)) {
        let price = price(&format!("{{{}}}", written(&amounts)));
        let mut sum = Decimal::ZERO;
        for (meter, amount) in Meter::ALL.into_iter().zip(&amounts) {
            let mut one = Quantities::default();
            *one.of_mut(meter) = call.of(meter);
            let found = price.cost(&one, &standard()).unwrap().total;
            prop_assert_eq!(found, Decimal::from(call.of(meter)) * amount / unit(meter));
            sum += found;
        }
        let bill = price.cost(&call, &standard()).unwrap();
        prop_assert_eq!(bill.lines.iter().map(|line| line.amount).sum::<Decimal>(), bill.total);
        prop_assert_eq!(bill.total, sum);
    }

    #[test]
    fn integers_and_decimals_agree(amounts in amounts(), call in quantities(1_000_000)) {
        let price = price(&format!("{{{}}}", written(&amounts)));
        let total = price.cost(&call, &standard()).unwrap().total;
        let femtos = price.femtos(&call, &standard()).unwrap();
        prop_assert_eq!(total, Decimal::from_i128_with_scale(i128::try_from(femtos).unwrap(), 15));
        let picos = (total * Decimal::from(1_000_000_000_000_u64)).ceil();
        prop_assert_eq!(picos, Decimal::from(price.picos(&call, &standard()).unwrap()));
    }

    #[test]
    fn more_never_costs_less(amounts in amounts(), call in quantities(u64::MAX), at in 0..Meter::ALL.len(), more: u64) {
        let price = price(&format!("{{{}}}", written(&amounts)));
        let mut larger = call;
        let quantity = larger.of_mut(Meter::ALL[at]);
        *quantity = quantity.saturating_add(more);
        prop_assert!(price.femtos(&call, &standard()).unwrap() <= price.femtos(&larger, &standard()).unwrap());
    }

    #[test]
    fn the_steps_by_length_hold_for_the_whole_call(
        amounts in amounts(),
        longer in amounts(),
        tokens in 0_u64..100_000,
        call in quantities(50_000),
    ) {
        let tokens_only = |amounts: &[Decimal]| written(&amounts[..11]);
        let both = price(&format!(
            r#"{{{},"above":[{{"tokens":{tokens},{}}}]}}"#, tokens_only(&amounts), tokens_only(&longer)
        ));
        let one = price(&format!("{{{}}}", tokens_only(if call.prompt() > tokens { &longer } else { &amounts })));
        prop_assert_eq!(both.femtos(&call, &standard()), one.femtos(&call, &standard()));
    }
}
