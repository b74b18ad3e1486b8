//! Addresses of people and machines.

use super::people::{first_name, last_name, plain};
use super::{Value, bare};
use crate::dice::{BASE62, Dice};

const NAMES: &[&str] = &[
    "acme",
    "posteo",
    "northwind",
    "blue-harbor",
    "mailbox",
    "contoso",
    "brightlane",
    "stadtwerke-ulm",
    "fjordbank",
    "kestrel",
    "orchid-labs",
    "uni-jena",
    "hetzwerk",
    "papillon",
    "casaverde",
    "tulip4u",
    "redpine",
    "m-net",
    "quanta",
    "olivetree",
];
const ENDS: &[&str] = &[
    "com", "com", "com", "org", "net", "de", "de", "fr", "it", "es", "nl", "co.uk", "io", "eu", "ch", "at", "com.au",
    "dev", "pl", "co.jp", "com.br", "info", "app", "health", "bank", "museum", "ac.uk", "se", "fi", "in",
];

fn host(dice: &mut Dice) -> String {
    let sub = if dice.percent(25) { *dice.pick(&["mail.", "it.", "eu.", "app.", "www.", "api.eu."]) } else { "" };
    format!("{sub}{}.{}", dice.pick(NAMES), dice.pick(ENDS))
}

fn mailbox(dice: &mut Dice) -> String {
    let (first, last) = (plain(&first_name(dice)).to_lowercase(), plain(&last_name(dice)).to_lowercase());
    let year = dice.between(60, 100);
    match dice.between(0, 9) {
        0 | 1 => format!("{first}.{last}"),
        2 => format!("{first}_{last}{year}"),
        3 => format!("{}{last}", &first[..1]),
        4 => format!("{first}+invoices"),
        5 => format!("{first}-{last}"),
        6 => format!("{first}{year}"),
        7 => format!("{}.{last}", first.to_uppercase()),
        _ => (*dice.pick(&["info", "billing", "support.team", "hr", "j.o.b"])).to_owned(),
    }
}

pub(super) fn email(dice: &mut Dice) -> Value {
    bare(format!("{}@{}", mailbox(dice), host(dice)))
}

pub(super) fn domain(dice: &mut Dice) -> Value {
    bare(host(dice))
}

pub(super) fn ip(dice: &mut Dice) -> Value {
    let groups: Vec<String> = (0..8).map(|_| format!("{:x}", dice.between(1, 0x1_0000))).collect();
    let site = ["2001:db8", "2a01:4f8", "2a00:1450", "2001:4860", "2606:4700"];
    bare(match dice.between(0, 12) {
        0..8 => {
            let first = *dice.pick(&[5, 13, 23, 34, 52, 62, 77, 81, 93, 104, 141, 151, 178, 185, 195, 203, 212, 217]);
            format!("{first}.{}.{}.{}", dice.between(0, 256), dice.between(0, 256), dice.between(1, 255))
        }
        8 => format!("2a02:{}", groups[1..].join(":")),
        9 => format!("{}::{}", dice.pick(&site), groups[0]),
        10 => format!("{}:{}::{}:{}", dice.pick(&site), groups[0], groups[1], groups[2]),
        _ => format!("2001:0db8:{}", (0..6).map(|_| dice.shape("xxxx")).collect::<Vec<_>>().join(":")),
    })
}

pub(super) fn mac(dice: &mut Dice) -> Value {
    let bytes: Vec<String> = (0..6).map(|_| dice.shape("xx")).collect();
    let text = match dice.between(0, 10) {
        0..6 => bytes.join(":"),
        6..9 => bytes.join("-"),
        _ => format!("{}{}.{}{}.{}{}", bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5]),
    };
    bare(if dice.percent(50) { text.to_uppercase() } else { text })
}

/// A URL that holds credentials or personal data.
pub(super) fn url(dice: &mut Dice) -> Value {
    let user = plain(&first_name(dice)).to_lowercase();
    let password = dice.chars(BASE62, 10);
    let host = host(dice);
    bare(match dice.between(0, 6) {
        0 => format!("https://{user}:{password}@{host}/reports"),
        1 => format!("ftp://{user}:{password}@{host}/incoming/2024"),
        2 => format!("postgres://{user}:{password}@{host}:5432/orders"),
        3 => format!("mongodb+srv://{user}:{password}@cluster0.{host}/app?retryWrites=true"),
        4 => format!("redis://default:{password}@{host}:6379"),
        _ => format!("https://{user}:{password}@{host}:8443/api/v2/jobs?id=7"),
    })
}
