//! What an address is for.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What an address is for.
///
/// From IANA's registries of special-purpose addresses, of multicast addresses and of IPv6 unicast space, with the
/// RFCs that each variant names: for IPv4 in the state of 2025-10-09, for IPv6 of 2024-10-22 and RFC 9780 (April 2025),
/// by copies read in November 2026. In IPv6 only `2000::/3` is given out as global unicast, so all outside it that has
/// no name below is [`Kind::Reserved`], and a block that IANA sets aside there later is refused already.
///
/// An IPv6 address that only wraps an IPv4 address is of the kind of what it wraps: IPv4-mapped (`::ffff:0:0/96`),
/// IPv4-compatible (`::/96`), IPv4-translated (`::ffff:0:0:0/96`, RFC 2765), NAT64 (`64:ff9b::/96`, RFC 6052) and 6to4
/// (`2002::/16`, RFC 3056). Where the wrapper hides where the packet goes, it is [`Kind::Reserved`]: Teredo
/// (`2001::/32`, RFC 4380) and NAT64 by a local prefix (`64:ff9b:1::/48`, RFC 8215).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// Anybody's on the internet.
    Public,
    /// The machine itself: `127.0.0.0/8`, `::1`.
    Loopback,
    /// A private network: `10.0.0.0/8`, `172.16.0.0/12`, `192.168.0.0/16` (RFC 1918).
    Private,
    /// A private network: `fc00::/7` (RFC 4193), and `fec0::/10`, its forerunner (RFC 3879).
    UniqueLocal,
    /// Between a carrier's NAT and its customers, and in overlay networks: `100.64.0.0/10` (RFC 6598).
    Shared,
    /// One network segment: `169.254.0.0/16` (RFC 3927), `fe80::/10` (RFC 4291).
    LinkLocal,
    /// Where a cloud hands its machines their credentials, of whatever range the address is.
    Metadata,
    /// No address, which systems take for the machine itself: `0.0.0.0/8` (RFC 1122), `::`.
    Unspecified,
    /// Groups of machines: `224.0.0.0/4` (RFC 5771), `ff00::/8`.
    Multicast,
    /// Everybody on the segment: `255.255.255.255` (RFC 919).
    Broadcast,
    /// Examples in texts: `192.0.2.0/24`, `198.51.100.0/24`, `203.0.113.0/24` (RFC 5737), `2001:db8::/32` (RFC 3849),
    /// `3fff::/20` (RFC 9637).
    Documentation,
    /// Measuring devices: `198.18.0.0/15` (RFC 2544), `2001:2::/48` (RFC 5180).
    Benchmarking,
    /// Set aside for protocols or for the future: `192.0.0.0/24` (RFC 6890), `192.88.99.0/24` (RFC 7526), `240.0.0.0/4`
    /// (RFC 1112), `2001::/23` (RFC 2928), and all of IPv6 that is not given out.
    Reserved,
}

/// Addresses of metadata services: AWS, Google and Azure (`169.254.169.254`), AWS's containers (`169.254.170.2`,
/// `169.254.170.23`), Azure's WireServer, Alibaba, Oracle's first cloud; then AWS, its containers, and Google by IPv6.
/// Some lie outside the link-local range, one of them among the public addresses.
const METADATA_V4: [Ipv4Addr; 6] = [
    Ipv4Addr::new(169, 254, 169, 254),
    Ipv4Addr::new(169, 254, 170, 2),
    Ipv4Addr::new(169, 254, 170, 23),
    Ipv4Addr::new(168, 63, 129, 16),
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(192, 0, 0, 192),
];
const METADATA_V6: [Ipv6Addr; 3] = [
    Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x23),
    Ipv6Addr::new(0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0x254),
];

impl Kind {
    /// The kind of an address.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        match unwrapped(address) {
            IpAddr::V4(address) => of_v4(address),
            IpAddr::V6(address) => of_v6(address),
        }
    }
}

/// The IPv4 address that an IPv6 address only wraps, or the address as it is.
pub(super) fn unwrapped(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    let [a, b, c, d, e, f, g, h] = v6.segments();
    let last = || from_segments(g, h);
    match (a, b, c, d, e, f) {
        // `::` and `::1` are addresses of their own.
        (0, 0, 0, 0, 0, 0) if g != 0 || h > 1 => last(),
        (0, 0, 0, 0, 0, 0xffff) | (0, 0, 0, 0, 0xffff, 0) | (0x64, 0xff9b, 0, 0, 0, 0) => last(),
        (0x2002, ..) => from_segments(b, c),
        _ => address,
    }
}

fn from_segments(high: u16, low: u16) -> IpAddr {
    Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)).into()
}

fn of_v4(address: Ipv4Addr) -> Kind {
    if METADATA_V4.contains(&address) {
        return Kind::Metadata;
    }
    match address.octets() {
        [0, ..] => Kind::Unspecified,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Kind::Private,
        [100, 64..=127, ..] => Kind::Shared,
        [127, ..] => Kind::Loopback,
        [169, 254, ..] => Kind::LinkLocal,
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Kind::Documentation,
        [198, 18 | 19, ..] => Kind::Benchmarking,
        [224..=239, ..] => Kind::Multicast,
        [255, 255, 255, 255] => Kind::Broadcast,
        [192, 0, 0, _] | [192, 88, 99, _] | [240..=255, ..] => Kind::Reserved,
        _ => Kind::Public,
    }
}

