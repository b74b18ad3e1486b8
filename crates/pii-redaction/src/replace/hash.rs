use std::fmt::Write;

use llm_layers_pii::Entity;

use crate::{
    keyed::{Keyed, Purpose},
    placeholder::own::{self, Named},
};

/// The digits of a hash.
const DIGITS: usize = 16;

/// Writes `<EMAIL:h:b2a7f3a09c2d4e5f>`: 64 bits.
pub(crate) fn write(keyed: &Keyed, entity: &Entity, name: &str, value: &str, out: &mut String) {
    let hash = keyed.hash(Purpose::Hash, entity, value);
    let mut number = u64::from_be_bytes(hash.first_chunk().copied().unwrap_or_default());
    // No number can be passed off as a hash, because one digit of each is a letter.
    number |= 0xa << 60;
    let _ = write!(out, "<{name}:h:{number:0DIGITS$x}>");
}

/// A hash that stands here.
pub(crate) fn form(text: &str) -> Option<Named> {
    let (name, label) = own::label(text)?;
    let digits = text.get(label..)?.strip_prefix("h:")?;
    let (hash, rest) = digits.split_at_checked(DIGITS)?;
    let is_hash =
        hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) && hash.starts_with(|first| first >= 'a');
    let named = Named { length: label + 2 + DIGITS + 1, name: 1..1 + name.len() };
    (is_hash && rest.starts_with('>')).then_some(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_known_again_and_no_number_is_one() {
        let keyed = Keyed::new(Some(&[1; 32]), "").unwrap();
        for value in ["", "anna@posteo.example", "4111111111111111"] {
            let mut hash = String::new();
            write(&keyed, &Entity::US_SSN, "US_SSN", value, &mut hash);
            let named = Some(Named { length: hash.len(), name: 1..7 });
            assert_eq!(form(&hash), named, "{hash}");
            assert_eq!(form(&format!("{hash} ")), named);
        }
        for text in
            ["<CARD:h:4111111111111111>", "<CARD:h:a11111111111111>", "<CARD:h:a1111111111111111>", "<CARD:h:", "<C"]
        {
            assert_eq!(form(text), None, "{text}");
        }
    }
}
