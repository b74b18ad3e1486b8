//! `llm-proxy reconcile LEDGER BILL`, as a shell sees it.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::{Duration, UNIX_EPOCH};

use llm_layers_accounts::{Entry, JsonLines, Ledger as _};
use llm_layers_core::{Deployment, Operation};

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("reconcile-{name}"))
}

/// A dollar at one provider and two at another, both on 2026-11-20.
fn ledger(name: &str) -> PathBuf {
    let path = file(name);
    let _ = std::fs::remove_file(&path);
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
    let path = ledger.with_extension("csv");
    std::fs::write(&path, bill).unwrap();
    let command =
        Command::new(env!("CARGO_BIN_EXE_llm-proxy")).arg("reconcile").arg(ledger).arg(&path).args(more).output();
    let Output { status, stdout, stderr } = command.unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

#[test]
fn it_exits_with_0_within_the_tolerance_and_with_1_beyond() {
    let ledger = ledger("a.jsonl");
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
    let folder = file("folder");
    std::fs::create_dir_all(&folder).unwrap();
    let one = ledger("c.jsonl");
    for name in ["calls-1.jsonl", "calls-2.jsonl"] {
        std::fs::copy(&one, folder.join(name)).unwrap();
    }
    std::fs::write(folder.join("notes.txt"), "no entry").unwrap();
    let totals = |path: &PathBuf, more: &[&str]| {
        let command =
            Command::new(env!("CARGO_BIN_EXE_llm-proxy")).arg("totals").arg(path).args(more).output().unwrap();
        (command.status.success(), String::from_utf8(command.stdout).unwrap())
    };
    let (ok, table) = totals(&folder, &[]);
    assert!(ok && table.lines().count() == 3, "{table}");
    let words = |line: usize| table.lines().nth(line).unwrap().split_whitespace().collect::<Vec<_>>();
    assert_eq!(words(1), ["2026-11-20", "-", "a", "4", "0", "0", "0", "0", "6.000000"]);
    assert_eq!(words(2), ["all", "4", "0", "0", "0", "0", "6.000000"]);
    let (_, json) = totals(&one, &["--json"]);
    let row: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&row["cost_usd"], &row["attempts"], &row["caller"]), (&"3".into(), &2.into(), &"".into()));
    assert!(!totals(&file("nowhere"), &[]).0);
}

#[test]
fn it_exits_with_2_and_the_line_where_a_file_cannot_be_read() {
    let ledger = ledger("b.jsonl");
    let (code, _, told) = run(&ledger, "date,amount\n2026-11-20,much\n", &[]);
    assert!(code == Some(2) && told.contains("line 2: no amount"), "{code:?} {told}");
    let whole = std::fs::read_to_string(&ledger).unwrap();
    std::fs::write(&ledger, format!("{whole}{{\"at\":")).unwrap();
    let (code, _, told) = run(&ledger, "date,amount\n", &[]);
    assert!(code == Some(2) && told.contains("line 3: "), "{code:?} {told}");
    let (code, _, told) = run(&file("none.jsonl"), "date,amount\n", &[]);
    assert!(code == Some(2) && told.contains("none.jsonl"), "{code:?} {told}");
    assert_eq!(run(&ledger, "date,amount\n", &["--tolerance", "-1"]).0, Some(2));
}