fn of_v6(address: Ipv6Addr) -> Kind {
    if METADATA_V6.contains(&address) {
        return Kind::Metadata;
    }
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => Kind::Unspecified,
        [0, 0, 0, 0, 0, 0, 0, 1] => Kind::Loopback,
        [0xfc00..=0xfdff | 0xfec0..=0xfeff, ..] => Kind::UniqueLocal,
        [0xfe80..=0xfebf, ..] => Kind::LinkLocal,
        [0xff00..=0xffff, ..] => Kind::Multicast,
        [0x2001, 0x0db8, ..] | [0x3fff, 0..=0x0fff, ..] => Kind::Documentation,
        [0x2001, 2, 0, ..] => Kind::Benchmarking,
        [0x2001, 0..=0x01ff, ..] => Kind::Reserved,
        [0x2000..=0x3fff, ..] => Kind::Public,
        _ => Kind::Reserved,
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Public => "a public address",
            Self::Loopback => "a loopback address",
            Self::Private | Self::UniqueLocal => "an address of a private network",
            Self::Shared => "an address of the shared range 100.64.0.0/10",
            Self::LinkLocal => "a link-local address",
            Self::Metadata => "the address of a cloud's metadata service",
            Self::Unspecified => "the unspecified address",
            Self::Multicast => "a multicast address",
            Self::Broadcast => "the broadcast address",
            Self::Documentation => "an address for documentation",
            Self::Benchmarking => "an address for benchmarks",
            Self::Reserved => "a reserved address",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(address: &str) -> Kind {
        Kind::of(address.parse().unwrap_or_else(|error| panic!("{address}: {error}")))
    }

    /// Both ends of each range, and what lies beside them.
    #[test]
    fn kinds() {
        use Kind::*;
        for (kind_of_all, addresses) in [
            (Loopback, "127.0.0.0 127.0.0.1 127.255.255.255 ::1"),
            (Private, "10.0.0.0 10.255.255.255 172.16.0.0 172.31.255.255 192.168.0.0 192.168.255.255"),
            (UniqueLocal, "fc00:: fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff fec0:: feff::1"),
            (Shared, "100.64.0.0 100.127.255.255"),
            (LinkLocal, "169.254.0.0 169.254.255.255 fe80:: fe80::1 febf:ffff::1"),
            (Metadata, "169.254.169.254 169.254.170.2 168.63.129.16 100.100.100.200 fd00:ec2::254 fd20:ce::254"),
            (Unspecified, "0.0.0.0 0.255.255.255 ::"),
            (Multicast, "224.0.0.0 239.255.255.255 ff00:: ff02::1 ffff::1"),
            (Broadcast, "255.255.255.255"),
            (Documentation, "192.0.2.1 198.51.100.1 203.0.113.255 2001:db8::1 3fff:: 3fff:fff:ffff::1"),
            (Benchmarking, "198.18.0.0 198.19.255.255 2001:2::1"),
            (Reserved, "192.0.0.0 192.0.0.255 192.88.99.1 240.0.0.0 255.255.255.254"),
            (Reserved, "2001::1 2001:1::1 2001:2:1::1 2001:1ff:ffff::1 64:ff9b:1::1 64:ff9b:0:0:1::1"),
            (Reserved, "100::1 5f00::1 4000:: 1fff::1 fe00::1 fe7f::1 ::1:0:0:0 0:0:0:0:1::"),
            (Public, "1.1.1.1 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0"),
            (Public, "169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 192.0.1.0 192.0.3.0 192.88.98.1"),
            (Public, "192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 198.51.99.1 203.0.114.1 223.255.255.255"),
            (Public, "2000:: 2001:200::1 2001:db7::1 2001:db9::1 2606:4700::1111 3ffe::1 3fff:1000::1"),
        ] {
            for address in addresses.split(' ') {
                assert_eq!(kind(address), kind_of_all, "{address}");
            }
        }
    }

    #[test]
    fn a_wrapper_is_of_the_kind_of_what_it_wraps() {
        for inner in ["127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.0.1", "0.0.0.2", "255.255.255.255", "8.8.8.8"]
        {
            let expected = kind(inner);
            let address: Ipv4Addr = inner.parse().unwrap();
            let [a, b, c, d] = address.octets();
            let hex = format!("{a:02x}{b:02x}:{c:02x}{d:02x}");
            for wrapper in [
                format!("::ffff:{inner}"),
                format!("::ffff:{hex}"),
                format!("::{inner}"),
                format!("::ffff:0:{inner}"),
                format!("64:ff9b::{inner}"),
                format!("2002:{hex}::1"),
            ] {
                assert_eq!(kind(&wrapper), expected, "{wrapper}");
            }
        }
    }

    proptest::proptest! {
        /// The standard library's own tests, as far as they are stable, never call public what is not.
        #[test]
        fn agrees_with_the_standard_library(bits: u32) {
            let address = Ipv4Addr::from_bits(bits);
            let special = address.is_private() || address.is_loopback() || address.is_link_local()
                || address.is_multicast() || address.is_broadcast() || address.is_documentation()
                || address.is_unspecified();
            proptest::prop_assert!(!special || Kind::of(address.into()) != Kind::Public);
        }
    }
}
