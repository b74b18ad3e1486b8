//! International bank account numbers: ISO 13616, with the layouts of the SWIFT registry, release 101, looked up 2026-11.

use super::mod97;

/// What follows the country and its two check digits: so many digits (`n`), capitals (`a`), or either (`c`).
const LAYOUTS: &[(&str, &str)] = &[
    ("AD", "8n12c"),
    ("AE", "19n"),
    ("AL", "8n16c"),
    ("AT", "16n"),
    ("AZ", "4a20c"),
    ("BA", "16n"),
    ("BE", "12n"),
    ("BG", "4a6n8c"),
    ("BH", "4a14c"),
    ("BI", "23n"),
    ("BR", "23n1a1c"),
    ("BY", "4c4n16c"),
    ("CH", "5n12c"),
    ("CR", "18n"),
    ("CY", "8n16c"),
    ("CZ", "20n"),
    ("DE", "18n"),
    ("DJ", "23n"),
    ("DK", "14n"),
    ("DO", "4c20n"),
    ("EE", "16n"),
    ("EG", "25n"),
    ("ES", "20n"),
    ("FI", "14n"),
    ("FK", "2a12n"),
    ("FO", "14n"),
    ("FR", "10n11c2n"),
    ("GB", "4a14n"),
    ("GE", "2a16n"),
    ("GI", "4a15c"),
    ("GL", "14n"),
    ("GR", "7n16c"),
    ("GT", "24c"),
    ("HN", "4a20n"),
    ("HR", "17n"),
    ("HU", "24n"),
    ("IE", "4a14n"),
    ("IL", "19n"),
    ("IQ", "4a15n"),
    ("IS", "22n"),
    ("IT", "1a10n12c"),
    ("JO", "4a4n18c"),
    ("KW", "4a22c"),
    ("KZ", "3n13c"),
    ("LB", "4n20c"),
    ("LC", "4a24c"),
    ("LI", "5n12c"),
    ("LT", "16n"),
    ("LU", "3n13c"),
    ("LV", "4a13c"),
    ("LY", "21n"),
    ("MC", "10n11c2n"),
    ("MD", "20c"),
    ("ME", "18n"),
    ("MK", "3n10c2n"),
    ("MN", "16n"),
    ("MR", "23n"),
    ("MT", "4a5n18c"),
    ("MU", "4a19n3a"),
    ("NI", "4a20n"),
    ("NL", "4a10n"),
    ("NO", "11n"),
    ("OM", "3n16c"),
    ("PK", "4a16c"),
    ("PL", "24n"),
    ("PS", "4a21c"),
    ("PT", "21n"),
    ("QA", "4a21c"),
    ("RO", "4a16c"),
    ("RS", "18n"),
    ("RU", "14n15c"),
    ("SA", "2n18c"),
    ("SC", "4a20n3a"),
    ("SD", "14n"),
    ("SE", "20n"),
    ("SI", "15n"),
    ("SK", "20n"),
    ("SM", "1a10n12c"),
    ("SO", "19n"),
    ("ST", "21n"),
    ("SV", "4a20n"),
    ("TL", "19n"),
    ("TN", "20n"),
    ("TR", "6n16c"),
    ("UA", "6n19c"),
    ("VA", "18n"),
    ("VG", "4a16n"),
    ("XK", "16n"),
    ("YE", "4a4n18c"),
];

/// Remainder 1 by 97 (ISO 7064), and the length and layout that the country prescribes. Spaces and hyphens may stand
/// between the characters; letters are all capitals or all small.
#[must_use]
pub fn iban(text: &str) -> bool {
    if text.bytes().any(|byte| byte.is_ascii_lowercase()) && text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return false;
    }
    let mut bytes = text.bytes().filter(|byte| !matches!(byte, b' ' | b'-')).map(|byte| byte.to_ascii_uppercase());
    let (Some(first), Some(second)) = (bytes.next(), bytes.next()) else { return false };
    let Some(layout) = layout([first, second]) else { return false };
    let (Some(tens), Some(ones)) = (bytes.next(), bytes.next()) else { return false };
    let account = bytes;
    tens.is_ascii_digit()
        && ones.is_ascii_digit()
        && fits(account.clone(), layout)
        && mod97(account.chain([first, second, tens, ones])) == Some(1)
}

