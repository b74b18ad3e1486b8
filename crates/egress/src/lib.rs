//! What may be reached, and whom to believe there: the guard of a program that sends keys and prompts to providers.
//!
//! A proxy connects to whatever its base URLs say. A mistyped one, one that somebody else could write, or a name whose
//! DNS answer somebody else controls, leads the proxy with its keys to another party, to the network behind it, or to
//! the service that hands out its cloud's credentials. Here is what stands in between, for hyper-util's client:
//!
//! | question | asked of | answer |
//! | --- | --- | --- |
//! | Is this origin one of ours? | every connection's URL | [`Allowlist`], in a [`Guard`] |
//! | Is this address public, or allowed? | every address that is connected to | [`AddressPolicy`], in a [`Guard`] |
//! | Is the certificate valid? | every full TLS handshake | [`Trust`]; nothing switches it off |
//! | Is one of the pinned keys in its chain? | the same | [`Pins`] |
//! | Are the keys those of last time? | the same | [`ChainWatch`] |
//! | Does this answer lead elsewhere? | every answer | [`RefuseRedirects`] |
//!
//! # Connect to public addresses only
//!
//! ```
//! use http::Uri;
//! use http_body_util::Empty;
//! use hyper_util::client::legacy::{Client, connect::{HttpConnector, dns::GaiResolver}};
//! use hyper_util::rt::TokioExecutor;
//! use llm_layers_egress::{Guard, Refused};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! let guard = Guard::default();
//! let mut http = HttpConnector::new_with_resolver(guard.resolver(GaiResolver::new()));
//! http.enforce_http(false); // TLS, if any, goes around the guard's connector
//! let client: Client<_, Empty<bytes::Bytes>> = Client::builder(TokioExecutor::new()).build(guard.connector(http));
//!
//! let metadata = Uri::from_static("http://169.254.169.254/latest/meta-data/");
//! let error = client.get(metadata).await.unwrap_err();
//! assert!(matches!(Refused::find(&error), Some(Refused::Address { .. })));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Name the origins, open a private network, pin a key
//!
//! ```
//! use std::sync::Arc;
//!
//! use http::Uri;
//! use hyper_rustls::HttpsConnectorBuilder;
//! use hyper_util::client::legacy::connect::{HttpConnector, dns::GaiResolver};
//! use llm_layers_egress::{AddressPolicy, Allowlist, ChainWatch, Guard, Pins, Trust};
//! use rustls::pki_types::{CertificateDer, pem::PemObject};
//!
//! # let ca_pem = {
//! #     use base64::Engine as _;
//! #     let ca = rcgen::generate_simple_self_signed([])?.cert;
//! #     let base64 = base64::engine::general_purpose::STANDARD.encode(ca.der());
//! #     format!("-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n")
//! # };
//! let base_url = Uri::from_static("https://models.corp.example:8443/v1");
//! let addresses = AddressPolicy::default().allow("10.20.0.0/16".parse()?);
//! let guard = Guard::new(addresses).allowlist(Allowlist::parse(["https://*.corp.example:8443"])?);
//! guard.check(&base_url)?; // when the configuration is read, and again for every connection
//!
//! // A private certificate authority is trusted beside the system's.
//! let roots = CertificateDer::pem_slice_iter(ca_pem.as_bytes()).collect::<Result<Vec<_>, _>>()?;
//! let trust = Trust::platform_and(roots)?;
//! let pins = Pins::parse([
//!     "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", // the key in use
//!     "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", // the one that will follow it
//! ])?;
//! let watch = Arc::new(ChainWatch::new([&base_url])); // one for all providers
//! let tls = trust.client_config(Some(pins), watch)?;
//!
//! let mut http = HttpConnector::new_with_resolver(guard.resolver(GaiResolver::new()));
//! http.enforce_http(false);
//! let connector = HttpsConnectorBuilder::new()
//!     .with_tls_config(tls)
//!     .https_only()
//!     .enable_http1()
//!     .wrap_connector(guard.connector(http));
//! # let _ = connector;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A private certificate authority, and no switch
//!
//! No setting, argument or environment variable of this crate makes it accept a certificate that does not verify. For a
//! provider with certificates of a private authority give that authority's root ([`Trust::platform_and`], or
//! [`Trust::only`] to trust nobody else); for one with a self-signed certificate give that certificate. On Unix the
//! system's roots are what `rustls-native-certs` finds, so whoever sets `SSL_CERT_FILE` for the process chooses them:
//! [`Trust::only`] is deaf to that.
//!
//! # What a pin is compared with
//!
//! After the chain has been verified in full, so that a pin never excuses an expired certificate or another host's: the
//! key of the host's own certificate, and those of the certificates that it came with, as far as its own verifies with
//! them as the only root. A pin on the own key is the strictest and breaks with each new key; one on an issuer's
//! survives them and trusts that issuer. A certificate that merely lies beside the chain counts for nothing: anybody
//! can put one there. A root is seldom presented, so a pin on it seldom matches: pin what it has signed.
//!
//! A resumed TLS session presents no chain. rustls resumes one only for the verifier that made it, so the pins held then.
//!
//! # Limits
//!
//! - Ten certificates of a chain are looked at, and the keys of four chains per host remembered, of the hosts that
//!   [`ChainWatch`] was made with.
//! - Connections that are open stay open: a guard, pins and roots that change need new clients.
//! - The resolver itself is not guarded: a name that is refused has been asked for, unless the allowlist refuses it first.
//! - A proxy between (`HTTPS_PROXY`) would resolve names itself, beyond this guard. hyper-util's client uses none unasked.
//! - An IPv6 network may translate addresses by a NAT64 prefix of its own from public space, which nothing here can know.
//!
//! # Errors
//!
//! All refusals are a [`Refused`], which may lie deep inside a client's error: [`Refused::find`] finds it there. All but
//! [`Refused::Redirect`] come before any byte of the request has left. To try again is useless.
//!
//! # Metrics and logs
//!
//! `llm_egress_chain_changes_total{host}` counts changes of the keys that a watched host shows. A chain that is none of
//! the last four is logged as a warning with the pins before and after, and with whether the issuers' keys changed too.
//!
//! # Sources
//!
//! Kinds of addresses: IANA's special-purpose, multicast and IPv6 address space registries with their RFCs, dated at
//! [`Kind`]. Origins: RFC 6454. Numbers as hosts: the URL standard's IPv4 parser, November 2026. Pins: RFC
//! 7469, section 2.4; it compares with the validated chain (section 2.6), for the reason above.
//!
//! # Dependencies
//!
//! rustls itself reads certificates and verifies paths, so no X.509 parser comes in; `rustls-platform-verifier` is what
//! hyper-rustls uses; `sha2` and `base64` spell pins.

mod address;
mod allowlist;
mod connector;
mod observe;
mod origin;
mod pin;
mod redirect;
mod refused;
mod resolver;
mod trust;
mod verifier;
mod watch;

pub use address::{AddressPolicy, Kind, Network, NetworkError};
pub use allowlist::{Allowlist, Pattern, PatternError};
pub use connector::{Connecting, Guard, GuardedConnector};
pub use origin::{Origin, OriginError};
pub use pin::{Pin, PinError, Pins};
pub use redirect::{Answering, Redirect, RefuseRedirects};
pub use refused::Refused;
pub use resolver::{GuardedResolver, Resolving};
pub use trust::Trust;
pub use watch::ChainWatch;

/// What connectors and resolvers answer with.
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;
