//! What a call costs.

use llm_layers_catalogue::{Meter, Quantities, ServiceTier, Terms};
use rust_decimal::Decimal;

use super::{price, standard, thursday};

fn call(of: &[(Meter, u64)]) -> Quantities {
    let mut quantities = Quantities::default();
    of.iter().for_each(|(meter, quantity)| *quantities.of_mut(*meter) = *quantity);
    quantities
}

fn usd(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[test]
fn each_kind_has_its_unit() {
    for (meter, quantity, member, total) in [
        (Meter::Input, 1_000_000, "2.50", "2.5"),
        (Meter::CachedInput, 3, "0.000000001", "0.000000000000003"),
        (Meter::CacheWrite, 1_000, "3.75", "0.00375"),
        (Meter::CacheWrite1h, 1_000, "6", "0.006"),
        (Meter::AudioInput, 10, "40", "0.0004"),
        (Meter::CachedAudioInput, 10, "2.5", "0.000025"),
        (Meter::ImageInput, 10, "10", "0.0001"),
        (Meter::Output, 1_000, "10.00", "0.01"),
        (Meter::Reasoning, 1_000, "12", "0.012"),
        (Meter::AudioOutput, 10, "80", "0.0008"),
        (Meter::ImageOutput, 1_290, "30", "0.0387"),
        (Meter::InputCharacter, 1_000, "15", "0.015"),
        (Meter::OutputCharacter, 1_000, "15", "0.015"),
        (Meter::Image, 2, "0.04", "0.08"),
        (Meter::Request, 3, "0.005", "0.015"),
        (Meter::InputMillis, 90_000, "0.0001", "0.009"),
        (Meter::OutputMillis, 1, "0.5", "0.0005"),
    ] {
        let price = price(&format!(r#"{{"{meter}":"{member}"}}"#));
        let bill = price.cost(&call(&[(meter, quantity)]), &standard()).unwrap();
        assert_eq!(bill.total, usd(total), "{meter}");
        assert_eq!(bill.lines.len(), 1);
        let line = bill.lines[0];
        assert_eq!((line.meter, line.quantity, line.price, line.amount), (meter, quantity, usd(member), usd(total)));
        assert_eq!(price.usual(meter), Some(usd(member)));
    }
}

#[test]
fn what_has_no_price_is_billed_as_providers_do() {
    let price = price(r#"{"input":"2","output":"8","audio_input":"40"}"#);
    for (meter, total) in [
        (Meter::CachedInput, Ok("2")),
        (Meter::CacheWrite, Ok("2")),
        (Meter::CacheWrite1h, Ok("2")),
        (Meter::ImageInput, Ok("2")),
        (Meter::CachedAudioInput, Ok("40")),
        (Meter::Reasoning, Ok("8")),
        (Meter::Request, Ok("0")),
        (Meter::AudioOutput, Err(Meter::AudioOutput)),
        (Meter::ImageOutput, Err(Meter::ImageOutput)),
        (Meter::InputCharacter, Err(Meter::InputCharacter)),
        (Meter::Image, Err(Meter::Image)),
        (Meter::InputMillis, Err(Meter::InputMillis)),
    ] {
        let found = price.cost(&call(&[(meter, 1_000_000)]), &standard());
        let found = found.map(|bill| bill.total).map_err(|unknown| unknown.meter);
        assert_eq!(found, total.map(usd), "{meter}");
    }
    // Seconds beside tokens that have a price measure the same once more.
    let both = call(&[(Meter::AudioInput, 1_000), (Meter::InputMillis, 9_000), (Meter::Request, 1)]);
    assert_eq!(price.cost(&both, &standard()).unwrap().total, usd("0.04"));
    let unknown = price.cost(&call(&[(Meter::Input, 1), (Meter::AudioOutput, 1)]), &standard()).unwrap_err();
    assert_eq!(unknown.to_string(), "the price of `audio_output` is not known");
}

#[test]
fn an_hour_in_the_cache_costs_no_less_than_five_minutes() {
    let price = price(r#"{"input":"4","cache_write":"5"}"#);
    assert_eq!(price.cost(&call(&[(Meter::CacheWrite1h, 1_000_000)]), &standard()).unwrap().total, usd("5"));
}

#[test]
fn nothing_costs_nothing_and_free_is_a_price() {
    let free = price(r#"{"input":"0"}"#);
    assert_eq!(free.cost(&call(&[(Meter::Input, 7)]), &standard()).unwrap().total, Decimal::ZERO);
    assert_eq!(free.cost(&Quantities::default(), &standard()).unwrap().lines, []);
    assert!(free.cost(&call(&[(Meter::Output, 1)]), &standard()).is_err());
}

#[test]
fn a_longer_prompt_reprices_the_whole_call() {
    let price = price(
        r#"{"input":"1.25","output":"10","cached_input":"0.125",
            "above":[{"tokens":500000,"input":"5"},{"tokens":200000,"input":"2.50","output":"15"}]}"#,
    );
    for (input, cached, total) in [
        (200_000, 0, "0.26"),              // 0.25 + 0.01
        (200_001, 0, "0.5150025"),         // 0.5000025 + 0.015
        (100_000, 100_001, "0.277500125"), // 0.25 + 0.012500125 + 0.015: what is cached counts, and has no tier here
        (500_001, 0, "2.515005"),          // 2.500005 + 0.015: what the last step does not name is as in the one before
    ] {
        let call = Quantities { input, cached_input: cached, output: 1_000, ..Quantities::default() };
        assert_eq!(price.cost(&call, &standard()).unwrap().total, usd(total), "{input} and {cached}");
    }
    assert_eq!(price.named(Meter::Output, 200_001, &standard()), Some(usd("15")));
    assert_eq!(price.named(Meter::Output, 200_000, &standard()), Some(usd("10")));
    assert_eq!(price.named(Meter::Reasoning, 0, &standard()), None);
}

#[test]
fn service_tiers_replace_what_they_name() {
    let price = price(
        r#"{"input":"2","output":"8","cached_input":"0.5","above":[{"tokens":1000,"input":"4"}],
            "batch":{"discount":"0.5"},
            "flex":{"input":"1.5","above":[{"tokens":1000,"input":"3"}]},
            "priority":{"input":"3.5"}}"#,
    );
    let million = |meter| call(&[(meter, 1_000_000)]);
    let total =
        |service, quantities: &Quantities| price.cost(quantities, &Terms { service, at: thursday() }).unwrap().total;
    for (service, long_input, output, short_cached) in [
        (ServiceTier::Standard, "4", "8", "0.0005"),
        (ServiceTier::Batch, "2", "4", "0.00025"),
        (ServiceTier::Flex, "3", "8", "0.0005"),
        // A tier's own price holds for all lengths, unless it has steps of its own.
        (ServiceTier::Priority, "3.5", "8", "0.0005"),
    ] {
        assert_eq!(total(service, &million(Meter::Input)), usd(long_input), "{service:?}");
        assert_eq!(total(service, &million(Meter::Output)), usd(output), "{service:?}");
        assert_eq!(total(service, &call(&[(Meter::CachedInput, 1_000)])), usd(short_cached), "{service:?}");
    }
}

#[test]
fn a_service_tier_without_prices_costs_the_standard_ones() {
    let price = price(r#"{"input":"2"}"#);
    let call = call(&[(Meter::Input, 1_000_000)]);
    for service in [ServiceTier::Batch, ServiceTier::Flex, ServiceTier::Priority] {
        assert!(!price.has(service));
        assert_eq!(price.cost(&call, &Terms { service, at: thursday() }).unwrap().total, usd("2"));
    }
    assert!(price.has(ServiceTier::Standard));
}

#[test]
fn a_discount_is_of_everything() {
    let price = price(
        r#"{"input":"2","discount":"0.9","above":[{"tokens":10,"input":"4"}],"batch":{"input":"1"},
            "off_peak":[{"zone":"UTC","from":"00:00","to":"01:00","input":"1.5"}]}"#,
    );
    let named = |prompt, service, hour: u64| {
        price.named(
            Meter::Input,
            prompt,
            &Terms { service, at: thursday() + std::time::Duration::from_secs(hour * 3600) },
        )
    };
    assert_eq!(named(0, ServiceTier::Standard, 2), Some(usd("1.8")));
    assert_eq!(named(11, ServiceTier::Standard, 2), Some(usd("3.6")));
    assert_eq!(named(0, ServiceTier::Batch, 2), Some(usd("0.9")));
    assert_eq!(named(0, ServiceTier::Standard, 0), Some(usd("1.35")));
}

#[test]
fn the_largest_numbers_neither_panic_nor_wrap() {
    let members: Vec<_> = Meter::ALL
        .iter()
        .map(|meter| {
            let most = match meter {
                Meter::Image | Meter::Request => "18446",
                Meter::InputMillis | Meter::OutputMillis => "18446744",
                _ => "18446744073",
            };
            format!(r#""{meter}":"{most}""#)
        })
        .collect();
    let price = price(&format!("{{{}}}", members.join(",")));
    let mut all = Quantities::default();
    Meter::ALL.iter().for_each(|meter| *all.of_mut(*meter) = u64::MAX);
    assert_eq!(all.prompt(), u64::MAX);
    assert_eq!(all.completion(), u64::MAX);
    assert_eq!(price.femtos(&all, &standard()), Ok(u128::MAX));
    let bill = price.cost(&all, &standard()).unwrap();
    assert_eq!(bill.lines.len(), Meter::ALL.len());
    assert!(bill.total > bill.lines[0].amount);
    // 1.8e19 tokens at 18,446,744,073 USD for a million, rounded behind 28 digits.
    let one = price.cost(&call(&[(Meter::Input, u64::MAX)]), &standard()).unwrap();
    assert_eq!(one.total.to_string(), "340282366907849546377488.8279");
}

#[test]
fn a_price_without_a_row() {
    use llm_layers_catalogue::{Price, PriceError};
    let price = Price::of([(Meter::Input, usd("0.15")), (Meter::Output, usd("0.60"))]).unwrap();
    assert_eq!(price.cost(&call(&[(Meter::Output, 1_000)]), &standard()).unwrap().total, usd("0.0006"));
    assert_eq!(Price::of([]).unwrap_err(), PriceError::Empty);
    for amount in ["-1", "0.0000000001", "100000000000"] {
        let error = Price::of([(Meter::Input, usd(amount))]).unwrap_err();
        assert_eq!(error, PriceError::Range { within: "", meter: Meter::Input }, "{amount}");
    }
}

#[test]
fn names_of_service_tiers() {
    for (name, tier) in [
        ("auto", Some(ServiceTier::Standard)),
        ("default", Some(ServiceTier::Standard)),
        ("flex", Some(ServiceTier::Flex)),
        ("priority", Some(ServiceTier::Priority)),
        ("batch", Some(ServiceTier::Batch)),
        ("scale", None),
    ] {
        assert_eq!(ServiceTier::from_name(name), tier, "{name}");
    }
}
