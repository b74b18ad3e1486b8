use std::collections::{HashMap, HashSet};

use llm_layers_pii::Entity;

use crate::{
    keyed::{Keyed, Purpose},
    replace::fake,
};

/// How many fakes are drawn for one value.
const TRIES: u32 = 64;

/// The fakes of one request. No two values share one, as long as there are others to be had: a model would take one person
/// for the other.
#[derive(Default)]
pub(super) struct Fakes {
    /// By the hash of what they stand for.
    of: HashMap<[u8; 32], String>,
    given: HashSet<String>,
}

impl Fakes {
    pub(super) fn write(&mut self, keyed: &Keyed, entity: &Entity, value: &str, out: &mut String) {
        let hash = keyed.hash(Purpose::Fake(0), entity, value);
        let Self { of, given } = self;
        let fake = of.entry(hash).or_insert_with(|| {
            let drawn = (0..TRIES).map_while(|counter| fake::draw(keyed, entity, value, counter));
            let free = drawn.into_iter().find(|fake| given.insert(letters(fake)));
            free.unwrap_or_else(|| fake::blanked(value))
        });
        out.push_str(fake);
    }
}

/// What two fakes are told apart by: letters and digits.
fn letters(fake: &str) -> String {
    fake.chars().filter(|char| char.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_values_share_a_fake() {
        let keyed = Keyed::new(Some(&[5; 32]), "").unwrap();
        for (entity, value) in [
            (Entity::PERSON, "Anna Schmidt"),
            (Entity::PERSON, "ANNA"),
            (Entity::PHONE, "+49 30 1234"),
            (Entity::PHONE, "415 867 5309"),
            (Entity::STREET_ADDRESS, "1 High Street"),
            (Entity::MAC_ADDRESS, "3c:22:fb:01:02:03"),
            (Entity::CREDIT_CARD, "4111 1111 1111"),
        ] {
            let mut fakes = Fakes::default();
            let mut given = HashSet::new();
            let mut blank = 0;
            for number in 0..200 {
                // The same shape, and another value.
                let value = format!("{value}{}", " ".repeat(number));
                let mut fake = String::new();
                fakes.write(&keyed, &entity, &value, &mut fake);
                if fake == fake::blanked(&value) {
                    blank += 1;
                    continue;
                }
                assert!(given.insert(letters(&fake)), "{entity}: {fake}");
                let mut again = String::new();
                fakes.write(&keyed, &entity, &value, &mut again);
                assert_eq!(fake, again);
            }
            assert!(blank < 20, "{entity}: {blank}");
        }
    }
}
