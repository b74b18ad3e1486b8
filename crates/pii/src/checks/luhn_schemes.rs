//! Schemes whose check digit is Luhn's: Sweden, Canada, Italy, South Africa.

use super::{
    date::is_short_date,
    digits::{digits, is_varied},
    luhn,
};

/// Personal identity number of Sweden, ten or twelve digits; coordination numbers add 60 to the day (Skatteverket, SKV
/// 704 and 707).
#[must_use]
pub fn se_personnummer(text: &str) -> bool {
    let Some((short, _)) = swedish(text) else { return false };
    let [a, b, c, d, e, f, ..] = short;
    is_short_date(a * 10 + b, c * 10 + d, (e * 10 + f) % 60)
}

/// As [`se_personnummer`], but for those that read as a point in time since 2000, such as `202401151230` or
/// `240115-1230`: they are what most such digits stand for.
#[must_use]
pub fn se_personnummer_long(text: &str) -> bool {
    let Some(([year, _, .., h, i, m, _], century)) = swedish(text) else { return false };
    let is_recent = century.map_or((1..4).contains(&year), |century| century > 19);
    se_personnummer(text) && (!is_recent || h * 10 + i > 23 || m > 5)
}

/// The last ten digits, and the first two of twelve.
fn swedish(text: &str) -> Option<([u32; 10], Option<u32>)> {
    if let Some(short) = digits::<10>(text) {
        return luhn(text).then_some((short, None));
    }
    let [a, b, short @ ..] = digits::<12>(text)?;
    let century = a * 10 + b;
    // Digits are ASCII, so that what is left of the text without its first two is text.
    let rest = text.get(2..)?;
    (matches!(century, 18..=20) && luhn(rest)).then_some((short, Some(century)))
}

/// Organisation number of Sweden: its third digit is 2 or more, so that it is no birthday (Bolagsverket).
#[must_use]
pub fn se_organisation(text: &str) -> bool {
    digits::<10>(text).is_some_and(|[first, _, third, ..]| first > 0 && third > 1) && luhn(text)
}

/// Social insurance number of Canada; those that begin with 0 or 8 are not given out to persons (Employment and Social
/// Development Canada, "The Social Insurance Number Code of Practice").
#[must_use]
pub fn ca_sin(text: &str) -> bool {
    digits::<9>(text).is_some_and(|digits| !matches!(digits, [0 | 8, ..]) && is_varied(&digits)) && luhn(text)
}

/// VAT number of Italy: digits 8 to 10 are the office that gave it out (Agenzia delle Entrate, DPR 633/1972).
#[must_use]
pub fn it_vat(text: &str) -> bool {
    let Some(digits) = digits::<11>(text) else { return false };
    let [.., a, b, c, _] = digits;
    matches!(a * 100 + b * 10 + c, 1..=100 | 120 | 121 | 888 | 999) && is_varied(&digits) && luhn(text)
}

/// Identity number of South Africa: birthday, serial, citizenship, an 8 or 9, check digit (Department of Home Affairs).
#[must_use]
pub fn za_id(text: &str) -> bool {
    let Some([a, b, c, d, e, f, _, _, _, _, citizenship, filler, _]) = digits::<13>(text) else { return false };
    is_short_date(a * 10 + b, c * 10 + d, e * 10 + f) && citizenship < 3 && filler > 7 && luhn(text)
}

#[cfg(test)]
mod tests {
    use super::{super::digits::tests::holds, *};

    #[test]
    fn one_wrong_digit_never_passes() {
        holds(se_personnummer, &["871220-2384", "9201232387", "198712202384", "19910924-2397", "189004119807"], 30);
        holds(se_personnummer_long, &["198712202384", "200109022392", "191005059801"], 30);
        holds(se_organisation, &["556703-7485", "2120000142"], 30);
        holds(ca_sin, &["130 692 544", "347-677-452", "550090112"], 30);
        holds(it_vat, &["00743110157", "07643520567"], 30);
        holds(za_id, &["8001015009087", "7503305044089"], 30);
    }

    #[test]
    fn dates_prefixes_and_times_count() {
        for text in ["19001309-2393", "200504422381", "219004119807", "871320-2384"] {
            assert!(!se_personnummer(text), "{text}");
        }
        // A coordination number.
        assert!(se_personnummer("701063-2391") && !se_organisation("701063-2391"));
        let times: Vec<String> = (0..60).map(|minute| format!("2024011512{minute:02}")).collect();
        assert!(times.iter().any(|time| se_personnummer(time)) && !times.iter().any(|time| se_personnummer_long(time)));
        for text in ["046 454 286", "812 345 678", "111 111 111", "130 692 545"] {
            assert!(!ca_sin(text), "{text}");
        }
        assert!(!za_id("8013015009087") && !it_vat("00000000000"));
    }
}
