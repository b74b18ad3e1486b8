//! What is demanded of a certificate chain beyond its being valid.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{DigitallySignedStruct, DistinguishedName, Error, OtherError, RootCertStore, SignatureScheme};

use crate::Refused;
use crate::pin::{Pin, Pins};
use crate::watch::{Chain, ChainWatch};

/// How many certificates of what a server presents are looked at. Real chains have two to four.
const MAX_CHAIN: usize = 10;

/// Lets another verifier do all of its work first, then demands a pin and tells the watch. It can refuse what the
/// other has accepted, never accept what the other has refused.
#[derive(Debug)]
pub(crate) struct PinnedVerifier {
    pub(crate) inner: Arc<dyn ServerCertVerifier>,
    pub(crate) algorithms: WebPkiSupportedAlgorithms,
    pub(crate) pins: Option<Pins>,
    pub(crate) watch: Arc<ChainWatch>,
}

impl ServerCertVerifier for PinnedVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = self.inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)?;
        let host = server_name.to_str();
        let presented = Presented { end_entity, intermediates, now };
        if let Some(pins) = &self.pins
            && !presented.has_key_of(pins, &self.algorithms)
        {
            let refused = Refused::Pin { host: host.into_owned(), seen: presented.keys() };
            // As `InvalidCertificate` it would be printed by `Debug`, which no operator should have to read.
            return Err(OtherError(Arc::new(refused)).into());
        }
        self.watch.saw(&host.to_ascii_lowercase(), presented.keys());
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }

    fn root_hint_subjects(&self) -> Option<&[DistinguishedName]> {
        self.inner.root_hint_subjects()
    }
}

/// What the server presented.
struct Presented<'p> {
    end_entity: &'p CertificateDer<'p>,
    intermediates: &'p [CertificateDer<'p>],
    now: UnixTime,
}

impl Presented<'_> {
    fn keys(&self) -> Chain {
        let all = std::iter::once(self.end_entity).chain(self.intermediates);
        all.take(MAX_CHAIN).filter_map(Pin::of).collect()
    }

    /// Whether a pinned key is the host's own, or has signed for it through what was presented.
    ///
    /// That a certificate is among the intermediates proves nothing: anybody can add somebody else's. So a pinned
    /// one counts only if the host's certificate verifies with it as the only root.
    fn has_key_of(&self, pins: &Pins, algorithms: &WebPkiSupportedAlgorithms) -> bool {
        let is_pinned = |certificate: &CertificateDer<'_>| Pin::of(certificate).is_some_and(|pin| pins.contains(&pin));
        if is_pinned(self.end_entity) {
            return true;
        }
        let mut pinned = self.intermediates.iter().take(MAX_CHAIN).filter(|certificate| is_pinned(certificate));
        pinned.any(|issuer| self.is_signed_by(issuer, algorithms).is_ok())
    }

    fn is_signed_by(&self, issuer: &CertificateDer<'_>, algorithms: &WebPkiSupportedAlgorithms) -> Result<(), Error> {
        let mut roots = RootCertStore::empty();
        roots.add(issuer.clone().into_owned())?;
        let end_entity = ParsedCertificate::try_from(self.end_entity)?;
        verify_server_cert_signed_by_trust_anchor(&end_entity, &roots, self.intermediates, self.now, algorithms.all)
    }
}
