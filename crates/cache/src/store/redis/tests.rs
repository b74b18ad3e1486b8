//! Against a real server that comes and goes.
#![allow(clippy::disallowed_methods, reason = "tests may spawn")]

use bytes::Bytes;
use llm_layers_testkit::{eventually, redis::Server};
use proptest::{strategy::ValueTree as _, test_runner::TestRunner};
use rust_decimal::Decimal;

use super::*;
use crate::{Namespace, Tenant};

/// Long enough for a machine that is busy with other tests.
const PATIENT: Duration = Duration::from_secs(5);
const HOUR: Duration = Duration::from_secs(3600);

fn open(server: &Server) -> Redis {
    Redis::open(&server.url()).unwrap().time_limit(PATIENT)
}

fn store(server: &Server) -> RedisStore {
    RedisStore::new(open(server))
}

fn key(tenant: u8, namespace: u8, digest: u8) -> Key {
    Key::new(Tenant([tenant; 16]), Namespace([namespace; 16]), [digest; 32])
}

/// One that is long enough to be compressed.
fn entry(text: &str) -> Entry {
    let body = format!("{{\"answer\":\"{}\"}}", text.repeat(200));
    Entry::new(body.into(), 1_700_000_000_000, HOUR / 2).kept_for(HOUR).paid(3, 4, Some(Decimal::new(5, 6)))
}

async fn raw<T: llm_layers_redis::FromRedisValue>(server: &Server, words: &[&[u8]]) -> T {
    let mut command = cmd(std::str::from_utf8(words[0]).unwrap());
    for word in &words[1..] {
        command.arg(*word);
    }
    open(server).query(&command).await.unwrap()
}

/// What the server has written to all of its clients.
async fn bytes_sent(server: &Server) -> u64 {
    let stats: String = raw(server, &[b"INFO", b"stats"]).await;
    stats.lines().find_map(|line| line.strip_prefix("total_net_output_bytes:")?.parse().ok()).unwrap()
}

async fn get(store: &RedisStore, key: Key) -> Option<Entry> {
    store.get(&key).get().await
}

async fn put(store: &RedisStore, key: Key, entry: &Entry) {
    store.put(&key, entry).get().await;
}

async fn purge(store: &RedisStore, what: Purge) -> Result<Option<u64>, Unavailable> {
    store.purge(&what).get().await
}

/// Puts until it is there: the waits in between are Redis' own cool-downs.
async fn until_kept(store: &RedisStore, key: Key, entry: &Entry) {
    eventually("the store keeps an entry", async || {
        put(store, key, entry).await;
        get(store, key).await.is_some()
    })
    .await;
}

#[tokio::test]
async fn what_is_put_is_there_for_all_replicas_until_its_life_is_over() {
    let server = Server::start();
    let (one, other) = (store(&server), store(&server));
    assert_eq!(get(&one, key(1, 1, 1)).await, None);
    put(&one, key(1, 1, 1), &entry("a")).await;
    assert_eq!(get(&one, key(1, 1, 1)).await, Some(entry("a")));
    assert_eq!(get(&other, key(1, 1, 1)).await, Some(entry("a")));
    for another in [key(2, 1, 1), key(1, 2, 1), key(1, 1, 2)] {
        assert_eq!(get(&other, another).await, None);
    }
    put(&other, key(1, 1, 1), &entry("b")).await;
    assert_eq!(get(&one, key(1, 1, 1)).await, Some(entry("b")), "the last one stays");
    assert_eq!(get(&one.clone().prefix("other"), key(1, 1, 1)).await, None);

    let life = async |key| raw::<i64>(&server, &[b"PTTL", one.names.entry(&key).as_bytes()]).await;
    assert!((1..=3_600_000).contains(&life(key(1, 1, 1)).await));
    put(&one, key(1, 1, 2), &entry("a").kept_for(Duration::MAX)).await;
    let forever = life(key(1, 1, 2)).await;
    assert!((3_600_001..=LONGEST.as_millis() as i64).contains(&forever), "{forever}");
    for mark in one.names.marks(&key(1, 1, 1)) {
        let mark = raw::<i64>(&server, &[b"PTTL", mark.as_bytes()]).await;
        assert!((3_600_001..=LONGEST.as_millis() as i64).contains(&mark), "{mark}");
    }

    let short = Entry::new(Bytes::from_static(b"{}"), 0, Duration::from_millis(20));
    put(&one, key(1, 1, 3), &short).await;
    eventually("its life is over", async || get(&one, key(1, 1, 3)).await.is_none()).await;
    put(&one, key(1, 1, 4), &Entry::new(Bytes::from_static(b"{}"), 0, Duration::ZERO)).await;
    assert_eq!(raw::<u64>(&server, &[b"EXISTS", one.names.entry(&key(1, 1, 4)).as_bytes()]).await, 0);
}

