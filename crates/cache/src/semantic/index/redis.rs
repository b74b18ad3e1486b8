use std::{
    fmt::{self, Write as _},
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use llm_layers_core::Eventually;
use llm_layers_redis::{Away, Reason, Redis, Script, cmd};
use tokio::time::Instant;

use super::{Index, MemoryIndex, Near};
use crate::{Key, Namespace, Purge, Tenant, semantic::Embedded};

const LONGEST_LIFE: Duration = Duration::from_secs(366 * 24 * 3600);
/// A part of more points loses some by chance.
const MOST_OF_A_PART: usize = 10_000;
/// A server without vector sets is asked again after so long: it may be a newer one by then, or allow more.
const WITHOUT: Duration = Duration::from_secs(300);
/// So many sets go by one command.
const GO_AT_ONCE: usize = 256;
/// So many commands are under way at once where each can be about one set only.
const COMMANDS_AT_ONCE: usize = 64;

/// Adds a point, which ends by the server's clock. The set lives as long as the longest of its points; of what is in it
/// four are looked at each time, and go if they have ended or are too many.
static ADD: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local time = redis.call('TIME') \
         local now = time[1] * 1000 + math.floor(time[2] / 1000) \
         local life = tonumber(ARGV[3]) \
         redis.call('VADD', KEYS[1], 'FP32', ARGV[1], ARGV[2], 'NOQUANT', \
           'SETATTR', string.format('{\"end\":%.0f}', now + life)) \
         if redis.call('PTTL', KEYS[1]) < life then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end \
         for _, some in ipairs(redis.call('VRANDMEMBER', KEYS[1], 4)) do \
           local read, told = pcall(cjson.decode, redis.call('VGETATTR', KEYS[1], some) or '{}') \
           local is_over = not read or type(told) ~= 'table' or (tonumber(told['end']) or 0) <= now \
           local is_beyond = some ~= ARGV[2] and redis.call('VCARD', KEYS[1]) > tonumber(ARGV[4]) \
           if is_over or is_beyond then redis.call('VREM', KEYS[1], some) end \
         end",
    )
});

/// Finds the nearest point that has not ended by the server's clock, by which its end was set.
static FIND: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local time = redis.call('TIME') \
         local now = time[1] * 1000 + math.floor(time[2] / 1000) \
         return redis.call('VSIM', KEYS[1], 'FP32', ARGV[1], 'WITHSCORES', 'COUNT', 1, \
           'FILTER', string.format('.end > %.0f', now))",
    )
});

/// Writes down who has what, until that has ended.
static NOTE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local time = redis.call('TIME') \
         local now = time[1] * 1000 + math.floor(time[2] / 1000) \
         local life = tonumber(ARGV[2]) \
         redis.call('ZADD', KEYS[1], 'GT', string.format('%.0f', now + life), ARGV[1]) \
         redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now)) \
         if redis.call('PTTL', KEYS[1]) < life then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end",
    )
});

/// Finds questions in a Redis with vector sets, for all replicas that use it. Where the server has none, each finds its
/// own.
///
/// Source: the documentation of VADD, VSIM and the others at redis.io, as of November 2026, and a Redis 8.2.3: vector
/// sets are of Redis 8.0; a score is (1 + cosine) / 2. By default coordinates are kept in 8 bits, by which a cosine is off by
/// up to 0.01: more than lies between two thresholds. So floats are kept.
///
/// A part is a set, an element of it is a key in hexadecimal; neither tells anything. Which sets hold what of a tenant is
/// noted beside them, so that a purge finds them, also in a cluster: each command is about one key.
pub(crate) struct RedisIndex {
    redis: Redis,
    name: Arc<str>,
    /// When a server without vector sets is asked again.
    again: Mutex<Option<Instant>>,
    instead: MemoryIndex,
}

impl RedisIndex {
    /// An index in this Redis, under names that begin with this.
    pub(crate) fn new(redis: Redis, name: impl Into<Arc<str>>) -> Self {
        Self { redis, name: name.into(), again: Mutex::new(None), instead: MemoryIndex::default() }
    }

    fn set_of(&self, part: impl fmt::Display) -> String {
        format!("{}:part:{part}", self.name)
    }

    fn notes_of(&self, tenant: impl fmt::Display) -> String {
        format!("{}:of:{tenant}", self.name)
    }

