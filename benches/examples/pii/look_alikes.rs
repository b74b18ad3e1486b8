//! What looks like personal data, and is none.

use crate::{
    dice::{BASE62, Dice},
    values,
};

/// Schemes whose numbers are spoiled for `wrong`: in each a change of one digit is always seen.
const CHECKED: &[&str] = &[
    "credit_card",
    "credit_card",
    "iban",
    "iban",
    "it_vat",
    "de_tax_id",
    "pl_pesel",
    "nl_bsn",
    "au_abn",
    "au_tfn",
    "in_aadhaar",
    "br_cpf",
    "br_cnpj",
    "ca_sin",
    "us_routing_number",
];

pub(crate) fn of(kind: &str, dice: &mut Dice) -> String {
    let shape = match kind {
        "order" => *dice.pick(&[
            "8999-99999",
            "899999",
            "\\OR\\D-8999999",
            "8999999",
            "#899999",
            "4029-8999999-8999999",
            "SO99-99999",
        ]),
        "invoice" => {
            *dice.pick(&["2024-99999", "RE-2024-9999", "INV-899999", "2024/9999", "2023-0999-9999", "89-999-9999"])
        }
        "tracking" => {
            *dice.pick(&["1Z*********9999999", "00340999999999999999", "RR899999999DE", "JD0189999999999999"])
        }
        "ticket" => *dice.pick(&["JIRA-8999", "OPS-899", "#8999", "SUP-899999"]),
        "part" => *dice.pick(&["A8999-99", "899-99-99-9", "PX-8999.99", "99AA-8999", "8999.999.99", "B89-9999-99"]),
        "serial" => *dice.pick(&["SN8999-9999-9999", "C02AA999AAA", "89AA99999", "9999-AA-99999"]),
        "build" => *dice.pick(&["20240899.8", "8999", "2024.1.8999", "20240117-899"]),
        "error" => *dice.pick(&["8999", "0x8007", "8999-8"]),
        "size" => *dice.pick(&["1920x1080", "3840 x 2160", "800x600", "1280×720"]),
        "hex6" => "xxxxxx",
        "hex7" => "xxxxxxx",
        "hex8" => "xxxxxxxx",
        "md5" => "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "sha1" => "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "sha256" => "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "uuid" => "xxxxxxxx-xxxx-4xxx-axxx-xxxxxxxxxxxx",
        "digits4" => "8999",
        "digits9" => "899999999",
        "digits10" => "8999999999",
        "digits12" => "899999999999",
        "digits16n" => "1899999999999999999",
        "float" => *dice.pick(&["0.999999", "0.99999999", "-8.999", "89.9999", "9.999e-04"]),
        "bignum" => *dice.pick(&["8,999,999,999", "899 999 999", "8999999", "89,999,999", "899999"]),
        "money" => *dice.pick(&["$8,999.99", "EUR 89.999,99", "8.999,99 €", "£899.99", "USD 8999999"]),
        "section" => *dice.pick(&["8.9.9", "8.9.9.8", "89.9", "8.8.8"]),
        _ => return made(kind, dice),
    };
    dice.shape(shape)
}

fn made(kind: &str, dice: &mut Dice) -> String {
    match kind {
        "version" => format!("{}.{}.{}", dice.between(0, 20), dice.between(0, 40), dice.between(0, 30)),
        "version4" => {
            // Those that no address could be: a zero leads, or a part is too large. Others say `v` or `build`.
            let end = dice.between(1000, 9999);
            format!("{}.{}.{}.{end}", dice.between(1, 20), dice.between(0, 40), dice.between(0, 30))
        }
        "npm" => format!(
            "@{}/{}",
            dice.pick(&["types", "babel", "acme"]),
            dice.pick(&["node@18.2.1", "core@^7.24.0", "ui@next"])
        ),
        "npm_name" => format!("@{}/{}", dice.pick(&["types", "angular", "vue"]), dice.pick(&["node", "core", "cli"])),
        "userhost" => format!(
            "{}@{}",
            dice.pick(&["root", "deploy", "ubuntu", "git"]),
            dice.pick(&["build7", "localhost", "web-01", "nas"])
        ),
        "epoch" => dice.between(1_500_000_000, 1_790_000_000).to_string(),
        "epoch_ms" => dice.between(1_500_000_000_000, 1_790_000_000_000).to_string(),
        "isbn" => isbn(dice),
        "ean" => dice.shape("40899999").to_owned() + &dice.digits(5),
        // No issuer has 9.
        "digits16" => dice.shape("\\9899999999999999"),
        "base64" => dice.chars(BASE62, 40) + "/" + &dice.chars(BASE62, 45) + "==",
        "base64s" => dice.chars(BASE62, 22),
        "wrong" => {
            let entity = *dice.pick(CHECKED);
            let value = values::of(entity, "", dice);
            values::spoiled(&value.text, dice)
        }
        other => unreachable!("no look-alike {other}"),
    }
}

fn isbn(dice: &mut Dice) -> String {
    let digits = "978".to_owned() + &dice.digits(9);
    let sum: u32 = digits.bytes().enumerate().map(|(i, d)| u32::from(d - b'0') * if i % 2 == 0 { 1 } else { 3 }).sum();
    let isbn = format!("{digits}{}", (10 - sum % 10) % 10);
    if dice.percent(60) {
        format!("{}-{}-{}-{}-{}", &isbn[..3], &isbn[3..4], &isbn[4..8], &isbn[8..12], &isbn[12..])
    } else {
        isbn
    }
}