#[tokio::test]
async fn a_server_that_dies_has_nothing_and_is_used_again_when_it_is_back() {
    let mut server = Server::start();
    let store = store(&server);
    for round in 0..2 {
        until_kept(&store, key(1, 1, 1), &entry("a")).await;
        server.stop();
        assert_eq!(get(&store, key(1, 1, 1)).await, None, "{round}");
        put(&store, key(1, 1, 2), &entry("a")).await;
        for what in [Purge::Key(key(1, 1, 1)), Purge::Tenant(Tenant([1; 16])), Purge::All] {
            assert_eq!(purge(&store, what).await, Err(Unavailable));
        }
        server.restart();
    }
    until_kept(&store, key(1, 1, 2), &entry("b")).await;
    assert_eq!(get(&store, key(1, 1, 1)).await, None, "the server has forgotten it");
}

/// Accepts, reads and never answers: time goes by only where the call waits.
#[tokio::test(start_paused = true)]
async fn a_black_hole_costs_the_limit_and_then_nothing() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let redis = Redis::open(&format!("redis://{}", listener.local_addr().unwrap())).unwrap();
    let (store, start) = (RedisStore::new(redis), tokio::time::Instant::now());
    assert_eq!(get(&store, key(1, 1, 1)).await, None);
    assert_eq!(start.elapsed().as_millis(), 50);
    let (key, entry) = (key(1, 1, 1), entry("a"));
    assert!(matches!(store.get(&key), Eventually::Now(None)), "and it is not even asked");
    assert!(matches!(store.put(&key, &entry), Eventually::Now(())));
    assert_eq!(purge(&store, Purge::All).await, Err(Unavailable));
    tokio::time::advance(Duration::from_millis(100)).await;
    put(&store, key, &entry).await;
    assert_eq!(start.elapsed().as_millis(), 200, "an entry that is put waits no longer");
}

#[tokio::test]
async fn what_somebody_else_has_written_is_no_entry() {
    let server = Server::start();
    let store = store(&server).max_value(10_000);
    let name = store.names.entry(&key(1, 1, 1));
    put(&store, key(1, 1, 1), &entry("a")).await;
    let good: Vec<u8> = raw(&server, &[b"GET", name.as_bytes()]).await;
    let mut moved = good.clone();
    moved.extend(b"more");
    let long = vec![1; 50_000];
    for bad in [&b""[..], b"x", b"\x01", b"\x01\x00", &good[..good.len() - 1], &moved, &long] {
        raw::<()>(&server, &[b"SET", name.as_bytes(), bad]).await;
        assert_eq!(get(&store, key(1, 1, 1)).await, None, "{} bytes", bad.len());
    }
    raw::<()>(&server, &[b"SET", name.as_bytes(), &good]).await;
    assert_eq!(get(&store, key(1, 1, 1)).await, Some(entry("a")));
    // The entry of another tenant, under another name, or in a namespace of its own.
    for other in [key(2, 1, 1), key(1, 2, 1), key(1, 1, 2)] {
        put(&store, other, &entry("b")).await;
        raw::<()>(&server, &[b"SET", store.names.entry(&other).as_bytes(), &good]).await;
        assert_eq!(get(&store, other).await, None);
    }
    // A value far longer than anybody would read is not read either; and values that are no texts.
    raw::<()>(&server, &[b"SETRANGE", name.as_bytes(), b"50000000", b"x"]).await;
    let before = bytes_sent(&server).await;
    assert_eq!(get(&store, key(1, 1, 1)).await, None);
    assert!(bytes_sent(&server).await - before < 100_000);
    raw::<()>(&server, &[b"DEL", name.as_bytes()]).await;
    raw::<()>(&server, &[b"RPUSH", name.as_bytes(), b"x"]).await;
    assert_eq!(get(&store, key(1, 1, 1)).await, None);
    put(&store, key(1, 1, 1), &entry("c")).await;
    assert_eq!(get(&store, key(1, 1, 1)).await, Some(entry("c")));

    // Marks that are none are made anew.
    for mark in store.names.marks(&key(1, 1, 1)) {
        let wrong = [(&b"SET"[..], &b"x"[..]), (b"SET", b"longer than a mark is"), (b"RPUSH", b"x")];
        for (at, (word, value)) in wrong.into_iter().enumerate() {
            raw::<()>(&server, &[b"DEL", mark.as_bytes()]).await;
            raw::<()>(&server, &[word, mark.as_bytes(), value]).await;
            assert_eq!(get(&store, key(1, 1, 1)).await, None, "{mark} {at}");
            put(&store, key(1, 1, 1), &entry("c")).await;
            assert_eq!(get(&store, key(1, 1, 1)).await, Some(entry("c")), "{mark} {at}");
        }
    }
    assert!(!store.redis.is_away());
}

