use std::{net::SocketAddr, path::PathBuf, time::Duration};

use super::Front;
use crate::{config::Config, stack::Stack};

/// How often the file is looked at. Its content is compared, so that any way of replacing it counts: an editor's
/// rename, a mounted volume's switched link, a copy that keeps the time.
const EVERY: Duration = Duration::from_secs(1);

/// Takes over what changes in the file. A bad change is reported, and the configuration before it stays in force.
pub(super) async fn watch(path: PathBuf, listen: SocketAddr, front: Front) {
    let mut known = tokio::fs::read(&path).await.ok();
    let mut asked_for = Config::from_file(&path).map_or(listen, |config| config.listen());
    loop {
        tokio::time::sleep(EVERY).await;
        let Ok(now) = tokio::fs::read(&path).await else { continue };
        if known.as_ref() == Some(&now) {
            continue;
        }
        known = Some(now);
        let changed = Config::from_file(&path);
        let now_asked_for = changed.as_ref().map_or(asked_for, Config::listen);
        // It is judged by the address that is bound: without keys that must be one of this machine only.
        match changed.and_then(|config| config.with_listen(listen)) {
            Err(errors) => tracing::error!("the changed configuration is refused, the old one stays:\n{errors}"),
            Ok(config) => match Stack::after(&config, &front.stack()) {
                Err(error) => tracing::error!(%error, "the changed configuration is refused, the old one stays"),
                Ok(stack) => {
                    front.replace(stack);
                    tracing::info!(file = %path.display(), "the changed configuration is in force");
                    if now_asked_for != asked_for {
                        asked_for = now_asked_for;
                        tracing::warn!(now = %listen, "`listen` has changed: that takes a restart");
                    }
                }
            },
        }
    }
}
