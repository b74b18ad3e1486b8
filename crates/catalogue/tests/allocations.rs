//! To price a call for a choice allocates nothing: counted for the whole process, hence a binary of its own.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::time::{Duration, SystemTime};

use cap::Cap;
use llm_layers_catalogue::{Catalogue, Meter, Quantities, ServiceTier, Terms};

#[global_allocator]
static ALLOCATOR: Cap<std::alloc::System> = Cap::new(std::alloc::System, usize::MAX);

#[test]
fn no_price_of_the_catalogue_allocates() {
    let models = Catalogue::builtin().models();
    let mut call = Quantities::default();
    Meter::ALL.into_iter().for_each(|meter| *call.of_mut(meter) = 300_000);
    let now = SystemTime::now();
    let before = ALLOCATOR.total_allocated();
    let mut known = 0;
    for price in models.filter_map(|model| model.price.as_ref()) {
        for service in [ServiceTier::Standard, ServiceTier::Batch, ServiceTier::Priority] {
            for hour in 0..24 {
                let terms = Terms { service, at: now + Duration::from_secs(hour * 3_600) };
                // Most have no price of sound that comes out.
                known += u32::from(price.picos(&call, &terms).is_ok());
                known += u32::from(price.picos(&Quantities { input: 1, ..Quantities::default() }, &terms).is_ok());
            }
        }
    }
    assert_eq!(ALLOCATOR.total_allocated(), before);
    assert!(known > 10_000, "{known}");
}
