//! The settings of a keyring, and keys as clients are told them.

use llm_layers_core::Secret;

use super::{DEFAULT_IGNORED, Key, Keyring, Namespace, Tenant, domain::Domains};

impl Keyring {
    /// Another secret: keys made by one are no keys by another.
    pub(crate) fn with_secret(self, secret: &Secret) -> Self {
        let secret = blake3::derive_key("llm-layers-cache 1 keys of entries", secret.expose().as_bytes());
        Self { domains: Domains::new(&secret), ..self }
    }

    /// Another member does not change the answer.
    pub(crate) fn ignore(&mut self, name: Box<str>) {
        self.ignored.add(name);
    }

    /// A member changes the answer.
    pub(crate) fn heed(&mut self, name: &str) {
        self.ignored.remove(name);
    }
}

/// A secret by chance, and the members that are known not to change answers.
impl Default for Keyring {
    fn default() -> Self {
        let mut secret = [0; 32];
        // Nothing but that is lost: keys still tell requests and tenants apart.
        if getrandom::fill(&mut secret).is_err() {
            tracing::warn!("the system has no random numbers: who sees a key can guess what was asked; set a secret");
        }
        Self::new(secret, DEFAULT_IGNORED.iter().map(|name| Box::from(*name)))
    }
}

impl Key {
    /// The key whose digest a client was told.
    pub(crate) fn told(tenant: Tenant, namespace: Namespace, hex: &str) -> Option<Self> {
        if hex.len() != 64 {
            return None;
        }
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let mut digest = [0; 32];
        for (byte, pair) in digest.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
            let [high, low] = pair else { return None };
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Some(Self::new(tenant, namespace, digest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_was_told_is_the_key() {
        let ring = Keyring::default();
        let (tenant, namespace) = (ring.tenant("t"), ring.namespace("n"));
        let key = Key::new(tenant, namespace, std::array::from_fn(|at| u8::try_from(at * 7).unwrap()));
        assert!(Key::told(tenant, namespace, &key.to_string()) == Some(key));
        for wrong in ["", "00", &"g".repeat(64), &"é".repeat(32), &"0".repeat(63)] {
            assert!(Key::told(tenant, namespace, wrong).is_none(), "{wrong}");
        }
    }
}
