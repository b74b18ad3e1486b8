//! Entries as bytes: for stores outside of the process.
//!
//! ```text
//! version 1 | flags 1 | seal 16                 | fields | body         in the clear
//! version 1 | flags 1 | nonce 12 | fields | body | tag 16               encrypted
//!
//! fields: created 8 | fresh 12 | kept 12 | input 8 | output 8 | cost 17, all little-endian
//! body:   as it is, or its length 4 and an LZ4 block
//! ```
//!
//! The seal is an unkeyed BLAKE3 of the name and of all that is not the seal, cut to 16 bytes: it tells what broke on its
//! way and what lies in the wrong place. It is no protection from who may write where entries are kept; encryption is.

use std::{fmt, time::Duration};

use aes_gcm_siv::{
    Aes256GcmSiv,
    aead::{AeadInPlace, KeyInit},
};
use bytes::{Buf, Bytes};
use llm_layers_core::Secret;
use lz4_flex::block;
use rust_decimal::Decimal;
use zeroize::Zeroizing;

use crate::Entry;

const VERSION: u8 = 1;
const COMPRESSED: u8 = 1;
const ENCRYPTED: u8 = 2;
const PAID: u8 = 4;
const KNOWN: u8 = COMPRESSED | ENCRYPTED | PAID;

const HEAD: usize = 2;
const SEAL: usize = 16;
/// The bytes of a nonce and of a tag (RFC 8452, section 4).
const NONCE: usize = 12;
const TAG: usize = 16;
const FIELDS: usize = 8 + 12 + 12 + 8 + 8 + 17;

/// No answer is longer than what is read of one.
const MAX_BODY: usize = 32 << 20;
/// One byte of an LZ4 block stands for no more than so many (a length goes on in bytes of up to 255).
const MAX_RATIO: usize = 255;

/// How entries become bytes: compressed above a size, encrypted if there is a key.
///
/// ```
/// # use std::time::Duration;
/// # use bytes::Bytes;
/// use llm_layers_cache::{Codec, Entry};
/// use llm_layers_core::Secret;
///
/// let codec = Codec::new().encrypt(&Secret::new("32 bytes and more of pure chance"));
/// let entry = Entry::new(Bytes::from_static(b"{}"), 1_700_000_000_000, Duration::from_secs(60));
/// let bytes = codec.encode(&entry, b"its name").expect("a short entry");
/// assert_eq!(codec.decode(bytes.into(), b"its name"), Some(entry));
/// ```
#[derive(Clone)]
pub struct Codec {
    compress_above: usize,
    key: Option<Zeroizing<[u8; 32]>>,
}

impl Codec {
    /// Bodies above 1 KiB are compressed, and nothing is encrypted.
    #[must_use]
    pub const fn new() -> Self {
        Self { compress_above: 1 << 10, key: None }
    }

    /// Sets above how many bytes a body is compressed (LZ4), if that makes it shorter. Default 1 KiB.
    #[must_use]
    pub const fn compress_above(mut self, bytes: usize) -> Self {
        self.compress_above = bytes;
        self
    }

    /// Encrypts entries (AES-256-GCM-SIV) with a key that is derived from this secret, which must be too long and too
    /// random to be guessed: no time is spent on making it harder. What was not encrypted with it is not read any more.
    ///
    /// The length of an entry shows.
    #[must_use]
    pub fn encrypt(mut self, secret: &Secret) -> Self {
        let secret = secret.expose().as_bytes();
        self.key = Some(Zeroizing::new(blake3::derive_key("llm-layers-cache 2026-11 entries at rest", secret)));
        self
    }