    fn tenants(&self) -> String {
        format!("{}:tenants", self.name)
    }

    fn falls(&self) -> bool {
        self.again().is_some_and(|again| Instant::now() < again)
    }

    fn again(&self) -> MutexGuard<'_, Option<Instant>> {
        self.again.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a refusal means that the server knows no vector sets. That is remembered for a while.
    async fn falls_by(&self, away: Away) -> bool {
        if away.reason() != Reason::Refused {
            return false;
        }
        let answer = self.redis.query::<u64>(cmd("VCARD").arg(self.set_of("none"))).await;
        let has_none = answer.is_err_and(|away| away.reason() == Reason::Refused);
        if has_none {
            *self.again() = Some(Instant::now() + WITHOUT);
        }
        has_none
    }

    async fn search(&self, part: [u8; 32], at: &Embedded, threshold: f32) -> Result<Option<Near>, Away> {
        let mut search = FIND.key(self.set_of(hex(&part)));
        search.arg(blob(at));
        let found: Vec<(String, f32)> = self.redis.eval(&search).await?;
        let near = found.first().and_then(|(element, score)| {
            // A score that is no number is not near.
            Some(Near { key: key_of(element)?, score: score.mul_add(2.0, -1.0).min(1.0) })
        });
        Ok(near.filter(|near| near.score.is_finite() && near.score >= threshold))
    }

    async fn insert(&self, part: [u8; 32], at: &Embedded, key: &Key, life: Duration) -> Result<(), Away> {
        let part = hex(&part);
        let life = life.clamp(Duration::from_millis(1), LONGEST_LIFE).as_millis().to_string();
        let (Tenant(tenant), Namespace(namespace)) = (key.tenant(), key.namespace());
        let tenant = hex(&tenant);
        let mut notes = NOTE.key(self.notes_of(&tenant));
        notes.arg(format!("{}:{part}", hex(&namespace))).arg(&life);
        let mut tenants = NOTE.key(self.tenants());
        tenants.arg(tenant).arg(&life);
        // First, so that there is nothing that a purge would not find.
        let () = self.redis.eval(&tenants).await?;
        let () = self.redis.eval(&notes).await?;
        let mut add = ADD.key(self.set_of(part));
        add.arg(blob(at)).arg(name_of(key)).arg(life).arg(MOST_OF_A_PART);
        self.redis.eval(&add).await
    }

    async fn forget(&self, what: &Purge) -> Result<(), Away> {
        match what {
            // Its point leads to an entry that is gone, or to that which is kept by this very key later: then it is right
            // again, for the key of a question and its place are the same each time.
            Purge::Key(_) => Ok(()),
            Purge::Namespace(tenant, namespace) => self.forget_of(&hex(&tenant.0), Some(&hex(&namespace.0))).await,
            Purge::Tenant(tenant) => self.forget_of(&hex(&tenant.0), None).await,
            Purge::All => {
                let mut scan = Scan::new(self.tenants());
                while let Some(tenants) = scan.next(&self.redis).await? {
                    for tenant in tenants {
                        self.forget_of(&tenant, None).await?;
                    }
                }
                Ok(())
            }
        }
    }

    /// Forgets what is noted of a tenant, in one namespace or in all.
    async fn forget_of(&self, tenant: &str, namespace: Option<&str>) -> Result<(), Away> {
        let notes = self.notes_of(tenant);
        let mut scan = Scan::new(notes.clone());
        while let Some(noted) = scan.next(&self.redis).await? {
            let parts = noted.iter().filter_map(|note| {
                let (of, part) = note.split_once(':')?;
                namespace.is_none_or(|namespace| namespace == of).then_some((note, part))
            });
            let (meant, sets): (Vec<&String>, Vec<String>) =
                parts.map(|(note, part)| (note, self.set_of(part))).unzip();
            if meant.is_empty() {
                continue;
            }
            self.unlink(&sets).await?;
            self.redis.query::<u64>(cmd("ZREM").arg(&notes).arg(meant)).await?;
        }
        Ok(())
    }

