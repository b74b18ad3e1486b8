//! Places on Earth: two decimal numbers, degrees with minutes and seconds, or numbers that are named so.

use std::ops::Range;

use super::super::scan::{after, before, run_on, starts_word};

pub(super) const CONTEXT: &[&str] = &[
    "coordinate",
    "coordinates",
    "coords",
    "latitude",
    "longitude",
    "lat",
    "lng",
    "lon",
    "latlng",
    "gps",
    "geo",
    "geolocation",
    "location",
    "located",
    "position",
    "map",
    "maps",
    "point",
    "waypoint",
    "koordinaten",
    "breitengrad",
    "standort",
    "coordonnées",
    "coordenadas",
    "ubicación",
    "coordinate geografiche",
    "posizione",
    "coördinaten",
    "locatie",
];

/// Names that a number of its own has.
pub(super) const NAMES: &[&str] =
    &["latitude", "longitude", "\"lat\"", "\"lng\"", "\"lon\"", "lat=", "lng=", "lon=", "lat:", "lng:", "lon:"];

/// The same as a member's.
pub(super) const MEMBERS: &[&str] = &["lat", "latitude", "lng", "lon", "long", "longitude"];

/// Two numbers that are a latitude and a longitude.
pub(super) fn pair(text: &str, at: usize) -> Option<(Range<usize>, f32)> {
    let start = signed(text, at)?;
    if is_whole(text, at) {
        return None;
    }
    let first = Angle::read(text, at)?;
    let between = run_on(text, first.end, 3, |byte| matches!(byte, b',' | b';' | b'/' | b' ' | b'\t'));
    let second_at = run_on(text, between, 1, |byte| matches!(byte, b'-' | b'+'));
    let second = Angle::read(text, second_at).filter(|_| between > first.end);
    let Some(second) = second else {
        // One alone counts where minutes and a direction make it unmistakable.
        return (first.is_sexagesimal && first.direction.is_some()).then_some((start..first.end, 0.6));
    };
    let within = first.value <= 90.0 && second.value <= 180.0 || first.value <= 180.0 && second.value <= 90.0;
    if !within || first.is_sexagesimal != second.is_sexagesimal || in_list(text, start, second.end) {
        return None;
    }
    let score = match (first.direction, second.direction) {
        (Some(one), Some(other)) => (one != other).then_some(0.9)?,
        (None, None) if first.is_sexagesimal => 0.6,
        // To a metre or so, and no list: hardly anything else.
        (None, None)
            if first.decimals.min(second.decimals) >= 5
                && first.decimals.max(second.decimals) <= 8
                && first.value >= 1.0
                && second.value >= 1.0
                && text.get(first.end..second_at).is_some_and(|between| between.starts_with(',')) =>
        {
            0.5
        }
        // Fractions of one are colours and weights rather than a spot in the Gulf of Guinea.
        (None, None) if first.decimals >= 3 && second.decimals >= 3 && (first.value >= 1.0 || second.value >= 1.0) => {
            0.3
        }
        _ => return None,
    };
    Some((start..second.end, score))
}

/// The number that follows a name.
pub(super) fn named(text: &str, at: usize) -> Option<Range<usize>> {
    let name = run_on(text, at, 12, |byte| byte.is_ascii_alphabetic() || byte == b'"');
    let mut from = run_on(text, name, 5, |byte| matches!(byte, b'"' | b'\'' | b':' | b'=' | b' ' | b'\\'));
    if !starts_word(text, at) || from == name && after(text, at) != Some(b'"') {
        return None;
    }
    let start = from;
    from = run_on(text, from, 1, |byte| matches!(byte, b'-' | b'+'));
    let angle = Angle::read(text, from)?;
    (angle.decimals >= 2 && angle.value <= 180.0).then_some(start..angle.end)
}

/// A member's whole text.
pub(super) fn member(text: &str) -> Option<Range<usize>> {
    let angle = Angle::read(text, run_on(text, 0, 1, |byte| matches!(byte, b'-' | b'+')))?;
    (angle.decimals >= 2 && angle.value <= 180.0 && angle.end == text.len()).then_some(0..text.len())
}

struct Angle {
    value: f64,
    decimals: usize,
    is_sexagesimal: bool,
    /// Whether it is north or south, or else east or west.
    direction: Option<bool>,
    end: usize,
}

impl Angle {
    fn read(text: &str, at: usize) -> Option<Self> {
        let digits = run_on(text, at, 4, |byte| byte.is_ascii_digit());
        if digits == at || digits > at + 3 {
            return None;
        }
        let mut end = digits;
        if after(text, digits) == Some(b'.') {
            end = run_on(text, digits + 1, 16, |byte| byte.is_ascii_digit());
        }
        let decimals = end.saturating_sub(digits + 1);
        let mut value: f64 = text.get(at..end)?.parse().ok()?;
        let mut is_sexagesimal = false;
        if let Some(rest) = text.get(end..)?.strip_prefix(['°', 'º']) {
            end = text.len() - rest.len();
            if decimals == 0
                && let Some((minutes, to)) = part(text, end, &['\'', '′', '’'])
            {
                (value, end, is_sexagesimal) = (value + minutes / 60.0, to, true);
                if let Some((seconds, to)) = part(text, end, &['"', '″', '”']) {
                    (value, end) = (value + seconds / 3600.0, to);
                }
            }
        } else if decimals == 0 {
            return None;
        }
        let letter = run_on(text, end, 1, |byte| byte == b' ');
        let direction = match after(text, letter) {
            Some(b'N' | b'S') => Some(true),
            Some(b'E' | b'W' | b'O') => Some(false),
            _ => None,
        }
        .filter(|_| !after(text, letter + 1).is_some_and(|byte| byte.is_ascii_alphanumeric()));
        if direction.is_some() {
            end = letter + 1;
        }
        let goes_on = after(text, end) == Some(b'.') && after(text, end + 1).is_some_and(|byte| byte.is_ascii_digit());
        let is_whole = !goes_on && !after(text, end).is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        is_whole.then_some(Self { value, decimals, is_sexagesimal, direction, end })
    }
}