#[tokio::test]
async fn what_is_too_long_is_not_written() {
    let server = Server::start();
    let store = store(&server).codec(Codec::new().compress_above(usize::MAX)).max_value(1000);
    let of = |length: usize| Entry::new(vec![b'x'; length].into(), 0, HOUR);
    put(&store, key(1, 1, 1), &of(1000)).await;
    assert_eq!(raw::<u64>(&server, &[b"EXISTS", store.names.entry(&key(1, 1, 1)).as_bytes()]).await, 0);
    put(&store, key(1, 1, 1), &of(900)).await;
    assert_eq!(get(&store, key(1, 1, 1)).await, Some(of(900)));
    assert_eq!(get(&store.clone().max_value(500), key(1, 1, 1)).await, None, "nor read");
}

#[tokio::test]
async fn what_is_encrypted_shows_nothing() {
    let server = Server::start();
    let plain = store(&server).codec(Codec::new().compress_above(usize::MAX));
    let codec = Codec::new().compress_above(usize::MAX).encrypt(&Secret::new("a secret of the team"));
    let encrypted = plain.clone().codec(codec);
    let shows = async |store: &RedisStore| {
        put(store, key(1, 1, 1), &entry("the plain text")).await;
        assert_eq!(get(store, key(1, 1, 1)).await, Some(entry("the plain text")));
        let name = store.names.entry(&key(1, 1, 1));
        let mut shown: Vec<u8> = raw(&server, &[b"GET", name.as_bytes()]).await;
        shown.extend(raw::<Vec<u8>>(&server, &[b"DUMP", name.as_bytes()]).await);
        memchr::memmem::find(&shown, b"plain text").is_some()
    };
    assert!(shows(&plain).await, "in the clear it does: this test can fail");
    assert_eq!(get(&encrypted, key(1, 1, 1)).await, None, "anybody could have written it");
    assert!(!shows(&encrypted).await);
    assert_eq!(get(&plain, key(1, 1, 1)).await, None);
    let other = plain.clone().encrypt(&Secret::new("another"));
    assert_eq!(get(&other, key(1, 1, 1)).await, None);
    let debug = format!("{encrypted:?}");
    assert!(!debug.contains("secret of the team"), "{debug}");
}

#[tokio::test]
async fn a_password_is_needed_where_one_is_set() {
    let server = Server::start_with(["--requirepass", "right"]);
    let with = |password: &str| {
        let redis = Redis::open(&format!("redis://:{password}@127.0.0.1:{}", server.port())).unwrap();
        RedisStore::new(redis.time_limit(PATIENT))
    };
    let (right, wrong) = (with("right"), with("wrong-secret"));
    put(&right, key(1, 1, 1), &entry("a")).await;
    assert_eq!(get(&right, key(1, 1, 1)).await, Some(entry("a")));
    assert_eq!(get(&wrong, key(1, 1, 1)).await, None);
    assert_eq!(purge(&wrong, Purge::All).await, Err(Unavailable));
    assert!(!format!("{wrong:?}").contains("secret"));
}

