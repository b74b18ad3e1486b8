//! Values of each kind, made up, with check digits that are right.

mod arithmetic;
mod finance;
mod hash;
mod internet;
mod national;
mod people;
mod phone;
mod secrets;

pub(crate) use finance::spoiled;
pub(crate) use people::{CITIES, COMPANIES, first_name, last_name};

use crate::dice::Dice;

/// A value, and whether it says by itself what it is.
pub(crate) struct Value {
    pub(crate) text: String,
    /// Counts where no word nearby tells what it is.
    pub(crate) is_distinct: bool,
}

/// One that needs no cue.
fn bare(text: String) -> Value {
    Value { text, is_distinct: true }
}

/// One that could be many things without a cue.
fn cued(text: String) -> Value {
    Value { text, is_distinct: false }
}

/// A value of the entity of this name.
///
/// `language` is that of the sentence, or empty: people write the numbers of their own country in short.
pub(crate) fn of(entity: &str, language: &str, dice: &mut Dice) -> Value {
    match entity {
        "email" => internet::email(dice),
        "phone" => phone::phone(language, dice),
        "credit_card" => finance::card(dice),
        "iban" => finance::iban(dice),
        "bic" => finance::bic(dice),
        "crypto_address" => finance::crypto(dice),
        "ip_address" => internet::ip(dice),
        "mac_address" => internet::mac(dice),
        "url" => internet::url(dice),
        "domain" => internet::domain(dice),
        "coordinates" => people::coordinates(dice),
        "date_of_birth" => people::date_of_birth(dice),
        "street_address" => people::street_address(dice),
        "postcode" => people::postcode(dice),
        "vehicle_plate" => people::plate(dice),
        "medical_record" => people::medical_record(dice),
        "person" => cued(format!("{} {}", first_name(dice), last_name(dice))),
        "passport" => people::passport(dice),
        "driving_licence" => people::driving_licence(dice),
        "secret" => secrets::secret(dice),
        "us_routing_number" => finance::us_routing(dice),
        "us_bank_account" => finance::us_account(dice),
        "uk_sort_code" => finance::uk_sort_code(dice),
        "it_vat" => finance::it_vat(dice),
        other => national::of(other, dice),
    }
}