/// Whether the digits here have neither decimals nor degrees: what most numbers are.
fn is_whole(text: &str, at: usize) -> bool {
    !matches!(after(text, run_on(text, at, 4, |byte| byte.is_ascii_digit())), Some(b'.' | 0x80..))
}

/// Minutes or seconds: below sixty, with one of these marks behind.
fn part(text: &str, at: usize, marks: &[char]) -> Option<(f64, usize)> {
    let from = run_on(text, at, 1, |byte| byte == b' ');
    let end = run_on(text, from, 10, |byte| byte.is_ascii_digit() || byte == b'.');
    let value: f64 = text.get(from..end)?.parse().ok()?;
    let rest = text.get(end..)?.strip_prefix(marks)?;
    (value < 60.0).then_some((value, text.len() - rest.len()))
}

/// Where the number begins, with its sign; none where it is a part of something longer.
fn signed(text: &str, at: usize) -> Option<usize> {
    let start = at - usize::from(matches!(before(text, at), Some(b'-' | b'+')));
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
    (!before(text, start).is_some_and(is_word)).then_some(start)
}

/// Whether more numbers stand before or after: rows of a matrix are no places.
fn in_list(text: &str, start: usize, end: usize) -> bool {
    let blank = |byte: u8| byte.is_ascii_whitespace();
    let left = text.get(..start).unwrap_or_default().as_bytes();
    let left = left.iter().rev().take(8).copied().find(|byte| !blank(*byte));
    let comma = run_on(text, end, 4, blank);
    let next = run_on(text, comma + 1, 8, |byte| blank(byte) || matches!(byte, b'-' | b'+'));
    let more = after(text, comma) == Some(b',') && after(text, next).is_some_and(|byte| byte.is_ascii_digit());
    left == Some(b',') || more
}

#[cfg(test)]
mod tests {
    use super::{member, named, pair};

    fn found(text: &str) -> Option<(&str, f32)> {
        let at = text.find(|c: char| c.is_ascii_digit()).unwrap();
        let (range, score) = pair(text, at)?;
        Some((&text[range], score))
    }

    #[test]
    fn pairs() {
        for (text, place, score) in [
            ("at 52.5200, 13.4050.", "52.5200, 13.4050", 0.3),
            ("(-33.8688,151.2093)", "-33.8688,151.2093", 0.3),
            ("geo:37.786971,-122.399677", "37.786971,-122.399677", 0.5),
            ("at 79.978578, 1.908317, near", "79.978578, 1.908317", 0.5),
            ("37.786971 122.399677", "37.786971 122.399677", 0.3),
            ("40.7128° N, 74.0060° W", "40.7128° N, 74.0060° W", 0.9),
            ("40.7128N 74.0060W", "40.7128N 74.0060W", 0.9),
            ("40°26′46″N 79°58′56″W", "40°26′46″N 79°58′56″W", 0.9),
            ("40° 26' 46\" N, 79° 58' 56\" W", "40° 26' 46\" N, 79° 58' 56\" W", 0.9),
            ("48°51.5'N", "48°51.5'N", 0.6),
        ] {
            assert_eq!(found(text), Some((place, score)), "{text}");
        }
    }

    #[test]
    fn look_alikes() {
        for text in [
            "0.1234, 0.5678",
            "52.5, 13.4",
            "152.5200, 213.4050",
            "[52.5200, 13.4050, 3.1415]",
            "52.5200",
            "1.2.3",
            "52.5200,13",
            "20°C",
            "v52.5200, 13.4050",
            "52.5200, 13.4050f",
            "40.7128N 74.0060S",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
        assert_eq!(pair("[1.1111, 52.5200, 13.4050]", 9), None);
    }

    #[test]
    fn named_numbers() {
        for (text, number) in [
            ("latitude: -52.52", "-52.52"),
            ("{\"lat\":52.520008,", "52.520008"),
            ("\"longitude\": \"13.40\"", "13.40"),
            ("lat=52.52&", "52.52"),
        ] {
            let at = text.find("lat").or(text.find("lon")).unwrap();
            let at = if text.contains("\"lat\"") { at - 1 } else { at };
            assert_eq!(named(text, at).map(|range| &text[range]), Some(number), "{text}");
        }
        for text in ["latitude", "latitude: 5", "latitude is north", "latitude: 1.5.2", "latitude: 999.25"] {
            assert_eq!(named(text, 0), None, "{text}");
        }
        assert_eq!(named("flat: 1.25", 1), None);
        assert_eq!(member("-52.5200"), Some(0..8));
        assert_eq!(member("52"), None);
    }
}
