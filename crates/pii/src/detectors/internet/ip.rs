//! Addresses of machines. How sure one is says whose it is: one that can be reached from anywhere stands for somebody;
//! one of a private network tells little, and counts where a word nearby says that it is an address, or where it is all
//! that a text holds. By default loopback, unspecified, multicast and broadcast addresses, netmasks and private networks as
//! a whole are never found: they are nobody's, and count only for whoever lowers the threshold to 0.05.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    ops::Range,
};

use super::super::scan::{after, before, ends_word, run_back, run_on, starts_word};

pub(super) const CONTEXT: &[&str] = &[
    "ip",
    "ips",
    "ipv4",
    "ipv6",
    "address",
    "addr",
    "inet",
    "inet6",
    "host",
    "server",
    "client",
    "gateway",
    "subnet",
    "network",
    "router",
    "dns",
    "ping",
    "ssh",
    "login",
    "logged in",
    "connect",
    "connected",
    "connection",
    "peer",
    "remote",
    "proxy",
    "firewall",
    "vpn",
];

/// Words of what else has four numbers with dots between.
pub(super) const AGAINST: &[&str] =
    &["version", "versions", "firmware", "section", "chapter", "clause", "oid", "oids", "object identifier", "release"];

const PUBLIC: f32 = 0.85;
const PRIVATE: f32 = 0.35;
const NOBODY: f32 = 0.05;
/// Versions and numbers of sections are small; object identifiers begin with those of X.500 and of the internet.
const LIKE_A_VERSION: f32 = 0.4;

/// `192.0.2.1`, with a prefix length where there is one.
pub(super) fn v4(text: &str, at: usize) -> Option<(Range<usize>, f32)> {
    let end = run_on(text, at, 16, |byte| byte.is_ascii_digit() || byte == b'.');
    let shown = text.get(at..end)?.trim_end_matches('.');
    // The shortest has seven bytes, which most numbers have not.
    if shown.len() < 7 || !starts_word(text, at) || !stands_alone_before(text, at) {
        return None;
    }
    let address: Ipv4Addr = shown.parse().ok()?;
    let end = at + shown.len();
    let to = prefixed(text, end, 32);
    let score = v4_score(address);
    // A private network is less than a machine in it.
    let score = if to > end && score < PUBLIC { NOBODY } else { score };
    stands_alone_after(text, end).then_some((at..to, score))
}

fn stands_alone_before(text: &str, at: usize) -> bool {
    let further = at.checked_sub(1).and_then(|at| before(text, at));
    match before(text, at) {
        // A longer number with dots; a name that ends in a version; `== 1.2.3.4`, `~1.2.3.4` of requirements.
        Some(b'.') => !further.is_some_and(|byte| byte.is_ascii_digit()),
        Some(b'-') => !further.is_some_and(|byte| byte.is_ascii_alphabetic()),
        Some(b'=') => !matches!(further, Some(b'=' | b'>' | b'<' | b'~' | b'!')),
        Some(b'_' | b'~' | b'^') => false,
        _ => true,
    }
}

fn stands_alone_after(text: &str, end: usize) -> bool {
    let further = after(text, end + 1);
    match after(text, end) {
        Some(b'.') => !further.is_some_and(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase()),
        Some(b'+') => !further.is_some_and(|byte| byte.is_ascii_alphanumeric()),
        // A range goes on with another address, a version with anything else.
        Some(b'-') => match further {
            Some(byte) if byte.is_ascii_digit() => {
                after(text, run_on(text, end + 1, 4, |b| b.is_ascii_digit())) == Some(b'.')
            }
            Some(byte) => !byte.is_ascii_alphabetic(),
            None => true,
        },
        Some(b'_') => false,
        _ => ends_word(text, end),
    }
}

fn prefixed(text: &str, end: usize, most: u8) -> usize {
    let to = run_on(text, end + 1, 4, |byte| byte.is_ascii_digit());
    let length = text.get(end..to).and_then(|prefix| prefix.strip_prefix('/')?.parse::<u8>().ok());
    if length.is_some_and(|length| length <= most) && ends_word(text, to) { to } else { end }
}

