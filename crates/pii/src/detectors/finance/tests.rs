use proptest::prelude::*;

use crate::{Detectors, Entity, checks};

fn found(entity: Entity, text: &str) -> Vec<&str> {
    let detectors = Detectors::builder().only([entity]).build().unwrap();
    detectors.find(text).into_iter().map(|finding| &text[finding.range]).collect()
}

fn with_check_digit(stem: &str) -> String {
    (0..10).map(|digit| format!("{stem}{digit}")).find(|number| checks::luhn(number)).unwrap()
}

proptest! {
    #[test]
    fn every_usual_card_is_found_and_none_with_a_wrong_digit(
        stem in "4[0-9]{14}|5[1-5][0-9]{13}|22[3-9][0-9]{12}|3[47][0-9]{12}|6011[0-9]{11}|35[3-8][0-9]{12}|36[0-9]{11}|62[0-9]{13}",
        separator in "[ -]?",
        before in "(card |no\\. |\"|=|:)?",
        after in "(,|\\.|\"|\\|12\\|25|;| exp)?",
    ) {
        let number = with_check_digit(&stem);
        let shown = if number.len() == 16 {
            number.as_bytes().chunks(4).map(|four| std::str::from_utf8(four).unwrap()).collect::<Vec<_>>().join(&separator)
        } else {
            [&number[..4], &number[4..10], &number[10..]].join(&separator)
        };
        let text = format!("{before}{shown}{after}");
        prop_assert_eq!(found(Entity::CREDIT_CARD, &text), [shown.as_str()]);
        let last = if shown.ends_with('0') { "1" } else { "0" };
        let wrong = format!("{before}{}{last}{after}", &shown[..shown.len() - 1]);
        prop_assert_eq!(found(Entity::CREDIT_CARD, &wrong), [""; 0]);
        for glued in [format!("{shown}5"), format!("7{shown}"), format!("{shown}a"), format!("1.{shown}")] {
            prop_assert!(!found(Entity::CREDIT_CARD, &glued).contains(&shown.as_str()), "{}", glued);
        }
    }
}

#[test]
fn money_in_sentences() {
    for (entity, text, shown) in [
        (
            Entity::IBAN,
            "Pay to DE89 3704 0044 0532 0130 00 or GB29NWBK60161331926819.",
            &["DE89 3704 0044 0532 0130 00", "GB29NWBK60161331926819"][..],
        ),
        (Entity::IBAN, "DE89370400440532013001", &[]),
        (Entity::BIC, "SWIFT: DEUTDEFF", &["DEUTDEFF"]),
        (Entity::BIC, "the BIC is BNPAFRPPXXX", &["BNPAFRPPXXX"]),
        (Entity::BIC, "DATABASE", &[]),
        (Entity::CREDIT_CARD, "order number 4012888888881881", &[]),
        (Entity::CREDIT_CARD, "airplus card 122000000000003", &["122000000000003"]),
        (Entity::CREDIT_CARD, "see 122000000000003 or 585638931568", &[]),
        (Entity::CREDIT_CARD, "122000000000003", &["122000000000003"]),
        (Entity::CREDIT_CARD, "maestro 585638931568", &["585638931568"]),
        (Entity::CRYPTO_ADDRESS, "see 0x0000000000000000000000000000000000000000", &[]),
        (Entity::CREDIT_CARD, "1700000000000000 or 20261121190447", &[]),
        (Entity::CRYPTO_ADDRESS, "to 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", &["1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"]),
        (Entity::CRYPTO_ADDRESS, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", &[]),
        (
            Entity::CRYPTO_ADDRESS,
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            &["0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"],
        ),
        (Entity::CRYPTO_ADDRESS, "see 0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", &[]),
        (
            Entity::CRYPTO_ADDRESS,
            "eth wallet 0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
            &["0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"],
        ),
        (
            Entity::CRYPTO_ADDRESS,
            "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
            &["bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"],
        ),
        (
            Entity::CRYPTO_ADDRESS,
            "solana 7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU",
            &["7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU"],
        ),
    ] {
        assert_eq!(found(entity, text), shown, "{text}");
    }
}
