//! Against a real server that comes and goes, and against sockets that are none.
#![allow(clippy::disallowed_methods, clippy::panic, clippy::unwrap_used, reason = "tests may spawn, and fail loudly")]

use std::time::Duration;

use llm_layers_redis::{Away, Reason, Redis, Script, cmd};
use llm_layers_testkit::{eventually, redis::Server};
use tokio::net::TcpListener;

/// Long enough for a machine that is busy with other tests.
const PATIENT: Duration = Duration::from_secs(5);

async fn incr(redis: &Redis) -> Result<u64, Reason> {
    redis.query(cmd("INCR").arg("n")).await.map_err(|away: Away| away.reason())
}

/// Asks until there is an answer. The waits in between are Redis' own cool-downs, and bounded.
async fn until_back(redis: &Redis) -> u64 {
    let mut answer = None;
    eventually("Redis is back", async || {
        answer = incr(redis).await.ok();
        answer.is_some()
    })
    .await;
    answer.unwrap()
}

#[tokio::test]
async fn commands_and_scripts() {
    let server = Server::start();
    let redis = Redis::open(&server.url()).unwrap().time_limit(PATIENT);
    assert_eq!(incr(&redis).await, Ok(1));
    assert_eq!(incr(&redis.clone()).await, Ok(2), "clones are one");

    let add = Script::new("return redis.call('INCRBY', KEYS[1], ARGV[1])");
    let sum: Result<i64, _> = redis.eval(add.key("n").arg(40)).await;
    assert_eq!(sum, Ok(42), "a server that does not know the script");
    let sum: Result<i64, _> = redis.eval(add.key("n").arg(1)).await;
    assert_eq!(sum, Ok(43), "and one that does");
}

#[tokio::test]
async fn a_refused_call_does_not_make_it_away() {
    let server = Server::start();
    let redis = Redis::open(&server.url()).unwrap().time_limit(PATIENT);
    let _: () = redis.query(cmd("SET").arg("text").arg("x")).await.unwrap();
    let wrong: Result<u64, _> = redis.query(cmd("INCR").arg("text")).await;
    assert_eq!(wrong.map_err(|away| away.reason()), Err(Reason::Refused));
    let failing: Result<u64, _> =
        redis.eval(&Script::new("return redis.error_reply('NO such luck')").prepare_invoke()).await;
    assert_eq!(failing.map_err(|away| away.reason()), Err(Reason::Refused));
    let unexpected: Result<u64, _> = redis.query(cmd("GET").arg("text")).await;
    assert_eq!(unexpected.map_err(|away| away.reason()), Err(Reason::Refused));
    assert!(!redis.is_away());
    assert_eq!(incr(&redis).await, Ok(1));
}

#[tokio::test]
async fn a_dead_port_is_told_at_once_and_then_not_asked() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let redis = Redis::open(&format!("redis://127.0.0.1:{port}")).unwrap().time_limit(PATIENT);
    assert_eq!(incr(&redis).await, Err(Reason::Unreachable));
    assert!(redis.is_away());
    for _ in 0..1000 {
        if incr(&redis).await == Err(Reason::CoolingDown) {
            return;
        }
    }
    panic!("a dead port was asked a thousand times");
}

#[tokio::test]
async fn a_server_that_stops_and_comes_back() {
    let mut server = Server::start();
    let redis = Redis::open(&server.url()).unwrap().time_limit(PATIENT);
    assert_eq!(incr(&redis).await, Ok(1));
    for _ in 0..2 {
        server.stop();
        let gone = incr(&redis).await;
        assert!(matches!(gone, Err(Reason::Unreachable)), "{gone:?}");
        server.restart();
        // Nothing was kept: it counts from the beginning.
        assert_eq!(until_back(&redis).await, 1);
        assert!(!redis.is_away());
        assert_eq!(incr(&redis).await, Ok(2));
    }
}

#[tokio::test]
async fn a_script_is_loaded_again_after_a_restart() {
    let mut server = Server::start();
    let redis = Redis::open(&server.url()).unwrap().time_limit(PATIENT);
    let script = Script::new("return redis.call('INCR', KEYS[1])");
    assert_eq!(redis.eval::<u64>(&script.key("n")).await, Ok(1));
    server.restart();
    until_back(&redis).await;
    assert_eq!(redis.eval::<u64>(&script.key("m")).await, Ok(1));
}

/// Accepts, reads and never answers: time goes by only where the call waits.
#[tokio::test(start_paused = true)]
async fn a_black_hole_costs_the_limit_and_then_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("redis://{}", listener.local_addr().unwrap());
    let redis = Redis::open(&url).unwrap();
    let start = tokio::time::Instant::now();
    assert_eq!(incr(&redis).await, Err(Reason::TimedOut));
    assert_eq!(start.elapsed().as_millis(), 50);
    assert_eq!(incr(&redis).await, Err(Reason::CoolingDown));
    assert_eq!(start.elapsed().as_millis(), 50);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let (one, other) = tokio::join!(incr(&redis), incr(&redis));
    assert_eq!((one, other), (Err(Reason::TimedOut), Err(Reason::CoolingDown)), "one at a time looks");
    assert_eq!(start.elapsed().as_millis(), 200);
    drop(listener);
}

