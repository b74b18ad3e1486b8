//! What ledgers keep, and give back.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use llm_layers_accounts::{Entry, JsonLines, Known, Ledger, MemoryLedger, Outcome, Unpriced};
use llm_layers_catalogue::ServiceTier;
use llm_layers_core::{Alias, Caller, Deployment, Operation, metering::Tokens};
use llm_layers_testkit::metrics::Recorded;
use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::support::Entries;

/// A folder that is gone after the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("llm-layers-accounts-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const NOON: u64 = 1_800_014_400;

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn entry(caller: &str, deployment: &str, seconds: u64, input: u64, cost: &str) -> Entry {
    let deployment = Deployment::new(deployment, "p", "m");
    let mut entry = Entry::new(at(seconds), deployment, Operation::ChatCompletion);
    entry.caller = Some(Caller::new(caller));
    entry.tokens = Tokens::new(input, 1);
    entry.cost = Ok(cost.parse().unwrap());
    entry
}

#[test]
fn memory_sums_by_caller_deployment_and_day() {
    let ledger = MemoryLedger::new();
    ledger.record(&entry("a", "x", NOON, 10, "0.1"));
    ledger.record(&entry("a", "x", NOON, 20, "0.2"));
    ledger.record(&entry("a", "y", NOON, 1, "1"));
    ledger.record(&entry("b", "x", NOON + 86_400, 5, "0.000000000001"));
    let mut other = entry("b", "x", NOON + 86_400, 5, "0");
    (other.cost, other.outcome, other.known) = (Err(Unpriced::MODEL), Outcome::Cancelled, Known::Estimated);
    ledger.record(&other);

    let rows = ledger.rows();
    let names: Vec<_> = rows.iter().map(|(row, _)| format!("{} {} {}", row.day, row.caller, row.deployment)).collect();
    assert_eq!(names, ["2027-01-15 a x", "2027-01-15 a y", "2027-01-16 b x"]);
    let (_, totals) = &rows[0];
    assert_eq!((totals.calls, totals.tokens.input, totals.cost), (2, 30, Decimal::new(3, 1)));
    let of_b = ledger.totals(|row| &*row.caller == "b");
    assert_eq!((of_b.calls, of_b.cancelled, of_b.unpriced, of_b.estimated), (2, 1, 1, 1));
    assert_eq!(of_b.cost, Decimal::new(1, 12), "unknown is not free, and is not in the sum");
    ledger.retain(|row| row.day.day() == 16);
    assert_eq!(ledger.rows().len(), 1);
}

#[test]
fn memory_is_bounded_and_loses_no_cent() {
    let ledger = MemoryLedger::new().max_rows(10);
    for caller in 0..100 {
        ledger.record(&entry(&format!("caller-{caller}"), "x", NOON, 1, "0.01"));
    }
    assert_eq!(ledger.rows().len(), 11);
    let others = ledger.totals(|row| &*row.caller == MemoryLedger::OTHER);
    assert_eq!((others.calls, others.cost), (90, Decimal::new(90, 2)));
    assert_eq!(ledger.totals(|_| true).cost, Decimal::ONE);
    ledger.record(&entry("caller-3", "x", NOON, 1, "0.01"));
    assert_eq!(ledger.totals(|row| &*row.caller == "caller-3").calls, 2, "who has a row keeps it");
}

#[test]
fn sums_of_hostile_numbers_stay_where_they_are() {
    let ledger = MemoryLedger::new();
    for _ in 0..3 {
        let mut entry = entry("a", "x", NOON, u64::MAX, "79228162514264337593543950335");
        entry.at = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::MAX / 4);
        ledger.record(&entry);
    }
    let totals = ledger.totals(|_| true);
    assert_eq!((totals.calls, totals.tokens.input, totals.cost), (3, u64::MAX, Decimal::MAX));
    assert_eq!(ledger.rows()[0].0.day.to_string(), "1970-01-01", "a time that no calendar has");
}

#[test]
fn several_ledgers_are_one() {
    let (one, other, third) = (Entries::default(), Entries::default(), Entries::default());
    let ledger = ((one.clone(), other.clone()), vec![third.clone(), third.clone()]);
    ledger.record(&entry("a", "x", NOON, 1, "1"));
    assert_eq!([one.take().len(), other.take().len(), third.take().len()], [1, 1, 2]);
}

