//! `[layers.cache]`: how long answers are kept, and where.

use std::fmt;

use llm_layers_cache::{CacheLayer, Codec, Config, MemoryStore, RedisStore, Tiers};
use llm_layers_core::Secret;

use super::layers::{self, Store};
use super::node::{Members, Node};
use super::report::Report;

/// What is kept of answers, how long and where.
#[derive(Clone)]
pub struct Cache {
    /// The layer, without its store.
    settings: CacheLayer,
    /// What it was made of, to tell whether that has changed.
    made_of: toml::Table,
    /// What this process keeps, in MiB; nothing, where all is in the store of replicas.
    memory: Option<u64>,
    shared: Option<Store>,
    secret: Option<Secret>,
    encrypt: bool,
}

/// Members that are read here.
const OWN: [&str; 5] = ["enabled", "store", "memory_mib", "secret", "encrypt"];
/// What a process keeps if nothing is said, in MiB.
const MEMORY: u64 = 256;
/// A secret that nobody finds by trying.
const SHORTEST_SECRET: usize = 32;

/// Reads the table.
pub(super) fn read(node: &Node<'_>, members: &mut Members<'_>, report: &mut Report<'_>) -> Option<Cache> {
    let (is_kept_here, shared) = stores(members, report)?;
    let secret = members.get("secret").and_then(|node| self::secret(&node, report));
    let encrypt = match members.get("encrypt") {
        Some(node) => {
            let yes = node.boolean(report)?;
            if yes && secret.is_none() {
                report.error(&node.place, "nothing to encrypt with", "add a `secret`: `openssl rand -hex 32`");
                return None;
            }
            yes
        }
        None => false,
    };
    let memory = match members.get("memory_mib") {
        Some(node) => Some(node.count(report)?),
        None => None,
    };
    let settings = node.settings::<Config, CacheLayer>(&OWN, report)?;
    let memory = is_kept_here.then(|| memory.unwrap_or(MEMORY));
    Some(Cache {
        settings,
        made_of: node.plain_table(&["store", "secret", "enabled"]),
        memory,
        shared,
        secret,
        encrypt,
    })
}

/// Whether entries are kept in this process, and where else.
fn stores(members: &mut Members<'_>, report: &mut Report<'_>) -> Option<(bool, Option<Store>)> {
    let Some(node) = members.get("store") else { return Some((true, None)) };
    if !node.is_array() {
        let store = layers::store_at(&node, report)?;
        return Some((store.is_none(), store));
    }
    let help = "write `\"memory\"`, the URL of a Redis, or both: `[\"memory\", \"redis://127.0.0.1:6379\"]`";
    match node.elements().as_slice() {
        [near, far] if near.text() == Some("memory") => {
            report.mask.show(near.place.span.clone());
            match layers::store_at(far, report)? {
                Some(far) => Some((true, Some(far))),
                None => {
                    report.error(&far.place, "memory over memory", help);
                    None
                }
            }
        }
        _ => {
            report.error(&node.place, "a list of stores is memory, and a Redis behind it", help);
            None
        }
    }
}

fn secret(node: &Node<'_>, report: &mut Report<'_>) -> Option<Secret> {
    let secret = node.secret(report)?;
    if secret.expose().len() < SHORTEST_SECRET {
        let message = format!("a secret has at least {SHORTEST_SECRET} characters");
        report.error(&node.place, message, "draw one: `openssl rand -hex 32`; see docs/cache.md");
        return None;
    }
    Some(secret)
}

impl Cache {
    /// The layer with its store. What was kept before stays, where nothing has changed.
    pub(crate) fn layer(&self) -> CacheLayer {
        let memory = self.memory.map(|mib| MemoryStore::new(mib << 20));
        let far = self.shared.as_ref().map(|store| {
            let codec = match &self.secret {
                Some(secret) if self.encrypt => Codec::new().encrypt(secret),
                _ => Codec::new(),
            };
            RedisStore::new(store.redis.clone()).codec(codec)
        });
        let mut layer = self.settings.clone();
        // A text can be guessed from its vector, and vectors cannot be encrypted where they are compared.
        if let Some(store) = self.shared.as_ref().filter(|_| !self.encrypt) {
            layer = layer.map_semantic(|semantic| semantic.redis(store.redis.clone()));
        }
        let layer = match (memory, far) {
            (Some(near), Some(far)) => layer.store(Tiers::new(near, far)),
            (None, Some(far)) => layer.store(far),
            (memory, None) => layer.store(memory.unwrap_or_default()),
        };
        match (&self.secret, &self.shared) {
            (Some(secret), _) => layer.secret(secret),
            // Replicas must have the same keys, and know nothing else in common.
            (None, Some(store)) => layer.secret(store.url()),
            (None, None) => layer,
        }
    }
}

/// By all that makes the layer: what is the same is not made anew.
impl PartialEq for Cache {
    fn eq(&self, other: &Self) -> bool {
        let secret = |cache: &Self| cache.secret.as_ref().map(|secret| secret.expose().to_owned());
        self.made_of == other.made_of
            && self.memory == other.memory
            && self.shared == other.shared
            && secret(self) == secret(other)
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache")
            .field("settings", &self.settings)
            .field("memory_mib", &self.memory)
            .finish_non_exhaustive()
    }
}
