//! Passports and driving licences, which a word gives away.

use llm_layers_pii::{Detectors, Entity};

use crate::check;

/// The kind under which something is found among all of them.
fn kind(text: &str) -> Option<Entity> {
    Detectors::default().find(text).into_iter().next().map(|finding| finding.entity)
}

#[test]
fn passports_by_the_word() {
    check(&[
        (
            Entity::US_PASSPORT,
            &["passport number «340020013»", "340020013", "My US passport is «A12345678»", "passport A1234567"],
        ),
        (Entity::UK_PASSPORT, &["British passport «533401372»", "passport no. «AB1234567»", "AB1234567"]),
        (Entity::ES_PASSPORT, &["pasaporte «AAA123456»", "AAA123456"]),
        (Entity::IT_PASSPORT, &["passaporto «YA1234567»", "YA1234567"]),
        (
            Entity::DE_PASSPORT,
            &[
                "Reisepass «C01X00T41»",
                "so C01X00T41",
                "Reisepass «C01X00T47»",
                "Reisepass «C01X00T478»",
                "Reisepass C01X00T479",
                "Reisepass CXXXXXTXX",
            ],
        ),
        (Entity::FR_PASSPORT, &["passeport «12AB34567»", "12AB34567"]),
        (
            Entity::IN_PASSPORT,
            &["my passport is «J8369854»", "so J8369854", "passport «A21 90457»", "passport A21 90450"],
        ),
        (Entity::KR_PASSPORT, &["여권 «M123A4567»", "passport «M123A4567»", "여권 «M12345678»", "M123A4567"]),
        (Entity::CN_PASSPORT, &["护照 «E12345678»", "E12345678"]),
        (Entity::JP_PASSPORT, &["旅券番号 «TK1234567»", "TK1234567"]),
        (Entity::PASSPORT, &["paszport «EH1234567»", "EH1234567", "the passport of 2023", "паспорт «123456789»"]),
    ]);
}

#[test]
fn licences_by_the_word() {
    check(&[
        (
            Entity::US_DRIVING_LICENCE,
            &[
                "driver's license «D1234567»",
                "D1234567",
                "Driver license: «WDLABCD456DG»",
                "drivers license no. «12345678»",
                "DMV «F255-921-50-094-0»",
                "the MIT license, version 1234",
                "driver license ABCDEFG",
            ],
        ),
        (Entity::IT_DRIVING_LICENCE, &["patente «AA0123456B»", "AA0123456B", "patente di guida «U1B2C3D4EF»."]),
        (Entity::DE_DRIVING_LICENCE, &["Führerschein «B072RRE2I55»", "B072RRE2I55"]),
        (Entity::FR_DRIVING_LICENCE, &["permis de conduire «911091204443»", "911091204443"]),
        (Entity::IN_DRIVING_LICENCE, &["«MH14 20110062821»", "DL No: «MH-14-2011-0062821»", "MH14 20110062"]),
        (
            Entity::KR_DRIVING_LICENCE,
            &["운전면허 «11-20-123456-01»", "«11-20-123456-01»", "112012345601", "99-22-123456-12"],
        ),
        (Entity::DRIVING_LICENCE, &["prawo jazdy «12/34567/89»", "12/34567/89"]),
        (Entity::IT_ID_CARD, &["carta d'identità «CA12345AB»", "carta d'identità «AA 1234567»", "CA12345AB"]),
        (
            Entity::FR_ID_CARD,
            &["carte d'identité «880692310285»", "so 880692310285", "CARTE NATIONALE D'IDENTITÉ n° «X4RTBPFW4»"],
        ),
        (Entity::IN_VOTER_ID, &["voter id «ABC1234567»", "ABC1234567"]),
    ]);
}

#[test]
fn the_form_tells_the_country() {
    for (text, entity) in [
        ("my passport is 340020013", Entity::US_PASSPORT),
        ("my passport is J8369854", Entity::IN_PASSPORT),
        ("my British passport is 533401372", Entity::UK_PASSPORT),
        ("mein Reisepass: C01X00T41", Entity::DE_PASSPORT),
        ("mon passeport 12AB34567", Entity::FR_PASSPORT),
        ("mi pasaporte AAA123456", Entity::ES_PASSPORT),
        ("il mio passaporto YA1234567", Entity::IT_PASSPORT),
        ("mój paszport EH1234567", Entity::PASSPORT),
        ("driver's license D1234567", Entity::US_DRIVING_LICENCE),
        ("driving licence MORGA657054SM9IJ", Entity::UK_DRIVING_LICENCE),
        ("Moje prawo jazdy 12/34567/89", Entity::DRIVING_LICENCE),
    ] {
        assert_eq!(kind(text), Some(entity), "{text}");
    }
}
