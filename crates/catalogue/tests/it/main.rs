//! Integration tests of the catalogue, one binary: linking is most of a test build.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests are tests"
)]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use llm_layers_catalogue::{Catalogue, Price, Terms};

mod builtin;
mod capacity;
mod find;
mod overrides;
mod prices;
mod properties;
mod rows;
mod windows;
mod worked_examples;

/// A price as the member of a row has it.
fn price(json: &str) -> Price {
    let json = json.replace('\n', " "); // a row is a line
    let row = format!(r#"{{"id":"m","price":{json},"source":"https://a.example","date":"2026-11-12"}}"#);
    let catalogue = Catalogue::read("p", &row).unwrap_or_else(|error| panic!("{error}: {json}"));
    catalogue.find("p", "m").and_then(|model| model.price.clone()).expect("a price")
}

/// Thursday 2026-11-12, midnight in UTC.
fn thursday() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_794_441_600)
}

fn standard() -> Terms {
    Terms::standard(thursday())
}
