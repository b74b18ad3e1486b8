//! `llm-proxy reconcile LEDGER BILL`, as a shell sees it.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use llm_layers_accounts::{Entry, JsonLines, Ledger as _, RedisLedger};
use llm_layers_core::{Deployment, Operation};
use llm_layers_redis::Redis;
use llm_layers_testkit::redis::Server;

/// A folder of a test's own, that is gone after it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A dollar at one provider and two at another, both on 2026-11-20.
fn ledger(folder: &Folder, name: &str) -> PathBuf {
    let path = folder.file(name);
    let ledger = JsonLines::open(&path).unwrap();
    for (provider, usd) in [("openai", 1), ("anthropic", 2)] {
        let at = UNIX_EPOCH + Duration::from_secs(1_795_132_800);
        let mut entry = Entry::new(at, Deployment::new("a", provider, "m"), Operation::ChatCompletion);
        entry.cost = Ok(usd.into());
        ledger.record(&entry);
    }
    path
}

fn run(ledger: &PathBuf, bill: &str, more: &[&str]) -> (Option<i32>, String, String) {
    let path = if ledger.is_dir() { ledger.join("bill.csv") } else { ledger.with_extension("csv") };
    std::fs::write(&path, bill).unwrap();
    let command =
        Command::new(env!("CARGO_BIN_EXE_llm-proxy")).arg("reconcile").arg(ledger).arg(&path).args(more).output();
    let Output { status, stdout, stderr } = command.unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

#[test]
fn it_exits_with_0_within_the_tolerance_and_with_1_beyond() {
    let folder = Folder::new("within");
    let ledger = ledger(&folder, "a.jsonl");
    let bill = "date,amount\n2026-11-20,1.02\n";
    let (code, shown, _) = run(&ledger, bill, &["--provider", "openai"]);
    assert_eq!(code, Some(1), "{shown}");
    assert!(shown.contains("beyond tolerance") && shown.contains("+2.00"), "{shown}");
    let (code, shown, _) = run(&ledger, bill, &["--provider", "openai", "--tolerance", "3%"]);
    assert_eq!(code, Some(0), "{shown}");
    let (code, shown, _) = run(&ledger, "date,amount\n2026-11-20,3.00\n", &[]);
    assert_eq!(code, Some(0), "{shown}");
}

#[test]
fn totals_are_by_day_caller_and_deployment_of_a_file_or_a_folder() {
    let folder = Folder::new("totals");
    let one = ledger(&folder, "c.jsonl");
    // What is beside the proxy's own files may be a copy of them.
    for name in ["llm-calls-2026-11-20.jsonl", "llm-calls-2026-11-21.jsonl", "copy.jsonl"] {
        std::fs::copy(&one, folder.file(name)).unwrap();
    }
    std::fs::write(folder.file("notes.txt"), "no entry").unwrap();
    let totals = |path: &PathBuf, more: &[&str]| {
        let command =
            Command::new(env!("CARGO_BIN_EXE_llm-proxy")).arg("totals").arg(path).args(more).output().unwrap();
        (command.status.success(), String::from_utf8(command.stdout).unwrap())
    };
    let (ok, table) = totals(&folder.0, &[]);
    assert!(ok && table.lines().count() == 3, "{table}");
    let words = |line: usize| table.lines().nth(line).unwrap().split_whitespace().collect::<Vec<_>>();
    assert_eq!(words(1), ["2026-11-20", "-", "a", "4", "0", "0", "0", "0", "6"]);
    assert_eq!(words(2), ["all", "4", "0", "0", "0", "0", "6"]);
    let (_, json) = totals(&one, &["--json"]);
    let row: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&row["cost_usd"], &row["attempts"], &row["caller"]), (&"3".into(), &2.into(), &"".into()));
    assert!(!totals(&folder.file("nowhere"), &[]).0);
    let empty = folder.file("empty.jsonl");
    std::fs::write(&empty, "").unwrap();
    assert_eq!(totals(&empty, &[]), (false, String::new()), "zeros would be no news of anything");
}

