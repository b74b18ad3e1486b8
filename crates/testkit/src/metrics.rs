//! What is counted, and under which labels.
//!
//! ```
//! use llm_layers_testkit::metrics::Recorded;
//!
//! let recorded = Recorded::default();
//! metrics::with_local_recorder(&recorded, || metrics::counter!("calls_total", "kind" => "chat").increment(2));
//! assert_eq!(recorded.lines(), ["calls_total{kind=chat} 2"]);
//! assert_eq!(recorded.counter("calls_total{kind=chat}"), 2);
//! ```

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use metrics::{Counter, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit};

/// A recorder of a test's own. A series is called `NAME{LABEL=VALUE,LABEL=VALUE}`, with its labels as they were given.
/// Cloning it shares what is recorded.
#[derive(Clone, Debug, Default)]
pub struct Recorded(Arc<Mutex<BTreeMap<String, Series>>>);

#[derive(Clone, Debug)]
enum Series {
    Counter(Arc<AtomicU64>),
    /// The bits of a float.
    Gauge(Arc<AtomicU64>),
    Histogram(Arc<Samples>),
}

/// How many there are.
#[derive(Debug, Default)]
struct Samples(AtomicU64);

impl HistogramFn for Samples {
    fn record(&self, _: f64) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Recorded {
    /// All series in the order of their names, each with its value: a counter's, a gauge's, the number of a histogram's
    /// samples.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let line = |(name, series): (&String, &Series)| match series {
            Series::Counter(value) => format!("{name} {}", value.load(Ordering::Relaxed)),
            Series::Gauge(value) => format!("{name} {}", f64::from_bits(value.load(Ordering::Relaxed))),
            Series::Histogram(samples) => format!("{name} {}", samples.0.load(Ordering::Relaxed)),
        };
        self.lock().iter().map(line).collect()
    }

    /// The names of all series, in order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.lock().keys().cloned().collect()
    }

    /// What a counter has come to: 0 where there is none.
    #[must_use]
    pub fn counter(&self, series: &str) -> u64 {
        match self.lock().get(series) {
            Some(Series::Counter(value)) => value.load(Ordering::Relaxed),
            _ => 0,
        }
    }

    /// The sum of all counters.
    #[must_use]
    pub fn total(&self) -> u64 {
        let count = |series: &Series| match series {
            Series::Counter(value) => value.load(Ordering::Relaxed),
            _ => 0,
        };
        self.lock().values().map(count).sum()
    }

    /// Where a gauge stands; nothing where there is none.
    #[must_use]
    pub fn gauge(&self, series: &str) -> Option<f64> {
        match self.lock().get(series)? {
            Series::Gauge(value) => Some(f64::from_bits(value.load(Ordering::Relaxed))),
            _ => None,
        }
    }

    /// How many samples a histogram has: 0 where there is none.
    #[must_use]
    pub fn samples(&self, series: &str) -> u64 {
        match self.lock().get(series) {
            Some(Series::Histogram(samples)) => samples.0.load(Ordering::Relaxed),
            _ => 0,
        }
    }

    fn series(&self, key: &Key, make: fn() -> Series) -> Series {
        let labels: Vec<_> = key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        let name = format!("{}{{{}}}", key.name(), labels.join(","));
        self.lock().entry(name).or_insert_with(make).clone()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Series>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recorder for Recorded {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        match self.series(key, || Series::Counter(Arc::default())) {
            Series::Counter(value) => Counter::from_arc(value),
            series => panic!("{} is two kinds of metric: {series:?}, and a counter", key.name()),
        }
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        match self.series(key, || Series::Gauge(Arc::default())) {
            Series::Gauge(value) => Gauge::from_arc(value),
            series => panic!("{} is two kinds of metric: {series:?}, and a gauge", key.name()),
        }
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        match self.series(key, || Series::Histogram(Arc::default())) {
            Series::Histogram(samples) => Histogram::from_arc(samples),
            series => panic!("{} is two kinds of metric: {series:?}, and a histogram", key.name()),
        }
    }
}