    /// The bytes of an entry, that can be read under the same name only. `None` where it is longer than 32 MiB, or the
    /// system has no random numbers to encrypt it with.
    #[must_use]
    pub fn encode(&self, entry: &Entry, name: &[u8]) -> Option<Vec<u8>> {
        let body = entry.body();
        let compressed = (body.len() > self.compress_above).then(|| block::compress(body));
        let compressed = compressed.filter(|compressed| compressed.len() + size_of::<u32>() < body.len());
        let length = u32::try_from(body.len()).ok().filter(|_| body.len() <= MAX_BODY)?;
        let mut flags = 0;
        flags |= if compressed.is_some() { COMPRESSED } else { 0 };
        flags |= if self.key.is_some() { ENCRYPTED } else { 0 };
        flags |= if entry.cost().is_some() { PAID } else { 0 };

        let start = HEAD + if self.key.is_some() { NONCE } else { SEAL };
        let content = compressed.as_ref().map_or(body.len(), |compressed| size_of::<u32>() + compressed.len());
        let mut out = Vec::with_capacity(start + FIELDS + content + TAG);
        out.extend([VERSION, flags]);
        out.resize(start, 0);
        write_fields(entry, &mut out);
        match &compressed {
            Some(compressed) => {
                out.extend(length.to_le_bytes());
                out.extend_from_slice(compressed);
            }
            None => out.extend_from_slice(body),
        }

        let (head, rest) = out.split_at_mut_checked(HEAD)?;
        match &self.key {
            Some(key) => {
                let (nonce, plain) = rest.split_first_chunk_mut::<NONCE>()?;
                getrandom::fill(nonce).ok()?;
                let bound = bound(head, name);
                let tag = Aes256GcmSiv::new((&**key).into())
                    .encrypt_in_place_detached((&*nonce).into(), &bound, plain)
                    .ok()?;
                out.extend_from_slice(&tag);
            }
            None => {
                let (place, plain) = rest.split_first_chunk_mut::<SEAL>()?;
                *place = seal(head, name, plain)?;
            }
        }
        Some(out)
    }

    /// The entry of these bytes; `None` where they are not what [`encode`](Self::encode) makes of one under this name and
    /// with this secret.
    #[must_use]
    pub fn decode(&self, mut bytes: Vec<u8>, name: &[u8]) -> Option<Entry> {
        let (head, rest) = bytes.split_at_mut_checked(HEAD)?;
        let [VERSION, flags] = *head else { return None };
        // What is encrypted needs the key, and who has a key takes nothing that anybody could have written.
        if flags & !KNOWN != 0 || (flags & ENCRYPTED != 0) != self.key.is_some() {
            return None;
        }
        let start = match &self.key {
            Some(key) => {
                let (nonce, rest) = rest.split_first_chunk_mut::<NONCE>()?;
                let (secret, tag) = rest.split_last_chunk_mut::<TAG>()?;
                let bound = bound(head, name);
                Aes256GcmSiv::new((&**key).into())
                    .decrypt_in_place_detached((&*nonce).into(), &bound, secret, (&*tag).into())
                    .ok()?;
                let end = bytes.len() - TAG;
                bytes.truncate(end);
                HEAD + NONCE
            }
            None => {
                let (place, plain) = rest.split_first_chunk::<SEAL>()?;
                if seal(head, name, plain)? != *place {
                    return None;
                }
                HEAD + SEAL
            }
        };
        let mut rest = Bytes::from(bytes);
        rest.advance(start);
        let fields = read_fields(&mut rest, flags & PAID != 0)?;
        let body = if flags & COMPRESSED == 0 { rest } else { decompress(rest)? };
        (body.len() <= MAX_BODY).then(|| fields.of(body))
    }
}

/// What the bytes are bound to: they are nothing under another name, or with another head.
fn bound(head: &[u8], name: &[u8]) -> Vec<u8> {
    [head, name].concat()
}

fn seal(head: &[u8], name: &[u8], plain: &[u8]) -> Option<[u8; SEAL]> {
    let mut hasher = blake3::Hasher::new();
    // The length keeps the end of a name from being the beginning of an entry.
    hasher.update(head).update(&(name.len() as u64).to_le_bytes()).update(name).update(plain);
    hasher.finalize().as_bytes().first_chunk().copied()
}

fn write_fields(entry: &Entry, out: &mut Vec<u8>) {
    out.extend(entry.created().to_le_bytes());
    for time in [entry.fresh_for(), entry.life()] {
        out.extend(time.as_secs().to_le_bytes());
        out.extend(time.subsec_nanos().to_le_bytes());
    }
    out.extend(entry.input_tokens().to_le_bytes());
    out.extend(entry.output_tokens().to_le_bytes());
    let cost = entry.cost().unwrap_or_default();
    out.extend(cost.mantissa().to_le_bytes());
    // It is 28 at most.
    out.push(u8::try_from(cost.scale()).unwrap_or(u8::MAX));
}

/// All of an entry but its body.
struct Fields {
    created: u64,
    fresh_for: Duration,
    kept_for: Duration,
    input_tokens: u64,
    output_tokens: u64,
    cost: Option<Decimal>,
}

