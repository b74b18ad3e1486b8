//! Whatever is written in a row, reading it ends, and what is read can be priced, to the same cents by both ways.

#![no_main]

use std::time::{Duration, UNIX_EPOCH};

use libfuzzer_sys::fuzz_target;
use llm_layers_catalogue::{Catalogue, Meter, Quantities, ServiceTier, Terms};

fuzz_target!(|input: (&str, u32, [u32; 4])| {
    let (rows, seconds, numbers) = input;
    let Ok(catalogue) = Catalogue::read("p", rows) else { return };
    let mut call = Quantities::default();
    for (meter, number) in Meter::ALL.into_iter().zip(numbers.into_iter().cycle()) {
        *call.of_mut(meter) = u64::from(number);
    }
    let at = UNIX_EPOCH + Duration::from_secs(u64::from(seconds));
    for model in catalogue.models() {
        assert!(catalogue.find("p", &model.id).is_some());
        let Some(price) = &model.price else { continue };
        for service in [ServiceTier::Standard, ServiceTier::Batch, ServiceTier::Flex, ServiceTier::Priority] {
            let terms = Terms { service, at };
            assert_eq!(price.cost(&call, &terms).is_ok(), price.picos(&call, &terms).is_ok());
        }
    }
});
