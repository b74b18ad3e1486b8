//! Two replicas and a real Redis between them, which comes and goes.

use std::time::Duration;

use llm_layers_circuit_breaker::{Breakers, Change, Reason, Replicas, Rules, State, Verdict};
use llm_layers_core::FailureKind;
use llm_layers_redis::Redis;
use llm_layers_testkit::redis::Server;
use tokio::{sync::broadcast::Receiver, task::JoinHandle};

/// A process with breakers of its own.
struct Replica {
    breakers: Breakers,
    changes: Receiver<Change>,
    sync: JoinHandle<()>,
}

impl Replica {
    #[allow(clippy::disallowed_methods, reason = "what an owner does")]
    fn new(url: &str) -> Self {
        let rules = Rules::default().consecutive_failures(1).open_for(Duration::from_secs(20)).jitter(0.0);
        let breakers = Breakers::new(rules.probes(1).recovery([]));
        let changes = breakers.watch();
        let redis = Redis::open(url).unwrap().time_limit(Duration::from_secs(5));
        let replicas = Replicas::new(redis).name("test").every(Duration::from_millis(10));
        let sync = tokio::spawn({
            let breakers = breakers.clone();
            async move { breakers.sync(&replicas).await }
        });
        Self { breakers, changes, sync }
    }

    fn fail(&self, key: &str) {
        self.breakers.acquire(key).expect("closed").judge(Verdict::Failure(FailureKind::Upstream));
    }

    /// Waits for a change, under a limit that only turns a hang into a message.
    async fn change(&mut self) -> Change {
        let change = tokio::time::timeout(Duration::from_secs(60), self.changes.recv()).await;
        change.expect("a change within a minute").unwrap()
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.sync.abort();
    }
}

#[tokio::test]
async fn an_opening_is_learnt_of() {
    let server = Server::start();
    let (a, mut b) = (Replica::new(&server.url()), Replica::new(&server.url()));
    b.breakers.acquire("small").unwrap().judge(Verdict::Success);
    a.fail("small");
    let change = b.change().await;
    assert_eq!((&*change.key, change.to, change.reason), ("small", State::Open, Some(Reason::Peer)));
    let left = change.until.unwrap() - change.at;
    assert!(left > Duration::from_secs(10) && left <= Duration::from_secs(20), "{left:?}");
    assert!(b.breakers.acquire("small").is_err());
    assert!(b.breakers.acquire("large").is_ok());

    // One that comes later learns of it, too; of what is forced it does not.
    a.breakers.force_open("forced");
    let mut c = Replica::new(&server.url());
    assert_eq!(&*c.change().await.key, "small");
    a.fail("large");
    assert_eq!(&*c.change().await.key, "large");
    assert_eq!(c.breakers.list().len(), 2);
    // Reset here, it stays so: the opening is an old one.
    c.breakers.reset("small");
    assert_eq!(c.change().await.to, State::Closed);
    a.fail("third");
    assert_eq!(&*c.change().await.key, "third");
    assert!(c.breakers.acquire("small").is_ok());
}

#[tokio::test]
async fn a_redis_that_is_away_does_no_harm() {
    let mut server = Server::start();
    let (mut a, mut b) = (Replica::new(&server.url()), Replica::new(&server.url()));
    a.fail("before");
    a.change().await;
    assert_eq!(&*b.change().await.key, "before");
    server.stop();
    a.fail("meanwhile");
    assert_eq!(a.change().await.reason, Some(Reason::ConsecutiveFailures));
    assert!(a.breakers.acquire("meanwhile").is_err());
    assert!(b.breakers.acquire("meanwhile").is_ok(), "nobody has told it");
    server.restart();
    assert_eq!(&*b.change().await.key, "meanwhile", "told once it is back");
}

#[tokio::test]
async fn nobody_is_there() {
    let mut replica = Replica::new("redis://127.0.0.1:1");
    replica.fail("small");
    assert_eq!(replica.change().await.to, State::Open);
    assert!(!replica.sync.is_finished());
}
