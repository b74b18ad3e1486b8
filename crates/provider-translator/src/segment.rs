//! Names as one segment of a path, whatever they hold.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};

/// All but what RFC 3986 calls unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The same, but for the `@` that the versions of Google's models follow.
const RESERVED_BY_GOOGLE: &AsciiSet = &RESERVED.remove(b'@');

/// The same two for names that begin with a dot: a segment of dots alone would be a way up.
const DOTTED: &AsciiSet = &RESERVED.add(b'.');
const DOTTED_BY_GOOGLE: &AsciiSet = &RESERVED_BY_GOOGLE.add(b'.');

pub(crate) fn segment(name: &str) -> PercentEncode<'_> {
    utf8_percent_encode(name, if name.starts_with('.') { DOTTED } else { RESERVED })
}

pub(crate) fn of_google(name: &str) -> PercentEncode<'_> {
    utf8_percent_encode(name, if name.starts_with('.') { DOTTED_BY_GOOGLE } else { RESERVED_BY_GOOGLE })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_segment() {
        for (name, encoded) in [
            ("gpt-4o_x.1~", "gpt-4o_x.1~"),
            ("us.claude-v1:0", "us.claude-v1%3A0"),
            ("a/b?c#d%", "a%2Fb%3Fc%23d%25"),
            ("..", "%2E%2E"),
            ("é@1", "%C3%A9%401"),
        ] {
            assert_eq!(segment(name).to_string(), encoded);
        }
        for (name, encoded) in [("m-1.5@1:x", "m-1.5@1%3Ax"), ("..", "%2E%2E"), (".@.", "%2E@%2E")] {
            assert_eq!(of_google(name).to_string(), encoded);
        }
    }
}
