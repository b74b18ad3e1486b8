use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::civil::Date;
use llm_layers_catalogue::Meter;
use llm_layers_core::Rng;
use llm_layers_redis::{Away, Prefix, Reason, Redis, Script, cmd};
use rust_decimal::{Decimal, prelude::ToPrimitive as _};

use super::{Flushing, Ledger, Row, Totals};
use crate::{Entry, observe};

const PREFIX: &str = "llm-accounts";
/// So many rows go to the server at once.
const BATCH: usize = 64;
/// So many rows wait at most: callers times deployments, for the time that the server is away.
const MOST: usize = 10_000;
/// As long as a batch may be sent again.
const MARK: Duration = Duration::from_secs(24 * 3600);
/// Decimals of the integers that costs are there.
const PICO: u32 = 12;

/// Totals that replicas share, by caller, deployment and day, in Redis or Valkey.
///
/// An entry is added to what waits in memory, and goes to the server with the next
/// [`flush`](crate::AccountsLayer::flush): one script for up to 64 rows. While the server is away, sums of up to 10,000
/// rows wait; what goes beyond is lost, and counted in `llm_accounts_entries_lost_total`. A batch of which nobody knows
/// whether it has arrived is sent again under the same name, and counts once.
///
/// Costs are integers of 10⁻¹² dollars there; a row holds nine million dollars. All keys have one hash tag: in a cluster
/// a ledger lives on one node.
///
/// Cloning it shares what waits.
#[derive(Clone)]
pub struct RedisLedger {
    redis: Redis,
    prefix: Prefix,
    keep: Duration,
    script: Arc<Script>,
    waiting: Arc<Mutex<Waiting>>,
}

#[derive(Default)]
struct Waiting {
    rows: HashMap<Row, Totals, foldhash::fast::RandomState>,
    /// On its way, or lost on it.
    sent: Option<Arc<Batch>>,
}

struct Batch {
    name: u64,
    rows: Vec<(Row, Totals)>,
}

impl RedisLedger {
    /// A ledger at this server.
    #[must_use]
    pub fn new(redis: Redis) -> Self {
        Self {
            redis,
            prefix: Prefix::new(PREFIX, PREFIX),
            keep: Duration::from_secs(400 * 24 * 3600),
            script: Arc::new(Script::new(include_str!("add.lua"))),
            waiting: Arc::default(),
        }
    }

    /// Sets what all keys begin with, without any braces. Default `llm-accounts`, also where nothing is left of it.
    #[must_use]
    pub fn prefix(self, prefix: impl AsRef<str>) -> Self {
        Self { prefix: Prefix::new(prefix.as_ref(), PREFIX), waiting: Arc::default(), ..self }
    }

    /// Sets how long a row is kept after its last entry. Default 400 days.
    #[must_use]
    pub const fn keep(mut self, time: Duration) -> Self {
        self.keep = time;
        self
    }

    /// The rows of a day, by caller and deployment, as the server has them.
    ///
    /// # Errors
    /// The server does not answer.
    pub async fn rows(&self, day: Date) -> Result<Vec<(Row, Totals)>, Away> {
        let names: Vec<String> = self.redis.query(cmd("SMEMBERS").arg(self.index(day))).await?;
        let mut rows = Vec::with_capacity(names.len());
        for name in names {
            let Ok((caller, deployment)) = serde_json::from_str::<(Box<str>, Box<str>)>(&name) else { continue };
            let fields: HashMap<String, i64> = self.redis.query(cmd("HGETALL").arg(self.key(day, &name))).await?;
            rows.push((Row::new(day, caller, deployment), read(&fields)));
        }
        rows.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        Ok(rows)
    }

    async fn send(&self, batch: &Batch) -> Result<(), Away> {
        let mut script = self.script.prepare_invoke();
        script.key(self.prefix.key(format_args!("batch:{:016x}", batch.name)));
        script.arg(MARK.as_secs()).arg(self.keep.as_secs().max(1));
        for (row, totals) in &batch.rows {
            let name = name(row);
            script.key(self.index(row.day)).key(self.key(row.day, &name));
            let fields: Vec<_> = fields(totals).filter(|(_, number)| *number > 0).collect();
            script.arg(name).arg(fields.len());
            for (field, number) in fields {
                script.arg(field).arg(number);
            }
        }
        self.redis.eval::<i64>(&script).await.map(drop)
    }

