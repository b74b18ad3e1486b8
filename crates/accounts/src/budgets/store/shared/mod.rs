mod settlements;

use std::{fmt, pin::Pin, sync::Arc, time::Duration};

use llm_layers_redis::{Outbox, Prefix, Redis, Script, ScriptInvocation};

use self::settlements::{Known, Settlement};
use super::{Claim, Lease, Store, Taken, Taking, Unavailable};

const PREFIX: &str = "llm-budgets";

/// Budgets that replicas share by a Redis, Valkey or cluster of them, exactly.
///
/// A call costs one way there and back: one script settles what earlier calls of the same process have cost, checks all
/// budgets of the call, and reserves in all of them or in none. What is reserved is known there by a lease, which runs
/// out after the [longest call](Self::longest_call): money that a process kept which has died is free again.
///
/// All keys of a store have one hash tag, for one script can see the keys of one slot only. Those of a window are gone
/// some time after it; those of total budgets stay.
///
/// Cloning it shares what is still to be told to the server.
#[derive(Clone)]
pub struct RedisStore {
    redis: Redis,
    prefix: Prefix,
    longest_call: Duration,
    script: Arc<Script>,
    settlements: Arc<Outbox<Settlement>>,
    known: Arc<Outbox<Known>>,
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
            settlements: Arc::default(),
            known: Arc::default(),
        }
    }

    /// Sets what all keys begin with, without any braces. Default `llm-budgets`, also where nothing is left of it.
    #[must_use]
    pub fn prefix(self, prefix: impl AsRef<str>) -> Self {
        let prefix = Prefix::new(prefix.as_ref(), PREFIX);
        // What waits for the keys of the other prefix must not go to these.
        Self { prefix, settlements: Arc::default(), known: Arc::default(), ..self }
    }

    /// Sets how long a call may last. Default 10 minutes. What one that lasts longer has reserved is free after that;
    /// what it costs is counted all the same.
    #[must_use]
    pub fn longest_call(mut self, time: Duration) -> Self {
        self.longest_call = time;
        self
    }

    async fn run(&self, claims: &mut [Claim], reserve: Option<u64>) -> Result<Taken, Unavailable> {
        let lease = Lease(fastrand::u64(..));
        let giving_back = |amount| claims.iter().map(move |claim| self.settlement(claim, lease, amount, 0));
        let reserving = reserve.map(|amount| giving_back(amount).collect()).unwrap_or_default();
        // Dropped before there is an answer, it takes back what the server may have given.
        let (sent, known) = (self.settlements.send(reserving), self.known.send(Vec::new()));
        let script = self.invocation(sent.batch(), known.batch(), claims, lease, reserve);
        let answered = self.redis.eval::<Vec<u64>>(&script).await;
        known.settle(&answered);
        self.known.add(sent.settle(&answered).into_iter().filter_map(Known::of));
        answered.ok().and_then(|answer| read(&answer, claims, lease)).ok_or(Unavailable)
    }

    fn invocation(
        &self,
        settlements: &[Settlement],
        known: &[Known],
        claims: &[Claim],
        lease: Lease,
        reserve: Option<u64>,
    ) -> ScriptInvocation<'_> {
        let mut script = self.script.prepare_invoke();
        script.arg(settlements.len()).arg(known.len());
        for Settlement { row, kept_until, lease, amount, cost } in settlements {
            script.key(row).key(held(row));
            script.arg(lease.0).arg(amount).arg(cost).arg(kept_until);
        }
        for Known { row, lease } in known {
            script.key(held(row)).arg(lease.0);
        }
        for claim in claims {
            let row = self.row(claim);
            let held = held(&row);
            script.key(row).key(held).arg(claim.limit()).arg(self.kept_until(claim));
        }
        let holds = u64::try_from(self.longest_call.as_millis()).unwrap_or(u64::MAX);
        // A time that doubles can add to, and no call lasts longer.
        let holds = holds.min(100 * 365 * 24 * 3_600_000);
        script.arg(u8::from(reserve.is_some())).arg(lease.0).arg(reserve.unwrap_or_default()).arg(holds);
        script
    }

    fn settlement(&self, claim: &Claim, lease: Lease, amount: u64, cost: u64) -> Settlement {
        Settlement { row: self.row(claim), kept_until: self.kept_until(claim), lease, amount, cost }
    }

    /// Names of callers and aliases are told nobody.
    fn row(&self, claim: &Claim) -> String {
        let (budget, per, start) = (claim.budget(), claim.per().name(), claim.window().start);
        self.prefix.key(format_args!("{budget}:{}:{per}:{start}", claim.key()))
    }

    /// Calls that began in a window settle in it.
    fn kept_until(&self, claim: &Claim) -> u64 {
        let Some(end) = claim.window().end else { return 0 };
        let more = self.longest_call.as_secs().saturating_add(3600);
        // The server refuses a time that is no signed number.
        end.saturating_add(more).saturating_mul(1000).min(i64::MAX as u64 / 4)
    }
}

fn held(row: &str) -> String {
    format!("{row}:held")
}

impl Store for RedisStore {
    fn reserve<'a>(&'a self, claims: &'a mut [Claim], amount: u64) -> Taking<'a> {
        if self.redis.is_cooling_down() {
            return Taking::Now(Err(Unavailable));
        }
        Taking::Later(Box::pin(self.run(claims, Some(amount))))
    }

    fn look<'a>(&'a self, claims: &'a mut [Claim]) -> Taking<'a> {
        if self.redis.is_cooling_down() {
            return Taking::Now(Err(Unavailable));
        }
        Taking::Later(Box::pin(self.run(claims, None)))
    }

    fn settle(&self, claims: &[Claim], lease: Option<Lease>, amount: u64, cost: u64) {
        let lease = lease.unwrap_or_else(|| Lease(fastrand::u64(..)));
        self.settlements.add(claims.iter().map(|claim| self.settlement(claim, lease, amount, cost)));
    }

    fn flush(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async {
            // Those that are added meanwhile go another time.
            for _ in 0..self.settlements.calls().max(self.known.calls()) {
                if self.run(&mut [], None).await.is_err() {
                    return;
                }
            }
        })
    }
}

/// What the script has answered; `None` if it is not what the script answers.
fn read(answer: &[u64], claims: &mut [Claim], lease: Lease) -> Option<Taken> {
    let (refused, levels) = answer.split_first()?;
    let (levels, _) = levels.as_chunks::<2>();
    if levels.len() != claims.len() {
        return None;
    }
    for (claim, [spent, reserved]) in claims.iter_mut().zip(levels) {
        claim.tell(*spent, *reserved);
    }
    match refused {
        0 => Some(Taken::All(Some(lease))),
        number => usize::try_from(number - 1).ok().filter(|index| *index < claims.len()).map(Taken::Refused),
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("redis", &self.redis)
            .field("prefix", &self.prefix.as_str())
            .finish_non_exhaustive()
    }
}
