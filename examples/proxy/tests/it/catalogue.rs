//! `llm-proxy catalogue`, as a shell sees it.

use std::path::PathBuf;
use std::process::{Command, Output};

fn catalogue(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_llm-proxy")).arg("catalogue").args(args).output().unwrap()
}

fn shown(args: &[&str]) -> String {
    let output = catalogue(args);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn said(args: &[&str]) -> String {
    let output = catalogue(args);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
    String::from_utf8(output.stderr).unwrap()
}

/// A configuration with a model that the catalogue knows under another name, one with a price of its own, and one of
/// which nobody knows anything.
fn config() -> String {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("catalogue.toml");
    let text = r#"
        [providers.claude]
        dialect = "anthropic"
        base_url = "https://api.anthropic.com"
        api_key = "sk-1"
        [providers.local]
        dialect = "openai"
        base_url = "http://127.0.0.1:8000/v1"
        [[deployments]]
        name = "big"
        provider = "claude"
        model = "claude-sonnet-4-5"
        [[deployments]]
        name = "little"
        provider = "local"
        model = "smollm2-135m"
        price = { input = "0.011", output = "0.022" }
        context_window = 8192
        capabilities = ["tools", "json_schema"]
        tier = "small"
        [[deployments]]
        name = "mystery"
        provider = "local"
    "#;
    std::fs::write(&file, text).unwrap();
    file.display().to_string()
}

/// The cells of the only row that begins so.
fn row(table: &str, id: &str) -> Vec<String> {
    let mut rows = table.lines().filter(|line| line.split("  ").next() == Some(id));
    let row = rows.next().unwrap_or_else(|| panic!("no {id} in:\n{table}"));
    assert!(rows.next().is_none(), "{table}");
    row.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).map(str::to_owned).collect()
}

#[test]
fn prints_all_in_columns() {
    let table = shown(&[]);
    let (head, rows) = table.split_once('\n').unwrap();
    assert!(head.contains("USD per million tokens or characters, per second, image or request"));
    assert!(rows.starts_with("MODEL "));
    assert!(rows.lines().count() > 400, "{}", rows.lines().count());
    // Each column begins where its head does.
    let at = rows.find("PROVIDER").unwrap();
    for line in rows.lines() {
        assert_eq!(&line[at - 2..at], "  ", "{line}");
        assert!(!line[at..].starts_with(' '), "{line}");
    }
}

#[test]
fn searches_by_words_and_provider() {
    let table = shown(&["CLAUDE", "sonnet", "--provider", "anthropic"]);
    for line in table.lines().skip(2) {
        assert!(line.contains("claude") && line.contains("sonnet") && line.contains(" anthropic "), "{line}");
    }
    let cells = row(&table, "claude-sonnet-4-5");
    assert_eq!(cells[1..5], ["anthropic", "3", "15", "0.3"]);
    assert!(cells[5].starts_with("cache_write 3.75, cache_write_1h 6"), "{}", cells[5]);
    assert!(cells[13].starts_with("https://"));
}

#[test]
fn json_is_a_model_a_line() {
    let text = shown(&["claude-sonnet-4-5", "--provider", "anthropic", "--json"]);
    let first: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(first["provider"], "anthropic");
    assert_eq!(first["price"]["input"], "3");
    assert!(first["date"].is_string());
}

/// The row that is asked for, whole.
fn json(args: &[&str], id: &str) -> serde_json::Value {
    let text = shown(&[args, &["--json"]].concat());
    let rows = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    rows.into_iter().find(|row| row["id"] == id).unwrap_or_else(|| panic!("no {id} in {text}"))
}

#[test]
fn prices_by_length_tier_and_hour_are_shown() {
    let pro = json(&["--provider", "gemini", "gemini-2.5-pro"], "gemini-2.5-pro");
    let above = &pro["price"]["above"][0];
    assert_eq!((&above["tokens"], &above["input"], &above["output"]), (&200_000.into(), &"2.5".into(), &"15".into()));
    assert_eq!(pro["price"]["batch"]["above"][0]["output"], "7.5");
    assert_eq!(pro["price"]["priority"]["input"], "2.25");
    assert!(pro["tier_source"].as_str().unwrap().starts_with("https://"));
    let flash = json(&["--provider", "deepseek"], "deepseek-flash");
    assert_eq!(flash["price"]["off_peak"][0]["zone"], "UTC");
    assert_eq!(flash["price"]["off_peak"][3]["days"], serde_json::json!(["sat", "sun"]));

    let table = shown(&["--provider", "gemini", "gemini-2.5-pro"]);
    assert!(row(&table, "gemini-2.5-pro")[5].ends_with("+steps, +batch, +flex, +priority"), "{table}");
}

#[test]
fn what_a_price_has_beside_others_is_searched_for() {
    let found = |words: &[&str]| shown(words).lines().count() - 2;
    for word in ["steps", "batch", "flex", "priority", "off-peak", "OFF_PEAK", "deprecated"] {
        let lines = found(&[word]);
        assert!(lines > 0 && lines < 400, "{word}: {lines}");
    }
    assert!(found(&["flex", "--provider", "gemini"]) > 0);
    // The day is in its column.
    let table = shown(&["deprecated"]);
    let at = table.lines().nth(1).unwrap().find("DEPRECATED").unwrap();
    assert!(table.lines().skip(2).all(|line| line[at..].starts_with("20")), "{table}");
}

#[test]
fn nothing_found_exits_with_1() {
    assert_eq!(said(&["no-such-model-at", "all"]), "no model in the catalogue has all of: no-such-model-at all\n");
    assert!(said(&["--provider", "nobody"]).starts_with("the catalogue has no provider `nobody`; it has anthropic, "));
    assert!(
        said(&["zzzz", "--provider", "openai"]).starts_with("no model of `openai` in the catalogue has all of: zzzz")
    );
    assert!(said(&["--config", "/nowhere.toml"]).contains("/nowhere.toml"));
}

#[test]
fn a_configuration_has_the_last_word() {
    let config = config();
    let table = shown(&["--config", &config, "--provider", "local"]);
    let little = row(&table, "smollm2-135m");
    assert_eq!(little[1..10], ["local", "0.011", "0.022", "-", "-", "8192", "unknown", "small", "tools,json_schema"]);
    assert_eq!(little[10..], ["unknown", "-", "unknown", &config]);
    let mystery = row(&table, "mystery");
    assert_eq!((&*mystery[1], &*mystery[11]), ("local", "-"));
    assert!(mystery[2..].iter().all(|cell| ["unknown", "-"].contains(&&**cell)), "{mystery:?}");
    // Found by the deployment's own name, under the name that the file has for its provider.
    let big = row(&shown(&["--config", &config, "--provider", "claude", "big"]), "claude-sonnet-4-5");
    assert_eq!(big[1..4], ["claude", "3", "15"]);
    // And the others are there as before.
    assert!(shown(&["--config", &config, "gpt-4o"]).lines().count() > 2);
}
