//! `llm-proxy check FILE`, as a shell sees it.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

fn check(file: &PathBuf) -> std::io::Result<Output> {
    Command::new(env!("CARGO_BIN_EXE_llm-proxy"))
        .arg("check")
        .arg(file)
        .env("OPENAI_API_KEY", "a")
        .env("ANTHROPIC_API_KEY", "b")
        .env("TEAM_A_KEY", "c")
        .output()
}

#[test]
fn a_good_file_exits_with_0() {
    let example = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("llm-proxy.example.toml");
    let output = check(&example).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "the example warns of nothing");
}

#[test]
fn what_has_no_effect_is_a_warning() {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("idle.toml");
    let text = r#"
        providers.openai.api_key = "env:OPENAI_API_KEY"
        [[deployments]]
        name = "mini"
        provider = "openai"
        [[aliases]]
        name = "chat"
        deployments = ["mini"]
        sticky = "user"
    "#;
    std::fs::write(&file, text).unwrap();
    let output = check(&file).unwrap();
    let shown = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{shown}");
    assert!(shown.starts_with("warning: `sticky` of the alias `chat` has no effect"), "{shown}");
    assert!(String::from_utf8(output.stdout).unwrap().ends_with("idle.toml: ok\n"));
}

/// A log goes into files as well, where colours are noise.
#[test]
fn a_start_warns_too_and_without_colours_where_nobody_sees_them() {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("idle-start.toml");
    let text = r#"
        listen = "127.0.0.1:0"
        providers.p = { dialect = "openai", base_url = "http://127.0.0.1:9/v1" }
        [layers.accounts]
        unknown_cost = "refuse"
    "#;
    std::fs::write(&file, text).unwrap();
    let mut proxy = Command::new(env!("CARGO_BIN_EXE_llm-proxy"))
        .arg("--config")
        .arg(&file)
        .env_remove("LLM_PROXY_LOG")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let read = BufReader::new(proxy.stderr.take().unwrap()).read_line(&mut line);
    proxy.kill().unwrap();
    proxy.wait().unwrap();
    read.unwrap();
    assert!(line.contains(" WARN ") && line.contains("`layers.accounts.unknown_cost` has no effect"), "{line}");
    assert!(!line.contains('\u{1b}'), "{line:?}");
}

#[test]
fn a_bad_file_exits_with_1_and_says_where() {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bad.toml");
    std::fs::write(&file, "[providers.openai]\napi_kye = \"env:OPENAI_API_KEY\"\n").unwrap();
    let output = check(&file).unwrap();
    assert_eq!(output.status.code(), Some(1));
    let shown = String::from_utf8(output.stderr).unwrap();
    assert!(shown.contains("bad.toml:2:1\n"), "{shown}");
    assert!(shown.contains("`providers.openai.api_kye`"), "{shown}");
    assert!(shown.contains("did you mean `api_key`?"), "{shown}");
}
