use llm_layers_redis::{Away, Redis, Script, cmd};

use super::LONGEST;
use crate::Key;

/// The bytes of a mark.
const MARK: usize = 16;

/// Random numbers, one for all entries, one for a tenant's, one for those in a namespace of theirs.
///
/// An entry is bound to those that were there when it was put, and opens under no others. So entries are forgotten, at
/// once and by all replicas, by forgetting one mark: there is nothing to be told to anybody, no clock that must be right,
/// and no entry that a slow replica could put back. A mark that is lost otherwise costs entries, and shows none.
#[derive(Clone, Copy)]
pub(super) struct Marks([[u8; MARK]; 3]);

impl Marks {
    /// Those that are there. `None` where one is not, or is not known.
    pub(super) async fn read(redis: &Redis, names: &[String; 3]) -> Option<Self> {
        let [all, tenant, namespace] = names;
        let [all, tenant, namespace] =
            [range(redis, all, MARK), range(redis, tenant, MARK), range(redis, namespace, MARK)];
        let (all, tenant, namespace) = futures_util::future::try_join3(all, tenant, namespace).await.ok()?;
        Self::of([all, tenant, namespace])
    }

    /// Those that are there, and new ones where there is none. `None` where that is not known.
    pub(super) async fn make(redis: &Redis, script: &Script, names: &[String; 3]) -> Option<Self> {
        let make = async |name: &String| {
            let mut new = [0; MARK];
            getrandom::fill(&mut new).ok()?;
            let mut call = script.key(name);
            redis.eval::<Vec<u8>>(call.arg(&new).arg(LONGEST.as_millis() as u64)).await.ok()
        };
        let [all, tenant, namespace] = names;
        let (all, tenant, namespace) = futures_util::future::join3(make(all), make(tenant), make(namespace)).await;
        Self::of([all?, tenant?, namespace?])
    }

    fn of(read: [Vec<u8>; 3]) -> Option<Self> {
        let [all, tenant, namespace] = read.map(|mark| mark.try_into().ok());
        Some(Self([all?, tenant?, namespace?]))
    }

    /// What an entry is bound to.
    pub(super) fn bind(&self, key: &Key) -> Vec<u8> {
        [&key.tenant().0[..], &key.namespace().0, key.digest(), self.0.as_flattened()].concat()
    }
}

/// The value of this name, but no more of it than so many bytes and one; nothing where there is none.
pub(super) async fn range(redis: &Redis, name: &str, most: usize) -> Result<Vec<u8>, Away> {
    redis.query(cmd("GETRANGE").arg(name).arg(0).arg(most)).await
}