#[test]
fn lines_are_written_at_once_and_read_back() {
    let folder = Folder::new("lines");
    let path = folder.file("ledger.jsonl");
    let entries = [entry("a", "x", NOON, 10, "0.10"), entry("b\n\"", "y", NOON + 1, 20, "0.00000000000000000001")];
    for entry in &entries {
        // Each time opened anew: it is appended to.
        JsonLines::open(&path).unwrap().record(entry);
    }
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().count(), 2, "{text}");
    assert_eq!(
        text.lines().next().unwrap(),
        concat!(
            r#"{"at":"2027-01-15T12:00:00Z","caller":"a","deployment":"x","provider":"p","model":"m","#,
            r#""operation":"chat_completion","tokens":{"input":10,"output":1},"cost_usd":"0.1","known":"computed","#,
            r#""outcome":"complete","service_tier":"standard","took_us":0}"#
        )
    );
    let read: Vec<_> = JsonLines::read(&path).unwrap().collect::<Result<_, _>>().unwrap();
    assert_eq!(read, entries);
}

#[test]
fn there_is_a_file_for_each_day() {
    let folder = Folder::new("daily");
    let ledger = JsonLines::daily(&folder.0, "calls").unwrap();
    for seconds in [NOON, NOON + 86_400, NOON + 86_401, NOON] {
        ledger.record(&entry("a", "x", seconds, 1, "1"));
    }
    for (day, lines) in [("2027-01-15", 2), ("2027-01-16", 2)] {
        assert_eq!(JsonLines::read(folder.file(&format!("calls-{day}.jsonl"))).unwrap().count(), lines);
    }
    assert!(JsonLines::daily(folder.file("calls-2027-01-15.jsonl"), "calls").is_err(), "that is no folder");
    assert!(JsonLines::open(folder.file("nowhere/ledger.jsonl")).is_err());
}

#[test]
fn what_cannot_be_written_fails_nothing() {
    let folder = Folder::new("gone");
    let ledger = JsonLines::daily(&folder.0, "calls").unwrap();
    fs::remove_dir_all(&folder.0).unwrap();
    ledger.record(&entry("a", "x", NOON, 1, "1"));
    fs::create_dir_all(&folder.0).unwrap();
    ledger.record(&entry("b", "x", NOON, 1, "1"));
    let read: Vec<_> = JsonLines::read(folder.file("calls-2027-01-15.jsonl")).unwrap().map(Result::unwrap).collect();
    assert_eq!(read.len(), 1, "it comes back by itself");
}

/// The callers of a file's entries.
fn callers(path: &Path) -> String {
    match JsonLines::read(path) {
        Ok(lines) => lines.map(|line| line.unwrap().caller.unwrap().name().to_owned()).collect(),
        Err(_) => "no file".to_owned(),
    }
}

#[test]
fn a_file_that_is_moved_or_removed_is_made_anew() {
    for is_buffered in [false, true] {
        let folder = Folder::new(&format!("moved-{is_buffered}"));
        let (inner, single) = (folder.file("inner"), folder.file("single.jsonl"));
        fs::create_dir(&inner).unwrap();
        let daily = inner.join("calls-2027-01-15.jsonl");
        let ledgers = [JsonLines::daily(&inner, "calls").unwrap(), JsonLines::open(&single).unwrap()];
        let ledgers = ledgers.map(|ledger| if is_buffered { ledger.buffered() } else { ledger });
        let recorded = Recorded::default();
        let record = |caller: &str| {
            metrics::with_local_recorder(&recorded, || {
                for ledger in &ledgers {
                    ledger.record(&entry(caller, "x", NOON, 1, "1"));
                    now(ledger.flush());
                }
            });
            [callers(&daily), callers(&single)]
        };
        assert_eq!(record("a"), ["a", "a"]);
        for path in [&daily, &single] {
            fs::rename(path, path.with_extension("gone")).unwrap();
        }
        assert_eq!(record("b"), ["b", "b"], "somebody rotates files");
        assert_eq!([&daily, &single].map(|path| callers(&path.with_extension("gone"))), ["a", "a"]);
        for path in [&daily, &single] {
            fs::remove_file(path).unwrap();
        }
        assert_eq!(record("c"), ["c", "c"]);
        fs::remove_dir_all(&inner).unwrap();
        assert_eq!(record("d"), ["no file", "cd"]);
        assert_eq!(recorded.counter("llm_accounts_ledger_failures_total{ledger=json_lines}"), 1, "{recorded:?}");
        fs::create_dir(&inner).unwrap();
        assert_eq!(record("e"), ["e", "cde"]);
    }
}

