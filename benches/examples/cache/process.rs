//! What this process takes.

use std::fs;

use crate::Error;

/// The CPU time of this thread so far, in nanoseconds. It is the only one that does anything.
fn cpu_nanos() -> Result<u64, Error> {
    let schedstat = fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(schedstat.split_whitespace().next().ok_or("no CPU time")?.parse()?)
}

/// What each of so many takes, in microseconds of CPU time.
pub(crate) async fn micros_each(count: usize, mut one: impl AsyncFnMut(usize)) -> Result<f64, Error> {
    let before = cpu_nanos()?;
    for nth in 0..count {
        one(nth).await;
    }
    Ok((cpu_nanos()? - before) as f64 / 1e3 / count as f64)
}

/// Resident memory in megabytes, of 10^6 bytes.
pub(crate) fn resident_mb() -> Result<f64, Error> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    let kib: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib * 1024.0 / 1e6)
}
