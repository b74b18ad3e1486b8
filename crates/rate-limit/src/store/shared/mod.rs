mod corrections;

use std::{fmt, pin::Pin, sync::Arc, time::Duration};

use llm_layers_redis::{Outbox, Prefix, Redis, Script, ScriptInvocation};

use self::corrections::Correction;
use super::{Claim, Id, Kind, Place, Refusal, Store, Taken, Taking, Unavailable};
use crate::{engine::MAX_DEBT, key::digest, limits::Rate};

const PREFIX: &str = "llm-rate-limit";

/// Limits that replicas share by a Redis, Valkey or cluster of them.
///
/// A call costs one way there and back: one script checks all of its rules and takes from all of them or from none.
/// What calls that are over have used, and the places that they leave, travel with the next call of the same process.
///
/// All keys of a store have one hash tag, for one script can see the keys of one slot only: in a cluster, the limits
/// of a layer live on one node. A script takes some ten microseconds of it. Layers with different
/// [prefixes](Self::prefix) may live on different ones.
///
/// Cloning it shares what is still to be told to the server: a layer whose settings change goes on with a clone.
#[derive(Clone)]
pub struct RedisStore {
    redis: Redis,
    prefix: Prefix,
    longest_call: Duration,
    script: Arc<Script>,
    corrections: Arc<Outbox<Correction>>,
}

impl RedisStore {
    /// A store at this server.
    #[must_use]
    pub fn new(redis: Redis) -> Self {
        Self {
            redis,
            prefix: Prefix::new(PREFIX, PREFIX),
            longest_call: Duration::from_secs(600),
            script: Arc::new(Script::new(include_str!("script.lua"))),
            corrections: Arc::default(),
        }
    }

    /// Sets what all keys begin with, without any braces. Default `llm-rate-limit`, also where nothing is left of it.
    /// Layers with the same prefix and rules of the same names share their limits.
    #[must_use]
    pub fn prefix(self, prefix: impl AsRef<str>) -> Self {
        let prefix = Prefix::new(prefix.as_ref(), PREFIX);
        // What waits for the keys of the other prefix must not go to these.
        Self { prefix, corrections: Arc::default(), ..self }
    }

    /// Sets how long a call may last. Default 10 minutes. The place of one whose process has died is free after that;
    /// one that lasts longer is not counted any more among those that run.
    #[must_use]
    pub fn longest_call(mut self, time: Duration) -> Self {
        self.longest_call = time;
        self
    }

    async fn take_there(&self, claims: &mut [Claim]) -> Result<Taken, Unavailable> {
        let lease = fastrand::u64(..);
        // Dropped before there is an answer, it takes back what the server may have given.
        let leaving = claims.iter().filter_map(|claim| Correction::leaving(claim, lease));
        let sent = self.corrections.send(leaving.collect());
        let answered = self.redis.eval::<Vec<i64>>(&self.invocation(sent.batch(), claims, lease)).await;
        sent.settle(&answered);
        answered.ok().and_then(|answer| read(&answer, claims, lease)).ok_or(Unavailable)
    }

    fn invocation(&self, corrections: &[Correction], claims: &[Claim], lease: u64) -> ScriptInvocation<'_> {
        let mut script = self.script.prepare_invoke();
        script.arg(corrections.len());
        for Correction { id, change, most, lease } in corrections {
            self.keys(&mut script, id);
            script.arg(change).arg(most).arg(lease.map_or_else(String::new, |lease| lease.to_string()));
        }
        for claim in claims {
            self.keys(&mut script, &claim.id);
            let times = |rate: Option<Rate>, units| {
                rate.map_or((0.0, -1.0), |rate| (micros(&rate, units), micros(&rate, rate.burst())))
            };
            let (request, requests) = times(claim.limits.request_rate(), 1);
            let (token, tokens) = times(claim.limits.token_rate(), claim.tokens);
            let most = claim.limits.max_concurrent().map_or(-1, i64::from);
            script.arg(request).arg(requests).arg(token).arg(tokens).arg(most);
        }
        let holds = u64::try_from(self.longest_call.as_micros()).unwrap_or(u64::MAX);
        script.arg(to_micros(MAX_DEBT)).arg(lease).arg(holds);
        script
    }

    /// A key of ours is a digest: a closure may have made it of a credential.
    fn keys(&self, script: &mut ScriptInvocation<'_>, Id { rule, key }: &Id) {
        let name = self.prefix.key(format_args!("{rule}:{}", digest(key.as_str())));
        script.key(&name).key(format!("{name}:leases"));
    }
}

impl Store for RedisStore {
    fn take<'a>(&'a self, claims: &'a mut [Claim]) -> Taking<'a> {
        if self.redis.is_cooling_down() {
            return Taking::Now(Err(Unavailable));
        }
        Taking::Later(Box::pin(self.take_there(claims)))
    }

    fn settle(&self, claims: &[Claim], used: u64) {
        self.corrections.add(claims.iter().filter_map(|claim| Correction::of(claim, used)));
    }

    fn flush(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async {
            // Those that are added meanwhile go another time.
            for _ in 0..self.corrections.calls() {
                if self.take_there(&mut []).await.is_err() {
                    return;
                }
            }
        })
    }
}

/// The time in which so many units come back.
fn micros(rate: &Rate, units: u64) -> f64 {
    to_micros(rate.nanos(units))
}

fn to_micros(nanos: u64) -> f64 {
    // Exact up to a quarter of a year; a burst is ten years at most.
    #[allow(clippy::cast_precision_loss, reason = "the server counts in doubles, too")]
    let nanos = nanos as f64;
    nanos / 1000.0
}

/// What the script has answered; `None` if it is not what the script answers.
fn read(answer: &[i64], claims: &mut [Claim], lease: u64) -> Option<Taken> {
    let time = |micros: i64| Duration::from_micros(u64::try_from(micros).unwrap_or_default());
    let running = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
    let (kind, rest) = answer.split_first()?;
    let kind = match kind {
        0 => {
            let (levels, _) = rest.as_chunks::<3>();
            for (claim, [requests, tokens, leases]) in claims.iter_mut().zip(levels) {
                claim.set_levels(time(*requests), time(*tokens), running(*leases));
                claim.place = Place::Lease(lease);
            }
            return (levels.len() == claims.len()).then_some(Taken::All);
        }
        1 => Kind::Requests,
        2 => Kind::Tokens,
        3 => Kind::Concurrent,
        _ => return None,
    };
    let [number, wait, requests, tokens, leases] = rest else { return None };
    let index = usize::try_from(*number).ok()?.checked_sub(1)?;
    claims.get_mut(index)?.set_levels(time(*requests), time(*tokens), running(*leases));
    let wait = (kind != Kind::Concurrent).then(|| time(*wait));
    Some(Taken::Refused(Refusal { claim: index, kind, wait }))
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("redis", &self.redis)
            .field("prefix", &self.prefix.as_str())
            .finish_non_exhaustive()
    }
}