/// What is written can be read.
#[test]
fn names_of_any_length_are_cut_and_lines_are_read_back() {
    let folder = Folder::new("long");
    let path = folder.file("ledger.jsonl");
    let (ledger, totals) = (JsonLines::open(&path).unwrap(), MemoryLedger::new());
    let long = "\u{1}".repeat(3 << 20);
    let mut entry = entry(&long, &long, NOON, 1, "1");
    (entry.deployment, entry.alias) = (Deployment::new(&*long, &*long, &*long), Some(Alias::new(&*long)));
    entry.request_id = Some(long.as_str().into());
    ledger.record(&entry);
    totals.record(&entry);
    let read: Vec<_> = JsonLines::read(&path).unwrap().collect::<Result<_, _>>().unwrap();
    let [read] = read.as_slice() else { panic!("one line") };
    assert!(long.starts_with(read.deployment.name()) && read.deployment.name().len() > 200);
    assert!(fs::metadata(&path).unwrap().len() < 100_000);
    let (row, _) = &totals.rows()[0];
    assert_eq!((&*row.caller, &*row.deployment), (read.caller.as_ref().unwrap().name(), read.deployment.name()));
}

#[test]
fn a_line_that_was_torn_costs_no_other() {
    let folder = Folder::new("torn");
    let file = folder.file("calls-2027-01-15.jsonl");
    let ledger = JsonLines::daily(&folder.0, "calls").unwrap();
    let late = || ledger.record(&entry("a", "x", NOON, 1, "1"));
    late();
    let whole = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{whole}{{\"at\":")).unwrap();
    // A day later, and then one more of the day before.
    ledger.record(&entry("a", "x", NOON + 86_400, 1, "1"));
    late();
    let read: Vec<_> = JsonLines::read(&file).unwrap().map(|line| line.is_ok()).collect();
    assert_eq!(read, [true, false, true]);
}

#[test]
fn buffered_lines_are_written_by_whoever_flushes_or_drops() {
    let folder = Folder::new("buffered");
    let ledger = JsonLines::daily(&folder.0, "calls").unwrap().buffered();
    let count = |day: &str| callers(&folder.file(&format!("calls-2027-01-{day}.jsonl")));
    for (caller, seconds) in [("a", NOON), ("b", NOON), ("c", NOON + 86_400), ("d", NOON)] {
        ledger.record(&entry(caller, "x", seconds, 1, "1"));
    }
    assert_eq!(count("15"), "no file");
    now(ledger.flush());
    assert_eq!([count("15"), count("16")], ["abd", "c"]);
    ledger.record(&entry("e", "x", NOON, 1, "1"));
    drop(ledger);
    assert_eq!(count("15"), "abde");

    let recorded = Recorded::default();
    metrics::with_local_recorder(&recorded, || {
        let ledger = JsonLines::daily(&folder.0, "calls").unwrap().buffered();
        for _ in 0..10_007 {
            ledger.record(&entry("a", "x", NOON + 2 * 86_400, 1, "1"));
        }
    });
    assert_eq!(count("17").len(), 10_000);
    assert_eq!(recorded.counter("llm_accounts_entries_lost_total{ledger=json_lines}"), 7);
}

/// What needs nobody else is there at once.
fn now(future: impl Future<Output = ()>) {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(std::pin::pin!(future).poll(&mut context).is_ready());
}