fn all_keys() -> Vec<Key> {
    let keys = (1..=2)
        .flat_map(|tenant| (1..=2).flat_map(move |namespace| (1..=2).map(move |digest| (tenant, namespace, digest))));
    keys.map(|(tenant, namespace, digest)| key(tenant, namespace, digest)).collect()
}

fn purges() -> [Purge; 4] {
    let (tenant, namespace) = (Tenant([1; 16]), Namespace([2; 16]));
    [Purge::Key(key(1, 2, 2)), Purge::Namespace(tenant, namespace), Purge::Tenant(tenant), Purge::All]
}

#[tokio::test]
async fn what_is_purged_is_gone_for_all_replicas_and_nothing_else_is() {
    let server = Server::start();
    let (one, other) = (store(&server), store(&server));
    // Its names begin as those of the others do.
    let longer = one.clone().prefix("llm-cache:more");
    for what in purges() {
        for key in all_keys() {
            put(&one, key, &entry("a")).await;
            put(&longer, key, &entry("a")).await;
        }
        let meant = all_keys().iter().filter(|key| what.means(key)).count();
        assert_eq!(purge(&one, what).await, Ok(Some(meant as u64)), "{what:?}");
        for key in all_keys() {
            let is_kept = get(&other, key).await.is_some();
            assert_eq!(is_kept, !what.means(&key), "{what:?}");
            assert!(get(&longer, key).await.is_some());
            let exists: u64 = raw(&server, &[b"EXISTS", one.names.entry(&key).as_bytes()]).await;
            assert_eq!(exists == 1, is_kept, "deleted as well");
        }
        assert_eq!(purge(&one, what).await, Ok(Some(0)), "{what:?}");
    }
}

/// Whatever of it is purged, lost or brought back in between.
#[tokio::test]
async fn what_was_put_before_a_purge_never_comes_back() {
    let server = Server::start();
    let store = store(&server);
    let [_, scopes @ ..] = purges();
    for what in scopes {
        let key = key(1, 2, 1);
        let name = store.names.entry(&key);
        put(&store, key, &entry("old")).await;
        let old: Vec<u8> = raw(&server, &[b"GET", name.as_bytes()]).await;
        assert!(purge(&store, what).await.is_ok());
        // A replica that has read the marks before writes it after.
        raw::<()>(&server, &[b"SET", name.as_bytes(), &old]).await;
        assert_eq!(get(&store, key).await, None, "{what:?}");
        // The marks are made again for another entry.
        put(&store, self::key(1, 2, 2), &entry("new")).await;
        assert_eq!(get(&store, key).await, None, "{what:?}");
        for mark in store.names.marks(&key) {
            raw::<()>(&server, &[b"DEL", mark.as_bytes()]).await;
            assert_eq!(get(&store, key).await, None, "{what:?}");
            assert_eq!(get(&store, self::key(1, 2, 2)).await, None, "a mark that is lost shows nothing");
            put(&store, self::key(1, 2, 2), &entry("new")).await;
        }
        assert_eq!(get(&store, key).await, None, "{what:?}");
        put(&store, key, &entry("new")).await;
        assert_eq!(get(&store, key).await, Some(entry("new")));
    }
}

