//! Where people live and what is registered to them: addresses, postcodes, dates of birth, plates, records of patients.

mod birth;
mod medical;
mod plate;
mod postcode;
mod street;

use crate::{Detector, Entity, Form, Trigger, checks};

pub(super) const ALL: &[Detector] = &[
    Detector::new(Entity::STREET_ADDRESS, Form::Rated(Trigger::Digits, street::find))
        .context(street::CONTEXT)
        .source("kinds of streets in common use, by language"),
    Detector::new(Entity::DATE_OF_BIRTH, Form::Around(Trigger::Digits, birth::find))
        .score(0.2)
        .context(birth::CONTEXT)
        .against(birth::AGAINST)
        .source("ISO 8601, and as dates are written by language"),
    Detector::new(Entity::POSTCODE, Form::Rated(Trigger::Digits, postcode::find))
        .context(postcode::CONTEXT)
        .source("lengths and signs of postcodes in common use, by country"),
    Detector::new(Entity::POSTCODE, Form::Around(Trigger::Digits, postcode::four))
        .score(0.15)
        .context(postcode::CONTEXT_FOUR)
        .source("lengths and signs of postcodes in common use, by country"),
    Detector::new(Entity::POSTCODE, Form::Member(postcode::MEMBERS, postcode::whole))
        .score(0.9)
        .source("lengths and signs of postcodes in common use, by country"),
    Detector::pattern(Entity::POSTCODE, "[A-Z]{1,2}[0-9][A-Z0-9]? [0-9][ABD-HJLNP-UW-Z]{2}")
        .score(0.55)
        .check(postcode::is_british)
        .source("BS 7666: 124 areas, no C, I, K, M, O, V at the end; 2026-11"),
    Detector::pattern(Entity::POSTCODE, "(?i:[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][ABD-HJLNP-UW-Z]{2})")
        .score(0.15)
        .check(postcode::is_british)
        .context(postcode::CONTEXT)
        .source("BS 7666: 124 areas, no C, I, K, M, O, V at the end; 2026-11"),
    Detector::pattern(Entity::POSTCODE, "[ABCEGHJ-NPRSTVXY][0-9][ABCEGHJ-NPRSTV-Z] [0-9][ABCEGHJ-NPRSTV-Z][0-9]")
        .score(0.55)
        .source("Canada Post: no D, F, I, O, Q, U, and no W, Z in front; 2026-11"),
    Detector::pattern(
        Entity::POSTCODE,
        "(?i:[ABCEGHJ-NPRSTVXY][0-9][ABCEGHJ-NPRSTV-Z][ -]?[0-9][ABCEGHJ-NPRSTV-Z][0-9])",
    )
    .score(0.15)
    .context(postcode::CONTEXT)
    .source("Canada Post: no D, F, I, O, Q, U, and no W, Z in front; 2026-11"),
    Detector::pattern(Entity::POSTCODE, "[AC-FHKNPRTV-Y][0-9][0-9W] ?[0-9AC-FHKNPRTV-Y]{4}")
        .score(0.15)
        .context(&["eircode"])
        .source("Eircode: a routing key of three and four more"),
    Detector::new(Entity::VEHICLE_PLATE, Form::Around(Trigger::Digits, plate::german))
        .score(0.35)
        .context(plate::CONTEXT)
        .source("Fahrzeug-Zulassungsverordnung"),
    // The United Kingdom since 2001.
    Detector::pattern(Entity::VEHICLE_PLATE, "[A-HJ-PR-Y]{2}[0-9]{2} ?[A-HJ-PR-Z]{3}")
        .score(0.35)
        .context(plate::CONTEXT)
        .source("DVLA, format since 2001 and before; 2026-11"),
    // The United Kingdom until 2001.
    Detector::pattern(
        Entity::VEHICLE_PLATE,
        "[A-HJ-NPR-Y][0-9]{1,3} ?[A-HJ-PR-Y]{3}|[A-HJ-PR-Y]{3} ?[0-9]{1,3}[A-HJ-NPR-Y]",
    )
    .score(0.2)
    .context(plate::CONTEXT)
    .source("DVLA, format since 2001 and before; 2026-11"),
    // France since 2009, and Italy.
    Detector::pattern(Entity::VEHICLE_PLATE, "[A-Z]{2}[ -]?[0-9]{3}[ -]?[A-Z]{2}")
        .score(0.3)
        .context(plate::CONTEXT)
        .source("plates of France and Italy as issued"),
    // Spain since 2000.
    Detector::pattern(Entity::VEHICLE_PLATE, "[0-9]{4}[ -]?[BCDFGHJKLMNPRSTVWXYZ]{3}")
        .score(0.2)
        .context(plate::CONTEXT)
        .source("plates of Spain as issued"),
    // California, the Netherlands, and what states and countries have in common.
    Detector::pattern(
        Entity::VEHICLE_PLATE,
        "[A-Z]{3}[ -]?[0-9]{3,4}|[0-9]{1,2}-[A-Z]{2,3}-[0-9]{1,2}|[0-9][A-Z]{3}[0-9]{3}|[A-Z]{2}-[0-9]{2,3}-[A-Z]{1,2}",
    )
    .score(0.15)
    .context(plate::CONTEXT)
    .source("plates by country and state as issued"),
    // All others, where it is said that they are.
    Detector::new(Entity::VEHICLE_PLATE, Form::Around(Trigger::Words(plate::SAID), plate::said))
        .score(0.6)
        .source("plates by country and state as issued"),
    Detector::new(Entity::VEHICLE_PLATE, Form::Member(plate::MEMBERS, plate::whole))
        .score(0.8)
        .source("plates by country and state as issued"),
    Detector::new(Entity::MEDICAL_RECORD, Form::Around(Trigger::Digits, medical::record))
        .score(0.2)
        .context(medical::RECORD)
        .source("numbers that hospitals give out follow no scheme: context only"),
    Detector::pattern(Entity::MEDICAL_RECORD, "[12][0-9]{9}")
        .score(0.3)
        .check(checks::us_npi)
        .context(&["npi", "national provider", "provider identifier", "provider id"])
        .source("45 CFR 162.406, CMS NPI check digit; 2026-11"),
    Detector::pattern(Entity::MEDICAL_RECORD, "[ABCDEFGHJKLMPRSTUXabcdefghjklmprstux][A-Za-z9][0-9]{7}")
        .score(0.4)
        .check(checks::us_dea)
        .context(&["dea", "prescriber", "physician", "registration", "certificate"])
        .source("DEA registration numbers, check digit; 2026-11"),
    Detector::pattern(Entity::MEDICAL_RECORD, medical::MEDICARE)
        .score(0.55)
        .source("CMS, Understanding the Medicare Beneficiary Identifier Format; 2026-11"),
];

#[cfg(test)]
mod tests;
