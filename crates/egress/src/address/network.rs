//! A block of addresses.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

/// A block of addresses: `10.1.0.0/16`, `fd12::/32`, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// Why a text is not a [`Network`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NetworkError {
    /// What comes before the slash is not an address.
    Address,
    /// What comes after the slash is not a number of bits that such an address has.
    Prefix,
    /// The address has bits beyond the prefix: perhaps another block was meant.
    HostBits,
}

impl Network {
    pub(super) const LOOPBACK: Self = Self { address: IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)), prefix: 8 };

    /// Whether the address is in this block. IPv4 and IPv6 are apart: an IPv4-mapped address is in no IPv4 block.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        same_family(self.address, address) && (bits(self.address) ^ bits(address)) & self.mask() == 0
    }

    pub(super) fn is_single(&self) -> bool {
        self.prefix == width(self.address)
    }

    /// The bits that all its addresses share, in an integer as wide as the address.
    fn mask(&self) -> u128 {
        let free = u32::from(width(self.address) - self.prefix);
        u128::MAX.checked_shl(free).unwrap_or(0)
    }
}

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        Self { address, prefix: width(address) }
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let mut network: Self = address.parse::<IpAddr>().map_err(|_| NetworkError::Address)?.into();
        if let Some(prefix) = prefix {
            let is_number = prefix.bytes().all(|byte| byte.is_ascii_digit());
            let bits = prefix.parse().ok().filter(|bits| is_number && *bits <= network.prefix);
            network.prefix = bits.ok_or(NetworkError::Prefix)?;
        }
        if bits(network.address) & !network.mask() != 0 {
            return Err(NetworkError::HostBits);
        }
        Ok(network)
    }
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_bits().into(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

fn same_family(a: IpAddr, b: IpAddr) -> bool {
    a.is_ipv4() == b.is_ipv4()
}

impl fmt::Display for Network {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.address, self.prefix)
    }
}

impl fmt::Display for NetworkError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Address => "not an IP address; a block is written as in `10.1.0.0/16`",
            Self::Prefix => "what follows the slash is not a number of bits of the address",
            Self::HostBits => "the address has bits beyond the prefix",
        })
    }
}

impl std::error::Error for NetworkError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_contain_their_addresses() {
        for (block, inside, outside) in [
            ("10.1.0.0/16", "10.1.0.0 10.1.255.255", "10.0.255.255 10.2.0.0 ::ffff:10.1.0.1 ::a01:1"),
            ("127.0.0.1", "127.0.0.1", "127.0.0.0 127.0.0.2"),
            ("0.0.0.0/0", "0.0.0.0 255.255.255.255", ":: ::1"),
            ("100.64.0.0/10", "100.127.255.255", "100.128.0.0"),
            ("fd12::/32", "fd12:: fd12:0:ffff::1", "fd12:1:: 10.0.0.1"),
            ("::/0", ":: ffff::", "0.0.0.0"),
            ("::1", "::1", "::"),
        ] {
            let network: Network = block.parse().unwrap();
            assert!(inside.split(' ').all(|address| network.contains(address.parse().unwrap())), "{block}");
            assert!(!outside.split(' ').any(|address| network.contains(address.parse().unwrap())), "{block}");
            assert_eq!(network.to_string().parse(), Ok(network));
        }
    }

    #[test]
    fn refuses_what_is_not_a_block() {
        for (text, error) in [
            ("", NetworkError::Address),
            ("localhost", NetworkError::Address),
            ("010.0.0.0/8", NetworkError::Address),
            ("10.1/16", NetworkError::Address),
            ("10.0.0.0/", NetworkError::Prefix),
            ("10.0.0.0/33", NetworkError::Prefix),
            ("10.0.0.0/+8", NetworkError::Prefix),
            ("10.0.0.0/8/8", NetworkError::Prefix),
            ("::/129", NetworkError::Prefix),
            ("10.1.0.0/8", NetworkError::HostBits),
            ("fd12::1/64", NetworkError::HostBits),
        ] {
            assert_eq!(text.parse::<Network>(), Err(error), "{text}");
        }
    }
}
