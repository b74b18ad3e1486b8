use llm_layers_pii::Entity;
use zeroize::Zeroizing;

/// Hashes values under the key of one request, or of one tenant.
pub(crate) struct Keyed(Zeroizing<[u8; 32]>);

/// What a hash is for: one purpose says nothing of another.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    /// The tag of a placeholder, and those after it, should it be taken.
    Tag(u32),
    Hash,
    /// A fake, and those after it, should another value have it.
    Fake(u32),
    Nonce,
}

impl Keyed {
    /// With a key: the same in all requests of a scope. Without: drawn by chance, and nothing where the system has none to
    /// give, for what can be guessed protects nothing.
    pub(crate) fn new(key: Option<&[u8; 32]>, scope: &str) -> Option<Self> {
        let mut own = Zeroizing::new([0; 32]);
        match key {
            Some(key) => *own = *blake3::keyed_hash(key, scope.as_bytes()).as_bytes(),
            None => getrandom::fill(own.as_mut()).ok()?,
        }
        Some(Self(own))
    }

    pub(crate) fn hash(&self, purpose: Purpose, entity: &Entity, value: &str) -> [u8; 32] {
        let (purpose, counter) = match purpose {
            Purpose::Tag(counter) => (0, counter),
            Purpose::Hash => (1, 0),
            Purpose::Fake(counter) => (2, counter),
            Purpose::Nonce => (3, 0),
        };
        let entity = entity.as_str().as_bytes();
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(&[purpose]).update(&counter.to_le_bytes()).update(&(entity.len() as u64).to_le_bytes());
        hasher.update(entity).update(value.as_bytes());
        *hasher.finalize().as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_differ_by_all_that_goes_in_and_by_chance_without_a_key() {
        let key = [7; 32];
        let hash = |key: Option<&[u8; 32]>, scope: &str, purpose, entity: &'static str, value: &str| {
            Keyed::new(key, scope).unwrap().hash(purpose, &Entity::new(entity), value)
        };
        let one = hash(Some(&key), "a", Purpose::Tag(0), "email", "v");
        assert_eq!(one, hash(Some(&key), "a", Purpose::Tag(0), "email", "v"));
        for other in [
            hash(Some(&[8; 32]), "a", Purpose::Tag(0), "email", "v"),
            hash(Some(&key), "b", Purpose::Tag(0), "email", "v"),
            hash(Some(&key), "a", Purpose::Tag(1), "email", "v"),
            hash(Some(&key), "a", Purpose::Hash, "email", "v"),
            hash(Some(&key), "a", Purpose::Tag(0), "emai", "lv"),
            hash(Some(&key), "a", Purpose::Tag(0), "email", "w"),
            hash(None, "a", Purpose::Tag(0), "email", "v"),
            hash(None, "a", Purpose::Tag(0), "email", "v"),
        ] {
            assert_ne!(one, other);
        }
        assert_ne!(hash(None, "a", Purpose::Hash, "email", "v"), hash(None, "a", Purpose::Hash, "email", "v"));
    }
}
