mod file;

use std::{
    collections::VecDeque,
    fmt,
    fs::File,
    io::{self, BufRead, BufReader},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::civil::Date;

use self::file::{Place, Writer};
use super::{Flushing, Ledger, Lines, row::Line};
use crate::{Entry, observe};

/// So many lines wait at most, of some 400 bytes each.
const MOST: usize = 10_000;
/// So much is written at once, and the line that reaches it.
const PIECE: usize = 64 << 10;

/// Entries in a file, a JSON object in each line.
///
/// Each is written at once, in one piece, at the end of the file: several processes may share it. A line that cannot be
/// written is lost, counted in `llm_accounts_ledger_failures_total` and told at `warn`; no call fails for it. A file that
/// somebody has moved or removed is made anew by the next line. What is written is in the hands of the operating system,
/// and is not forced to the disk. A disk that is slow holds up the calls that end; those of
/// [`buffered`](Self::buffered) lines it does not. Names are cut at 1024 bytes.
///
/// [`read`](Self::read) reads it back.
pub struct JsonLines {
    writer: Writer,
    /// Where lines wait for somebody to write them.
    waiting: Option<Mutex<Waiting>>,
}

/// Lines, with the days of their files.
type Waiting = VecDeque<(Option<Date>, Vec<u8>)>;

impl JsonLines {
    /// Appends to this file, which is made if it is not there.
    ///
    /// # Errors
    /// It cannot be opened for writing.
    pub fn open(path: impl Into<PathBuf>) -> io::Result<Self> {
        Ok(Self { writer: Writer::new(Place::File(path.into())).open()?, waiting: None })
    }

    /// Appends to a file for each day (UTC) in this folder: `NAME-2026-11-21.jsonl`. An attempt belongs to the day on
    /// which it began. Old files are nobody's business here.
    ///
    /// # Errors
    /// There is no such folder.
    pub fn daily(folder: impl Into<PathBuf>, name: impl Into<Box<str>>) -> io::Result<Self> {
        let folder = folder.into();
        if !std::fs::metadata(&folder)?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(Self { writer: Writer::new(Place::Daily { folder, name: name.into() }), waiting: None })
    }

    /// Lets lines wait until [`flush`](crate::AccountsLayer::flush) writes them, many at once, or the ledger is dropped:
    /// no call waits for the disk. A process that is killed loses what waits. Of more than 10,000 lines the oldest are
    /// lost, and counted in `llm_accounts_entries_lost_total`.
    #[must_use]
    pub fn buffered(mut self) -> Self {
        self.waiting = Some(Mutex::default());
        self
    }

    /// Reads the entries of a file, in their order.
    ///
    /// # Errors
    /// It cannot be opened. A line that is no entry is an error of its own, and reading goes on behind it.
    pub fn read(path: impl AsRef<Path>) -> io::Result<Lines> {
        Ok(Lines::new(BufReader::new(File::open(path)?)))
    }

    /// Reads the entries of a text that is no file.
    pub fn read_from<R: BufRead>(reader: R) -> Lines<R> {
        Lines::new(reader)
    }

    fn add(&self, entry: &Entry) -> io::Result<()> {
        let mut line = Vec::with_capacity(512);
        serde_json::to_writer(&mut line, &Line::of(entry))?;
        line.push(b'\n');
        let day = self.writer.is_daily().then(|| entry.day());
        let Some(waiting) = &self.waiting else { return self.writer.write(day, &line) };
        let mut waiting = lock(waiting);
        waiting.push_back((day, line));
        let beyond = waiting.len().saturating_sub(MOST);
        waiting.drain(..beyond);
        drop(waiting);
        if beyond > 0 {
            observe::entries_lost(NAME, beyond as u64);
        }
        Ok(())
    }

    /// Writes what waits now, in pieces of lines of the same day.
    fn write_waiting(&self) {
        let Some(waiting) = &self.waiting else { return };
        let mut lines = std::mem::take(&mut *lock(waiting)).into_iter().peekable();
        while let Some((day, mut piece)) = lines.next() {
            let mut number = 1;
            while piece.len() < PIECE
                && let Some((_, line)) = lines.next_if(|(other, _)| *other == day)
            {
                piece.extend_from_slice(&line);
                number += 1;
            }
            if let Err(error) = self.writer.write(day, &piece) {
                observe::ledger_failed(NAME, &error);
                observe::entries_lost(NAME, number);
            }
        }
    }
}

const NAME: &str = "json_lines";

fn lock(waiting: &Mutex<Waiting>) -> MutexGuard<'_, Waiting> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Ledger for JsonLines {
    fn record(&self, entry: &Entry) {
        if let Err(error) = self.add(entry) {
            observe::ledger_failed(NAME, &error);
        }
    }

    /// It writes where it is called: a slow disk holds up whoever flushes, and nobody else.
    fn flush(&self) -> Flushing<'_> {
        Box::pin(async { self.write_waiting() })
    }
}

impl Drop for JsonLines {
    fn drop(&mut self) {
        self.write_waiting();
    }
}

impl fmt::Debug for JsonLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonLines").field("path", &self.writer.path()).finish_non_exhaustive()
    }
}