#[tokio::test]
async fn a_purge_of_many_deletes_all_of_them() {
    let server = Server::start();
    let store = store(&server);
    let many: Vec<_> = (0..2500_u16)
        .map(|number| {
            let [a, b] = number.to_le_bytes();
            let mut digest = [a; 32];
            digest[0] = b;
            Key::new(Tenant([1; 16]), Namespace([(number % 3) as u8; 16]), digest)
        })
        .collect();
    let small = Entry::new(Bytes::from_static(b"{}"), 0, HOUR);
    futures_util::future::join_all(many.iter().map(|key| put(&store, *key, &small))).await;
    put(&store, key(2, 1, 1), &small).await;
    assert_eq!(purge(&store, Purge::Namespace(Tenant([1; 16]), Namespace([0; 16]))).await, Ok(Some(834)));
    assert_eq!(purge(&store, Purge::Tenant(Tenant([1; 16]))).await, Ok(Some(1666)));
    assert_eq!(get(&store, key(2, 1, 1)).await, Some(small));
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Put(u8),
    Purge(u8),
    LoseMark(u8, u8),
}

/// Against a store that knows what was put and purged: what is found is right, and all is found but what lost its mark.
#[tokio::test]
async fn any_puts_and_purges_leave_what_they_must() {
    use proptest::prelude::*;

    let server = Server::start();
    let step = prop_oneof![
        4 => any::<u8>().prop_map(Step::Put),
        2 => any::<u8>().prop_map(Step::Purge),
        1 => (any::<u8>(), 0..3_u8).prop_map(|(key, mark)| Step::LoseMark(key, mark)),
    ];
    let steps = proptest::collection::vec(step, 0..30);
    let mut runner = TestRunner::deterministic();
    for round in 0..30 {
        let stores = [store(&server), store(&server)].map(|store| store.prefix(format!("round-{round}")));
        let steps = steps.new_tree(&mut runner).unwrap().current();
        let (keys, mut kept) = (all_keys(), vec![None; 8]);
        for (number, step) in steps.iter().enumerate() {
            let one = &stores[number % 2];
            match *step {
                Step::Put(at) => {
                    let at = usize::from(at) % 8;
                    let entry = Entry::new(Bytes::from(format!("{{\"number\":{number}}}")), 0, HOUR);
                    put(one, keys[at], &entry).await;
                    kept[at] = Some(entry);
                }
                Step::Purge(which) => {
                    let what = purges()[usize::from(which) % 4];
                    assert!(purge(one, what).await.is_ok());
                    forget(&keys, &mut kept, what);
                }
                Step::LoseMark(at, which) => {
                    let key = keys[usize::from(at) % 8];
                    let scopes =
                        [Purge::All, Purge::Tenant(key.tenant()), Purge::Namespace(key.tenant(), key.namespace())];
                    let mark = &one.names.marks(&key)[usize::from(which)];
                    raw::<()>(&server, &[b"DEL", mark.as_bytes()]).await;
                    forget(&keys, &mut kept, scopes[usize::from(which)]);
                }
            }
            for (key, kept) in keys.iter().zip(&kept) {
                assert_eq!(&get(&stores[(number + 1) % 2], *key).await, kept, "{steps:?} {number}");
            }
        }
    }
}

fn forget(keys: &[Key], kept: &mut [Option<Entry>], what: Purge) {
    keys.iter().zip(kept).filter(|(key, _)| what.means(key)).for_each(|(_, kept)| *kept = None);
}

#[cfg(feature = "redis-cluster")]
#[tokio::test]
async fn in_a_cluster_purges_hold_without_a_look_at_all_names() {
    let server = Server::start_with(["--cluster-enabled", "yes"]);
    let _: () = raw(&server, &[b"CLUSTER", b"ADDSLOTSRANGE", b"0", b"16383"]).await;
    let store = RedisStore::new(Redis::cluster([&*server.url()]).unwrap().time_limit(PATIENT));
    let other = RedisStore::new(Redis::cluster([&*server.url()]).unwrap().time_limit(PATIENT));
    // A cluster needs a moment to become one.
    until_kept(&store, key(1, 1, 1), &entry("a")).await;
    until_kept(&other, key(1, 1, 1), &entry("a")).await;
    for what in purges() {
        for key in all_keys() {
            put(&store, key, &entry("a")).await;
        }
        let known = matches!(what, Purge::Key(_)).then_some(1);
        assert_eq!(purge(&store, what).await, Ok(known));
        for key in all_keys() {
            assert_eq!(get(&other, key).await.is_some(), !what.means(&key), "{what:?}");
        }
    }
}
