use std::{collections::HashMap, fmt::Write, sync::Arc};

use llm_layers_pii::Entity;
use zeroize::Zeroizing;

use super::{Style, Taken};
use crate::{
    Vault,
    keyed::{Keyed, Purpose},
    vault::Entry,
};

/// How many tags are tried for one value.
const TRIES: u32 = 256;

/// Mints the placeholders of one request, and keeps what they stand for.
///
/// A tag is a hash of the kind and the value under a key that the provider and the user do not know: none of them can make
/// a placeholder that is restored. No tag stands for two values, and none occurs in the request already, unless it is one
/// that this value has under a key in every request: an earlier call may have left it there, and nobody else has.
pub(crate) struct Mint {
    vault: Vault,
    /// The entries by the hash of what they stand for.
    minted: HashMap<u128, usize>,
    /// The entries by their tags.
    tags: HashMap<u128, usize>,
    taken: Taken,
    is_keyed: bool,
}

impl Mint {
    pub(crate) fn new(style: &Style, taken: Taken, is_keyed: bool) -> Self {
        let vault = Vault { style: style.clone(), entries: Vec::new() };
        Self { vault, minted: HashMap::new(), tags: HashMap::new(), taken, is_keyed }
    }

    pub(crate) const fn vault(&self) -> &Vault {
        &self.vault
    }

    pub(crate) fn into_vault(self) -> Vault {
        self.vault
    }

    /// Writes the placeholder of this value. `false`, and nothing, once there is no free tag to be found.
    pub(crate) fn write(
        &mut self,
        keyed: &Keyed,
        entity: &Entity,
        name: &Arc<str>,
        value: &str,
        out: &mut String,
    ) -> bool {
        let hash = leading(keyed.hash(Purpose::Tag(0), entity, value));
        let known = self.minted.get(&hash).copied();
        let Some(index) = known.or_else(|| self.mint(hash, keyed, entity, name, value)) else { return false };
        let (style, tag) = (&self.vault.style, self.vault.entries.get(index).map_or(0, |entry| entry.tag));
        let (open, close, digits) = (style.open(), style.close(), style.digits());
        // Writing to a string does not fail.
        let _ = write!(out, "{open}{name}_{tag:0digits$x}{close}");
        true
    }

    fn mint(&mut self, hash: u128, keyed: &Keyed, entity: &Entity, name: &Arc<str>, value: &str) -> Option<usize> {
        let digits = self.vault.style.digits();
        let cut = |hash: u128| hash >> (128 - 4 * digits);
        let first = cut(hash);
        let others = (1..TRIES).map(|counter| cut(leading(keyed.hash(Purpose::Tag(counter), entity, value))));
        let (taken, is_keyed) = (self.taken.read(digits), self.is_keyed);
        let is_free = |tag: u128| is_keyed && tag == first || taken.binary_search(&tag).is_err();
        let mut tags = std::iter::once(first).chain(others);
        let tag = tags.find(|tag| has_letter(*tag) && !self.tags.contains_key(tag) && is_free(*tag))?;
        let index = self.vault.entries.len();
        self.vault.entries.push(Entry { name: Arc::clone(name), tag, value: Zeroizing::new(value.to_owned()) });
        self.minted.insert(hash, index);
        self.tags.insert(tag, index);
        Some(index)
    }
}

fn leading(hash: [u8; 32]) -> u128 {
    hash.first_chunk().copied().map_or(0, u128::from_be_bytes)
}

/// Whether a tag has a digit above nine. All have, so that no number can be passed off as one.
fn has_letter(mut tag: u128) -> bool {
    while tag != 0 {
        if tag & 0xf > 9 {
            return true;
        }
        tag >>= 4;
    }
    false
}
