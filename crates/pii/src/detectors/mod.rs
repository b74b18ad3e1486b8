//! The tables of detectors, a file for each region or kind.

mod africa;
mod americas;
mod asia_pacific;
mod documents;
mod europe;
mod finance;
mod internet;
mod person;
mod phone;
mod place;
mod scan;
mod secrets;
mod united_kingdom;
mod united_states;
mod words;

use crate::Detector;

/// All tables.
pub(crate) const TABLES: &[&[Detector]] = &[
    internet::ALL,
    finance::ALL,
    phone::ALL,
    place::ALL,
    person::ALL,
    secrets::ALL,
    secrets::VENDORS,
    documents::ALL,
    united_states::ALL,
    americas::ALL,
    united_kingdom::ALL,
    europe::central::ALL,
    europe::france::ALL,
    europe::germany::ALL,
    europe::iberia::ALL,
    europe::italy::ALL,
    europe::nordic::ALL,
    europe::poland::ALL,
    europe::west::ALL,
    asia_pacific::australia::ALL,
    asia_pacific::east_asia::ALL,
    asia_pacific::india::ALL,
    asia_pacific::south_east_asia::ALL,
    africa::ALL,
];

/// Each detector that there is.
pub fn all() -> impl Iterator<Item = &'static Detector> {
    TABLES.iter().copied().flatten()
}
