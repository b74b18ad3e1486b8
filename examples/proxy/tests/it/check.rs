//! `llm-proxy check FILE`, as a shell sees it.

use std::path::PathBuf;
use std::process::{Command, Output};

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
