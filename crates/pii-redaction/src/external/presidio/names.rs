use llm_layers_pii::Entity;

/// The entity of one of Presidio's names; none for what is no name.
///
/// Names of November 2026: the analyzer's `predefined_recognizers`, 2.2.366.
pub(super) fn entity(name: &str) -> Option<Entity> {
    Some(match name {
        "ABA_ROUTING_NUMBER" => Entity::US_ROUTING_NUMBER,
        "CA_POSTAL_CODE" | "DE_PLZ" | "UK_POSTCODE" => Entity::POSTCODE,
        "CRYPTO" => Entity::CRYPTO_ADDRESS,
        "DE_KFZ"
        | "IN_VEHICLE_REGISTRATION"
        | "NG_VEHICLE_REGISTRATION"
        | "TR_LICENSE_PLATE"
        | "UK_VEHICLE_REGISTRATION"
        | "ZA_LICENSE_PLATE" => Entity::VEHICLE_PLATE,
        "DE_FUEHRERSCHEIN" | "IT_DRIVER_LICENSE" | "KR_DRIVER_LICENSE" | "ZA_DRIVER_LICENSE" => Entity::DRIVING_LICENCE,
        "DE_PASSPORT" | "ES_PASSPORT" | "IT_PASSPORT" | "KR_PASSPORT" | "PH_PASSPORT" | "ZA_PASSPORT" => {
            Entity::PASSPORT
        }
        "EMAIL_ADDRESS" => Entity::EMAIL,
        "FI_PERSONAL_IDENTITY_CODE" => Entity::FI_HETU,
        "IBAN_CODE" => Entity::IBAN,
        "IT_VAT_CODE" => Entity::IT_VAT,
        "PHONE_NUMBER" | "ZA_MOBILE_NUMBER" | "ZA_TELEPHONE_NUMBER" => Entity::PHONE,
        "SG_NRIC_FIN" => Entity::SG_NRIC,
        "US_BANK_NUMBER" => Entity::US_BANK_ACCOUNT,
        "US_DRIVER_LICENSE" => Entity::US_DRIVING_LICENCE,
        other => {
            let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
            let is_proper = (1..=64).contains(&other.len()) && other.bytes().all(is_name);
            return is_proper.then(|| Entity::new(other.to_ascii_lowercase().replace('-', "_")));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_name_here_has_that() {
        for (name, ours) in [
            ("EMAIL_ADDRESS", Some(Entity::EMAIL)),
            ("CREDIT_CARD", Some(Entity::CREDIT_CARD)),
            ("US_SSN", Some(Entity::US_SSN)),
            ("PL_PESEL", Some(Entity::PL_PESEL)),
            ("PERSON", Some(Entity::PERSON)),
            ("LOCATION", Some(Entity::new("location"))),
            ("My-Thing", Some(Entity::new("my_thing"))),
            ("", None),
            ("anna@example.com", None),
            ("two words", None),
            ("ÄÖ", None),
        ] {
            assert_eq!(entity(name), ours, "{name}");
        }
        assert_eq!(entity(&"A".repeat(65)), None);
    }
}
