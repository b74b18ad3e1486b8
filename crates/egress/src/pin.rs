//! The hash of a public key.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::CertificateDer;
use rustls::server::ParsedCertificate;
use sha2::{Digest, Sha256};

const PREFIX: &str = "sha256/";

/// The SHA-256 of a certificate's `SubjectPublicKeyInfo`, written `sha256/` and 44 characters of base64.
///
/// It stays the same when a certificate is renewed with the same key. It is the hash of RFC 7469 (section 2.4); for
/// a host as it is now, OpenSSL prints the part after the slash:
///
/// ```text
/// openssl s_client -connect HOST:443 -servername HOST </dev/null | openssl x509 -pubkey -noout |
///   openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | openssl base64
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pin([u8; 32]);

/// The keys of which one must be in a certificate chain: one at least.
///
/// Give a second one that is not in use yet, or the issuer's: with a single pin, a provider that changes its key
/// cannot be reached until the pin is changed as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pins(Vec<Pin>);

/// Why a text is not a pin, or a list no pins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PinError {
    /// It does not begin with `sha256/`.
    Algorithm,
    /// What follows is not the base64 of 32 bytes.
    Hash,
    /// The list is empty: it would either refuse every chain or check none.
    Empty,
}

impl Pin {
    /// The pin of a certificate's key; `None` where the certificate cannot be read.
    #[must_use]
    pub fn of(certificate: &CertificateDer<'_>) -> Option<Self> {
        let certificate = ParsedCertificate::try_from(certificate).ok()?;
        Some(Self(Sha256::digest(certificate.subject_public_key_info()).into()))
    }
}

impl Pins {
    /// A list of pins.
    ///
    /// # Errors
    /// [`PinError::Empty`].
    pub fn new(pins: impl IntoIterator<Item = Pin>) -> Result<Self, PinError> {
        let pins: Vec<_> = pins.into_iter().collect();
        if pins.is_empty() { Err(PinError::Empty) } else { Ok(Self(pins)) }
    }

    /// Parses each text as a pin.
    ///
    /// # Errors
    /// The first that is none, or [`PinError::Empty`].
    pub fn parse<'t>(pins: impl IntoIterator<Item = &'t str>) -> Result<Self, PinError> {
        Self::new(pins.into_iter().map(str::parse).collect::<Result<Vec<_>, _>>()?)
    }

    pub(crate) fn contains(&self, pin: &Pin) -> bool {
        self.0.contains(pin)
    }
}

impl FromStr for Pin {
    type Err = PinError;

    fn from_str(text: &str) -> Result<Self, PinError> {
        let hash = text.strip_prefix(PREFIX).ok_or(PinError::Algorithm)?;
        let hash = STANDARD.decode(hash).map_err(|_| PinError::Hash)?;
        hash.try_into().map(Self).map_err(|_| PinError::Hash)
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{PREFIX}{}", STANDARD.encode(self.0))
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl fmt::Display for PinError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Algorithm => "a pin begins with `sha256/`",
            Self::Hash => "after `sha256/` follow the 44 characters that are 32 bytes in base64",
            Self::Empty => "a list of pins has one pin at least",
        })
    }
}

impl std::error::Error for PinError {}

#[cfg(test)]
mod tests {
    use super::*;

    const PIN: &str = "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    #[test]
    fn reads_and_writes_one_spelling() {
        let pin: Pin = PIN.parse().unwrap();
        assert_eq!(pin, Pin(Sha256::digest(b"").into()));
        assert_eq!(pin.to_string(), PIN);
    }

    #[test]
    fn refuses_the_rest() {
        let url_safe = PIN.replace('+', "-");
        let unpadded = PIN.replace('=', "");
        let curl = PIN.replace('/', "//");
        let bits_beyond = PIN.replace("FU=", "FV=");
        for (text, error) in [
            ("", PinError::Algorithm),
            ("sha1/2jmj7l5rSw0yVb/vlWAYkK/YBwk=", PinError::Algorithm),
            ("SHA256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", PinError::Algorithm),
            ("sha256/", PinError::Hash),
            ("sha256/2jmj7l5rSw0yVb/vlWAYkK/YBwk=", PinError::Hash),
            (&url_safe, PinError::Hash),
            (&unpadded, PinError::Hash),
            (&curl, PinError::Hash),
            (&bits_beyond, PinError::Hash),
        ] {
            assert_eq!(text.parse::<Pin>(), Err(error), "{text}");
        }
        assert_eq!(Pins::parse([]), Err(PinError::Empty));
        assert_eq!(Pins::parse([PIN, "x"]), Err(PinError::Algorithm));
    }

    #[test]
    fn what_is_not_a_certificate_has_no_pin() {
        for bytes in [&b""[..], b"0", &[0x30, 0x80], &[0xff; 64]] {
            assert_eq!(Pin::of(&bytes.to_vec().into()), None);
        }
    }
}
