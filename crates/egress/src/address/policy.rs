//! Which addresses may be connected to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::Uri;

use super::kind::{Kind, unwrapped};
use super::network::Network;
use crate::Refused;
use crate::origin::{Host, Origin};

/// Which addresses may be connected to: by default, public ones only.
///
/// ```
/// use llm_layers_egress::{AddressPolicy, Kind};
///
/// let public = AddressPolicy::default();
/// assert_eq!(public.check("93.184.215.14".parse()?), Ok(()));
/// assert_eq!(public.check("192.168.1.20".parse()?), Err(Kind::Private));
/// assert_eq!(public.check("::ffff:169.254.169.254".parse()?), Err(Kind::Metadata));
///
/// let office = AddressPolicy::default().allow("192.168.1.0/24".parse()?);
/// assert_eq!(office.check("192.168.1.20".parse()?), Ok(()));
/// assert_eq!(office.check("192.168.2.20".parse()?), Err(Kind::Private));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddressPolicy {
    private: bool,
    networks: Vec<Network>,
}

impl AddressPolicy {
    /// Lets loopback addresses and those of private networks pass: [`Kind::Loopback`], [`Kind::Private`],
    /// [`Kind::UniqueLocal`], [`Kind::Shared`]. Link-local addresses and metadata services stay refused.
    #[must_use]
    pub fn allow_private(mut self) -> Self {
        self.private = true;
        self
    }

    /// Lets the addresses of one block pass, of whatever kind; a metadata service only where the block is its
    /// address and no other.
    #[must_use]
    pub fn allow(mut self, network: Network) -> Self {
        self.networks.push(network);
        self
    }

    /// What a base URL says by itself. One whose host is an address of a private network, a loopback or a
    /// link-local address means that address; `localhost` means the loopback addresses. Every other one, a metadata
    /// service's among them, means nothing beyond public addresses.
    #[must_use]
    pub fn implied_by(base_url: &Uri) -> Self {
        let policy = Self::default();
        match Origin::of(base_url).map(|origin| origin.host) {
            Ok(Host::Ip(address)) if is_somebodys_own(Kind::of(address)) => policy.allow(unwrapped(address).into()),
            Ok(host) if host.is_localhost() => {
                policy.allow(Network::LOOPBACK).allow(IpAddr::V6(Ipv6Addr::LOCALHOST).into())
            }
            _ => policy,
        }
    }

    /// Whether this address may be connected to.
    ///
    /// # Errors
    /// What the address is for, if it is refused.
    pub fn check(&self, address: IpAddr) -> Result<(), Kind> {
        let address = unwrapped(address);
        let kind = Kind::of(address);
        let listed = || self.networks.iter().any(|block| block.contains(address) && may_open(block, kind));
        let is_private = matches!(kind, Kind::Loopback | Kind::Private | Kind::UniqueLocal | Kind::Shared);
        if kind == Kind::Public || (self.private && is_private) || listed() { Ok(()) } else { Err(kind) }
    }

    /// Whether a URL may be connected to as far as it shows: its host may be an address, for which no resolver is
    /// asked, or `localhost`. Any other name is for [`GuardedResolver`](crate::GuardedResolver) to judge.
    ///
    /// # Errors
    /// [`Refused::Address`], or [`Refused::Spelling`] where the host can be read in two ways.
    pub fn permits_uri(&self, uri: &Uri) -> Result<(), Refused> {
        self.permits_origin(&Origin::of(uri).map_err(Refused::Spelling)?)
    }

    pub(crate) fn permits_origin(&self, origin: &Origin) -> Result<(), Refused> {
        let addresses: &[IpAddr] = match &origin.host {
            Host::Ip(address) => &[*address],
            host if host.is_localhost() => &[IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)],
            Host::Name(_) => return Ok(()),
        };
        let mut refused = Ok(());
        for &address in addresses {
            match self.check(address) {
                Ok(()) => return Ok(()),
                Err(kind) => refused = Err(Refused::Address { host: origin.host.to_string(), address, kind }),
            }
        }
        refused
    }
}

/// Kinds of which a base URL can mean one address, as it stands.
fn is_somebodys_own(kind: Kind) -> bool {
    matches!(kind, Kind::Loopback | Kind::Private | Kind::UniqueLocal | Kind::Shared | Kind::LinkLocal)
}

