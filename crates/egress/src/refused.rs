//! What was not done, and why.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::IpAddr;

use crate::address::Kind;
use crate::origin::OriginError;
use crate::pin::Pin;
use crate::redirect::Redirect;

/// What was not done, and why. Its text is for the operator: it names hosts, addresses and public keys, nothing else
/// of a URL and nothing of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refused {
    /// The URL's host can be read in two ways, or it has none.
    Spelling(OriginError),
    /// The origin is not on the [`Allowlist`](crate::Allowlist).
    Origin {
        /// The origin, as in `https://host:8443`.
        origin: String,
    },
    /// The host is, or resolves to, an address that may not be connected to. One of several is named.
    Address {
        /// The host.
        host: String,
        /// The address.
        address: IpAddr,
        /// What the address is for.
        kind: Kind,
    },
    /// The certificate chain is valid, and none of the pinned keys is in it.
    Pin {
        /// The host that was connected to.
        host: String,
        /// The keys that were seen, the host's own first.
        seen: Vec<Pin>,
    },
    /// The answer asks to go elsewhere.
    Redirect(Redirect),
}

impl Refused {
    /// Finds a refusal in the error of an HTTP client, which wraps it several times over.
    #[must_use]
    pub fn find<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(refused) = error.downcast_ref() {
                return Some(refused);
            }
            // Neither of these two names as its source what it holds.
            next = match (error.downcast_ref::<io::Error>(), error.downcast_ref::<rustls::Error>()) {
                (Some(error), _) => error.get_ref().map(|inner| inner as _),
                (_, Some(rustls::Error::Other(other))) => Some(other),
                _ => error.source(),
            };
        }
        None
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Spelling(error) => error.fmt(out),
            Self::Origin { origin } => write!(out, "{origin} is not on the list of allowed origins"),
            Self::Redirect(redirect) => write!(out, "answered by {redirect}, which is not followed"),
            Self::Address { host, address, kind } => {
                write!(out, "{host} leads to {address}, {kind}, which may not be connected to unless it is allowed")
            }
            Self::Pin { host, seen } => {
                write!(out, "none of the keys pinned for {host} is in its certificate chain; seen: ")?;
                for (i, pin) in seen.iter().enumerate() {
                    write!(out, "{}{pin}", if i == 0 { "" } else { ", " })?;
                }
                Ok(())
            }
        }
    }
}

impl Error for Refused {}
