//! Plausible values of the same shape that are nobody's.
//!
//! Whatever is written here lies in a range that is set aside for examples, or breaks its scheme's rule. So it cannot
//! belong to anybody by accident, and is known again: [`is_nobodys`].

mod dice;
mod network;
mod number;
mod person;

use llm_layers_pii::Entity;

use self::dice::Dice;
use crate::keyed::{Keyed, Purpose};

/// Draws what takes the place of this value, the same for the same value and counter; nothing if its kind has no range for
/// examples, or the value has not its shape.
pub(crate) fn draw(keyed: &Keyed, entity: &Entity, value: &str, counter: u32) -> Option<String> {
    let mut dice = Dice::new(keyed.hash(Purpose::Fake(counter), entity, value));
    match entity {
        _ if *entity == Entity::EMAIL => Some(person::email(&mut dice)),
        _ if *entity == Entity::PERSON => Some(person::name(value, counter > 0, &mut dice)),
        _ if *entity == Entity::STREET_ADDRESS => Some(person::street(&mut dice)),
        _ if *entity == Entity::PHONE => Some(number::phone(value, &mut dice)),
        _ if *entity == Entity::CREDIT_CARD => number::card(value, &mut dice),
        _ if *entity == Entity::IBAN => number::iban(value, &mut dice),
        _ if is_us_id(entity) => number::us_id(value, &mut dice),
        _ if *entity == Entity::IP_ADDRESS => Some(network::ip(value, &mut dice)),
        _ if *entity == Entity::MAC_ADDRESS => network::mac(value, &mut dice),
        _ if *entity == Entity::DOMAIN => Some(network::domain(&mut dice)),
        _ if *entity == Entity::URL => Some(network::url(&mut dice)),
        _ => None,
    }
}

/// What takes the place of a value for which nothing can be drawn.
pub(crate) fn blanked(value: &str) -> String {
    value.chars().map(blank).collect()
}

/// Whether this cannot be anybody's, so that it is left as it is.
pub(crate) fn is_nobodys(entity: &Entity, value: &str) -> bool {
    let is_blank = value.chars().all(|char| char == blank(char)) && value.contains(['0', 'X', 'x']);
    is_blank
        || match entity {
            _ if *entity == Entity::EMAIL => person::is_email(value),
            _ if *entity == Entity::PERSON => person::is_name(value),
            _ if *entity == Entity::STREET_ADDRESS => person::is_street(value),
            _ if *entity == Entity::PHONE => number::is_phone(value),
            _ if *entity == Entity::CREDIT_CARD => number::is_card(value),
            _ if *entity == Entity::IBAN => number::is_iban(value),
            _ if is_us_id(entity) => number::is_us_id(value),
            _ if *entity == Entity::IP_ADDRESS => network::is_ip(value),
            _ if *entity == Entity::MAC_ADDRESS => network::is_mac(value),
            _ if *entity == Entity::DOMAIN => network::is_domain(value),
            _ if *entity == Entity::URL => network::is_url(value),
            _ => false,
        }
}

fn is_us_id(entity: &Entity) -> bool {
    [Entity::US_SSN, Entity::US_ITIN].contains(entity)
}

/// Where a kind has no range for examples: every digit a nought, every letter an X. Two of these cannot be told apart,
/// but anything else might be somebody's.
fn blank(char: char) -> char {
    match char {
        _ if char.is_numeric() => '0',
        _ if char.is_uppercase() => 'X',
        _ if char.is_alphabetic() => 'x',
        _ => char,
    }
}

/// The value's separators with other letters and digits between them, for as long as there are any.
fn shaped(value: &str, with: impl IntoIterator<Item = char>) -> String {
    let mut with = with.into_iter();
    let other = |char: char| match with.next() {
        Some(other) if char.is_lowercase() => other.to_ascii_lowercase(),
        Some(other) if char.is_uppercase() => other.to_ascii_uppercase(),
        Some(other) => other,
        None => blank(char),
    };
    let mut other = other;
    value.chars().map(|char| if char.is_alphanumeric() { other(char) } else { char }).collect()
}