/// A connection into a black hole is given up: what answers at the same address later is found.
#[tokio::test(start_paused = true)]
async fn a_black_hole_is_left_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("redis://{}", listener.local_addr().unwrap());
    let redis = Redis::open(&url).unwrap();
    let accepted = tokio::spawn(async move {
        let mut held = Vec::new();
        while held.len() < 2 {
            held.push(listener.accept().await.unwrap());
        }
    });
    for _ in 0..1000 {
        if accepted.is_finished() {
            return;
        }
        let _ = incr(&redis).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("nobody has connected again");
}

#[tokio::test]
async fn a_wrong_password_is_told_without_it_and_mended() {
    let mut server = Server::start_with(["--requirepass", "right"]);
    let address = format!("127.0.0.1:{}", server.port());
    let redis = Redis::open(&format!("redis://:wrong-secret@{address}")).unwrap().time_limit(PATIENT);
    let away = redis.query::<u64>(cmd("INCR").arg("n")).await.unwrap_err();
    assert_eq!(away.reason(), Reason::Unavailable);
    assert!(redis.is_away());
    for shown in [format!("{redis:?}"), format!("{away:?}"), away.to_string(), redis.name().to_owned()] {
        assert!(!shown.contains("secret"), "{shown}");
    }
    let right = Redis::open(&format!("redis://:right@{address}")).unwrap().time_limit(PATIENT);
    assert_eq!(incr(&right).await, Ok(1));

    // Without a password at all, and then with the one that was wrong before.
    let without = Redis::open(&server.url()).unwrap().time_limit(PATIENT);
    assert_eq!(incr(&without).await, Err(Reason::Unavailable));
    server.restart_with(["--requirepass", "wrong-secret"]);
    assert_eq!(until_back(&redis).await, 1);
}

#[tokio::test]
async fn a_cancelled_call_harms_nobody() {
    let server = Server::start();
    let redis = Redis::open(&server.url()).unwrap().time_limit(PATIENT);
    for _ in 0..20 {
        // Asked once, and dropped.
        let _ = tokio::time::timeout(Duration::ZERO, incr(&redis)).await;
    }
    assert!(!redis.is_away());
    assert!(incr(&redis).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_calls_at_once() {
    let server = Server::start();
    let redis = Redis::open(&server.url()).unwrap().time_limit(PATIENT);
    let calls: Vec<_> = (0..500)
        .map(|_| {
            tokio::spawn({
                let redis = redis.clone();
                async move { incr(&redis).await }
            })
        })
        .collect();
    for call in calls {
        assert!(call.await.unwrap().is_ok());
    }
    assert_eq!(incr(&redis).await, Ok(501));
}

#[cfg(feature = "cluster")]
#[tokio::test]
async fn a_cluster_that_stops_and_comes_back() {
    let mut server = Server::start_with(["--cluster-enabled", "yes"]);
    let make_whole = async |server: &Server| {
        let node = Redis::open(&server.url()).unwrap().time_limit(PATIENT);
        let mut slots = cmd("CLUSTER");
        slots.arg("ADDSLOTSRANGE").arg(0).arg(16383);
        // After a restart it remembers them.
        let _ = node.query::<()>(&slots).await;
        until_back(&node).await;
    };
    make_whole(&server).await;
    let redis = Redis::cluster([&*server.url()]).unwrap().time_limit(PATIENT);
    until_back(&redis).await;
    let script = Script::new("return redis.call('INCRBY', KEYS[1], ARGV[1])");
    assert_eq!(redis.eval::<u64>(script.key("{tag}a").arg(7)).await, Ok(7));
    server.stop();
    assert!(incr(&redis).await.is_err());
    server.restart();
    make_whole(&server).await;
    until_back(&redis).await;
    assert_eq!(redis.eval::<u64>(script.key("{tag}a").arg(7)).await, Ok(7));
}

#[cfg(feature = "tls")]
#[tokio::test]
async fn what_speaks_no_tls_is_not_spoken_to() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let redis = Redis::open(&format!("rediss://{}", listener.local_addr().unwrap())).unwrap().time_limit(PATIENT);
    let plain = tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut connection, b"-ERR this is no handshake\r\n").await.unwrap();
        connection
    });
    assert_eq!(incr(&redis).await, Err(Reason::Unreachable));
    plain.abort();
}

#[cfg(not(feature = "tls"))]
#[test]
fn tls_is_asked_for_by_a_feature() {
    assert!(Redis::open("rediss://127.0.0.1").is_err());
}
