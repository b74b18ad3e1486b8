//! People, where they live, what they drive.

use super::{Value, bare, cued};
use crate::dice::Dice;

const FIRST: &[&str] = &[
    "Anna",
    "James",
    "Maria",
    "Lukas",
    "Sofia",
    "Pierre",
    "Camille",
    "Hans",
    "Ingrid",
    "Giulia",
    "Marco",
    "Carmen",
    "Diego",
    "Jan",
    "Femke",
    "Priya",
    "Arjun",
    "Wei",
    "Mei",
    "Haruka",
    "Jörg",
    "Zoë",
    "José",
    "Aino",
    "Björn",
    "Katarzyna",
    "Tomasz",
    "Olivia",
    "Noah",
    "Emma",
    "Liam",
    "Beatriz",
    "João",
    "Fatima",
    "Omar",
    "Claire",
    "Stephen",
    "Ruth",
    "Victor",
    "Nadia",
];
const LAST: &[&str] = &[
    "Miller",
    "Schmidt",
    "Dubois",
    "Rossi",
    "García",
    "de Vries",
    "Kowalska",
    "Virtanen",
    "Lindqvist",
    "Sharma",
    "Tan",
    "Kim",
    "Sato",
    "Silva",
    "Tremblay",
    "O'Brien",
    "Becker",
    "Moreau",
    "Ferrari",
    "Fernández",
    "Jansen",
    "Nowak",
    "Korhonen",
    "Berg",
    "Patel",
    "Wong",
    "Park",
    "Suzuki",
    "Santos",
    "Hughes",
    "Walker",
    "Hoffmann",
    "Lefèvre",
    "Bianchi",
    "Torres",
    "Bakker",
    "Morgan",
    "Okafor",
];
pub(crate) const CITIES: &[&str] = &[
    "Berlin", "London", "Paris", "Madrid", "Rome", "Utrecht", "Lisbon", "Boston", "Sydney", "Mumbai", "Helsinki",
    "Warsaw", "Toronto",
];
pub(crate) const COMPANIES: &[&str] = &[
    "Northwind",
    "Kestrel GmbH",
    "Brightlane Ltd",
    "Papillon SA",
    "Casa Verde",
    "Redpine Inc.",
    "Orchid Labs",
    "Tulip BV",
];

pub(crate) fn first_name(dice: &mut Dice) -> String {
    (*dice.pick(FIRST)).to_owned()
}

pub(crate) fn last_name(dice: &mut Dice) -> String {
    (*dice.pick(LAST)).to_owned()
}

/// In ASCII letters alone.
pub(super) fn plain(name: &str) -> String {
    let fold = |sign| match sign {
        'ö' => 'o',
        'ë' | 'è' | 'é' => 'e',
        'í' => 'i',
        'á' | 'ã' => 'a',
        other => other,
    };
    name.chars().map(fold).filter(char::is_ascii_alphabetic).collect()
}

fn street(dice: &mut Dice) -> String {
    let number = dice.between(1, 180);
    match dice.between(0, 12) {
        0..4 => {
            let name = dice.pick(&["Maple", "Oak Hill", "Second", "Washington", "Chestnut", "King", "Elm", "Lakeview"]);
            let kind = dice.pick(&["Street", "St", "Avenue", "Ave", "Road", "Drive", "Lane", "Blvd", "Court"]);
            let unit = if dice.percent(25) { format!(", Apt {}", dice.between(1, 40)) } else { String::new() };
            format!("{} {name} {kind}{unit}", number * 7)
        }
        4 | 5 => {
            let name = dice.pick(&["Baker", "Church", "High", "Victoria", "Station", "Mill"]);
            format!("{number} {name} {}", dice.pick(&["Street", "Road", "Lane", "Close", "Terrace"]))
        }
        6 | 7 => {
            let name = dice.pick(&["Haupt", "Bahnhof", "Goethe", "Linden", "Schiller", "Garten"]);
            format!("{name}{} {number}", dice.pick(&["straße", "strasse", "str.", "weg", "allee"]))
        }
        8 => {
            format!(
                "{number} {} {}",
                dice.pick(&["rue", "avenue", "boulevard"]),
                dice.pick(&["de la Paix", "Victor Hugo", "des Lilas"])
            )
        }
        9 => format!(
            "{} {}, {number}",
            dice.pick(&["Calle", "Avenida", "Plaza"]),
            dice.pick(&["Mayor", "de Alcalá", "San Juan"])
        ),
        10 => format!(
            "{} {}, {number}",
            dice.pick(&["Via", "Viale", "Corso"]),
            dice.pick(&["Roma", "Garibaldi", "Dante"])
        ),
        _ => format!(
            "{}{} {number}",
            dice.pick(&["Kerk", "Dorps", "Molen", "Prinsen"]),
            dice.pick(&["straat", "laan", "weg", "gracht"])
        ),
    }
}

