use std::time::Duration;

use llm_layers_redis::{Away, Redis, cmd};

/// Names that the server looks at in one call: well under a millisecond of its time.
const STEP: usize = 1000;
/// No purge takes longer. What is left then is forgotten already, and goes when its life is over.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// Deletes all that is called like this from the one server that there is, and says how much that was. `None` where it is
/// not known.
pub(super) async fn sweep(redis: &Redis, pattern: &str) -> Option<u64> {
    tokio::time::timeout(TIME_LIMIT, step_by_step(redis, pattern)).await.ok()?.ok()
}

async fn step_by_step(redis: &Redis, pattern: &str) -> Result<u64, Away> {
    let (mut cursor, mut deleted) = (0_u64, 0);
    loop {
        let mut scan = cmd("SCAN");
        let scan = scan.arg(cursor).arg("MATCH").arg(pattern).arg("COUNT").arg(STEP);
        let (next, names): (u64, Vec<Vec<u8>>) = redis.query(scan).await?;
        if !names.is_empty() {
            deleted += redis.query::<u64>(cmd("UNLINK").arg(&names)).await?;
        }
        if next == 0 {
            return Ok(deleted);
        }
        cursor = next;
    }
}
