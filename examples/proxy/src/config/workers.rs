use std::num::NonZeroUsize;
use std::thread::available_parallelism;

use super::node::Node;
use super::report::Report;

/// More threads than any machine has cores for are a slip of the pen.
const MOST: u64 = 1024;

/// One for each core that this process may use.
pub(super) fn default() -> NonZeroUsize {
    available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// Reads a number of threads.
pub(super) fn read(node: &Node<'_>, report: &mut Report<'_>) -> Option<NonZeroUsize> {
    let count = node.count(report)?;
    let threads = usize::try_from(count).ok().filter(|_| count <= MOST).and_then(NonZeroUsize::new);
    if threads.is_none() {
        let help = "leave it out for one to each core";
        report.error(&node.place, format!("expected a number of threads from 1 to {MOST}, found {count}"), help);
    }
    threads
}
