use aes_gcm_siv::{
    Aes256GcmSiv,
    aead::{Aead, KeyInit, Payload},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use llm_layers_core::Secret;
use llm_layers_pii::Entity;
use memchr::memmem;
use zeroize::Zeroizing;

use crate::{
    Rules,
    keyed::{Keyed, Purpose},
    placeholder::own,
    rules::{ENCRYPTION, derive},
};

/// The bytes of a nonce (RFC 8452, section 4).
const NONCE: usize = 12;

/// Writes `<EMAIL:e:BASE64URL>`: nonce, ciphertext and tag of AES-256-GCM-SIV, with the name as associated data.
/// `false`, and nothing, if the value is too long for the cipher.
///
/// The nonce is a keyed hash of the value within its scope. So equal values of a tenant give equal text, which a cache
/// and a model that compares them need, and those of two tenants do not; and no nonce serves two values, although this
/// cipher would bear that.
pub(crate) fn write(key: &[u8; 32], keyed: &Keyed, entity: &Entity, name: &str, value: &str, out: &mut String) -> bool {
    let hash = keyed.hash(Purpose::Nonce, entity, value);
    let nonce: [u8; NONCE] = hash.first_chunk().copied().unwrap_or_default();
    let payload = Payload { msg: value.as_bytes(), aad: name.as_bytes() };
    let Ok(ciphertext) = Aes256GcmSiv::new(key.into()).encrypt(&nonce.into(), payload) else { return false };
    out.extend(["<", name, ":e:"]);
    BASE64_URL_SAFE_NO_PAD.encode_string([&nonce, &*ciphertext].concat(), out);
    out.push('>');
    true
}

/// The length of what this key has encrypted and stands here.
pub(crate) fn form(text: &str, rules: &Rules) -> Option<usize> {
    read(rules.encryption()?, text).map(|(length, _)| length)
}

/// The text with what was [encrypted](crate::Action::Encrypt) with this key in the clear; `None` where nothing was.
///
/// ```
/// # use llm_layers_core::Secret;
/// # use llm_layers_pii_redaction::decrypt;
/// assert_eq!(decrypt(&Secret::new("key"), "Nothing here is <EMAIL:e:encrypted>."), None);
/// ```
#[must_use]
pub fn decrypt(key: &Secret, text: &str) -> Option<String> {
    let key = derive(ENCRYPTION, key);
    let (mut out, mut from) = (String::new(), 0);
    for at in memmem::find_iter(text.as_bytes(), "<") {
        let Some((length, value)) = text.get(at..).and_then(|rest| read(&key, rest)) else { continue };
        out.push_str(text.get(from..at).unwrap_or_default());
        out.push_str(&value);
        from = at + length;
    }
    (from > 0).then(|| out + text.get(from..).unwrap_or_default())
}

/// The length of what stands here, and the value.
fn read(key: &[u8; 32], text: &str) -> Option<(usize, Zeroizing<String>)> {
    let (name, label) = own::label(text)?;
    let encoded = text.get(label..)?.strip_prefix("e:")?;
    let length = encoded.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')).count();
    let (encoded, rest) = encoded.split_at_checked(length)?;
    if !rest.starts_with('>') {
        return None;
    }
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(encoded).ok()?;
    let (nonce, ciphertext) = bytes.split_first_chunk::<NONCE>()?;
    let payload = Payload { msg: ciphertext, aad: name.as_bytes() };
    let value = Aes256GcmSiv::new(key.into()).decrypt(nonce.into(), payload).ok()?;
    Some((label + 2 + length + 1, Zeroizing::new(String::from_utf8(value).ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encrypted(key: &str, scope: &str, value: &str) -> String {
        let rules = Rules::new().key(&Secret::new(key));
        let (key, keyed) = (rules.encryption().unwrap(), Keyed::new(rules.keyed(), scope).unwrap());
        let mut out = String::new();
        assert!(write(key, &keyed, &Entity::EMAIL, "EMAIL", value, &mut out));
        assert_eq!(form(&out, &rules), Some(out.len()));
        out
    }

    #[test]
    fn the_holder_of_the_key_reads_it_and_nobody_else() {
        let key = Secret::new("k");
        for value in ["anna@posteo.example", "", "\"\\\n\u{2028}ä", &"x".repeat(5_000)] {
            let one = encrypted("k", "a", value);
            assert_eq!(one, encrypted("k", "a", value), "equal values, equal texts");
            assert_ne!(one, encrypted("k", "b", value), "other tenants have others");
            assert_eq!(
                decrypt(&key, &format!("<<{one}, {one}> <EMAIL:e:{}>", "A".repeat(60))).unwrap(),
                format!("<<{value}, {value}> <EMAIL:e:{}>", "A".repeat(60)).replacen('<', "<", 1)
            );
            assert_eq!(decrypt(&Secret::new("other"), &one), None);
            assert_eq!(decrypt(&key, &one.replace("EMAIL", "PHONE")), None, "a name cannot be changed");
        }
    }
}
