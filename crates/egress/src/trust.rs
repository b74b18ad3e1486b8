//! Whose certificates are believed.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, OtherError, RootCertStore};

use crate::pin::Pins;
use crate::verifier::PinnedVerifier;
use crate::watch::ChainWatch;

/// Whose certificates are believed. Make one, which may read files, and [client configurations](Self::client_config)
/// from it for each provider.
///
/// There is none that believes everybody, and no way to make one out of a verifier of one's own.
#[derive(Debug, Clone)]
pub struct Trust {
    verifier: Arc<dyn ServerCertVerifier>,
    crypto: Arc<CryptoProvider>,
}

impl Trust {
    /// The roots that the operating system trusts.
    ///
    /// # Errors
    /// Where it has none, or they cannot be read.
    pub fn platform() -> Result<Self, rustls::Error> {
        Self::platform_and([])
    }

    /// The roots that the operating system trusts, and further ones: those of a private certificate authority.
    ///
    /// # Errors
    /// As for [`Trust::platform`], or where one of the further ones is no certificate.
    pub fn platform_and(roots: impl IntoIterator<Item = CertificateDer<'static>>) -> Result<Self, rustls::Error> {
        let crypto = crypto();
        let verifier = rustls_platform_verifier::Verifier::new_with_extra_roots(roots, Arc::clone(&crypto))?;
        Ok(Self { verifier: Arc::new(verifier), crypto })
    }

    /// These roots and no others.
    ///
    /// # Errors
    /// Where there is none, or one of them is no certificate.
    pub fn only(roots: impl IntoIterator<Item = CertificateDer<'static>>) -> Result<Self, rustls::Error> {
        let crypto = crypto();
        let mut store = RootCertStore::empty();
        for root in roots {
            store.add(root)?;
        }
        let verifier = WebPkiServerVerifier::builder_with_provider(store.into(), Arc::clone(&crypto))
            .build()
            .map_err(|error| rustls::Error::Other(OtherError(Arc::new(error))))?;
        Ok(Self { verifier, crypto })
    }

    /// How to speak TLS with one provider: versions 1.2 and 1.3, and the certificate verified in full; then, if
    /// there are pins, one of them demanded. ALPN is left to the connector.
    ///
    /// # Errors
    /// Where the cryptography at hand cannot do these versions.
    pub fn client_config(&self, pins: Option<Pins>, watch: Arc<ChainWatch>) -> Result<ClientConfig, rustls::Error> {
        let verifier = PinnedVerifier {
            inner: Arc::clone(&self.verifier),
            algorithms: self.crypto.signature_verification_algorithms,
            pins,
            watch,
        };
        // "Dangerous" is what rustls calls any verifier but its own. This one asks another first, which only the
        // constructors above choose.
        let builder =
            ClientConfig::builder_with_provider(Arc::clone(&self.crypto)).with_safe_default_protocol_versions()?;
        Ok(builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth())
    }
}

fn crypto() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}
