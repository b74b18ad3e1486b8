use llm_layers_pii::Entity;

/// What every mask begins with, whatever the length of what it covers.
const MASK: &str = "****";

/// How much of a value is shown, at most.
const SHOWN: usize = 4;

/// Writes `****1111`: the last four letters and digits of a number that has eight or more of them, most of them digits.
///
/// Nothing is shown of anything else: not of a name, a secret, a date, a place or a network address. An email address
/// stays one to the eye: `****@****`.
pub(crate) fn write(entity: &Entity, value: &str, out: &mut String) {
    out.push_str(MASK);
    match entity {
        _ if *entity == Entity::EMAIL => out.extend(["@", MASK]),
        _ if WHOLLY.contains(entity) => {}
        _ => out.push_str(&shown(value)),
    }
}

/// Kinds of which the last digits would say too much.
const WHOLLY: &[Entity] = &[
    Entity::SECRET,
    Entity::PERSON,
    Entity::URL,
    Entity::DOMAIN,
    Entity::IP_ADDRESS,
    Entity::MAC_ADDRESS,
    Entity::COORDINATES,
    Entity::DATE_OF_BIRTH,
    Entity::STREET_ADDRESS,
    Entity::POSTCODE,
];

fn shown(value: &str) -> String {
    let known: Vec<_> = value.chars().filter(char::is_ascii_alphanumeric).collect();
    let digits = known.iter().filter(|char| char.is_ascii_digit()).count();
    let is_number = known.len() >= 2 * SHOWN && 2 * digits >= known.len() && value.is_ascii();
    let shown = known.get(known.len().saturating_sub(SHOWN)..).filter(|shown| is_number && has_digit(shown));
    shown.unwrap_or_default().iter().collect()
}

/// Four letters may be a word, and no mask shows one.
fn has_digit(shown: &[char]) -> bool {
    shown.iter().any(char::is_ascii_digit)
}

/// The length of a mask that stands here.
pub(crate) fn form(text: &str) -> Option<usize> {
    let rest = text.strip_prefix(MASK)?.trim_start_matches('*');
    let stars = text.len() - rest.len();
    if rest.strip_prefix('@').is_some_and(|rest| rest.starts_with(MASK)) {
        return Some(stars + 1 + MASK.len());
    }
    let shown: Vec<_> = rest.chars().take(SHOWN + 1).take_while(char::is_ascii_alphanumeric).collect();
    Some(stars + if shown.len() <= SHOWN && has_digit(&shown) { shown.len() } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_shown_than_the_end_of_a_number() {
        for (entity, value, masked) in [
            (Entity::CREDIT_CARD, "4111 1111-1111 1234", "****1234"),
            (Entity::IBAN, "DE89 3704 0044 0532 0130 00", "****3000"),
            (Entity::PHONE, "+49 30 12345678", "****5678"),
            (Entity::UK_NINO, "AB123456C", "****456C"),
            (Entity::PHONE, "555-012", "****"),
            (Entity::EMAIL, "anna12345678@posteo.example", "****@****"),
            (Entity::SECRET, "sk-1234567890123456", "****"),
            (Entity::PERSON, "Anna Schmidt", "****"),
            (Entity::new("street"), "221B Baker Street", "****"),
            (Entity::DATE_OF_BIRTH, "12/03/1985", "****"),
            (Entity::PHONE, "１２３４５６７８９", "****"),
            (Entity::CREDIT_CARD, "", "****"),
            (Entity::new("customer"), "12345678-ABCD", "****"),
        ] {
            let mut out = String::new();
            write(&entity, value, &mut out);
            assert_eq!(out, masked, "{value}");
            assert_eq!(form(&out), Some(out.len()), "{out}");
        }
        assert_eq!(form("****12345"), Some(4));
        assert_eq!(form("****Anna"), Some(4));
        assert_eq!(form("***1234"), None);
    }
}