    /// What is to be sent next: once more what may not have arrived.
    fn next(&self) -> Option<Arc<Batch>> {
        let mut waiting = self.lock();
        if waiting.sent.is_none() && !waiting.rows.is_empty() {
            let rows: Vec<Row> = waiting.rows.keys().take(BATCH).cloned().collect();
            let rows = rows.into_iter().filter_map(|row| waiting.rows.remove_entry(&row)).collect();
            waiting.sent = Some(Arc::new(Batch { name: Rng::default().next_u64(), rows }));
        }
        waiting.sent.clone()
    }

    fn arrived(&self, batch: &Arc<Batch>) {
        let mut waiting = self.lock();
        if waiting.sent.as_ref().is_some_and(|sent| Arc::ptr_eq(sent, batch)) {
            waiting.sent = None;
        }
    }

    fn index(&self, day: Date) -> String {
        self.prefix.key(day)
    }

    fn key(&self, day: Date, name: &str) -> String {
        self.prefix.key(format_args!("{day}:{name}"))
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ledger for RedisLedger {
    fn record(&self, entry: &Entry) {
        let (row, totals) = (Row::of(entry), Totals::of(entry));
        let mut waiting = self.lock();
        if waiting.rows.len() >= MOST && !waiting.rows.contains_key(&row) {
            drop(waiting);
            observe::entries_lost("redis", 1);
            return;
        }
        *waiting.rows.entry(row).or_default() += &totals;
    }

    fn flush(&self) -> Flushing<'_> {
        Box::pin(async {
            // What is added meanwhile goes another time.
            let most = self.lock().rows.len().div_ceil(BATCH) + 1;
            for _ in 0..most {
                let Some(batch) = self.next() else { return };
                match self.send(&batch).await {
                    Ok(()) => self.arrived(&batch),
                    Err(away) if away.reason() == Reason::Refused => {
                        // It would be refused again, and all others with it.
                        self.arrived(&batch);
                        observe::entries_lost("redis", batch.rows.iter().map(|(_, totals)| totals.calls).sum());
                    }
                    Err(_) => return,
                }
            }
        })
    }
}

/// A row's name within its day. In JSON no caller's name can be made to look like another row.
fn name(row: &Row) -> String {
    serde_json::json!([row.caller, row.deployment]).to_string()
}

fn fields(totals: &Totals) -> impl Iterator<Item = (&'static str, i64)> {
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let mut cost = totals.cost.round_dp(PICO);
    cost.rescale(PICO);
    let cost = cost.mantissa().to_i64().unwrap_or(i64::MAX);
    [
        ("calls", number(totals.calls)),
        ("failed", number(totals.failed)),
        ("cancelled", number(totals.cancelled)),
        ("unpriced", number(totals.unpriced)),
        ("estimated", number(totals.estimated)),
        ("cost_picos", cost),
    ]
    .into_iter()
    .chain(Meter::ALL.map(|meter| (meter.name(), number(totals.tokens.of(meter)))))
}

fn read(fields: &HashMap<String, i64>) -> Totals {
    let number = |field: &str| fields.get(field).and_then(|number| u64::try_from(*number).ok()).unwrap_or_default();
    let mut totals = Totals {
        calls: number("calls"),
        failed: number("failed"),
        cancelled: number("cancelled"),
        unpriced: number("unpriced"),
        estimated: number("estimated"),
        cost: Decimal::from_i128_with_scale(number("cost_picos").into(), PICO).normalize(),
        ..Totals::default()
    };
    for meter in Meter::ALL {
        *totals.tokens.of_mut(meter) = number(meter.name());
    }
    totals
}

impl fmt::Debug for RedisLedger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisLedger")
            .field("redis", &self.redis)
            .field("prefix", &self.prefix.as_str())
            .finish_non_exhaustive()
    }
}