#[test]
fn broken_lines_are_told_and_skipped() {
    let folder = Folder::new("broken");
    let path = folder.file("ledger.jsonl");
    JsonLines::open(&path).unwrap().record(&entry("a", "x", NOON, 1, "1"));
    let good = fs::read_to_string(&path).unwrap();
    let bad_outcome = good.replace("complete", "perhaps");
    let free = good.replace(r#""cost_usd":"1","#, "");
    let long = "x".repeat(2 << 20);
    fs::write(&path, format!("{good}\n   \n{{\"at\":\n{good}{bad_outcome}{free}{long}\n{good}{{\"torn")).unwrap();
    let read: Vec<_> = JsonLines::read(&path).unwrap().map(|entry| entry.map_err(|error| error.to_string())).collect();
    let told: Vec<_> = read.iter().filter_map(|entry| entry.as_ref().err()).collect();
    assert_eq!((read.len(), read.iter().filter(|entry| entry.is_ok()).count()), (8, 3), "{told:?}");
    assert_eq!(told[0], "line 4: EOF while parsing a value at column 6");
    assert_eq!(told[1], "line 6: `outcome` is missing or makes no sense");
    assert_eq!(told[2], "line 7: `cost_usd` is missing or makes no sense");
    assert_eq!(told[3], "line 8: longer than 1048576 bytes");
    assert_eq!(told[4], "line 10: EOF while parsing a string at column 6");
}

/// A folder can be opened, and not be read.
#[test]
fn a_file_that_fails_is_told_once() {
    let folder = Folder::new("unreadable");
    let Ok(lines) = JsonLines::read(&folder.0) else { return };
    let read: Vec<_> = lines.take(3).collect();
    assert!(matches!(&read[..], [Err(error)] if error.is_io()), "{read:?}");
}

fn any_entry() -> impl Strategy<Value = Entry> {
    let name = || prop_oneof![Just(None), ".{0,20}".prop_map(Some)];
    let kinds = prop::array::uniform11(prop_oneof![Just(None), any::<u64>().prop_map(Some)]);
    let cost = prop_oneof![
        (0..i64::MAX, 0..20u32).prop_map(|(number, scale)| Ok(Decimal::new(number, scale))),
        Just(Err(Unpriced::PRICE)),
    ];
    let times = (0..200_000_000_000u64, 0..10_000_000_000u64, any::<bool>(), 0..4usize, 0..5usize, 0..3usize);
    (name(), name(), ".{0,20}", kinds, cost, times, 100..600u16).prop_map(
        |(caller, alias, deployment, numbers, cost, (at, micros, has_word, tier, operation, way), status)| {
            let operations = [
                Operation::ChatCompletion,
                Operation::Completion,
                Operation::Embedding,
                Operation::Response,
                Operation::Message,
            ];
            let tiers = [ServiceTier::Standard, ServiceTier::Batch, ServiceTier::Flex, ServiceTier::Priority];
            let deployment = Deployment::new(deployment, "pröv", "m/1:0");
            let mut entry = Entry::new(UNIX_EPOCH + Duration::from_secs(at), deployment, operations[operation]);
            entry.caller = caller.map(Caller::new);
            entry.alias = alias.map(Alias::new);
            entry.tokens.input = numbers[0];
            entry.tokens.cached_input = numbers[1];
            entry.tokens.cache_write = numbers[2];
            entry.tokens.cache_write_1h = numbers[3];
            entry.tokens.audio_input = numbers[4];
            entry.tokens.cached_audio_input = numbers[5];
            entry.tokens.image_input = numbers[6];
            entry.tokens.output = numbers[7];
            entry.tokens.reasoning = numbers[8];
            entry.tokens.audio_output = numbers[9];
            entry.tokens.image_output = numbers[10];
            entry.cost = cost;
            entry.known = [Known::Reported, Known::Computed, Known::Estimated][way];
            entry.outcome = [Outcome::Complete, Outcome::Failed, Outcome::Cancelled][way];
            entry.status = has_word.then_some(status);
            entry.service_tier = tiers[tier];
            entry.first_word = has_word.then(|| Duration::from_micros(micros / 2));
            entry.took = Duration::from_micros(micros);
            entry.request_id = has_word.then(|| "req_1".into());
            entry
        },
    )
}

#[test]
fn any_entry_comes_back_as_it_was() {
    let folder = Folder::new("any");
    let path = folder.file("ledger.jsonl");
    proptest!(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) }, |(entry in any_entry())| {
        let _ = fs::remove_file(&path);
        JsonLines::open(&path).unwrap().record(&entry);
        let read: Vec<_> = JsonLines::read(&path).unwrap().collect::<Result<_, _>>().unwrap();
        prop_assert_eq!(read, [entry]);
    });
}