fn read_fields(bytes: &mut Bytes, is_paid: bool) -> Option<Fields> {
    let created = bytes.try_get_u64_le().ok()?;
    let (fresh_for, kept_for) = (read_time(bytes)?, read_time(bytes)?);
    let (input_tokens, output_tokens) = (bytes.try_get_u64_le().ok()?, bytes.try_get_u64_le().ok()?);
    let (mantissa, scale) = (bytes.try_get_i128_le().ok()?, bytes.try_get_u8().ok()?);
    let cost = Decimal::try_from_i128_with_scale(mantissa, u32::from(scale)).ok()?;
    Some(Fields { created, fresh_for, kept_for, input_tokens, output_tokens, cost: is_paid.then_some(cost) })
}

fn read_time(bytes: &mut Bytes) -> Option<Duration> {
    let (seconds, nanos) = (bytes.try_get_u64_le().ok()?, bytes.try_get_u32_le().ok()?);
    (nanos < 1_000_000_000).then(|| Duration::new(seconds, nanos))
}

impl Fields {
    fn of(self, body: Bytes) -> Entry {
        let Self { created, fresh_for, kept_for, input_tokens, output_tokens, cost } = self;
        Entry::new(body, created, fresh_for).kept_for(kept_for).paid(input_tokens, output_tokens, cost)
    }
}

fn decompress(mut bytes: Bytes) -> Option<Bytes> {
    let length = usize::try_from(bytes.try_get_u32_le().ok()?).ok()?;
    // Before there is room for it: a few bytes must not make us ask for 32 MiB.
    if length > MAX_BODY.min(bytes.len().saturating_mul(MAX_RATIO)) {
        return None;
    }
    let mut body = vec![0; length];
    let written = block::decompress_into(&bytes, &mut body).ok()?;
    (written == length).then(|| body.into())
}

impl Default for Codec {
    fn default() -> Self {
        Self::new()
    }
}

