//! Hashes and the identifiers made from them. Nothing here is random: the same request is given the
//! same ids on every machine.

pub(crate) const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;

/// A fast, stable, unkeyed hash. Collisions can be made on purpose; nothing but ids hangs on it.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    let mut state = bytes.len() as u64;
    let mut words = bytes.chunks_exact(8);
    for word in &mut words {
        let word = word.try_into().map_or(0, u64::from_le_bytes);
        state = (state ^ word).wrapping_mul(MULTIPLIER).rotate_left(29);
    }
    for byte in words.remainder() {
        state = (state ^ u64::from(*byte)).wrapping_mul(MULTIPLIER).rotate_left(29);
    }
    mix(state)
}

/// Combines a seed with a number, for ids that belong to one choice or one call.
pub(crate) fn derive(seed: u64, salt: u64) -> u64 {
    mix(seed ^ mix(salt.wrapping_add(MULTIPLIER)))
}

/// `prefix` and `len` letters and digits.
pub(crate) fn id(prefix: &str, seed: u64, len: usize) -> String {
    const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut out = String::with_capacity(prefix.len() + len);
    out.push_str(prefix);
    let mut state = seed;
    for _ in 0..len {
        state = state.wrapping_add(MULTIPLIER);
        let letter = usize::try_from(mix(state) % 62).unwrap_or(0);
        out.push(ALPHABET.get(letter).map_or('0', |byte| char::from(*byte)));
    }
    out
}

/// A UUID of version 4.
pub(crate) fn uuid(seed: u64) -> String {
    let (high, low) = (derive(seed, 1), derive(seed, 2));
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        (low >> 48) & 0x3fff | 0x8000,
        low & 0xffff_ffff_ffff,
    )
}

/// The finaliser of SplitMix64.
pub(crate) fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_stable_and_differ_by_seed() {
        assert_eq!(id("call_", 7, 24), id("call_", 7, 24));
        assert_ne!(id("call_", 7, 24), id("call_", 8, 24));
        assert_eq!(id("call_", 7, 24).len(), 29);
    }

    #[test]
    fn uuids_have_their_shape() {
        for seed in 0..100 {
            let id = uuid(seed);
            let lengths: Vec<usize> = id.split('-').map(str::len).collect();
            assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
            assert!(id[14..].starts_with('4') && "89ab".contains(&id[19..20]), "{id}");
        }
    }

    #[test]
    fn hash_sees_every_byte() {
        let body = b"abcdefghijklmnopqrs".to_vec();
        for at in 0..body.len() {
            let mut other = body.clone();
            other[at] ^= 1;
            assert_ne!(hash(&body), hash(&other), "byte {at}");
        }
        assert_ne!(hash(b"a"), hash(b"a\0"));
    }
}