/// How many characters a number of this country has, without separators.
pub(crate) fn iban_length(country: [u8; 2]) -> Option<usize> {
    Some(4 + runs(layout(country.map(|letter| letter.to_ascii_uppercase()))?).map(|(count, _)| count).sum::<usize>())
}

fn layout(country: [u8; 2]) -> Option<&'static str> {
    let at = LAYOUTS.binary_search_by_key(&&country[..], |(name, _)| name.as_bytes()).ok()?;
    Some(LAYOUTS.get(at)?.1)
}

fn runs(layout: &str) -> impl Iterator<Item = (usize, u8)> {
    layout.split_inclusive(['n', 'a', 'c']).filter_map(|run| {
        let (count, kind) = run.split_at_checked(run.len() - 1)?;
        Some((count.parse().ok()?, *kind.as_bytes().first()?))
    })
}

fn fits(mut account: impl Iterator<Item = u8>, layout: &str) -> bool {
    runs(layout).all(|(count, kind)| {
        (0..count).all(|_| {
            account.next().is_some_and(|byte| match kind {
                b'n' => byte.is_ascii_digit(),
                b'a' => byte.is_ascii_uppercase(),
                _ => byte.is_ascii_digit() || byte.is_ascii_uppercase(),
            })
        })
    }) && account.next().is_none()
}

/// A number of each country, with right check digits; `draw` is asked for each character: below the given bound.
#[cfg(test)]
pub(crate) fn ibans(mut draw: impl FnMut(u8) -> u8) -> Vec<String> {
    let mut made = Vec::new();
    for (country, layout) in LAYOUTS {
        let account: String = runs(layout)
            .flat_map(|(count, kind)| std::iter::repeat_n(kind, count))
            .map(|kind| match kind {
                b'n' => char::from(b'0' + draw(10)),
                b'a' => char::from(b'A' + draw(26)),
                _ => char::from(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[usize::from(draw(36))]),
            })
            .collect();
        let check = 98 - mod97(account.bytes().chain(country.bytes()).chain(*b"00")).unwrap();
        made.push(format!("{country}{check:02}{account}"));
    }
    made
}

#[cfg(test)]
mod tests {
    use super::{LAYOUTS, iban, iban_length, ibans};

    #[test]
    fn published_numbers_pass() {
        for number in [
            "DE89370400440532013000",
            "DE89 3704 0044 0532 0130 00",
            "de89370400440532013000",
            "GB29-NWBK-6016-1331-9268-19",
            "FR1420041010050500013M02606",
            "MT84MALT011000012345MTLCAST001S",
            "NO9386011117947",
            "BR9700360305000010009795493P1",
            "MU17BOMM0101101030300200000MUR",
        ] {
            assert!(iban(number), "{number}");
        }
    }

    #[test]
    fn what_is_no_number_does_not() {
        for number in [
            "",
            "D",
            "DE",
            "DE8",
            "DE89370400440532013001",
            "DE8937040044053201300",
            "DE893704004405320130000",
            "DE89A70400440532013000",
            "GI75aWBK000000007099453",
            "ZZ89370400440532013000",
            "GB291WBK60161331926819",
            "DEé9370400440532013000",
        ] {
            assert!(!iban(number), "{number}");
        }
    }

    #[test]
    fn countries_stand_in_order() {
        assert!(LAYOUTS.is_sorted_by_key(|(country, _)| *country));
        assert_eq!(iban_length(*b"DE"), Some(22));
        assert_eq!(iban_length(*b"lc"), Some(32));
        assert_eq!(iban_length(*b"ZZ"), None);
    }

    #[test]
    fn made_numbers_pass_and_one_wrong_character_does_not() {
        let mut seed = 7_u32;
        let mut draw = |below: u8| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 16) as u8 % below
        };
        for number in ibans(&mut draw) {
            assert!(iban(&number), "{number}");
            assert_eq!(iban_length([number.as_bytes()[0], number.as_bytes()[1]]), Some(number.len()));
            for (at, byte) in number.bytes().enumerate().skip(2).filter(|(_, byte)| byte.is_ascii_digit()) {
                let other = char::from(b'0' + (byte - b'0' + 1) % 10);
                let wrong: String = number.chars().enumerate().map(|(i, c)| if i == at { other } else { c }).collect();
                assert!(!iban(&wrong), "{wrong}");
            }
        }
    }
}