/// Nobody who allows a whole range thinks of the credentials that are handed out in it.
fn may_open(block: &Network, kind: Kind) -> bool {
    kind != Kind::Metadata || block.is_single()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn private_opens_private_networks_and_no_more() {
        let policy = AddressPolicy::default().allow_private();
        for address in ["8.8.8.8", "127.0.0.1", "::1", "10.0.0.1", "fd12::1", "100.64.0.1", "::ffff:10.0.0.1"] {
            assert_eq!(policy.check(ip(address)), Ok(()), "{address}");
        }
        for (address, kind) in [
            ("169.254.1.1", Kind::LinkLocal),
            ("fe80::1", Kind::LinkLocal),
            ("169.254.169.254", Kind::Metadata),
            ("64:ff9b::a9fe:a9fe", Kind::Metadata),
            ("100.100.100.200", Kind::Metadata),
            ("fd00:ec2::254", Kind::Metadata),
            ("0.0.0.0", Kind::Unspecified),
            ("224.0.0.1", Kind::Multicast),
        ] {
            assert_eq!(policy.check(ip(address)), Err(kind), "{address}");
        }
    }

    #[test]
    fn a_block_opens_what_is_in_it_whatever_wraps_it() {
        let policy = AddressPolicy::default().allow("10.1.0.0/16".parse().unwrap());
        assert_eq!(policy.check(ip("10.1.2.3")), Ok(()));
        assert_eq!(policy.check(ip("::ffff:10.1.2.3")), Ok(()));
        assert_eq!(policy.check(ip("::ffff:10.2.2.3")), Err(Kind::Private));
    }

    #[test]
    fn a_metadata_service_is_opened_only_by_its_name() {
        let wide = ["0.0.0.0/0", "::/0", "169.254.0.0/16", "169.254.169.254/31"];
        let policy = wide
            .iter()
            .fold(AddressPolicy::default().allow_private(), |policy, block| policy.allow(block.parse().unwrap()));
        assert_eq!(policy.check(ip("169.254.1.1")), Ok(()));
        assert_eq!(policy.check(ip("169.254.169.254")), Err(Kind::Metadata));
        assert_eq!(policy.check(ip("fd00:ec2::254")), Err(Kind::Metadata));
        let policy = policy.allow("169.254.169.254".parse().unwrap());
        assert_eq!(policy.check(ip("169.254.169.254")), Ok(()));
    }

    #[test]
    fn a_url_shows_its_literal_address() {
        let policy = AddressPolicy::default();
        for url in ["https://api.example.com/", "https://8.8.8.8/", "https://[2606:4700::1111]/"] {
            assert_eq!(policy.permits_uri(&url.parse().unwrap()), Ok(()), "{url}");
        }
        for (url, kind) in [
            ("http://127.0.0.1:8000/", Kind::Loopback),
            ("http://localhost:8000/", Kind::Loopback),
            ("http://LocalHost/", Kind::Loopback),
            ("http://x.localhost/", Kind::Loopback),
            ("http://10.0.0.1/", Kind::Private),
            ("http://[::1]/", Kind::Loopback),
            ("http://[::ffff:127.0.0.1]/", Kind::Loopback),
            ("http://[::ffff:a9fe:a9fe]/", Kind::Metadata),
            ("http://169.254.169.254/latest/", Kind::Metadata),
            ("http://0.0.0.0:8000/", Kind::Unspecified),
            ("http://[::]/", Kind::Unspecified),
        ] {
            match policy.permits_uri(&url.parse().unwrap()) {
                Err(Refused::Address { kind: found, .. }) => assert_eq!(found, kind, "{url}"),
                other => panic!("{url}: {other:?}"),
            }
        }
        for url in ["http://0x7f.1/", "http://2130706433/", "http://127.1/", "http://localhost./", "http://a@10.0.0.1/"]
        {
            let found = AddressPolicy::default().allow_private().permits_uri(&url.parse().unwrap());
            assert!(matches!(found, Err(Refused::Spelling(_))), "{url}: {found:?}");
        }
    }

    #[test]
    fn a_base_url_implies_its_own_address_and_no_other() {
        for (url, opened, closed) in [
            ("http://127.0.0.1:8000/v1", "127.0.0.1", "127.0.0.2 ::1 10.0.0.1"),
            ("http://localhost:8000/v1", "127.0.0.1 127.0.0.53 ::1", "10.0.0.1 169.254.169.254"),
            ("http://[::ffff:10.0.0.7]/v1", "10.0.0.7 ::ffff:10.0.0.7", "10.0.0.8"),
            ("http://[fe80::7]/v1", "fe80::7", "fe80::8"),
            ("https://api.example.com/v1", "8.8.8.8", "127.0.0.1"),
            ("http://169.254.169.254/v1", "8.8.8.8", "169.254.169.254"),
            ("http://0.0.0.0:8000/v1", "8.8.8.8", "0.0.0.0 127.0.0.1"),
            ("http://224.0.0.1/v1", "8.8.8.8", "224.0.0.1"),
        ] {
            let policy = AddressPolicy::implied_by(&url.parse().unwrap());
            assert!(opened.split(' ').all(|address| policy.check(ip(address)).is_ok()), "{url}");
            assert!(closed.split(' ').all(|address| policy.check(ip(address)).is_err()), "{url}");
        }
    }
}