/// Tells nothing of the key.
impl fmt::Debug for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Codec")
            .field("compress_above", &self.compress_above)
            .field("encrypted", &self.key.is_some())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn secret(text: &str) -> Codec {
        Codec::new().encrypt(&Secret::new(text))
    }

    fn entry(body: impl Into<Bytes>) -> Entry {
        Entry::new(body.into(), 7, Duration::from_secs(60)).paid(1, 2, Some(Decimal::new(123, 5)))
    }

    fn entries() -> impl Strategy<Value = Entry> {
        let body = prop_oneof![
            prop::collection::vec(any::<u8>(), 0..3000),
            // What can be compressed.
            (prop::collection::vec(any::<u8>(), 1..20), 0..400_usize).prop_map(|(word, times)| word.repeat(times)),
        ];
        let time = || (any::<u64>(), 0..1_000_000_000_u32).prop_map(|(seconds, nanos)| Duration::new(seconds, nanos));
        let most = Decimal::MAX.mantissa();
        let cost = prop::option::of((-most..=most, 0..=28_u32))
            .prop_map(|cost| cost.map(|(mantissa, scale)| Decimal::from_i128_with_scale(mantissa, scale)));
        (body, any::<u64>(), time(), time(), any::<u64>(), any::<u64>(), cost).prop_map(
            |(body, created, fresh, kept, input, output, cost)| {
                Entry::new(body.into(), created, fresh).kept_for(kept).paid(input, output, cost)
            },
        )
    }

    proptest! {
        #[test]
        fn an_entry_comes_back_as_it_was_and_under_no_other_name(
            entry in entries(), name: Vec<u8>, other: Vec<u8>, above in 0..2000_usize,
        ) {
            for codec in [Codec::new().compress_above(above), secret("a").compress_above(above)] {
                let bytes = codec.encode(&entry, &name).unwrap();
                let back = codec.decode(bytes.clone(), &name).unwrap();
                prop_assert_eq!(&back, &entry);
                prop_assert_eq!(back.cost().map(|cost| cost.scale()), entry.cost().map(|cost| cost.scale()));
                if name != other {
                    prop_assert_eq!(codec.decode(bytes, &other), None);
                }
            }
        }

        #[test]
        fn what_was_changed_anywhere_is_nothing(entry in entries(), at: prop::sample::Index, bit in 0..8_u8) {
            for codec in [Codec::new(), secret("a")] {
                let mut bytes = codec.encode(&entry, b"name").unwrap();
                let at = at.index(bytes.len());
                bytes[at] ^= 1 << bit;
                prop_assert_eq!(codec.decode(bytes, b"name"), None);
            }
        }

        #[test]
        fn any_bytes_with_a_right_seal_do_no_harm(any: Vec<u8>, flags in 0..8_u8, length: u32) {
            // Fields that are right, and then a length and a block that are not.
            let mut fields = Vec::new();
            write_fields(&entry("{}"), &mut fields);
            for parts in [&[&*any][..], &[&*fields, &*any], &[&*fields, &length.to_le_bytes(), &*any]] {
                let plain = parts.concat();
                let head = [VERSION, flags];
                let seal = seal(&head, b"name", &plain).unwrap();
                let bytes = [&head[..], &seal, &plain].concat();
                if let Some(entry) = Codec::new().decode(bytes, b"name") {
                    prop_assert!(entry.body().len() <= MAX_RATIO * plain.len());
                }
            }
        }
    }

    #[test]
    fn what_is_cut_off_or_of_another_key_or_version_is_nothing() {
        let entry = entry("{\"answer\":42}".repeat(200));
        for codec in [Codec::new(), secret("a")] {
            let bytes = codec.encode(&entry, b"name").unwrap();
            for end in 0..bytes.len() {
                assert_eq!(codec.decode(bytes[..end].to_vec(), b"name"), None, "{end}");
            }
            let mut longer = bytes.clone();
            longer.push(0);
            assert_eq!(codec.decode(longer, b"name"), None);
            for version in [0, 2, 255] {
                let mut other = bytes.clone();
                other[0] = version;
                assert_eq!(codec.decode(other, b"name"), None, "{version}");
            }
        }
        let bytes = secret("a").encode(&entry, b"name").unwrap();
        assert_eq!(secret("b").decode(bytes.clone(), b"name"), None);
        assert_eq!(Codec::new().decode(bytes, b"name"), None);
        let bytes = Codec::new().encode(&entry, b"name").unwrap();
        assert_eq!(secret("a").decode(bytes, b"name"), None, "anybody could have written it");
    }

    #[test]
    fn a_length_is_not_believed() {
        let mut plain = Vec::new();
        write_fields(&entry("{}"), &mut plain);
        let start = plain.len();
        plain.extend((MAX_BODY as u32).to_le_bytes());
        plain.extend(block::compress(&vec![0; 1000]));
        assert_eq!(decompress(Bytes::copy_from_slice(&plain[start..])), None);
        // What is claimed and can be, but is not.
        for length in [0, 999, 1001] {
            plain[start..start + 4].copy_from_slice(&u32::to_le_bytes(length));
            assert_eq!(decompress(Bytes::copy_from_slice(&plain[start..])), None, "{length}");
        }
        plain[start..start + 4].copy_from_slice(&1000_u32.to_le_bytes());
        assert_eq!(decompress(Bytes::copy_from_slice(&plain[start..])).map(|body| body.len()), Some(1000));
        // As far as a block can be compressed at all.
        let most = vec![0; MAX_BODY];
        assert_eq!(
            decompress([&(MAX_BODY as u32).to_le_bytes()[..], &block::compress(&most)].concat().into()),
            Some(most.into())
        );
    }

    #[test]
    fn what_is_long_is_compressed_and_what_is_too_long_is_not_kept() {
        let long = entry("{\"answer\":42}".repeat(200));
        assert!(Codec::new().encode(&long, b"").unwrap().len() < 300);
        assert!(Codec::new().compress_above(usize::MAX).encode(&long, b"").unwrap().len() > 2600);
        let mut chance = vec![0; 2000];
        getrandom::fill(&mut chance).unwrap();
        assert_eq!(Codec::new().encode(&entry(chance), b"").unwrap().len(), HEAD + SEAL + FIELDS + 2000);
        assert_eq!(Codec::new().encode(&entry(vec![0; MAX_BODY + 1]), b""), None);
        assert!(Codec::new().encode(&entry(vec![0; MAX_BODY]), b"").is_some());
    }

    #[test]
    fn the_same_entry_is_never_encrypted_the_same_and_never_shows() {
        let entry = entry("{\"answer\":\"plain\"}");
        let codec = secret("a secret").compress_above(usize::MAX);
        let bytes = [codec.encode(&entry, b"name").unwrap(), codec.encode(&entry, b"name").unwrap()];
        assert_ne!(bytes[0], bytes[1]);
        for bytes in &bytes {
            assert_eq!(memchr::memmem::find(bytes, b"plain"), None);
        }
        assert!(!format!("{codec:?}").contains("secret"));
    }
}