#[tokio::test]
async fn totals_of_replicas_are_in_their_redis() {
    let server = Server::start();
    let redis = Redis::open(&server.url()).unwrap().time_limit(Duration::from_secs(5));
    let ledger = RedisLedger::new(redis);
    for (days_ago, usd) in [(0, "0.0000099"), (2, "5"), (9, "100")] {
        let at = SystemTime::now() - Duration::from_secs(days_ago * 86_400);
        let mut entry = Entry::new(at, Deployment::new("a", "p", "m"), Operation::ChatCompletion);
        entry.cost = Ok(usd.parse().unwrap());
        ledger.record(&entry);
    }
    ledger.flush().await;
    let totals = |url: &str, more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_llm-proxy"));
        let command = command.args(["totals", "--redis", url]).args(more).output().unwrap();
        (command.status.code(), String::from_utf8(command.stdout).unwrap())
    };
    let (code, table) = totals(&server.url(), &["--days", "4"]);
    assert!(code == Some(0) && table.lines().count() == 4, "{table}");
    assert!(table.lines().nth(2).unwrap().ends_with(" 0.0000099"), "all digits, and the last day last: {table}");
    assert!(table.lines().last().unwrap().ends_with(" 5.0000099"), "{table}");
    assert_eq!(totals(&server.url(), &["--json"]).1.lines().count(), 3);
    let url = server.url();
    drop(server);
    assert_eq!(totals(&url, &[]), (Some(1), String::new()));
    assert_eq!(totals("nowhere", &[]).0, Some(1));
    assert_eq!(totals(&url, &["l.jsonl"]).0, Some(2), "one of both");
}

#[test]
fn lines_that_are_no_entries_are_left_out_and_told() {
    let folder = Folder::new("torn");
    let whole = std::fs::read_to_string(ledger(&folder, "d.jsonl")).unwrap();
    let torn = folder.file("llm-calls-2026-11-20.jsonl");
    std::fs::write(&torn, format!("{whole}{{\"at\":\"2026-11-2\n{whole}{{}}\n")).unwrap();
    std::fs::write(folder.file("llm-calls-2026-11-21.jsonl"), &whole).unwrap();
    let command = Command::new(env!("CARGO_BIN_EXE_llm-proxy")).arg("totals").arg(&folder.0).output().unwrap();
    let (table, told) = (String::from_utf8(command.stdout).unwrap(), String::from_utf8(command.stderr).unwrap());
    assert!(command.status.success(), "{told}");
    assert!(table.lines().last().unwrap().ends_with(" 9"), "the days behind it count, too: {table}");
    let lines: Vec<_> = told.lines().collect();
    assert_eq!(lines.len(), 3, "{told}");
    assert!(lines[0].starts_with("2 lines are no entries"), "{told}");
    assert!(lines[1].contains(&format!("{}: line 3: ", torn.display())), "{told}");
    assert!(lines[2].contains(&format!("{}: line 6: ", torn.display())), "{told}");

    let bill = "date,amount\n2026-11-20,9\n";
    let (code, shown, told) = run(&folder.0, bill, &[]);
    assert!(code == Some(0) && shown.contains("2026-11-20") && told.contains("line 6: "), "{code:?} {shown} {told}");
    let (code, _, told) = run(&folder.0, bill, &["--strict"]);
    assert!(code == Some(2) && told.contains("line 6: "), "{code:?} {told}");
    assert_eq!(run(&ledger(&folder, "e.jsonl"), "date,amount\n2026-11-20,3\n", &["--strict"]).0, Some(0));
}

/// A check that compares nothing must not pass.
#[test]
fn a_bill_without_days_is_none() {
    let folder = Folder::new("no-days");
    let (code, _, told) = run(&ledger(&folder, "f.jsonl"), "date,amount\n", &[]);
    assert!(code == Some(2) && told.contains("no days"), "{code:?} {told}");
    let bill = "date,amount\n2026-11-19,0\n";
    let ledger = ledger(&folder, "g.jsonl");
    assert_eq!(run(&ledger, bill, &[]).0, Some(0), "it does not reach the day of the calls");
    let (code, shown, _) = run(&ledger, bill, &["--to", "2026-11-20"]);
    assert!(code == Some(1) && shown.contains("2026-11-20"), "{code:?} {shown}");
    assert_eq!(run(&ledger, bill, &["--from", "2026-11-20"]).0, Some(2));
    assert_eq!(run(&ledger, bill, &["--to", "yesterday"]).0, Some(2));
}

#[test]
fn it_exits_with_2_and_the_line_where_a_file_cannot_be_read() {
    let folder = Folder::new("unreadable");
    let ledger = ledger(&folder, "b.jsonl");
    let (code, _, told) = run(&ledger, "date,amount\n2026-11-20,much\n", &[]);
    assert!(code == Some(2) && told.contains("line 2: no amount"), "{code:?} {told}");
    let (code, _, told) = run(&folder.file("none.jsonl"), "date,amount\n", &[]);
    assert!(code == Some(2) && told.contains("none.jsonl"), "{code:?} {told}");
    assert_eq!(run(&ledger, "date,amount\n", &["--tolerance", "-1"]).0, Some(2));
}
