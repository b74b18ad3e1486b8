//! Numbers that have no check digit but some structure: those of the United Kingdom.

use super::{
    date::is_date,
    digits::{symbols, value},
};

/// National insurance number by its two letters, some pairs of which are never given out (HMRC, National Insurance Manual
/// NIM39110).
#[must_use]
pub fn uk_nino(text: &str) -> bool {
    let Some([a, b, digits @ .., suffix]) = symbols::<9>(text) else { return false };
    let is_used =
        |letter: u8| letter.is_ascii_uppercase() && !matches!(letter, b'D' | b'F' | b'I' | b'Q' | b'U' | b'V');
    is_used(a)
        && is_used(b)
        && b != b'O'
        && !matches!(&[a, b], b"BG" | b"GB" | b"KN" | b"NK" | b"NT" | b"TN" | b"ZZ")
        && digits.iter().all(u8::is_ascii_digit)
        && matches!(suffix, b'A'..=b'D')
}

/// Driver number of Great Britain: five of the surname, filled up with 9; decade, month (50 added for women), day and year
/// of birth; initials; three signs (DVLA, INF45; the form is in the DVLA's data dictionary).
#[must_use]
pub fn uk_driving_licence(text: &str) -> bool {
    let Some([s, u, r, n, a, _, m, o, d, y, _, i, j, ..]) = symbols::<16>(text) else { return false };
    let surname = [s, u, r, n, a];
    let letters = surname.iter().take_while(|symbol| symbol.is_ascii_alphabetic()).count();
    let [m, o, d, y] = [m, o, d, y].map(value);
    letters > 0
        && surname.iter().skip(letters).all(|symbol| *symbol == b'9')
        // A second initial without a first there is not.
        && (i != b'9' || j == b'9')
        && is_date(2000, (m * 10 + o) % 50, d * 10 + y)
        && m < 7
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_of_letters_count() {
        for text in ["AA 12 34 56 B", "hh 01 02 03 d", "tw987654a", "PR 123612C", "YZ 61 48 68 B"] {
            assert!(uk_nino(text), "{text}");
        }
        for text in
            ["AA 12 34 56 H", "FQ 00 00 00 C", "BG123612A", "nt 99 88 77 a", "UV 98 76 54 B", "AO123456A", "A1234567B"]
        {
            assert!(!uk_nino(text), "{text}");
        }
    }

    #[test]
    fn names_months_and_days_count() {
        for text in [
            "MORGA607054SM9IJ",
            "MORGA657054SM9IJ",
            "FO999512018AA1AB",
            "SMIT9801015JK2CD",
            "morga607054sm9ij",
            "JONES710153J99EF",
            "SMITH802290AB1CD",
            "SMITH851010AB1CD",
            "SMITH862310AB1CD",
            "MORGA 657054 SM9IJ",
        ] {
            assert!(uk_driving_licence(text), "{text}");
        }
        for text in [
            "MORGA600054SM9IJ",
            "MORGA613054SM9IJ",
            "MORGA650054SM9IJ",
            "MORGA663054SM9IJ",
            "MORGA601004SM9IJ",
            "MORGA601324SM9IJ",
            "MORGA65705SM9IJ",
            "MORGA6570544SM9IJ",
            "99999657054SM9IJ",
            "MO9G9657054SM9IJ",
            "MORGA6570549M9IJ",
            "",
        ] {
            assert!(!uk_driving_licence(text), "{text}");
        }
    }
}