    /// Drops sets. In a cluster each lies somewhere else.
    async fn unlink(&self, sets: &[String]) -> Result<(), Away> {
        let at_once = if self.redis.is_cluster() { 1 } else { GO_AT_ONCE };
        let unlink = |sets: &[String]| {
            let mut command = cmd("UNLINK");
            command.arg(sets);
            async move { self.redis.query::<u64>(&command).await.map(drop) }
        };
        let commands: Vec<_> = sets.chunks(at_once).map(unlink).collect();
        stream::iter(commands).buffer_unordered(COMMANDS_AT_ONCE).try_collect().await
    }
}

impl Index for RedisIndex {
    fn find<'a>(&'a self, part: [u8; 32], at: &'a Embedded, threshold: f32) -> Eventually<'a, Option<Near>> {
        if self.falls() {
            return self.instead.find(part, at, threshold);
        }
        Eventually::Later(Box::pin(async move {
            match self.search(part, at, threshold).await {
                Ok(near) => near,
                Err(away) if self.falls_by(away).await => self.instead.find(part, at, threshold).get().await,
                Err(_) => None,
            }
        }))
    }

    fn add<'a>(&'a self, part: [u8; 32], at: &'a Embedded, key: &'a Key, life: Duration) -> Eventually<'a, ()> {
        if self.falls() {
            return self.instead.add(part, at, key, life);
        }
        Eventually::Later(Box::pin(async move {
            if let Err(away) = self.insert(part, at, key, life).await
                && self.falls_by(away).await
            {
                self.instead.add(part, at, key, life).get().await;
            }
        }))
    }

    fn purge<'a>(&'a self, what: &'a Purge) -> Eventually<'a, ()> {
        // There may be points of a time when the server was of no use.
        let fallen = self.instead.purge(what);
        if self.falls() || matches!(what, Purge::Key(_)) {
            return fallen;
        }
        // What cannot be reached leads to entries that are purged: it finds nothing, until it ends.
        Eventually::Later(Box::pin(async move {
            let _ = self.forget(what).await;
        }))
    }
}

impl fmt::Debug for RedisIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisIndex").field("redis", &self.redis).field("falls", &self.falls()).finish_non_exhaustive()
    }
}

/// Walks through the members of a sorted set, some at a time.
struct Scan {
    name: String,
    cursor: Option<u64>,
}

impl Scan {
    const fn new(name: String) -> Self {
        Self { name, cursor: Some(0) }
    }

    async fn next(&mut self, redis: &Redis) -> Result<Option<Vec<String>>, Away> {
        let Some(cursor) = self.cursor else { return Ok(None) };
        let (next, found): (u64, Vec<(String, f64)>) =
            redis.query(cmd("ZSCAN").arg(&self.name).arg(cursor).arg("COUNT").arg(256)).await?;
        self.cursor = (next != 0).then_some(next);
        Ok(Some(found.into_iter().map(|(member, _)| member).collect()))
    }
}

/// A vector as Redis reads it: floats of 32 bits, the lowest byte first.
fn blob(at: &Embedded) -> Vec<u8> {
    at.coordinates().iter().flat_map(|x| x.to_le_bytes()).collect()
}

fn name_of(key: &Key) -> String {
    hex(&key.tenant().0) + &hex(&key.namespace().0) + &hex(key.digest())
}