/// The letters and digits of a value, if all of them are ASCII's.
fn compact(value: &str) -> Option<Vec<char>> {
    let known: Vec<_> = value.chars().filter(|char| char.is_alphanumeric()).collect();
    known.iter().all(char::is_ascii).then_some(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fakes_have_the_shape_and_are_nobodys_and_the_same_for_the_same() {
        let keyed = Keyed::new(Some(&[3; 32]), "").unwrap();
        for (entity, value, begins, has_shape) in [
            (Entity::EMAIL, "anna@posteo.de", "", false),
            (Entity::PERSON, "Anna Schmidt", "", false),
            (Entity::PERSON, "ANNA", "", false),
            (Entity::STREET_ADDRESS, "221B Baker Street", "", false),
            (Entity::PHONE, "+1 (415) 867-5309", "+1 (", true),
            (Entity::PHONE, "415.867.5309", "", true),
            (Entity::PHONE, "+49 30 1234567", "+1 ", false),
            (Entity::CREDIT_CARD, "4111 1111 1111 1111", "4", true),
            (Entity::CREDIT_CARD, "378282246310005", "3", true),
            (Entity::IBAN, "DE89 3704 0044 0532 0130 00", "DE00 ", true),
            (Entity::IBAN, "gb29nwbk60161331926819", "gb00", true),
            (Entity::US_SSN, "078-05-1120", "9", true),
            (Entity::US_ITIN, "912 70 1234", "9", true),
            (Entity::IP_ADDRESS, "10.1.2.3", "", false),
            (Entity::IP_ADDRESS, "fe80::1", "2001:db8::", false),
            (Entity::MAC_ADDRESS, "3c-22-fb-01-02-03", "00-00-5e-00-53-", false),
            (Entity::MAC_ADDRESS, "3C22.FB01.0203", "0000.5E00.53", false),
            (Entity::DOMAIN, "acme.com", "", false),
            (Entity::URL, "https://u:p@acme.com/?q=anna", "https://example.com/", false),
            (Entity::new("customer"), "C-123456/ä", "X-000000/x", true),
            (Entity::US_PASSPORT, "C01234567", "X00000000", true),
        ] {
            let made = |counter| draw(&keyed, &entity, value, counter).unwrap_or_else(|| blanked(value));
            let fake = made(0);
            assert_eq!(fake, made(0));
            assert!(is_nobodys(&entity, &made(1)), "{value}: {}", made(1));
            assert_ne!(fake, value);
            assert!(fake.starts_with(begins), "{value}: {fake}");
            assert!(is_nobodys(&entity, &fake), "{value}: {fake}");
            assert!(!is_nobodys(&entity, value), "{value}");
            let shape = |text: &str| -> String { text.chars().map(blank).collect() };
            assert!(!has_shape || shape(&fake) == shape(value), "{value}: {fake}");
        }
    }

    /// A detector outside of the process may not know how numbers are checked.
    #[test]
    fn a_number_with_a_wrong_digit_is_somebodys() {
        for (entity, value) in [
            (Entity::CREDIT_CARD, "4111 1111 1111 1112"),
            (Entity::CREDIT_CARD, "378282246310006"),
            (Entity::IBAN, "DE88 3704 0044 0532 0130 00"),
            (Entity::US_SSN, "078-05-1121"),
            (Entity::EMAIL, "anna@example.com"),
        ] {
            assert!(!is_nobodys(&entity, value), "{value}");
        }
    }

    #[test]
    fn any_value_of_any_kind_gets_a_fake() {
        let keyed = Keyed::new(None, "").unwrap();
        let entities = Entity::KNOWN.iter().cloned().chain([Entity::new("own")]);
        for entity in entities {
            for value in ["", "a", "1", "-", "ä１", "@", "::::", "999999999999999999999999999999999999", "AB"] {
                let fake = draw(&keyed, &entity, value, 0).unwrap_or_else(|| blanked(value));
                let is_plain = !value.contains(char::is_alphanumeric) && fake == value;
                assert!(is_plain || is_nobodys(&entity, &fake), "{entity} {value} {fake}");
            }
        }
    }
}
