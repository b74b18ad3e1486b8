use std::{
    fmt,
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, Read as _, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use jiff::civil::Date;

use super::{Ledger, row::Line};
use crate::{Entry, observe};

/// Entries in a file, a JSON object in each line.
///
/// Each is written at once, in one piece, at the end of the file: several processes may share it. A line that cannot be
/// written is lost, counted in `llm_accounts_ledger_failures_total` and told at `warn`; no call fails for it. What is
/// written is in the hands of the operating system, and is not forced to the disk.
///
/// [`read`](Self::read) reads it back.
pub struct JsonLines {
    place: Place,
    open: Mutex<Open>,
}

enum Place {
    File(PathBuf),
    /// A file for each day (UTC), `NAME-2026-11-21.jsonl`.
    Daily {
        folder: PathBuf,
        name: Box<str>,
    },
}

#[derive(Default)]
struct Open {
    file: Option<File>,
    day: Option<Date>,
    /// A line may have been written in part: the next one begins anew.
    is_torn: bool,
}

impl JsonLines {
    /// Appends to this file, which is made if it is not there.
    ///
    /// # Errors
    /// It cannot be opened for writing.
    pub fn open(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        let file = append(&path)?;
        let open = Open { file: Some(file), ..Open::default() };
        Ok(Self { place: Place::File(path), open: Mutex::new(open) })
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
        Ok(Self { place: Place::Daily { folder, name: name.into() }, open: Mutex::default() })
    }

    /// Reads the entries of a file, in their order.
    ///
    /// # Errors
    /// It cannot be opened. A line that is no entry is an error of its own, and reading goes on behind it.
    pub fn read(path: impl AsRef<Path>) -> io::Result<Lines> {
        Ok(Lines { reader: BufReader::new(File::open(path)?), number: 0 })
    }

    fn write(&self, entry: &Entry) -> io::Result<()> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let mut line = Vec::with_capacity(512);
        if open.is_torn {
            line.push(b'\n');
        }
        serde_json::to_writer(&mut line, &Line::of(entry))?;
        line.push(b'\n');
        let day = match self.place {
            Place::File(_) => None,
            Place::Daily { .. } => Some(entry.day()),
        };
        if open.day != day {
            *open = Open { day, ..Open::default() };
        }
        let file = match &mut open.file {
            Some(file) => file,
            closed => closed.insert(append(&self.place.path(day))?),
        };
        let written = file.write_all(&line);
        open.is_torn = written.is_err();
        if written.is_err() {
            // The disk may have been full, or the file's folder gone: the next entry opens it anew.
            open.file = None;
        }
        written
    }
}

impl Place {
    fn path(&self, day: Option<Date>) -> PathBuf {
        match (self, day) {
            (Self::File(path), _) => path.clone(),
            (Self::Daily { folder, name }, Some(day)) => folder.join(format!("{name}-{day}.jsonl")),
            (Self::Daily { folder, name }, None) => folder.join(format!("{name}.jsonl")),
        }
    }
}

fn append(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

impl Ledger for JsonLines {
    fn record(&self, entry: &Entry) {
        if let Err(error) = self.write(entry) {
            observe::ledger_failed("json_lines", &error);
        }
    }
}

impl fmt::Debug for JsonLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonLines").field("path", &self.place.path(None)).finish_non_exhaustive()
    }
}

/// The entries of a file, as [`JsonLines::read`] gives them.
pub struct Lines {
    reader: BufReader<File>,
    number: u64,
}

/// A line of a ledger that cannot be read.
#[derive(Debug)]
#[non_exhaustive]
pub struct ReadError {
    /// The line, counted from 1.
    pub line: u64,
    problem: Problem,
}

#[derive(Debug)]
enum Problem {
    Io(io::Error),
    TooLong,
    Json(serde_json::Error),
    Member(&'static str),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        match &self.problem {
            Problem::Io(error) => write!(f, "{error}"),
            Problem::TooLong => write!(f, "longer than {MAX_LINE} bytes"),
            Problem::Json(error) => write!(f, "{error}"),
            Problem::Member(member) => write!(f, "`{member}` is missing or makes no sense"),
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.problem {
            Problem::Io(error) => Some(error),
            Problem::Json(error) => Some(error),
            Problem::TooLong | Problem::Member(_) => None,
        }
    }
}

/// No entry is longer: all names of it are bounded by a request's head.
const MAX_LINE: u64 = 1 << 20;

impl Iterator for Lines {
    type Item = Result<Entry, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut line = Vec::new();
        loop {
            line.clear();
            self.number += 1;
            match self.reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut line) {
                Ok(0) => return None,
                Ok(_) if line.len() as u64 == MAX_LINE && line.last() != Some(&b'\n') => {
                    let skipped = skip_line(&mut self.reader);
                    return Some(Err(self.error(skipped.err().map_or(Problem::TooLong, Problem::Io))));
                }
                Ok(_) if line.trim_ascii().is_empty() => {}
                Ok(_) => {
                    let entry = serde_json::from_slice::<Line<'_>>(&line).map_err(Problem::Json);
                    let entry = entry.and_then(|line| line.entry().map_err(Problem::Member));
                    return Some(entry.map_err(|problem| self.error(problem)));
                }
                Err(error) => return Some(Err(self.error(Problem::Io(error)))),
            }
        }
    }
}

impl Lines {
    fn error(&self, problem: Problem) -> ReadError {
        ReadError { line: self.number, problem }
    }
}

fn skip_line(reader: &mut impl BufRead) -> io::Result<()> {
    loop {
        let read = reader.fill_buf()?;
        match (read.iter().position(|byte| *byte == b'\n'), read.len()) {
            (_, 0) => return Ok(()),
            (Some(end), _) => {
                reader.consume(end + 1);
                return Ok(());
            }
            (None, all) => reader.consume(all),
        }
    }
}

impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lines").field("number", &self.number).finish_non_exhaustive()
    }
}
