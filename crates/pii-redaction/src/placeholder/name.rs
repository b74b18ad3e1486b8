use std::sync::Arc;

use llm_layers_pii::Entity;

use super::Style;

/// The longest name that stands in a placeholder.
pub(super) const LONGEST: usize = 40;

/// The name of an entity as placeholders have it: `US_SSN`. What is no ASCII letter or digit becomes an underscore.
pub(crate) fn name_of(entity: &Entity, style: &Style) -> Arc<str> {
    let mut name = String::with_capacity(entity.as_str().len());
    for char in entity.as_str().chars() {
        match char {
            _ if name.len() == LONGEST => break,
            _ if !char.is_ascii_alphanumeric() && (name.is_empty() || name.ends_with('_')) => {}
            _ if !char.is_ascii_alphanumeric() => name.push('_'),
            // A name begins with a letter, so that it can be told where one begins.
            '0'..='9' if name.is_empty() => name.extend(['N', char]),
            _ => name.push(char),
        }
    }
    let name = match name.trim_end_matches('_') {
        "" => "VALUE",
        name => name,
    };
    if style.is_lower_case() { name.to_ascii_lowercase() } else { name.to_ascii_uppercase() }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_of_ascii_letters_digits_and_single_underscores() {
        for (entity, name) in [
            ("email", "EMAIL"),
            ("us_ssn", "US_SSN"),
            ("Customer no.", "CUSTOMER_NO"),
            ("4wd--plate_", "N4WD_PLATE"),
            ("名前", "VALUE"),
            ("", "VALUE"),
        ] {
            assert_eq!(&*name_of(&Entity::new(entity), &Style::default()), name);
            assert_eq!(&*name_of(&Entity::new(entity), &Style::default().lower_case()), name.to_lowercase());
        }
        assert_eq!(name_of(&Entity::new("x".repeat(99)), &Style::default()).len(), LONGEST);
    }
}
