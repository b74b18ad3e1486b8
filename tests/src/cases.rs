use std::time::Duration;

use llm_layers_sim::SimHandle;
use tokio::{process::Command, time::timeout};

use crate::{KEY, Stage};

/// Runs cases of a client's script against the proxy; all must pass.
///
/// # Panics
/// One has not.
pub async fn passes(mut script: Command, stage: &Stage, cases: &[&str]) {
    script.args(cases).env("BASE_URL", stage.base_url()).env("API_KEY", KEY);
    succeeds(script).await;
}

/// Runs a script, which must succeed; what it says is shown if it does not.
///
/// # Panics
/// It does not succeed.
pub async fn succeeds(mut script: Command) {
    let output = script.output().await.expect("the client's interpreter starts");
    let said = String::from_utf8_lossy(&output.stdout);
    let failed: Vec<_> =
        said.lines().filter(|line| !line.contains(r#""ok": true"#) && !line.contains(r#""ok":true"#)).collect();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}\n{errors}", failed.join("\n"));
}

/// The provider sees that its client has gone, within a second of the client's end.
///
/// # Panics
/// It does not.
pub async fn reaches_the_provider(provider: &SimHandle) {
    let seen = timeout(Duration::from_secs(1), provider.cancelled()).await;
    assert_eq!(seen.expect("the hang-up reaches the provider").cancelled, 1);
}