fn v4_score(address: Ipv4Addr) -> f32 {
    let [first, second, third, _] = address.octets();
    if first == 0 || first >= 224 || address.is_loopback() {
        NOBODY
    } else if address.is_private() || address.is_link_local() || (first == 100 && (64..128).contains(&second)) {
        PRIVATE
    } else if address.octets().iter().all(|octet| *octet <= 20)
        || matches!((first, second, third), (2, 5, 4 | 29) | (1, 3, 6))
    {
        LIKE_A_VERSION
    } else {
        PUBLIC
    }
}

/// `2001:db8::1`, with a zone and a prefix length where there are such.
pub(super) fn v6(text: &str, at: usize) -> Option<(Range<usize>, f32)> {
    let hex = |byte: u8| byte.is_ascii_hexdigit();
    let group = run_back(text, at, 4, hex);
    // In JSON there is a colon before most numbers, but no part of an address before that.
    let is_colon = |byte: u8| byte == b':';
    let end = run_on(text, at, 4, hex);
    let left = before(text, group).is_some_and(is_colon)
        && before(text, group - 1).is_some_and(|byte| hex(byte) || is_colon(byte));
    if !left && !after(text, end).is_some_and(is_colon) {
        return None;
    }
    let belongs = |byte: u8| hex(byte) || byte == b':' || byte == b'.';
    let mut start = run_back(text, at, 46, belongs);
    // A label's colon, or a full stop, is no part of it; nor is the colon before a port, or at a sentence's end.
    if let Some(shown) = text.get(start..at)
        && let Some(rest) = shown.strip_prefix('.').or(shown.strip_prefix(':').filter(|rest| !rest.starts_with(':')))
    {
        start = at - rest.len();
    }
    let end = run_on(text, start, 46, belongs);
    let shown = text.get(start..end)?.trim_end_matches('.');
    // All eight groups, or six and an address of version 4, where none is left out: times of day have fewer.
    let mut colons = shown.as_bytes().windows(2).filter(|two| two.starts_with(b":"));
    if colons.clone().count() < 6 && !colons.any(|two| two == b"::") {
        return None;
    }
    let shown = if shown.ends_with("::") { shown } else { shown.trim_end_matches(':') };
    let mut end = start + shown.len();
    // Whoever comes first of the numbers within tells the whole.
    let first = shown.bytes().position(|byte| byte.is_ascii_digit())?;
    if shown.len() < 3
        || start + first != at
        || before(text, start).is_some_and(is_word)
        || after(text, end).is_some_and(is_word)
    {
        return None;
    }
    let address: Ipv6Addr = shown.parse().ok()?;
    if after(text, end) == Some(b'%') {
        let zone = run_on(text, end + 1, 16, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
        end = if zone > end + 1 { zone } else { end };
    }
    let to = prefixed(text, end, 128);
    let score = v6_score(address, shown);
    Some((start..to, if to > end && score < PUBLIC { NOBODY } else { score }))
}

/// Whether it is an address, but for a zone and a prefix length.
pub(super) fn is_address(text: &str) -> bool {
    text.split(['%', '/']).next().is_some_and(|address| address.parse::<IpAddr>().is_ok())
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn v6_score(address: Ipv6Addr, shown: &str) -> f32 {
    if let Some(address) = address.to_ipv4_mapped() {
        return v4_score(address);
    }
    let groups = shown.split(':').filter(|group| !group.is_empty()).count();
    let digits = shown.bytes().filter(u8::is_ascii_hexdigit).count();
    if address.is_loopback() || address.is_unspecified() || address.is_multicast() {
        NOBODY
    } else if groups < 2 || digits < 5 {
        // Slices and paths of code: `a[1::2]`, `b0::c`.
        0.15
    } else if address.is_unique_local() || address.is_unicast_link_local() {
        PRIVATE
    } else if address.segments().first().is_some_and(|first| (0x2000..0x4000).contains(first) || *first == 0x64)
        || digits > 12
    {
        // What IANA has given out, or what is nothing else for its length.
        PUBLIC
    } else {
        PRIVATE
    }
}

#[cfg(test)]
mod tests {
    use super::{LIKE_A_VERSION, NOBODY, PRIVATE, PUBLIC, v4, v6};

    type Find = fn(&str, usize) -> Option<(std::ops::Range<usize>, f32)>;

    fn found(text: &str, find: Find) -> Option<(&str, f32)> {
        let bytes = text.as_bytes();
        let mut all = (0..bytes.len())
            .filter(|at| bytes[*at].is_ascii_digit() && !(*at > 0 && bytes[at - 1].is_ascii_digit()))
            .filter_map(|at| find(text, at))
            .map(|(range, score)| (&text[range], score));
        let first = all.next();
        assert_eq!(all.next(), None, "{text}");
        first
    }

    #[test]
    fn addresses_of_version_4() {
        for (text, address, score) in [
            ("93.184.216.34", "93.184.216.34", PUBLIC),
            ("from 93.184.216.34.", "93.184.216.34", PUBLIC),
            ("http://93.184.216.34:80/", "93.184.216.34", PUBLIC),
            ("[93.184.216.34]", "93.184.216.34", PUBLIC),
            ("93.184.216.0/24,", "93.184.216.0/24", PUBLIC),
            ("93.184.216.0/123", "93.184.216.0", PUBLIC),
            ("203.0.113.9", "203.0.113.9", PUBLIC),
            ("ip=93.184.216.34&x", "93.184.216.34", PUBLIC),
            ("192.168.0.1", "192.168.0.1", PRIVATE),
            ("100.64.3.4", "100.64.3.4", PRIVATE),
            ("169.254.1.1", "169.254.1.1", PRIVATE),
            ("127.0.0.1", "127.0.0.1", NOBODY),
            ("0.0.0.0", "0.0.0.0", NOBODY),
            ("255.255.255.0", "255.255.255.0", NOBODY),
            ("8.8.8.8", "8.8.8.8", LIKE_A_VERSION),
            ("2.5.29.35", "2.5.29.35", LIKE_A_VERSION),
            ("10.0.0.0/8", "10.0.0.0/8", NOBODY),
        ] {
            assert_eq!(found(text, v4), Some((address, score)), "{text}");
        }
        let range = "93.184.216.3-93.184.216.9";
        assert_eq!(v4(range, 0).map(|(range, _)| range), Some(0..12));
        assert_eq!(v4(range, 13).map(|(range, _)| range), Some(13..25));
    }

    #[test]
    fn what_is_no_address_of_version_4() {
        for text in [
            "256.1.1.1",
            "1.2.3",
            "v93.184.216.34",
            "93.184.216.34.5",
            "1.93.184.216.34",
            "93.184.216.34a",
            "lib-93.184.216.34",
            "93.184.216.34-beta",
            "==93.184.216.34",
            "~93.184.216.34",
            "93.184.216.34-1",
            "93.184.216.34.tar.gz",
            "93.184.216.034",
            "1.3.6.1.4.1.311",
            "93..184.216.34",
            "93.184.216.34_1",
        ] {
            assert_eq!(found(text, v4), None, "{text}");
        }
    }

    #[test]
    fn addresses_of_version_6() {
        for (text, address, score) in [
            ("684D:1111:222:3333:4444:5555:6:77", "684D:1111:222:3333:4444:5555:6:77", PUBLIC),
            ("2001:db8::8a2e:370:7334", "2001:db8::8a2e:370:7334", PUBLIC),
            ("at 2001:db8::1.", "2001:db8::1", PUBLIC),
            ("Prefix:2001:db8::/32", "2001:db8::/32", PUBLIC),
            ("[2001:db8::1]:8080", "2001:db8::1", PUBLIC),
            ("2001:db8::", "2001:db8::", PUBLIC),
            ("fe80::1%eth0", "fe80::1%eth0", PRIVATE),
            ("fe80::1%eth0/64 ", "fe80::1%eth0/64", NOBODY),
            ("::ffff:93.184.216.34", "::ffff:93.184.216.34", PUBLIC),
            ("::ffff:10.0.0.1", "::ffff:10.0.0.1", PRIVATE),
            ("2001:db8:1::192.0.2.1", "2001:db8:1::192.0.2.1", PUBLIC),
            ("::1", "::1", NOBODY),
            ("a[1::2]", "1::2", 0.15),
            ("user@2001:db8::1", "2001:db8::1", PUBLIC),
        ] {
            assert_eq!(found(text, v6), Some((address, score)), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_of_version_6() {
        for text in [
            "12:34:56",
            "aa:bb:cc:dd:ee:01",
            "684D:1111:222:3333:4444:5555:77",
            "std::f64::MAX",
            "text2001:db8::1",
            "fe80::1text",
            "12345:db8::1",
            "2001::db8::1",
            "::ffff:256.0.0.1",
            "1:2:3:4",
            "x1::y2",
            "20:15",
        ] {
            assert_eq!(found(text, v6), None, "{text}");
        }
    }
}
