use crate::{Detectors, Entity, Text};

fn set(entity: &Entity) -> Detectors {
    Detectors::builder().only([entity.clone()]).build().unwrap()
}

/// What is found of an entity: the part of each text between `[` and `]`, or nothing where there are none.
#[track_caller]
fn finds(entity: Entity, texts: &[&str]) {
    let set = set(&entity);
    for marked in texts {
        let text = marked.replace(['[', ']'], "");
        let expected: Vec<&str> = marked.split('[').skip(1).filter_map(|part| part.split(']').next()).collect();
        let found: Vec<&str> = set.find(text.as_str()).into_iter().map(|finding| &text[finding.range]).collect();
        assert_eq!(found, expected, "in {text:?}");
    }
}

#[test]
fn street_addresses() {
    finds(
        Entity::STREET_ADDRESS,
        &[
            "[1600 Pennsylvania Ave NW]",
            "at [1600 Pennsylvania Avenue NW, Washington, DC 20500] since",
            "[350 Fifth Avenue, Suite 3300, New York, NY 10118].",
            "[350 5th Ave, Apt. 4B]",
            "[5759 N. Guilford Ave\nIndianapolis IN 46220]\nUSA",
            "[742 Evergreen Terrace], Springfield",
            "[10 Main Street].",
            "[P.O. Box 123], [PO Box 4567, Springfield, IL 62701]",
            "[221B Baker Street]",
            "[221B Baker Street, London NW1 6XE], ask for me",
            "[10 Downing St, London SW1A 2AA]",
            "ship to [5 Old Mill Way] please",
            "[100 Queen St W, Toronto, ON M5H 2N2]",
            "[12 George Street, Sydney NSW 2000]",
            "[Musterstraße 12a]",
            "[Musterstr. 5, 12345 Berlin]",
            "[Lange Straße 5\n20095 Hamburg]",
            "[Bahnhofplatz 1, 8001 Zürich]",
            "wohnhaft [Lindenweg 3]",
            "[Postfach 12 34 56]",
            "[12 rue de la Paix]",
            "[12 bis, rue de l'Église, 75002 Paris]",
            "[Calle de Alcalá 45], 3º",
            "[Calle Mayor, 45, 28014 Madrid]",
            "[Avenida da Liberdade, n.º 100]",
            "[Via Roma 10, 00184 Roma]",
            "[Corso Vittorio Emanuele II 5]",
            "[Keizersgracht 123, 1015 CJ Amsterdam]",
            "[Storgatan 5, 111 22 Stockholm]",
            "[ul. Marszałkowska 12/3, 00-950 Warszawa]",
            "[улица Ленина, 12]",
        ],
    );
}

#[test]
fn no_street_addresses() {
    finds(
        Entity::STREET_ADDRESS,
        &[
            "10 most common ways to do it",
            "5 Way",
            "step 2 of the road",
            "String 5, during 2020, Berlin 5",
            "chapter 12, section 3",
            "let place = 3; // Place 4",
            "error at line 12: Square not found",
            "Version 12 Drive",
            "HTTP 404 Page",
            "the 12th Street Fighter",
            "2026-01-02 Main Street",
            "Heidelberg 12",
            "via Port 8080",
            "1.5 Main Street",
        ],
    );
}

#[test]
fn dates_of_birth() {
    finds(
        Entity::DATE_OF_BIRTH,
        &[
            "born [12.03.1980] in Bonn",
            "DOB: [03/12/1980]",
            "DOB [3/12/80]",
            "date of birth: [1980-03-12]",
            "born on [March 12, 1980].",
            "born on the [12th of March, 1980]",
            "She was born [12 March 1980]",
            "Birthday: [12-Mar-1980]",
            "geb. [1. 3. 1980]",
            "geboren am [12. März 1980]",
            "né le [12 mars 1980]",
            "née le [1er août 1980]",
            "fecha de nacimiento: [12 de marzo de 1980]",
            "nata il [12 agosto 1980]",
            "[1980-03-12]T00:00:00Z dob",
            "дата рождения [12.03.1980]",
            // No dates, and none of anyone who lives.
            "DOB 31/02/1980",
            "DOB 1980-13-01",
            "born 12.03.1580",
            "born 12.03.2080",
            "born in 1980, version 1.2.80",
            // No births.
            "signed on 12.03.1980",
            "2026-01-02 INFO started",
            "born 2020-01-02 12:30:00",
            "born 2020-01-02T12:30:00Z",
            "birthtime: Mon, 10 Oct 2011 23:24:11 GMT",
        ],
    );
    let found = set(&Entity::DATE_OF_BIRTH).find(Text { text: "1980-03-12", member: "birth_date" });
    assert_eq!(found.len(), 1);
}

