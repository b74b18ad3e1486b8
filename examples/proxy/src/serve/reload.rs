use std::{net::SocketAddr, path::PathBuf, time::Duration};

use super::Front;
use crate::{config::Config, stack::Stack};

/// How often the file is looked at. Its content is compared, so that any way of replacing it counts: an editor's
/// rename, a mounted volume's switched link, a copy that keeps the time.
const EVERY: Duration = Duration::from_secs(1);

/// Takes over what changes in the file. A bad change is reported, and the configuration before it stays in force.
pub(super) async fn watch(path: PathBuf, listen: SocketAddr, front: Front) {
    let mut known = tokio::fs::read(&path).await.ok();
    loop {
        tokio::time::sleep(EVERY).await;
        let Ok(now) = tokio::fs::read(&path).await else { continue };
        if known.as_ref() == Some(&now) {
            continue;
        }
        known = Some(now);
        match Config::from_file(&path) {
            Err(errors) => tracing::error!("the changed configuration is refused, the old one stays:\n{errors}"),
            Ok(config) => match Stack::new(&config) {
                Err(error) => tracing::error!(%error, "the changed configuration is refused, the old one stays"),
                Ok(stack) => {
                    front.replace(stack);
                    tracing::info!(file = %path.display(), "the changed configuration is in force");
                    if config.listen() != listen {
                        tracing::warn!(now = %listen, "`listen` has changed: that takes a restart");
                    }
                }
            },
        }
    }
}