pub(super) fn street_address(dice: &mut Dice) -> Value {
    cued(street(dice))
}

pub(super) fn postcode(dice: &mut Dice) -> Value {
    let shape = dice.pick(&[
        "89999",
        "89999",
        "89999-9999",
        "SW8A 9BD",
        "M9 8RH",
        "EC8Y 9AB",
        "8999 \\AJ",
        "8999KL",
        "K8A 9B9",
        "H9X 8Y9",
        "99-999",
        "9999",
        "999 99",
    ]);
    // Letters that stand for themselves: the shapes above use them as they are.
    let filled: String = shape
        .chars()
        .filter(|sign| *sign != '\\')
        .map(|sign| match sign {
            '9' => dice.char("0123456789"),
            '8' => dice.char("123456789"),
            other => other,
        })
        .collect();
    cued(filled)
}

pub(super) fn coordinates(dice: &mut Dice) -> Value {
    let (lat, lon) = (dice.between(1, 180) as f64 - 90.0, dice.between(1, 360) as f64 - 180.0);
    let (lat, lon) =
        (lat + dice.between(100_000, 999_999) as f64 / 1e6, lon + dice.between(100_000, 999_999) as f64 / 1e6);
    let (north, east) = (if lat < 0.0 { 'S' } else { 'N' }, if lon < 0.0 { 'W' } else { 'E' });
    let (minute, second) = (dice.between(0, 60), dice.between(0, 60));
    match dice.between(0, 6) {
        0..3 => cued(format!("{lat:.6}, {lon:.6}")),
        3 => cued(format!("{lat:.5},{lon:.5}")),
        4 => bare(format!(
            "{}°{minute:02}'{second:02}\"{north} {}°{second:02}'{minute:02}\"{east}",
            lat.abs() as u32,
            lon.abs() as u32
        )),
        _ => bare(format!("{:.4}° {north}, {:.4}° {east}", lat.abs(), lon.abs())),
    }
}

pub(super) fn date_of_birth(dice: &mut Dice) -> Value {
    let (year, month, day) = (dice.between(1935, 2010), dice.between(1, 13), dice.between(1, 29));
    let months =
        ["Jan", "Feb", "March", "April", "May", "June", "July", "Aug", "September", "October", "Nov", "December"];
    let name = months[month as usize - 1];
    cued(match dice.between(0, 7) {
        0 | 1 => format!("{year}-{month:02}-{day:02}"),
        2 => format!("{day:02}.{month:02}.{year}"),
        3 => format!("{month:02}/{day:02}/{year}"),
        4 => format!("{day}/{month}/{year}"),
        5 => format!("{day} {name} {year}"),
        _ => format!("{name} {day}, {year}"),
    })
}

pub(super) fn plate(dice: &mut Dice) -> Value {
    let shape = *dice.pick(&[
        "\\B-AA 8999",
        "M\\U\\C-AA 899",
        "UK",
        "AA-999-AA",
        "9999 BCD",
        "AA 999 AA",
        "99-AAA-8",
        "8AAA999",
        "AAA-9999",
    ]);
    let town = dice.pick(&["B", "M", "HH", "KA", "F"]);
    if shape == "UK" {
        // No I, no Q and, in the part for the place, no Z.
        let (place, letters) = (dice.chars("ABCDEFGHKLMNOPRSVWY", 2), dice.chars("ABCDEFGHJKLMNOPRSTUVWXYZ", 3));
        return cued(format!("{place}{} {letters}", dice.shape("89")));
    }
    cued(if shape.starts_with('M') { format!("{town}-{}", dice.shape("AA 899")) } else { dice.shape(shape) })
}

pub(super) fn medical_record(dice: &mut Dice) -> Value {
    let shape = *dice.pick(&["8999999", "89999999", "899999", "8999999999", "99-99-99", "AA899999", "\\H899999"]);
    cued(dice.shape(shape))
}

/// Of Germany, France, Italy, the Netherlands, Spain, Canada, Australia.
pub(super) fn passport(dice: &mut Dice) -> Value {
    let shape = *dice.pick(&["C89X99T99", "89AA99999", "AA8999999", "AA899999", "A8999999", "AAA899999", "AA99999A9"]);
    cued(dice.shape(shape))
}

pub(super) fn driving_licence(dice: &mut Dice) -> Value {
    let shape =
        *dice.pick(&["A999AAA9A99", "AA8999999A", "899999999999", "A8999-99999-99999", "89999999", "8999999999"]);
    cued(dice.shape(shape))
}