/// The key of a name, which somebody else may have written.
fn key_of(name: &str) -> Option<Key> {
    let mut bytes = [0; 64];
    if name.len() != 2 * bytes.len() || !name.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, at) in bytes.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(name.get(at..at + 2)?, 16).ok()?;
    }
    let (tenant, rest) = bytes.split_first_chunk()?;
    let (namespace, rest) = rest.split_first_chunk()?;
    Some(Key::new(Tenant(*tenant), Namespace(*namespace), *rest.first_chunk()?))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use llm_layers_testkit::redis::Server;

    use super::*;
    use crate::semantic::index::points::embedded;

    const LIFE: Duration = Duration::from_secs(600);

    fn key(tenant: u8, number: u8) -> Key {
        Key::new(Tenant([tenant; 16]), Namespace([number % 2; 16]), [number; 32])
    }

    fn index(server: &Server) -> RedisIndex {
        let redis = Redis::open(&server.url()).expect("a URL").time_limit(Duration::from_secs(10));
        RedisIndex::new(redis, "test")
    }

    async fn add(index: &RedisIndex, part: u8, vector: &[f32], key: Key, life: Duration) {
        index.add([part; 32], &embedded(vector.to_vec()), &key, life).get().await;
    }

    async fn find(index: &RedisIndex, part: u8, vector: &[f32], threshold: f32) -> Option<(Key, f32)> {
        let near = index.find([part; 32], &embedded(vector.to_vec()), threshold).get().await;
        near.map(|near| (near.key, near.score))
    }

    #[test]
    fn names_are_read_back_and_others_are_not() {
        for key in [key(0, 0), key(7, 255)] {
            assert!(key_of(&name_of(&key)) == Some(key));
        }
        for name in ["", "00", &"g".repeat(128), &"é".repeat(64), &"+1".repeat(64), &"0".repeat(129)] {
            assert!(key_of(name).is_none(), "{name}");
        }
    }

    /// Takes the commands of vector sets from a server that has them, or gives them back.
    async fn allow(index: &RedisIndex, sign: char) {
        let mut command = cmd("ACL");
        command.arg("SETUSER").arg("default");
        for name in ["vadd", "vcard", "vsim"] {
            command.arg(format!("{sign}{name}"));
        }
        // One that has none does not know the names either.
        let _ = index.redis.query::<()>(&command).await;
    }

    #[tokio::test]
    async fn a_server_without_vector_sets_is_told_by_its_refusal() {
        for server in [Server::start(), with_vectors()] {
            let index = index(&server);
            allow(&index, '-').await;
            assert!(!index.falls());
            add(&index, 1, &[1.0, 0.0], key(1, 1), LIFE).await;
            assert!(index.falls());
            assert!(find(&index, 1, &[1.0, 0.1], 0.9).await.is_some_and(|(found, _)| found == key(1, 1)));
            assert!(matches!(index.purge(&Purge::All), Eventually::Now(())));
            assert!(find(&index, 1, &[1.0, 0.1], 0.9).await.is_none());
        }
    }

    #[tokio::test]
    async fn a_server_that_has_them_later_is_asked_again() {
        let server = with_vectors();
        let (here, there) = (index(&server), index(&server));
        allow(&here, '-').await;
        add(&here, 1, &[1.0, 0.0], key(1, 1), LIFE).await;
        allow(&here, '+').await;
        assert!(here.falls(), "not at once");
        *here.again() = Some(Instant::now());
        assert!(!here.falls());
        add(&here, 1, &[1.0, 0.0], key(1, 2), LIFE).await;
        assert!(find(&there, 1, &[1.0, 0.0], 0.9).await.is_some_and(|(found, _)| found == key(1, 2)));
        here.purge(&Purge::All).get().await;
        assert_eq!(here.instead.len(), 0, "what was found without it goes as well");
    }

    #[tokio::test]
    async fn one_that_is_away_finds_nothing_and_is_back_later() {
        let mut server = Server::start();
        server.stop();
        let index = index(&server);
        add(&index, 1, &[1.0, 0.0], key(1, 1), LIFE).await;
        assert!(find(&index, 1, &[1.0, 0.0], 0.5).await.is_none() && !index.falls(), "away is not without");
        index.purge(&Purge::All).get().await;
    }

    fn with_vectors() -> Server {
        let program = std::env::var_os("LLM_LAYERS_REDIS8_SERVER").unwrap_or_else(|| {
            panic!(
                "this test needs a Redis 8: `cargo xtask test` installs it, or: put the path of its redis-server into \
                 LLM_LAYERS_REDIS8_SERVER"
            )
        });
        Server::start_program(program.into())
    }

    #[tokio::test]
    async fn the_nearest_of_a_part_is_found_by_all() {
        let server = with_vectors();
        let (here, there) = (index(&server), index(&server));
        add(&here, 1, &[1.0, 0.0], key(1, 1), LIFE).await;
        add(&here, 1, &[0.0, 1.0], key(1, 2), LIFE).await;
        let (found, score) = find(&there, 1, &[3.0, 4.0], 0.75).await.expect("near");
        assert!(found == key(1, 2) && (score - 0.8).abs() < 1e-5, "{score}");
        assert!(find(&there, 1, &[3.0, 4.0], 0.85).await.is_none(), "not near enough");
        assert!(find(&there, 2, &[1.0, 0.0], 0.0).await.is_none(), "another part");
        assert!(find(&there, 1, &[1.0, 0.0, 0.0], 0.0).await.is_none(), "another dimension");
        add(&here, 1, &[1.0, 0.0, 0.0], key(1, 3), LIFE).await;
        assert!(!here.falls() && !there.falls(), "a refusal is of the one call");
        let ttl: i64 = here.redis.query(cmd("PTTL").arg(here.set_of(hex(&[1; 32])))).await.expect("an answer");
        assert!((1..=600_000).contains(&ttl));
    }

    #[tokio::test]
    async fn what_has_ended_or_is_strange_is_not_found() {
        let server = with_vectors();
        let index = index(&server);
        add(&index, 1, &[0.0, 1.0], key(1, 2), LIFE).await;
        let set = index.set_of(hex(&[1; 32]));
        let mut strange = cmd("VADD");
        strange.arg(&set).arg("FP32").arg(blob(&embedded(vec![1.0, 0.0]))).arg("no key").arg("NOQUANT").arg("SETATTR");
        for (attributes, is_seen) in [("{\"end\":1}", false), ("{}", false), ("{\"end\":1e18}", true)] {
            let _: u64 = index.redis.query(strange.clone().arg(attributes)).await.expect("an answer");
            let found = find(&index, 1, &[1.0, 0.001], 0.0).await;
            // Either the next one is found, or nothing: never what is no key.
            assert_eq!(found.is_none(), is_seen, "{attributes}");
        }
        let _: () = index.redis.query(cmd("SET").arg(index.set_of(hex(&[3; 32]))).arg(1)).await.expect("an answer");
        add(&index, 3, &[0.0, 1.0], key(1, 2), LIFE).await;
        assert!(find(&index, 3, &[0.0, 1.0], 0.0).await.is_none() && !index.falls(), "another type");
    }

    #[tokio::test]
    async fn what_is_purged_is_found_by_nobody() {
        let server = with_vectors();
        let all = [key(1, 1), key(1, 2), key(2, 1), key(2, 2)];
        for what in [Purge::Namespace(Tenant([1; 16]), Namespace([0; 16])), Purge::Tenant(Tenant([2; 16])), Purge::All]
        {
            let (here, there) = (index(&server), index(&server));
            for (part, key) in (0..).zip(&all) {
                add(&here, part, &[1.0, 0.0], *key, LIFE).await;
            }
            there.purge(&what).get().await;
            for (part, key) in (0..).zip(&all) {
                assert_eq!(find(&here, part, &[1.0, 0.0], 0.9).await.is_none(), what.means(key), "{what:?}");
            }
        }
    }
    #[tokio::test]
    async fn many_parts_are_purged_some_at_a_time() {
        let server = with_vectors();
        let index = index(&server);
        let mut notes = cmd("ZADD");
        notes.arg(index.notes_of(hex(&[1; 16])));
        for number in 0..1000_u16 {
            let part = format!("{number:064x}");
            notes.arg(1e15).arg(format!("{}:{part}", hex(&[(number % 2) as u8; 16])));
            let _: () = index.redis.query(cmd("SET").arg(index.set_of(part)).arg(1)).await.expect("an answer");
        }
        let _: u64 = index.redis.query(&notes).await.expect("an answer");
        for (what, left) in
            [(Purge::Namespace(Tenant([1; 16]), Namespace([0; 16])), 501), (Purge::Tenant(Tenant([1; 16])), 0)]
        {
            index.purge(&what).get().await;
            assert_eq!(
                index.redis.query::<u64>(&cmd("DBSIZE")).await,
                Ok(left),
                "half of the sets and the notes; nothing"
            );
        }
    }

    #[tokio::test]
    async fn the_threshold_is_exact_and_the_clock_the_servers() {
        let server = with_vectors();
        let index = index(&server);
        let vector: Vec<f32> = (0..256_u16).map(|x| f32::from(x * 37 % 101) - 50.0).collect();
        add(&index, 1, &vector, key(1, 1), LIFE).await;
        let (_, score) = find(&index, 1, &vector, 0.99999).await.expect("itself");
        assert!(score <= 1.0);
        add(&index, 2, &vector, key(1, 1), Duration::from_millis(1)).await;
        let ended = async || find(&index, 2, &vector, 0.0).await.is_none();
        while !ended().await {}
    }
}