#[test]
fn postcodes() {
    finds(
        Entity::POSTCODE,
        &[
            "[SW1A 1AA], [M1 1AE], [EC1A 1BB]",
            "postcode: [sw1a1aa]",
            "[K1A 0B1]",
            "postal code [k1a0b1]",
            "ZIP: [90210]",
            "ZIP code [90210-1234]",
            "Boston, MA [02110]",
            "Sydney NSW [2000]",
            "PLZ [10115]",
            "code postal : [75002]",
            "Postleitzahl [8001]",
            "[1012 AB] Amsterdam",
            "postcode [1012AB]",
            "CEP [01310-100]",
            "kod pocztowy [00-950]",
            "〒 郵便番号 [100-0001]",
            "postnummer [111 22]",
            "pin code: [560001]",
            "eircode [D02 AF30]",
            // Nothing says that they are.
            "12345",
            "port 8080",
            "A1 1AA is in no area: QX1 1AA",
            "zip(10000) and zip -9 archive 2024",
            "OR 12345 AND 20000",
            "1024 MB Ram, 2000 AD",
            "SELECT 10000 FROM zipped_2020",
        ],
    );
}

#[test]
fn vehicle_plates() {
    finds(
        Entity::VEHICLE_PLATE,
        &[
            "Kennzeichen [B-AB 1234]",
            "Kennzeichen: [MÜ-X 12E]",
            "number plate [AB12 CDE]",
            "plate [A123 BCD]",
            "plaque [AA-123-AA]",
            "targa [AB 123 CD]",
            "matrícula [1234 BCD]",
            "license plate [7ABC123]",
            "kenteken [12-ABC-3]",
            "My license plate number is [KA01 AB 12]",
            "placa: [ABC1D23], ABC",
            "number plate: [XYZ 987], OK",
            "a license plate, and 12345678",
            "AB12 CDE",
            "B-AB 1234",
            "the template NL80211_REG",
        ],
    );
}

#[test]
fn medical_records() {
    finds(
        Entity::MEDICAL_RECORD,
        &[
            "MRN [12345678]",
            "MRN: [123-45-678]",
            "patient ID: [A1234567]",
            "medical record number [00123456]",
            "NPI [1234567893]",
            "NPI 1234567894",
            "DEA [AB1234563]",
            "DEA AB1234564",
            "[1EG4-TE5-MK73]",
            "12345678 patients",
        ],
    );
}

#[test]
fn members_tell_plates() {
    let set = set(&Entity::VEHICLE_PLATE);
    for (member, text, expected) in [
        ("licensePlate", "ABC 1234", 1),
        ("kennzeichen", "M-AB 123", 1),
        ("plate", "blue", 0),
        ("template", "ABC 1234", 0),
    ] {
        assert_eq!(set.find(Text { text, member }).len(), expected, "{member}");
    }
}

mod any_text {
    use proptest::prelude::*;

    use super::*;

    /// What addresses, dates, plates and names are made of, and what they are not.
    fn piece() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec![
            "1",
            "12",
            "1980",
            "12345",
            " ",
            ", ",
            ".",
            "-",
            "/",
            "\n",
            "(",
            ")",
            "+",
            "é",
            "Ü",
            "ß",
            "º",
            "王",
            "\u{200b}",
            "St",
            "Street",
            "Straße",
            "str",
            "rue",
            "Via",
            "de",
            "l'",
            "Box",
            "P.O.",
            "Nr",
            "n.º",
            "Apt",
            "#",
            "MA",
            "NW1",
            "March",
            "März",
            "born",
            "geb",
            "th",
            "zip",
            "plate",
            "B-AB",
            "AB",
            "mrn",
            "Mr",
            "Dear",
            "my name is",
            "regards,",
            "J.",
            "O'",
            "van",
            "name:",
            "x",
            "T00:00",
            "phone",
        ])
    }

    proptest! {
        #[test]
        fn what_is_found_is_text(pieces in prop::collection::vec(piece(), 0..40)) {
            let text = pieces.concat();
            let all = [
                Entity::PHONE,
                Entity::STREET_ADDRESS,
                Entity::POSTCODE,
                Entity::DATE_OF_BIRTH,
                Entity::VEHICLE_PLATE,
                Entity::MEDICAL_RECORD,
                Entity::PERSON,
            ];
            thread_local! {
                static SET: std::cell::OnceCell<Detectors> = const { std::cell::OnceCell::new() };
            }
            let found = SET.with(|set| {
                let set = set.get_or_init(|| Detectors::builder().only(all).build().unwrap());
                ["", "dob", "name", "zip", "plate", "first_name"].map(|member| set.find(Text { text: &text, member }))
            });
            for finding in found.into_iter().flatten() {
                let is_text = text.get(finding.range.clone()).is_some_and(|found| !found.trim().is_empty());
                prop_assert!(is_text, "{finding:?} in {text:?}");
            }
        }
    }
}
