use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Dice, compact, person, shaped};

/// The hexadecimal digits of 00-00-5E-00-53-00 to FF, which are for documentation (RFC 9542, looked up 2026-11).
const MAC: &str = "00005E0053";

/// Of 192.0.2.0/24, 198.51.100.0/24 and 203.0.113.0/24 (RFC 5737), or 2001:db8::/32 (RFC 3849).
pub(super) fn ip(value: &str, dice: &mut Dice) -> String {
    if value.contains(':') {
        return format!("2001:db8::{:x}:{:x}", 1 + dice.below(0xffff), 1 + dice.below(0xffff));
    }
    let net = dice.one_of(&["192.0.2", "198.51.100", "203.0.113"]);
    format!("{net}.{}", 1 + dice.below(254))
}

pub(super) fn is_ip(value: &str) -> bool {
    let address = value.split(['/', '%']).next().unwrap_or_default();
    match address.parse() {
        Ok(IpAddr::V4(address)) => Ipv4Addr::is_documentation(&address),
        Ok(IpAddr::V6(address)) => matches!(Ipv6Addr::segments(&address), [0x2001, 0xdb8, ..]),
        Err(_) => false,
    }
}

pub(super) fn mac(value: &str, dice: &mut Dice) -> Option<String> {
    let is_mac = compact(value)?.len() == 12;
    let end = format!("{:02X}", dice.below(256));
    is_mac.then(|| shaped(value, MAC.chars().chain(end.chars())))
}

pub(super) fn is_mac(value: &str) -> bool {
    compact(value).is_some_and(|digits| {
        let digits: String = digits.iter().collect();
        digits.len() == 12 && digits.to_ascii_uppercase().starts_with(MAC)
    })
}

/// Of the top-level domain that is for examples (RFC 2606).
pub(super) fn domain(dice: &mut Dice) -> String {
    format!("{}{}.example", dice.one_of(person::LAST).to_ascii_lowercase(), dice.below(1000))
}

/// What this writes, and no other example: who tries one out expects to see it replaced.
pub(super) fn is_domain(value: &str) -> bool {
    value.strip_suffix(".example").is_some_and(person::is_last_and_number)
}

pub(super) fn url(dice: &mut Dice) -> String {
    format!("https://example.com/{:04x}{:04x}", dice.below(u16::MAX), dice.below(u16::MAX))
}

/// What this writes, and no other URL: at `example.com`, too, there may be a password in one.
pub(super) fn is_url(value: &str) -> bool {
    let path = value.strip_prefix("https://example.com/");
    path.is_some_and(|path| path.len() == 8 && path.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
